/** Which relations run code of the script or of others when they are used, and what their expressions call. */

import { createUsesCollector, noUses, type Uses, type UsesCollector } from "../syntax/uses.ts";
import { changedItems } from "./changed-items.ts";
import type { DataType } from "./data-type.ts";
import type { Relation } from "./relation.ts";
import type { CodeByName } from "./stored-code.ts";
import { functionsNamed, isBuiltinType, operatorsNamed } from "./values/builtins.ts";

/**
 * The keys in `Catalog.code` of what the use of the relation runs besides what PostgreSQL brings, `openCode` for what has none:
 * rules and policies, and whatever may belong to a table that nobody shows. `previous` is what the relation was before, from
 * which it has most of its parts.
 */
export function keysOfCode(relation: Relation, code: CodeByName, previous?: Relation | null): readonly string[] {
  const { triggers } = relation;
  const isOpen =
    relation.touched === true ||
    relation.knowledge === "assumed" ||
    (relation.code ?? []).some(({ kind }) => kind !== "view") ||
    triggers.some(({ uses, deferrable }) => uses !== undefined || deferrable === true);
  const own = ownExpressions(relation, code, previous);
  if (!isOpen && triggers.length === 0 && own === noUses) return none;
  const keys = new Set(isOpen ? [openCode] : []);
  for (const trigger of triggers) keys.add(`function ${trigger.function ?? ""}`);
  for (const name of own.calls) keys.add(`function ${name.at(-1) ?? ""}`);
  for (const symbol of own.operators) keys.add(`operator ${symbol}`);
  for (const type of own.types) keys.add(`type ${type}`);
  return [...keys];
}

const none: readonly string[] = [];

/** The key of what has to be looked at for each use. */
export const openCode = "open";

/**
 * What the relation's defaults, generated columns, constraints, partition key or index expressions use, and its columns'
 * domains; PostgreSQL's own functions and operators are left out where the script has none of the same name.
 */
export function ownExpressions(relation: Relation, code: CodeByName, previous?: Relation | null): Uses {
  const parts = [
    usesOfList(relation.columns, code, previous?.columns),
    usesOfList(relation.constraints, code, previous?.constraints),
    usesOf(relation.partitioning?.key.elements ?? empty, code),
    usesOf(relation.index?.definition ?? empty, code),
  ].filter((uses) => uses !== noUses);
  if (parts.length === 0) return noUses;
  const collector = createUsesCollector();
  parts.forEach(collector.all);
  return collector.collected() ?? noUses;
}

const empty: object = [];

/** Plain data that holds expressions; it is never changed, and few scripts have functions of their own. */
const known = new WeakMap<object, Uses>();

/** A list that grows by one item, or has one item changed, keeps the others, and those of a wide table are many. */
function usesOfList(list: readonly object[], code: CodeByName, previous: readonly object[] = noItems): Uses {
  const done = known.get(list);
  if (done !== undefined) return done;
  const before = known.get(previous);
  const { gone, come } = changedItems(previous, list);
  const keepsAll = before !== undefined && gone.every((item) => usesOf(item, code) === noUses);
  const collector = createUsesCollector();
  if (keepsAll && before !== noUses) collector.all(before);
  for (const item of keepsAll ? come : list) {
    const uses = usesOf(item, code);
    if (uses !== noUses) collector.all(uses);
  }
  const uses = collector.collected() ?? noUses;
  known.set(list, uses);
  return uses;
}

const noItems: readonly object[] = [];

function usesOf(data: object, code: CodeByName): Uses {
  const before = known.get(data);
  // What was resolved when the relation got it stays what it is.
  if (before !== undefined) return before;
  const collector = createUsesCollector();
  collect(data, code, collector);
  const uses = collector.collected() ?? noUses;
  known.set(data, uses);
  return uses;
}

function collect(data: unknown, code: CodeByName, collector: UsesCollector): void {
  if (typeof data !== "object" || data === null) return;
  if (Array.isArray(data)) {
    for (const item of data) collect(item, code, collector);
    return;
  }
  const node = data as Readonly<Record<string, unknown>>;
  switch (node["kind"]) {
    case "call":
      collectCall(node["name"] as readonly string[], code, collector);
      break;
    case "operator":
    case "any-array":
    case "subquery":
      if (typeof node["operator"] === "string") collectOperator(node["operator"], code, collector);
      break;
    case "in":
    case "nullif":
    case "distinct-from":
      collectOperator("=", code, collector);
      break;
    case "between":
      collectOperator("<=", code, collector);
      collectOperator(">=", code, collector);
      break;
    case "domain":
      collectType(data as DataType, collector);
      return;
    case "array":
      // Both a type and an expression are called so.
      if ("element" in node) collectType(data as DataType, collector);
      break;
    default:
      break;
  }
  const names = (node["names"] as readonly string[] | undefined) ?? [];
  const type = names.at(-1);
  if ("arrayDimensions" in node && type !== undefined && !isBuiltinType(type)) collector.type(type);
  for (const key in node) collect(node[key], code, collector);
}

function collectCall(name: readonly string[], code: CodeByName, collector: UsesCollector): void {
  const last = name.at(-1) ?? "";
  if (name.length > 1 && name.at(-2) === "pg_catalog") return;
  if (code.has(`function ${last}`) || functionsNamed(last).length === 0) collector.call(name);
}

function collectOperator(operator: string, code: CodeByName, collector: UsesCollector): void {
  if (code.has(`operator ${operator}`) || operatorsNamed(operator).length === 0) collector.operator(operator);
}

function collectType(type: DataType, collector: UsesCollector): void {
  if (type.kind === "array") collectType(type.element, collector);
  else if (type.kind === "domain") collector.type(type.name);
}
