/** Folds expressions: the type, the volatility and, where it can be computed, the value of every part. */

import type { Expression, FunctionCall } from "../../syntax/expression.ts";
import type { TextRange } from "../../text/range.ts";
import type { DataType } from "../data-type.ts";
import type { Value } from "../value.ts";
import { printArray } from "./array.ts";
import { builtinType, functionsNamed, type Volatility } from "./builtins.ts";
import { dayNumber, microsPerDay } from "./calendar.ts";
import { applyModifier, canCast, castValue, castVolatility } from "./cast.ts";
import { localToInstant } from "./datetime.ts";
import { computeFunction, makeIntervalParameters } from "./functions.ts";
import { readValue } from "./input.ts";
import { fitsInteger } from "./integer.ts";
import { parseNumeric } from "./numeric.ts";
import { computeOperator } from "./operators.ts";
import { type ArgumentType, chooseFunction, chooseOperator, coercesImplicitly, dataTypeOf } from "./overload.ts";
import { printValue } from "./print.ts";
import { type CastLevel, problem, type ValueContext, type ValueProblem, type ValueResult } from "./result.ts";
import { timeZoneOfSetting } from "./time-zone.ts";
import {
  baseType,
  baseTypeNamed,
  formatTypeName,
  resolveType,
  sameType,
  typeFamily,
  withoutModifier,
} from "./types.ts";

export interface FoldContext extends ValueContext {
  readonly today: string | null;
  readonly columnType?: ((names: readonly string[]) => DataType | null) | undefined;
  readonly parameterType?: ((number: number) => DataType | null) | undefined;
}

/** What is known of an expression. */
export interface Folded {
  readonly kind: "folded";
  /** null for an untyped literal or NULL; `unsureType` where it cannot be told. */
  readonly type: DataType | null;
  /** undefined where it is not known; null is the SQL NULL. */
  readonly value: Value | null | undefined;
  /** null where a function is not known. */
  readonly volatility: Volatility | null;
  readonly depends: "nothing" | "parameter" | "row";
  /** Why the value is not known, though nothing in the expression prevents it. */
  readonly reason?: string | undefined;
}

export type Fold = Folded | (ValueProblem & { readonly range: TextRange });

/** Stands for a type that cannot be told. */
export const unsureType: DataType = { kind: "unknown", schema: null, name: "?" };

export function foldExpression(expression: Expression, context: FoldContext): Fold {
  switch (expression.kind) {
    case "constant":
      return foldConstant(expression.value);
    case "cast":
      return foldCast(expression, context);
    case "collate":
      return foldExpression(expression.operand, context);
    case "column":
      return folded(expression.star ? unsureType : (context.columnType?.(expression.names) ?? unsureType), {
        depends: "row",
      });
    case "parameter":
      return folded(context.parameterType?.(expression.number) ?? unsureType, { depends: "parameter" });
    case "sql-value":
      return foldSqlValue(expression.name, context);
    case "operator":
      return foldOperator(expression, context);
    case "call":
      return foldCall(expression, context);
    case "array":
      return foldArray(expression.items, context);
    case "not":
      return foldParts([expression.operand], context, boolean, ([value]) => negated(value));
    case "and":
      return foldParts(expression.operands, context, boolean, (values) => conjunction(values, false));
    case "or":
      return foldParts(expression.operands, context, boolean, (values) => conjunction(values, true));
    case "null-test":
      return foldParts([expression.operand], context, boolean, ([value]) =>
        value === undefined ? undefined : { family: "boolean", value: (value === null) !== expression.negated },
      );
    case "coalesce":
      return foldChoice(expression.items, context, (values) => firstKnown(values));
    case "nullif":
      return foldParts([expression.left, expression.right], context, unsureType, () => undefined);
    case "greatest-least":
      return foldChoice(expression.items, context, () => undefined);
    case "case": {
      const results = expression.whens.map((branch) => branch.result);
      const all = expression.otherwise === null ? results : [...results, expression.otherwise];
      const conditions = expression.whens.map((branch) => branch.condition);
      const tests = expression.operand === null ? conditions : [expression.operand, ...conditions];
      const type = foldChoice(all, context, () => undefined);
      if (type.kind === "problem") return type;
      return foldParts([...tests, ...all], context, type.type ?? unsureType, () => undefined);
    }
    case "boolean-test":
      return foldParts([expression.operand], context, boolean, () => undefined);
    case "in":
      return foldParts([expression.operand, ...expression.items], context, boolean, () => undefined);
    case "between":
      return foldParts([expression.operand, expression.low, expression.high], context, boolean, () => undefined);
    case "any-array":
      return foldParts([expression.operand, expression.array], context, boolean, () => undefined);
    case "distinct-from":
      return foldParts([expression.left, expression.right], context, boolean, () => undefined);
    case "like":
      return foldParts([expression.operand, expression.pattern], context, boolean, () => undefined);
    case "row":
      return foldParts(expression.items, context, baseTypeNamed("record"), () => undefined);
    case "subquery":
      return folded(unsureType, { depends: "row", volatility: null, reason: "a subquery" });
    case "other":
      return foldParts(expression.children, context, unsureType, () => undefined, null);
  }
}

