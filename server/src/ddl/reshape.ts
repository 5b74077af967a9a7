/** Parts of a table taken apart and put together anew in one transaction: what splits, merges and moves have in common. */

import { belongingsOf } from "../catalog/belongings.ts";
import type { TableConstraint, TriggerInfo } from "../catalog/relation.ts";
import { quoteIdentifier } from "../syntax/names.ts";
import { shareOf } from "./bound-relation.ts";
import { conditionOf } from "./condition.ts";
import { commentsAgain } from "./constraint-comments.ts";
import { referencesTo, uncheckedRows, viewsOn } from "./declarative/carry-over.ts";
import type { Division, Failure, KnownPart, Part, TableReference } from "./division.ts";
import {
  cutNote,
  listed,
  lostNote,
  missingNote,
  publicationNote,
  remadeNote,
  statisticsNote,
} from "./hand-over-notes.ts";
import { rowUsersOf } from "./holders.ts";
import { keyLocks } from "./locks.ts";
import { copyRows } from "./moved-rows.ts";
import {
  analyze,
  boundChecks,
  checkedAtOnce,
  deleteRows,
  dropTable,
  lateSteps,
  makeTable,
  place,
  release,
  remadeAsBefore,
  type StepContext,
  statesAgain,
  step,
  withoutRemade,
} from "./part-steps.ts";
import { swallower } from "./row-losses.ts";
import type { ScriptStep } from "./script.ts";
import { addUnchecked, dropUnchecked } from "./unchecked-constraints.ts";
import { fullName, type WriterContext, writeName } from "./writer.ts";

export interface Reshaping {
  readonly steps: readonly ScriptStep[];
  readonly undo: readonly ScriptStep[];
  readonly notes: readonly string[];
}

/**
 * The rows of `sources` in the parts of `results`, which cover the same rows. A result with the name of a source keeps its
 * table, and gives away the rows that are no longer its own; the others are made, and sources without a result are dropped.
 *
 * @param fires false where the rows go to copies, in place of parts that are there with their triggers
 */
export function reshape(
  division: Division,
  sources: readonly KnownPart[],
  results: readonly Part[],
  context: WriterContext,
  fires = true,
): Reshaping | Failure {
  const [first] = sources;
  if (first === undefined) return { message: "there is nothing to take rows from" };
  const dropped = sources.filter((source) => !results.some((result) => isSame(result, source)));
  const views = readersOf(dropped, context);
  if (views !== null) return views;
  const flows = flowsBetween(sources, results, { ...context, division });
  if ("message" in flows) return flows;
  for (const { to } of flows) {
    const lost = to.relation === null || !fires ? null : swallower(to.relation, division.table, context);
    if (lost !== null)
      return {
        message: `the trigger ${lost} of ${writeName(context.catalog, to)} returns NULL before INSERT, and rows that it does not let in would be lost: ALTER TABLE ${writeName(context.catalog, to)} DISABLE TRIGGER ${quoteIdentifier(lost)} first`,
      };
  }
  const forward = stepsOf(sources, results, first, flows, { ...context, division });
  const knownResults = results.map((part) => ({ ...part, relation: part.relation ?? first.relation }));
  const [firstResult] = knownResults;
  const back = flowsBetween(results, sources, { ...context, division });
  const undo =
    "message" in back || firstResult === undefined
      ? []
      : stepsOf(results, sources, firstResult, back, { ...context, division, undoing: true });
  const lostBack =
    "message" in back
      ? []
      : back.flatMap(({ to }) => (to.relation && swallower(to.relation, division.table, context)) ?? []);
  const gone = dropped.flatMap((source) => {
    const taker = flows.find(({ from }) => isSame(from, source))?.to;
    const kept = taker?.relation ?? first.relation;
    return kept.id === source.relation.id ? [] : lostNote(source, kept, division, context);
  });
  const made = results.filter(({ relation }) => relation === null);
  const models = made.map((part) => flows.find(({ to }) => isSame(to, part))?.from.relation ?? first.relation);
  const notes = [
    ...notesOf(division, sources, firing(sources, results, flows), context),
    ...remadeNote(division, "each of these partitions", context),
    ...cutNote(context),
    ...publicationNote(models.flatMap((relation) => belongingsOf(context.catalog, relation))),
    ...statisticsNote(fires ? models : sources.map(({ relation }) => relation), context),
    ...made.flatMap((part, index) => missingNote(part, models[index] ?? first.relation, { ...context, division })),
    ...gone,
    ...(lostBack.length === 0
      ? []
      : [
          `Before the undo disable ${listed(lostBack)}, which returns NULL before INSERT: rows that it does not let in would be lost.`,
        ]),
  ];
  return { steps: forward, undo, notes };
}

