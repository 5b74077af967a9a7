/** psql's variables: what `\set` gives them, and the statements into which psql puts their values. */

import type { Reading } from "../syntax/read-statement.ts";
import type { Argument, ArgumentPart } from "../syntax/split/meta-arguments.ts";
import type { SqlPiece } from "../syntax/split/piece.ts";
import { splitScript } from "../syntax/split/splitter.ts";
import type { PlacedStatement } from "../syntax/statement.ts";
import { type Replacement, type SentStatement, withReplacements } from "./replaced-statement.ts";

/** By name: the value, or null where it is known that there is none. Of others nothing is known: they may be given from outside. */
export type Variables = ReadonlyMap<string, string | null>;

/** More are forgotten, all at once. */
const mostVariables = 1_000;
/** Longer values are not known. */
const longestValue = 10_000;

/** The variables with one more value; `undefined` says that it is not known. */
export function withVariable(variables: Variables, name: string, value: string | null | undefined): Variables {
  const next = new Map(variables.size < mostVariables ? variables : []);
  if (value === undefined || (value?.length ?? 0) > longestValue) next.delete(name);
  else next.set(name, value);
  return next;
}

/** The value of an argument; null where it is not known. */
export function argumentValue({ parts }: Argument, variables: Variables): string | null {
  let value = "";
  for (const part of parts) {
    const text = typeof part === "string" ? part : textFor(part, variables);
    if (text === null) return null;
    value += text;
  }
  return value;
}

/** `ParseVariableBool`: any beginning of the words will do. */
export function isTrue(value: string): boolean {
  return /^(?:t|tr|tru|true|y|ye|yes|on|1)$/i.test(value);
}

export function isFalse(value: string): boolean {
  return /^(?:f|fa|fal|fals|false|n|no|of|off|0)$/i.test(value);
}

type VariableReference = Exclude<ArgumentPart, string>;

/** What psql writes for a variable: itself where it has no value; null where that is not known. */
function textFor({ variable, form, written }: VariableReference, variables: Variables): string | null {
  const value = variables.get(variable);
  if (value === undefined) return null;
  if (form === "is-set") return value === null ? "FALSE" : "TRUE";
  if (value === null) return written;
  switch (form) {
    case "plain":
      return value;
    case "identifier":
      return `"${value.replaceAll('"', '""')}"`;
    case "literal": {
      const doubled = value.replaceAll("'", "''");
      return value.includes("\\") ? ` E'${doubled.replaceAll("\\", "\\\\")}'` : `'${doubled}'`;
    }
  }
}

/**
 * The statement with the values in place of its variables; null where they are not known, or make more than one statement.
 * `text` is what is written of it.
 */
export function withValues(
  placed: PlacedStatement,
  text: string,
  variables: Variables,
  reading: Reading,
): SentStatement | null {
  if (variables.size === 0) return null;
  const [written] = splitScript(text);
  if (written?.kind !== "sql" || written.start !== 0 || written.end !== text.length) return null;
  const replacements = valuesIn(text, written, variables);
  return replacements === null ? null : withReplacements(placed, text, replacements, reading);
}

function valuesIn(text: string, { placeholders }: SqlPiece, variables: Variables): readonly Replacement[] | null {
  const replacements: Replacement[] = [];
  for (const { start, end } of placeholders) {
    const written = text.slice(start, end);
    const [, is, name = ""] = /^:(?:\{\?([^}]*)\}|['"]?([^'"]*)['"]?)$/.exec(written) ?? [];
    const form =
      is !== undefined ? "is-set" : written[1] === "'" ? "literal" : written[1] === '"' ? "identifier" : "plain";
    const variable = is ?? name;
    const value = variable === "" ? null : textFor({ variable, form, written }, variables);
    if (value === null) return null;
    replacements.push({ start, end, text: value });
  }
  return replacements;
}