/** A folded value as one of type `to`; `level` as in `castValue`. undefined where the value is not known. */
export function coerceFolded(
  part: Folded,
  to: DataType,
  level: CastLevel,
  context: ValueContext,
): ValueResult | { readonly kind: "no-cast" } | undefined {
  if (part.value === undefined) return undefined;
  if (part.type === null) {
    if (part.value === null) return { kind: "null" };
    const text = part.value.family === "text" ? part.value.value : printValue(part.value, to, context.settings);
    return readLiteral(text, to, level, context);
  }
  if (part.value === null) {
    const can = canCast(part.type, to, level);
    return can === false ? { kind: "no-cast" } : { kind: "null" };
  }
  return castValue(part.value, part.type, to, context, level);
}

const boolean = baseTypeNamed("bool");

function folded(type: DataType | null, more: Partial<Folded>): Folded {
  return { kind: "folded", type, value: undefined, volatility: "immutable", depends: "nothing", ...more };
}

function foldConstant(constant: Extract<Expression, { kind: "constant" }>["value"]): Folded {
  switch (constant.type) {
    case "integer":
    case "decimal":
      return foldNumber(constant.text);
    case "string":
      return folded(null, { value: { family: "text", value: constant.text } });
    case "boolean":
      return folded(boolean, { value: { family: "boolean", value: constant.text === "true" } });
    case "bits":
      return folded(baseTypeNamed("bit"), { value: { family: "opaque", text: constant.text } });
    case "null":
      return folded(null, { value: null });
  }
}

/** A number is an `integer` if it fits, else a `bigint`, else a `numeric`. */
function foldNumber(text: string): Folded {
  if (/^-?\d+$/.test(text)) {
    const value = BigInt(text);
    for (const name of ["int4", "int8"] as const)
      if (fitsInteger(value, name)) return folded(baseTypeNamed(name), { value: { family: "integer", value } });
  }
  // The scanner of every version that reads other bases has already read this one.
  const value = parseNumeric(text, 19);
  const numeric = baseTypeNamed("numeric");
  if (value === null || value === "too-long") return folded(numeric, { reason: "a number of extreme size" });
  if (/^0[xob]/i.test(text) && "digits" in value) {
    for (const name of ["int4", "int8"] as const)
      if (fitsInteger(value.digits, name))
        return folded(baseTypeNamed(name), { value: { family: "integer", value: value.digits } });
  }
  return folded(numeric, { value });
}

