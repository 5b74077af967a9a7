/** Operations on tables of pg_pathman: its own calls, by the names that they have in its version. */

import { collationsOf, comparePoints } from "../../catalog/partition-set.ts";
import { pathmanTableOf } from "../../catalog/pathman-config.ts";
import type { Relation } from "../../catalog/relation.ts";
import { hasSignature } from "../../schemes/extensions.ts";
import { inOtherVersions } from "../../schemes/pathman/renamed.ts";
import { pathmanSignatures } from "../../schemes/pathman/signatures.ts";
import { eraOf } from "../../schemes/pathman/versions.ts";
import { quoteLiteral } from "../../syntax/literals.ts";
import { type Division, divisionOf, type Failure, type KnownPart, namedPart, nameProblem } from "../division.ts";
import { readBound, readKeyValue } from "../key-value.ts";
import type { OperationRequest } from "../operation.ts";
import { convertToDeclarative, writeConvert } from "../operations/convert.ts";
import { splitPoints } from "../operations/split-points.ts";
import type { OperationResult } from "../script.ts";
import { failed, resolveRelation, type Writer, type WriterContext, writeName } from "../writer.ts";
import { asClass, type Calls, callScript, functionName, typedValue } from "./call-script.ts";

/** A table of pg_pathman with what is asked of it. */
interface Asked {
  readonly request: OperationRequest;
  readonly table: Relation;
  readonly division: Division;
  readonly context: WriterContext;
  /** A call of the function, by the name that it has in the version. */
  readonly call: (name: string, ...args: readonly string[]) => string;
}

type Answer = Calls | Failure;

function writer(answer: (asked: Asked) => Answer): Writer {
  return (request, table, context): OperationResult => {
    const division = divisionOf(table, context);
    if ("message" in division) return failed(division);
    const version = versionOf(context);
    const call = (name: string, ...args: readonly string[]): string => {
      const has = (pathmanSignatures[name] ?? []).some((each) => hasSignature(each, eraOf(version)));
      const written = has ? name : (inOtherVersions(name, version)?.instead ?? name);
      return `SELECT ${functionName("pg_pathman", written, "public", context)}(${args.join(", ")})`;
    };
    const result = answer({ request, table, division, context, call });
    return "message" in result ? failed(result) : callScript(result, context);
  };
}

function versionOf({ catalog }: WriterContext): string {
  return catalog.extensions.get("pg_pathman")?.version ?? catalog.shownVersions?.["pg_pathman"] ?? "1.5";
}

const append = writer((asked) => grown(asked, "append"));
const prepend = writer((asked) => grown(asked, "prepend"));

function grown({ request, table, division, context, call }: Asked, side: "append" | "prepend"): Answer {
  const name = writeName(context.catalog, table);
  const wrong = ranged(division, name);
  if (wrong !== null) return wrong;
  const outermost = side === "append" ? division.parts.at(-1) : division.parts[0];
  const end = outermost?.bound.kind === "range" ? outermost.bound[side === "append" ? "upper" : "lower"][0] : undefined;
  if (end !== undefined && end.kind !== "value" && outermost !== undefined)
    return {
      message: `${writeName(context.catalog, outermost)} is open at this end, nothing can follow it: split it instead`,
      argument: "table",
    };
  if (pathmanTableOf(context.catalog, table)?.interval === null)
    return { message: `${name} has no interval: give it one with set_interval`, argument: "table" };
  const text = call(
    `${side}_range_partition`,
    asClass(table, context),
    ...(request.name === null ? [] : [quoteLiteral(request.name)]),
  );
  return {
    title: `${side === "append" ? "Append the next" : "Prepend the previous"} ${request.count === 1 ? "partition" : `${request.count} partitions`} of ${name}`,
    comment: [
      "pg_pathman takes the interval of its configuration, and names the partition.",
      "Undo: drop what was made.",
    ],
    calls: Array.from({ length: request.count }, () => text),
    undo: null,
  };
}

