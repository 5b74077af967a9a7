/** What the CHECK constraints of inheritance children say of the column by which they are told apart. */

import { type Catalog, relationById } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { Relation, TableConstraint } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import {
  type Clause,
  type Comparison,
  type ComparisonOperator,
  commuteOperator,
  conjunctsOf,
} from "../../pruning/clause.ts";
import type { Operand } from "../../pruning/operand.ts";
import { clauseOf } from "../../pruning/predicate.ts";
import type { Expression } from "../../syntax/expression.ts";
import type { TextRange } from "../../text/range.ts";
import type { RuleOptions, ScriptContext } from "../rule.ts";
import { tableScope } from "./table-scope.ts";

/** One comparison of a CHECK constraint that the planner can hold against a WHERE condition. */
export interface ColumnTest {
  readonly column: string;
  readonly operator: ComparisonOperator;
  readonly value: Value;
  readonly type: DataType;
  readonly collation: string | null;
  readonly range: TextRange;
}

/** A comparison of which the planner makes nothing. */
export interface UnusableTest {
  readonly column: string;
  readonly why: "wrapped" | "type" | "not-immutable";
  /** The same for the same expression over the column. */
  readonly key: string;
  readonly range: TextRange;
}

export interface ChildCheck {
  readonly constraint: TableConstraint;
  readonly tests: readonly ColumnTest[];
  /** `k IN (…)` or equalities joined by OR: the lists of their values. */
  readonly lists: readonly { readonly column: string; readonly values: readonly ColumnTest[] }[];
  readonly modulos: readonly { readonly column: string; readonly modulus: number; readonly remainder: number }[];
  readonly unusable: readonly UnusableTest[];
}

export interface PartitionedByChecks {
  readonly parent: Relation;
  /** The column by which most of the children are told apart. */
  readonly column: string;
  readonly children: readonly { readonly child: Relation; readonly checks: readonly ChildCheck[] }[];
}

/** Reads the children of a parent; null where nothing shows that they are meant as its partitions. Read once for a script. */
export function partitionedByChecks(context: ScriptContext, parent: Relation): PartitionedByChecks | null {
  const known = readParents.get(context) ?? new Map<Relation, PartitionedByChecks | null>();
  readParents.set(context, known);
  const parts = known.get(parent) ?? readChildren(parent, context.final, context.options);
  known.set(parent, parts);
  return parts;
}

const readParents = new WeakMap<ScriptContext, Map<Relation, PartitionedByChecks | null>>();

function readChildren(parent: Relation, catalog: Catalog, options: RuleOptions): PartitionedByChecks | null {
  const children = parent.children.flatMap((id) => {
    const child = relationById(catalog, id);
    return child === null || child.knowledge !== "full" ? [] : [{ child, checks: checksOf(child, catalog, options) }];
  });
  const votes = new Map<string, number>();
  for (const { checks } of children) {
    for (const column of new Set(checks.flatMap(columnsOf))) {
      if (parent.columns.some(({ name }) => name === column)) votes.set(column, (votes.get(column) ?? 0) + 1);
    }
  }
  const [column] = [...votes].toSorted((a, b) => b[1] - a[1])[0] ?? [];
  return column === undefined ? null : { parent, column, children };
}

/** Whether the planner can use something that the checks say of the column. */
export function isUsable({ tests, lists, modulos, constraint }: ChildCheck, column: string): boolean {
  if (!constraint.validated || !constraint.enforced) return false;
  return [...tests, ...lists, ...modulos].some((test) => test.column === column);
}

function columnsOf({ tests, lists, modulos, unusable }: ChildCheck): readonly string[] {
  return [...tests, ...lists, ...modulos, ...unusable].map(({ column }) => column);
}

interface CachedChecks {
  readonly settings: Catalog["settings"];
  readonly options: RuleOptions;
  readonly checks: readonly ChildCheck[];
}

/** What the CHECKs of a child say depends on nothing else of the catalog, but for types that users define. */
const checksByChild = new WeakMap<Relation, CachedChecks>();

