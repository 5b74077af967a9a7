/** Which partitions of one partitioned table conditions leave: PostgreSQL's partprune.c, evaluated as it goes. */

import { notedPortion } from "../catalog/access.ts";
import type { RelationId } from "../catalog/relation.ts";
import { addAll } from "../text/long-lists.ts";
import { cutForPortions, itemsOfCondition } from "../text/portions.ts";
import type { TextRange } from "../text/range.ts";
import { type Clause, type Comparison, clauseKey, commuteOperator, operandColumns } from "./clause.ts";
import { operatorFamily } from "./equivalence.ts";
import type { Operand } from "./operand.ts";
import { everywhere, intersection, itemsOfSearch, type PartitionedTable, type Places, union } from "./places.ts";
import { partitionsAt } from "./prune-bounds.ts";
import { addNotes, type KeyClause, type Notes, nothingMet, pushOperatorSteps, pushStep } from "./prune-steps.ts";
import { type ProofContext, refutes } from "./refute.ts";

/** When: the planner uses immutable conditions only, the start of the executor also what is known by then. */
export type PruneTarget = "planner" | "executor-start";

/** A column or expression of the partition key as the clauses of one reference spell it. */
export interface MatchKey {
  readonly key: string;
  readonly family: string | null;
  readonly collation: string | null;
  readonly boolean: boolean;
  /** Of a boolean expression: the keys of the condition that it is, and of its opposite. */
  readonly condition?: { readonly positive: string; readonly negative: string } | undefined;
}

export interface PruneInput {
  readonly rel: PartitionedTable;
  readonly keys: readonly MatchKey[];
  /** Conditions that all hold. */
  readonly clauses: readonly Clause[];
  /** What its own bound says of the rows of a table that is itself a partition; used when it has a default partition. */
  readonly partitionQual: readonly Clause[];
  readonly target: PruneTarget;
  /** PostgreSQL's major version. */
  readonly version: number;
  /** The mention of the table whose conditions these are. */
  readonly reference: number;
}

export interface PruneResult {
  readonly partitions: ReadonlySet<RelationId>;
  /** Some condition on the key might be used when the executor starts. */
  readonly mutable: boolean;
  /** … and is used then. */
  readonly late: boolean;
  /** … and its value is not known to us. */
  readonly unknownValue: boolean;
  /** Some condition on the key can be used while the statement runs. */
  readonly execution: boolean;
  /** Something about the key could not be decided: PostgreSQL may keep fewer. */
  readonly uncertain: boolean;
}

/** Never misses a partition: what cannot be decided keeps them all. */
export function prune(input: PruneInput): PruneResult {
  const notes = nothingMet();
  const { rel } = input;
  const qualified = rel.hasDefault ? [...input.clauses, ...input.partitionQual] : input.clauses;
  const steps = stepsOf(qualified, input, notes);
  if (steps === "contradiction") return { ...notes, partitions: new Set() };
  if (steps.length === 0) return { ...notes, partitions: new Set(rel.set.all.keys()) };
  const { partitions, uncertain } = partitionsAt(rel, steps.reduce(intersection));
  notes.uncertain ||= uncertain;
  // A partition that has no place in the table stays.
  for (const [partition, bound] of rel.set.incomparable.entries()) {
    const placed = bound.kind === "list" || (bound.kind === "range" && rel.table.strategy === "unordered-range");
    if (placed) continue;
    partitions.add(partition);
    notes.uncertain = true;
  }
  return { ...notes, partitions };
}

type Steps = readonly Places[] | "contradiction";

type Match =
  | { readonly kind: "clause"; readonly clause: KeyClause }
  | { readonly kind: "nullness"; readonly notNull: boolean }
  | { readonly kind: "steps"; readonly steps: readonly Places[] }
  | { readonly kind: "contradiction" }
  | { readonly kind: "no-match" }
  | { readonly kind: "unsupported" };

