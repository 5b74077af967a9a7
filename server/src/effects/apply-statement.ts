/** Every scheme in one place: applies a statement to a catalog by whoever knows its kind. */

import { type Catalog, findRelation, relationById } from "../catalog/catalog.ts";
import { isWithoutPlan } from "../syntax/commands.ts";
import { hashText } from "../syntax/hash.ts";
import type { PlacedStatement } from "../syntax/statement.ts";
import { applyPartitionCommand } from "./declarative/partition-command.ts";
import { inDoubt, restsOnDoubt } from "./doubt.ts";
import { keepLayouts } from "./inheritance/keep-layouts.ts";
import { refuseOlderGrammar } from "./older-grammar.ts";
import { type Apply, type ApplyContext, applied, type Outcome, type Rejection } from "./outcome.ts";
import { withPerhapsChanged, withPerhapsMade } from "./perhaps-made.ts";
import { applyQuery } from "./queries/apply-query.ts";
import { withUndecidedRows } from "./queries/known-rows.ts";
import { applyPrepared } from "./queries/prepared.ts";
import { applyAlterTable } from "./relations/alter-table.ts";
import { keepBelongings } from "./relations/belongings.ts";
import { withBoundElsewhere } from "./relations/bound-names.ts";
import { applyCreateIndex } from "./relations/create-index.ts";
import { applyCreateTable } from "./relations/create-table.ts";
import { applyTypes } from "./relations/create-type.ts";
import { declineDeepTree } from "./relations/deepest-tree.ts";
import { descendantsOf } from "./relations/descendants.ts";
import { applyDrop } from "./relations/drop.ts";
import { applyCreateExtension } from "./relations/extensions.ts";
import { applyCreateFunction } from "./relations/functions.ts";
import { declineManyCommands } from "./relations/most-commands.ts";
import { applyCreateOperatorClass } from "./relations/operator-classes.ts";
import { applyOther } from "./relations/other-commands.ts";
import { applyRename } from "./relations/rename.ts";
import { applyCreateSchema } from "./relations/schemas.ts";
import { applyCreateSequence } from "./relations/sequences.ts";
import { applySetSchema } from "./relations/set-schema.ts";
import { applySettings } from "./relations/settings.ts";
import { refuseSystemCatalog } from "./relations/system-catalogs.ts";
import { applyCreateTrigger } from "./relations/triggers.ts";
import { applyTruncate } from "./relations/truncate.ts";
import { applyCreateView } from "./relations/views.ts";
import { afterRunning, mayChange, outcomeAfter } from "./running/apply-running.ts";
import type { Running } from "./running/closure.ts";
import { withSharedObjects } from "./running/shared-objects.ts";
import { withStoredCode } from "./running/stored-code.ts";
import { withUnshownDoubts } from "./running/unshown.ts";
import { mayRunBefore, whatRuns } from "./running/what-runs.ts";
import { withSessionDoubts } from "./session-doubts.ts";

/**
 * What the statement does to the catalog, or PostgreSQL's refusal. A statement that nobody knows leaves the catalog as it
 * is. Transaction control, `invalid` statements and DO blocks are the replay's.
 */
export function applyStatement(given: Catalog, statement: PlacedStatement, context: ApplyContext): Outcome {
  const outcome = applyByKind(given, statement, context);
  if (outcome.kind === "rejected") return outcome;
  const kept = keepLayouts(given, keepBelongings(given, outcome.catalog, { ...statement, context }), context);
  if (!isUntold(given, statement.statement)) return { ...outcome, catalog: kept };
  return {
    ...outcome,
    catalog: { ...kept, plansBehind: hashText(context.text ?? "", 0, undefined, given.plansBehind ?? 0) },
  };
}

/** Whether plans depend on more of the statement than the catalog keeps. */
function isUntold(catalog: Catalog, statement: PlacedStatement["statement"]): boolean {
  switch (statement.kind) {
    case "create-rule":
    case "create-operator-class":
      return true;
    case "other":
      return !isWithoutPlan(statement.tag);
    case "drop":
    case "rename":
    case "set-schema":
      return statement.objectType === "other" || statement.objectType === "rule";
    case "alter-table":
      // Options of views, such as security_barrier, decide which conditions reach the tables below.
      return (
        statement.actions.some(({ kind }) => kind === "rule") ||
        findRelation(catalog, statement.relation)?.kind === "view"
      );
    default:
      return false;
  }
}

function applyByKind(given: Catalog, statement: PlacedStatement, context: ApplyContext): Outcome {
  const refused = refuseOlderGrammar(statement.statement, context) ?? refuseSystemCatalog(given, statement.statement);
  if (refused !== null) return refused;
  const tooMuch = declineDeepTree(given, statement.statement) ?? declineManyCommands(given, statement.statement);
  if (tooMuch !== null) return tooMuch;
  const running = context.describes === true ? null : whatRuns(given, statement.statement, context);
  const outcome = applyWith(running, given, statement, context);
  // What a query does to rows is told apart where they are kept.
  if (running?.stops !== true || ofRows.has(statement.statement.kind)) return outcome;
  return inDoubt(given, outcome, "code that the statement runs may raise an error");
}

/** Of these, nothing is defined: they change rows, or call what does. */
const ofRows: ReadonlySet<PlacedStatement["statement"]["kind"]> = new Set([
  "query",
  "copy",
  "truncate",
  "call-procedure",
  "execute",
]);