/** The views that keep tables from being dropped, as a failure that says so; null where there are none. */
export function readersOf(parts: readonly KnownPart[], context: WriterContext): Failure | null {
  const { catalog } = context;
  for (const part of parts) {
    const [view] = viewsOn(part.relation, catalog);
    if (view !== undefined)
      return {
        message: `${writeName(catalog, view)} reads ${writeName(catalog, part)} itself, which would be dropped: drop the view first, and create it again on the whole table`,
      };
    const users = rowUsersOf(part.relation, context);
    if (users.length > 0)
      return {
        message: `${listed(users)} ${users.length === 1 ? "uses" : "use"} rows of ${writeName(catalog, part)}, which would be dropped: drop ${users.length === 1 ? "it" : "them"} first`,
      };
  }
  return null;
}

interface Flow {
  readonly from: Part;
  readonly to: Part;
  /** null for all rows. */
  readonly condition: string | null;
}

/** Which rows go where. A default takes what is left, so it comes last: all rows that no other result has taken. */
function flowsBetween(
  sources: readonly Part[],
  results: readonly Part[],
  context: StepContext,
): readonly Flow[] | Failure {
  const { division, catalog } = context;
  const flows: Flow[] = [];
  for (const from of sources) {
    for (const to of results) {
      if (isSame(from, to)) continue;
      const share = to.bound.kind === "default" ? "all" : shareOf(from.bound, to.bound, division.key);
      if (share === "unknown")
        return {
          message: `the bounds of ${writeName(catalog, from)} and ${writeName(catalog, to)} cannot be compared`,
        };
      if (share === "none") continue;
      // What has another place than the default is told by the other results.
      const isTaken = to.bound.kind === "default" && results.some((each) => isSame(from, each));
      if (isTaken) continue;
      const condition = share === "all" ? null : conditionOf(to.bound, division.condition);
      if (share === "some" && condition === null)
        return { message: `no condition tells the rows of ${writeName(catalog, to)} from others` };
      flows.push({ from, to, condition });
    }
  }
  return division.scheme === "inheritance" ? withNulls(flows, results) : flows;
}

/** A child's CHECK lets NULL pass, and no condition takes it: of a child that is dropped the first flow takes such rows along. */
function withNulls(flows: readonly Flow[], results: readonly Part[]): readonly Flow[] {
  return flows.map((flow, index) => {
    const isFirst = flows.findIndex(({ from }) => isSame(from, flow.from)) === index;
    const isKept = results.some((result) => isSame(result, flow.from));
    if (flow.condition === null || isKept || !isFirst) return flow;
    return { ...flow, condition: `(${flow.condition}) IS NOT FALSE` };
  });
}

