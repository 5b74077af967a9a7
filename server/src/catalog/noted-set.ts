/** How the set of a table's partitions is kept: most versions of it as what has come to the one before. */

import { createLastMade } from "../text/last-made.ts";
import { noteMembers } from "./member-questions.ts";
import type { PartitionSet } from "./partitioning.ts";

/** What a set consists of. */
export type Parts = Omit<PartitionSet, "members">;

/** What comes to a set. It must hang on nothing else, and give the very same values each time. */
type Change = (parts: Parts) => Parts;

/** So many versions are made one of the other; the next one is kept. */
const longestChain = 32;

/**
 * A set that notes when somebody looks into it. Each statement that makes a partition leaves a version of the set, with paths of trees
 * for itself that are many times what has come to it, and of most nobody asks again what is in them: they are made of the version
 * before when somebody does.
 */
class NotedSet implements PartitionSet {
  readonly members: PartitionSet["members"];
  private readonly earlier: NotedSet | null;
  private readonly change: Change | null;
  /** How many are made before this one, where none is at hand. */
  private readonly depth: number;
  private held: Parts | null;

  /** `change` makes the parts of those of `earlier`; both null for a version that is kept. */
  constructor(members: PartitionSet["members"], parts: Parts, earlier: NotedSet | null, change: Change | null) {
    this.members = members;
    this.held = parts;
    this.earlier = earlier;
    this.change = change;
    this.depth = earlier === null ? 0 : earlier.depth + 1;
    if (earlier !== null) keepForNow(this);
  }

  get parts(): Parts {
    return this.held ?? this.make();
  }

  get ranges(): PartitionSet["ranges"] {
    return this.noted().ranges;
  }

  get values(): PartitionSet["values"] {
    return this.noted().values;
  }

  get nullPartition(): PartitionSet["nullPartition"] {
    return this.noted().nullPartition;
  }

  get hashes(): PartitionSet["hashes"] {
    return this.noted().hashes;
  }

  get defaultPartition(): PartitionSet["defaultPartition"] {
    noteMembers(this, "default");
    return this.parts.defaultPartition;
  }

  get incomparable(): PartitionSet["incomparable"] {
    return this.noted().incomparable;
  }

  get all(): PartitionSet["all"] {
    return this.noted().all;
  }

  /** The set to which that has come. */
  with(change: Change): NotedSet {
    const parts = change(this.parts);
    return this.depth >= longestChain
      ? new NotedSet(this.members, parts, null, null)
      : new NotedSet(this.members, parts, this, change);
  }

  /** Forgets what can be made again. */
  forget(): void {
    if (this.earlier !== null) this.held = null;
  }

  private noted(): Parts {
    noteMembers(this, "all");
    return this.parts;
  }

  /** From the version that is at hand on, without recursion. */
  private make(): Parts {
    const unmade: NotedSet[] = [this];
    let { earlier } = this;
    for (; earlier !== null && earlier.held === null; earlier = earlier.earlier) unmade.push(earlier);
    let parts = earlier?.held as Parts;
    for (const each of unmade.reverse()) {
      parts = (each.change as Change)(parts);
      keepForNow(each);
      each.held = parts;
    }
    return parts;
  }
}

const keepForNow = createLastMade<NotedSet>();

/** The parts of a set, without noting anything. */
export function partsOf(set: PartitionSet): Parts {
  return (set as NotedSet).parts;
}

/** The set of a table that has had none. */
export function newSet(parts: Parts): PartitionSet {
  return new NotedSet({ table: "partitions" }, parts, null, null);
}

/** Another version of the set. */
export function changedSet({ members }: PartitionSet, parts: Parts): PartitionSet {
  return new NotedSet(members, parts, null, null);
}

/** The version of a set to which a partition has come; of these there are as many as partitions. */
export function longerSet(set: PartitionSet, change: Change): PartitionSet {
  return (set as NotedSet).with(change);
}
