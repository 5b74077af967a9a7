/** The steps of statements that were not run again after an edit: as they were, between catalogs that are made when asked for. */

import type { Catalog } from "../catalog/catalog.ts";
import type { Patch } from "../catalog/patch.ts";
import type { ReadStatement } from "../syntax/statement.ts";
import { type CatalogSource, catalogOf } from "./later-catalog.ts";
import type { ReplayState, Standing } from "./state.ts";
import type { Change, Followed, Step, TransactionState } from "./step.ts";
import type { Session } from "./transaction.ts";

/** The step, of which many are made after each edit: two fields, and the rest is asked for. */
class FollowedStep implements Step {
  readonly statement: ReadStatement;
  readonly followed: Followed;

  constructor(statement: ReadStatement, followed: Followed) {
    this.statement = statement;
    this.followed = followed;
  }

  get file(): Step["file"] {
    return this.followed.taken.file;
  }

  get handle(): Step["handle"] {
    return this.followed.taken.handle;
  }

  get run(): Step["run"] {
    return this.followed.taken.run;
  }

  get rejection(): Step["rejection"] {
    return this.followed.taken.rejection;
  }

  get warning(): Step["warning"] {
    return this.followed.taken.warning;
  }

  get declined(): Step["declined"] {
    return this.followed.taken.declined;
  }

  get reads(): Step["reads"] {
    return this.followed.taken.reads;
  }

  get before(): Catalog {
    return catalogOf(this.followed.front);
  }

  get after(): Catalog {
    return catalogOf(this.followed.back);
  }

  get behind(): ReplayState {
    return this.followed.behind;
  }

  get transaction(): TransactionState {
    return this.followed.transaction;
  }
}

/** What all steps of a statement have in common that only move. */
class FollowedRun implements Followed {
  readonly taken: Step;
  readonly patch: Patch;
  readonly front: CatalogSource;
  readonly back: CatalogSource;
  readonly changes: Change;
  readonly transaction: TransactionState;
  private state: ReplayState | null = null;

  constructor(given: Omit<Followed, "behind">) {
    this.taken = given.taken;
    this.patch = given.patch;
    this.front = given.front;
    this.back = given.back;
    this.changes = given.changes;
    this.transaction = given.transaction;
  }

  get behind(): ReplayState {
    this.state ??= {
      real: new LaterStanding(this.back, this.transaction.session),
      imagined: null,
      client: this.taken.behind.client,
    };
    return this.state;
  }
}

/** A standing whose catalog is made when asked for. */
export class LaterStanding implements Standing {
  readonly source: CatalogSource;
  readonly session: Session;

  constructor(source: CatalogSource, session: Session) {
    this.source = source;
    this.session = session;
  }

  get catalog(): Catalog {
    return catalogOf(this.source);
  }
}

/** The step of a statement that is followed; `session` is that behind it. */
export function followedStep(
  given: Omit<Followed, "behind" | "transaction">,
  read: ReadStatement,
  session: Session,
): Step {
  const { transaction } = given.taken;
  const own = transaction.session === session ? transaction : { ...transaction, session };
  return new FollowedStep(read, new FollowedRun({ ...given, transaction: own }));
}

/** The same step where its statement was read again. */
export function movedFollowed(followed: Followed, read: ReadStatement): Step {
  return new FollowedStep(read, followed);
}
