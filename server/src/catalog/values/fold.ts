/** Folds expressions: the type, the volatility and, where it can be computed, the value of every part. */

import type { Expression } from "../../syntax/expression.ts";
import { cutForPortions, itemsOfCondition } from "../../text/portions.ts";
import type { TextRange } from "../../text/range.ts";
import { notedPortion } from "../access.ts";
import type { DataType } from "../data-type.ts";
import type { Value } from "../value.ts";
import { absentCollation, absentType } from "./absent-objects.ts";
import type { Volatility } from "./builtins.ts";
import { canCast, castVolatility, lacksCast } from "./cast.ts";
import { fulfilsDomain } from "./domain-checks.ts";
import { foldCall } from "./fold-call.ts";
import { chosenBranch, extreme, firstKnown, foldArray, foldChoice, foldNullIf } from "./fold-choice.ts";
import { foldEach, unlessUnsure, unsure } from "./fold-each.ts";
import { foldField } from "./fold-field.ts";
import { conjunction, foldBetween, foldList, negated, testedValue } from "./fold-list.ts";
import { foldConstant, foldSqlValue } from "./fold-literal.ts";
import { foldOperator } from "./fold-operator.ts";
import {
  cannotCast,
  coerceFolded,
  type Fold,
  type FoldContext,
  type Folded,
  folded,
  mixed,
  type Problem,
  recalled,
  unsureType,
  withoutFailure,
  withResult,
} from "./folded.ts";
import { isPlainLike, likeValue } from "./like.ts";
import { isNull, readNullEquals } from "./null-equals.ts";
import { problem } from "./result.ts";
import { baseTypeNamed, formatTypeName, isCollatable, resolveType } from "./types.ts";

export function foldExpression(expression: Expression, context: FoldContext): Fold {
  return recalled(expression, context, foldAnew);
}

function foldAnew(expression: Expression, context: FoldContext): Fold {
  switch (expression.kind) {
    case "constant":
      return foldConstant(expression.value);
    case "cast":
      return foldCast(expression, context);
    case "collate":
      return foldCollate(expression, context);
    case "column": {
      const known = expression.star ? undefined : context.columnConstant?.(expression.names);
      if (known !== undefined) return folded(known.type, { value: known.value });
      return folded(expression.star ? unsureType : (context.columnType?.(expression.names) ?? unsureType), {
        depends: "row",
      });
    }
    case "parameter": {
      if (expression.value !== undefined) return knownAtStart(foldExpression(expression.value, context));
      const known = context.parameterConstant?.(expression.number);
      if (known !== undefined) return folded(known.type, { value: known.value });
      return folded(context.parameterType?.(expression.number) ?? unsureType, { depends: "parameter" });
    }
    case "sql-value":
      return foldSqlValue(expression.name, context);
    case "operator": {
      const read = readNullEquals(expression, context.settings);
      return read.kind === "operator" ? foldWrittenOperator(read, context) : foldExpression(read, context);
    }
    case "call": {
      const parts = foldAll(
        expression.arguments.map((argument) => argument.value),
        context,
      );
      return "kind" in parts ? parts : unlessUnsure(parts, foldCall(expression, parts, context, foldExpression));
    }
    case "array": {
      const parts = foldAll(expression.items, context);
      if ("kind" in parts) return parts;
      return unlessUnsure(parts, foldArray(parts, rangesOf(expression.items), expression.range, context));
    }
    case "not":
      return foldConditions("NOT", [expression.operand], context, ([value]) => negated(value));
    case "and":
      return foldConditions("AND", expression.operands, context, (values) => conjunction(values, false));
    case "or":
      return foldConditions("OR", expression.operands, context, (values) => conjunction(values, true));
    case "null-test":
      return foldParts([expression.operand], context, boolean, ([value]) =>
        value === undefined ? undefined : { family: "boolean", value: (value === null) !== expression.negated },
      );
    case "coalesce":
      return foldItems("COALESCE", expression.items, expression.range, context, firstKnown);
    case "nullif":
      return foldNullIf(foldExpression(expression.left, context), foldExpression(expression.right, context), context);
    case "greatest-least":
      return foldItems(
        expression.greatest ? "GREATEST" : "LEAST",
        expression.items,
        expression.range,
        context,
        (values) => extreme(values, expression.greatest, context),
      );
    case "case":
      return foldCase(expression, context);
    case "boolean-test":
      return foldParts([expression.operand], context, boolean, ([value]) => testedValue(value, expression));
    case "in": {
      const { operand, items, range } = expression;
      const written = {
        operator: "=",
        isArray: false,
        all: false,
        negated: expression.negated,
        operand: operand.range,
        range,
      };
      return foldBeside(operand, items, context, (left, others) =>
        foldList(left, others, { ...written, items: rangesOf(items) }, context),
      );
    }
    case "between":
      return foldBetweenEnds(expression, context);
    case "any-array": {
      const { operand, array, range } = expression;
      if (array.kind !== "array") return foldParts([operand, array], context, boolean, unknownValue);
      return foldBeside(operand, array.items, context, (left, others) =>
        foldList(
          left,
          others,
          { ...expression, isArray: true, negated: false, operand: operand.range, items: rangesOf(array.items), range },
          context,
        ),
      );
    }
    case "distinct-from":
      return foldDistinct(expression.left, expression.right, expression.range, context);
    case "like":
      return foldParts([expression.operand, expression.pattern], context, boolean, ([text, pattern]) =>
        isPlainLike(expression) ? likeValue(text, pattern, expression.negated) : undefined,
      );
    case "field":
      return foldField(foldExpression(expression.operand, context), expression.name, expression.range, context);
    case "row":
      return foldParts(expression.items, context, baseTypeNamed("record"), unknownValue);
    case "subquery":
      return folded(unsureType, { depends: "row", volatility: null, reason: "a subquery" });
    case "other":
      return foldParts(expression.children, context, unsureType, unknownValue, null);
  }
}

