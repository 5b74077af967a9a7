/** Notes what is asked of the partitions of a table: the answer hangs on few of them where it is asked for room for one bound. */

import { isNoting, noteQuestion, type Question } from "./access.ts";
import type { Bound, PartitionKey, PartitionSet } from "./partitioning.ts";

/** All questions are of this kind. */
export interface MemberQuestion extends Question {
  /** The bound for which there must be room; else everything about them, or whether there is a default partition. */
  readonly about: Bound | "all" | "default";
  readonly key: PartitionKey | null;
}

/** The partitions of a table are looked at. */
export function noteMembers(set: PartitionSet, about: MemberQuestion["about"], key: PartitionKey | null = null): void {
  if (!isNoting()) return;
  const question: MemberQuestion = { members: set.members, about, key };
  noteQuestion(question);
}
