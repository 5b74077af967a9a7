/** psql's backslash commands, as far as they decide where statements begin and end. */

import { Code, isSpace, isVariablePart, lineEnd } from "../characters.ts";
import type { MetaCommandPiece } from "./piece.ts";

/** Commands that send the statement typed so far. */
const senders = new Set([
  "g",
  "gx",
  "gset",
  "gexec",
  "gdesc",
  "crosstabview",
  "watch",
  "bind",
  "bind_named",
  "parse",
  "close_prepared",
  "sendpipeline",
]);

/** Commands that throw it away. */
const resetters = new Set(["r", "reset"]);

/** Reads the command whose backslash stands at `start`. */
export function readMetaCommand(text: string, start: number): MetaCommandPiece {
  const end = metaCommandEnd(text, start);
  const copyDataFollows = /^\\copy\b.*\bfrom\s+p?stdin\b/i.test(text.slice(start, Math.min(end, start + 1_000)));
  return { kind: "meta-command", start, end, terminatorEnd: end, copyDataFollows };
}

/** The database that `\\connect` names: null for the one that it leaves, undefined where the command is another. */
export function connectedDatabase(text: string, { start, end }: MetaCommandPiece): string | null | undefined {
  const command = /^\\(?:c|connect)(?:[ \t]+(.*?))?[ \t]*$/.exec(
    text.slice(start, Math.min(end, start + 1_000)).trimEnd(),
  );
  if (command === null) return undefined;
  const [word] =
    /^(?:-reuse-previous=\w+[ \t]+)?("(?:[^"]|"")*"|'(?:[^']|'')*'|\S+)/.exec(command[1] ?? "")?.slice(1) ?? [];
  return word === undefined || word === "-" ? null : word;
}

/** Whether the command runs another file, or ends statements that may have been left out; null for any other command. */
export function untoldCommand(text: string, { start }: MetaCommandPiece): "include" | "branch" | null {
  const [, name = ""] = /^\\(\w+)/.exec(text.slice(start, start + 40)) ?? [];
  if (/^(?:i|ir|include|include_relative)$/.test(name)) return "include";
  return /^(?:elif|else|endif)$/.test(name) ? "branch" : null;
}

/** What a command amid a statement does to it: ends it, or is carried out while the statement goes on. */
export function metaCommandEffect(text: string, backslash: number): "ends-statement" | "none" {
  let end = backslash + 1;
  while (isVariablePart(text.charCodeAt(end))) end++;
  const name = text.slice(backslash + 1, end);
  return senders.has(name) || resetters.has(name) ? "ends-statement" : "none";
}

/** The end of its line, or the end of the `\\` that separates it from SQL on the same line. */
export function metaCommandEnd(text: string, start: number): number {
  const end = lineEnd(text, start);
  let quote = 0;
  for (let at = start + 1; at < end; at++) {
    const code = text.charCodeAt(at);
    if (quote !== 0) {
      if (code === Code.backslash && quote === Code.quote) at++;
      else if (code === quote) quote = 0;
    } else if (code === Code.quote || code === Code.doubleQuote) quote = code;
    else if (
      code === Code.backslash &&
      text.charCodeAt(at + 1) === Code.backslash &&
      isSpace(text.charCodeAt(at - 1))
    ) {
      return at + 2;
    }
  }
  return end;
}
