/** CREATE FUNCTION and DROP FUNCTION: how volatile they are, for keys, CHECKs and bounds that call them, and what they need. */

import { notedPortion } from "../../catalog/access.ts";
import { type Catalog, effectivePath } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import { isInput, type SqlBody, type UserFunction } from "../../catalog/routine.ts";
import { functionsNamed } from "../../catalog/values/builtins.ts";
import { resolveType, sameTypeName } from "../../catalog/values/types.ts";
import type { TypeName } from "../../syntax/expression.ts";
import { quoteQualifiedName } from "../../syntax/names.ts";
import type { CreateFunction, Drop, PlacedStatement, Statement } from "../../syntax/statement.ts";
import { addAll } from "../../text/long-lists.ts";
import { cutForPortions, itemsOfStatement } from "../../text/portions.ts";
import { type ApplyContext, applied, appliedBut, type Outcome, type Refusal } from "../outcome.ts";
import { comesTo } from "../queries/certain-calls.ts";
import { callsOf, relationsOf } from "../queries/query-walk.ts";
import { dependencyRefusal } from "./dependency-refusal.ts";
import { isCalled, triggersCalling, withoutUsers } from "./function-users.ts";
import { withPerhapsGone } from "./perhaps-goes-along.ts";
import { withRoutine } from "./routines.ts";

/** Applies CREATE FUNCTION and CREATE PROCEDURE; null for any other statement. */
export function applyCreateFunction(catalog: Catalog, placed: PlacedStatement, context: ApplyContext): Outcome | null {
  const { statement } = placed;
  if (statement.kind !== "create-function") return null;
  return applied({ ...catalog, functions: withFunction(catalog, statement, placed, context) });
}

/** Functions are kept by name: overloads of different volatility leave none that a call could be told to mean. */
function withFunction(
  catalog: Catalog,
  create: CreateFunction & Pick<Statement, "uses">,
  placed: PlacedStatement,
  context: ApplyContext,
): Catalog["functions"] {
  const { name } = create.name;
  const { volatility, returns } = create;
  const size = (create.body?.statements.length ?? 0) * itemsOfStatement;
  const before = catalog.functions.get(name);
  const changesSchema =
    mayChangeSchema(catalog, create) || (before !== undefined && !create.replace && before.changesSchema !== false);
  const ambiguous = before !== undefined && !create.replace && before.volatility !== volatility;
  const routines = withRoutine(catalog, before === undefined ? [] : before.routines, create, placed);
  const overloaded = before !== undefined && (!create.replace || before.overloaded === true || routines?.length !== 1);
  return catalog.functions.with(
    name,
    {
      volatility: ambiguous ? "volatile" : volatility,
      returns,
      changesSchema,
      inlined: create.language.toLowerCase() === "sql",
      routines,
      ...notedPortion(size, () => comesTo(create, before, context)),
      needs: [...new Set([...(before?.needs ?? []), ...needsOf(create)])],
      ...(before?.calledBy === undefined ? {} : { calledBy: before.calledBy }),
      ...(overloaded ? {} : { computes: sqlBodyOf(create) }),
      ...(overloaded ? { overloaded } : {}),
    },
    true,
  );
}

/** The one expression that a function in SQL computes of its arguments; undefined where it does anything else. */
function sqlBodyOf(create: CreateFunction): SqlBody | undefined {
  const { language, body, parameters, settings, returns, strict } = create;
  if (language.toLowerCase() !== "sql" || body === null || returns === null || settings.length > 0) return undefined;
  if (parameters.some(({ mode }) => mode !== "in")) return undefined;
  const [only, ...more] = body.statements;
  if (returns.setOf || only?.statement.kind !== "query" || more.length > 0) return undefined;
  const { query, wrapper } = only.statement;
  const [target, ...others] = query.kind === "select" ? query.targets : [];
  if (query.kind !== "select" || wrapper !== "none" || target === undefined || others.length > 0) return undefined;
  const isPlain =
    query.from.length === 0 &&
    query.with.length === 0 &&
    query.where === null &&
    query.having === null &&
    query.groupBy.length === 0 &&
    query.values === null &&
    query.setOperation === null &&
    query.into === null &&
    !query.hasLimit;
  if (!isPlain) return undefined;
  return { parameters, result: target.expression, strict };
}

function needsOf(create: CreateFunction & Pick<Statement, "uses">): readonly string[] {
  const { argumentTypes, outputTypes, returns, atomic, body, uses } = create;
  const types = [...argumentTypes, ...outputTypes, ...(returns === null ? [] : [returns])];
  const mentioned = (statement: Statement): readonly string[] =>
    statement.kind === "query" ? [...relationsOf(statement.query)].map(({ name }) => name.name) : [];
  const read = atomic ? (body?.statements.flatMap(({ statement }) => mentioned(statement)) ?? []) : [];
  // What the defaults of its arguments use, and a body that is stored parsed.
  const stored = [...(uses === undefined ? [] : [uses]), ...(atomic && body !== null ? [body.code.uses] : [])];
  const used = stored.flatMap((each) => [...each.types, ...each.calls.map((name) => name.at(-1) ?? "")]);
  return [...types.map(({ names }) => names.at(-1) ?? ""), ...read, ...used];
}

/** The name of a function that cannot do without the relation or type of that name, or null. */
export function functionNeeding(catalog: Catalog, name: string): string | null {
  const [first = null] = functionsNeeding(catalog, name);
  return first;
}

