/** Tells which of what was looked at is other where a patch is made. */

import { type Members, type Reads, type Slot, type Space, slotOf, spaces } from "./access.ts";
import { anyDefault, type JoinedReads, type MovedPlace, mayAnswerOtherwise } from "./joined-reads.ts";
import type { MemberQuestion } from "./member-questions.ts";
import { hashOfName } from "./name-map.ts";
import { mayMeet } from "./partition-set.ts";
import type { Patch } from "./patch.ts";

/** Tells of reads whether what was read may be other where the patch is made. */
export function createPatchTest(patch: Patch): (reads: Reads) => boolean {
  const slots = new Set<Slot>();
  // Most slots of most reads are not among them, and a look at a bit is cheaper than one into a set.
  const perhaps = new Uint8Array(filterSize);
  let whole = 0;
  let highest = -1;
  const add = (space: Space, key: number): void => {
    const slot = slotOf(space, key);
    slots.add(slot);
    perhaps[(slot >>> 4) & (filterSize - 1)] = 1;
    whole |= 1 << space;
  };
  for (const [field, values] of patch.byId) for (const id of values.keys()) add(spaces[field], id);
  for (const id of patch.byId.get("relations")?.keys() ?? []) highest = Math.max(highest, id);
  for (const [field, values] of patch.byName) for (const key of values.keys()) add(spaces[field], hashOfName(key));
  for (const [field, values] of patch.counts)
    for (const [key, difference] of values) if (difference !== 0) add(spaces[field], hashOfName(key));
  for (const [parent, changes] of patch.children) {
    add(spaces.children, parent);
    for (const id of changes.keys()) add(spaces.children, id);
  }
  for (const [target, changes] of patch.dependents) {
    add(spaces.dependents, target);
    for (const id of changes.keys()) add(spaces.dependents, id);
  }
  if (patch.partitions.size > 0 || patch.children.size > 0) whole |= 1 << spaces.relations;
  const others = [...slots];
  const sets = [...patch.partitions.values()].map(({ members, changes }) => ({
    members,
    places: [...changes.values()].flatMap(({ from, to }) => [from, to].filter((place) => place !== null)),
  }));
  const holdsOne = (reads: Reads): boolean => {
    const { slots: read } = reads;
    if (isJoined(reads)) {
      // Of what many statements looked at only the few that are other are searched for.
      for (const slot of others) if (reads.perhaps(slot) && hasSlot(read, slot)) return true;
      return false;
    }
    // Of all partitions of a large table too.
    if (read.length > others.length * searchedFor) return others.some((slot) => hasSlot(read, slot));
    // By index: this is the innermost loop of a key, and iterating takes several times as long.
    for (let index = 0; index < read.length; index++) {
      const slot = read[index] as Slot;
      if (perhaps[(slot >>> 4) & (filterSize - 1)] === 1 && slots.has(slot)) return true;
    }
    return false;
  };
  return (reads) => {
    if ((reads.whole & whole) !== 0 || (reads.sizes & patch.sizes) !== 0 || reads.from <= highest) return true;
    if (holdsOne(reads)) return true;
    if (sets.length === 0) return false;
    if (isJoined(reads)) {
      for (let index = 0; index < sets.length; index++) {
        const { members, places } = sets[index] as MovedSet;
        const asked = reads.asked.get(members);
        if (asked !== undefined && places.some((place) => mayAnswerOtherwise(asked, place))) return true;
      }
      return false;
    }
    for (let index = 0; index < reads.questions.length; index++) {
      const question = reads.questions[index] as MemberQuestion;
      for (let at = 0; at < sets.length; at++) {
        const { members, places } = sets[at] as MovedSet;
        if (question.members === members && mayBeOther(question, places)) return true;
      }
    }
    return false;
  };
}

/** Partitions of one table that are added, gone or other, by where they are and were. */
interface MovedSet {
  readonly members: Members;
  readonly places: readonly MovedPlace[];
}

function mayBeOther({ about, key }: MemberQuestion, places: readonly MovedPlace[]): boolean {
  for (let index = 0; index < places.length; index++) {
    const { bound, aside } = places[index] as MovedPlace;
    if (about === "all" || aside) return true;
    if (mayMeet(about === "default" ? anyDefault : about, bound, key)) return true;
  }
  return false;
}

function isJoined(reads: Reads): reads is JoinedReads {
  return "asked" in reads;
}

/** Whether a slot is among these, which are in ascending order. */
function hasSlot(sorted: ArrayLike<Slot>, slot: Slot): boolean {
  let [low, high] = [0, sorted.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = sorted[middle] as Slot;
    if (found === slot) return true;
    if (found < slot) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

const filterSize = 4096;

/** To search for a slot takes as long as to look at so many. */
const searchedFor = 32;
