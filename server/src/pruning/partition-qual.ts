/** What a partition's bound says of its rows, as a condition: PostgreSQL's partition constraint. */

import { type Catalog, relationById } from "../catalog/catalog.ts";
import type { DataType } from "../catalog/data-type.ts";
import type { Bound, PartitionKey, RangeDatum } from "../catalog/partitioning.ts";
import type { Relation } from "../catalog/relation.ts";
import type { Value } from "../catalog/value.ts";
import { baseType, baseTypeNamed } from "../catalog/values/types.ts";
import { type Clause, type ComparisonOperator, combine, negateOperator } from "./clause.ts";
import { constantOperand, type Operand, relabelled } from "./operand.ts";

const nowhere = { start: 0, end: 0 };

/**
 * The conditions of the relation's own bound and of those of its ancestors, over key operands as `keyOperands` gives them.
 * Empty for a table that is no partition; what cannot be said of a bound is left out.
 */
export function partitionQual(
  catalog: Catalog,
  relation: Relation,
  keyOperands: (parent: Relation) => readonly Operand[],
): readonly Clause[] {
  const link = relation.partitionOf;
  const parent = link === null ? null : relationById(catalog, link.parent);
  if (link === null || parent?.partitioning == null) return [];
  const { key, partitions } = parent.partitioning;
  const operands = keyOperands(parent);
  const above = partitionQual(catalog, parent, keyOperands);
  if (link.bound.kind !== "default") return [...above, ...boundClauses(link.bound, key, operands)];
  const others: Clause[] = [];
  for (const id of partitions.all.keys()) {
    const bound = relationById(catalog, id)?.partitionOf?.bound;
    if (bound === undefined || bound.kind === "default") continue;
    const clauses = boundClauses(bound, key, operands);
    // Without knowing one partition, nothing is known of what is left for the default one.
    if (clauses.length === 0) return above;
    others.push(negated(combine("and", clauses, nowhere)));
  }
  return [...above, ...others];
}

/** The conditions of one bound; none for hash bounds and for those that are not known. */
export function boundClauses(bound: Bound, key: PartitionKey, operands: readonly Operand[]): readonly Clause[] {
  switch (bound.kind) {
    case "range":
      return rangeClauses(bound.lower, bound.upper, key, operands);
    case "list":
      return listClauses(bound.values, key, operands);
    case "hash":
    case "default":
    case "unknown":
      return [];
  }
}

function listClauses(
  values: readonly (Value | null)[],
  key: PartitionKey,
  operands: readonly Operand[],
): readonly Clause[] {
  const [element] = key.elements;
  const [operand] = operands;
  if (operand === undefined || element?.type == null) return [];
  const { type, collation } = element;
  const isNull: Clause = { kind: "null-test", operand, negated: false, range: nowhere };
  const equalities = values
    .filter((value) => value !== null)
    .map((value) => comparison(operand, "=", value, type, collation));
  const listed = combine("or", equalities, nowhere);
  if (!values.includes(null)) return [{ ...isNull, negated: true }, listed];
  return equalities.length === 0 ? [isNull] : [combine("or", [isNull, listed], nowhere)];
}

/** `get_qual_for_range`: every key column is not NULL, and the row lies between the bounds column by column. */
function rangeClauses(
  lower: readonly RangeDatum[],
  upper: readonly RangeDatum[],
  key: PartitionKey,
  operands: readonly Operand[],
): readonly Clause[] {
  const notNull = operands.map((operand): Clause => ({ kind: "null-test", operand, negated: true, range: nowhere }));
  return [...notNull, ...sideClauses(lower, ">=", key, operands), ...sideClauses(upper, "<", key, operands)];
}

/** `(a, b) >= (1, 2)` is `a > 1 OR (a = 1 AND b >= 2)`. */
function sideClauses(
  bound: readonly RangeDatum[],
  operator: ">=" | "<",
  key: PartitionKey,
  operands: readonly Operand[],
  from = 0,
): readonly Clause[] {
  const [datum, operand, element] = [bound[from], operands[from], key.elements[from]];
  if (datum?.kind !== "value" || operand === undefined || element?.type == null) return [];
  const compare = (one: ComparisonOperator): Clause =>
    comparison(operand, one, datum.value, element.type as DataType, element.collation);
  const next = bound[from + 1];
  const strict: ComparisonOperator = operator === ">=" ? ">" : "<";
  if (next === undefined) return [compare(operator)];
  // An open end in the next column takes all rows of this value, or none.
  if (next.kind === "minvalue") return [compare(operator === ">=" ? ">=" : "<")];
  if (next.kind === "maxvalue") return [compare(operator === ">=" ? ">" : "<=")];
  const rest = sideClauses(bound, operator, key, operands, from + 1);
  if (rest.length === 0) return [];
  return [combine("or", [compare(strict), combine("and", [compare("="), ...rest], nowhere)], nowhere)];
}

function comparison(
  left: Operand,
  operator: ComparisonOperator,
  value: Value,
  keyType: DataType,
  collation: string | null,
): Clause {
  // The operators of varchar are those of text.
  const plain = baseType(keyType);
  const type = plain.kind === "base" && plain.name === "varchar" ? baseTypeNamed("text") : plain;
  const types = { left: type, right: type };
  const right = constantOperand(value, type, nowhere);
  const taken = relabelled(left, type);
  return { kind: "comparison", operator, left: taken, right, types, stable: false, collation, range: nowhere };
}

/** The opposite of a clause made here. */
export function negated(clause: Clause): Clause {
  switch (clause.kind) {
    case "and":
    case "or":
      return combine(clause.kind === "and" ? "or" : "and", clause.items.map(negated), clause.range);
    case "comparison":
      return { ...clause, operator: negateOperator(clause.operator) };
    case "null-test":
      return { ...clause, negated: !clause.negated };
    case "constant":
      return { ...clause, value: !clause.value };
    default:
      return clause;
  }
}
