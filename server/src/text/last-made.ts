/** Of what can be made again, the ones that were made last: the others forget what was made. */

/** Something that can be made again. */
export interface Forgetful {
  /** Forgets what was made when it came to stand in that slot. */
  readonly forget: (slot: number) => void;
}

/** So many are kept: whoever goes through steps asks for each several times, and for the one behind it. */
const mostKept = 256;

/** Gives the slot in which it stands. What stood there forgets what was made, also where it is the same: it is to be made behind the call. */
export type KeepForNow<Item> = (made: Item) => number;

/** A ring for items of one kind. It keeps none of them alive: those of a file that is closed are not to be. */
export function createLastMade<Item extends Forgetful>(): KeepForNow<Item> {
  const kept: (WeakRef<Item> | undefined)[] = new Array(mostKept);
  let next = 0;
  return (made) => {
    const slot = next;
    kept[slot]?.deref()?.forget(slot);
    kept[slot] = new WeakRef(made);
    next = (slot + 1) % mostKept;
    return slot;
  };
}