function applyWith(
  running: Running | null,
  given: Catalog,
  statement: PlacedStatement,
  context: ApplyContext,
): Outcome {
  const changes = mayChange(running);
  const catalog = changes && mayRunBefore(given, statement.statement, context) ? afterRunning(given, running) : given;
  const own = new Set(ownRows(catalog, statement.statement));
  for (const apply of schemesFor(statement)) {
    const outcome = apply(catalog, statement, context);
    if (outcome === null) continue;
    if (outcome.kind === "applied") {
      const shown =
        context.describes === true ? outcome : withUnshownDoubts(catalog, statement.statement, outcome, context);
      if (shown.kind === "rejected") return shown;
      const shared = withSharedObjects(shown.catalog, statement.statement);
      const bound = withBoundElsewhere(shared, statement.statement, context.text ?? "");
      const stored = { ...shown, catalog: withStoredCode(bound, statement.statement, context) };
      const sure = withSessionDoubts(catalog, statement.statement, stored, context);
      return outcomeAfter(sure, running, own);
    }
    if (running !== null && inserts(statement.statement) && mayPutRowsThere(catalog, own, outcome.rejection, running)) {
      const stored = [...own].reduce((next, id) => withUndecidedRows(next, id), catalog);
      return outcomeAfter(
        applied(stored, "whether code that is run makes a row that is referred to is not known"),
        running,
        own,
      );
    }
    const isEarlier = !changes || !isOfExecution(outcome.rejection);
    if (isEarlier && !restsOnDoubt(catalog, statement.statement, outcome.rejection)) return outcome;
    if (!isEarlier) return applied(afterRunning(catalog, running), running.because ?? "");
    return applied(
      withPerhapsMade(withPerhapsChanged(catalog, statement.statement), statement.statement),
      `whether it is refused (${outcome.rejection.message}) rests on what could not be told`,
    );
  }
  return outcomeAfter(applied(withStoredCode(catalog, statement.statement, context)), running, own);
}

/** Whether a row lacks another only because what code makes meanwhile is not seen: in tables besides that which gets the row. */
function mayPutRowsThere(
  catalog: Catalog,
  own: ReadonlySet<number>,
  { sqlstate }: Rejection,
  running: Running,
): boolean {
  if (sqlstate !== "23503" || own.size === 0) return false;
  const below = [...own].flatMap((id) => {
    const table = relationById(catalog, id);
    return table === null ? [] : descendantsOf(catalog, table);
  });
  const reached = new Set([...own, ...below.map(({ id }) => id)]);
  return running.anyRows || [...running.rows].some((id) => !reached.has(id));
}

function inserts(statement: PlacedStatement["statement"]): boolean {
  return statement.kind === "copy" || (statement.kind === "query" && statement.query.kind === "insert");
}

/** Whether it is only said when the statement runs, after what is run before. */
function isOfExecution({ sqlstate, rule }: Rejection): boolean {
  return rule === "insert-without-partition" || sqlstate.startsWith("23") || sqlstate.startsWith("22");
}

/** The relation whose rows the statement itself changes: its scheme knows what becomes of them. */
function ownRows(catalog: Catalog, statement: PlacedStatement["statement"]): readonly number[] {
  if (statement.kind === "truncate") {
    const named = statement.relations.flatMap((name) => findRelation(catalog, name) ?? []);
    return named.flatMap((table) => [table, ...descendantsOf(catalog, table)]).map(({ id }) => id);
  }
  if (statement.kind === "copy") {
    const target = statement.relation === null ? null : findRelation(catalog, statement.relation);
    return target === null || statement.direction === "to" ? [] : [target.id];
  }
  if (statement.kind !== "query" || statement.query.kind === "select" || statement.query.kind === "merge") return [];
  const target = findRelation(catalog, statement.query.target);
  return target === null ? [] : [target.id];
}

/** Who is asked, in order. */
function schemesFor({ statement }: PlacedStatement): readonly Apply[] {
  switch (statement.kind) {
    case "create-table":
      return [applyCreateTable];
    case "alter-table":
      return [applyPartitionCommand, applyAlterTable];
    case "create-index":
      return [applyCreateIndex];
    case "drop":
      return [applyDrop];
    case "create-schema":
      return [applySchemaWithElements];
    case "create-type":
    case "alter-enum":
      return [applyTypes];
    case "create-sequence":
      return [applyCreateSequence];
    case "create-function":
      return [applyCreateFunction];
    case "create-operator-class":
      return [applyCreateOperatorClass];
    case "create-trigger":
    case "create-rule":
      return [applyCreateTrigger];
    case "create-extension":
      return [applyCreateExtension];
    case "set":
      return [applySettings];
    case "truncate":
    case "copy":
      return [applyTruncate];
    case "create-view":
    case "create-table-as":
      return [applyCreateView];
    case "rename":
      return [applyRename];
    case "set-schema":
      return [applySetSchema];
    case "call-procedure":
    case "query":
      return [applyQuery];
    case "execute":
    case "deallocate":
      return [applyPreparedStatement];
    case "other":
      return [applyOther];
    case "connect":
    case "psql":
    case "do":
    case "transaction":
    case "invalid":
      return [];
  }
}

function applySchemaWithElements(catalog: Catalog, statement: PlacedStatement, context: ApplyContext): Outcome | null {
  return applyCreateSchema(catalog, statement, context, applyStatement);
}

function applyPreparedStatement(catalog: Catalog, statement: PlacedStatement, context: ApplyContext): Outcome | null {
  return applyPrepared(catalog, statement, context, applyQuery);
}
