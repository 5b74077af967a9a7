/** From one way of dividing a table to another: plain or inheritance to partitions, and into the hands of an extension. */

import { isPartitioned } from "../../catalog/layout.ts";
import type { Relation } from "../../catalog/relation.ts";
import { quoteLiteral } from "../../syntax/literals.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import { divisionOf } from "../division.ts";
import { holdersOf } from "../holders.ts";
import { callScript, functionName } from "../managed/call-script.ts";
import type { OperationRequest } from "../operation.ts";
import type { OperationResult, ScriptStep } from "../script.ts";
import { failed, fullName, problem, type Writer, type WriterContext, writeName } from "../writer.ts";
import { convertAhead } from "./convert-ahead.ts";
import { convertInPlace } from "./convert-in-place.ts";

/** Why a table can be no partitioned one; null where it can. */
function unfitFor(table: Relation, { catalog }: WriterContext): string | null {
  const name = writeName(catalog, table);
  if (table.kind !== "table")
    return `${name} is no table (${table.kind.replaceAll("-", " ")}): its rows are not its own`;
  if (table.persistence === "temporary") return `${name} is a temporary table: create it partitioned`;
  if (table.ofType) return `${name} is a typed table, which no partition may be: ALTER TABLE ${name} NOT OF first`;
  if (table.partitionOf !== null || table.inherits.length > 0)
    return `${name} is a part of another table: convert that one, or detach this one first`;
  return null;
}

export const writeConvert: Writer = (request, table, context) => {
  const target = request.to;
  switch (target) {
    case "declarative":
      return isPartitioned(table)
        ? problem(`${writeName(context.catalog, table)} is partitioned by PostgreSQL itself already`, "to")
        : convertToDeclarative(request, table, context, []);
    case "partman":
      return toPartman(request, table, context);
    case "citus":
      return toCitus(request, table, context);
    case "plain":
      return problem("rows come together in a plain table by merging the partitions into one and detaching it", "to");
    default:
      return problem('"to" must be declarative, partman, citus or plain', "to");
  }
};

/**
 * The table as it is becomes the default partition of a new one with its name, so that no row is copied and nothing is
 * searched; children become partitions with the bounds that their CHECKs say.
 *
 * @param letGo takes the table out of the hands of an extension; nothing then takes the script back
 */
export function convertToDeclarative(
  request: OperationRequest,
  table: Relation,
  context: WriterContext,
  letGo: readonly ScriptStep[],
): OperationResult {
  const { catalog, version } = context;
  const name = writeName(catalog, table);
  const unfitTable = unfitFor(table, context);
  if (unfitTable !== null) return problem(unfitTable, "table");
  if (version < 11) return problem("PostgreSQL 10 has no default partitions, which take the rows that are there", "to");
  const hasChildren = table.children.size > 0;
  const found = hasChildren ? divisionOf(table, context) : null;
  if (found !== null && "message" in found) return failed(found);
  const key =
    found === null
      ? keyOf(request, table, context)
      : { text: found.key.elements.map(({ text }) => text).join(", "), strategy: found.key.strategy };
  if ("message" in key) return failed(key);
  const columns = keyColumns(key.text);
  if (request.style === "online") return convertAhead(request, table, { strategy: key.strategy, columns }, context);
  if (key.strategy === "hash" && hasChildren)
    return problem(
      `the children of ${name} are told apart by a remainder, which PostgreSQL's hash partitions are not: move their rows to ${name} itself, drop them, and convert it with "strategy" hash`,
      "table",
    );
  if (key.strategy === "hash")
    return problem(
      'a hash-partitioned table has no default partition to take the rows that are there: copy them with "style" online and "modulus"',
      "strategy",
    );
  const unfit = uniqueWithout(columns, table, context);
  if (unfit !== null && !hasChildren)
    return problem(
      `unique constraint on partitioned table must include all partitioning columns: ${unfit.name} of ${name} lacks ${columns.filter((column) => !unfit.columns.includes(column)).join(", ")}`,
      "key",
    );
  const held = holdersOf(table, context);
  if (held !== null) return problem(held, "table");
  const twice = version < 17 || unfit !== null ? null : exclusionOf(table, context);
  if (twice !== null)
    return problem(
      `${twice} of ${name} would be made once more by ATTACH, while all wait, for PostgreSQL does not take its index for that of the new table: drop it first, and add it to the partitioned table afterwards`,
      "table",
    );
  return convertInPlace(table, { key: { ...key, columns }, found, withoutIndexes: unfit !== null, letGo }, context);
}

/** A constraint by which rows exclude each other, WITHOUT OVERLAPS among them; null where there is none. */
function exclusionOf({ constraints }: Relation, { catalog }: WriterContext): string | null {
  const found = constraints.find(({ type, index }) => {
    const method = index === null ? undefined : catalog.relations.get(index)?.index?.definition?.method;
    return type === "exclude" || (type !== "foreign-key" && !["btree", "", undefined].includes(method));
  });
  return found === undefined ? null : `the constraint ${quoteIdentifier(found.name)}`;
}

