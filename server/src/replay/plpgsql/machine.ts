/** What runs a PL/pgSQL body: the catalog as it goes along, how much work is left, and the values of expressions. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import { type EvaluateContext, evaluate } from "../../catalog/values/evaluate.ts";
import { baseTypeNamed } from "../../catalog/values/types.ts";
import { mayCompute, sizeOf, type Work } from "../../catalog/values/work.ts";
import type { ApplyContext, ErrorRule, Outcome, PostgresVersion, Rejection } from "../../effects/outcome.ts";
import { isSetConfig, withConfig } from "../../effects/relations/settings.ts";
import { extensionFunction } from "../../schemes/extensions.ts";
import type { Expression, FunctionCall } from "../../syntax/expression.ts";
import { insideOut, mapOperands } from "../../syntax/expression-walk.ts";
import type { SelectQuery } from "../../syntax/query.ts";
import { isTelling } from "../../syntax/session-changes.ts";
import type { PlacedStatement, SetVariable } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";
import { evaluateWith } from "./constants.ts";
import { relationExists } from "./existence.ts";
import { arrayOf, type TypedValue, textOf, type Variables } from "./typed-value.ts";

/** Where a body runs. */
export interface BlockHost {
  readonly version: PostgresVersion;
  /** ISO date. */
  readonly today: string;
  readonly inTransaction: boolean;
  /** That of the statement that runs the body. */
  readonly context: ApplyContext;
  /** Where in that statement a place of the body is: the whole statement where it is none of the script's text. */
  readonly rangeOf: (place: StatementPlace | null) => TextRange;
  /** The statements of a text, each with ranges relative to itself. */
  readonly read: (sql: string) => readonly PlacedStatement[];
  /**
   * Applies a statement, which is read from `sql`; where errors are caught it runs in a subtransaction; `place` is the part of the script's own text that it comes from, null for
   * what another function runs.
   */
  readonly apply: (
    catalog: Catalog,
    statement: PlacedStatement,
    sql: string,
    place: StatementPlace | null,
    inSubtransaction: boolean,
  ) => Outcome;
  /** Whether a call of a function by that name may change the schema, by whatever it runs. */
  readonly mayChange: (catalog: Catalog, name: readonly string[]) => boolean;
  /** The catalog under a setting of the session; null for one that is refused. */
  readonly configure: (catalog: Catalog, setting: SetVariable) => Catalog | null;
}

export interface StatementPlace {
  /** In the body. */
  readonly range: TextRange;
  /** Whether the statement is built there: its own places are none of the body. */
  readonly dynamic: boolean;
}

export interface Field {
  readonly name: string;
  /** null where it is not known. */
  readonly value: TypedValue | null;
}

export type Row = readonly Field[];
/** The rows of a query in order. */
export type Rows = readonly Row[];

/** Why a body is not followed any further. */
export type Stop =
  | { readonly kind: "refused"; readonly rejection: Rejection }
  | { readonly kind: "undecided"; readonly reason: string };

/** What the names in an expression stand for. */
export interface Scope {
  readonly variables: Variables;
  /** By name; null for rows that are not known. */
  readonly ctes: ReadonlyMap<string, () => Rows | null>;
}

/** An argument of a call: its value, null where that is not known, under the name that the call gives it. */
export interface Argument {
  readonly name: string | undefined;
  readonly value: TypedValue | null;
  readonly variadic: boolean;
}

/** One run with all that it calls. Once it has stopped nothing that it answers counts. */
export interface Machine {
  readonly host: BlockHost;
  /** The one in front of it all. */
  readonly start: Catalog;
  catalog: Catalog;
  readonly declined: string[];
  /** Statements, evaluations and rows so far. */
  steps: number;
  /** How much may still be computed. */
  readonly work: Work;
  /** How many functions are inside each other. */
  depth: number;
  /** The statement of the body that is at work, with its place there; null where the script's own statement is. */
  at: StatementPlace | null;
  stop: Stop | null;
  /** How many blocks around catch errors. */
  handlers: number;
  /** Whether something was committed on the way: a refusal does not take that back. */
  committed: boolean;
  /** Whether a check of the system catalogs was taken to have let it pass: it may have been refused there. */
  passed: boolean;
  /** Runs one of the script's own functions, or an extension's: the rows that it gives; null where they are not known. */
  readonly invoke: (call: FunctionCall, given: readonly Argument[], form?: "expression" | "call") => Rows | null;
  /** The rows of a query; null where they are not known. */
  readonly rowsOf: (query: SelectQuery, scope: Scope) => Rows | null;
}