const split = writer(({ request, division, context, call }) => {
  const part = rangePart(request.partition, division, context, "split");
  if ("message" in part) return part;
  if (part.bound.kind !== "range") return { message: "only a range is split", argument: "partition" };
  const points = splitPoints(request, part, part.bound, division, context);
  if ("message" in points) return points;
  const [first] = points[0] ?? [];
  if (points.length !== 1 || first?.kind !== "value")
    return {
      message: 'pg_pathman splits a partition in two: say with "at" where',
      argument: request.by === null ? "into" : "by",
    };
  const name = writeName(context.catalog, part);
  const named = request.name === null ? [] : [quoteLiteral(request.name)];
  const wrong = request.name === null ? null : nameProblem(request.name, part.schema, context.catalog);
  if (wrong !== null) return { message: wrong, argument: "name" };
  const value = typedValue(first.value, division.key, context);
  return {
    title: `Split ${name} at ${value}`,
    comment: [
      "pg_pathman moves the rows from that value on to a new partition.",
      `Undo: merge_range_partitions of ${name} and the new one.`,
    ],
    calls: [call("split_range_partition", asClass(part, context), value, ...named)],
    undo: null,
  };
});

const merge = writer(({ request, division, context, call }) => {
  const parts: KnownPart[] = [];
  for (const name of request.partitions) {
    const part = rangePart(name, division, context, "merge", "partitions");
    if ("message" in part) return part;
    parts.push(part);
  }
  const [first, ...others] = parts;
  if (first === undefined || others.length === 0)
    return { message: '"partitions" must name two or more neighbours', argument: "partitions" };
  const places = parts.map((part) => division.parts.indexOf(part)).sort((a, b) => a - b);
  if (places.some((place, index) => index > 0 && place !== (places[index - 1] ?? 0) + 1))
    return { message: "these partitions are not adjacent", argument: "partitions" };
  const sorted = places.flatMap((place) => division.parts[place] ?? []);
  const collations = collationsOf(division.key);
  for (const [index, part] of sorted.entries()) {
    const next = sorted[index + 1];
    if (part.bound.kind !== "range" || next?.bound.kind !== "range") continue;
    if (comparePoints(part.bound.upper, next.bound.lower, collations) === 0) continue;
    const [one, two] = [writeName(context.catalog, part), writeName(context.catalog, next)];
    return { message: `${one} and ${two} are not adjacent: there is a gap between them`, argument: "partitions" };
  }
  const name = writeName(context.catalog, first);
  return {
    title: `Merge ${others.map((part) => writeName(context.catalog, part)).join(", ")} into ${name}`,
    comment: [
      "pg_pathman copies the rows, and drops the others.",
      `Undo: split_range_partition of ${name} at the old boundaries.`,
    ],
    calls: [call("merge_range_partitions", ...parts.map((part) => asClass(part, context)))],
    undo: null,
  };
});

const createRanges = writer(({ request, table, division, context, call }) => {
  const name = writeName(context.catalog, table);
  const wrong = ranged(division, name);
  if (wrong !== null) return wrong;
  if (request.start === null || request.end === null)
    return {
      message: '"start" and "end" must say which range the new partition takes',
      argument: request.start === null ? "start" : "end",
    };
  const [lower, upper] = [request.start, request.end].map((text) => readKeyValue(text, division.key, 0, context));
  if (lower === undefined || "message" in lower) return { message: lower?.message ?? "", argument: "start" };
  if (upper === undefined || "message" in upper) return { message: upper?.message ?? "", argument: "end" };
  const values = [lower.value, upper.value].map((value) => typedValue(value, division.key, context));
  const named = request.name === null ? [] : [quoteLiteral(request.name)];
  return {
    title: `Add the partition from ${values[0]} to ${values[1]} to ${name}`,
    comment: ["Undo: drop_range_partition of the new one."],
    calls: [call("add_range_partition", asClass(table, context), ...values, ...named)],
    undo: null,
  };
});

const moveRows = writer(({ request, table, context, call }) => {
  const name = writeName(context.catalog, table);
  const isOnline = request.style === "online";
  const batch = request.batch === null ? [] : [String(Math.max(60, Math.min(1000, request.batch)))];
  return {
    title: `Move the rows that ${name} itself holds to its partitions`,
    comment: isOnline
      ? [
          "A background worker moves them by batches; pathman_concurrent_part_tasks shows how far it is, stop_concurrent_part_task ends it.",
          "Undo: none; the rows are where they belong.",
        ]
      : [
          "One transaction moves all of them; with style online a background worker does it by batches.",
          "Undo: none; the rows are where they belong.",
        ],
    calls: [
      isOnline
        ? call("partition_table_concurrently", asClass(table, context), ...batch)
        : call("partition_data", asClass(table, context)),
    ],
    undo: null,
  };
});

