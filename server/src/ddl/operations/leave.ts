/** Parts leave the table: detached, dropped, or old ones put away as a rule of retention says. */

import { madeInPortions } from "../../catalog/access.ts";
import { schemaMayExist } from "../../catalog/catalog.ts";
import { collationsOf, comparePoints } from "../../catalog/partition-set.ts";
import { advance, type Step } from "../../catalog/series.ts";
import { quoteIdentifier, quoteQualifiedName } from "../../syntax/names.ts";
import { itemsOfName, itemsOfWriting } from "../../text/portions.ts";
import { referencesTo } from "../declarative/carry-over.ts";
import { beingDetached, type Division, divisionOf, type Failure, type KnownPart, namedPart } from "../division.ts";
import { readPoint, readStep } from "../key-value.ts";
import { detachLocks, lock } from "../locks.ts";
import type { OperationRequest } from "../operation.ts";
import {
  addCheck,
  boundChecks,
  dropTable,
  place,
  remadeAsBefore,
  type StepContext,
  step,
  withoutRemade,
} from "../part-steps.ts";
import { assembleScript } from "../print.ts";
import { readersOf } from "../reshape.ts";
import type { OperationResult, ScriptStep } from "../script.ts";
import { boundAt, calendarOf, failed, problem, type Writer, type WriterContext, writeName } from "../writer.ts";

type Action = "detach" | "drop" | "archive";

export const writeDetach: Writer = (request, table, context) => writeOne(request, table, context, "detach");

export const writeDrop: Writer = (request, table, context) => writeOne(request, table, context, "drop");

function writeOne(
  request: OperationRequest,
  table: Division["table"],
  context: WriterContext,
  action: "detach" | "drop",
): OperationResult {
  const division = divisionOf(table, context);
  if ("message" in division) return failed(division);
  const part = namedPart(request.partition, division, context, "partition", action);
  if ("message" in part) return failed(part);
  const title = `${action === "detach" ? "Detach" : "Drop"} ${writeName(context.catalog, part)}`;
  return scriptOfLeaving(title, [part], action, request, division, context);
}

/** "Keep 12 months", "keep 12": the ranges that lie before that are detached, dropped, or put into a schema of their own. */
export const writeRetention: Writer = (request, table, context) => {
  const { catalog } = context;
  const division = divisionOf(table, context);
  if ("message" in division) return failed(division);
  const name = writeName(catalog, table);
  if (division.key.strategy !== "range")
    return problem(`${name} is partitioned by ${division.key.strategy}: none of its partitions is older`, "table");
  const old = outOfRetention(request, division, context);
  if ("message" in old) return failed(old);
  if (old.length === 0) return problem(`no partition of ${name} is older than ${request.keep}`, "keep");
  const action = request.action ?? "detach";
  const verb = { detach: "Detach", drop: "Drop", archive: "Archive" }[action];
  const title = `${verb} ${old.length === 1 ? "the partition" : `the ${old.length} partitions`} of ${name} older than ${/^\d+$/.test(request.keep ?? "") ? `the last ${request.keep}` : request.keep}`;
  return scriptOfLeaving(title, old, action, request, division, context);
};

function outOfRetention(
  { keep }: OperationRequest,
  division: Division,
  context: WriterContext,
): readonly KnownPart[] | Failure {
  if (keep === null)
    return { message: '"keep" must say how much stays: an interval, or a number of partitions', argument: "keep" };
  const ranges = division.parts.filter(({ bound }) => bound.kind === "range");
  if (/^\s*\d+\s*$/.test(keep)) {
    const number = Number(keep);
    return number > 0
      ? ranges.slice(0, Math.max(0, ranges.length - number))
      : { message: '"keep" must be at least 1', argument: "keep" };
  }
  const { key, table } = division;
  const step: Step | Failure = readStep(keep, key, "keep", context);
  if ("message" in step) return step;
  const today = readPoint(context.today, key, "keep", context);
  const [now] = "message" in today ? [] : today;
  if (now?.kind !== "value")
    return { message: "the key has no dates: say with a number how many partitions stay", argument: "keep" };
  const value = advance(now.value, step, -1, calendarOf(table, context.catalog));
  if (value === null) return { message: `${keep} before today is no value of the key`, argument: "keep" };
  const limit = boundAt({ kind: "value", value }, key);
  return ranges.filter(
    ({ bound }) => bound.kind === "range" && (comparePoints(bound.upper, limit, collationsOf(key)) ?? 1) <= 0,
  );
}