const boolean = baseTypeNamed("bool");

function foldCast(expression: Extract<Expression, { kind: "cast" }>, context: FoldContext): Fold {
  const absent = absentType(context.catalog, expression.type);
  if (absent !== null) return { ...absent, range: expression.type.range };
  const to = resolveType(context.catalog, expression.type);
  const { operand } = expression;
  // `ARRAY[]` takes its type from the cast around it.
  if (operand.kind === "array" && to.kind === "array") {
    const items = operand.items.map(
      (item): Expression => ({ ...expression, operand: item, type: { ...expression.type, arrayDimensions: 0 } }),
    );
    if (operand.items.every((item) => item.kind !== "array")) {
      const parts = foldAll(items, context);
      return "kind" in parts ? parts : withType(foldArray(parts, rangesOf(items), operand.range, context), to);
    }
  }
  const part = foldExpression(operand, context);
  if (part.kind === "problem") return part;
  const volatility = part.type === null ? "immutable" : castVolatility(part.type, to);
  const result = coerceFolded(part, to, "explicit", context);
  if (
    result?.kind === "no-cast" ||
    (result === undefined && part.type !== null && lacksCast(part.type, to, "explicit", context.catalog))
  )
    return unlessUnsure([part], cannotCast(part.type, to, expression.range));
  // A literal is read when the statement is analysed, anything else when it is computed.
  if (result?.kind === "problem" && part.type === null) return { ...result, range: operand.range };
  const holds =
    to.kind !== "domain" ||
    (result?.kind === "value" && fulfilsDomain(result.value, to, context, foldExpression)) ||
    (result?.kind === "null" && fulfilsDomain(null, to, context, foldExpression));
  const isDoubtful = result?.kind === "declined" && part.type === null;
  const next: Folded = { ...mixed([part], volatility), type: to, ...(isDoubtful ? { doubtful: true } : {}) };
  if (!holds) return { ...next, reason: "the conditions of a domain" };
  return withResult(next, result, operand.range);
}

function foldCollate(expression: Extract<Expression, { kind: "collate" }>, context: FoldContext): Fold {
  const operand = foldExpression(expression.operand, context);
  if (operand.kind === "problem") return operand;
  const { type } = operand;
  const range = expression.collateRange;
  if (type !== null && type.kind !== "unknown" && !isCollatable(type))
    return unlessUnsure([operand], {
      ...problem("42804", `collations are not supported by type ${formatTypeName(type)}`),
      range,
    });
  const absent = absentCollation(context.catalog, expression.collation);
  return absent === null ? operand : unlessUnsure([operand], { ...absent, range });
}