/** More statements, evaluations and rows than this are not followed. */
const mostSteps = 50_000;

/** Counts work; false when there was too much of it, and the machine has stopped. */
export function mayGoOn(machine: Machine): boolean {
  machine.steps += 1;
  if (machine.steps > mostSteps || machine.work.left < 0) undecided(machine, "it runs for too long to be followed");
  return machine.stop === null;
}

/** Stops for a reason; the first one counts. */
export function undecided(machine: Machine, reason: string): null {
  machine.stop ??= { kind: "undecided", reason };
  return null;
}

export function evaluation({ catalog, host, work }: Machine): EvaluateContext {
  const { settings } = catalog;
  // A date that is given is that of UTC's clocks: those of another zone may show the day before or after.
  const isKnown = host.today.includes("T") || /^(?:UTC|GMT|Etc\/UTC)$/i.test(settings.timeZone);
  const today = isKnown ? host.today : null;
  return { settings, version: host.version, catalog, today, work };
}

/**
 * The value of an expression, which may call the script's own functions and hold queries; null where it is not known, or where
 * the machine has stopped.
 */
export function computed(machine: Machine, expression: Expression, scope: Scope): TypedValue | null {
  if (!mayGoOn(machine)) return null;
  const look = lookAt(expression);
  for (const call of look.calls) {
    if (!isOwnCall(machine.catalog, call) && mayChange(machine, call))
      return undecided(machine, `what function "${call.name.join(".")}" does to the schema is not known`);
  }
  if (look.code.some((key) => machine.catalog.code.has(key)))
    return undecided(machine, "what an operator or a domain runs is not known");
  const parts = computedParts(machine, expression, scope);
  if (machine.stop !== null) return null;
  const value = evaluateWith(parts.expression, parts.variables, evaluation(machine));
  if (value === undefined) return undecided(machine, "an expression fails");
  return value !== null && !mayCompute(sizeOf(value.value), machine.work) ? null : value;
}

/** Whether a condition holds; null where that is not known. NULL does not hold. */
export function truthOf(machine: Machine, condition: Expression, scope: Scope): boolean | null {
  const typed = computed(machine, condition, scope);
  return typed === null ? null : truth(typed);
}

export function truth({ value, late }: TypedValue): boolean | null {
  if (late !== undefined) return null;
  if (value === null) return false;
  return value.family === "boolean" ? value.value : null;
}

interface Parts {
  readonly expression: Expression;
  readonly variables: Variables;
}

/** The expression with calls of own functions and subqueries computed, and variables in their places. */
function computedParts(machine: Machine, expression: Expression, scope: Scope): Parts {
  if (!needsComputing(machine, expression)) return { expression, variables: scope.variables };
  const variables = new Map(scope.variables);
  const hold = (value: TypedValue | null, range: TextRange): Expression => {
    // No name in SQL has this character.
    const name = `\0${variables.size}`;
    variables.set(name, value);
    return { kind: "column", names: [name], star: false, range };
  };
  const change = (part: Expression, isConditional: boolean): Expression => {
    if (machine.stop !== null || !needsComputing(machine, part)) return part;
    if (part.kind === "subquery") return computedSubquery(part, isConditional);
    const branches = part.kind === "case" || part.kind === "coalesce";
    const isLogic = part.kind === "and" || part.kind === "or";
    let position = 0;
    const inside = mapOperands(part, (operand) => {
      const mayBeLeftOut = isConditional || branches || (isLogic && position > 0);
      position += 1;
      return change(operand, mayBeLeftOut);
    });
    if (inside.kind === "other") undecided(machine, "how often a function is called is not known");
    if (inside.kind !== "call" || machine.stop !== null || !isOwnCall(machine.catalog, inside)) return inside;
    return guarded(isConditional, () => hold(calledValue(machine, inside, { ...scope, variables }), part.range));
  };
  /** What may not be run at all must not change anything. */
  const guarded = (isConditional: boolean, work: () => Expression): Expression => {
    const before = machine.catalog;
    const result = work();
    if (isConditional && machine.catalog !== before)
      undecided(machine, "whether a function is called depends on a condition");
    return result;
  };
  const computedSubquery = (part: Extract<Expression, { kind: "subquery" }>, isConditional: boolean): Expression =>
    guarded(isConditional, () => {
      const isKnown = relationExists(part, machine.catalog, () => null) !== undefined;
      if (isKnown) return part;
      const rows = machine.rowsOf(part.query, { ...scope, variables });
      const operand = part.operand === null ? null : change(part.operand, isConditional);
      if (part.variant === "any" && operand !== null && part.operator === "=" && rows !== null && rows.length > 0) {
        const items = rows.map((row) => hold(row[0]?.value ?? null, part.range));
        return { kind: "in", operand, items, negated: false, range: part.range };
      }
      return hold(subqueryValue(machine, part, rows), part.range);
    });
  return { expression: change(expression, false), variables };
}

