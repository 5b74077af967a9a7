/** Conditions of WHERE, ON and HAVING; EXISTS and IN among them become joins: the planner's `pull_up_sublinks`. */

import type { Expression } from "../syntax/expression.ts";
import { countParts, insideOut } from "../syntax/expression-walk.ts";
import type { SelectQuery } from "../syntax/query.ts";
import { addAll } from "../text/long-lists.ts";
import { emptyLevel, type QualLevel } from "./block.ts";
import { factsOf, mentionedColumns } from "./expression-facts.ts";
import { addItem, addSubquery } from "./from-items.ts";
import { type Environment, type NamedColumns, scopeFrom, scopeOf } from "./query-level.ts";
import { type Place, type Reader, readSubqueries } from "./references.ts";
import type { ResolvedColumn, Scope } from "./scope.ts";
import { hasAggregate, hasVolatileCall, isVolatile, returnsSet } from "./subquery-shape.ts";

/**
 * Adds a condition to a level. `available`: the references that a subquery of it may speak of to become a join there; null for
 * all of the query's.
 */
export function addCondition(
  expression: Expression | null,
  level: QualLevel,
  scope: Scope,
  place: Place,
  available: ReadonlySet<number> | null = null,
): void {
  if (expression === null) return;
  if (expression.kind === "and") {
    for (const operand of expression.operands) addCondition(operand, level, scope, place, available);
    return;
  }
  const isRead = isLookedInto(expression, place.reader);
  if (isRead && becomesJoin(expression, level, scope, place, available)) return;
  if (isRead) level.conditions.push({ expression, scope });
  readSubqueries([expression], place, scope, level);
}

/**
 * Whether there is room for the condition among those that are looked into. Where there is none, fewer partitions may be scanned than
 * is told, which `Reader.partsLeft` tells whoever asks for the references.
 */
export function isLookedInto(condition: Expression, reader: Reader): boolean {
  if (reader.partsLeft > 0) reader.partsLeft -= countParts(condition, reader.partsLeft);
  return reader.partsLeft > 0;
}

/** Subqueries within subqueries are tried one in the other; deeper ones are left as they are. */
const deepest = 8;

function becomesJoin(
  expression: Expression,
  level: QualLevel,
  scope: Scope,
  place: Place,
  available: ReadonlySet<number> | null,
): boolean {
  const negated = expression.kind === "not" ? expression.operand : null;
  const subquery = negated ?? expression;
  const { reader } = place;
  if (subquery.kind !== "subquery" || reader.semiJoins >= deepest) return false;
  const [next, blocks] = [reader.next, reader.blocks.length];
  const joined = emptyLevel();
  const attempt: Attempt = { scope, place, available, next };
  reader.semiJoins++;
  const succeeds =
    subquery.variant === "exists"
      ? readExists(subquery.query, joined, attempt)
      : subquery.variant === "any" && negated === null && readAny(subquery, joined, attempt);
  reader.semiJoins--;
  if (!succeeds) {
    reader.next = next;
    reader.blocks.length = blocks;
    return false;
  }
  if (negated !== null) {
    const { conditions, ...right } = joined;
    level.outerJoins.push({ type: "anti", right: { ...right, conditions: [] }, on: conditions });
    return true;
  }
  addAll(level.items, joined.items);
  addAll(level.conditions, joined.conditions);
  addAll(level.outerJoins, joined.outerJoins);
  addAll(level.subplans, joined.subplans);
  return true;
}

interface Attempt {
  readonly scope: Scope;
  readonly place: Place;
  readonly available: ReadonlySet<number> | null;
  /** The first reference of the subquery itself. */
  readonly next: number;
}

/** `convert_EXISTS_sublink_to_join`: only its WHERE may speak of the query around, and it must. */
function readExists(query: SelectQuery, level: QualLevel, attempt: Attempt): boolean {
  if (!isSimpleExists(query) || query.where === null || hasVolatileCall(query.where)) return false;
  const { place } = attempt;
  const environment = environmentWithin(attempt);
  const names: NamedColumns[] = [];
  const within: Place = { ...place, names, scope: scopeOf(names, environment), environment };
  for (const item of query.from) addItem(item, level, within);
  if (speaksOfOuter(level, attempt)) return false;
  if (!isAvailable(outerColumns(query.where, within.scope, attempt), attempt)) return false;
  addCondition(query.where, level, within.scope, within);
  return true;
}

