/** The tables that are under pg_pathman: those that its configuration has, and those that a script shows by a call. */

import { findRelation } from "../../catalog/catalog.ts";
import { pathmanOf } from "../../catalog/pathman-config.ts";
import type { RelationId } from "../../catalog/relation.ts";
import type { Step } from "../../replay/step.ts";
import { toldVersion } from "../../schemes/extensions.ts";
import { pathman } from "../../schemes/pathman/extension.ts";
import { eraOf, type PathmanEra } from "../../schemes/pathman/versions.ts";
import type { Expression, FunctionCall } from "../../syntax/expression.ts";
import { unquoteIdentifier } from "../../syntax/names.ts";
import type { Query } from "../../syntax/query.ts";
import type { RuleOptions, ScriptContext } from "../rule.ts";

export interface PathmanTable {
  /** null where the call does not say. */
  readonly column: string | null;
  readonly type: "range" | "hash" | null;
  /** `readme` where a function is used that only the first README has. */
  readonly era: "readme" | null;
}

/** Functions whose first argument is the parent; the second, where `column` says so, the partitioning column. */
const functions: ReadonlyMap<
  string,
  { readonly type: "range" | "hash" | null; readonly column: boolean; readonly readme?: true }
> = new Map([
  ["create_hash_partitions", { type: "hash", column: true }],
  ["create_range_partitions", { type: "range", column: true }],
  ["create_partitions_from_range", { type: "range", column: true }],
  ["add_to_pathman_config", { type: null, column: true }],
  ["on_create_partitions", { type: null, column: false, readme: true }],
  ["on_update_partitions", { type: null, column: false, readme: true }],
]);

/** By the parent's id at the end of the script: as it is configured there, else as the calls show it that could not be followed. */
export function pathmanTables(context: ScriptContext): ReadonlyMap<RelationId, PathmanTable> {
  const tables = new Map(configured(context));
  for (const { statement } of context.stepsOf("query")) {
    if (statement.statement.kind !== "query") continue;
    for (const { relation, ...found } of registrationsIn(statement.statement.query)) {
      const id = findRelation(context.final, relation)?.id;
      if (id === undefined) continue;
      const known = tables.get(id);
      tables.set(id, {
        column: known?.column ?? found.column,
        type: known?.type ?? found.type,
        era: known?.era ?? found.era,
      });
    }
  }
  return tables;
}

function* configured({ final }: ScriptContext): Generator<[RelationId, PathmanTable]> {
  for (const { relation, relname, type, expression } of pathmanOf(final).tables.values()) {
    const [schema = null, name = ""] = relname?.split(".") ?? [];
    const id = relation ?? findRelation(final, { schema, name })?.id;
    const column = unquoteIdentifier(expression);
    if (id !== undefined) yield [id, { column, type, era: relname === null ? null : "readme" }];
  }
}

type Registration = PathmanTable & {
  readonly relation: { readonly schema: string | null; readonly name: string };
};

function registrationsIn(query: Query): readonly Registration[] {
  if (query.kind === "insert" && query.target.name === "pathman_config") {
    return (query.source?.values ?? []).flatMap((row) => {
      const cells =
        query.columns.length === 0 ? ["relname", "attname", "parttype"] : query.columns.map(({ name }) => name);
      const cell = (names: readonly string[]) => row[cells.findIndex((name) => names.includes(name))];
      const relation = relationIn(cell(["relname", "partrel"]));
      const type = textOf(cell(["parttype"]));
      if (relation === null) return [];
      const column = textOf(cell(["attname", "expr"]));
      return [{ relation, column, type: type === "1" ? "hash" : type === "2" ? "range" : null, era: null }];
    });
  }
  return callsIn(query).flatMap(registrationBy);
}

/** The functions that a SELECT calls in its list and in its FROM. */
export function callsIn(query: Query): readonly FunctionCall[] {
  if (query.kind !== "select") return [];
  const calls = [
    ...query.targets.map(({ expression }) => expression),
    ...query.from.flatMap((item) => (item.kind === "function" ? item.calls : [])),
  ];
  return calls.filter((call) => call.kind === "call");
}

/** The version of pg_pathman that a statement meets, as far as it is told. */
export function eraAt({ before }: Pick<Step, "before">, options: RuleOptions): PathmanEra {
  return eraOf(toldVersion(pathman, before, options) ?? pathman.versions[0]);
}

function registrationBy(call: FunctionCall): readonly Registration[] {
  const known = functions.get(call.name.at(-1) ?? "");
  const [first, second] = call.arguments.map(({ value }) => value);
  const relation = relationIn(first);
  if (known === undefined || relation === null) return [];
  const column = known.column ? textOf(second) : null;
  return [
    {
      relation,
      column: column === null ? null : unquoteIdentifier(column),
      type: known.type,
      era: known.readme ? "readme" : null,
    },
  ];
}

/** The relation that `'t'`, `'s.t'`, `'t'::regclass` or `'t'::regclass::oid` names; null for anything else. */
export function relationIn(expression: Expression | undefined): Registration["relation"] | null {
  const parts =
    textOf(expression)
      ?.match(/"(?:[^"]|"")+"|[^".]+/g)
      ?.map((part) => unquoteIdentifier(part.trim())) ?? [];
  const name = parts.at(-1);
  return name === undefined || parts.length > 2
    ? null
    : { schema: parts.length === 2 ? (parts[0] ?? null) : null, name };
}

function textOf(expression: Expression | undefined): string | null {
  if (expression?.kind === "cast") return textOf(expression.operand);
  return expression?.kind === "constant" && "text" in expression.value ? expression.value.text : null;
}
