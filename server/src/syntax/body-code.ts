/** What the body of a function or DO block may do, read from its text: what it calls, and what it changes of the schema. */

import { notFunctions, reachOfText, readBuiltSql } from "./built-sql.ts";
import { decodeString } from "./literals.ts";
import { isWord, type Region, type Source, tokenText, word } from "./lower/source.ts";
import { unquoteIdentifier } from "./names.ts";
import {
  anySetting,
  changeOf,
  changesByCalls,
  changesByCommand,
  isTelling,
  type SessionChange,
} from "./session-changes.ts";
import type { PlacedStatement, Statement } from "./statement.ts";
import { type Code, createUsesCollector, mergedReach, noUses, type Reach, type UsesCollector } from "./uses.ts";

/** Code of which nothing can be read. */
export const unreadCode: Code = { uses: { ...noUses, settings: [anySetting] }, reach: { kind: "anything" } };

/** A statement in a body, with its text. */
export interface BodyStatement {
  readonly placed: PlacedStatement;
  readonly text: string;
}

/** What the statements of a body in SQL do. */
export function codeOfSql(statements: readonly BodyStatement[]): Code {
  const collector = createUsesCollector();
  const reaches = statements.map((statement) => collectStatement(statement, collector));
  const settings = [...settingsOf(statements), ...statements.flatMap(({ text }) => changesByCalls(text))];
  settings.forEach(collector.setting);
  reaches.push(reachOfSettings(settings));
  return finished(statements, collector, reaches, false);
}

/**
 * What a body in PL/pgSQL does.
 *
 * @param regions all its statements, in order
 * @param statics those parts of them that are SQL, which `statements` are read from
 */
export function codeOfPlpgsql(
  source: Source,
  regions: readonly Region[],
  statics: readonly Region[],
  statements: readonly BodyStatement[],
): Code {
  if (regions.some(({ first }) => isWord(source, first, ...unreadStarters))) return unreadCode;
  const collector = createUsesCollector();
  const reaches = statements.map((statement) => collectStatement(statement, collector));
  collectExpressions(source, regions, statics, collector);
  const built = readBuiltSql(source, regions);
  if (built !== null) {
    collector.all(built.uses);
    reaches.push(built.reach);
  }
  const executed = built === null ? [] : setByStrings(source);
  const settings = [...settingsOf(statements), ...changesByCalls(source.text), ...executed];
  settings.forEach(collector.setting);
  reaches.push(reachOfSettings(settings));
  return finished(statements, collector, reaches, built?.writesUnnamed === true);
}

/** Statements that run or load what stands elsewhere. */
const unreadStarters = ["do", "explain", "import", "load", "prepare", "reassign", "security"];

function finished(
  statements: readonly BodyStatement[],
  collector: UsesCollector,
  reaches: readonly Reach[],
  writesUnnamed: boolean,
): Code {
  const uses = collector.collected() ?? noUses;
  // What the body has created itself has no code of others.
  const own = new Set(statements.flatMap(({ placed }) => createdName(placed.statement)));
  const isOthers = ({ name }: { readonly name: string }): boolean => !own.has(name);
  return {
    uses:
      own.size === 0
        ? uses
        : {
            ...uses,
            reads: uses.reads.filter(isOthers),
            writes: uses.writes.filter(({ relation }) => isOthers(relation)),
          },
    reach: mergedReach(reaches),
    ...(writesUnnamed ? { writesUnnamed: true } : {}),
  };
}

function createdName(statement: Statement): readonly string[] {
  return statement.kind === "create-table" || statement.kind === "create-table-as" ? [statement.name.name] : [];
}

function collectStatement({ placed, text }: BodyStatement, collector: UsesCollector): Reach {
  const { statement } = placed;
  if (statement.uses !== undefined) collector.all(statement.uses);
  switch (statement.kind) {
    case "query":
    case "call-procedure":
    case "copy":
    case "transaction":
    case "truncate":
      return { kind: "nothing" };
    case "set":
      return { kind: isTelling(statement.name) ? "anything" : "nothing" };
    case "do":
      collector.all(statement.body.code.uses);
      return statement.body.code.reach;
    case "other":
      return changesNothing.has(statement.tag) ? { kind: "nothing" } : reachOfText(text);
    case "create-extension":
      return { kind: "anything" };
    default:
      return reachOfText(text);
  }
}

