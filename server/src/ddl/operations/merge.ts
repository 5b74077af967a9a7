/** Merges partitions into the first one named, without losing a row: neighbouring ranges, any lists, hash partitions of one class. */

import { collationsOf, comparePoints } from "../../catalog/partition-set.ts";
import type { Bound } from "../../catalog/partitioning.ts";
import { spellBound, spellPoint } from "../../catalog/written-bound.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import { type Division, divisionOf, type Failure, immovable, type KnownPart, namedPart } from "../division.ts";
import { isLikeTable } from "../hand-over-notes.ts";
import { lock } from "../locks.ts";
import { PartNames } from "../part-names.ts";
import { analyze, step } from "../part-steps.ts";
import { assembleScript } from "../print.ts";
import { reshape } from "../reshape.ts";
import type { ScriptStep } from "../script.ts";
import { failed, problem, type Writer, type WriterContext, writeName } from "../writer.ts";
import { waitText } from "./split.ts";

/** The first partition named keeps its table, as pg_pathman's merge does; the rows of the others are copied into it. */
export const writeMerge: Writer = (request, table, context) => {
  const { catalog, version } = context;
  const division = divisionOf(table, context);
  if ("message" in division) return failed(division);
  const parts = partsToMerge(request.partitions, division, context);
  if ("message" in parts) return failed(parts);
  const [kept, ...others] = parts;
  const bound = mergedBound(parts, division, context);
  if ("message" in bound) return failed(bound);
  if (kept === undefined) return problem('"partitions" must name two or more neighbours', "partitions");
  const renamed = request.name === null ? null : new PartNames(division, context, kept.schema).asked(request.name);
  if (renamed !== null && typeof renamed !== "string") return failed(renamed);
  const reshaped = reshape(division, parts, [{ ...kept, bound }], context);
  if ("message" in reshaped) return failed(reshaped);
  const [parent, keptName] = [writeName(catalog, table), writeName(catalog, kept)];
  const final = renamed === null ? kept : { schema: kept.schema, name: renamed };
  const otherNames = others.map((part) => writeName(catalog, part));
  const title = `Merge ${otherNames.join(", ")} into ${keptName}`;
  const written = spellBound(bound, division.key, catalog.settings).replace(/^FOR VALUES /, "");
  const undo = `Undo: split ${writeName(catalog, final)} at ${others.length === 1 ? "the old boundary" : "the old boundaries"}.`;
  const isNative =
    version >= 19 &&
    division.scheme === "declarative" &&
    division.key.strategy !== "hash" &&
    isLikeTable(parts, division, context);
  const rename = (from: string, to: string): readonly ScriptStep[] =>
    renamed === null
      ? []
      : [
          step(
            `ALTER TABLE ${writeName(catalog, { schema: kept.schema, name: from })} RENAME TO ${quoteIdentifier(to)}`,
            [{ schema: kept.schema, name: from }, "ACCESS EXCLUSIVE"],
          ),
        ];
  const native: ScriptStep = {
    sql: `ALTER TABLE ${parent} MERGE PARTITIONS (${parts.map((part) => writeName(catalog, part)).join(", ")}) INTO ${keptName}`,
    locks: [lock(table, "ACCESS EXCLUSIVE"), ...parts.map((part) => lock(part, "ACCESS EXCLUSIVE"))],
    transaction: "inside",
  };
  const before = reshaped.steps.filter(({ sql }) => !sql.startsWith("ANALYZE"));
  return {
    ok: true,
    value: assembleScript(
      {
        title,
        comment: isNative
          ? [`${title}.`, `ACCESS EXCLUSIVE on ${parent} while rows are copied: its readers and writers wait.`, undo]
          : [`${title}, which then holds ${written}.`, waitText(division, keptName, parent), undo],
        steps: isNative
          ? [native, ...rename(kept.name, final.name)]
          : [...before, ...rename(kept.name, final.name), ...analyze([{ ...final, relation: kept.relation }], context)],
        notes: isNative ? [] : reshaped.notes,
        undo: [...rename(final.name, kept.name), ...reshaped.undo],
      },
      context.inTransaction,
    ),
  };
};