/** `simplify_EXISTS_query` */
function isSimpleExists(query: SelectQuery): boolean {
  const { limit } = query;
  const targets = query.targets.map(({ expression }) => expression);
  return (
    query.with.length === 0 &&
    query.setOperation === null &&
    query.values === null &&
    query.commonGroups === null &&
    query.having === null &&
    query.offset === null &&
    !query.locks &&
    (limit === null || (limit.kind === "constant" && limit.value.type === "integer" && Number(limit.value.text) > 0)) &&
    !targets.some(
      (target) =>
        hasAggregate(target) ||
        returnsSet(target) ||
        insideOut(target).some((part) => part.kind === "call" && part.window !== null),
    )
  );
}

/** `convert_ANY_sublink_to_join`: the subquery is read as in FROM, and compared with what stands before IN. */
function readAny(subquery: Extract<Expression, { kind: "subquery" }>, level: QualLevel, attempt: Attempt): boolean {
  const { operand, operator, query, range } = subquery;
  const { scope, place } = attempt;
  if (operand === null || operator === null || isVolatile(operand, scope)) return false;
  if (!isAvailable(outerColumns(operand, scope, attempt), attempt)) return false;
  const { version } = place.environment.context;
  if (version >= 18 && readListOfValues(operand, operator, query, range, level, attempt)) return true;
  const names: NamedColumns[] = [];
  const environment = environmentWithin(attempt);
  addSubquery(query, null, [], level, { ...place, names }, environment);
  const [source] = names;
  if (source?.source.kind !== "columns" || source.source.open) return false;
  const { columns } = source.source;
  // Before 17 a subquery that speaks of the query around it stays one.
  if (version < 17 && speaksOfOuter(level, attempt)) return false;
  const own = columns.map(({ resolved }) => resolved);
  const column = (index: number): Expression => ({
    kind: "column",
    names: [outputPrefix, String(index)],
    star: false,
    range,
  });
  const right: Expression =
    operand.kind === "row" ? { kind: "row", items: operand.items.map((_, index) => column(index)), range } : column(0);
  const within = scopeFrom(
    (written): ResolvedColumn =>
      written[0] === outputPrefix ? (own[Number(written[1])] ?? unknown) : scope.resolve(written),
    scope.context,
  );
  level.conditions.push({ expression: { kind: "operator", operator, left: operand, right, range }, scope: within });
  readSubqueries([operand], place, scope);
  return true;
}

const unknown: ResolvedColumn = { kind: "unknown" };

/** No name that anybody writes. */
const outputPrefix = "\0output";

/** `x IN (VALUES (1), (2))` is `x = ANY (ARRAY[1, 2])` from 18 on. */
function readListOfValues(
  operand: Expression,
  operator: string,
  query: SelectQuery,
  range: Expression["range"],
  level: QualLevel,
  { scope, place }: Attempt,
): boolean {
  const { values } = query;
  if (values === null || values.length < 2 || query.orderBy.length > 0 || query.hasLimit || operand.kind === "row")
    return false;
  const items = values.flatMap((row) => (row.length === 1 ? row : []));
  if (items.length < values.length || !items.every((item) => isConstantItem(item, scope))) return false;
  const array: Expression = { kind: "array", items, range: query.range };
  const condition: Expression = { kind: "any-array", operator, operand, array, all: false, range };
  if (isLookedInto(condition, place.reader)) level.conditions.push({ expression: condition, scope });
  return true;
}

function isConstantItem(item: Expression, scope: Scope): boolean {
  const facts = factsOf(item, scope);
  return facts.columns.length === 0 && !facts.unknownColumn && !facts.execution && !isVolatile(item, scope);
}

function environmentWithin({ scope, place }: Attempt): Environment {
  return { ...place.environment, outer: scope, joinsOuter: true };
}

/** The references of the query around that an expression speaks of. */
function outerColumns(expression: Expression, scope: Scope, { next }: Attempt): ReadonlySet<number> {
  const references = mentionedColumns(expression, scope).map(({ reference }) => reference);
  return new Set(references.filter((reference) => reference < next));
}

function isAvailable(references: ReadonlySet<number>, { available }: Attempt): boolean {
  if (references.size === 0) return false;
  return available === null || [...references].every((reference) => available.has(reference));
}

/** Whether what has been read of a subquery speaks of the query around. */
function speaksOfOuter(level: QualLevel, { next }: Attempt): boolean {
  return level.conditions.some(
    (condition) =>
      "expression" in condition &&
      factsOf(condition.expression, condition.scope).columns.some(({ reference }) => reference < next),
  );
}
