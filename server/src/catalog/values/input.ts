/** Reads constants as PostgreSQL's input functions do: text and type in, value or PostgreSQL's own error out. */

import type { DataType } from "../data-type.ts";
import { declined, type ValueContext, type ValueResult } from "./result.ts";

/**
 * The value that `'text'` has as a constant of the type, its modifier applied as a column's input would (`varchar(3)` refuses
 * four letters). What cannot be told for certain is declined, never guessed.
 */
export function readValue(_text: string, _type: DataType, _context: ValueContext): ValueResult {
  return declined("not read yet");
}