/** The names of all functions that cannot do without the relation or type of that name. */
export function functionsNeeding(catalog: Catalog, name: string): readonly string[] {
  const found: string[] = [];
  for (const [own, { needs }] of catalog.functions.entries()) if (needs?.includes(name) === true) found.push(own);
  return found;
}

/**
 * DROP FUNCTION: what calls it goes along with CASCADE, or stands in its way. One of which there are several is left, for it
 * may not be gone.
 */
export function dropFunctions(catalog: Catalog, statement: Drop): Outcome {
  let next = catalog;
  const declined: string[] = [];
  for (const [index, { schema, name }] of statement.names.entries()) {
    const known = next.functions.get(name);
    if (known !== undefined && isAnother(next, known, schema, statement.signatures?.[index])) continue;
    const isOpen = known?.overloaded === true || known?.needs?.some((type) => isOpaqueType(catalog, type)) === true;
    const isRenamed = known?.calledBy !== undefined || hadOther(next, name);
    const isOnlyOne = !isOpen && !isRenamed && known !== undefined && functionsNamed(name).length === 0;
    const refused = isOnlyOne && !statement.cascade ? refuseCalled(next, statement, known, name) : null;
    if (refused !== null) return refused;
    const names = [name, ...(known?.calledBy ?? [])];
    const open = isOpen || (!statement.cascade && names.some((each) => isCalled(next, each)));
    if (open && known !== undefined)
      next = { ...next, functions: next.functions.with(name, { ...known, routines: undefined }, true) };
    if (open) declined.push(`whether function "${name}" is there after it is not known`);
    else next = { ...next, functions: next.functions.without(name) };
    if (isOnlyOne && statement.cascade) next = withoutUsers(next, name);
    const mayBeThere = known !== undefined || next.tainted || !next.complete;
    if (isOnlyOne || !statement.cascade || !mayBeThere || functionsNamed(name).length > 0) continue;
    const gone = withPerhapsGone(next, {
      types: new Set(),
      functions: new Set([name, ...(known?.calledBy ?? [])]),
      schemas: new Set(),
    });
    if (gone.kind === "rejected") return gone;
    next = gone.catalog;
    addAll(declined, gone.declined);
  }
  return appliedBut(next, declined);
}

/** Whether another function had the name: what calls a function of that name may mean either. */
function hadOther({ functions }: Catalog, name: string): boolean {
  for (const { calledBy } of functions.values()) if (calledBy?.includes(name) === true) return true;
  return false;
}

/** Whether DROP … IF EXISTS is about none of the functions that are known by that name: it leaves them then. */
function isAnother(
  catalog: Catalog,
  { routines }: UserFunction,
  schema: string | null,
  signature: readonly TypeName[] | null | undefined,
): boolean {
  if (routines === undefined || signature === undefined) return false;
  const schemas = schema === null ? effectivePath(catalog) : [schema];
  const types = signature?.map((type) => resolveType(catalog, type));
  return routines.every((routine) => {
    if (!schemas.includes(routine.schema)) return true;
    const own = routine.parameters.filter(isInput);
    return types != null && (own.length !== types.length || own.some((each, at) => !isSameType(each.type, types[at])));
  });
}

function isSameType(one: DataType, other: DataType | undefined): boolean {
  return other !== undefined && sameTypeName(one, other);
}

/** 2BP01 of a function without arguments that nothing but triggers calls. */
function refuseCalled(catalog: Catalog, statement: Drop, known: UserFunction, name: string): Refusal | null {
  const [routine, ...others] = known.routines ?? [];
  if (routine === undefined || others.length > 0 || routine.parameters.length > 0) return null;
  const users = triggersCalling(catalog, name);
  if (users === null || users.length === 0 || statement.names.length > 1) return null;
  const isVisible = effectivePath(catalog).includes(routine.schema);
  const shown = `function ${quoteQualifiedName(isVisible ? null : routine.schema, name)}()`;
  const lines = users.map(({ described, table }) => ({ line: `${described} depends on ${shown}`, relation: table }));
  const message = `cannot drop ${shown} because other objects depend on it`;
  return dependencyRefusal(message, lines, statement, lines.length === 1);
}

/** Whether a type was defined by functions of its own, which it then needs. */
function isOpaqueType(catalog: Catalog, name: string): boolean {
  return [...catalog.types.values()].some((type) => type.kind === "unknown" && type.name === name);
}

/** Whether a call of the function may create, change or drop anything: one that cannot be read may. */
function mayChangeSchema(catalog: Catalog, create: CreateFunction): boolean {
  const { body } = create;
  if (create.volatility !== "volatile") return false;
  if (body === null || body.dynamic || !["sql", "plpgsql"].includes(create.language.toLowerCase())) return true;
  const mayChange = ({ statement }: Pick<PlacedStatement, "statement">): boolean => {
    switch (statement.kind) {
      case "query":
        return callsOf(statement.query).some(
          (call) => catalog.functions.get(call.name.at(-1) ?? "")?.changesSchema === true,
        );
      case "set":
      case "transaction":
      case "truncate":
      case "copy":
        return false;
      default:
        return true;
    }
  };
  return cutForPortions(body.statements, itemsOfStatement).some((some) =>
    notedPortion(some.length * itemsOfStatement, () => some.some(mayChange)),
  );
}
