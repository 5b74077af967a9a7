/** The condition that a bound stands for, in SQL: for WHERE, and for the CHECK by which ATTACH is spared its scan. */

import type { SessionSettings } from "../catalog/catalog.ts";
import type { Bound, KeyElement, PartitionKey, RangeDatum } from "../catalog/partitioning.ts";
import { spellDatum } from "../catalog/written-bound.ts";
import { quoteIdentifier } from "../syntax/names.ts";

/** What conditions are written for. */
export interface ConditionContext {
  readonly key: PartitionKey;
  readonly settings: SessionSettings;
  /** The partitioned table as a script writes it, which hashes are told for. */
  readonly table: string;
}

/** One key element as conditions name it. */
export function elementText(element: KeyElement): string {
  const name = element.column === null ? element.text : quoteIdentifier(element.column);
  const isSimple = element.column !== null || /^\(.*\)$/s.test(name) || /^[\w"]+\([^()]*\)$/.test(name);
  const text = isSimple ? name : `(${name})`;
  return element.printedCollation === null ? text : `${text} COLLATE ${quoteIdentifier(element.printedCollation)}`;
}

/**
 * `k >= 0 AND k < 10`, `k IN ('a')`, `satisfies_hash_partition(…)`: true of exactly the rows within the bound that are not
 * NULL in a range's key. null for a default, whose rows only its siblings tell, and for what is unknown.
 */
export function conditionOf(bound: Bound, context: ConditionContext): string | null {
  switch (bound.kind) {
    case "range":
      return rangeCondition(bound.lower, bound.upper, context);
    case "list":
      return listCondition(bound.values, context);
    case "hash":
      return hashCondition(bound, context);
    default:
      return null;
  }
}

/**
 * What CHECK has to say for PostgreSQL to see that a table holds only rows of the bound: it does not take NULL for an answer.
 */
export function checkOf(bound: Bound, context: ConditionContext): string | null {
  const condition = conditionOf(bound, context);
  if (condition === null || bound.kind === "hash") return condition;
  if (bound.kind === "list" && bound.values.includes(null)) return condition;
  const notNull = context.key.elements.map((element) => `${elementText(element)} IS NOT NULL`);
  return [...notNull, ...(condition === notNull.join(" AND ") ? [] : [condition])].join(" AND ");
}

/** What CHECK of the default partition has to say for PostgreSQL to see that it holds no row of the bound. */
export function notIn(bound: Bound, context: ConditionContext): string | null {
  const check = checkOf(bound, context);
  return check === null ? null : `NOT (${check})`;
}

function rangeCondition(
  lower: readonly RangeDatum[],
  upper: readonly RangeDatum[],
  context: ConditionContext,
): string | null {
  const sides = [sideOf(lower, "lower", context), sideOf(upper, "upper", context)];
  if (sides.includes(null)) return null;
  const written = sides.filter((side) => side !== "");
  if (written.length > 0) return written.join(" AND ");
  return context.key.elements.map((element) => `${elementText(element)} IS NOT NULL`).join(" AND ");
}

/** One end of a range: up to the first MINVALUE or MAXVALUE, which decides whether the values before it are within. */
function sideOf(point: readonly RangeDatum[], side: "lower" | "upper", context: ConditionContext): string | null {
  const { key } = context;
  const open = point.findIndex(({ kind }) => kind !== "value");
  const values = open < 0 ? point : point.slice(0, open);
  if (values.length === 0) return "";
  const last = point[values.length - 1];
  const after = last?.kind === "value" && last.after === true;
  // Behind all rows that begin with these values, or before them.
  const isBehind = open >= 0 ? point[open]?.kind === "maxvalue" : after;
  const operator = side === "lower" ? (isBehind ? ">" : ">=") : isBehind ? "<=" : "<";
  const written = values.map((datum, index) => {
    const element = key.elements[index];
    if (element === undefined) return null;
    const value = spellDatum(datum, index, key, context.settings);
    return { element: elementText(element), value };
  });
  if (written.includes(null)) return null;
  const parts = written.flatMap((each) => each ?? []);
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return `${only.element} ${operator} ${only.value}`;
  // As PostgreSQL writes the constraint of such a partition, so that its prover sees that both are the same.
  const strict = operator.slice(0, 1);
  const cases = parts.map((part, index) => {
    const equal = parts.slice(0, index).map((before) => `${before.element} = ${before.value}`);
    const own = `${part.element} ${index + 1 === parts.length ? operator : strict} ${part.value}`;
    return equal.length === 0 ? own : `(${[...equal, own].join(" AND ")})`;
  });
  return `(${cases.join(" OR ")})`;
}

function listCondition(
  values: readonly (Extract<Bound, { kind: "list" }>["values"][number] | null)[],
  { key, settings }: ConditionContext,
): string | null {
  const [element] = key.elements;
  if (element === undefined) return null;
  const name = elementText(element);
  const written = values.flatMap((value) =>
    value === null ? [] : [spellDatum({ kind: "value", value }, 0, key, settings)],
  );
  const listed = `${name} IN (${written.join(", ")})`;
  if (!values.includes(null)) return listed;
  return written.length === 0 ? `${name} IS NULL` : `(${name} IS NULL OR ${listed})`;
}

function hashCondition(
  { modulus, remainder }: Extract<Bound, { kind: "hash" }>,
  { key, table }: ConditionContext,
): string | null {
  const [element] = key.elements;
  if (key.hashing === "modulo" && element !== undefined) return `${elementText(element)} % ${modulus} = ${remainder}`;
  if (key.hashing === "pathman") return null;
  const columns = key.elements.map(elementText).join(", ");
  return `satisfies_hash_partition('${table.replaceAll("'", "''")}'::regclass, ${modulus}, ${remainder}, ${columns})`;
}
