/** Splits a partition without losing a row: a range at values, a list by values, a hash partition by a larger modulus. */

import { collationsOf, comparePoints } from "../../catalog/partition-set.ts";
import type { Bound } from "../../catalog/partitioning.ts";
import { spellBound, spellDatum } from "../../catalog/written-bound.ts";
import { sameValue } from "../bound-relation.ts";
import { reshapeAhead } from "../copy-ahead.ts";
import {
  type Division,
  divisionOf,
  type Failure,
  immovable,
  type KnownPart,
  namedPart,
  type Part,
} from "../division.ts";
import { isLikeTable } from "../hand-over-notes.ts";
import { readValues } from "../key-value.ts";
import { detachLocks } from "../locks.ts";
import type { OperationRequest, Style } from "../operation.ts";
import { PartNames } from "../part-names.ts";
import { assembleScript } from "../print.ts";
import { reshape } from "../reshape.ts";
import type { OperationResult } from "../script.ts";
import { failed, problem, type Writer, type WriterContext, writeName } from "../writer.ts";
import { splitPoints } from "./split-points.ts";

/**
 * The rows below `at` stay in the partition's table, as pg_pathman's split keeps them; the others move to a new one. A catch-all
 * that is open at one end keeps its name, and the part that is closed gets a new one. Without an argument, a range is split at
 * a natural boundary near its middle.
 */
export const writeSplit: Writer = (request, table, context) => {
  const division = divisionOf(table, context);
  if ("message" in division) return failed(division);
  const part = namedPart(request.partition, division, context, "partition", "split");
  if ("message" in part) return failed(part);
  const hindrance = immovable(part, context, "split");
  if (hindrance !== null) return problem(hindrance, "partition");
  const bounds = boundsOfSplit(request, part, division, context);
  if ("message" in bounds) return failed(bounds);
  return scriptOfSplit(request, part, bounds, division, context);
};

/** The bounds of the parts, the one that keeps the table first. */
function boundsOfSplit(
  request: OperationRequest,
  part: KnownPart,
  division: Division,
  context: WriterContext,
): readonly Bound[] | Failure {
  const { bound } = part;
  switch (bound.kind) {
    case "range":
      return rangesOfSplit(request, part, bound, division, context);
    case "list":
      return listsOfSplit(request, bound, division, context, part);
    case "hash": {
      const into = request.into ?? 2;
      if (division.key.hashing === "pathman")
        return { message: "no condition tells the rows of hash partitions of pg_pathman apart", argument: "partition" };
      return Array.from({ length: into }, (_, index) => ({
        kind: "hash",
        modulus: bound.modulus * into,
        remainder: bound.remainder + bound.modulus * index,
      }));
    }
    default:
      return defaultsOfSplit(request, division, context);
  }
}

/** What is taken out of a default partition: the values, or the range, of one new partition. */
function defaultsOfSplit(
  request: OperationRequest,
  division: Division,
  context: WriterContext,
): readonly Bound[] | Failure {
  if (division.key.strategy !== "list" || request.values.length === 0) {
    return {
      message: `no value divides a default partition: move its rows to partitions of their own (${division.key.strategy === "list" ? '"values"' : 'move-rows with "create"'})`,
      argument: division.key.strategy === "list" ? "values" : "partition",
    };
  }
  const values = readValues(request.values, division.key, context);
  if ("message" in values) return values;
  for (const [index, value] of values.entries()) {
    const owner = division.parts.find(
      ({ bound }) => bound.kind === "list" && bound.values.some((own) => sameValue(own, value)),
    );
    if (owner !== undefined)
      return {
        message: `${request.values[index] ?? ""} belongs to ${writeName(context.catalog, owner)} already: no row of the default has it`,
        argument: "values",
      };
  }
  return [{ kind: "default" }, { kind: "list", values }];
}

function listsOfSplit(
  request: OperationRequest,
  bound: Extract<Bound, { kind: "list" }>,
  division: Division,
  context: WriterContext,
  part: KnownPart,
): readonly Bound[] | Failure {
  if (request.values.length === 0)
    return { message: '"values" must list what moves to the new partition', argument: "values" };
  const moved = readValues(request.values, division.key, context);
  if ("message" in moved) return moved;
  const foreign = request.values.find((_, index) => !bound.values.some((own) => sameValue(own, moved[index] ?? null)));
  const name = writeName(context.catalog, part);
  if (foreign !== undefined) return { message: `${foreign} is no value of ${name}`, argument: "values" };
  const kept = bound.values.filter((own) => !moved.some((value) => sameValue(own, value)));
  if (kept.length === 0)
    return {
      message: `these are all values of ${name}: one has to stay, or the partition is only renamed`,
      argument: "values",
    };
  const away = bound.values.filter((own) => !kept.includes(own));
  return [
    { kind: "list", values: kept },
    { kind: "list", values: away },
  ];
}

