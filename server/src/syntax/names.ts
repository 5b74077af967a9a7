/** Names as SQL writes them: folding, truncation, quoting. */

import type { TextRange } from "../text/range.ts";

/** A name after folding to lower case or unquoting, truncated to 63 bytes as PostgreSQL does. */
export interface Identifier {
  readonly name: string;
  readonly range: TextRange;
}

/** A relation, type or function as named in a statement. */
export interface RelationName {
  /** null when unqualified; the search path decides then. A database name in front is dropped. */
  readonly schema: string | null;
  readonly name: string;
  /** `ONLY t`; false where ONLY cannot be written. */
  readonly only: boolean;
  /** The whole qualified name, without ONLY, `*` and alias. */
  readonly range: TextRange;
}
