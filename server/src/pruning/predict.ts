/** Which leaves one reference to a partitioned or inherited table scans, by our own rules. */

import { madeInPortions } from "../catalog/access.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { DataType } from "../catalog/data-type.ts";
import { excludedBy, hasParts, holdsRows, isPartitioned, type Layout } from "../catalog/layout.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
import { baseType } from "../catalog/values/types.ts";
import type { Expression } from "../syntax/expression.ts";
import { addAll } from "../text/long-lists.ts";
import { type Clause, clauseKey, columnsOf, conjunctsOf, isImmutable } from "./clause.ts";
import { operatorFamily } from "./equivalence.ts";
import { partitionsAmong, plannedParts } from "./leaves.ts";
import { asInnerOfLoop } from "./nested-loop.ts";
import { decideNullTests } from "./null-tests.ts";
import { type Operand, operandOf } from "./operand.ts";
import { partitionQual } from "./partition-qual.ts";
import { pathmanMembers } from "./pathman.ts";
import { clauseOf } from "./predicate.ts";
import { type MatchKey, type PruneResult, type PruneTarget, prune } from "./prune.ts";
import { partitionedTable } from "./prune-bounds.ts";
import { type ProofContext, refutes } from "./refute.ts";
import type { Scope } from "./scope.ts";
import type { Certainty, Decided } from "./verdict.ts";

/** One mention of a table in a statement, with the conditions that hold for its rows. */
export interface ReferenceInput {
  readonly relation: Relation;
  readonly reference: number;
  /** `ONLY t` */
  readonly only: boolean;
  /** UPDATE, DELETE and MERGE, which older majors prune less. */
  readonly writes: boolean;
  /** Conditions that mention the reference, those with columns of others among them. */
  readonly clauses: readonly Clause[];
  /** Resolves the table's own columns, for its key and its CHECK constraints. */
  readonly scope: Scope;
}

export interface Prediction {
  readonly survivors: readonly RelationId[];
  readonly decided: Decided;
  readonly certainty: Certainty;
}

/** Never misses a leaf that PostgreSQL scans; `exact` where it scans these and no others. */
export function predict(catalog: Catalog, input: ReferenceInput): Prediction {
  const { relation, only } = input;
  const planned = (survivors: readonly RelationId[]): Prediction => ({
    survivors,
    decided: "planning",
    certainty: "exact",
  });
  if (input.clauses.some((clause) => clause.kind === "constant" && !clause.value)) return planned([]);
  // A partitioned table holds no rows itself.
  if (only) return planned(!isPartitioned(relation) ? [relation.id] : []);
  const query: TreeQuery = {
    catalog,
    ...input,
    clauses: relation.children.size > 0 ? input.clauses : withoutNullTests(input, relation),
    notes: { uncertain: false, mutable: false, late: false, unknownValue: false, execution: false },
    excludes: isOn(catalog, "constraint_exclusion"),
    exclusions: new Map(),
  };
  if (query.clauses.some((clause) => clause.kind === "constant" && !clause.value)) return planned([]);
  if (!hasParts(relation)) return predictLone(query);
  const leaves = plannedLeaves(query);
  return afterPlanning(query, leaves);
}

/** The planner looks at the bound and the constraints of a table without a tree only where `constraint_exclusion` is on. */
function predictLone(query: TreeQuery): Prediction {
  const { relation, catalog } = query;
  const excludes = /^(?:on|true|yes|1)$/i.test(catalog.settings.planner["constraint_exclusion"] ?? "");
  const survivors = excludes && isExcluded(query, relation) ? [] : [relation.id];
  const isSure = !excludes || survivors.length === 0;
  return { survivors, decided: "planning", certainty: isSure ? "exact" : "at-most" };
}

interface TreeQuery extends ReferenceInput {
  readonly catalog: Catalog;
  readonly notes: { -readonly [Name in Exclude<keyof PruneResult, "partitions">]: boolean };
  /** Whether `constraint_exclusion` is on. */
  readonly excludes: boolean;
  /** What `exclusionOf` has found, by `constraintsKey`: most members of a tree have the same constraints. */
  readonly exclusions: Map<string, Exclusion>;
}

