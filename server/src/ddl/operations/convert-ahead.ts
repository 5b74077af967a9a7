/** A plain table becomes a partitioned one while others read and write: its rows are copied ahead, and a short switch changes places. */

import { belongingsOf, type KeptBelonging } from "../../catalog/belongings.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import { collationsOf, comparePoints } from "../../catalog/partition-set.ts";
import type { Bound } from "../../catalog/partitioning.ts";
import type { Relation } from "../../catalog/relation.ts";
import { besides, keyHindrance, positionOf, syncOf, takenFunction, takenHelper } from "../ahead-names.ts";
import { handedTo, hungOn, inWords } from "../belongings.ts";
import { sameValue } from "../bound-relation.ts";
import { commentedConstraint } from "../constraint-comments.ts";
import { referencesTo } from "../declarative/carry-over.ts";
import { type Division, divisionOf, type Failure, type Part, type TableReference } from "../division.ts";
import {
  cutNote,
  identityNote,
  listed,
  publicationNote,
  publishedNote,
  snapshotNote,
  statisticsNote,
  unreadNote,
} from "../hand-over-notes.ts";
import { holdersOf } from "../holders.ts";
import { readPoint, readValues } from "../key-value.ts";
import { madeLike, type PartitionColumns } from "../made-like.ts";
import type { OperationRequest } from "../operation.ts";
import { PartNames } from "../part-names.ts";
import type { StepContext } from "../part-steps.ts";
import { assembleScript } from "../print.ts";
import type { OperationResult } from "../script.ts";
import { boundAt, failed, type WriterContext, writeName } from "../writer.ts";
import { type Ahead, ofLeaves, sequenceBehind, stepsAhead, stepsBack } from "./convert-steps.ts";
import { countsDays, rangesFrom, rangesUpTo, seriesOf } from "./extend.ts";

/** What both have: where what comes later is put, and what is known of columns. */
const ofBoth: ReadonlySet<KeptBelonging["kind"]> = new Set(["tablespace", "column setting"]);

/** The table with the partitions that the request says: `start`, `interval` and `end`; `values`; or `modulus`. */
export function convertAhead(
  request: OperationRequest,
  table: Relation,
  partitioned: PartitionColumns,
  given: WriterContext,
): OperationResult {
  const { catalog } = given;
  const hindrance = hindranceOf(table, given);
  if (hindrance !== null) return failed(hindrance);
  const beside = { schema: table.schema, name: besides(table.name, "ahead") };
  const made = madeLike(beside, table, partitioned, given);
  if ("message" in made) return failed({ message: made.message, argument: "key" });
  const shadow = { ...beside, relation: made.table };
  const found = divisionOf(made.table, made);
  if ("message" in found) return failed(found);
  // Names of partitions, and what is said of the table, go by the name that it has in the end.
  const division: Division = { ...found, table: { ...made.table, name: table.name } };
  const bounds = boundsOf(request, division, given);
  if ("message" in bounds) return failed(bounds);
  const names = new PartNames(division, given, table.schema);
  const parts = bounds.map(
    (bound): Part => ({ schema: table.schema, name: names.proposed(bound), bound, relation: null }),
  );
  const before: TableReference = { schema: table.schema, name: besides(table.name, "before"), relation: table };
  const helpers = [shadow, before, positionOf(table, shadow), ...parts];
  const taken = takenHelper(helpers, given);
  if (taken !== null) return failed({ message: taken, argument: "style" });
  if (new Set(helpers.map(({ name }) => name)).size < helpers.length)
    return failed({
      message: `the name of ${writeName(catalog, table)} is too long to tell those of its copy apart: use the simple style`,
      argument: "style",
    });
  const called = takenFunction(shadow, given);
  if (called !== null) return failed({ message: called, argument: "style" });
  const context: StepContext = { ...given, division };
  const hung = hungOn(table, given);
  const own = (kinds: ReadonlySet<KeptBelonging["kind"]>) => hung.belongings.filter(({ kind }) => kinds.has(kind));
  // What default privileges would give of a partition, and nobody has of the table.
  const revoked = hung.belongings.filter(({ kind, sql }) => kind === "privilege" && sql?.[0].startsWith("REVOKE"));
  const likeness = { like: table, model: table };
  // Publications have no partitioned tables before PostgreSQL 13.
  const isOfWhole = (each: KeptBelonging): boolean =>
    !ofLeaves.has(each.kind) &&
    (each.kind !== "publication" || given.version >= 13) &&
    // Its indexes get their names, and those constraints their comments, at the end.
    (commentedConstraint(each, table)?.index ?? null) === null;
  const unpublished = hung.belongings.filter(({ kind }) => kind === "publication" && given.version < 13).map(inWords);
  const whole = { belongings: hung.belongings.filter(isOfWhole), missing: [...hung.missing, ...unpublished] };
  const fresh: TableReference = { schema: table.schema, name: table.name, relation: null };
  return written(request, {
    table,
    shadow,
    fresh,
    before,
    parts,
    handed: handedTo(fresh, likeness, whole, context, true),
    making: {
      keysOf: made.table,
      hung: { belongings: [...own(ofLeaves), ...own(ofBoth), ...revoked], missing: [] },
      filled: "unseen",
    },
    sequences: table.columns.flatMap(({ name, identity }) =>
      identity === null
        ? []
        : [{ column: name, old: sequenceBehind(table, name, given), made: sequenceBehind(made.table, name, made) }],
    ),
    partitioned,
    context,
  });
}

