/** Triggers by which a row whose key changes goes to the child that takes it, where PostgreSQL does not see to it itself. */

import type { Bound, PartitionKey } from "../../catalog/partitioning.ts";
import type { Relation } from "../../catalog/relation.ts";
import { columnNamed } from "../../effects/relations/constraint-shape.ts";
import { quoteBody } from "../../syntax/literals.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import { besides, primaryKeyOf, qualified } from "../ahead-names.ts";
import { conditionOf } from "../condition.ts";
import { rowColumns } from "../declarative/carry-over.ts";
import { divisionOf, type KnownPart } from "../division.ts";
import { step } from "../part-steps.ts";
import { assembleScript } from "../print.ts";
import { actingKey } from "../row-losses.ts";
import { failed, problem, type Writer, type WriterContext, writeName } from "../writer.ts";

/**
 * A BEFORE UPDATE trigger on each child whose CHECK the new row fails: it deletes the row, and inserts it into the table, where rows
 * are routed. Until PostgreSQL 11 the partitions of a partitioned table have need of them too.
 */
export const writeUpdateTriggers: Writer = (_request, table, context) => {
  const { catalog, version } = context;
  const name = writeName(catalog, table);
  const division = divisionOf(table, context);
  if ("message" in division) return failed(division);
  const isDeclarative = division.scheme === "declarative";
  if (isDeclarative && version >= 11)
    return problem(
      `PostgreSQL moves rows of ${name} itself when their key changes (from 11 on): no trigger is needed`,
      "operation",
    );
  if (division.key.elements.some(({ column }) => column === null))
    return problem(
      `the key of ${name} is an expression, which a trigger's condition cannot hold against a new row`,
      "table",
    );
  const parts = division.parts.filter(({ bound }) => bound.kind !== "unknown");
  if (parts.length === 0) return problem(`${name} has no children whose bounds are known`, "table");
  const unkeyed = parts.find(({ relation }) => primaryKeyOf(relation) === null);
  if (unkeyed !== undefined)
    return problem(
      `${writeName(catalog, unkeyed)} has no primary key, by which its trigger would find the row that goes: add one first`,
      "table",
    );
  const losing = parts.flatMap((part) => lossOf(part, table, context) ?? [])[0];
  if (losing !== undefined) return problem(losing, "table");
  const called = { schema: table.schema, name: besides(table.name, "moves") };
  if (catalog.functions.has(called.name))
    return problem(
      `there is a function ${called.name} already: drop it first, if it is an older one of this kind`,
      "table",
    );
  const taken = parts.find(({ relation }) => relation.triggers.some((trigger) => trigger.name === called.name));
  if (taken !== undefined) return problem(`${writeName(catalog, taken)} has a trigger ${called.name} already`, "table");
  const [calls, trigger] = [writeName(catalog, called), quoteIdentifier(called.name)];
  const columns = rowColumns(table);
  if (columns === "*") return problem(`the columns of ${name} are not all known here`, "table");
  const list = table.columns
    .filter(({ generated }) => generated === null)
    .map((column) => quoteIdentifier(column.name));
  const override = table.columns.some(({ identity }) => identity === "always") ? " OVERRIDING SYSTEM VALUE" : "";
  const keys = [...new Map(parts.map((part) => [keyOf(part).join(), keyOf(part)])).values()];
  const deletes = keys.map((key, index) => {
    const [row, old] = [key.join(", "), key.map((column) => `($1).${column}`).join(", ")];
    const [of] = key.length === 1 ? [`${row} = ${old}`] : [`(${row}) = (${old})`];
    const text = `EXECUTE format('DELETE FROM ONLY %s WHERE ${of.replaceAll("%", "%%").replaceAll("'", "''")}', TG_RELID::regclass) USING OLD;`;
    return keys.length === 1
      ? [`  ${text}`]
      : [`  ${index === 0 ? "IF" : "ELSIF"} TG_ARGV[0] = '${index}' THEN`, `    ${text}`];
  });
  // Names with their schema: a session's temporary table of that name would come first on any search_path.
  const body = [
    "DECLARE",
    "  gone bigint;",
    "BEGIN",
    ...deletes.flat(),
    ...(keys.length === 1 ? [] : ["  END IF;"]),
    // A trigger, a rule or a policy may keep the row where it is: inserted all the same, there would be two.
    "  GET DIAGNOSTICS gone = ROW_COUNT;",
    "  IF gone <> 1 THEN",
    "    RAISE EXCEPTION 'a row of % cannot move: DELETE takes % rows instead of it', TG_RELID::regclass, gone USING ERRCODE = '27000';",
    "  END IF;",
    `  INSERT INTO ${qualified(table)} (${list.join(", ")})${override} VALUES (${list.map((column) => `NEW.${column}`).join(", ")});`,
    "  RETURN NULL;",
    "END",
  ].join("\n");
  const execute = version >= 11 ? "FUNCTION" : "PROCEDURE";
  const title = `Move rows of ${name} whose key changes`;
  const condition = { ...division.condition, key: ofNewRow(division.key) };
  const withBound = parts.flatMap((part) => {
    const within =
      isDeclarative && part.bound.kind === "range"
        ? notNullToo(part.bound, condition)
        : conditionOf(part.bound, condition);
    return within === null ? [] : [{ part, within }];
  });
  return {
    ok: true,
    value: assembleScript(
      {
        title,
        comment: [
          `${title}: a trigger on each ${isDeclarative ? "partition" : "child"} takes the row out, and inserts it into ${name}.`,
          "Writers of each of them wait while its trigger is made (SHARE ROW EXCLUSIVE, up to COMMIT).",
          "Undo: drop the triggers and their function.",
        ],
        steps: [
          step(
            `CREATE FUNCTION ${calls}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS ${quoteBody(body)}`,
          ),
          ...withBound.map(({ part, within }) =>
            step(
              `CREATE TRIGGER ${trigger} BEFORE UPDATE ON ${writeName(catalog, part)}\n  FOR EACH ROW WHEN ((${within}) IS FALSE) EXECUTE ${execute} ${calls}(${keys.length === 1 ? "" : `'${keys.findIndex((key) => key.join() === keyOf(part).join())}'`})`,
              [part, "SHARE ROW EXCLUSIVE"],
            ),
          ),
        ],
        notes: [
          "An UPDATE does not count or return (RETURNING) the rows that move; triggers for DELETE and INSERT fire for them, and foreign keys that refer to the child see a DELETE; where a trigger, rule or policy keeps the row from being deleted, the UPDATE fails. Whoever changes a key needs the privileges for both.",
          ...(isDeclarative || division.table.triggers.some(({ row, events }) => row && events.includes("insert"))
            ? []
            : [
                `Nothing routes rows that are inserted into ${name}: those that move stay in ${name} itself until move-rows takes them to a child.`,
              ]),
          "Children that are made later have no such trigger: run this again for them, once the triggers are dropped.",
          ...(withBound.length < parts.length
            ? [
                `${parts.length - withBound.length} of the children have bounds that no condition says: they get no trigger.`,
              ]
            : []),
        ],
        undo: [
          ...withBound.map(({ part }) =>
            step(`DROP TRIGGER ${trigger} ON ${writeName(catalog, part)}`, [part, "ACCESS EXCLUSIVE"]),
          ),
          step(`DROP FUNCTION ${calls}()`),
        ],
      },
      context.inTransaction,
    ),
  };
};