interface Exclusion {
  readonly excluded: boolean;
  readonly undecided: boolean;
}

/** A leaf with the partitioned tables above it, from the top. */
interface PlannedLeaf {
  readonly id: RelationId;
  readonly path: readonly Relation[];
}

function plannedLeaves(query: TreeQuery): readonly PlannedLeaf[] {
  const leaves: PlannedLeaf[] = [];
  const seen = new Set<RelationId>();
  const visit = (one: Relation, path: readonly Relation[]): void => {
    if (seen.has(one.id)) return;
    seen.add(one.id);
    const { readsParent, parts } = excluders[excludedBy(one)](query, one);
    if (holdsRows(one) && readsParent && !isExcluded(query, one)) leaves.push({ id: one.id, path });
    if (!isPartitioned(one)) {
      for (const part of parts) visit(part, path);
      return;
    }
    // What stays of the partitions is not excluded, and a partition has one parent: most are leaves, and many.
    const below = [...path, one];
    const placed = madeInPortions(parts, 1, (part): readonly (PlannedLeaf | Relation)[] =>
      hasParts(part) ? [part] : holdsRows(part) ? [{ id: part.id, path: below }] : [],
    );
    for (const each of placed) {
      if ("path" in each) leaves.push(each);
      else visit(each, below);
    }
  };
  visit(query.relation, []);
  return leaves;
}

/** What of a table is looked at further; which of its parts are scanned, their own constraints decide. */
type Excluder = (
  query: TreeQuery,
  table: Relation,
) => { readonly parts: readonly Relation[]; readonly readsParent: boolean };

const excluders: Readonly<Record<Layout["excludedBy"], Excluder>> = {
  pruning: (query, table) => ({ parts: partitionsLeft(query, table), readsParent: false }),
  constraints: ({ catalog }, table) => ({ parts: plannedParts(catalog, table), readsParent: true }),
  extension: (query, table) => {
    const members = pathmanMembers(query.catalog, { ...query, relation: table });
    if (members === null) return excluders.constraints(query, table);
    query.notes.uncertain ||= members.uncertain;
    query.notes.execution ||= members.execution;
    return { parts: members.partitions, readsParent: members.readsParent };
  },
};

function partitionsLeft(query: TreeQuery, table: Relation): readonly Relation[] {
  if (!isPartitioned(table)) return [];
  const { partitions } = pruneTable(query, table, "planner");
  const among = partitionsAmong(query.catalog, table.partitioning, partitions);
  const left = madeInPortions(among, 1, (one) => {
    const { excluded, undecided } = exclusionOf(query, one);
    // Of a bound that could not be read, PostgreSQL may have refused the partition.
    return excluded ? [] : [{ one, isSure: !undecided && one.partitionOf?.bound.kind !== "unknown" }];
  });
  if (left.some(({ isSure }) => !isSure)) query.notes.uncertain = true;
  return left.map(({ one }) => one);
}

/** What the start of the executor takes away, and what may be decided later still. */
function afterPlanning(query: TreeQuery, leaves: readonly PlannedLeaf[]): Prediction {
  const { notes, catalog } = query;
  const ids = leaves.map(({ id }) => id);
  // With one leaf there is no Append, and nothing that would prune later.
  if (leaves.length <= 1) {
    return { survivors: ids, decided: "planning", certainty: notes.uncertain ? "at-most" : "exact" };
  }
  const { version } = query.scope.context;
  const prunesAtStart = version >= 14 || (version >= 11 && !query.writes);
  let survivors: readonly RelationId[] = ids;
  let decided: Decided = "planning";
  if (notes.mutable && prunesAtStart && isOn(catalog, "enable_partition_pruning")) {
    const kept = new Map<RelationId, PruneResult>();
    const startOf = (table: Relation): PruneResult => {
      const known = kept.get(table.id) ?? pruneTable(query, table, "executor-start");
      kept.set(table.id, known);
      return known;
    };
    survivors = leaves
      .filter(({ id, path }) => path.every((table, index) => startOf(table).partitions.has(path[index + 1]?.id ?? id)))
      .map(({ id }) => id);
    // PostgreSQL 12 and older keep one child when all could go.
    if (survivors.length === 0 && version <= 12) survivors = ids.slice(0, 1);
    if (notes.late || notes.unknownValue) decided = "executor-start";
  }
  const late = notes.unknownValue && decided === "executor-start";
  if (notes.execution || choosesInLoop(query, leaves)) {
    notes.execution = true;
    decided = "execution";
  }
  return { survivors, decided, certainty: notes.uncertain || late || notes.execution ? "at-most" : "exact" };
}