function hindranceOf(table: Relation, context: WriterContext): Failure | null {
  const { catalog, version, inTransaction } = context;
  const name = writeName(catalog, table);
  const fail = (message: string): Failure => ({ message, argument: "style" });
  if (version < 12)
    return fail("copying ahead needs foreign keys and indexes of partitioned tables as PostgreSQL 12 has them");
  if (inTransaction) return fail("the steps are transactions of their own, and this script stands inside of one");
  if (table.children.size > 0) return fail(`${name} has children: the simple style makes partitions of them`);
  const ofKey = keyHindrance(table, context);
  if (ofKey !== null) return fail(ofKey);
  const unproved = table.constraints.find(
    ({ type, validated, enforced }) => type === "foreign-key" && !(validated && enforced),
  );
  if (unproved !== undefined)
    return fail(
      `rows of ${name} may violate ${unproved.name}, which is not validated, and could not be copied: VALIDATE CONSTRAINT first`,
    );
  const referring = referencesTo(table, catalog);
  const divided = referring.find((relation) => relation.id === table.id || isPartitioned(relation));
  if (divided !== undefined)
    return fail(
      divided.id === table.id
        ? `${name} refers to itself, which would be checked anew while it is locked: use the simple style`
        : `a foreign key of ${writeName(catalog, divided)}, which is partitioned, refers to ${name} and would be checked anew while it is locked: use the simple style`,
    );
  const watching = table.triggers.find(({ row, transitionTables }) => row && transitionTables);
  if (watching !== undefined)
    return fail(
      `ROW triggers with transition tables are not supported on partitioned tables, as ${watching.name} is one`,
    );
  const before = table.triggers.find(({ row, timing }) => row && timing === "before");
  if (before !== undefined && version < 13)
    return fail(`PostgreSQL ${version} has no BEFORE ROW triggers on partitioned tables, as ${before.name} is one`);
  const published = belongingsOf(catalog, table).find(
    ({ kind, sql }) => kind === "publication" && / WHERE /i.test(sql?.[1] ?? ""),
  );
  if (published !== undefined)
    return fail(
      `the publication ${published.name} takes rows of ${name} by a condition, which for a partitioned table only publish_via_partition_root allows: take ${name} out of it first`,
    );
  const held = holdersOf(table, context);
  if (held !== null) return { message: held, argument: "table" };
  return null;
}