/** A unique index, with a constraint or without, that lacks one of the columns; null where there is none. */
function uniqueWithout(
  columns: readonly string[],
  table: Relation,
  { catalog }: WriterContext,
): { readonly name: string; readonly columns: readonly (string | null)[] } | null {
  const behind = table.constraints.filter(({ type }) => type === "primary-key" || type === "unique");
  const plain = table.indexes.flatMap((id) => {
    const relation = catalog.relations.get(id);
    return relation?.index?.unique === true ? [{ name: relation.name, columns: relation.index.columns }] : [];
  });
  return [...behind, ...plain].find(({ columns: own }) => columns.some((column) => !own.includes(column))) ?? null;
}

function keyOf(
  { key, strategy }: OperationRequest,
  table: Relation,
  { catalog }: WriterContext,
):
  | { readonly text: string; readonly strategy: "range" | "list" | "hash" }
  | { readonly message: string; readonly argument: string } {
  if (key === null) return { message: '"key" must name the column to partition by', argument: "key" };
  const chosen = (["range", "list", "hash"] as const).find((each) => each === (strategy ?? "range"));
  if (chosen === undefined) return { message: '"strategy" must be range, list or hash', argument: "strategy" };
  const columns = (key.match(/(?:"(?:[^"]|"")*"|[^,"])+/g) ?? []).map((column) => unquoted(column.trim()));
  const missing = columns.find((column) => !table.columns.some(({ name }) => name === column));
  if (missing !== undefined)
    return {
      message: `column "${missing}" named in partition key does not exist in ${writeName(catalog, table)}`,
      argument: "key",
    };
  if (chosen === "list" && columns.length > 1)
    return { message: 'cannot use "list" partition strategy with more than one column', argument: "key" };
  return { text: columns.map(quoteIdentifier).join(", "), strategy: chosen };
}

function keyColumns(text: string): readonly string[] {
  return (text.match(/"(?:[^"]|"")*"|[^,"\s][^,"]*/g) ?? []).map(unquoted);
}

/** A name without its quotes, where it has any. */
function unquoted(name: string): string {
  return /^".*"$/s.test(name) ? name.slice(1, -1).replaceAll('""', '"') : name;
}

/** pg_partman takes a table that is partitioned by range, and goes on with it. */
function toPartman(request: OperationRequest, table: Relation, context: WriterContext): OperationResult {
  const { catalog } = context;
  const name = writeName(catalog, table);
  const column = table.partitioning?.key.elements[0]?.column ?? null;
  if (table.partitioning?.key.strategy !== "range" || column === null)
    return problem(
      `pg_partman 5 takes tables that are partitioned by range of one column: convert ${name} to declarative first`,
      "table",
    );
  if (request.interval === null)
    return problem('"interval" must say how wide the partitions are that pg_partman makes', "interval");
  const schema = catalog.extensions.get("pg_partman")?.schema ?? "partman";
  const version = catalog.extensions.get("pg_partman")?.version ?? "5";
  const type = version.startsWith("4") ? ", p_type := 'native'" : "";
  const create = `${quoteIdentifier(schema)}.create_parent(p_parent_table := ${quoteLiteral(fullName(table))}, p_control := ${quoteLiteral(column)}${type}, p_interval := ${quoteLiteral(request.interval)})`;
  return callScript(
    {
      title: `Give ${name} into the hands of pg_partman`,
      comment: [
        "pg_partman makes partitions around today by its own names beside those that are there; where a range overlaps one of these it fails, and nothing changes.",
        "Undo: delete its row of part_config; partitions that it has made stay.",
      ],
      calls: [`SELECT ${create}`],
      undo: [
        `DELETE FROM ${quoteIdentifier(schema)}.part_config WHERE parent_table = ${quoteLiteral(fullName(table))}`,
      ],
    },
    context,
  );
}

function toCitus({ key }: OperationRequest, table: Relation, context: WriterContext): OperationResult {
  const name = writeName(context.catalog, table);
  if (key === null) return problem('"key" must name the distribution column', "key");
  if (!table.columns.some((column) => column.name === key))
    return problem(`column "${key}" of ${name} does not exist`, "key");
  const call = (verb: string, ...more: readonly string[]): string =>
    `SELECT ${functionName("citus", verb, "pg_catalog", context)}(${[quoteLiteral(name), ...more].join(", ")})`;
  return callScript(
    {
      title: `Distribute ${name} by ${key}`,
      comment: [
        `Citus copies all rows to shards; writers of ${name} wait meanwhile.`,
        "Undo: undistribute_table brings them back.",
      ],
      calls: [call("create_distributed_table", quoteLiteral(key))],
      undo: [call("undistribute_table")],
    },
    context,
  );
}