/** Whether the table may be the inner side of a nested loop that leaves partitions out for each row of the outer side. */
function choosesInLoop(query: TreeQuery, leaves: readonly PlannedLeaf[]): boolean {
  const { catalog, clauses, reference, scope, writes } = query;
  if (scope.context.version < (writes ? 14 : 11)) return false;
  const ids = leaves.map(({ id }) => id);
  const inner = asInnerOfLoop(catalog, clauses, reference, ids);
  if (inner === null) return false;
  const notes = { uncertain: false, mutable: false, late: false, unknownValue: false, execution: false };
  const tables = new Set(leaves.flatMap(({ path }) => path));
  return [...tables].some((table) => pruneTable({ ...query, clauses: inner, notes }, table, "planner").execution);
}

function pruneTable(query: TreeQuery, table: Relation, target: PruneTarget): PruneResult {
  const { partitioning } = table;
  const { scope, notes } = query;
  if (partitioning === null || !isOn(query.catalog, "enable_partition_pruning") || query.clauses.length === 0) {
    const all = new Set(partitioning?.partitions.all.keys() ?? []);
    return { partitions: all, mutable: false, late: false, unknownValue: false, execution: false, uncertain: false };
  }
  const keyOperands = (parent: Relation): readonly Operand[] => operandsOfKey(parent, query);
  const result = prune({
    rel: partitionedTable(partitioning.key, partitioning.partitions, scope.context),
    keys: matchKeysOf(query, table),
    clauses: query.clauses,
    partitionQual:
      partitioning.partitions.defaultPartition === null ? [] : partitionQual(query.catalog, table, keyOperands),
    target,
    version: scope.context.version,
    reference: query.reference,
  });
  notes.uncertain ||= result.uncertain;
  notes.mutable ||= result.mutable;
  notes.late ||= result.late;
  notes.unknownValue ||= result.unknownValue;
  notes.execution ||= result.execution;
  return result;
}

/** The partition key of a table of the tree, as the clauses of the mention spell its columns. */
export function matchKeysOf(input: ReferenceInput, table: Relation): readonly MatchKey[] {
  const { key } = table.partitioning ?? { key: null };
  if (key === null) return [];
  const operands = operandsOfKey(table, input);
  return key.elements.map((element, index): MatchKey => {
    const type = element.type === null ? null : baseType(element.type);
    const trusted = element.trust === "declared" || element.trust === "agreed";
    const known = type !== null && element.operatorClass === null && trusted;
    const { expression } = element;
    return {
      key: operands[index]?.key ?? "",
      family: known ? operatorFamily(type, type, key.strategy) : null,
      collation: element.collation,
      boolean: isBoolean(type),
      condition: expression === null || !isBoolean(type) ? undefined : conditionKeys(expression, input.scope),
    };
  });
}

function isBoolean(type: DataType | null): boolean {
  return type?.kind === "base" && type.name === "bool";
}

/** A boolean expression as the condition that it is, and its opposite. */
function conditionKeys(expression: Expression, scope: Scope): MatchKey["condition"] {
  const [positive, negative] = [clauseOf(expression, scope), clauseOf(expression, scope, true)].map(clauseKey);
  return positive === undefined || negative === undefined ? undefined : { positive, negative };
}