/** The places that the conditions leave, one entry for each usable part; to be intersected. */
function stepsOf(clauses: readonly Clause[], input: PruneInput, notes: Notes, isArm = false): Steps {
  const { rel, keys } = input;
  // A proof that fails for want of an order leaves the default partition, which the steps decide; but for an arm of an OR,
  // which may say nothing else of the key.
  const undecided = (): void => {
    if (isArm) notes.uncertain = true;
  };
  const proof: ProofContext = { values: rel.context, undecided };
  if (rel.hasDefault && refutes(clauses, input.partitionQual, false, proof)) return "contradiction";
  const keyClauses: KeyClause[][] = keys.map(() => []);
  const nullKeys = new Set<number>();
  const notNullKeys = new Set<number>();
  const result: Places[] = [];
  for (const clause of clauses) {
    if (clause.kind === "constant") {
      if (!clause.value) return "contradiction";
      continue;
    }
    if (clause.kind === "or") {
      const places = placesOfArms(clause.items, input, notes);
      if (places === null) return "contradiction";
      result.push(places);
      continue;
    }
    if (clause.kind === "and") {
      const steps = stepsOf(clause.items, input, notes);
      if (steps === "contradiction") return steps;
      if (steps.length > 0) result.push(steps.reduce(intersection));
      continue;
    }
    for (const index of keys.keys()) {
      const match = matchClause(clause, index, input, notes);
      if (match.kind === "no-match") continue;
      if (match.kind === "contradiction") return "contradiction";
      if (match.kind === "steps") addAll(result, match.steps);
      else if (match.kind === "clause") {
        if (nullKeys.has(index)) return "contradiction";
        keyClauses[index]?.push(match.clause);
      } else if (match.kind === "nullness") {
        const opposite = match.notNull ? nullKeys : notNullKeys;
        if (opposite.has(index) || (!match.notNull && (keyClauses[index]?.length ?? 0) > 0)) return "contradiction";
        (match.notNull ? notNullKeys : nullKeys).add(index);
      }
      break;
    }
  }
  const { strategy } = rel.key;
  if (nullKeys.size > 0 && (strategy !== "hash" || nullKeys.size === keys.length))
    pushStep(result, rel, notes, null, [], nullKeys);
  else if (keyClauses.some((list) => list.length > 0)) pushOperatorSteps(result, keyClauses, nullKeys, rel, notes);
  else if (notNullKeys.size === keys.length) pushStep(result, rel, notes, null, [], new Set());
  return result;
}

/** What the arms of an OR leave together, of many of them portion by portion; null where each contradicts itself. */
function placesOfArms(arms: readonly Clause[], input: PruneInput, notes: Notes): Places | null {
  const { rel } = input;
  const found: Places[] = [];
  const items = itemsOfCondition + itemsOfSearch(rel);
  for (const some of cutForPortions(arms, items)) {
    const { places, met } = notedPortion(some.length * items, () => {
      const met = nothingMet();
      const steps = some.map((arm) => stepsOf([arm], input, met, true)).filter((arm) => arm !== "contradiction");
      const each = steps.map((arm) => (arm.length === 0 ? everywhere(rel) : arm.reduce(intersection)));
      return { places: each.length === 0 ? null : union(rel, each), met };
    });
    addNotes(notes, met);
    if (places !== null) found.push(places);
  }
  return found.length === 0 ? null : union(rel, found);
}

/** `match_clause_to_partition_key`. */
function matchClause(
  clause: Exclude<Clause, { kind: "and" | "or" | "constant" }>,
  index: number,
  input: PruneInput,
  notes: Notes,
): Match {
  const key = input.keys[index];
  if (key === undefined) return { kind: "no-match" };
  if (key.condition !== undefined) {
    const own = clauseKey(clause);
    const { positive, negative } = key.condition;
    if (own === positive || own === negative)
      return { kind: "clause", clause: booleanClause(index, own === positive, clause.range) };
  }
  switch (clause.kind) {
    case "comparison":
      return matchComparison(clause, key, index, input, notes);
    case "array-comparison":
      return matchArray(clause, key, input, notes);
    case "null-test":
      return clause.operand.key === key.key ? { kind: "nullness", notNull: clause.negated } : { kind: "no-match" };
    case "boolean": {
      if (!key.boolean) return { kind: "unsupported" };
      if (clause.operand.key !== key.key) return { kind: "no-match" };
      return { kind: "clause", clause: booleanClause(index, !clause.negated, clause.range) };
    }
    case "boolean-test": {
      if (!key.boolean) return { kind: "unsupported" };
      if (clause.operand.key !== key.key) return { kind: "no-match" };
      if (clause.value === "unknown")
        return input.version >= 17 ? { kind: "nullness", notNull: clause.negated } : { kind: "unsupported" };
      if (!clause.negated)
        return { kind: "clause", clause: booleanClause(index, clause.value === "true", clause.range) };
      // `b IS NOT TRUE` is `b IS FALSE OR b IS NULL`.
      const { operand, range } = clause;
      const value = clause.value === "true" ? "false" : "true";
      const either: Clause = {
        kind: "or",
        items: [
          { kind: "boolean-test", operand, value, negated: false, range },
          { kind: "null-test", operand, negated: false, range },
        ],
        range,
      };
      return recursed(stepsOf([either], input, notes));
    }
    case "opaque":
      if (clause.why === "contained" && clause.columns.length > 0 && input.version >= 17) notes.uncertain = true;
      return key.boolean ? { kind: "no-match" } : { kind: "unsupported" };
  }
}

