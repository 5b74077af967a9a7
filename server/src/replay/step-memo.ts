/** What was made of a step, for the steps of later versions around which nothing is other that it was made of. */

import { noting, type Reads } from "../catalog/access.ts";
import type { Statement } from "../syntax/statement.ts";
import { type CatalogSource, catalogOf } from "./later-catalog.ts";
import { type Change, type Followed, type Step, sourceBehind, sourceInFront } from "./step.ts";

/** Memory of one value for each step. */
export interface StepMemo<T> {
  /** The value of the step or of one that is the same but for its place; undefined where none is known. */
  readonly known: (step: Step) => T | undefined;
  /** What the value was made of, where one is known. */
  readonly readsOf: (step: Step) => Reads | undefined;
  /** Makes the value, which must hang on nothing but the step without its place, and on what is the same for all steps. */
  readonly make: (step: Step, work: () => T) => T;
}

/** A statement may be remembered for longer than anybody needs the catalogs around it. */
interface Entry<T> extends Pick<Step, "file" | "handle" | "rejection">, MadeOf {
  /** What running the step looked at: an object of each run, by which steps of later versions are known. */
  readonly ran: Reads | undefined;
  readonly before: WeakRef<CatalogSource> | null;
  readonly after: WeakRef<CatalogSource> | null;
  readonly state: Step["transaction"]["state"];
  readonly value: T;
}

/** By the statement, which all versions of a document share. */
export function createStepMemo<T>(): StepMemo<T> {
  const entries = new WeakMap<Statement, Entry<T>>();
  return {
    known: (step) => {
      const entry = entries.get(step.statement.statement);
      if (entry === undefined) return undefined;
      const { followed } = step;
      const isKnown = followed === undefined ? isSameStep(entry, step) : standsStill(entry, followed);
      return isKnown ? entry.value : undefined;
    },
    readsOf: (step) => entries.get(step.statement.statement)?.reads,
    make: (step, work) => {
      // Catalogs that are made when asked for are made first: what that looks at is not what the work looks at.
      const { file, handle, rejection, transaction, followed } = step;
      if (followed !== undefined) for (const source of [followed.front, followed.back]) catalogOf(source);
      const { result: value, reads } = noting(work);
      entries.set(step.statement.statement, {
        ...{ file, handle, rejection, state: transaction.state, reads, value },
        ran: (followed?.taken ?? step).reads,
        before: followed === undefined ? new WeakRef(sourceInFront(step)) : null,
        after: followed === undefined ? new WeakRef(sourceBehind(step)) : null,
        change: followed?.changes.isOther ?? null,
      });
      return value;
    },
  };
}

/** Whether it was made of the step, or of one between the same catalogs that stood elsewhere. */
function isSameStep(entry: Entry<unknown>, step: Step): boolean {
  return (
    entry.before?.deref() === sourceInFront(step) &&
    entry.after?.deref() === sourceBehind(step) &&
    entry.file === step.file &&
    entry.handle === step.handle &&
    entry.rejection === step.rejection &&
    entry.state === step.transaction.state
  );
}

/** Whether it was made of the same run of the step, and all that it looked at is as it was. */
function standsStill(entry: Entry<unknown>, followed: Followed): boolean {
  return entry.ran !== undefined && entry.ran === followed.taken.reads && isUnchanged(entry, followed.changes);
}

/** What was made of reads when `change` was the last change, null for none; where it still is what it would be, that is noted. */
export interface MadeOf {
  readonly reads: Reads;
  change: Change["isOther"] | null;
}

/** Whether none of the changes since is in what it was made of; false where too much has changed since to tell. */
export function isUnchanged(made: MadeOf, changes: Change | null): boolean {
  for (let change = changes; ; change = change.earlier) {
    if (change === null) {
      if (made.change !== null) return false;
      break;
    }
    if (change.isOther === made.change) break;
    if (change.isOther(made.reads)) return false;
  }
  made.change = changes?.isOther ?? null;
  return true;
}