function operandsOfKey(table: Relation, query: ReferenceInput): readonly Operand[] {
  return (table.partitioning?.key.elements ?? []).map((element) => {
    const range = { start: 0, end: 0 };
    if (element.expression !== null) return operandOf(element.expression, query.scope);
    return operandOf({ kind: "column", names: [element.column ?? ""], star: false, range }, query.scope);
  });
}

/** `relation_excluded_by_constraints`, as `constraint_exclusion = partition` has it for a member of a tree. */
function isExcluded(query: TreeQuery, member: Relation): boolean {
  const { excluded, undecided } = exclusionOf(query, member);
  // Only where nothing else excludes it does the doubt matter.
  if (undecided && !excluded) query.notes.uncertain = true;
  return excluded;
}

/** Changes nothing but what is remembered for the members that are alike. */
function exclusionOf(query: TreeQuery, member: Relation): Exclusion {
  if (!query.excludes) return notExcluded;
  const key = constraintsKey(member);
  const exclusion = query.exclusions.get(key) ?? findExclusion(query, member);
  query.exclusions.set(key, exclusion);
  return exclusion;
}

const notExcluded: Exclusion = { excluded: false, undecided: false };

/** All that `findExclusion` looks at in a member. */
function constraintsKey(member: Relation): string {
  const known = constraintKeys.get(member);
  if (known !== undefined) return known;
  const key = makeConstraintsKey(member);
  constraintKeys.set(member, key);
  return key;
}

const constraintKeys = new WeakMap<Relation, string>();

function makeConstraintsKey({ constraints, columns }: Relation): string {
  const checks = constraints.filter(({ type, validated, enforced }) => type === "check" && validated && enforced);
  const notNull = columns.filter((column) => column.notNull);
  return JSON.stringify([checks.map(({ text }) => text), notNull.map(({ name }) => name)]);
}

function findExclusion(query: TreeQuery, member: Relation): Exclusion {
  const clauses = withoutNullTests(query, member);
  if (clauses.some((clause) => clause.kind === "constant" && !clause.value))
    return { excluded: true, undecided: false };
  const own = clauses.filter((clause) => columnsOf(clause).every(({ reference }) => reference === query.reference));
  let undecided = false;
  const context: ProofContext = {
    values: query.scope.context,
    undecided: () => {
      undecided = true;
    },
  };
  const immutable = own.filter(isImmutable);
  const excluded =
    refutes(immutable, immutable, true, context) || refutes(own, constraintsOf(query, member), false, context);
  return { excluded, undecided };
}

function constraintsOf(query: TreeQuery, member: Relation): readonly Clause[] {
  const clauses: Clause[] = [];
  for (const constraint of member.constraints) {
    if (constraint.type !== "check" || constraint.expression === null) continue;
    if (!constraint.validated || !constraint.enforced) continue;
    // Each table of an inheritance tree is scanned by itself, so NO INHERIT constraints count as well.
    addAll(clauses, conjunctsOf(clauseOf(constraint.expression, query.scope)).filter(isImmutable));
  }
  const range = { start: 0, end: 0 };
  for (const { name, notNull } of member.columns) {
    if (!notNull) continue;
    const operand = operandOf({ kind: "column", names: [name], star: false, range }, query.scope);
    clauses.push({ kind: "null-test", operand, negated: true, range });
  }
  return clauses.filter((clause) => clause.kind !== "constant");
}

/** The conditions without the tests for NULL that the member's own columns decide. A parent does not speak for its children. */
function withoutNullTests(input: ReferenceInput, member: Relation): readonly Clause[] {
  const { clauses, reference, scope } = input;
  return decideNullTests(clauses, new Map([[reference, member]]), scope.context.version);
}

/** Whether a setting of the session is at its default, or something else than off. */
function isOn(catalog: Catalog, setting: string): boolean {
  return !/^(?:off|false|no|0)$/i.test(catalog.settings.planner[setting] ?? "on");
}
