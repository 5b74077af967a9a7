/** Decides what a statement may run besides itself: the one place that knows all ways in which code is run. */

import { type Catalog, findRelation } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { StoredCode } from "../../catalog/stored-code.ts";
import type { Query } from "../../syntax/query.ts";
import type { AlterTable, Other, QueryStatement, Statement } from "../../syntax/statement.ts";
import type { Uses } from "../../syntax/uses.ts";
import { addAll } from "../../text/long-lists.ts";
import type { ApplyContext } from "../outcome.ts";
import { certainCalls } from "../queries/certain-calls.ts";
import { callsInside } from "../queries/query-walk.ts";
import { isSetConfig } from "../relations/settings.ts";
import { type Closure, createClosure, type Running } from "./closure.ts";
import { commandTag } from "./command-tags.ts";
import { isComputedNow } from "./computed-now.ts";
import { hasUnknownExtension } from "./known-functions.ts";

/** What the statement may run; null where it runs nothing but PostgreSQL's own code, which is told without looking further. */
export function whatRuns(catalog: Catalog, statement: Statement, context: ApplyContext): Running | null {
  const { uses } = statement;
  const tag = commandTag(statement, context.text);
  const isWatched = tag !== null && (hasUnknownExtension(catalog) || hasEventTriggers(catalog));
  if (uses === undefined && !isWatched && !rebuilds(catalog, statement) && !hasPending(catalog, statement)) return null;
  const closure = createClosure(catalog);
  const computed = isComputedNow(catalog, statement);
  if (uses !== undefined) followStatement(catalog, statement, uses, context, closure);
  const ofOwn = closure.takeErrors() && computed && !isInDoubtByItself(statement);
  if (rebuilds(catalog, statement)) followRebuild(catalog, statement, closure);
  if (!computed) closure.takeErrors();
  if (hasPending(catalog, statement)) followPending(catalog, closure);
  const besides = closure.takeErrors();
  if (isWatched) followEventTriggers(catalog, tag, closure);
  const stops = closure.takeErrors() || ofOwn;
  return { ...closure.result(), raises: stops || besides, stops };
}

/** Whether what rows may keep from being made is in doubt by itself, and not the table with it: indexes and constraints. */
function isInDoubtByItself(statement: Statement): boolean {
  if (statement.kind !== "alter-table") return statement.kind === "create-index";
  return statement.actions.every(({ kind }) => kind === "add-constraint" || kind === "validate-constraint");
}

/** What a call of a function by that name runs. */
export function whatCallRuns(catalog: Catalog, name: readonly string[]): Running | null {
  const closure = createClosure(catalog);
  closure.call(name);
  return closure.result();
}

/** What runs when rows of the tables change, in whatever way; and the rows that change with them. */
export function whatChangedRowsRun(catalog: Catalog, tables: readonly Relation[]): Running | null {
  if (tables.length === 0) return null;
  const closure = createClosure(catalog);
  for (const table of tables) for (const event of rowEvents) closure.relation(table, event);
  return closure.result();
}

const rowEvents = ["insert", "update", "delete"] as const;

/** What may run wherever anything is computed: the functions of casts and operator classes. */
export function whatRunsUnnamed(catalog: Catalog): Running | null {
  const closure = createClosure(catalog);
  closure.code("ambient", "what a cast or an operator class runs is not known");
  return closure.result();
}

/** What runs when the transaction ends: deferred triggers, cursors that are to outlive it. */
export function whatRunsAtCommit(catalog: Catalog): Running | null {
  if (catalog.pending === undefined) return null;
  const closure = createClosure(catalog);
  followPending(catalog, closure);
  return closure.result();
}

/** What a body that is not followed statement by statement runs. */
export function whatCodeRuns(catalog: Catalog, code: StoredCode["code"], because: string): Running {
  const closure = createClosure(catalog);
  closure.stored(code, because);
  closure.code("ambient", because);
  return closure.result();
}

/** What a new session runs first. */
export function whatRunsAtLogin(catalog: Catalog): Running | null {
  const triggers = eventTriggers(catalog).filter(({ event }) => event === "login");
  if (triggers.length === 0) return null;
  const closure = createClosure(catalog);
  for (const { code } of triggers) closure.stored(code, "what the event trigger runs is not known");
  return closure.result();
}

function followStatement(
  catalog: Catalog,
  statement: Statement,
  uses: Uses,
  context: ApplyContext,
  closure: Closure,
): void {
  switch (statement.kind) {
    case "query":
      followQuery(catalog, statement, uses, closure);
      break;
    case "execute":
      if (statement.wrapper !== "explain") run(uses, closure);
      break;
    case "create-table-as":
      if (statement.materializedView && /\bwith\s+no\s+data\b/i.test(context.text ?? "")) break;
      run(uses, closure);
      break;
    case "create-table":
    case "alter-table":
    case "create-index":
    case "truncate":
    case "copy":
    case "call-procedure":
      run(uses, closure);
      break;
    case "other":
      followOther(statement, uses, closure);
      break;
    default:
      // What others name is stored.
      break;
  }
}

