/** The steps of one version of a file, in blocks that versions share. */

import type { ReadStatements } from "../syntax/document.ts";
import type { Statement } from "../syntax/statement.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import { blockLength, shortBlock } from "./block-length.ts";
import type { CatalogSource } from "./later-catalog.ts";
import { type Step, sessionBehind, sourceOfNext } from "./step.ts";
import { type StepBlock, StepRow } from "./step-block.ts";
import type { Session } from "./transaction.ts";

/** What is the same of a step in all versions in which its statement is not run again, and need not be made. */
export type StepFacts = Pick<
  Step,
  "file" | "handle" | "statement" | "run" | "rejection" | "warning" | "declined" | "learned"
>;

/** Told of a step by what it is called, and whether it is refused. */
export type WantedStep = (handle: StatementHandle, isRefused: boolean) => boolean;

/** Steps in their order. A step of a block that was followed is made when somebody asks for it. */
export class StepList implements Iterable<Step> {
  readonly blocks: readonly StepBlock[];
  /** The place of the first step of each block, and behind them how many there are. */
  readonly starts: Uint32Array;
  /** The places whose step does not follow from the one in front of it; each begins a block. */
  readonly seams: ReadonlySet<number>;
  /** The statements, in the list of the version for which the steps were made; null for none. */
  readonly statements: ReadStatements | null;
  private array: readonly Step[] | null = null;
  private moved = 0;

  constructor(blocks: readonly StepBlock[], statements: ReadStatements | null, seams: ReadonlySet<number> = noSeams) {
    this.blocks = blocks;
    this.statements = statements;
    this.seams = seams;
    this.starts = new Uint32Array(blocks.length + 1);
    for (const [index, { length }] of blocks.entries()) this.starts[index + 1] = (this.starts[index] ?? 0) + length;
  }

  get length(): number {
    return this.starts[this.blocks.length] ?? 0;
  }

  /** The step at the place; undefined where there is none. */
  at(place: number): Step | undefined {
    const index = this.blockAt(place);
    return this.blocks[index]?.steps[place - (this.starts[index] ?? 0)];
  }

  /** The same without making it. */
  factsAt(place: number): StepFacts | undefined {
    return this.ran(place);
  }

