/** The variables of one PL/pgSQL body while it runs: declared, with their types, and what expressions make of them. */

import { findRelation } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import { resolveType } from "../../catalog/values/types.ts";
import type { Expression } from "../../syntax/expression.ts";
import { checkType, computed, evaluation, type Machine, type Row, type Scope, undecided } from "./machine.ts";
import type { Declaration, Snippet } from "./program.ts";
import { assignTo, type TypedValue } from "./typed-value.ts";

export interface Frame {
  readonly machine: Machine;
  readonly variables: Map<string, TypedValue | null>;
  /** The declared types; null for records. */
  readonly types: Map<string, DataType | null>;
  /** What RETURN NEXT and RETURN QUERY have given so far; null once that is not known. */
  rows: Row[] | null;
  /** The names of OUT parameters and of the columns of RETURNS TABLE. */
  readonly output: readonly string[];
  /** The variables whose value is not known because it was read from the system catalogs. */
  readonly ofCatalogs: Set<string>;
  /** Expressions by their text, for bodies that run again and again. */
  readonly expressions: Map<string, Expression | null>;
}

/** Gives a variable its type and first value. */
export function declare(frame: Frame, { name, type, initial, alias }: Declaration): void {
  const { variables, types } = frame;
  if (alias !== null) {
    variables.set(name, variables.get(alias) ?? null);
    types.set(name, types.get(alias) ?? null);
    return;
  }
  const declared = declaredType(frame, type);
  types.set(name, declared);
  checkType(frame.machine, declared);
  if (initial !== null) variables.set(name, assigned(frame, initial, declared));
  // A record has no value at all before it gets one.
  else variables.set(name, declared === null ? null : { value: null, type: declared });
  if (declared?.kind === "unknown") variables.set(name, null);
}

/** null for records and rows, and for what is not known. */
function declaredType(frame: Frame, written: string): DataType | null {
  const { machine } = frame;
  const reference = /^(.+?)\s*%\s*(type|rowtype)$/i.exec(written);
  if (written === "" || /^record$/i.test(written) || reference?.[2]?.toLowerCase() === "rowtype") return null;
  if (reference !== null) return referencedType(frame, reference[1] ?? "");
  const expression = expressionOf(frame, `null::${written}`);
  const type = expression?.kind === "cast" ? resolveType(machine.catalog, expression.type) : null;
  return type === null || type.kind === "unknown" || type.kind === "composite" ? null : type;
}

/** `t.c%TYPE`, `s.t.c%TYPE`, `v%TYPE`. */
function referencedType({ machine, types }: Frame, written: string): DataType | null {
  const names = written.split(".").map((part) => part.trim().replaceAll('"', ""));
  const own = names.length === 1 ? types.get(names[0]?.toLowerCase() ?? "") : undefined;
  if (own !== undefined) return own;
  const relation = findRelation(machine.catalog, { schema: names.at(-3) ?? null, name: names.at(-2) ?? "" });
  return relation?.columns.find(({ name }) => name === names.at(-1))?.type ?? null;
}

/** The value of an expression as one of a type; as it is where the type is not known. */
export function assigned(frame: Frame, snippet: Snippet, type: DataType | null): TypedValue | null {
  const value = evaluateSnippet(frame, snippet);
  return value === null || type === null ? value : assignTo(value, type, evaluation(frame.machine));
}

export function evaluateSnippet(frame: Frame, snippet: Snippet): TypedValue | null {
  const expression = expressionOf(frame, snippet.text);
  return expression === null
    ? undecided(frame.machine, "it holds an expression that is not read")
    : computed(frame.machine, expression, scopeOf(frame));
}

export function scopeOf({ variables }: Frame): Scope {
  return { variables, ctes: new Map() };
}

/** What a text says as an expression; null where it is none. */
export function expressionOf({ machine, expressions }: Frame, text: string): Expression | null {
  const known = expressions.get(text);
  if (known !== undefined) return known;
  const [statement, ...more] = machine.host.read(`SELECT ${text}`);
  const query = statement?.statement.kind === "query" ? statement.statement.query : null;
  const isLone = query?.kind === "select" && query.from.length === 0 && query.targets.length === 1 && more.length === 0;
  const expression = isLone ? (query.targets[0]?.expression ?? null) : null;
  expressions.set(text, expression);
  return expression;
}