function run(uses: Uses, closure: Closure): void {
  closure.uses(uses);
  closure.code("ambient", "what a cast or an operator class runs is not known");
}

/** EXPLAIN, PREPARE and DECLARE CURSOR do not run the query; the planner computes what is no volatile function's. */
function followQuery(catalog: Catalog, { wrapper, query }: QueryStatement, uses: Uses, closure: Closure): void {
  if (wrapper === "none" || wrapper === "explain-analyze")
    run(uses.settings !== undefined && tellsSettings(query) ? { ...uses, settings: undefined } : uses, closure);
  else if (wrapper !== "prepare") {
    const computed = uses.calls.filter((name) => {
      const own = catalog.functions.get(name.at(-1) ?? "");
      return own !== undefined && own.volatility !== "volatile";
    });
    computed.forEach(closure.call);
  }
}

/** Whether all that the query sets by itself is read from it: what is set then is known, and not in doubt. */
function tellsSettings(query: Query): boolean {
  if (query.kind !== "select" || query.into !== null) return false;
  const certain = new Set(certainCalls(query));
  return callsInside(query).every((call) => !isSetConfig(call) || certain.has(call));
}

function followOther({ tag }: Other, uses: Uses, closure: Closure): void {
  switch (tag) {
    case "ExecuteStmt":
    case "FetchStmt":
    case "AlterDomainStmt":
      run(uses, closure);
      break;
    case "RefreshMatViewStmt":
      for (const name of uses.reads) closure.named(name, "refresh");
      break;
    default:
      break;
  }
}

const scanningActions: ReadonlySet<AlterTable["actions"][number]["kind"]> = new Set([
  "add-column",
  "add-constraint",
  "alter-type",
  "attach-partition",
  "inherit",
  "merge-partitions",
  "set-not-null",
  "split-partition",
  "validate-constraint",
]);

const rebuildingTags: ReadonlySet<string> = new Set(["ClusterStmt", "ReindexStmt", "VacuumStmt"]);

/** Whether the statement computes the expressions of tables that have code of others in them. */
function rebuilds(catalog: Catalog, statement: Statement): boolean {
  if (catalog.attached.size === 0) return false;
  switch (statement.kind) {
    case "create-table":
      return statement.partitionOf !== null;
    case "create-index":
      return true;
    case "alter-table":
      return statement.actions.some(({ kind }) => scanningActions.has(kind));
    case "other":
      return rebuildingTags.has(statement.tag);
    default:
      return false;
  }
}

function followRebuild(catalog: Catalog, statement: Statement, closure: Closure): void {
  const names =
    statement.kind === "create-table"
      ? statement.partitionOf === null
        ? []
        : [statement.partitionOf.parent]
      : statement.kind === "alter-table"
        ? [
            statement.relation,
            ...statement.actions.flatMap((action) => (action.kind === "attach-partition" ? action.partition : [])),
          ]
        : statement.kind === "create-index"
          ? [statement.relation]
          : statement.kind === "other"
            ? statement.relations
            : [];
  if (names.length === 0) closure.everything("rebuild");
  for (const name of names) {
    const relation = findRelation(catalog, name);
    if (relation !== null) closure.relation(relation, "rebuild");
  }
}

function hasPending({ pending }: Catalog, statement: Statement): boolean {
  return pending !== undefined && statement.kind === "other" && statement.tag === "ConstraintsSetStmt";
}

function followPending({ pending }: Catalog, closure: Closure): void {
  for (const code of pending ?? []) closure.stored(code, "what is run at the end of the transaction is not known");
}

function followEventTriggers(catalog: Catalog, tag: string, closure: Closure): void {
  if (hasUnknownExtension(catalog)) closure.anything("what the event triggers of an extension run is not known");
  for (const { code, event, tags } of eventTriggers(catalog)) {
    const isMeant = tags === undefined || tags.length === 0 || tag === "" || tags.includes(tag);
    if (isMeant && event !== "login") closure.stored(code, "what the event trigger runs is not known");
  }
}

/** Whether an event trigger may run something before the statement is looked at. */
export function mayRunBefore(catalog: Catalog, statement: Statement, { text }: ApplyContext): boolean {
  const tag = commandTag(statement, text);
  if (tag === null) return false;
  return hasUnknownExtension(catalog) || eventTriggers(catalog).some(({ event }) => event === "ddl_command_start");
}

function hasEventTriggers(catalog: Catalog): boolean {
  return catalog.code.size > 0 && eventTriggers(catalog).length > 0;
}

const eventTriggersOf = new WeakMap<Catalog["code"], readonly StoredCode[]>();

function eventTriggers({ code }: Catalog): readonly StoredCode[] {
  const known = eventTriggersOf.get(code);
  if (known !== undefined) return known;
  const found: StoredCode[] = [];
  for (const [key, stored] of code.entries("event-trigger ")) {
    if (!key.startsWith("event-trigger ")) break;
    addAll(found, stored);
  }
  eventTriggersOf.set(code, found);
  return found;
}