function subqueryValue(
  machine: Machine,
  { variant }: Extract<Expression, { kind: "subquery" }>,
  rows: Rows | null,
): TypedValue | null {
  if (rows === null) return null;
  switch (variant) {
    case "exists":
      return booleanValue(rows.length > 0);
    case "any":
      return rows.length === 0 ? booleanValue(false) : null;
    case "all":
      return rows.length === 0 ? booleanValue(true) : null;
    case "scalar":
      if (rows.length > 1) return undecided(machine, "a subquery gives more than one row");
      return rows[0] === undefined ? { value: null, type: null } : (rows[0][0]?.value ?? null);
    case "array":
      return (
        arrayOf(
          rows.map(([field]) => field?.value ?? null),
          null,
        ) ?? null
      );
  }
}

function booleanValue(value: boolean): TypedValue {
  return { value: { family: "boolean", value }, type: baseTypeNamed("bool") };
}

/** The one value of a call of an own function. */
function calledValue(machine: Machine, call: FunctionCall, scope: Scope): TypedValue | null {
  const rows = machine.invoke(call, argumentsOf(machine, call, scope));
  if (rows === null || machine.stop !== null) return null;
  if (rows.length > 1) return undecided(machine, "a function gives more than one row");
  const [row] = rows;
  if (row === undefined) return { value: null, type: null };
  return row.length === 1 ? (row[0]?.value ?? null) : null;
}

export function argumentsOf(machine: Machine, call: FunctionCall, scope: Scope): readonly Argument[] {
  const owned = extensionFunction(machine.catalog, call.name);
  const isOfExtension = owned !== null;
  if (owned !== null) refuseConstants(machine, call, owned.extension.rule);
  if (machine.stop !== null) return [];
  return call.arguments.map(({ name, value, variadic }) => ({
    name,
    value: (isOfExtension ? nameOfRelation(machine, value, scope) : null) ?? computed(machine, value, scope),
    variadic,
  }));
}

/** An argument that PostgreSQL cannot compute, such as `interval 'daily'`, is refused before anything runs. */
function refuseConstants(machine: Machine, { arguments: given, range }: FunctionCall, rule: ErrorRule): void {
  for (const { value } of given) {
    const result = evaluate(value, evaluation(machine));
    if (result.kind !== "problem" || machine.stop !== null) continue;
    const { sqlstate, message, detail, hint } = result;
    const at = machine.depth === 0 && machine.at === null ? range : null;
    const place = at === null ? machine.at : { range: at, dynamic: true };
    const words = { sqlstate, message, detail, hint };
    const where = { range: machine.host.rangeOf(machine.depth > 0 ? null : place), related: [], assumption: null };
    machine.stop = { kind: "refused", rejection: { ...words, ...where, rule } };
  }
}

