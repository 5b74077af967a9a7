/** A few dozen steps as one: what no edit concerns is kept, or followed, without a look at each of them. */

import { type JoinedReads, joinedReads } from "../catalog/joined-reads.ts";
import type { Patch } from "../catalog/patch.ts";
import type { Statement } from "../syntax/statement.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import type { Client } from "./client.ts";
import { canFollow } from "./followable.ts";
import { followedStep } from "./followed-step.ts";
import { type CatalogSource, LaterCatalog } from "./later-catalog.ts";
import { mayBeLearned } from "./learned.ts";
import { type Run, sameRun } from "./runs.ts";
import {
  type Change,
  isChanging,
  type Step,
  sessionBehind,
  sourceBehind,
  sourceOfNext,
  unknownChange,
} from "./step.ts";
import type { Session } from "./transaction.ts";

/** Steps that stand one behind the other. An object of its own for each version in which something about them is other. */
export interface StepBlock {
  /** The same steps as they were put together: what is no catalog and no state of a transaction is the same there. */
  readonly base: StepRow;
  /** How they came out of `base`; null where they are those. */
  readonly followed: FollowedBlock | null;
  readonly length: number;
  /** Made when asked for. */
  readonly steps: readonly Step[];
  /** The catalog that the next statement meets, or what it is made of. */
  readonly next: CatalogSource;
}

/** What is the same of all steps of a block, and what they have looked at. */
interface Summary {
  /** null where they are of several. */
  readonly run: Run | null;
  readonly client: Client | null;
  readonly session: Session | null;
  /** What running them looked at; null where some of them cannot be followed. */
  readonly reads: JoinedReads | null;
  /** Whether what some of them do may be learned. */
  readonly mayBeLearned: boolean;
  /** The place of the last one that changes the catalog; -1 for none. */
  readonly lastChanging: number;
  /** What they are other by already, each once. */
  readonly patches: readonly (Patch | null)[];
}

/** The steps of a row whose statements are of one kind, in arrays of numbers: whoever wants few of them looks at no step. */
export interface StepsOfKind {
  readonly places: readonly number[];
  readonly handles: readonly StatementHandle[];
  /** Which of them are refused. */
  readonly refused: readonly boolean[];
}

/** What the statements are called. */
interface Named {
  readonly handles: Float64Array;
  readonly lowest: number;
  readonly highest: number;
}

/** Steps that were put together one by one. */
export class StepRow implements StepBlock {
  readonly steps: readonly Step[];
  readonly followed = null;
  private known: Summary | null = null;
  private byKind: ReadonlyMap<Statement["kind"], StepsOfKind> | null = null;
  private named: Named | null = null;

  /** @param steps at least one */
  constructor(steps: readonly Step[]) {
    this.steps = steps;
  }

  get base(): StepRow {
    return this;
  }

  get length(): number {
    return this.steps.length;
  }

  get next(): CatalogSource {
    return sourceOfNext(this.steps.at(-1) as Step);
  }

  get summary(): Summary {
    this.known ??= summaryOf(this.steps);
    return this.known;
  }

  /** The place of the statement's step; -1 for none. */
  placeOf(handle: StatementHandle): number {
    this.named ??= namedOf(this.steps);
    const { handles, lowest, highest } = this.named;
    return handle < lowest || handle > highest ? -1 : handles.indexOf(handle);
  }

  /** The steps by the kind of their statements. */
  get kinds(): ReadonlyMap<Statement["kind"], StepsOfKind> {
    this.byKind ??= kindsOf(this.steps);
    return this.byKind;
  }
}

/** The steps of an earlier version, none of which looks at what is other now. */
export class FollowedBlock implements StepBlock {
  readonly base: StepRow;
  /** What is other than around the steps of `base`. */
  readonly patch: Patch;
  /** The changes one by one, the last one first. */
  readonly changes: Change;
  readonly next: CatalogSource;
  private readonly front: CatalogSource;
  /** The patch with that of a step of `base`. */
  private readonly joined: JoinedPatches;
  private made: readonly Step[] | null = null;

