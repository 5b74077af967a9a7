/** Hash partitions: the whole set of a modulus, and the way from one modulus to another. */

import type { Bound } from "../../catalog/partitioning.ts";
import { reshapeAhead } from "../copy-ahead.ts";
import { type Division, divisionOf, type Failure, immovable, type Part } from "../division.ts";
import { PartNames } from "../part-names.ts";
import { assembleScript } from "../print.ts";
import { reshape } from "../reshape.ts";
import { failed, problem, type Writer, type WriterContext, writeName } from "../writer.ts";
import { scriptOfNewParts } from "./new-parts.ts";
import { waitText } from "./split.ts";

/** MODULUS n, REMAINDER 0 … n - 1 on a table that has no partition yet. */
export const writeHashes: Writer = (request, table, context) => {
  const division = hashDivision(table, context);
  if ("message" in division) return failed(division);
  const { modulus } = request;
  const name = writeName(context.catalog, table);
  if (modulus === null) return problem('"modulus" must say how many hash partitions there are to be', "modulus");
  if (division.parts.length > 0)
    return problem(
      `${name} has ${division.parts.length} partitions: "rehash" gives it another modulus, "fill" the remainders that are missing`,
      "table",
    );
  const bounds = Array.from({ length: modulus }, (_, remainder): Bound => ({ kind: "hash", modulus, remainder }));
  return scriptOfNewParts(`Create ${modulus} hash partitions of ${name}`, bounds, request, division, context);
};

/**
 * The same rows under another modulus. A partition whose remainder there still is keeps its table, and gives away the rows that
 * have another remainder now: where the new modulus is a multiple only to the new ones of its class.
 */
export const writeRehash: Writer = (request, table, context) => {
  const { catalog } = context;
  const division = hashDivision(table, context);
  if ("message" in division) return failed(division);
  const { modulus } = request;
  const name = writeName(catalog, table);
  if (modulus === null) return problem('"modulus" must say how many hash partitions there are to be', "modulus");
  const { parts } = division;
  if (parts.length === 0) return problem(`${name} has no partition yet: "create-hashes" makes them`, "table");
  for (const part of parts) {
    const hindrance = immovable(part, context, "rehash");
    if (hindrance !== null) return problem(hindrance, "table");
  }
  const hashes = parts.flatMap(({ bound }) => (bound.kind === "hash" ? [bound] : []));
  const covered = hashes.reduce((sum, each) => sum + 1 / each.modulus, 0);
  if (Math.abs(covered - 1) > 1e-9)
    return problem(`remainders of ${name} are missing: "fill" makes those partitions first`, "table");
  if (hashes.every((each) => each.modulus === modulus))
    return problem(`${name} has modulus ${modulus} already`, "modulus");
  const names = new PartNames(division, context);
  const results = Array.from({ length: modulus }, (_, remainder): Part => {
    const bound: Bound = { kind: "hash", modulus, remainder };
    const kept = parts.find((part) => part.bound.kind === "hash" && part.bound.remainder === remainder);
    if (kept !== undefined) return { ...kept, bound };
    const schema = parts[0]?.schema ?? table.schema;
    return { schema, name: names.proposed(bound), bound, relation: null };
  });
  const reshaped =
    request.style === "online"
      ? reshapeAhead(division, parts, results, request.batch, context)
      : reshape(division, parts, results, context);
  if ("message" in reshaped) return failed(reshaped);
  const title = `Rehash ${name} from ${parts.length} to ${modulus} partitions`;
  return {
    ok: true,
    value: assembleScript(
      {
        title,
        comment: [
          `${title}.`,
          waitText(division, name, name, request.style),
          `Undo: rehash ${name} to modulus ${hashes[0]?.modulus ?? parts.length}.`,
        ],
        steps: reshaped.steps,
        notes: reshaped.notes,
        undo: reshaped.undo,
      },
      context.inTransaction,
    ),
  };
};

function hashDivision(table: Division["table"], context: WriterContext): Division | Failure {
  const division = divisionOf(table, context);
  if ("message" in division) return division;
  const name = writeName(context.catalog, table);
  if (division.key.strategy !== "hash")
    return { message: `${name} is partitioned by ${division.key.strategy}: it has no modulus`, argument: "table" };
  return division.key.hashing === "pathman"
    ? { message: `${name} is hashed by pg_pathman, which only it can do`, argument: "table" }
    : division;
}