function scriptOfLeaving(
  title: string,
  parts: readonly KnownPart[],
  action: Action,
  request: OperationRequest,
  division: Division,
  given: WriterContext,
): OperationResult {
  const { catalog, version } = given;
  const { table, scheme } = division;
  const context: StepContext = { ...given, division };
  const parent = writeName(catalog, table);
  const hasDefault = division.defaultPart !== null;
  const isOnline = request.style === "online";
  const concurrently = isOnline && scheme === "declarative";
  if (isOnline && given.inTransaction)
    return problem("the steps are transactions of their own, and this script stands inside of one", "style");
  if (concurrently && version < 14)
    return problem(
      "PostgreSQL detaches CONCURRENTLY from 14 on: the simple style waits no longer than lock_timeout",
      "style",
    );
  if (concurrently && hasDefault)
    return problem(
      "cannot detach partitions concurrently when a default partition exists: use the simple style",
      "style",
    );
  const pending = (concurrently ? division.parts : parts).find(({ relation }) => relation.partitionOf?.detachPending);
  if (pending !== undefined)
    return problem(
      beingDetached(writeName(catalog, pending)),
      request.operation === "retention" ? "keep" : "partition",
    );
  const views = action === "drop" ? readersOf(parts, given) : null;
  if (views !== null) return failed(views);
  for (const part of action === "drop" ? parts : []) {
    const referring = referencesTo(part.relation, catalog).find(({ id }) => id !== part.relation.id);
    if (referring !== undefined)
      return problem(
        `a foreign key of ${writeName(catalog, referring)} refers to ${writeName(catalog, part)} itself, which would be dropped: drop that key first, or detach`,
        request.operation === "retention" ? "action" : "partition",
      );
  }
  const references = scheme === "declarative" && version >= 12 ? referencesTo(table, catalog) : [];
  const schema = request.name ?? "archive";
  const archive: readonly ScriptStep[] =
    action === "archive" && !catalogHasSchema(context, schema)
      ? [
          {
            sql: `CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`,
            locks: [],
            transaction: isOnline ? "outside" : "inside",
          },
        ]
      : [];
  const steps = [
    ...archive,
    ...madeInPortions(parts, itemsOfWriting, (part): readonly ScriptStep[] => {
      const after = putAway(part, action, schema, context);
      return [...taken(part, concurrently, context), ...after].map((each) =>
        isOnline ? { ...each, transaction: "outside" as const } : each,
      );
    }),
  ];
  const names = madeInPortions(parts, itemsOfName, (part) => [writeName(catalog, part)]);
  const back =
    action === "drop" ? null : madeInPortions(parts, itemsOfWriting, (part) => putBack(part, action, schema, context));
  return {
    ok: true,
    value: assembleScript(
      {
        title,
        comment: [
          parts.length === 1 ? `${title}.` : `${title}: ${names.join(", ")}.`,
          concurrently
            ? `DETACH CONCURRENTLY takes SHARE UPDATE EXCLUSIVE on ${parent}, and waits for the transactions that use it: readers and writers go on.`
            : scheme === "inheritance"
              ? "Readers and writers of the other children go on."
              : `DETACH takes ACCESS EXCLUSIVE on ${parent} for a moment; while it waits for that, others queue behind it no longer than lock_timeout.`,
          back === null
            ? "There is no undo: the rows are gone. Make a backup first, or detach."
            : "Undo: attach them again.",
        ],
        steps,
        notes: [
          ...(references.length === 0
            ? []
            : [
                `Foreign keys of ${references.map((relation) => writeName(catalog, relation)).join(", ")} refer to ${parent}: DETACH is refused while rows of the partition are referenced.`,
              ]),
          ...(concurrently
            ? [
                "DETACH CONCURRENTLY leaves a CHECK of the bound on what was a partition, by which ATTACH need not search it.",
              ]
            : []),
          ...(concurrently ? ["If it is interrupted, finish with ALTER TABLE … DETACH PARTITION … FINALIZE."] : []),
          ...(scheme === "declarative" && !hasDefault
            ? []
            : scheme === "declarative"
              ? ["New rows of that range go to the default partition from then on."]
              : []),
        ],
        undo: back,
      },
      given.inTransaction,
    ),
  };
}

function taken(part: KnownPart, concurrently: boolean, context: StepContext): readonly ScriptStep[] {
  const { division, catalog } = context;
  const [name, parent] = [writeName(catalog, part), writeName(catalog, division.table)];
  if (division.scheme === "inheritance")
    return [step(`ALTER TABLE ${name} NO INHERIT ${parent}`, [part, "ACCESS EXCLUSIVE"])];
  if (!concurrently)
    return [
      {
        sql: `ALTER TABLE ${parent} DETACH PARTITION ${name}`,
        locks: detachLocks(division.table, part, division.defaultPart, context),
        transaction: "inside",
      },
    ];
  return [
    {
      sql: `ALTER TABLE ${parent} DETACH PARTITION ${name} CONCURRENTLY`,
      locks: [lock(division.table, "SHARE UPDATE EXCLUSIVE"), lock(part, "ACCESS EXCLUSIVE")],
      transaction: "outside",
    },
  ];
}

function putAway(part: KnownPart, action: Action, schema: string, context: StepContext): readonly ScriptStep[] {
  if (action === "detach") return [];
  if (action === "drop") {
    const dropped = dropTable(part, context);
    return [
      part.relation.kind === "foreign-table"
        ? { ...dropped, sql: dropped.sql.replace("DROP TABLE", "DROP FOREIGN TABLE") }
        : dropped,
    ];
  }
  return [
    step(`ALTER TABLE ${writeName(context.catalog, part)} SET SCHEMA ${quoteIdentifier(schema)}`, [
      part,
      "ACCESS EXCLUSIVE",
    ]),
  ];
}

function putBack(part: KnownPart, action: Action, schema: string, context: StepContext): readonly ScriptStep[] {
  const { division, catalog } = context;
  const back =
    action === "archive"
      ? [
          step(`ALTER TABLE ${quoteQualifiedName(schema, part.name)} SET SCHEMA ${quoteIdentifier(part.schema)}`, [
            part,
            "ACCESS EXCLUSIVE",
          ]),
        ]
      : [];
  if (division.scheme === "declarative")
    return [
      ...back,
      ...withoutRemade(part, context),
      ...place(part, context, division.defaultPart !== null, true),
      ...remadeAsBefore(part, context),
    ];
  const [check] = boundChecks(part, division);
  return [
    ...back,
    // Its CHECK has stayed.
    ...(check === undefined ? addCheck(part, `${part.name}_check`, context) : []),
    step(
      `ALTER TABLE ${writeName(catalog, part)} INHERIT ${writeName(catalog, division.table)}`,
      [part, "ACCESS EXCLUSIVE"],
      [division.table, "SHARE UPDATE EXCLUSIVE"],
    ),
  ];
}

function catalogHasSchema({ catalog }: StepContext, schema: string): boolean {
  return catalog.schemas.has(schema) && schemaMayExist(catalog, schema);
}