  /** The joined patches of all of `base.summary.patches` must be known. */
  constructor(base: StepRow, front: CatalogSource, changes: Change, joined: JoinedPatches) {
    const { lastChanging } = base.summary;
    const last = base.steps[lastChanging];
    this.base = base;
    this.patch = joined.patch;
    this.front = front;
    this.changes = changes;
    this.joined = joined;
    this.next =
      last === undefined ? front : new LaterCatalog(sourceBehind(takenOf(last)), joined.with(patchOf(last)) as Patch);
  }

  get followed(): FollowedBlock {
    return this;
  }

  get length(): number {
    return this.base.length;
  }

  get steps(): readonly Step[] {
    this.made ??= this.make();
    return this.made;
  }

  private make(): readonly Step[] {
    const { base, joined } = this;
    const { lastChanging } = base.summary;
    let { front } = this;
    const changesBehind = new Map<Change | null, Change>();
    return base.steps.map((old, place) => {
      const taken = takenOf(old);
      const patch = joined.with(patchOf(old)) as Patch;
      const changed = place === lastChanging ? this.next : new LaterCatalog(sourceBehind(taken), patch);
      const back = isChanging(taken) ? changed : front;
      const earlier = old.followed?.changes ?? null;
      const changes = changesBehind.get(earlier) ?? joinedChanges(this.changes, earlier);
      changesBehind.set(earlier, changes);
      const step = followedStep({ taken, patch, front, back, changes }, old.statement, sessionBehind(old));
      front = back;
      return step;
    });
  }
}

/** One patch put together with others that were made before it. */
export interface JoinedPatches {
  readonly patch: Patch;
  /** Both, the other one first; null where that is much. */
  readonly with: (earlier: Patch | null) => Patch | null;
}

/** The step as it was run. */
export function takenOf(step: Step): Step {
  return step.followed?.taken ?? step;
}

function patchOf(step: Step): Patch | null {
  return step.followed?.patch ?? null;
}

function summaryOf(steps: readonly Step[]): Summary {
  const [first] = steps as readonly [Step];
  const [run, session, client] = [first.run, sessionBehind(first), takenOf(first).behind.client];
  const follows = steps.every(
    (step) =>
      step.reads !== undefined && takenOf(step).behind.imagined === null && canFollow(step.statement.statement, step),
  );
  return {
    run: steps.every((step) => sameRun(step.run, run)) ? run : null,
    session: steps.every((step) => sessionBehind(step) === session) ? session : null,
    client: steps.every((step) => takenOf(step).behind.client === client) ? client : null,
    reads: follows ? joinedReads(steps.flatMap(({ reads }) => reads ?? [])) : null,
    mayBeLearned: steps.some(({ statement: { statement } }) => mayBeLearned(statement)),
    lastChanging: steps.findLastIndex(isChanging),
    patches: [...new Set(steps.map(patchOf))],
  };
}

function namedOf(steps: readonly Step[]): Named {
  const handles = Float64Array.from(steps, ({ handle }) => handle);
  const inOrder = handles.toSorted();
  return { handles, lowest: inOrder[0] ?? 0, highest: inOrder.at(-1) ?? 0 };
}

function kindsOf(steps: readonly Step[]): ReadonlyMap<Statement["kind"], StepsOfKind> {
  const kinds = new Map<Statement["kind"], { places: number[]; handles: StatementHandle[]; refused: boolean[] }>();
  for (const [place, { statement, handle, rejection }] of steps.entries()) {
    const { kind } = statement.statement;
    const known = kinds.get(kind) ?? { places: [], handles: [], refused: [] };
    known.places.push(place);
    known.handles.push(handle);
    known.refused.push(rejection !== null);
    kinds.set(kind, known);
  }
  return kinds;
}

/** Changes further back than these are forgotten. */
const mostChanges = 32;

/** The changes behind earlier ones, without those that are long ago. */
export function joinedChanges(changes: Change, earlier: Change | null): Change {
  const all: Change["isOther"][] = [];
  for (let each: Change | null = changes; each !== null; each = each.earlier) all.push(each.isOther);
  for (let each = earlier; each !== null; each = each.earlier) all.push(each.isOther);
  const isLong = all.length >= 2 * mostChanges;
  if (!isLong && earlier === null) return changes;
  const kept = isLong ? all.slice(0, mostChanges) : all;
  const rest: Change | null = isLong ? unknownChange() : null;
  return kept.reduceRight<Change | null>((before, isOther) => ({ isOther, earlier: before }), rest) as Change;
}