/** Beside NULL, `transformAExprDistinct` makes a test for NULL of it, which needs no operator. */
function foldDistinct(left: Expression, right: Expression, range: TextRange, context: FoldContext): Fold {
  if (isNull(left) || isNull(right)) return foldParts([left, right], context, boolean, unknownValue);
  return withoutValue(foldComparison("=", foldExpression(left, context), left.range, right, range, context));
}

/** A failure at run time may be one that does not come about. */
function withoutValue(part: Fold): Fold {
  return part.kind === "folded" ? withoutFailure({ ...part, value: undefined, type: boolean }) : part;
}

function withType(part: Fold, type: DataType): Fold {
  return part.kind === "folded" ? { ...part, type } : part;
}

function foldAll(expressions: readonly Expression[], context: FoldContext): readonly Folded[] | Problem {
  return foldEach(expressions, context, foldExpression);
}

function rangesOf(expressions: readonly Expression[]): readonly TextRange[] {
  return expressions.map((expression) => expression.range);
}

function foldItems(
  construct: "COALESCE" | "CASE" | "GREATEST" | "LEAST",
  items: readonly Expression[],
  range: TextRange,
  context: FoldContext,
  compute: (values: readonly (Value | null | undefined)[]) => Value | null | undefined,
): Fold {
  const parts = foldAll(items, context);
  if ("kind" in parts) return parts;
  return unlessUnsure(parts, foldChoice(construct, parts, rangesOf(items), range, context, compute));
}

/** A branch of a CASE; where its test is a problem that is its result too. */
interface When {
  readonly test: Fold;
  readonly result: Fold;
}

function foldCase(expression: Extract<Expression, { kind: "case" }>, context: FoldContext): Fold {
  const seen: Folded[] = [];
  const results: Folded[] = [];
  const operand = expression.operand === null ? null : foldExpression(expression.operand, context);
  if (operand?.kind === "problem") return operand;
  // An untyped operand is text.
  const compared = operand === null || operand.type !== null ? operand : { ...operand, type: baseTypeNamed("text") };
  const foldWhens = (whens: typeof expression.whens): readonly When[] => {
    const found: When[] = [];
    for (const { condition, result } of whens) {
      const test =
        compared === null || expression.operand === null
          ? foldConditions("CASE/WHEN", [condition], context, ([value]) => value)
          : foldComparison("=", compared, expression.operand.range, condition, expression.range, context);
      found.push({ test, result: test.kind === "problem" ? test : foldExpression(result, context) });
      if (found.at(-1)?.result.kind === "problem") break;
    }
    return found;
  };
  for (const some of cutForPortions(expression.whens, itemsOfCondition)) {
    for (const { test, result } of notedPortion(some.length * itemsOfCondition, () => foldWhens(some))) {
      if (test.kind === "problem" || result.kind === "problem") return unlessUnsure([...seen, ...results], result);
      seen.push(test);
      results.push(result);
    }
  }
  if (expression.otherwise !== null) {
    const value = foldExpression(expression.otherwise, context);
    if (value.kind === "problem") return unlessUnsure([...seen, ...results], value);
    // ELSE comes first where the types are brought together.
    results.unshift(value);
  }
  const hasElse = expression.otherwise !== null;
  const chosen = chosenBranch(seen, hasElse);
  const compute = (values: readonly (Value | null | undefined)[]): Value | null | undefined =>
    chosen === undefined ? undefined : chosen === null ? null : values[chosen];
  const choice = foldChoice("CASE", results, [], expression.range, context, compute);
  if (choice.kind === "problem") return unlessUnsure([...seen, ...results], choice);
  const conditions = seen.map(withoutFailure);
  // Where the conditions are the same for ever, what is not chosen does not count.
  const isFolded = chosen !== undefined && conditions.every((condition) => condition.volatility === "immutable");
  const taken = chosen === undefined || chosen === null ? undefined : results[chosen];
  const counted = isFolded && choice.volatility === "immutable" && taken !== undefined ? withoutFailure(taken) : choice;
  return { ...mixed([...conditions, counted], "immutable"), type: choice.type, value: choice.value };
}

