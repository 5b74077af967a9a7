/** Steps as they are kept: of most the catalogs around them are made again when somebody asks for them. */

import type { Catalog } from "../catalog/catalog.ts";
import type { ReadStatement, Statement } from "../syntax/statement.ts";
import { LaterStanding } from "./followed-step.ts";
import { BetweenCatalog, type CatalogSource, catalogOf } from "./later-catalog.ts";
import { type ReplayState, type Standing, sourceOf } from "./state.ts";
import type { Step } from "./step.ts";

/**
 * Statements of which scripts have thousands, and whose catalogs few ask for. Of others that are queried or run elsewhere the answers
 * are known by the catalog in front of them, which therefore stays the same object.
 */
const storedKinds: ReadonlySet<Statement["kind"]> = new Set([
  "create-table",
  "create-index",
  "alter-table",
  "create-trigger",
  "create-sequence",
  "rename",
  "set-schema",
  "drop",
  "other",
]);

/** The step of a statement that was run in front of `met`, as it is to be kept. */
export function stored(step: Step, met: Standing): Step {
  const { before, after, behind, transaction } = step;
  const front = before === met.catalog ? sourceOf(met) : before;
  const { real, imagined } = behind;
  const isPlain = imagined === null && real.catalog === after && real.session === transaction.session;
  if (isPlain && storedKinds.has(step.statement.statement.kind)) {
    const back = BetweenCatalog.between(front, before, after);
    if (back !== after) return new StoredStep(step, front, back);
  }
  if (!(front instanceof BetweenCatalog)) return step;
  // Of two catalogs either both are kept, or what is the same in both would not be the same object.
  front.pin();
  return isPlain && after === before ? new StoredStep(step, front, front) : { ...step, front };
}

/** The step where its statement was read again. */
export function movedStored(step: StoredStep, read: ReadStatement): Step {
  if (step.written === undefined) return new StoredStep(step, step.front, step.back, read);
  const { offset, length, tail } = read;
  return new StoredStep(step, step.front, step.back, { ...step.statement, offset, length, tail }, read);
}

export class StoredStep implements Step {
  readonly file: Step["file"];
  readonly handle: Step["handle"];
  readonly statement: ReadStatement;
  readonly run: Step["run"];
  readonly rejection: Step["rejection"];
  readonly transaction: Step["transaction"];
  readonly warning: Step["warning"];
  readonly written: Step["written"];
  readonly sent: Step["sent"];
  readonly learned: Step["learned"];
  readonly declined: Step["declined"];
  readonly reads: Step["reads"];
  readonly front: CatalogSource;
  readonly back: CatalogSource;
  private readonly client: ReplayState["client"];

  constructor(step: Step, front: CatalogSource, back: CatalogSource, read = step.statement, written = step.written) {
    this.file = step.file;
    this.handle = step.handle;
    this.statement = read;
    this.run = step.run;
    this.rejection = step.rejection;
    this.transaction = step.transaction;
    this.warning = step.warning;
    this.written = written;
    this.sent = step.sent;
    this.learned = step.learned;
    this.declined = step.declined;
    this.reads = step.reads;
    this.front = front;
    this.back = back;
    this.client = step instanceof StoredStep ? step.client : step.behind.client;
  }

  get before(): Catalog {
    return catalogOf(this.front);
  }

  get after(): Catalog {
    // What the statement has not changed is the same object in both only where this one is made of that one.
    catalogOf(this.front);
    return catalogOf(this.back);
  }

  get behind(): ReplayState {
    return { real: new LaterStanding(this.back, this.transaction.session), imagined: null, client: this.client };
  }
}
