/** A statement that a session has prepared. */

import type { QueryStatement } from "../syntax/statement.ts";

/** A query under the name that PREPARE gave it. */
export interface PreparedStatement {
  readonly statement: QueryStatement;
  /** The text of the PREPARE, in which the ranges of the statement count; null where it is not at hand. */
  readonly text: string | null;
}
