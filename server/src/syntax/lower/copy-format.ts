/** The options of COPY that say how its data are to be read. */

import type { CopyStmt, Node } from "@pgsql/types";
import type { CopyFormat } from "../copy-data.ts";
import { isOn, options, optionText } from "./node.ts";

/** null where an option is not followed, or cannot stand with the others. */
export function copyFormat(node: CopyStmt): CopyFormat | null {
  const chosen = options(node.options);
  if ([...chosen.keys()].some((name) => !followed.has(name)) || node.whereClause !== undefined) return null;
  const kind = (chosen.has("format") ? optionText(chosen.get("format")) : "text").toLowerCase();
  if (kind !== "text" && kind !== "csv") return null;
  const textOf = (name: string, otherwise: string): string =>
    chosen.has(name) ? optionText(chosen.get(name)) : otherwise;
  const quote = textOf("quote", '"');
  const format: CopyFormat = {
    kind,
    delimiter: textOf("delimiter", kind === "csv" ? "," : "\t"),
    nullText: textOf("null", kind === "csv" ? "" : "\\N"),
    header: chosen.has("header") && isOn(chosen.get("header")),
    quote,
    escape: textOf("escape", quote),
  };
  return isSound(format, chosen) ? format : null;
}

const followed: ReadonlySet<string> = new Set(["format", "delimiter", "null", "header", "quote", "escape"]);

/** Whether PostgreSQL takes the options together. */
function isSound(format: CopyFormat, chosen: ReadonlyMap<string, Node | undefined>): boolean {
  const { kind, delimiter, nullText, quote } = format;
  if (chosen.has("header") && /^match$/i.test(optionText(chosen.get("header")))) return false;
  if (kind === "text" && (chosen.has("quote") || chosen.has("escape"))) return false;
  const isPlain = [delimiter, quote, format.escape].every((text) => /^[\t -~]$/.test(text));
  if (!isPlain || /[\r\n]/.test(nullText) || nullText.includes(delimiter)) return false;
  if (kind === "text") return !/[\\.a-z0-9]/.test(delimiter);
  return delimiter !== quote && !nullText.includes(quote);
}
