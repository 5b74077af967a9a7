/** What the commands of a PL/pgSQL body work out, and the variables that they put it into. */

import type { DataType } from "../../catalog/data-type.ts";
import { baseTypeNamed } from "../../catalog/values/types.ts";
import { refuse } from "./conditions.ts";
import { evaluateSnippet, type Frame, scopeOf } from "./frame.ts";
import { evaluation, type Row, type Rows, type Scope, truth, undecided } from "./machine.ts";
import type { RowSource, Snippet, Targets } from "./program.ts";
import { runText } from "./run-sql.ts";
import { assignTo, type TypedValue, textOf } from "./typed-value.ts";

/** Notes whether the value of a variable was read from the system catalogs. */
export function keepOrigin({ ofCatalogs }: Frame, name: string, isOfThem: boolean): void {
  if (isOfThem) ofCatalogs.add(name);
  else ofCatalogs.delete(name);
}

/** A condition that decides what is done: where it is not known, nothing more is. */
export function decide(frame: Frame, condition: Snippet): boolean {
  const value = evaluateSnippet(frame, condition);
  const holds = value === null ? null : truth(value);
  if (holds === null) undecided(frame.machine, "a condition cannot be told");
  return holds === true;
}

/** The rows that a query or EXECUTE gives; null where they are not known. */
export function rowsOfSource(frame: Frame, source: RowSource): Rows | null {
  const { machine } = frame;
  if (source.kind === "query") {
    const { text: sql, range } = source.query;
    return runText(machine, { sql, range, dynamic: false }, scopeOf(frame), true);
  }
  const sql = textOfSnippet(frame, source.command);
  if (sql === null) return null;
  return runText(machine, { sql, range: source.command.range, dynamic: true }, scopeWith(frame, source.using), true);
}

/** What EXECUTE runs; null where it cannot be told. */
export function textOfSnippet(frame: Frame, snippet: Snippet): string | null {
  const value = evaluateSnippet(frame, snippet);
  const text = value === null ? undefined : textOf(value, evaluation(frame.machine));
  return typeof text === "string" ? text : undecided(frame.machine, "the text of EXECUTE cannot be told");
}

/** EXECUTE sees no variables, but its own parameters. */
export function scopeWith(frame: Frame, using: readonly Snippet[]): Scope {
  const values = using.map((each, index) => [`$${index + 1}`, evaluateSnippet(frame, each)] as const);
  return { variables: new Map(values), ctes: new Map() };
}

/** `INTO`: the first row, or NULLs where there is none. */
export function assignRow(frame: Frame, targets: Targets, rows: Rows | null, strict: boolean): void {
  const { machine, variables } = frame;
  if (machine.stop !== null) return;
  variables.set(
    "found",
    rows === null ? null : { value: { family: "boolean", value: rows.length > 0 }, type: boolean },
  );
  if (strict && rows !== null && rows.length !== 1) {
    if (rows.length === 0) refuse(machine, "P0002", "query returned no rows");
    else refuse(machine, "P0003", "query returned more than one row");
  } else if (rows === null) for (const target of targets) assignVariable(frame, target, null);
  else if (rows[0] !== undefined) assignFields(frame, targets, rows[0]);
  else for (const target of targets) assignVariable(frame, target, nullOf(frame, target));
}

const boolean = baseTypeNamed("bool");

function nullOf(frame: Frame, target: string): TypedValue | null {
  const type = typeOf(frame, target);
  return type === null ? null : { value: null, type };
}

/** Puts the fields of a row into variables, or into those of one record. */
export function assignFields(frame: Frame, targets: Targets, row: Row): void {
  const { machine, types, variables } = frame;
  const [target = ""] = targets;
  if (targets.length === 1 && (types.get(target) ?? null) === null) {
    forgetFields(variables, target);
    for (const { name, value } of row) variables.set(`${target}.${name}`, value);
    variables.set(target, null);
    return;
  }
  for (const [index, name] of targets.entries()) {
    const value = row[index]?.value ?? null;
    const type = typeOf(frame, name);
    assignVariable(frame, name, value === null || type === null ? value : assignTo(value, type, evaluation(machine)));
  }
}

function forgetFields(variables: Map<string, TypedValue | null>, record: string): void {
  for (const name of variables.keys()) if (name.startsWith(`${record}.`)) variables.delete(name);
}

/** Puts a value into a variable; what it had as a record is gone. */
export function assignVariable(frame: Frame, name: string, value: TypedValue | null, isOfCatalogs = false): void {
  const { variables, types } = frame;
  if ((types.get(name) ?? null) === null) forgetFields(variables, name);
  variables.set(name, value);
  keepOrigin(frame, name, isOfCatalogs);
}

/** The declared type of a variable; null for records. */
export function typeOf({ types }: Frame, name: string): DataType | null {
  return types.get(name) ?? null;
}