function stepsOf(
  sources: readonly Part[],
  results: readonly Part[],
  like: KnownPart,
  flows: readonly Flow[],
  given: StepContext,
): readonly ScriptStep[] {
  const { division } = given;
  const context: StepContext = { ...given, withoutReferences: true };
  const isKept = (part: Part): boolean => results.some((result) => isSame(result, part));
  const made = results.filter((result) => !sources.some((source) => isSame(source, result)));
  // A default is taken out first and comes back last, so that nothing searches it in between.
  const defaultsFirst = [...sources].sort((a, b) => Number(isDefault(b)) - Number(isDefault(a)));
  const defaultsLast = [...results].sort((a, b) => Number(isDefault(a)) - Number(isDefault(b)));
  const staysDefault = division.defaultPart !== null && !sources.some(isDefault) && !results.some(isDefault);
  const references =
    division.scheme === "declarative"
      ? referencingKeys(
          context,
          sources.filter((part) => !isKept(part)),
        )
      : { drop: [], add: [] };
  // Rows that a constraint has not been held against go on as they are.
  const unchecked = results
    .filter((part) => flows.some(({ to }) => isSame(to, part)))
    .map((part) => {
      const isMade = made.includes(part);
      const from = isMade ? (sourceOf(part, flows)?.relation ?? like.relation) : (part.relation ?? like.relation);
      const mayGo = isMade || division.scheme === "declarative";
      return { part, constraints: mayGo ? uncheckedRows(from) : [] };
    });
  return [
    ...checkedAtOnce(
      [division.table, ...[...sources, ...results].flatMap(({ relation }) => relation ?? [])],
      context.catalog,
    ),
    ...references.drop,
    ...defaultsFirst.flatMap((part) => release(part, context, staysDefault)),
    ...keptFromWriters(defaultsFirst, context),
    ...made.flatMap((part) => makeTable(part, sourceOf(part, flows)?.relation ?? like.relation, context)),
    ...sources.filter(isKept).flatMap((part) => withoutRemade(part, context)),
    ...unchecked.flatMap(({ part, constraints }) => dropUnchecked(part, constraints, context)),
    // A policy that hides rows is to be an error, for what is not copied is lost.
    ...(flows.length === 0 ? [] : [step("SET LOCAL row_security = off")]),
    ...flows.map(({ from, to, condition }) => copyRows(from, to, condition, context)),
    ...flows.filter(({ from }) => isKept(from)).map(({ from, condition }) => deleteRows(from, condition, context)),
    ...sources.filter((part) => !isKept(part)).map((part) => dropTable(part, context)),
    ...unchecked.flatMap(({ part, constraints }) => addUnchecked(part, constraints, context)),
    ...defaultsLast.flatMap((part) => place(part, context, staysDefault, made.includes(part))),
    ...results
      .filter((part) => !made.includes(part))
      .flatMap((part) => [...remadeAsBefore(part, context), ...statesAgain(part, context)]),
    ...made.flatMap((part) => lateSteps(part, sourceOf(part, flows)?.relation ?? like.relation, context)),
    ...references.add,
    ...analyze(touched(flows, isKept), context),
  ];
}

/**
 * Whoever writes to a source itself, not through the table, has to wait too: what comes between the copy and DROP would be lost.
 * Before PostgreSQL 14 DETACH lets such writers go on, and so does a child whose CHECK stays.
 */
function keptFromWriters(sources: readonly Part[], { division, catalog, version }: StepContext): readonly ScriptStep[] {
  const open =
    division.scheme === "declarative"
      ? sources.filter(() => version < 14)
      : sources.filter((part) => boundChecks(part, division).length === 0);
  return open.map((part) =>
    step(`LOCK TABLE ${writeName(catalog, part)} IN ACCESS EXCLUSIVE MODE`, [part, "ACCESS EXCLUSIVE"]),
  );
}

function sourceOf(part: Part, flows: readonly Flow[]): Part | undefined {
  return flows.find(({ to, from }) => isSame(to, part) && from.relation !== null)?.from;
}

function touched(flows: readonly Flow[], isKept: (part: Part) => boolean): readonly TableReference[] {
  const tables = new Map<string, TableReference>();
  for (const { from, to } of flows) {
    if (isKept(from)) tables.set(fullName(from), from);
    tables.set(fullName(to), to);
  }
  return [...tables.values()];
}

/** Foreign keys of others that refer to the table keep DETACH from taking referenced rows away: they go, and come back. */
export function referencingKeys(
  context: StepContext,
  dropped: readonly TableReference[] = [],
): {
  readonly drop: readonly ScriptStep[];
  readonly add: readonly ScriptStep[];
} {
  const { division, catalog } = context;
  const { table } = division;
  const keys = referencesTo(table, catalog).flatMap((relation) =>
    relation.constraints
      .filter(({ references, inheritedFrom }) => references?.relation === table.id && inheritedFrom === 0)
      .map((constraint) => ({ relation, constraint })),
  );
  const written = writeName(catalog, table);
  const gone = new Set(dropped.map(fullName));
  return {
    drop: keys.map(({ relation, constraint: { name } }) => ({
      sql: `ALTER TABLE ${writeName(catalog, relation)} DROP CONSTRAINT ${quoteIdentifier(name)}`,
      locks: keyLocks(relation, table, "ACCESS EXCLUSIVE", catalog),
      transaction: "inside",
    })),
    add: keys.flatMap(({ relation, constraint }): readonly ScriptStep[] => [
      {
        sql: `ALTER TABLE ${writeName(catalog, relation)} ADD CONSTRAINT ${quoteIdentifier(constraint.name)} ${foreignKey(constraint, written)}`,
        locks: keyLocks(relation, table, "SHARE ROW EXCLUSIVE", catalog).filter(
          ({ relation: name }) => !gone.has(name),
        ),
        transaction: "inside",
      },
      ...commentsAgain(relation, [constraint], writeName(catalog, relation), catalog),
    ]),
  };
}

