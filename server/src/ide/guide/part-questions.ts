/** Questions for partitions: which one, which neighbours, and how one is split. */

import { collationsOf, comparePoints } from "../../catalog/partition-set.ts";
import type { Bound, RangeDatum } from "../../catalog/partitioning.ts";
import type { Step } from "../../catalog/series.ts";
import { stepOfEntry } from "../../catalog/series.ts";
import { shortBound, shortPoint, shortRange } from "../../catalog/short-bound.ts";
import { spellDatum } from "../../catalog/written-bound.ts";
import { type Division, immovable, type KnownPart } from "../../ddl/division.ts";
import { writingScheme } from "../../ddl/generate.ts";
import { proposedSplit } from "../../ddl/operations/split-points.ts";
import { calendarOf } from "../../ddl/writer.ts";
import { sizeWithParts, sizeWords } from "../relation-sizes.ts";
import { counted, fullName, shortName } from "../spelling.ts";
import { type Asked, type Choice, cutTo, isFit, isWanted, pick, type Spec, text } from "./answers.ts";

/** Of more partitions it is not tried out beforehand which of them can be had. */
const mostTried = 60;

/** More are not listed. */
const mostListed = 2_000;

/** Which partition; those with which the operation would be refused are left out. */
export function partition(prompt: string): Spec {
  return {
    argument: "partition",
    ask: (asked) => {
      const { division, context, answers, operation, oneIsEnough } = asked;
      if (division === null) return null;
      const { parts } = division;
      const fits = (part: KnownPart): boolean =>
        operation === "merge"
          ? immovable(part, context, "merge") === null && others(part, division, asked, 1).length > 0
          : isFit({ ...answers, partition: fullName(part) }, context, ["partition", "table"]);
      const wanted = oneIsEnough ? parts : parts.filter((part) => isWanted(shortName(part), context));
      const listed = wanted.slice(-mostListed);
      const tried = listed.slice(-mostTried);
      const first = oneIsEnough ? tried.find(fits) : undefined;
      const fit = oneIsEnough
        ? first === undefined
          ? []
          : [first]
        : listed.length > mostTried
          ? listed
          : tried.filter(fits);
      const choices = fit.map((part) => partChoice(part, division, asked, { partition: fullName(part) }));
      return cutTo(mostListed, wanted.length, pick("partition", prompt, choices), "last");
    },
  };
}

function partChoice(part: KnownPart, { key }: Division, { context }: Asked, answers: Choice["answers"]): Choice {
  const { catalog, sizeOf } = context;
  const size = sizeWithParts(catalog, part.relation, sizeOf);
  const bound = part.bound.kind === "unknown" ? "bound not known" : shortBound(part.bound, key, catalog.settings);
  return {
    label: shortName(part),
    description: [bound, ...(size === null ? [] : [sizeWords(size)])].join(" · "),
    answers,
  };
}

/** What the chosen partition is merged with. */
export const mergedWith: Spec = {
  argument: "partitions",
  ask: (asked) => {
    const { division, part } = asked;
    if (division === null || part === null) return null;
    const choices = others(part, division, asked);
    const name = shortName(part);
    return part.bound.kind === "list" || part.bound.kind === "default"
      ? {
          argument: "partitions",
          kind: "pick-many",
          prompt: `The partitions that ${name} takes in`,
          choices,
          value: "",
        }
      : pick("partitions", `Up to which partition ${name} reaches afterwards`, choices);
  },
};

/** Neighbours up and down are offered so far. */
const mostNeighbours = 24;

/** What a partition can take in, up to so many choices on each side. */
function others(part: KnownPart, division: Division, asked: Asked, most = mostListed): readonly Choice[] {
  const { parts, key } = division;
  const { context } = asked;
  const { bound } = part;
  if (bound.kind === "range") {
    const { settings } = context.catalog;
    const reach = (side: 1 | -1): readonly Choice[] =>
      neighbours(part, side, Math.min(most, mostNeighbours), division, asked).flatMap(
        (far, index, run): readonly Choice[] => {
          if (far.bound.kind !== "range") return [];
          const [lower, upper] = side === 1 ? [bound.lower, far.bound.upper] : [far.bound.lower, bound.upper];
          const merged = run.slice(0, index + 1).map(fullName);
          const extent = shortRange(lower, upper, key, settings);
          const description = `${counted(merged.length + 1, "partition")} in one · ${extent}`;
          return [{ label: shortName(far), description, answers: { partitions: merged } }];
        },
      );
    return [...reach(1), ...reach(-1)];
  }
  const choices: Choice[] = [];
  for (const other of parts) {
    if (choices.length >= most) break;
    if (other === part || !goesInto(other.bound, bound) || immovable(other, context, "merge") !== null) continue;
    choices.push(partChoice(other, division, asked, { partitions: [fullName(other)] }));
  }
  return choices;
}

/** Whether a list or default takes the other in; of hash partitions, whether the two are all of one class. */
function goesInto(other: Bound, bound: Bound): boolean {
  switch (bound.kind) {
    case "list":
      return other.kind === "list";
    case "default":
      return other.kind !== "default" && other.kind !== "unknown";
    case "hash":
      return (
        other.kind === "hash" &&
        other.modulus === bound.modulus &&
        Math.abs(other.remainder - bound.remainder) * 2 === bound.modulus
      );
    default:
      return false;
  }
}