function checksOf(child: Relation, catalog: Catalog, options: RuleOptions): readonly ChildCheck[] {
  const cached = checksByChild.get(child);
  const { settings } = catalog;
  if (cached?.settings === settings && cached.options.version === options.version) return cached.checks;
  const checks = readChecks(child, catalog, options);
  checksByChild.set(child, { settings, options, checks });
  return checks;
}

function readChecks(child: Relation, catalog: Catalog, options: RuleOptions): readonly ChildCheck[] {
  const scope = tableScope(child, catalog, options);
  return child.constraints.flatMap((constraint) => {
    if (constraint.type !== "check" || constraint.expression === null) return [];
    const modulos = modulosOf(constraint.expression);
    const clauses = modulos.length > 0 ? [] : conjunctsOf(clauseOf(constraint.expression, scope));
    return [
      {
        constraint,
        tests: clauses.flatMap((clause) => (clause.kind === "comparison" ? testsOf(clause) : [])),
        lists: clauses.flatMap(listsOf),
        modulos,
        unusable: clauses.flatMap((clause) => (clause.kind === "comparison" ? unusableOf(clause) : [])),
      },
    ];
  });
}

function testsOf(comparison: Comparison): readonly ColumnTest[] {
  const { left, operator, right } = withColumnFirst(comparison);
  if (left.kind !== "column" || right.kind !== "constant" || right.value === null) return [];
  if (comparison.types === null || comparison.stable || right.type === null) return [];
  const { collation, range } = comparison;
  return [{ column: left.column.name, operator, value: right.value, type: right.type, collation, range }];
}

function unusableOf(comparison: Comparison): readonly UnusableTest[] {
  const { left, right } = withColumnFirst(comparison);
  const column = soleColumn(left);
  if (column === null || testsOf(comparison).length > 0 || soleColumn(right) !== null) return [];
  const why = left.kind !== "column" ? "wrapped" : right.kind === "constant" ? "type" : "not-immutable";
  if (right.kind === "expression" || (why === "type" && !comparison.stable)) return [];
  return [{ column, why, key: left.key, range: comparison.range }];
}

/** `k IN (1, 2)`, `k = 1 OR k = 2`. */
function listsOf(clause: Clause): ChildCheck["lists"] {
  const items =
    clause.kind === "or" ? clause.items : clause.kind === "array-comparison" && !clause.all ? clause.elements : [];
  const values = items.flatMap((item) => (item.kind === "comparison" && item.operator === "=" ? testsOf(item) : []));
  const [first] = values;
  const same = values.length === items.length && values.every(({ column }) => column === first?.column);
  return first !== undefined && same ? [{ column: first.column, values }] : [];
}

/** `k % 4 = 1`, `mod(k, 4) = 1`. */
function modulosOf(expression: Expression): ChildCheck["modulos"] {
  if (expression.kind !== "operator" || expression.operator !== "=" || expression.left === null) return [];
  const [column, modulus] = moduloParts(expression.left);
  const remainder = wholeNumber(expression.right);
  return column === null || modulus === null || remainder === null ? [] : [{ column, modulus, remainder }];
}

function moduloParts(expression: Expression): readonly [column: string | null, modulus: number | null] {
  const [left, right] =
    expression.kind === "operator" && expression.operator === "%"
      ? [expression.left, expression.right]
      : expression.kind === "call" && expression.name.at(-1) === "mod"
        ? expression.arguments.map(({ value }) => value)
        : [];
  const column = left?.kind === "column" ? (left.names.at(-1) ?? null) : null;
  return [column, right === undefined || right === null ? null : wholeNumber(right)];
}

function wholeNumber(expression: Expression): number | null {
  return expression.kind === "constant" && expression.value.type === "integer" ? Number(expression.value.text) : null;
}

function withColumnFirst({ left, operator, right }: Comparison): Pick<Comparison, "left" | "operator" | "right"> {
  return soleColumn(left) === null && soleColumn(right) !== null
    ? { left: right, operator: commuteOperator(operator), right: left }
    : { left, operator, right };
}

function soleColumn(operand: Operand): string | null {
  if (operand.kind === "column") return operand.column.name;
  const names = new Set(operand.kind === "expression" ? operand.columns.map(({ name }) => name) : []);
  return names.size === 1 ? ([...names][0] ?? null) : null;
}