/** `'public.t'::regclass` and `'public.t'::regclass::oid` as the text of the name; null for anything else. */
function nameOfRelation(machine: Machine, expression: Expression, scope: Scope): TypedValue | null {
  if (expression.kind !== "cast") return null;
  const type = expression.type.names.at(-1);
  if (type === "oid") {
    const value = nameOfRelation(machine, expression.operand, scope);
    return value === null ? null : { ...value, type: baseTypeNamed("oid") };
  }
  const value = type === "regclass" ? computed(machine, expression.operand, scope) : null;
  return value === null ? null : { ...value, type: baseTypeNamed("regclass") };
}

/** Whether a call is of one of the script's own functions, of one of an extension that is read, or changes a setting. */
export function isOwnCall(catalog: Catalog, call: FunctionCall): boolean {
  const { name } = call;
  if (changesSettings(call)) return true;
  if (catalog.functions.has(name.at(-1) ?? "") && name[0] !== "pg_catalog") return true;
  return extensionFunction(catalog, name) !== null;
}

/** Whether a call sets what decides what statements mean, or may do so. */
function changesSettings(call: FunctionCall): boolean {
  if (!isSetConfig(call)) return false;
  const name = call.arguments[0]?.value;
  return name?.kind !== "constant" || name.value.type !== "string" || isTelling(name.value.text);
}

/** What `set_config` does: it gives the new value. */
export function setConfig(machine: Machine, given: readonly Argument[]): Rows {
  const [name, value, local] = given.map((argument) => (argument.name === undefined ? argument.value : null));
  const context = evaluation(machine);
  const read = (each: TypedValue | null | undefined): string | null =>
    each == null ? null : (textOf(each, context) ?? null);
  const isLocal = local == null ? null : truth(local);
  machine.catalog = withConfig(machine.catalog, { name: read(name), value: read(value), local: isLocal });
  return [[{ name: "set_config", value: null }]];
}

/** Whether a call may change anything of the schema, by whatever it runs. */
export function mayChange({ catalog, host }: Machine, call: FunctionCall): boolean {
  return callMayChange(catalog, call, host.mayChange);
}

/** The same for a catalog; what was found for a call holds as long as the script defines no other code. */
export function callMayChange(catalog: Catalog, call: FunctionCall, asks: BlockHost["mayChange"]): boolean {
  if (extensionFunction(catalog, call.name) !== null || changesSettings(call)) return true;
  const known = answers.get(call);
  if (known !== undefined && known.code === catalog.code && known.functions === catalog.functions)
    return known.mayChange;
  const answer = asks(catalog, call.name);
  answers.set(call, { code: catalog.code, functions: catalog.functions, mayChange: answer });
  return answer;
}

const answers = new WeakMap<FunctionCall, Pick<Catalog, "code" | "functions"> & { readonly mayChange: boolean }>();

/** The calls in an expression, and whether it holds a query; of expressions that loops evaluate again and again. */
const looks = new WeakMap<Expression, Look>();

interface Look {
  readonly calls: readonly FunctionCall[];
  readonly hasQuery: boolean;
  /** Keys of `Catalog.code`: the operators that it names, and the types to which it casts. */
  readonly code: readonly string[];
}

function needsComputing({ catalog }: Machine, expression: Expression): boolean {
  const look = lookAt(expression);
  return look.hasQuery || look.calls.some((call) => isOwnCall(catalog, call));
}

function lookAt(expression: Expression): Look {
  let look = looks.get(expression);
  if (look === undefined) {
    const parts = insideOut(expression);
    look = {
      calls: parts.filter((part) => part.kind === "call"),
      hasQuery: parts.some(({ kind }) => kind === "subquery"),
      code: parts.flatMap((part) =>
        part.kind === "operator" || part.kind === "any-array"
          ? [`operator ${part.operator}`]
          : part.kind === "cast"
            ? [`type ${part.type.names.at(-1) ?? ""}`]
            : [],
      ),
    };
    looks.set(expression, look);
  }
  return look;
}

/** The type of a variable, a parameter or a result: a value of a domain runs what its conditions call. */
export function checkType(machine: Machine, type: DataType | null): void {
  if (type?.kind === "array") checkType(machine, type.element);
  if (type?.kind === "domain" && machine.catalog.code.has(`type ${type.name}`))
    undecided(machine, "what the conditions of a domain run is not known");
}
