/** An item of an index: of one to be created, or of one that ON CONFLICT looks for. */

import type { TextRange } from "../text/range.ts";
import type { Expression } from "./expression.ts";

export interface IndexElement {
  /** Exactly one of `column` and `expression` is set. */
  readonly column: string | null;
  readonly expression: Expression | null;
  readonly collation: readonly string[] | null;
  readonly operatorClass: readonly string[] | null;
  /** Whether the operator class is given parameters, which it may refuse. */
  readonly hasParameters?: true | undefined;
  /** Whether ASC or DESC stands with it. */
  readonly sorted?: true | undefined;
  /** Whether NULLS FIRST or NULLS LAST stands with it. */
  readonly placesNulls?: true | undefined;
  readonly range: TextRange;
}