/** `FOREIGN KEY (a) REFERENCES t (b) ON DELETE CASCADE` */
export function foreignKey({ columns, references, validated, enforced }: TableConstraint, table: string): string {
  const list = (names: readonly string[]): string => names.map(quoteIdentifier).join(", ");
  const to = references === null || references.columns.length === 0 ? "" : ` (${list(references.columns)})`;
  const terms = references?.terms.trim() ?? "";
  const state = !enforced ? " NOT ENFORCED" : validated ? "" : " NOT VALID";
  return `FOREIGN KEY (${list(columns)}) REFERENCES ${table}${to}${terms === "" ? "" : ` ${terms}`}${state}`;
}

/** The triggers of single parts that the script fires: rows are deleted of a part that stays, and come into one that does. */
function firing(
  sources: readonly KnownPart[],
  results: readonly Part[],
  flows: readonly Flow[],
): readonly TriggerInfo[] {
  return sources.flatMap((part) => {
    if (!results.some((result) => isSame(result, part))) return [];
    const [gives, takes] = [flows.some(({ from }) => isSame(from, part)), flows.some(({ to }) => isSame(to, part))];
    return part.relation.triggers.filter(
      ({ events }) => (gives && events.includes("delete")) || (takes && events.includes("insert")),
    );
  });
}

/** What the reader must know: what is not carried over, what waits. */
function notesOf(
  division: Division,
  sources: readonly KnownPart[],
  fired: readonly TriggerInfo[],
  context: WriterContext,
): readonly string[] {
  const { catalog } = context;
  const { table, scheme } = division;
  const name = writeName(catalog, table);
  const references = scheme === "declarative" ? referencesTo(table, catalog) : [];
  // Those that the whole table hands down are gone as long as a partition is detached.
  const handedDown = new Set(table.triggers.map((trigger) => trigger.name));
  const triggers = fired.flatMap((trigger) => (handedDown.has(trigger.name) ? [] : [trigger.name]));
  const searched = scheme === "declarative" ? division.defaultPart : null;
  return [
    ...(searched === null || sources.some(isDefault)
      ? []
      : [`Each ATTACH searches ${writeName(catalog, searched)}, the default partition, for rows of the new range.`]),
    ...(references.length === 0
      ? []
      : [
          `The foreign keys of ${references.map((relation) => writeName(catalog, relation)).join(", ")} to ${name} are dropped and added again, which reads those tables whole.`,
        ]),
    ...(triggers.length === 0
      ? []
      : [`${firedNote} for the rows that are moved into or out of their partition: ${triggers.join(", ")}.`]),
    ...(scheme === "inheritance" && (table.triggers.length > 0 || table.rules.length > 0)
      ? [
          `Rows are sent to the children of ${name} by ${[...table.triggers.map((trigger) => trigger.name), ...table.rules].join(", ")}: it has to know the new ones before they are used.`,
        ]
      : []),
    ...(sources.every(({ relation }) => relation.origin.kind === "database")
      ? []
      : [
          "Privileges, policies, storage parameters and the like of single partitions are copied as far as these files show them, and default privileges may give others more of a new table: connect to a database for all of them.",
        ]),
  ];
}

/** How the note on triggers begins: a copy that is made ahead fires none of them. */
export const firedNote = "Triggers of the partitions themselves fire";

function isDefault({ bound }: Part): boolean {
  return bound.kind === "default";
}

export function isSame(a: TableReference, b: TableReference): boolean {
  return a.schema === b.schema && a.name === b.name;
}
