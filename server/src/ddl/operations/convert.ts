/** From one way of dividing a table to another: plain or inheritance to partitions, and into the hands of an extension. */

import { isPartitioned, layoutOf } from "../../catalog/layout.ts";
import { freshName } from "../../catalog/partition-names.ts";
import type { Relation } from "../../catalog/relation.ts";
import { spellBound } from "../../catalog/written-bound.ts";
import { quoteLiteral } from "../../syntax/literals.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import { conditionOf, elementText } from "../condition.ts";
import { ownerOf, referencesTo, rowColumns, uncheckedRows, viewsOn } from "../declarative/carry-over.ts";
import { type Division, divisionOf } from "../division.ts";
import { identityNote } from "../hand-over-notes.ts";
import { lock } from "../locks.ts";
import { callScript, functionName } from "../managed/call-script.ts";
import type { OperationRequest } from "../operation.ts";
import { addUnchecked, dropUnchecked, lockWhole, type StepContext, step } from "../part-steps.ts";
import { assembleScript } from "../print.ts";
import { referencingKeys } from "../reshape.ts";
import type { OperationResult, ScriptStep } from "../script.ts";
import { failed, fullName, problem, type Writer, type WriterContext, writeName } from "../writer.ts";
import { convertAhead } from "./convert-ahead.ts";
import { sequenceOf } from "./convert-steps.ts";

/** Why a table can be no partitioned one; null where it can. */
function unfitFor(table: Relation, { catalog }: WriterContext): string | null {
  const name = writeName(catalog, table);
  if (table.kind !== "table")
    return `${name} is no table (${table.kind.replaceAll("-", " ")}): its rows are not its own`;
  if (table.persistence === "temporary") return `${name} is a temporary table: create it partitioned`;
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
  if (key.strategy === "hash")
    return problem(
      'a hash-partitioned table has no default partition to take the rows that are there: copy them with "style" online and "modulus"',
      "strategy",
    );
  const unfit = table.constraints.find(
    ({ type, columns: own }) =>
      ["primary-key", "unique"].includes(type) && columns.some((column) => !own.includes(column)),
  );
  if (unfit !== undefined && !hasChildren)
    return problem(
      `unique constraint on partitioned table must include all partitioning columns: ${unfit.name} of ${name} lacks ${columns.filter((column) => !unfit.columns.includes(column)).join(", ")}`,
      "key",
    );
  const views = viewsOn(table, catalog).map((view) => writeName(catalog, view));
  if (views.length > 0)
    return problem(
      `${views.join(", ")} reads ${name} and would follow the table under its other name: drop it first, and create it again afterwards`,
      "table",
    );
  return declarativeScript(table, { key, found, withoutIndexes: unfit !== undefined, letGo }, context);
}

interface Conversion {
  readonly key: { readonly text: string; readonly strategy: string };
  /** null for a plain table. */
  readonly found: Division | null;
  readonly withoutIndexes: boolean;
  readonly letGo: readonly ScriptStep[];
}