const attach = writer(({ request, table, division, context, call }) => {
  const { catalog } = context;
  const name = writeName(catalog, table);
  const wrong = ranged(division, name);
  if (wrong !== null) return wrong;
  if (request.partition === null)
    return { message: '"partition" must name the table to attach', argument: "partition" };
  const relation = resolveRelation(catalog, request.partition);
  if (relation === null)
    return { message: `there is no relation ${request.partition} at this point of the script`, argument: "partition" };
  const bound = readBound(request, division.key, context);
  if ("message" in bound) return bound;
  const ends = bound.kind === "range" ? [bound.lower[0], bound.upper[0]] : [];
  const values = ends.map((datum) =>
    datum?.kind === "value" ? typedValue(datum.value, division.key, context) : "NULL",
  );
  return {
    title: `Attach ${writeName(catalog, relation)} to ${name}`,
    comment: ["Undo: detach_range_partition."],
    calls: [call("attach_range_partition", asClass(table, context), asClass(relation, context), ...values)],
    undo: [call("detach_range_partition", asClass(relation, context))],
  };
});

const detach = writer((asked) => left(asked, "detach"));
const drop = writer((asked) => left(asked, "drop"));

function left({ request, division, context, call }: Asked, action: "detach" | "drop"): Answer {
  const part = rangePart(request.partition, division, context, action);
  if ("message" in part) return part;
  const name = writeName(context.catalog, part);
  const ends = part.bound.kind === "range" ? [part.bound.lower[0], part.bound.upper[0]] : [];
  const values = ends.map((datum) =>
    datum?.kind === "value" ? typedValue(datum.value, division.key, context) : "NULL",
  );
  return {
    title: `${action === "detach" ? "Detach" : "Drop"} ${name}`,
    comment: action === "detach" ? ["Undo: attach_range_partition."] : ["There is no undo: the rows are gone."],
    calls: [call(`${action}_range_partition`, asClass(part, context))],
    undo:
      action === "detach"
        ? [call("attach_range_partition", asClass(division.table, context), asClass(part, context), ...values)]
        : null,
  };
}

const disable = writer(({ table, context, call }) => ({
  title: `Disable pg_pathman for ${writeName(context.catalog, table)}`,
  comment: [
    "The partitions stay as inheritance children with their CHECK constraints; rows are routed no more.",
    "Undo: divide the table anew.",
  ],
  calls: [call("disable_pathman_for", asClass(table, context))],
  undo: null,
}));

const updateTriggers = writer(({ table, division, context, call }) => {
  const era = eraOf(versionOf(context));
  const has = (name: string): boolean => (pathmanSignatures[name] ?? []).some((each) => hasSignature(each, era));
  const created = ["create_update_triggers", `create_${division.key.strategy}_update_trigger`].find(has);
  const name = writeName(context.catalog, table);
  if (created === undefined)
    return {
      message: `pg_pathman moves rows of ${name} itself when their key changes (from 1.5 on, with pg_pathman.enable_partitionrouter): no trigger is needed`,
      argument: "operation",
    };
  const isText = era === "readme";
  return {
    title: `Move rows of ${name} whose key changes`,
    comment: [
      "pg_pathman makes a trigger on each partition.",
      "Undo: drop the function that these triggers call, CASCADE.",
    ],
    calls: [call(created, isText ? quoteLiteral(name) : asClass(table, context))],
    undo: has("drop_triggers") ? [call("drop_triggers", asClass(table, context))] : null,
  };
});

/** The children stay with their CHECKs when pg_pathman lets them go, and are converted as any others. */
const convert: Writer = (request, table, context) => {
  if (request.to !== "declarative") return writeConvert(request, table, context);
  const letGo = disable(request, table, context);
  return letGo.ok ? convertToDeclarative(request, table, context, letGo.value.steps) : letGo;
};

function ranged(division: Division, name: string): Failure | null {
  if (division.key.strategy === "range") return null;
  return { message: `${name} is partitioned by hash: pg_pathman has no such call for it`, argument: "operation" };
}

function rangePart(
  text: string | null,
  division: Division,
  context: WriterContext,
  verb: string,
  argument = "partition",
): KnownPart | Failure {
  const wrong = ranged(division, writeName(context.catalog, division.table));
  return wrong ?? namedPart(text, division, context, argument, verb);
}

export const pathmanWriters = {
  split,
  merge,
  append,
  prepend,
  fill: {
    unsupported: 'pg_pathman fills no gap by itself: say with create-ranges, "start" and "end", which range is lacking',
  },
  "create-ranges": createRanges,
  "create-span": createRanges,
  "move-rows": moveRows,
  attach,
  detach,
  drop,
  "update-triggers": updateTriggers,
  disable,
  convert,
};