/** What the settings that a body changes may do to what its own text means. */
function reachOfSettings(changes: readonly SessionChange[]): Reach {
  return changes.length > 0 ? { kind: "anything" } : { kind: "nothing" };
}

/** What SQL in strings sets, which is built. */
function setByStrings(source: Source): readonly SessionChange[] {
  return source.tokens.flatMap(({ kind }, index) =>
    kind === "string" ? changesByCommand(decodeString(tokenText(source, index))) : [],
  );
}

function settingsOf(statements: readonly BodyStatement[]): readonly SessionChange[] {
  return statements.flatMap(({ placed: { statement } }) =>
    statement.kind === "set" ? changeOf(statement.name, statement.local) : [],
  );
}

/** Parse nodes of commands that neither create, change nor drop anything that the catalog holds. */
const changesNothing: ReadonlySet<string> = new Set([
  "CheckPointStmt",
  "ClosePortalStmt",
  "CommentStmt",
  "ConstraintsSetStmt",
  "DeallocateStmt",
  "ExecuteStmt",
  "ExplainStmt",
  "FetchStmt",
  "GrantRoleStmt",
  "GrantStmt",
  "ListenStmt",
  "LockStmt",
  "NotifyStmt",
  "RefreshMatViewStmt",
  "ReindexStmt",
  "SecLabelStmt",
  "UnlistenStmt",
  "VacuumStmt",
  "VariableShowStmt",
]);

/** What the expressions of PL/pgSQL's own statements call and read. */
function collectExpressions(
  source: Source,
  regions: readonly Region[],
  statics: readonly Region[],
  collector: UsesCollector,
): void {
  const open: string[] = [];
  let region = 0;
  let static_ = 0;
  for (let index = 0; index < source.tokens.length; index++) {
    while ((statics[static_]?.last ?? Number.MAX_SAFE_INTEGER) < index) static_++;
    const inside = statics[static_];
    if (inside !== undefined && inside.first <= index) {
      index = inside.last;
      continue;
    }
    while ((regions[region]?.last ?? Number.MAX_SAFE_INTEGER) < index) region++;
    const text = word(source, index);
    if (text === "(") open.push(word(source, index - 1));
    else if (text === ")") open.pop();
    const isFetch = isWord(source, regions[region]?.first ?? -1, "fetch", "move");
    collectToken(source, index, isFetch || fromInside.has(open.at(-1) ?? ""), collector);
  }
}

/** Functions with FROM between their arguments. */
const fromInside: ReadonlySet<string> = new Set(["extract", "overlay", "position", "substring", "trim"]);

function collectToken(source: Source, index: number, fromIsNone: boolean, collector: UsesCollector): void {
  const token = source.tokens[index];
  if (token?.kind === "operator") collector.operator(tokenText(source, index));
  const isNamed = token?.kind === "word" || token?.kind === "quoted-identifier";
  if (!isNamed) return;
  const name = unquoteIdentifier(tokenText(source, index));
  const isQualified = word(source, index - 1) === ".";
  const before = word(source, isQualified ? index - 3 : index - 1);
  if (word(source, index + 1) === "(") {
    const isCall = token.kind === "quoted-identifier" || !notFunctions.has(name);
    if (isCall && before !== "open")
      collector.call(isQualified ? [unquoteIdentifier(tokenText(source, index - 2)), name] : [name]);
    return;
  }
  if (word(source, index + 1) === ".") return;
  if (isWord(source, index, "from", "join") || !["from", "join", "only"].includes(before)) {
    collector.type(name);
  } else if (!fromIsNone && !isWord(source, index, "only", "lateral", "select", "(")) {
    collector.read({ schema: isQualified ? unquoteIdentifier(tokenText(source, index - 2)) : null, name });
  }
}
