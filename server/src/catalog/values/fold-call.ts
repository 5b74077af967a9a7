/** Folds function calls: which function is meant, and what it gives. */

import type { Expression, FunctionCall } from "../../syntax/expression.ts";
import { knowsEveryObject } from "../catalog.ts";
import type { DataType } from "../data-type.ts";
import type { SqlBody } from "../routine.ts";
import type { Value } from "../value.ts";
import { type BuiltinFunction, builtinType, functionsNamed, type Volatility } from "./builtins.ts";
import { castMethod, castVolatility } from "./cast.ts";
import { clockValue } from "./fold-literal.ts";
import { coerceArguments } from "./fold-operator.ts";
import {
  coerceFolded,
  type Fold,
  type FoldContext,
  type Folded,
  leastConstant,
  mixed,
  typeText,
  unsureType,
  withResult,
} from "./folded.ts";
import { computeFunction, makeIntervalParameters } from "./functions.ts";
import { acceptedArguments, chooseFunction, dataTypeOf } from "./overload.ts";
import { fitsNone, lacksOthers } from "./own-functions.ts";
import { problem, type ValueProblem } from "./result.ts";
import { baseTypeNamed, resolveType } from "./types.ts";
import { mayBeOther } from "./unlisted-functions.ts";
import { resultOfUser } from "./user-result.ts";
import { valueOfAny } from "./values-of-any.ts";

/** A call whose arguments are folded already. Aggregates, window functions and what is no builtin have a type at most. */
export function foldCall(
  call: FunctionCall,
  parts: readonly Folded[],
  context: FoldContext,
  fold: (expression: Expression, context: FoldContext) => Fold,
): Fold {
  const name = call.name.at(-1) ?? "";
  const schema = call.name.length > 1 ? call.name.at(-2) : undefined;
  const user = schema === "pg_catalog" ? undefined : context.catalog.functions.get(name);
  if (user !== undefined) {
    const types = parts.map((part) => part.type);
    if (fitsNone(call, types, context.catalog, context.version))
      return { ...missingFunction(call.name.join("."), parts), range: call.range };
    const type = resultOfUser(context.catalog, name) ?? unsureType;
    const volatility = user.inlined === true && user.volatility !== "immutable" ? null : user.volatility;
    const next: Folded = { ...mixed(parts, volatility), type, reason: `the function ${name}` };
    const isPositional = call.arguments.every((argument) => argument.name === undefined && !argument.variadic);
    const body = user.overloaded === true || !isPositional ? undefined : user.computes;
    const value = body === undefined ? undefined : computeBody(body, type, parts, context, fold);
    return value === undefined ? next : { ...next, value, reason: undefined };
  }
  const unsure: Folded = { ...mixed(parts, null), type: unsureType, reason: `the function ${name}` };
  const isPlain = !call.star && !call.aggregateSyntax && call.window === null && !call.distinct;
  if (
    schema !== undefined &&
    schema !== "pg_catalog" &&
    isPlain &&
    lacksOthers(schema, context.catalog, context.version)
  ) {
    return isOther(call, parts, context)
      ? unsure
      : { ...missingFunction(call.name.join("."), parts), range: call.range };
  }
  if (
    (schema !== undefined && schema !== "pg_catalog") ||
    !isPlain ||
    call.arguments.some((argument) => argument.variadic)
  )
    return unsure;
  if (call.arguments.some((argument) => argument.name !== undefined))
    return name === "make_interval" ? foldMakeInterval(call, parts, context) : unsure;
  const isBase = builtinType(name)?.kind === "base";
  if (parts.length === 1 && parts[0]?.type === null && builtinType(name) !== null && !isBase) return unsure;
  if (parts.length === 1 && parts[0] !== undefined) {
    const asCast = foldCallAsCast(call, name, parts[0], context);
    if (asCast !== null) return asCast;
  }
  return foldBuiltinCall(call, name, parts, context, unsure);
}

function isOther(call: FunctionCall, parts: readonly Folded[], { catalog }: FoldContext): boolean {
  return mayBeOther(
    call,
    parts.map(({ type }) => type),
    catalog,
  );
}

/** Deeper calls of functions in functions are not followed. */
const deepest = 10;

/** What the body of a function gives for these arguments; undefined where that is not known. */
function computeBody(
  { parameters, result, strict }: SqlBody,
  type: DataType,
  parts: readonly Folded[],
  context: FoldContext,
  fold: (expression: Expression, context: FoldContext) => Fold,
): Value | null | undefined {
  const depth = context.depth ?? 0;
  if (parts.length !== parameters.length || type === unsureType || depth >= deepest) return undefined;
  const values: { readonly value: Value | null; readonly type: DataType }[] = [];
  for (const [index, part] of parts.entries()) {
    const written = parameters[index]?.type;
    const to = written === undefined ? unsureType : resolveType(context.catalog, written);
    const coerced = to.kind === "unknown" ? undefined : coerceFolded(part, to, "implicit", context);
    if (coerced?.kind !== "value" && coerced?.kind !== "null") return undefined;
    values.push({ value: coerced.kind === "value" ? coerced.value : null, type: to });
  }
  if (strict && values.some(({ value }) => value === null)) return null;
  const inside: FoldContext = {
    ...context,
    // The function may have been declared immutable though it looks at the clock: what it gives then is not told.
    today: null,
    depth: depth + 1,
    columnType: undefined,
    columnConstant: (names) => values[parameters.findIndex(({ name }) => name === names.at(-1))],
    parameterConstant: (number) => values[number - 1],
  };
  const folded = fold(result, inside);
  // What is stable and has a value without the clock depends on the session's settings, which are known here.
  if (folded.kind === "problem" || folded.value === undefined) return undefined;
  if (folded.volatility !== "immutable" && folded.volatility !== "stable") return undefined;
  const given = coerceFolded(folded, type, "assignment", context);
  return given?.kind === "value" ? given.value : given?.kind === "null" ? null : undefined;
}