function booleanClause(index: number, value: boolean, range: TextRange): KeyClause {
  const operand: Operand = {
    kind: "constant",
    key: String(value),
    range,
    type: { kind: "base", name: "bool", modifier: null },
    value: { family: "boolean", value },
  };
  return { key: index, operator: "=", operand, late: false };
}

function matchComparison(clause: Comparison, key: MatchKey, index: number, input: PruneInput, notes: Notes): Match {
  const onLeft = clause.left.key === key.key;
  if (!onLeft && clause.right.key !== key.key) return { kind: "no-match" };
  const operator = onLeft ? clause.operator : commuteOperator(clause.operator);
  const operand = onLeft ? clause.right : clause.left;
  if (key.collation !== null && clause.collation !== key.collation) return { kind: "no-match" };
  if (clause.types === null || key.family === null) {
    // The type of a subquery is not followed; most often it is the key's.
    if (operand.kind === "run-time" && operand.cause === "execution") notes.execution = true;
    notes.uncertain = true;
    return { kind: "unsupported" };
  }
  const { strategy } = input.rel.key;
  const [keyType, otherType] = onLeft
    ? [clause.types.left, clause.types.right]
    : [clause.types.right, clause.types.left];
  if (operatorFamily(keyType, otherType, strategy) !== key.family) {
    return strategy === "list" ? { kind: "no-match" } : { kind: "unsupported" };
  }
  if (strategy === "hash" && operator !== "=") return { kind: "unsupported" };
  if (strategy !== "list" && operator === "<>") return { kind: "unsupported" };
  const late = operand.kind === "run-time" || clause.stable;
  return isUsable(operand, clause.stable, input, notes)
    ? { kind: "clause", clause: { key: index, operator, operand, late } }
    : { kind: "unsupported" };
}

/** Whether the other side of a comparison with the key can be used at that time. */
function isUsable(
  operand: Operand,
  stableOperator: boolean,
  { target }: Pick<PruneInput, "target">,
  notes: Notes,
): boolean {
  if (operand.kind === "expression" || operand.kind === "column") {
    // A name that we cannot resolve may be a variable.
    if (operandColumns(operand).length === 0) notes.uncertain = true;
    return false;
  }
  if (operand.kind === "run-time") {
    if (operand.cause === "volatile") return false;
    if (operand.cause === "execution") {
      notes.execution = true;
      return false;
    }
    if (operand.cause === "unknown") {
      notes.uncertain = true;
      return false;
    }
  } else if (!stableOperator) return true;
  notes.mutable = true;
  return target === "executor-start";
}

function matchArray(
  clause: Extract<Clause, { kind: "array-comparison" }>,
  key: MatchKey,
  input: PruneInput,
  notes: Notes,
): Match {
  if (clause.left.key !== key.key) return { kind: "no-match" };
  const { strategy } = input.rel.key;
  if (clause.array === "unknown") {
    const { operand } = clause;
    // PostgreSQL looks into arrays that it knows, and takes no others apart when the executor starts.
    if (operand.kind === "run-time" && (operand.cause === "unknown" || operand.cause === "parameter"))
      notes.uncertain = true;
    return { kind: "unsupported" };
  }
  const [first] = clause.elements;
  if (first === undefined) return { kind: "unsupported" };
  if (key.collation !== null && first.collation !== key.collation) return { kind: "no-match" };
  if (first.types === null || key.family === null) {
    notes.uncertain = true;
    return { kind: "unsupported" };
  }
  if (operatorFamily(first.types.left, first.types.right, strategy) !== key.family) return { kind: "no-match" };
  if (strategy !== "list" && first.operator === "<>") return { kind: "no-match" };
  if (strategy === "hash" && first.operator !== "=") return { kind: "no-match" };
  if (clause.array === "list" || first.stable) {
    const usable = clause.elements.map((element) => isUsable(element.right, element.stable, input, notes));
    if (input.target === "planner" || usable.includes(false)) return { kind: "unsupported" };
    notes.late = true;
  }
  const isNull = ({ right }: Comparison): boolean => right.kind === "constant" && right.value === null;
  if (clause.array === "constant" && clause.all && clause.elements.some(isNull)) return { kind: "contradiction" };
  const elements =
    clause.array === "constant" ? clause.elements.filter((element) => !isNull(element)) : clause.elements;
  const { range } = clause;
  const clauses: readonly Clause[] =
    !clause.all && elements.length > 1 ? [{ kind: "or", items: elements, range }] : elements;
  return recursed(stepsOf(clauses, input, notes));
}

function recursed(steps: Steps): Match {
  if (steps === "contradiction") return { kind: "contradiction" };
  return steps.length === 0 ? { kind: "unsupported" } : { kind: "steps", steps: [steps.reduce(intersection)] };
}
