/** Questions for values: where ranges begin and end, how wide they are, bounds, numbers, names. */

import { coverageOf, gapsOf } from "../../catalog/coverage.ts";
import { layoutOf } from "../../catalog/layout.ts";
import { freshName } from "../../catalog/partition-names.ts";
import type { RangeDatum } from "../../catalog/partitioning.ts";
import type { Relation } from "../../catalog/relation.ts";
import { advance, type Step } from "../../catalog/series.ts";
import { shortRange, shortRemainder } from "../../catalog/short-bound.ts";
import type { Division } from "../../ddl/division.ts";
import { writingScheme } from "../../ddl/generate.ts";
import { readPoint, readStep } from "../../ddl/key-value.ts";
import { countsDays, edgeOf, usualStep } from "../../ddl/operations/extend.ts";
import { intervalText } from "../../ddl/operations/move-rows.ts";
import { calendarOf } from "../../ddl/writer.ts";
import { fullName, quotedPointText, shortName } from "../spelling.ts";
import { type Asked, attempt, type Choice, isFit, pick, type Spec, text } from "./answers.ts";
import { spelled } from "./part-questions.ts";
import { madeBy } from "./preview.ts";

/** More tables, gaps or columns are not listed. */
export const mostListed = 500;

/** How many; `value` is what is proposed. */
export function number(argument: string, prompt: string, value: (asked: Asked) => string): Spec {
  return { argument, ask: (asked) => text(argument, prompt, value(asked)) };
}

/** The name of what comes to be, where it is one table and may be called otherwise: proposed in the manner of its siblings. */
export const name: Spec = {
  argument: "name",
  ask: ({ answers, context, table }) => {
    const script = attempt(answers, context);
    if (!script.ok) return null;
    const made = madeBy(script.value, table, context);
    const [only] = made ?? [];
    if (only === undefined || made?.length !== 1) return null;
    const other = freshName(context.catalog, only.schema, "another_name", new Set());
    const renamed = attempt({ ...answers, name: other }, context);
    if (!renamed.ok || renamed.value.sql === script.value.sql) return null;
    return text("name", "The name of the new partition", only.name);
  },
};

/** Which gap; or all of them. */
export const gap: Spec = {
  argument: "from",
  ask: ({ table, context }) => {
    const layout = layoutOf(table);
    if (layout === null || layout.key.strategy !== "range") return null;
    const { key, partitions } = layout;
    const { settings } = context.catalog;
    const inner = gapsOf(key, partitions).filter(({ below, above }) => below !== null && above !== null);
    const free = inner.filter((each) => !context.refused.holds(table, each));
    const each = free.slice(0, mostListed).map(({ lower, upper }): Choice => {
      const from = quotedPointText(lower, key, settings);
      return { label: shortRange(lower, upper, key, settings), description: "", answers: { from } };
    });
    const all = { label: `All ${inner.length} gaps`, description: "", answers: { from: null } };
    return pick(
      "from",
      "Which gap is filled",
      inner.length > 1 && free.length === inner.length ? [all, ...each] : each,
    );
  },
};

/** Where the first range begins. */
export const start: Spec = {
  argument: "start",
  ask: (asked) => {
    const { answers, division } = asked;
    if (division === null || division.key.strategy !== "range") return null;
    if (asked.operation === "move-rows" && answers["way"] !== "ranges") return null;
    return text("start", "Where the first range begins", nextPoint(asked, division));
  },
};

export const interval: Spec = {
  argument: "interval",
  ask: (asked) => {
    const { answers, division, context } = asked;
    if (division === null || division.key.strategy !== "range") return null;
    if (asked.operation === "move-rows" && answers["way"] !== "ranges") return null;
    const usual = intervalText(usualStep(division, context));
    return text(
      "interval",
      "How wide each range is: 7 days, 1 month, 1000",
      usual ?? (countsDays(division) ? "1 month" : "1000"),
    );
  },
};

export const end: Spec = {
  argument: "end",
  ask: (asked) => {
    const { answers, division } = asked;
    if (division === null || division.key.strategy !== "range") return null;
    if (asked.operation === "move-rows" && answers["way"] !== "ranges") return null;
    return text("end", "Where the last range ends", after(answers["start"], answers["interval"], 12, asked, division));
  },
};

/** Where a series goes on: behind the last range, else with the month, or with 0. */
function nextPoint({ context }: Asked, division: Division): string {
  const edge = edgeOf(division, context, "append");
  const [datum] = "message" in edge ? [] : edge.point;
  if (datum?.kind === "value") return spelled(datum, division, context);
  return countsDays(division) ? `${context.today.slice(0, 7)}-01` : "0";
}

/** So many steps behind a point; empty where nobody can tell. */
function after(from: unknown, by: unknown, times: number, { context, table }: Asked, division: Division): string {
  if (typeof from !== "string") return "";
  const point = readPoint(from, division.key, "start", context);
  const [datum] = "message" in point ? [] : point;
  const step = typeof by === "string" ? readStep(by, division.key, "interval", context) : usualStep(division, context);
  if (datum?.kind !== "value" || step === null || "message" in step) return "";
  return behind(datum, step, times, table, division, context);
}

function behind(
  { value }: Extract<RangeDatum, { kind: "value" }>,
  step: Step,
  times: number,
  table: Relation,
  division: Division,
  context: Asked["context"],
): string {
  const moved = advance(value, step, times, calendarOf(table, context.catalog));
  return moved === null ? "" : spelled({ kind: "value", value: moved }, division, context);
}

/** The bound of a table that becomes a partition. */
export const lowerBound: Spec = {
  argument: "from",
  ask: (asked) => {
    const { division } = asked;
    if (division?.key.strategy !== "range") return null;
    return text("from", "The lower bound; MINVALUE is an open end", nextPoint(asked, division));
  },
};

