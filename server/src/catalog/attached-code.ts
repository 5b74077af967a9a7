/** Which relations run code of the script or of others when they are used, and what their expressions call. */

import { anySetting } from "../syntax/session-changes.ts";
import { createUsesCollector, noUses, type Uses, type UsesCollector } from "../syntax/uses.ts";
import { type ChangedItems, changedItems } from "./changed-items.ts";
import type { DataType } from "./data-type.ts";
import { NamedList } from "./named-list.ts";
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

/** Whether nothing that `keysOfCode` looks at is other: most changes of a partitioned table are one partition more. */
export function hasSameCode(a: Relation, b: Relation): boolean {
  return (
    a.columns === b.columns &&
    a.constraints === b.constraints &&
    a.triggers === b.triggers &&
    a.code === b.code &&
    a.partitioning?.key.elements === b.partitioning?.key.elements &&
    a.index?.definition === b.index?.definition &&
    a.touched === b.touched &&
    a.knowledge === b.knowledge
  );
}

/** The key of what has to be looked at for each use. */
export const openCode = "open";

/**
 * What the relation's defaults, generated columns, constraints, partition key or index expressions use, and its columns'
 * domains; PostgreSQL's own functions and operators are left out where the script has none of the same name.
 */
export function ownExpressions(relation: Relation, code: CodeByName, previous?: Relation | null): Uses {
  const parts = [
    relation.columns.length === 0
      ? noUses
      : usesOfShared(relation.columns, () => usesOfList(relation.columns, code, previous?.columns)),
    usesOfList(relation.constraints, code, previous?.constraints),
    usesOf(relation.partitioning?.key.elements ?? empty, code),
    usesOfShared(relation.index?.definition ?? empty, (definition) => usesOf(definition, code)),
  ].filter((uses) => uses !== noUses);
  if (parts.length === 0) return noUses;
  const collector = createUsesCollector();
  parts.forEach(collector.all);
  return collector.collected() ?? noUses;
}

const empty: object = [];

/** Plain data that holds expressions; it is never changed, and few scripts have functions of their own. */
const known = new WeakMap<object, Uses>();

/**
 * What thousands of partitions have in common is looked through once. What was resolved stays what it is; the rest has nothing to resolve.
 */
function usesOfShared(data: object, look: (data: object) => Uses): Uses {
  const before = known.get(data);
  return before ?? kept(data, look(data));
}

/** Of shorter lists nothing is kept: ten thousand partitions have as many lists, which is more to keep than to look through. */
const longList = 16;

/** A list that grows by one item, or has one item changed, keeps the others, and those of a wide table are many. */
function usesOfList<List extends Listed>(list: List, code: CodeByName, previous: List | undefined): Uses {
  if (list.length < longList) return usesOfItems(list, code, noUses);
  const done = known.get(list);
  if (done !== undefined) return done;
  const before = previous === undefined ? undefined : known.get(previous);
  if (previous === undefined || before === undefined) return kept(list, usesOfItems(list, code, noUses));
  const { gone, come } = changesOf(previous, list);
  const keepsAll = usesOfItems(gone, code, noUses) === noUses;
  return kept(list, usesOfItems(keepsAll ? come : list, code, keepsAll ? before : noUses));
}

type Listed = readonly object[] | Relation["constraints"];

function changesOf(previous: Listed, list: Listed): ChangedItems<object> {
  if (list instanceof NamedList && previous instanceof NamedList) return list.changesFrom(previous);
  return changedItems([...previous], [...list]);
}

function kept(list: object, uses: Uses): Uses {
  known.set(list, uses);
  return uses;
}

function usesOfItems(items: Iterable<object>, code: CodeByName, others: Uses): Uses {
  let collector: UsesCollector | null = null;
  for (const item of items) {
    // A constraint without an expression: most are keys and NOT NULL.
    if ("expression" in item && item.expression === null) continue;
    const uses = usesOf(item, code);
    if (uses === noUses) continue;
    collector ??= createUsesCollector();
    collector.all(uses);
  }
  if (collector === null) return others;
  collector.all(others);
  return collector.collected() ?? noUses;
}

function usesOf(data: object, code: CodeByName): Uses {
  const before = known.get(data);
  if (before !== undefined) return before;
  const search: Search = { code, collector: null, isResolved: false };
  collect(data, search);
  const uses = search.collector?.collected() ?? noUses;
  // What was resolved when the relation got it stays what it is. Most columns and constraints have nothing of the kind.
  if (search.isResolved) known.set(data, uses);
  return uses;
}

interface Search {
  readonly code: CodeByName;
  /** null as long as nothing was found. */
  collector: UsesCollector | null;
  /** Whether there is something whose meaning depends on what exists. */
  isResolved: boolean;
}

function collect(data: unknown, search: Search): void {
  if (typeof data !== "object" || data === null) return;
  if (Array.isArray(data)) {
    for (const item of data) collect(item, search);
    return;
  }
  const node = data as Readonly<Record<string, unknown>>;
  switch (node["kind"]) {
    case "call":
      collectCall(node["name"] as readonly string[], search);
      break;
    case "operator":
    case "any-array":
    case "subquery":
      if (typeof node["operator"] === "string") collectOperator(node["operator"], search);
      break;
    case "in":
    case "nullif":
    case "distinct-from":
      collectOperator("=", search);
      break;
    case "between":
      collectOperator("<=", search);
      collectOperator(">=", search);
      break;
    case "domain":
      collectType(data as DataType, search);
      return;
    case "array":
      // Both a type and an expression are called so.
      if ("element" in node) collectType(data as DataType, search);
      break;
    default:
      break;
  }
  const names = (node["names"] as readonly string[] | undefined) ?? [];
  const type = names.at(-1);
  if ("arrayDimensions" in node && type !== undefined && !isBuiltinType(type)) collectorOf(search).type(type);
  for (const key in node) collect(node[key], search);
}

function collectorOf(search: Search): UsesCollector {
  search.collector ??= createUsesCollector();
  return search.collector;
}

function collectCall(name: readonly string[], search: Search): void {
  search.isResolved = true;
  const last = name.at(-1) ?? "";
  if (last === "set_config") {
    collectorOf(search).call(name);
    collectorOf(search).setting(anySetting);
    return;
  }
  if (name.length > 1 && name.at(-2) === "pg_catalog") return;
  if (search.code.has(`function ${last}`) || functionsNamed(last).length === 0) collectorOf(search).call(name);
}

function collectOperator(operator: string, search: Search): void {
  search.isResolved = true;
  if (search.code.has(`operator ${operator}`) || operatorsNamed(operator).length === 0)
    collectorOf(search).operator(operator);
}

function collectType(type: DataType, search: Search): void {
  if (type.kind === "array") collectType(type.element, search);
  else if (type.kind === "domain") collectorOf(search).type(type.name);
}