function foldCast(expression: Extract<Expression, { kind: "cast" }>, context: FoldContext): Fold {
  const to = resolveType(context.catalog, expression.type);
  const { operand } = expression;
  // `ARRAY[]` takes its type from the cast around it.
  if (operand.kind === "array" && to.kind === "array") {
    const items = operand.items.map(
      (item): Expression => ({ ...expression, operand: item, type: { ...expression.type, arrayDimensions: 0 } }),
    );
    if (operand.items.every((item) => item.kind !== "array")) return withType(foldArray(items, context), to);
  }
  const part = foldExpression(operand, context);
  if (part.kind === "problem") return part;
  const volatility = part.type === null ? "immutable" : castVolatility(part.type, to);
  const result = coerceFolded(part, to, "explicit", context);
  if (
    result?.kind === "no-cast" ||
    (result === undefined && part.type !== null && canCast(part.type, to, "explicit") === false)
  )
    return cannotCast(part.type, to, expression.range);
  const next = mixed([part], volatility);
  return withResult({ ...next, type: to }, result, operand.range);
}

function cannotCast(from: DataType | null, to: DataType, range: TextRange): Fold {
  const names = `${from === null ? "unknown" : formatTypeName(from)} to ${formatTypeName(to)}`;
  return { ...problem("42846", `cannot cast type ${names}`), range };
}

/** An untyped literal as a constant of the type: read without the modifier, which is then applied as a cast would. */
function readLiteral(text: string, to: DataType, level: CastLevel, context: ValueContext): ValueResult {
  if (level !== "explicit") return readValue(text, to, context);
  const base = baseType(to);
  // An interval's fields say how its text is to be read.
  const isInterval = base.kind === "base" && base.name === "interval";
  const read = readValue(text, isInterval ? base : withoutModifier(base), context);
  return read.kind === "value" ? applyModifier(read.value, base, true) : read;
}

function withType(part: Fold, type: DataType): Fold {
  return part.kind === "folded" ? { ...part, type } : part;
}

/** The result of a computation, put into what is known of the expression. */
function withResult(
  next: Folded,
  result: ValueResult | { readonly kind: "no-cast" } | undefined,
  range: TextRange,
): Fold {
  switch (result?.kind) {
    case undefined:
      return next;
    case "value":
      return { ...next, value: result.value };
    case "null":
      return { ...next, value: null };
    case "problem":
      return { ...result, range };
    case "declined":
      return { ...next, reason: result.reason };
    case "no-cast":
      return { ...next, reason: "a cast that does not exist" };
  }
}

/** Dependence and volatility of parts, and of what is done with them. */
function mixed(parts: readonly Folded[], volatility: Volatility | null): Folded {
  let all: Volatility | null = volatility;
  let depends: Folded["depends"] = "nothing";
  let reason: string | undefined;
  for (const part of parts) {
    all = leastConstant(all, part.volatility);
    if (part.depends === "row" || depends === "nothing") depends = part.depends;
    reason ??= part.reason;
  }
  return folded(null, { volatility: all, depends, reason });
}

function leastConstant(a: Volatility | null, b: Volatility | null): Volatility | null {
  if (a === "volatile" || b === "volatile") return "volatile";
  if (a === null || b === null) return null;
  return a === "stable" || b === "stable" ? "stable" : "immutable";
}

/** An expression whose parts may fail at run time without its failing: a failure there is no claim. */
function foldParts(
  parts: readonly Expression[],
  context: FoldContext,
  type: DataType,
  compute: (values: readonly (Value | null | undefined)[]) => Value | null | undefined,
  volatility: Volatility | null = "immutable",
): Fold {
  const all: Folded[] = [];
  for (const part of parts) {
    const result = foldExpression(part, context);
    if (result.kind === "folded") all.push(result);
    else if (result.sqlstate.startsWith("42")) return result;
    else all.push(folded(unsureType, { reason: result.message }));
  }
  const next = mixed(all, volatility);
  const values = all.map((part) => asBoolean(part, type, context));
  return { ...next, type, value: compute(values) };
}

