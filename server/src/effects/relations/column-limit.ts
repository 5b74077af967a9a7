/** How many columns a table may have, and what PostgreSQL says of more. */

import type { TextRange } from "../../text/range.ts";
import { type Refusal, rejected } from "../outcome.ts";

/** `MaxHeapAttributeNumber` */
export const mostColumns = 1_600;

/** The refusal of a table that would have more (54011). */
export function tooManyColumns(range: TextRange): Refusal {
  return rejected("statement-rejected", "54011", `tables can have at most ${mostColumns} columns`, range);
}