/** The ranges that follow without a gap on one side, the nearest first. */
function neighbours(
  part: KnownPart,
  side: 1 | -1,
  most: number,
  { parts, key }: Division,
  { context }: Asked,
): readonly KnownPart[] {
  const found: KnownPart[] = [];
  const collations = collationsOf(key);
  for (let at = parts.indexOf(part); found.length < most; at += side) {
    const [here, next] = [parts[at]?.bound, parts[at + side]];
    if (here?.kind !== "range" || next?.bound.kind !== "range") break;
    const [below, above] = side === 1 ? [here, next.bound] : [next.bound, here];
    if (comparePoints(below.upper, above.lower, collations) !== 0) break;
    if (immovable(next, context, "merge") !== null) break;
    found.push(next);
  }
  return found;
}

/** How a range is split; the natural middle is had at once. */
export const way: Spec = {
  argument: "way",
  fills: ["at", "into", "by", "values"],
  ask: ({ part, division, table, context }) => {
    if (part === null || division === null || part.bound.kind !== "range") return null;
    const middle = proposedSplit(table, part.bound, context);
    const ways: readonly Choice[] = [
      ...(middle === null
        ? []
        : [
            {
              label: `At ${plain(spellDatum({ kind: "value", value: middle }, 0, division.key, context.catalog.settings))}`,
              description: "the natural boundary near its middle",
              answers: { way: "at", at: spelled({ kind: "value", value: middle }, division, context) },
            },
          ]),
      { label: "At another value…", description: "the first value of the upper part", answers: { way: "at" } },
      ...(writingScheme(context.catalog, table) === "pathman"
        ? []
        : [
            { label: "Into equal parts…", description: "as many as you say", answers: { way: "into" } },
            { label: "By an interval…", description: "parts of one width", answers: { way: "by" } },
          ]),
    ];
    return pick("way", `How ${shortName(part)}, ${boundOf(part, division, context)}, is split`, ways);
  },
};

export const splitAt: Spec = {
  argument: "at",
  ask: ({ answers, part, division, table, context }) => {
    if (answers["way"] !== "at" || part === null || division === null || part.bound.kind !== "range") return null;
    const middle = proposedSplit(table, part.bound, context);
    const value = middle === null ? "" : spelled({ kind: "value", value: middle }, division, context);
    return text("at", `The first value of the upper part, between ${ends(part.bound, division, context)}`, value);
  },
};

export const splitInto: Spec = {
  argument: "into",
  ask: ({ answers, part }) =>
    answers["way"] === "into" || part?.bound.kind === "hash" ? text("into", "Into how many parts", "2") : null,
};

export const splitBy: Spec = {
  argument: "by",
  ask: ({ answers, part, table, context }) => {
    if (answers["way"] !== "by" || part === null || part.bound.kind !== "range") return null;
    const step = stepOfEntry(part.bound, calendarOf(table, context.catalog));
    return text("by", "The width of the parts: 7 days, 1 month, 1000", narrower(step));
  },
};

/** An interval that cuts a range of this width into a few. */
function narrower(step: Step | null): string {
  if (step === null) return "";
  if (step.kind === "months") return step.months > 1 ? "1 month" : "7 days";
  if (step.kind === "span") return step.micros > 86_400_000_000n ? "1 day" : "1 hour";
  const quarter = step.digits / 4n;
  return step.scale === 0 && quarter > 0n ? String(quarter) : "";
}

/** What moves out of a list partition, or out of a default one. */
export const splitValues: Spec = {
  argument: "values",
  ask: ({ part, division, context }) => {
    if (part === null || division === null) return null;
    if (part.bound.kind === "default" && division.key.strategy === "list")
      return text("values", "The values of the new partition, with commas between them", "");
    if (part.bound.kind !== "list") return null;
    const choices = part.bound.values.slice(0, mostListed).map((value): Choice => {
      const written =
        value === null ? "NULL" : spellDatum({ kind: "value", value }, 0, division.key, context.catalog.settings);
      return { label: plain(written), description: "", answers: { values: [written] } };
    });
    return { argument: "values", kind: "pick-many", prompt: "What moves to the new partition", choices, value: "" };
  },
};

/** A value as somebody types it: without the quotes, which every argument may do without. */
export function spelled(datum: RangeDatum, { key }: Division, { catalog }: Asked["context"]): string {
  return plain(spellDatum(datum, 0, key, catalog.settings));
}

function plain(written: string): string {
  const inner = /^'([^']*)'$/.exec(written)?.[1];
  return inner === undefined || /^\s*(?:null|minvalue|maxvalue)?\s*$/i.test(inner) ? written : inner;
}

function boundOf(part: KnownPart, { key }: Division, { catalog }: Asked["context"]): string {
  return shortBound(part.bound, key, catalog.settings);
}

function ends(
  { lower, upper }: Extract<Bound, { kind: "range" }>,
  { key }: Division,
  { catalog }: Asked["context"],
): string {
  return `${shortPoint(lower, key, catalog.settings)} and ${shortPoint(upper, key, catalog.settings)}`;
}