/** What a row would lose, or others with it, if it were deleted from a child and inserted into the table; null where nothing is known. */
function lossOf({ relation }: KnownPart, table: Relation, context: WriterContext): string | null {
  const { catalog } = context;
  const [child, name] = [writeName(catalog, relation), writeName(catalog, table)];
  const own = relation.columns.find((column) => columnNamed(table, column.name) === null);
  if (own !== undefined)
    return `${child} has the column ${quoteIdentifier(own.name)}, which ${name} has not: rows that move would lose it, so add it to ${name}, or drop it`;
  return actingKey(relation, context);
}

/** The columns that tell its rows apart, as SQL has them. */
function keyOf({ relation }: KnownPart): readonly string[] {
  return (primaryKeyOf(relation) ?? []).map(quoteIdentifier);
}

/** The key with its columns as those of the new row. */
function ofNewRow(key: PartitionKey): PartitionKey {
  return {
    ...key,
    elements: key.elements.map((element) =>
      element.column === null
        ? element
        : { ...element, column: null, text: `(NEW.${quoteIdentifier(element.column)})` },
    ),
  };
}

/** A range of PostgreSQL's own takes no NULL. */
function notNullToo(bound: Bound, context: Parameters<typeof conditionOf>[1]): string | null {
  const within = conditionOf(bound, context);
  if (within === null) return null;
  return [...context.key.elements.map(({ text }) => `${text} IS NOT NULL`), within].join(" AND ");
}
