/** Operations on distributed tables: the calls of Citus for partitions by time, and what takes a table from its shards. */

import { partsOf } from "../../catalog/layout.ts";
import { advance } from "../../catalog/series.ts";
import { spellDatum } from "../../catalog/written-bound.ts";
import { quoteLiteral } from "../../syntax/literals.ts";
import { divisionOf } from "../division.ts";
import { readStep } from "../key-value.ts";
import { edgeOf } from "../operations/extend.ts";
import { writeDetach, writeDrop } from "../operations/leave.ts";
import { calendarOf, failed, problem, type Writer, writeName } from "../writer.ts";
import { callScript } from "./call-script.ts";

/** Partitions up to the end of the next `count` ranges, each distributed like the table. */
const append: Writer = (request, table, context) => {
  const { catalog } = context;
  const division = divisionOf(table, context);
  if ("message" in division) return failed(division);
  const edge = edgeOf(division, context, "append");
  if ("message" in edge) return failed(edge);
  const [point] = edge.point;
  const name = writeName(catalog, table);
  const end =
    point?.kind === "value" ? advance(point.value, edge.step, request.count, calendarOf(table, catalog)) : null;
  const interval = edge.step.kind === "number" ? null : intervalOf(edge.step);
  if (point?.kind !== "value" || end === null || interval === null)
    return problem(
      `${name} is not partitioned by time: create its partitions by hand, Citus distributes them`,
      "table",
    );
  const [from, to] = [point.value, end].map((value) =>
    spellDatum({ kind: "value", value }, 0, division.key, catalog.settings),
  );
  return callScript(
    {
      title: `Append the next ${request.count === 1 ? "partition" : `${request.count} partitions`} of ${name}`,
      comment: [
        "Citus makes and distributes the partitions, by names of its own pattern.",
        "Undo: drop what was made.",
      ],
      calls: [
        `SELECT create_time_partitions(table_name := ${quoteLiteral(name)}, partition_interval := '${interval}', end_at := ${to}, start_from := ${from})`,
      ],
      undo: null,
    },
    context,
  );
};

function intervalOf(
  step: { readonly kind: "months"; readonly months: number } | { readonly kind: "span"; readonly micros: bigint },
): string {
  if (step.kind === "months") return step.months === 1 ? "1 month" : `${step.months} months`;
  const seconds = step.micros / 1_000_000n;
  return seconds % 86_400n === 0n ? `${seconds / 86_400n} days` : `${seconds} seconds`;
}

const retention: Writer = (request, table, context) => {
  const { catalog } = context;
  const division = divisionOf(table, context);
  if ("message" in division) return failed(division);
  if (request.keep === null) return problem('"keep" must say how much stays: an interval', "keep");
  const step = readStep(request.keep, division.key, "keep", context);
  if ("message" in step) return failed(step);
  if ((request.action ?? "drop") !== "drop")
    return problem("Citus only drops old partitions: detach each of them instead", "action");
  const name = writeName(catalog, table);
  return callScript(
    {
      title: `Drop the partitions of ${name} older than ${request.keep}`,
      comment: ["Citus drops them on all nodes.", "There is no undo: the rows are gone."],
      calls: [`CALL drop_old_time_partitions(${quoteLiteral(name)}, now() - interval ${quoteLiteral(request.keep)})`],
      undo: null,
    },
    context,
  );
};

/** `plain`: a table of the coordinator alone again. */
export const undistribute: Writer = (request, table, context) => {
  const name = writeName(context.catalog, table);
  if (request.to !== "plain") return problem('"to" must be plain: the table is distributed already', "to");
  const { column, kind } = table.shards ?? { column: null, kind: null };
  const parts = partsOf(context.catalog, table).length;
  return callScript(
    {
      title: `Take ${name} back from its shards`,
      comment: [
        `All rows come to the coordinator${parts > 0 ? `, with the ${parts} partitions` : ""}; ${name} is locked (ACCESS EXCLUSIVE) meanwhile.`,
        "Undo: distribute it anew.",
      ],
      calls: [`SELECT undistribute_table(${quoteLiteral(name)})`],
      undo:
        kind === "reference"
          ? [`SELECT create_reference_table(${quoteLiteral(name)})`]
          : column === null || column === undefined
            ? null
            : [`SELECT create_distributed_table(${quoteLiteral(name)}, ${quoteLiteral(column)})`],
    },
    context,
  );
};

export const citusWriters = {
  append,
  retention,
  disable: ((request, table, context) => undistribute({ ...request, to: "plain" }, table, context)) satisfies Writer,
  convert: undistribute,
  detach: writeDetach,
  drop: writeDrop,
};
