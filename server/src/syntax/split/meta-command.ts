/** psql's backslash commands: where they end, and which of them matter to the statements around them. */

import { Code, isSpace, lineEnd } from "../characters.ts";
import type { Connect, PsqlCommand } from "../statement.ts";
import { type Argument, commandName, readArguments } from "./meta-arguments.ts";
import type { MetaCommandPiece, SqlPiece } from "./piece.ts";

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

/** Whether the command that ends the statement does not run it. */
export function isUnsent(text: string, { terminator, terminatorEnd }: SqlPiece): boolean {
  if (terminator !== "meta-command") return false;
  const name = commandName(text, terminatorEnd);
  return resetters.has(name) || name === "gdesc" || name === "parse";
}

/** Whether the command that ends the statement runs what its rows hold. */
export function runsItsResult(text: string, { terminator, terminatorEnd }: SqlPiece): boolean {
  return terminator === "meta-command" && commandName(text, terminatorEnd) === "gexec";
}

/** What psql's command means to the statements behind it; null for one that means nothing to them. */
export function understandCommand(text: string, { start, end }: MetaCommandPiece): Connect | PsqlCommand | null {
  const name = commandName(text, start);
  const command = commandsByName[name];
  const argumentsOf = () =>
    readArguments(text, start + 1 + name.length, Math.min(end, start + longestCommand, lineEnd(text, start)));
  if (name === "c" || name === "connect") return { kind: "connect", elsewhere: elsewhere(argumentsOf()) };
  return command === undefined ? null : { kind: "psql", command, arguments: argumentsOf() };
}

/** Of longer ones the rest is not looked at. */
const longestCommand = 10_000;

const commandsByName: Readonly<Record<string, PsqlCommand["command"]>> = {
  i: "include",
  ir: "include",
  include: "include",
  include_relative: "include",
  set: "set",
  unset: "unset",
  gset: "assign",
  getenv: "assign",
  prompt: "assign",
  copy: "rows",
  "!": "rows",
  if: "if",
  elif: "elif",
  else: "else",
  endif: "endif",
  q: "quit",
  quit: "quit",
};

/** Where `\\connect` leads to, as it is written; null where it is the same database, whoever the user is. */
function elsewhere(args: readonly Argument[] | null): string | null {
  if (args === null) return "another database";
  const words = args.map(({ parts }) => parts.map((part) => (typeof part === "string" ? part : part.written)).join(""));
  const reuse = /^-reuse-previous=(.*)$/.exec(words[0] ?? "")?.[1];
  const [database, , host, port] = reuse === undefined ? words : words.slice(1);
  const isSame = [database, host, port].every((word) => word === undefined || word === "-" || word === "");
  const isNew = reuse !== undefined && !/^(?:on|t|tr|tru|true|y|ye|yes|1)$/i.test(reuse);
  return isSame && !isNew ? null : words.join(" ");
}

/** What a command amid a statement does to it: ends it, or is carried out while the statement goes on. */
export function metaCommandEffect(text: string, backslash: number): "ends-statement" | "none" {
  const name = commandName(text, backslash);
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