function foldWrittenOperator(expression: Extract<Expression, { kind: "operator" }>, context: FoldContext): Fold {
  const { left, right, operator: name, schema, range } = expression;
  const operands = left === null ? [right] : [left, right];
  const parts = foldAll(operands, context);
  if ("kind" in parts) return parts;
  const [first, second] = parts;
  if (first === undefined) return unsure("an operator without operands");
  const written = { name, schema, range, operands: rangesOf(operands) };
  const result =
    second === undefined ? foldOperator(written, null, first, context) : foldOperator(written, first, second, context);
  return unlessUnsure(parts, result);
}

/** AND, OR, NOT: what is no condition is refused. */
function foldConditions(
  construct: "AND" | "OR" | "NOT" | "CASE/WHEN",
  parts: readonly Expression[],
  context: FoldContext,
  compute: (values: readonly (Value | null | undefined)[]) => Value | null | undefined,
): Fold {
  const results = foldAll(parts, context);
  if ("kind" in results) return results;
  const values: (Value | null | undefined)[] = [];
  let doubtful = false;
  for (const [index, part] of results.entries()) {
    const range = parts[index]?.range ?? { start: 0, end: 0 };
    if (part.type !== null && part.type !== unsureType && canCast(part.type, boolean, "implicit") === false) {
      const message = `argument of ${construct} must be type boolean, not type ${formatTypeName(part.type)}`;
      return unlessUnsure(results, { ...problem("42804", message), range });
    }
    // Conditions may be written as text: `NOT 'f'`.
    const read = part.type === null ? coerceFolded(part, boolean, "implicit", context) : undefined;
    if (read?.kind === "problem") return unlessUnsure(results, { ...read, range });
    doubtful ||= read?.kind === "declined";
    values.push(
      read === undefined ? part.value : read.kind === "value" ? read.value : read.kind === "null" ? null : undefined,
    );
  }
  const all = results.map(withoutFailure);
  const next = mixed(all, "immutable");
  return { ...next, type: boolean, value: compute(values), doubtful: doubtful || next.doubtful === true };
}

/** One comparison, as in `operand >= item`. */
function foldComparison(
  name: string,
  operand: Fold,
  operandRange: TextRange,
  item: Expression,
  range: TextRange,
  context: FoldContext,
): Fold {
  if (operand.kind === "problem") return operand;
  const right = foldExpression(item, context);
  if (right.kind === "problem") return unlessUnsure([operand], right);
  const operator = { name, range, operands: [operandRange, item.range] };
  return unlessUnsure([operand, right], foldOperator(operator, operand, right, context));
}

/** IN and BETWEEN: the operand beside the items that it is compared with. */
function foldBeside(
  operand: Expression,
  items: readonly Expression[],
  context: FoldContext,
  combine: (left: Folded, others: readonly Folded[]) => Fold,
): Fold {
  const parts = foldAll([operand, ...items], context);
  if ("kind" in parts) return parts;
  const [left, ...others] = parts;
  return left === undefined ? unsure("a comparison without operands") : unlessUnsure(parts, combine(left, others));
}

/** PostgreSQL compares with the lower end before it reads the upper one. */
function foldBetweenEnds(expression: Extract<Expression, { kind: "between" }>, context: FoldContext): Fold {
  const { operand, low, high, range } = expression;
  const beside = (items: readonly Expression[]): Fold =>
    foldBeside(operand, items, context, (left, others) =>
      foldBetween(left, others, { ...expression, operand: operand.range, items: rangesOf(items), range }, context),
    );
  const found = beside([low, high]);
  const isInHigh =
    found.kind === "problem" && found.range.start >= high.range.start && found.range.end <= high.range.end;
  const first = isInHigh ? beside([low]) : found;
  return first.kind === "problem" ? first : found;
}

function unknownValue(): undefined {
  return undefined;
}

/** An expression whose parts may fail at run time without its failing: a failure there is no claim. */
function foldParts(
  parts: readonly Expression[],
  context: FoldContext,
  type: DataType,
  compute: (values: readonly (Value | null | undefined)[]) => Value | null | undefined,
  volatility: Volatility | null = "immutable",
): Fold {
  const results = foldAll(parts, context);
  if ("kind" in results) return results;
  const all = results.map(withoutFailure);
  return { ...mixed(all, volatility), type, value: compute(all.map((part) => part.value)) };
}

/** The value of a parameter in a plan that is made for any value. */
function knownAtStart(value: Fold): Fold {
  return value.kind === "problem" || value.volatility === "volatile" ? value : { ...value, volatility: "stable" };
}
