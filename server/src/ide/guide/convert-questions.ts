/** Questions for convert: what the table becomes, by which column, and which partitions a copy of a plain one gets. */

import { hasParts } from "../../catalog/layout.ts";
import { baseType } from "../../catalog/values/types.ts";
import { usualStep } from "../../ddl/operations/extend.ts";
import { intervalText } from "../../ddl/operations/move-rows.ts";
import { shortName } from "../spelling.ts";
import {
  type Answers,
  type Asked,
  attempt,
  type Choice,
  type GuideContext,
  isFit,
  pick,
  type Spec,
  text,
} from "./answers.ts";
import { moduli, mostListed } from "./value-questions.ts";

/** What the table is to become. */
export const target: Spec = {
  argument: "to",
  ask: ({ answers, context }) => {
    const has = (extension: string): boolean => context.catalog.extensions.has(extension);
    const choices: readonly Choice[] = [
      { label: "Partitioned by PostgreSQL", description: "declarative", answers: { to: "declarative" } },
      ...(has("pg_partman") ? [{ label: "Kept by pg_partman", description: "", answers: { to: "partman" } }] : []),
      ...(has("citus") ? [{ label: "Distributed by Citus", description: "", answers: { to: "citus" } }] : []),
      { label: "A plain table", description: "", answers: { to: "plain" } },
    ];
    const fit = choices.filter((choice) => isFit({ ...answers, ...choice.answers }, context, ["to", "table"]));
    return pick("to", "What the table becomes", fit);
  },
};

export const keyColumn: Spec = {
  argument: "key",
  ask: ({ answers, context, table }) => {
    const result = attempt(answers, context);
    if (result.ok || result.problem.argument !== "key") return null;
    const choices = table.columns
      .slice(0, mostListed)
      .map((column): Choice => ({ label: column.name, description: "", answers: { key: column.name } }))
      .filter((choice) => isFit({ ...answers, ...choice.answers }, context, ["key", "table"]));
    return pick("key", "The column that divides the rows", choices);
  },
};

export const strategy: Spec = {
  argument: "strategy",
  ask: ({ answers, context }) => {
    if (answers["to"] !== "declarative" || answers["key"] === undefined) return null;
    const choices: readonly Choice[] = [
      { label: "By range", description: "dates, numbers", answers: { strategy: "range" } },
      { label: "By list", description: "regions, states", answers: { strategy: "list" } },
      { label: "By hash", description: "evenly", answers: { strategy: "hash" } },
    ];
    const fit = choices.filter(
      (choice) =>
        attempt({ ...answers, ...choice.answers }, context).ok || canCopy({ ...answers, ...choice.answers }, context),
    );
    return pick("strategy", "How the rows are divided", fit);
  },
};

/** Whether copying is refused for nothing but what is still to be said of its partitions. */
function canCopy(answers: Answers, context: GuideContext): boolean {
  const result = attempt({ ...answers, way: "copy" }, context);
  return result.ok || ["start", "interval", "values", "modulus"].includes(result.problem.argument ?? "");
}

/** How the rows of a plain table come to partitions. */
export const conversion: Spec = {
  argument: "way",
  ask: ({ answers, context, table }) => {
    if (answers["to"] !== "declarative" || hasParts(table)) return null;
    const choices: readonly Choice[] = [
      {
        label: "The table becomes the default partition",
        description: "no row is copied: move-rows gives them partitions later",
        answers: { way: "attach" },
      },
      {
        label: "Its rows are copied to partitions",
        description: "while others read and write, and a short switch changes places",
        answers: { way: "copy" },
      },
    ];
    const fit = choices.filter((choice) =>
      choice.answers["way"] === "copy" ? canCopy(answers, context) : attempt(answers, context).ok,
    );
    return pick("way", `How ${shortName(table)} gets its partitions`, fit);
  },
};

/** Of which type the column is that a plain table is to be divided by, where a copy of this strategy is chosen; else null. */
function copiedBy(strategy: string, { answers, table, operation }: Asked): "days" | "other" | null {
  if (operation !== "convert" || answers["way"] !== "copy" || (answers["strategy"] ?? "range") !== strategy)
    return null;
  const column = table.columns.find(({ name }) => name === answers["key"]);
  const base = column === undefined ? null : baseType(column.type);
  return base?.kind === "base" && ["date", "timestamp", "timestamptz"].includes(base.name) ? "days" : "other";
}

export const copyStart: Spec = {
  argument: "start",
  ask: (asked) => {
    const kind = copiedBy("range", asked);
    if (kind === null) return null;
    return text(
      "start",
      "Where the first range begins",
      kind === "days" ? `${asked.context.today.slice(0, 4)}-01-01` : "0",
    );
  },
};

export const copyInterval: Spec = {
  argument: "interval",
  ask: (asked) => {
    const kind = copiedBy("range", asked);
    if (kind === null) return null;
    return text("interval", "How wide each range is: 7 days, 1 month, 1000", kind === "days" ? "1 month" : "1000");
  },
};

/** Dates go on up to today. */
export const copyCount: Spec = {
  argument: "count",
  ask: (asked) => (copiedBy("range", asked) === "other" ? text("count", "How many ranges", "12") : null),
};

export const copyValues: Spec = {
  argument: "values",
  ask: (asked) =>
    copiedBy("list", asked) === null
      ? null
      : text("values", "The values that get a partition each, with commas between them", ""),
};

export const copyModulus: Spec = {
  argument: "modulus",
  ask: (asked) => (copiedBy("hash", asked) === null ? null : text("modulus", "How many hash partitions", moduli(null))),
};

export const width: Spec = {
  argument: "interval",
  ask: ({ answers, division, context }) => {
    if (answers["to"] !== "partman") return null;
    const usual = division === null ? null : intervalText(usualStep(division, context));
    return text("interval", "How wide the partitions are that pg_partman makes", usual ?? "1 month");
  },
};