function rangesOfSplit(
  request: OperationRequest,
  part: KnownPart,
  bound: Extract<Bound, { kind: "range" }>,
  division: Division,
  context: WriterContext,
): readonly Bound[] | Failure {
  const points = splitPoints(request, part, bound, division, context);
  if ("message" in points) return points;
  const ends = [bound.lower, ...points, bound.upper];
  const ranges = ends
    .slice(1)
    .map((upper, index): Bound => ({ kind: "range", lower: ends[index] ?? bound.lower, upper }));
  // The catch-all stays what it is called for.
  const keepsUpper = bound.upper[0]?.kind === "maxvalue" && bound.lower[0]?.kind !== "minvalue";
  const kept = keepsUpper ? ranges.at(-1) : ranges[0];
  return kept === undefined ? [] : [kept, ...ranges.filter((range) => range !== kept)];
}

function scriptOfSplit(
  request: OperationRequest,
  part: KnownPart,
  bounds: readonly Bound[],
  division: Division,
  context: WriterContext,
): OperationResult {
  const { catalog } = context;
  const { key, table, scheme } = division;
  const names = new PartNames(division, context, part.schema);
  const results: Part[] = [];
  for (const [index, bound] of bounds.entries()) {
    const name =
      index === 0
        ? part.name
        : index === 1 && request.name !== null
          ? names.asked(request.name)
          : names.proposed(bound);
    if (typeof name !== "string") return failed(name);
    results.push({ schema: part.schema, name, bound, relation: index === 0 ? part.relation : null });
  }
  const written = (each: Part): string => spellBound(each.bound, key, catalog.settings);
  const [kept, ...made] = results;
  const reshaped =
    request.style === "online"
      ? reshapeAhead(division, [part], results, request.batch, context)
      : reshape(division, [part], results, context);
  if ("message" in reshaped) return failed(reshaped);
  const name = writeName(catalog, part);
  const parent = writeName(catalog, table);
  const title = titleOf(name, part, results, division, context);
  const told = `${made.map((each) => `${writeName(catalog, each)} gets the rows ${spanText(written(each))}`).join(", ")}; ${name} keeps ${kept?.bound.kind === "default" ? "all others" : `those ${spanText(kept === undefined ? "" : written(kept))}`}.`;
  const undo = `Undo: merge ${results.map((each) => writeName(catalog, each)).join(", ")}.`;
  const isNative =
    request.style === "simple" &&
    context.version >= 19 &&
    scheme === "declarative" &&
    key.strategy !== "hash" &&
    isLikeTable([part], division, context);
  const clauses = results.map((each) => `PARTITION ${writeName(catalog, each)} ${written(each)}`);
  return {
    ok: true,
    value: assembleScript(
      {
        title,
        comment: isNative
          ? [
              `${title}. ${told}`,
              `ACCESS EXCLUSIVE on ${parent} while rows are copied: its readers and writers wait.`,
              undo,
            ]
          : [`${title}. ${told}`, waitText(division, name, parent, request.style), undo],
        steps: isNative
          ? [
              {
                sql: `ALTER TABLE ${parent} SPLIT PARTITION ${name} INTO\n  (${clauses.join(",\n   ")})`,
                locks: detachLocks(table, part, null, context),
                transaction: "inside",
              },
            ]
          : reshaped.steps,
        notes: isNative ? [] : reshaped.notes,
        undo: reshaped.undo,
      },
      context.inTransaction,
    ),
  };
}

/** What waits while rows are moved in one transaction. */
export function waitText({ scheme }: Division, name: string, parent: string, style: Style = "simple"): string {
  if (style === "online")
    return `Readers and writers of ${parent} go on while rows are copied; the switch locks it (ACCESS EXCLUSIVE) for a moment, and gives up where it does not get that lock soon.`;
  return scheme === "declarative"
    ? `From DETACH to COMMIT ${parent} is locked (ACCESS EXCLUSIVE): its readers and writers wait while rows move.`
    : `Up to COMMIT ${name} is locked (ACCESS EXCLUSIVE): readers and writers that reach it wait while rows move.`;
}

function spanText(bound: string): string {
  return bound.replace(/^FOR VALUES /, "");
}

function titleOf(
  name: string,
  part: KnownPart,
  results: readonly Part[],
  { key }: Division,
  { catalog }: WriterContext,
): string {
  if (part.bound.kind !== "range" || results.length > 2)
    return part.bound.kind === "list" || part.bound.kind === "default"
      ? `Split ${name} by values`
      : `Split ${name} into ${results.length}`;
  const at = results.flatMap(({ bound }) => (bound.kind === "range" ? [bound.lower] : []));
  const lower = part.bound.lower;
  const inner = at.find((point) => (comparePoints(point, lower, collationsOf(key)) ?? 0) > 0);
  return `Split ${name} at ${spellDatum(inner?.[0] ?? { kind: "minvalue" }, 0, key, catalog.settings)}`;
}