  /** The index of the block that holds the place; -1 for a place that there is not. */
  blockAt(place: number): number {
    if (!(place >= 0 && place < this.length)) return -1;
    let [low, high] = [0, this.blocks.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The catalog that stands behind the place, or what it is made of. */
  sourceBehind(place: number): CatalogSource | undefined {
    const index = this.blockAt(place);
    const block = this.blocks[index];
    if (block === undefined) return undefined;
    if (place === (this.starts[index + 1] ?? 0) - 1) return block.next;
    return sourceOfNext(block.steps[place - (this.starts[index] ?? 0)] as Step);
  }

  /** The session behind the place. */
  sessionBehind(place: number): Session | undefined {
    const step = this.ran(place);
    return step === undefined ? undefined : sessionBehind(step);
  }

  /** The steps with statements of the kind that are wanted, in order; no others are made. */
  *ofKind(kind: Statement["kind"], isWanted: WantedStep = () => true): Generator<Step> {
    for (const block of this.blocks) {
      const own = block.base.kinds.get(kind);
      if (own === undefined) continue;
      const { places, handles, refused } = own;
      for (let index = 0; index < places.length; index++)
        if (isWanted(handles[index] as StatementHandle, refused[index] === true))
          yield block.steps[places[index] ?? 0] as Step;
    }
  }

  /** All of them as an array, which is the list where one is wanted. */
  all(): readonly Step[] {
    if (this.array === null) {
      this.array = this.blocks.flatMap(({ steps }) => steps);
      lists.set(this.array, this);
    }
    return this.array;
  }

  /** What is known of each without making it. */
  *facts(): Generator<StepFacts> {
    for (const { base } of this.blocks) yield* base.steps;
  }

  *[Symbol.iterator](): Generator<Step> {
    for (const { steps } of this.blocks) yield* steps;
  }

  /** The place of the statement's step; -1 for none. `near` is where it is likely to be. */
  placeOf(handle: StatementHandle, near: number): number {
    // Its neighbours stand as far from where they were looked for.
    for (const place of [near, near + this.moved]) if (this.ran(place)?.handle === handle) return place;
    for (const [index, { base }] of this.blocks.entries()) {
      const at = base.placeOf(handle);
      if (at < 0) continue;
      const found = (this.starts[index] ?? 0) + at;
      this.moved = found - near;
      return found;
    }
    return -1;
  }

  /** The step as it was put together, which may have been in an earlier version. */
  private ran(place: number): Step | undefined {
    const index = this.blockAt(place);
    return this.blocks[index]?.base.steps[place - (this.starts[index] ?? 0)];
  }
}

const noSeams: ReadonlySet<number> = new Set();

export const noSteps = new StepList([], null);

/** The lists of arrays that were made of them. */
const lists = new WeakMap<readonly Step[], StepList>();

/** The list of the steps: where the array was made of one, that one. */
export function stepListOf(steps: StepList | readonly Step[]): StepList {
  if (steps instanceof StepList) return steps;
  let list = lists.get(steps);
  if (list === undefined) {
    const building = new StepListBuilder();
    for (const step of steps) building.push(step);
    list = building.list();
    lists.set(steps, list);
  }
  return list;
}

/** Puts a list together from its first step to its last. */
export class StepListBuilder {
  private readonly blocks: StepBlock[] = [];
  private row: Step[] = [];
  private count = 0;

  get length(): number {
    return this.count;
  }

  /** The last step; undefined where there is none. */
  get last(): Step | undefined {
    return this.row.at(-1) ?? this.blocks.at(-1)?.steps.at(-1);
  }

  /** The catalog that the next statement meets, or what it is made of; undefined where there is no step. */
  get next(): CatalogSource | undefined {
    const last = this.row.at(-1);
    return last === undefined ? this.blocks.at(-1)?.next : sourceOfNext(last);
  }

  /** The steps as they were put together, the last one first; none is made. */
  *backwards(): Generator<Step> {
    for (let at = this.row.length - 1; at >= 0; at--) yield this.row[at] as Step;
    for (let index = this.blocks.length - 1; index >= 0; index--) {
      const { steps } = (this.blocks[index] as StepBlock).base;
      for (let at = steps.length - 1; at >= 0; at--) yield steps[at] as Step;
    }
  }

  push(step: Step): void {
    if (this.row.length === blockLength) this.endRow();
    this.row.push(step);
    this.count++;
  }

  pushBlock(block: StepBlock): void {
    const isShort = this.row.length < shortBlock || block.length < shortBlock;
    if (this.row.length > 0 && isShort && this.row.length + block.length <= blockLength) {
      for (const step of block.steps) this.row.push(step);
    } else {
      this.endRow();
      this.blocks.push(block);
    }
    this.count += block.length;
  }

  /** The list of what there is by now; `statements` are those of all of it. */
  list(statements: ReadStatements | null = null): StepList {
    const blocks = this.row.length === 0 ? [...this.blocks] : [...this.blocks, new StepRow([...this.row])];
    return new StepList(blocks, statements);
  }

  private endRow(): void {
    if (this.row.length === 0) return;
    const before = this.blocks.at(-1);
    // What is left of a block that was parted goes along with the one in front of it.
    const isShort = before !== undefined && Math.min(before.length, this.row.length) < shortBlock;
    if (isShort && before.length + this.row.length <= blockLength) {
      this.blocks.pop();
      this.row = [...before.steps, ...this.row];
    }
    this.blocks.push(new StepRow(this.row));
    this.row = [];
  }
}

/**
 * The steps so far, and behind them those of the earlier version from `rest` on, though they do not follow from these: only from
 * where they meet on is it to be found out what is other.
 */
export function withRest(steps: StepList, previous: StepList, rest: number): StepList {
  const blocks = [...steps.blocks];
  for (const [index, block] of previous.blocks.entries()) {
    const start = previous.starts[index] ?? 0;
    if (start >= rest) blocks.push(block);
    else if (start + block.length > rest) blocks.push(new StepRow(block.steps.slice(rest - start)));
  }
  const further = [...previous.seams].filter((seam) => seam > rest).map((seam) => seam - rest + steps.length);
  return new StepList(blocks, null, new Set([steps.length, ...further]));
}

/** What is between the common beginning and end of two versions. */
export interface Differing {
  /** The blocks that only the earlier one has, and those that only the later one has. */
  readonly before: readonly StepBlock[];
  readonly after: readonly StepBlock[];
}

export function differing(earlier: StepList, later: StepList): Differing {
  const [a, b] = [earlier.blocks, later.blocks];
  const shorter = Math.min(a.length, b.length);
  let [first, behind] = [0, 0];
  while (first < shorter && a[first] === b[first]) first++;
  while (behind < shorter - first && a[a.length - 1 - behind] === b[b.length - 1 - behind]) behind++;
  return { before: a.slice(first, a.length - behind), after: b.slice(first, b.length - behind) };
}
