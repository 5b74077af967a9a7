/** Operations on tables of pg_partman 4 and 5: its configuration and its own calls, so that it goes on with what was made. */

import { isPartitioned } from "../../catalog/layout.ts";
import { managerOf } from "../../catalog/managers.ts";
import type { Relation } from "../../catalog/relation.ts";
import { quoteLiteral } from "../../syntax/literals.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import { divisionOf } from "../division.ts";
import { readStep } from "../key-value.ts";
import { writeDetach, writeDrop } from "../operations/leave.ts";
import { fullName, problem, type Writer, type WriterContext, writeName } from "../writer.ts";
import { callScript } from "./call-script.ts";

/** What pg_partman is called by, and how it calls the table. */
interface Managed {
  readonly schema: string;
  readonly parent: string;
  /** Its settings for the table. */
  readonly row: ReadonlyMap<string, unknown>;
  readonly premake: number;
}

function managedBy(table: Relation, { catalog }: WriterContext): Managed {
  const manager = managerOf(catalog, table);
  const premake = manager?.row.get("premake");
  return {
    schema: quoteIdentifier(catalog.extensions.get("pg_partman")?.schema ?? "partman"),
    parent: quoteLiteral(fullName(table)),
    row: manager?.row ?? new Map(),
    premake: premake?.family === "integer" ? Number(premake.value) : 4,
  };
}

/** One more partition ahead than pg_partman keeps now. */
const append: Writer = (request, table, context) => {
  const { schema, parent, premake } = managedBy(table, context);
  const name = writeName(context.catalog, table);
  const set = (number: number): string =>
    `UPDATE ${schema}.part_config SET premake = ${number} WHERE parent_table = ${parent}`;
  return callScript(
    {
      title: `Let pg_partman keep ${premake + request.count} partitions of ${name} ahead`,
      comment: [
        `pg_partman makes partitions ahead of the newest row: with premake ${premake + request.count} instead of ${premake} its maintenance makes the next ones, and goes on so.`,
        `Undo: premake back to ${premake}; partitions that were made stay.`,
      ],
      calls: [set(premake + request.count), `SELECT ${schema}.run_maintenance(${parent})`],
      undo: [set(premake)],
    },
    context,
  );
};

const fill: Writer = (_request, table, context) => {
  const { schema, parent } = managedBy(table, context);
  return callScript(
    {
      title: `Fill the gaps of ${writeName(context.catalog, table)}`,
      comment: ["pg_partman makes the partitions that its interval leaves out.", "Undo: drop what was made."],
      calls: [`SELECT ${schema}.partition_gap_fill(${parent})`],
      undo: null,
    },
    context,
  );
};

const moveRows: Writer = (_request, table, context) => {
  const { schema, parent } = managedBy(table, context);
  const name = writeName(context.catalog, table);
  if (context.inTransaction)
    return problem(
      "partition_data_proc commits after each batch, and this script stands inside of a transaction",
      "style",
    );
  return callScript(
    {
      title: `Move the rows of ${name} that have no partition to partitions of their own`,
      comment: [
        "pg_partman makes the partitions that the rows of the default (or the parent) need, and commits after each of its intervals; called again it goes on where it stopped.",
        "Undo: none; the rows are where they belong.",
      ],
      calls: [`CALL ${schema}.partition_data_proc(${parent})`, `ANALYZE ${name}`],
      undo: null,
      commits: true,
    },
    context,
  );
};

const retention: Writer = (request, table, context) => {
  const { schema, parent } = managedBy(table, context);
  if (request.keep === null) return problem('"keep" must say how much stays: an interval', "keep");
  const division = divisionOf(table, context);
  const step = "message" in division ? division : readStep(request.keep, division.key, "keep", context);
  if ("message" in step) return problem(step.message, "keep");
  const action = request.action ?? "detach";
  const settings = [
    `retention = ${quoteLiteral(request.keep)}`,
    `retention_keep_table = ${action !== "drop"}`,
    // A schema that is set comes before whether the table is kept.
    `retention_schema = ${action === "archive" ? quoteLiteral(request.name ?? "archive") : "NULL"}`,
  ];
  const name = writeName(context.catalog, table);
  return callScript(
    {
      title: `Let pg_partman keep ${request.keep} of ${name}`,
      comment: [
        `Its maintenance then ${{ detach: "detaches", drop: "drops", archive: "moves away" }[action]} partitions that are older, now and from then on.`,
        "Undo: retention = NULL ends it; what has left stays where it is.",
      ],
      calls: [
        `UPDATE ${schema}.part_config SET ${settings.join(", ")} WHERE parent_table = ${parent}`,
        `SELECT ${schema}.run_maintenance(${parent})`,
      ],
      undo: [`UPDATE ${schema}.part_config SET retention = NULL WHERE parent_table = ${parent}`],
    },
    context,
  );
};

const disable: Writer = (_request, table, context) => {
  const { schema, parent } = managedBy(table, context);
  const set = (value: string): string =>
    `UPDATE ${schema}.part_config SET automatic_maintenance = '${value}' WHERE parent_table = ${parent}`;
  return callScript(
    {
      title: `Stop pg_partman's maintenance of ${writeName(context.catalog, table)}`,
      comment: [
        "run_maintenance() leaves the table alone; called with its name it still works.",
        "Undo: automatic_maintenance = 'on'.",
      ],
      calls: [set("off")],
      undo: [set("on")],
    },
    context,
  );
};

/** pg_partman lets go of the table, which stays as it is. */
export const forgetPartman: Writer = (request, table, context) => {
  const { schema, parent } = managedBy(table, context);
  if (request.to !== "declarative")
    return problem('"to" must be declarative: pg_partman manages the table already', "to");
  if (!isPartitioned(table))
    return problem(
      "pg_partman divides this table by inheritance: disable it, drop its trigger, and convert what is left",
      "table",
    );
  return callScript(
    {
      title: `Take ${writeName(context.catalog, table)} out of pg_partman's hands`,
      comment: [
        "The table is partitioned by PostgreSQL itself; only what pg_partman keeps of it goes.",
        "Undo: create_parent anew.",
      ],
      calls: [`DELETE FROM ${schema}.part_config WHERE parent_table = ${parent}`],
      undo: null,
    },
    context,
  );
};

export const partmanWriters = {
  append,
  fill,
  "move-rows": moveRows,
  retention,
  disable,
  detach: writeDetach,
  drop: writeDrop,
  convert: forgetPartman,
};