export const upperBound: Spec = {
  argument: "to",
  ask: (asked) => {
    const { division, answers } = asked;
    if (division?.key.strategy !== "range") return null;
    const value = after(answers["from"], null, 1, asked, division);
    return text("to", "The upper bound, exclusive; MAXVALUE is an open end", value);
  },
};

export const listValues: Spec = {
  argument: "values",
  ask: ({ division, operation, answers }) =>
    division?.key.strategy !== "list" || (operation === "move-rows" && answers["way"] === "children")
      ? null
      : text("values", "The values of the partition, with commas between them", ""),
};

export const remainder: Spec = {
  argument: "remainder",
  fills: ["modulus"],
  ask: ({ division, table }) => {
    if (division?.key.strategy !== "hash") return null;
    const missing = coverageOf(table)?.missingRemainders ?? [];
    const choices = missing
      .slice(0, mostListed)
      .map((each): Choice => ({ label: shortRemainder(each), description: "", answers: { ...each } }));
    return pick("remainder", "The rows that it takes", choices);
  },
};

/** The table that becomes a partition: those with the same columns that are none yet. */
export const tableToAttach: Spec = {
  argument: "partition",
  ask: ({ table, context }) => {
    const { catalog } = context;
    const columnsOf = ({ columns }: Relation): string =>
      columns
        .map((column) => column.name)
        .toSorted()
        .join("\n");
    const wanted = columnsOf(table);
    const choices: Choice[] = [];
    for (const relation of catalog.relations.values()) {
      if (choices.length >= mostListed) break;
      const isTable = ["table", "partitioned-table", "foreign-table"].includes(relation.kind);
      if (!isTable || relation.id === table.id || relation.partitionOf !== null || relation.inherits.length > 0)
        continue;
      if (relation.children.size > 0 || columnsOf(relation) !== wanted) continue;
      choices.push({ label: shortName(relation), description: "", answers: { partition: fullName(relation) } });
    }
    return pick("partition", `Which table becomes a partition of ${shortName(table)}`, choices);
  },
};

export const server: Spec = {
  argument: "server",
  ask: ({ context }) => {
    const prompt = "The foreign server that has the rows";
    const known = [...context.catalog.shared.keys()].filter((each) => each.startsWith("server ")).slice(0, mostListed);
    const choices = known.map((each): Choice => {
      const called = each.slice("server ".length);
      return { label: called, description: "", answers: { server: called } };
    });
    return choices.length > 0 ? pick("server", prompt, choices) : text("server", prompt, "");
  },
};

export const keep: Spec = {
  argument: "keep",
  ask: ({ division, table, answers, context, oneIsEnough }) => {
    const ranges = division?.parts.filter(({ bound }) => bound.kind === "range") ?? [];
    const half = String(Math.max(1, Math.floor(ranges.length / 2)));
    const proposals =
      division !== null && countsDays(division) ? ["12 months", "6 months", "3 months", "1 month", half] : [half];
    const fits = (each: string): boolean => attempt({ ...answers, keep: each }, context).ok;
    // An extension takes no number of partitions.
    const isManaged = ["partman", "citus"].includes(writingScheme(context.catalog, table));
    if (oneIsEnough) return text("keep", "", isManaged ? (proposals[0] ?? half) : half);
    const value = proposals.find(fits) ?? proposals[0] ?? half;
    return text("keep", "How much stays: 12 months, 30 days, or a number of partitions", value);
  },
};

export const action: Spec = {
  argument: "action",
  ask: ({ answers, context }) => {
    const choices: readonly Choice[] = [
      { label: "Detach", description: "they stay as tables of their own", answers: { action: "detach" } },
      { label: "Archive", description: "they go to another schema", answers: { action: "archive" } },
      { label: "Drop", description: "their rows are gone", answers: { action: "drop" } },
    ];
    const fit = choices.filter((choice) => isFit({ ...answers, ...choice.answers }, context, ["action"]));
    return pick("action", "What becomes of the partitions that are older", fit);
  },
};

export const archive: Spec = {
  argument: "name",
  ask: ({ answers }) => (answers["action"] === "archive" ? text("name", "The schema of the archive", "archive") : null),
};

/** Which rows move: to the partitions that a series makes, to ranges of one's own, to the children that there are. */
export const rowsToMove: Spec = {
  argument: "way",
  fills: ["create", "start", "interval", "end", "values"],
  ask: ({ answers, context, division, table }) => {
    if (division === null) return null;
    const tried = (given: Choice["answers"]): boolean => attempt({ ...answers, ...given }, context).ok;
    const isList = division.key.strategy === "list";
    const choices: readonly Choice[] =
      division.scheme === "inheritance"
        ? [
            { label: "To the children that there are", description: "", answers: { way: "children" } },
            {
              label: "To these, and to new ones for the gaps and up to today",
              description: "",
              answers: { way: "create", create: true },
            },
          ].filter(({ answers: given }) => tried(given))
        : isList
          ? []
          : [
              ...[
                {
                  label: "To new partitions for the gaps and up to today",
                  description: `of the widths of ${shortName(table)}`,
                  answers: { way: "create", create: true },
                },
              ].filter(({ answers: given }) => tried(given)),
              { label: "To ranges of your choice…", description: "", answers: { way: "ranges", create: true } },
            ];
    return isList ? null : pick("way", "Where the rows go", choices);
  },
};

/** How many hash partitions are proposed: twice as many as there are. */
export function moduli(division: Division | null): string {
  const count = division?.parts.length ?? 0;
  return String(count === 0 ? 8 : count * 2);
}