function declarativeScript(
  table: Relation,
  { key, found, withoutIndexes, letGo }: Conversion,
  context: WriterContext,
): OperationResult {
  const { catalog } = context;
  const name = writeName(catalog, table);
  const division = found ?? placeholder(table, context);
  const steps: StepContext = { ...context, division };
  const old = { schema: table.schema, name: freshName(catalog, table.schema, `${table.name}_default`, new Set()) };
  const oldName = writeName(catalog, old);
  const children = found?.parts.filter(({ bound }) => bound.kind !== "unknown") ?? [];
  if (children.length < (found?.parts.length ?? 0))
    return problem(
      `not all children of ${name} have a bound: give each of them a CHECK constraint on the key`,
      "table",
    );
  const columns = rowColumns(table);
  const into = columns === "*" ? "" : ` (${columns})`;
  const nullable = division.key.elements.filter(
    ({ column }) => column === null || table.columns.some(({ name: own, notNull }) => own === column && !notNull),
  );
  // A child's CHECK lets NULL pass, and a range does not take it.
  const nulls = nullable.map((element) => `${elementText(element)} IS NULL`).join(" OR ");
  const set = (from: string, to: string, where: string): string =>
    `WITH moved AS (DELETE FROM ONLY ${from} WHERE ${where} RETURNING ${columns})\nINSERT INTO ${to}${into} SELECT ${columns} FROM moved`;
  const strays = children
    .filter(({ bound }) => nulls !== "" && !(bound.kind === "list" && bound.values.includes(null)))
    .map((part) =>
      step(set(writeName(catalog, part), oldName, nulls), [part, "ROW EXCLUSIVE"], [old, "ROW EXCLUSIVE"]),
    );
  const moved = children.map((part) =>
    step(
      set(oldName, writeName(catalog, part), conditionOf(part.bound, division.condition) ?? "false"),
      [part, "ROW EXCLUSIVE"],
      [old, "ROW EXCLUSIVE"],
    ),
  );
  const owner = ownerOf(table, catalog);
  // The table that gets the name.
  const fresh = { schema: table.schema, name: table.name, relation: null };
  const identity = table.columns.filter((column) => column.identity !== null);
  const routing =
    layoutOf(table)?.routedBy === "trigger"
      ? table.triggers.filter(({ row, events }) => row && events.includes("insert"))
      : [];
  const keys = referencingKeys(steps);
  const inherit = (verb: string, parent: string): readonly ScriptStep[] =>
    children.map((part) =>
      step(`ALTER TABLE ${writeName(catalog, part)} ${verb} ${parent}`, [part, "ACCESS EXCLUSIVE"]),
    );
  const bounds = children.map((part) => ({ part, bound: spellBound(part.bound, division.key, catalog.settings) }));
  const without = withoutIndexes ? " EXCLUDING INDEXES" : "";
  const title = `Convert ${name} to a table partitioned by ${key.strategy} (${key.text})`;
  const forward: readonly ScriptStep[] = [
    lockWhole(table, catalog),
    ...letGo,
    ...keys.drop,
    ...routing.map((trigger) =>
      step(`DROP TRIGGER ${quoteIdentifier(trigger.name)} ON ${name}`, [table, "ACCESS EXCLUSIVE"]),
    ),
    ...inherit("NO INHERIT", name),
    step(`ALTER TABLE ${name} RENAME TO ${quoteIdentifier(old.name)}`, [table, "ACCESS EXCLUSIVE"]),
    step(
      `CREATE TABLE ${name} (LIKE ${oldName} INCLUDING ALL${without})\n  PARTITION BY ${key.strategy.toUpperCase()} (${key.text})`,
    ),
    ...(owner === null ? [] : [step(`ALTER TABLE ${name} OWNER TO ${quoteIdentifier(owner)}`)]),
    ...dropUnchecked(fresh, uncheckedRows(table), context),
    ...addUnchecked(fresh, uncheckedRows(table), context),
    ...identity.flatMap((column) => [
      step(`SELECT setval(${sequenceOf(name, column.name)}, nextval(${sequenceOf(oldName, column.name)}), false)`),
      step(`ALTER TABLE ${oldName} ALTER COLUMN ${quoteIdentifier(column.name)} DROP IDENTITY`, [
        old,
        "ACCESS EXCLUSIVE",
      ]),
    ]),
    ...strays,
    ...bounds.map(({ part, bound }) =>
      step(`ALTER TABLE ${name} ATTACH PARTITION ${writeName(catalog, part)}\n  ${bound}`, [part, "ACCESS EXCLUSIVE"]),
    ),
    ...moved,
    step(`ALTER TABLE ${name} ATTACH PARTITION ${oldName} DEFAULT`, [old, "ACCESS EXCLUSIVE"]),
    ...keys.add.map((each) => ({ ...each, locks: [...each.locks, lock(old, "SHARE ROW EXCLUSIVE")] })),
  ];
  const undo: readonly ScriptStep[] | null =
    identity.length > 0 || routing.length > 0 || letGo.length > 0
      ? null
      : [
          step(`LOCK TABLE ${name} IN ACCESS EXCLUSIVE MODE`),
          ...keys.drop,
          step(`ALTER TABLE ${name} DETACH PARTITION ${oldName}`),
          ...children.map((part) => step(`ALTER TABLE ${name} DETACH PARTITION ${writeName(catalog, part)}`)),
          step(`DROP TABLE ${name}`),
          step(`ALTER TABLE ${oldName} RENAME TO ${quoteIdentifier(table.name)}`),
          ...inherit("INHERIT", name),
          ...keys.add,
        ];
  const referring = referencesTo(table, catalog).map((relation) => writeName(catalog, relation));
  return {
    ok: true,
    value: assembleScript(
      {
        title,
        comment: [
          `${title}. The table as it is becomes the default partition ${oldName}; ${children.length > 0 ? `rows of it that belong to a child go there.` : "no row is copied."}`,
          `${name} is locked (ACCESS EXCLUSIVE) up to COMMIT${children.length > 0 ? ", while children without NOT NULL on the key are searched once" : ", which is soon"}.`,
          undo === null
            ? "There is no undo by script: what identity, trigger or extension was there does not come back by itself."
            : `Undo: detach, drop the empty table, and give the old one its name back${children.length > 0 ? "; indexes and keys that ATTACH has given to the children stay with them" : ""}.`,
        ],
        steps: forward,
        notes: [
          `Then move the rows that are in ${oldName} to partitions of their own: move-rows with create.`,
          identityNote(name, oldName),
          ...(withoutIndexes
            ? [
                `Unique constraints that lack the key stay on the single partitions: across all of them nothing checks them any more.`,
              ]
            : []),
          ...(routing.length > 0
            ? [
                `PostgreSQL routes the rows now: the trigger ${routing.map((trigger) => trigger.name).join(", ")} is dropped.`,
              ]
            : []),
          ...(table.triggers.length > routing.length
            ? [`Triggers stay on ${oldName} alone: create them on ${name} again.`]
            : []),
          ...(referring.length > 0
            ? [`Foreign keys of ${referring.join(", ")} are checked anew, which reads those tables.`]
            : []),
          `Privileges, policies, publications and comments of ${name} stay with ${oldName}: give them to the new table.`,
        ],
        undo,
      },
      context.inTransaction,
    ),
  };
}

function placeholder(table: Relation, { catalog }: WriterContext): Division {
  const key: Division["key"] = { strategy: "range", elements: [] };
  return {
    table,
    scheme: "declarative",
    key,
    parts: [],
    defaultPart: null,
    condition: { key, settings: catalog.settings, table: writeName(catalog, table) },
  };
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
  const columns = key.split(",").map((column) => column.trim().replace(/^"(.*)"$/s, "$1"));
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
  return text.split(", ").map((column) => column.replace(/^"(.*)"$/s, "$1").replaceAll('""', '"'));
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
