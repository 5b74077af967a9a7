/** Which part at its beginning and which at its end a list has in common with an earlier version of it. */

import type { Sequence } from "./chunked-list.ts";

/** How many elements are the same; what is between may have some in common too. */
export interface CommonEnds {
  readonly first: number;
  readonly last: number;
}

interface Known extends CommonEnds {
  readonly earlier: WeakRef<Elements>;
}

type Elements = Sequence<unknown>;

/** By the later version, with the one that it was last compared with. */
const known = new WeakMap<Elements, Known>();

/** Notes what a list has in common with the one that it was made of, so that nobody needs to compare them. */
export function noteCommonEnds(earlier: Elements, later: Elements, { first, last }: CommonEnds): void {
  known.set(later, { earlier: new WeakRef(earlier), first, last });
}

/** What two lists have in common, by identity: looked for once. */
export function commonEnds(earlier: Elements, later: Elements): CommonEnds {
  const { length } = earlier;
  if (earlier === later) return { first: length, last: 0 };
  const noted = known.get(later);
  if (noted?.earlier.deref() === earlier) return noted;
  const [before, after] = [earlier.slice(0), later.slice(0)];
  const shorter = Math.min(length, after.length);
  let [first, last] = [0, 0];
  while (first < shorter && before[first] === after[first]) first++;
  while (last < shorter - first && before[length - 1 - last] === after[after.length - 1 - last]) last++;
  noteCommonEnds(earlier, later, { first, last });
  return { first, last };
}