/** `date('2024-01-01')`: a call with a type's name is a cast where the argument is untyped, or is cast without a function. */
function foldCallAsCast(call: FunctionCall, name: string, part: Folded, context: FoldContext): Fold | null {
  if (builtinType(name)?.kind !== "base" || functionsNamed(name).length === 0) return null;
  const type = baseTypeNamed(name);
  if (part.type !== null) {
    const method = castMethod(part.type, type);
    if (method !== "text" && method !== "binary" && method !== "same") return null;
    const choice = chooseFunction(name, [part.type]);
    if (choice.kind === "found" && typeText(dataTypeOf(choice.found.arguments[0] ?? "")) === typeText(part.type))
      return null;
  }
  const result = coerceFolded(part, type, "explicit", context);
  if (result?.kind === "problem" && part.type === null) return { ...result, range: call.range };
  const volatility = part.type === null ? "immutable" : castVolatility(part.type, type);
  return withResult({ ...mixed([part], volatility), type }, result, call.range);
}

function foldBuiltinCall(
  call: FunctionCall,
  name: string,
  parts: readonly Folded[],
  context: FoldContext,
  unsure: Folded,
): Fold {
  if (functionsNamed(name).length === 0) {
    const isAbsent = knowsEveryObject(context.catalog) && context.version <= 18 && !isOther(call, parts, context);
    return isAbsent ? { ...missingFunction(call.name.join("."), parts), range: call.range } : unsure;
  }
  const choice = chooseFunction(
    name,
    parts.map((part) => part.type),
  );
  switch (choice.kind) {
    case "unsure":
      return unsure;
    case "none":
    case "ambiguous": {
      const written = name === "extract" && context.version < 14 ? "pg_catalog.date_part" : call.name.join(".");
      const refusal =
        choice.kind === "none"
          ? missingFunction(written, parts)
          : problem("42725", `function ${signature(written, parts)} is not unique`, {
              hint: "Could not choose a best candidate function. You might need to add explicit type casts.",
            });
      return { ...refusal, range: call.range };
    }
    case "found": {
      const { found, result } = choice;
      if (found.kind !== "function") return { ...unsure, type: result ?? unsureType };
      const declared = acceptedArguments(found, parts.length) ?? found.arguments;
      const coerced = coerceArguments(
        parts,
        declared,
        call.arguments.map((argument) => argument.value.range),
        context,
      );
      if (coerced.kind === "problem") return coerced;
      const next: Folded = {
        ...coerced.part,
        type: resultTypeOf(name, result, context),
        volatility: leastConstant(coerced.part.volatility, volatilityIn(found, context.version)),
      };
      if (found.returnsSet) return { ...next, reason: `the function ${name} returns a set` };
      if (clockFunctions.has(name) && parts.length === 0)
        return { ...next, value: clockValue("timestamptz", context), reason: "the time" };
      const { values } = coerced;
      const ofAny = values === null ? undefined : valueOfAny(name, values, parts, context);
      if (ofAny !== undefined) return { ...next, value: ofAny };
      if (values === null || found.variadic) return { ...next, reason: next.reason ?? `the function ${name}` };
      if (values.includes(null))
        return found.strict ? { ...next, value: null } : { ...next, reason: `the function ${name} of NULL` };
      const known = values.filter((value) => value !== null);
      return withResult(next, computeFunction(found, known, context), call.range);
    }
  }
}

function missingFunction(name: string, parts: readonly Folded[]): ValueProblem {
  return problem("42883", `function ${signature(name, parts)} does not exist`, {
    hint: "No function matches the given name and argument types. You might need to add explicit type casts.",
  });
}

function signature(name: string, parts: readonly Folded[]): string {
  return `${name}(${parts.map((part) => typeText(part.type)).join(", ")})`;
}

/** Functions whose value is the time at which the statement or transaction began. */
const clockFunctions: ReadonlySet<string> = new Set(["now", "transaction_timestamp", "statement_timestamp"]);

/** The tables are those of 18; `date_trunc` with a zone is immutable from 16 on. */
function volatilityIn(found: BuiltinFunction, version: number): Volatility {
  return found.name === "date_trunc" && found.arguments.length === 3 && version < 16 ? "stable" : found.volatility;
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