/** The partitions that the copy is made with; ranges and lists get a default one for what comes besides. */
function boundsOf(request: OperationRequest, division: Division, context: WriterContext): readonly Bound[] | Failure {
  const rest: Bound = { kind: "default" };
  switch (division.key.strategy) {
    case "hash": {
      const { modulus } = request;
      if (modulus === null)
        return { message: '"modulus" must say how many hash partitions there are to be', argument: "modulus" };
      return Array.from({ length: modulus }, (_, remainder): Bound => ({ kind: "hash", modulus, remainder }));
    }
    case "list": {
      if (request.values.length === 0)
        return { message: '"values" must list the values that get a partition each', argument: "values" };
      const values = readValues(request.values, division.key, context);
      if ("message" in values) return values;
      const twice = values.findIndex((value, index) => values.slice(0, index).some((other) => sameValue(other, value)));
      return twice >= 0
        ? {
            message: `${request.values[twice] ?? ""} is there twice: each value gets one partition`,
            argument: "values",
          }
        : [...values.map((value): Bound => ({ kind: "list", values: [value] })), rest];
    }
    default: {
      const series = seriesOf(request, division, context);
      if ("message" in series) return series;
      const days = countsDays(division);
      if (request.end === null && (request.count > 1 || !days)) {
        const ranges = rangesFrom(series, request.count, division, context);
        return "message" in ranges ? ranges : [...ranges, rest];
      }
      const end = readPoint(request.end ?? context.today, division.key, "end", context);
      if ("message" in end) return end;
      const isLater = (comparePoints(boundAt(series.start, division.key), end, collationsOf(division.key)) ?? 0) > 0;
      if (request.end === null && isLater)
        return {
          message: '"start" lies behind today: say with "end" or "count" how far the ranges go',
          argument: "start",
        };
      const ranges = rangesUpTo(series, end, division, context, request.end === null ? "beyond" : "exactly");
      return "message" in ranges ? ranges : [...ranges, rest];
    }
  }
}

function written(request: OperationRequest, ahead: Ahead): OperationResult {
  const { table, shadow, parts, handed, context } = ahead;
  const { catalog, division } = context;
  const name = writeName(catalog, table);
  const { key } = division;
  const title = `Convert ${name} to a table partitioned by ${key.strategy} (${key.elements.map(({ text }) => text).join(", ")})`;
  return {
    ok: true,
    value: assembleScript(
      {
        title,
        comment: [
          `${title}. Its rows are copied to ${parts.length === 1 ? "one partition" : `${parts.length} partitions`} of a new table.`,
          `Readers and writers of ${name} go on while rows are copied; the switch locks it (ACCESS EXCLUSIVE) for a moment, and gives up where it does not get that lock soon.`,
          `Undo: copy the rows back to a plain table, while others wait.`,
        ],
        steps: stepsAhead(ahead, request.batch),
        notes: [
          `Up to the switch nothing of ${name} has changed: to give up, DROP FUNCTION ${writeName(catalog, syncOf(shadow))}() CASCADE and DROP TABLE ${writeName(catalog, shadow)}, ${writeName(catalog, positionOf(table, shadow))}. A copy that was stopped may be run again.`,
          "TRUNCATE of the table is not repeated in its copy, nor what transactions in REPEATABLE READ or SERIALIZABLE delete that began before a row was copied: let none run meanwhile.",
          ...(handed.missing.length === 0 ? [] : [`The new ${name} does not get: ${listed(handed.missing)}.`]),
          `Privileges and policies are those of ${name} as a whole: its partitions have none of their own, and with row security on it only their owner reads them by name${table.origin.kind === "database" ? "" : "; without, default privileges may open them to others, which these files do not show"}.`,
          snapshotNote(name),
          identityNote(name, "the old table"),
          unreadNote(name, "the old table", table),
          publishedNote,
          ...referringNote(table, context),
          ...statisticsNote([table], context),
          ...cutNote(context),
          ...publicationNote(belongingsOf(catalog, table)),
          ...(table.origin.kind === "database"
            ? []
            : [
                "Privileges, policies, triggers and the like are copied as far as these files show them: connect to a database for all of them.",
              ]),
        ],
        undo: stepsBack(ahead),
      },
      context.inTransaction,
    ),
  };
}

/** The switch locks them too, in an order that transactions which use both tables need not follow. */
function referringNote(table: Relation, { catalog }: StepContext): readonly string[] {
  const names = referencesTo(table, catalog).map((relation) => writeName(catalog, relation));
  return names.length === 0
    ? []
    : [
        `The switch locks ${listed(names)} too, whose foreign keys it gives to the new table (validated behind it): a transaction that writes there and needs ${writeName(catalog, table)} may end in a deadlock with it, which PostgreSQL resolves by aborting one of the two.`,
      ];
}