/** Conditions may be written as text: `not 'f'`. */
function asBoolean(part: Folded, type: DataType, context: ValueContext): Value | null | undefined {
  if (type !== boolean || part.type !== null || part.value?.family !== "text") return part.value;
  const read = readValue(part.value.value, boolean, context);
  return read.kind === "value" ? read.value : undefined;
}

function negated(value: Value | null | undefined): Value | null | undefined {
  return value?.family === "boolean" ? { family: "boolean", value: !value.value } : value === null ? null : undefined;
}

/** AND, or with `deciding` true OR: one deciding value is enough, else all must be known. */
function conjunction(values: readonly (Value | null | undefined)[], deciding: boolean): Value | null | undefined {
  if (values.some((value) => value?.family === "boolean" && value.value === deciding))
    return { family: "boolean", value: deciding };
  if (values.includes(undefined)) return undefined;
  return values.includes(null) ? null : { family: "boolean", value: !deciding };
}

function firstKnown(values: readonly (Value | null | undefined)[]): Value | null | undefined {
  for (const value of values) if (value !== null) return value;
  return null;
}

/** COALESCE, CASE and the like: all branches are cast to one type. */
function foldChoice(
  items: readonly Expression[],
  context: FoldContext,
  compute: (values: readonly (Value | null | undefined)[]) => Value | null | undefined,
): Fold {
  const types: ArgumentType[] = [];
  for (const item of items) {
    const part = foldExpression(item, context);
    types.push(part.kind === "folded" ? part.type : unsureType);
  }
  const type = commonType(types);
  const parts = foldParts(items, context, type, () => undefined);
  if (parts.kind === "problem" || parts.depends !== "nothing") return parts;
  const values: (Value | null | undefined)[] = [];
  for (const item of items) {
    const part = foldExpression(item, context);
    const result = part.kind === "folded" ? coerceFolded(part, type, "implicit", context) : undefined;
    if (result?.kind === "problem" && part.kind === "folded" && part.type === null)
      return { ...result, range: item.range };
    values.push(result?.kind === "value" ? result.value : result?.kind === "null" ? null : undefined);
  }
  return { ...parts, value: compute(values) };
}

/** The type that PostgreSQL gives the branches of a CASE or the elements of an array; `unsureType` where it would refuse. */
export function commonType(types: readonly ArgumentType[]): DataType {
  const typed = types.filter((type) => type !== null);
  const [first] = typed;
  if (first === undefined) return baseTypeNamed("text");
  if (typed.every((type) => sameType(type, first))) return first;
  let chosen: DataType = withoutModifier(first);
  for (const type of typed.slice(1)) {
    const [from, to] = [baseType(chosen), baseType(type)];
    if (from.kind !== "base" || to.kind !== "base") return unsureType;
    if (from.name === to.name) continue;
    const [fromInfo, toInfo] = [builtinType(from.name), builtinType(to.name)];
    if (fromInfo === null || fromInfo.category !== toInfo?.category) return unsureType;
    if (!fromInfo.preferred && coercesImplicitly(from, to.name) && !coercesImplicitly(to, from.name))
      chosen = baseTypeNamed(to.name);
  }
  return chosen;
}

function foldArray(items: readonly Expression[], context: FoldContext): Fold {
  const parts: Folded[] = [];
  for (const item of items) {
    const part = foldExpression(item, context);
    if (part.kind === "problem") return part;
    parts.push(part);
  }
  const element = commonType(parts.map((part) => part.type));
  const next: Folded = {
    ...mixed(parts, "immutable"),
    type: items.length === 0 ? unsureType : { kind: "array", element },
  };
  const texts: (string | null)[] = [];
  for (const [index, part] of parts.entries()) {
    const result = coerceFolded(part, element, "implicit", context);
    if (result?.kind === "problem") return { ...result, range: items[index]?.range ?? { start: 0, end: 0 } };
    if (result?.kind !== "value" && result?.kind !== "null") return { ...next, reason: next.reason ?? "an array" };
    texts.push(result.kind === "null" ? null : printValue(result.value, element, context.settings));
  }
  return { ...next, value: { family: "opaque", text: printArray(texts) } };
}