function partsToMerge(
  names: readonly string[],
  division: Division,
  context: WriterContext,
): readonly KnownPart[] | Failure {
  const parts: KnownPart[] = [];
  for (const name of names) {
    const part = namedPart(name, division, context, "partitions", "merge");
    if ("message" in part) return part;
    const hindrance = immovable(part, context, "merge");
    if (hindrance !== null) return { message: hindrance, argument: "partitions" };
    if (parts.some(({ relation }) => relation.id === part.relation.id))
      return { message: `${name} is named twice`, argument: "partitions" };
    parts.push(part);
  }
  return parts.length > 1
    ? parts
    : { message: '"partitions" must name two or more neighbours', argument: "partitions" };
}

/** The bound of all of them together; or why there is none. A default takes in whatever is merged with it. */
function mergedBound(parts: readonly KnownPart[], division: Division, context: WriterContext): Bound | Failure {
  const bounds = parts.map(({ bound }) => bound);
  if (bounds.some(({ kind }) => kind === "default")) {
    const [first] = bounds;
    return first?.kind === "default"
      ? { kind: "default" }
      : {
          message: "name the default partition first: it keeps its name and takes the others in",
          argument: "partitions",
        };
  }
  switch (division.key.strategy) {
    case "range":
      return mergedRange(parts, division, context);
    case "list":
      return { kind: "list", values: bounds.flatMap((bound) => (bound.kind === "list" ? bound.values : [])) };
    case "hash":
      return mergedHash(parts);
  }
}

function mergedRange(parts: readonly KnownPart[], { key }: Division, { catalog }: WriterContext): Bound | Failure {
  const collations = collationsOf(key);
  let isComparable = true;
  const ranges = parts.flatMap(({ bound, ...part }) => (bound.kind === "range" ? [{ part, bound }] : []));
  const ordered = ranges.toSorted((a, b) => {
    const order = comparePoints(a.bound.lower, b.bound.lower, collations);
    isComparable &&= order !== null;
    return order ?? 0;
  });
  const [first, last] = [ordered[0], ordered.at(-1)];
  if (!isComparable || first === undefined || last === undefined || ordered.length !== parts.length)
    return { message: "the bounds of these partitions cannot be compared here", argument: "partitions" };
  for (const [index, below] of ordered.entries()) {
    const above = ordered[index + 1];
    if (above === undefined || comparePoints(below.bound.upper, above.bound.lower, collations) === 0) continue;
    const { settings } = catalog;
    return {
      message: `${writeName(catalog, below.part)} and ${writeName(catalog, above.part)} are not adjacent: one ends at ${spellPoint(below.bound.upper, key, settings)}, the next begins at ${spellPoint(above.bound.lower, key, settings)}`,
      argument: "partitions",
    };
  }
  return { kind: "range", lower: first.bound.lower, upper: last.bound.upper };
}

/** Remainders that are all remainders of one class under a smaller modulus. */
function mergedHash(parts: readonly KnownPart[]): Bound | Failure {
  const hashes = parts.flatMap(({ bound }) => (bound.kind === "hash" ? [bound] : []));
  const [first] = hashes;
  const modulus = first === undefined ? 0 : first.modulus / hashes.length;
  const isClass =
    first !== undefined &&
    Number.isInteger(modulus) &&
    hashes.length === parts.length &&
    hashes.every((hash) => hash.modulus === first.modulus && hash.remainder % modulus === first.remainder % modulus);
  return isClass
    ? { kind: "hash", modulus, remainder: first.remainder % modulus }
    : {
        message:
          "hash partitions are merged where they are all remainders of one class: two of modulus 4 whose remainders differ by 2",
        argument: "partitions",
      };
}
