/** The arguments of psql's backslash commands, read as its scanner (psqlscanslash.l) reads them. */

import { Code, isSpace, isVariablePart } from "../characters.ts";

/** A piece of an argument: text, or a variable by the form in which it stands. */
export type ArgumentPart =
  | string
  | {
      readonly variable: string;
      readonly form: "plain" | "literal" | "identifier" | "is-set";
      readonly written: string;
    };

export interface Argument {
  readonly parts: readonly ArgumentPart[];
  /** Whether any of it is quoted by single quotes, so that even nothing is an argument. */
  readonly quoted: boolean;
}

/** More are not looked at. */
const mostArguments = 100;

/**
 * The arguments from `start` up to `end`; null where one holds the output of a shell command, or is not understood. Double
 * quotes stay where they are, as they do in most commands.
 */
export function readArguments(text: string, start: number, end: number): readonly Argument[] | null {
  const args: Argument[] = [];
  let at = start;
  for (;;) {
    while (at < end && isSpace(text.charCodeAt(at))) at++;
    if (at >= end || text.charCodeAt(at) === Code.backslash) return args;
    const argument = readArgument(text, at, end);
    if (argument === null || args.length === mostArguments) return null;
    args.push(argument.value);
    at = argument.end;
  }
}

function readArgument(
  text: string,
  start: number,
  end: number,
): { readonly value: Argument; readonly end: number } | null {
  const parts: ArgumentPart[] = [];
  let plain = "";
  let quoted = false;
  let at = start;
  while (at < end) {
    const code = text.charCodeAt(at);
    if (isSpace(code) || code === Code.backslash) break;
    if (code === Code.backtick) return null;
    if (code === Code.quote) {
      const string = readQuoted(text, at, end);
      if (string === null) return null;
      quoted = true;
      plain += string.value;
      at = string.end;
      continue;
    }
    if (code === Code.doubleQuote) {
      const close = text.indexOf('"', at + 1);
      if (close < 0 || close >= end) return null;
      plain += text.slice(at, close + 1);
      at = close + 1;
      continue;
    }
    const variable = code === Code.colon ? readVariable(text, at, end) : null;
    if (variable === null) plain += text[at++];
    else {
      if (plain !== "") parts.push(plain);
      plain = "";
      parts.push(variable);
      at += variable.written.length;
    }
  }
  if (plain !== "") parts.push(plain);
  return { value: { parts, quoted }, end: at };
}

/** The variable whose colon stands at `start`: `:x`, `:'x'`, `:"x"`, `:{?x}`. */
function readVariable(text: string, start: number, end: number): Exclude<ArgumentPart, string> | null {
  const [written, is, quote = "", name = ""] =
    /^:(?:\{\?([^}\s]{1,200})\}|(['"]?)([\w\u0080-\uffff]{1,200})\2)/.exec(
      text.slice(start, Math.min(end, start + 210)),
    ) ?? [];
  if (written === undefined) return null;
  if (is !== undefined) return { variable: is, form: "is-set", written };
  return { variable: name, form: quote === "'" ? "literal" : quote === '"' ? "identifier" : "plain", written };
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", b: "\b", r: "\r", f: "\f" };

/** A string in single quotes, in which a backslash works as in C. */
function readQuoted(text: string, start: number, end: number): { readonly value: string; readonly end: number } | null {
  let value = "";
  for (let at = start + 1; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === Code.quote) {
      if (text.charCodeAt(at + 1) !== Code.quote) return { value, end: at + 1 };
      value += "'";
      at++;
    } else if (code === Code.backslash) {
      const [sequence = "", octal, hex] =
        /^\\(?:([0-7]{1,3})|x([\da-fA-F]{1,2})|[\s\S])/.exec(text.slice(at, Math.min(end, at + 4))) ?? [];
      if (sequence === "") return null;
      const digits = octal ?? hex;
      // Bytes beyond ASCII are parts of characters in whatever encoding the session has.
      const byte = digits === undefined ? 0 : Number.parseInt(digits, octal === undefined ? 16 : 8);
      if (byte > 127) return null;
      value += digits === undefined ? (escapes[sequence.slice(1)] ?? sequence.slice(1)) : String.fromCharCode(byte);
      at += sequence.length - 1;
    } else value += text[at];
  }
  return null;
}

/** The name of the command whose backslash stands at `start`. */
export function commandName(text: string, start: number): string {
  let end = start + 1;
  while (isVariablePart(text.charCodeAt(end))) end++;
  return end === start + 1 ? text.slice(start + 1, start + 2) : text.slice(start + 1, end);
}