function foldSqlValue(name: string, context: FoldContext): Folded {
  const plain = name.replace(/\(.*$/, "");
  const type = sqlValueTypes.get(plain);
  if (type === undefined) return folded(unsureType, { volatility: "stable" });
  return folded(baseTypeNamed(type), { volatility: "stable", value: clockValue(type, context) });
}

const sqlValueTypes: ReadonlyMap<string, string> = new Map([
  ["current_date", "date"],
  ["current_timestamp", "timestamptz"],
  ["localtimestamp", "timestamp"],
  ["current_time", "timetz"],
  ["localtime", "time"],
  ["current_user", "name"],
  ["session_user", "name"],
  ["user", "name"],
  ["current_role", "name"],
  ["current_catalog", "name"],
  ["current_schema", "name"],
]);

/** What the clock is taken to show: midnight of `today` in the session's zone. */
function clockValue(type: string, context: FoldContext): Value | undefined {
  const match = context.today === null ? null : /^(\d{4})-(\d\d)-(\d\d)/.exec(context.today);
  if (match === null) return undefined;
  const days = dayNumber(Number(match[1]), Number(match[2]), Number(match[3]));
  if (type === "date") return { family: "date", days };
  const local = BigInt(days) * microsPerDay;
  if (type === "timestamp") return { family: "timestamp", micros: local };
  const instant = type === "timestamptz" ? localToInstant(local, timeZoneOfSetting(context.settings.timeZone)) : null;
  return instant === null ? undefined : { family: "timestamp", micros: instant };
}

function foldOperator(expression: Extract<Expression, { kind: "operator" }>, context: FoldContext): Fold {
  const left = expression.left === null ? null : foldExpression(expression.left, context);
  if (left?.kind === "problem") return left;
  const right = foldExpression(expression.right, context);
  if (right.kind === "problem") return right;
  const parts = left === null ? [right] : [left, right];
  if (expression.schema !== undefined && expression.schema !== "pg_catalog")
    return { ...mixed(parts, null), type: unsureType, reason: "an operator of another schema" };
  const choice = chooseOperator(expression.operator, left === null ? undefined : left.type, right.type);
  switch (choice.kind) {
    case "unsure":
      return { ...mixed(parts, null), type: unsureType, reason: "an operator on types that are not known" };
    case "none":
      return { ...noOperator(expression.operator, left?.type, right.type), range: expression.range };
    case "ambiguous":
      return { ...ambiguousOperator(expression.operator, left?.type, right.type), range: expression.range };
    case "found": {
      const { found, result } = choice;
      const declared = found.left === null ? [found.right] : [found.left, found.right];
      const operands = coerceArguments(parts, declared, [expression.left, expression.right], context);
      if (operands.kind === "problem") return operands;
      const next: Folded = { ...operands.part, type: result ?? unsureType };
      const volatile: Folded = { ...next, volatility: leastConstant(next.volatility, found.volatility) };
      const { values } = operands;
      if (values === null) return volatile;
      if (values.includes(null)) return { ...volatile, value: null };
      const computed = computeOperator(
        found,
        found.left === null ? null : (values[0] ?? null),
        values.at(-1) as Value,
        context,
      );
      return withResult(volatile, computed, expression.range);
    }
  }
}

function typeText(type: ArgumentType): string {
  return type === null ? "unknown" : formatTypeName(type);
}

function noOperator(name: string, left: ArgumentType | undefined, right: ArgumentType): ValueProblem {
  const isPrefix = left === undefined;
  return problem(
    "42883",
    `operator does not exist: ${isPrefix ? "" : `${typeText(left)} `}${name} ${typeText(right)}`,
    {
      hint: isPrefix
        ? "No operator matches the given name and argument type. You might need to add an explicit type cast."
        : "No operator matches the given name and argument types. You might need to add explicit type casts.",
    },
  );
}

function ambiguousOperator(name: string, left: ArgumentType | undefined, right: ArgumentType): ValueProblem {
  return problem(
    "42725",
    `operator is not unique: ${left === undefined ? "" : `${typeText(left)} `}${name} ${typeText(right)}`,
    {
      hint: "Could not choose a best candidate operator. You might need to add explicit type casts.",
    },
  );
}

/** The arguments as values of the declared types; values null where one is not known. */
function coerceArguments(
  parts: readonly Folded[],
  declared: readonly string[],
  expressions: readonly (Expression | null)[],
  context: FoldContext,
):
  | { readonly kind: "coerced"; readonly part: Folded; readonly values: (Value | null)[] | null }
  | (ValueProblem & { readonly range: TextRange }) {
  let part = mixed(parts, "immutable");
  let values: (Value | null)[] | null = [];
  const ranges = expressions.filter((expression) => expression !== null);
  for (const [index, argument] of parts.entries()) {
    const name = declared[index] ?? "";
    const isPolymorphic = name.startsWith("any");
    const to = isPolymorphic ? (argument.type ?? unsureType) : dataTypeOf(name);
    if (argument.type !== null && !isPolymorphic)
      part = { ...part, volatility: leastConstant(part.volatility, castVolatility(argument.type, to)) };
    const result = coerceFolded(argument, to, "implicit", context);
    if (result?.kind === "problem") return { ...result, range: ranges[index]?.range ?? { start: 0, end: 0 } };
    if (result?.kind === "value") values?.push(result.value);
    else if (result?.kind === "null") values?.push(null);
    else {
      values = null;
      if (result?.kind === "declined") part = { ...part, reason: part.reason ?? result.reason };
    }
  }
  return { kind: "coerced", part, values };
}

function foldCall(call: FunctionCall, context: FoldContext): Fold {
  const parts: Folded[] = [];
  for (const argument of call.arguments) {
    const part = foldExpression(argument.value, context);
    if (part.kind === "problem") return part;
    parts.push(part);
  }
  const name = call.name.at(-1) ?? "";
  const schema = call.name.length > 1 ? call.name.at(-2) : undefined;
  const user = schema === "pg_catalog" ? undefined : context.catalog.functions.get(name);
  if (user !== undefined) {
    const type = user.returns === null ? unsureType : resolveType(context.catalog, user.returns);
    return { ...mixed(parts, user.volatility), type, reason: `the function ${name}` };
  }
  const unsure: Folded = { ...mixed(parts, null), type: unsureType, reason: `the function ${name}` };
  const isPlain = !call.star && !call.aggregateSyntax && call.window === null && !call.distinct;
  if (
    (schema !== undefined && schema !== "pg_catalog") ||
    !isPlain ||
    call.arguments.some((argument) => argument.variadic)
  )
    return unsure;
  if (call.arguments.some((argument) => argument.name !== undefined))
    return name === "make_interval" ? foldMakeInterval(call, parts, context) : unsure;
  if (parts.length === 1 && parts[0] !== undefined) {
    const asCast = foldCallAsCast(call, name, parts[0], context);
    if (asCast !== null) return asCast;
  }
  return foldBuiltinCall(call, name, parts, context, unsure);
}

/** `date('2024-01-01')`: a call with a type's name on an untyped literal is a cast. */
function foldCallAsCast(call: FunctionCall, name: string, part: Folded, context: FoldContext): Fold | null {
  const isType = part.type === null && builtinType(name)?.kind === "base" && functionsNamed(name).length > 0;
  if (!isType || part.value == null || part.value.family !== "text") return null;
  const type = baseTypeNamed(name);
  return withResult(folded(type, {}), readValue(part.value.value, type, context), call.range);
}

function foldBuiltinCall(
  call: FunctionCall,
  name: string,
  parts: readonly Folded[],
  context: FoldContext,
  unsure: Folded,
): Fold {
  if (functionsNamed(name).length === 0) return unsure;
  const choice = chooseFunction(
    name,
    parts.map((part) => part.type),
  );
  switch (choice.kind) {
    case "unsure":
      return unsure;
    case "none":
    case "ambiguous": {
      const signature = `${call.name.join(".")}(${parts.map((part) => typeText(part.type)).join(", ")})`;
      if (name === "extract" || schemaOf(call) === "pg_catalog") return unsure;
      const refusal =
        choice.kind === "none"
          ? problem("42883", `function ${signature} does not exist`, {
              hint: "No function matches the given name and argument types. You might need to add explicit type casts.",
            })
          : problem("42725", `function ${signature} is not unique`, {
              hint: "Could not choose a best candidate function. You might need to add explicit type casts.",
            });
      return { ...refusal, range: call.range };
    }
    case "found": {
      const { found, result } = choice;
      if (found.kind !== "function") return { ...unsure, type: result ?? unsureType };
      const declared = found.variadic ? parts.map((_, index) => found.arguments[index] ?? "any") : found.arguments;
      const coerced = coerceArguments(
        parts,
        declared,
        call.arguments.map((argument) => argument.value),
        context,
      );
      if (coerced.kind === "problem") return coerced;
      const next: Folded = {
        ...coerced.part,
        type: resultTypeOf(name, result, context),
        volatility: leastConstant(coerced.part.volatility, found.volatility),
      };
      if (found.returnsSet) return { ...next, reason: `the function ${name} returns a set` };
      if (clockFunctions.has(name) && parts.length === 0)
        return { ...next, value: clockValue("timestamptz", context), reason: "the time" };
      const { values } = coerced;
      if (values === null || found.variadic) return { ...next, reason: next.reason ?? `the function ${name}` };
      if (values.includes(null))
        return found.strict ? { ...next, value: null } : { ...next, reason: `the function ${name} of NULL` };
      const known = values.filter((value) => value !== null);
      return withResult(next, computeFunction(found, known, context), call.range);
    }
  }
}

/** Functions whose value is the time at which the statement or transaction began. */
const clockFunctions: ReadonlySet<string> = new Set(["now", "transaction_timestamp", "statement_timestamp"]);

function schemaOf(call: FunctionCall): string | null {
  return call.name.length > 1 ? (call.name.at(-2) ?? null) : null;
}

/** `extract` gave double precision before 14. */
function resultTypeOf(name: string, result: DataType | null, context: FoldContext): DataType {
  if (name === "extract" && context.version < 14) return baseTypeNamed("float8");
  return result ?? unsureType;
}

function foldMakeInterval(call: FunctionCall, parts: readonly Folded[], context: FoldContext): Folded {
  const interval = baseTypeNamed("interval");
  const next: Folded = { ...mixed(parts, "immutable"), type: interval };
  const [found] = functionsNamed("make_interval");
  const values: Value[] = makeIntervalParameters.map(
    (name): Value => (name === "secs" ? { family: "float", value: 0 } : { family: "integer", value: 0n }),
  );
  for (const [index, argument] of call.arguments.entries()) {
    const at = argument.name === undefined ? index : makeIntervalParameters.indexOf(argument.name);
    const part = parts[index];
    const to = baseTypeNamed(at === 6 ? "float8" : "int4");
    const result = part === undefined ? undefined : coerceFolded(part, to, "implicit", context);
    if (at < 0 || result?.kind !== "value") return { ...next, reason: "make_interval" };
    values[at] = result.value;
  }
  const computed = found === undefined ? undefined : computeFunction(found, values, context);
  return computed?.kind === "value" ? { ...next, value: computed.value } : { ...next, reason: "make_interval" };
}

/** Whether values of the type can be computed with at all. */
export function isComputable(type: DataType): boolean {
  const family = typeFamily(type);
  return family !== null && family !== "opaque";
}
