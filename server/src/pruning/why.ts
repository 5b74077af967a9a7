/** Why not fewer partitions survive: what keeps the conditions of a query from pruning, in sentences for people. */

import type { Catalog } from "../catalog/catalog.ts";
import { excludedBy, isPartitioned } from "../catalog/layout.ts";
import { formatTypeName } from "../catalog/values/types.ts";
import type { TextRange } from "../text/range.ts";
import { type Clause, type Comparison, columnsOf, operandColumns } from "./clause.ts";
import type { BarredCondition } from "./conditions.ts";
import { hasConditionOn, type PlaceInQuery } from "./conditions-elsewhere.ts";
import { operatorFamily } from "./equivalence.ts";
import type { Operand } from "./operand.ts";
import { pathmanReasons } from "./pathman-why.ts";
import type { Prediction, ReferenceInput } from "./predict.ts";
import { matchKeysOf } from "./predict.ts";
import type { MatchKey } from "./prune.ts";
import { isRecurringPart } from "./recurring.ts";
import type { ColumnOfReference } from "./scope.ts";
import type { PruningReason } from "./verdict.ts";

/** One entry for each cause, the most telling first; none where a single leaf is left, or none. */
export function reasonsFor(
  catalog: Catalog,
  input: ReferenceInput,
  prediction: Prediction,
  barred: readonly BarredCondition[] = [],
  inside: PlaceInQuery | null = null,
): readonly PruningReason[] {
  const { relation, only } = input;
  if (only || (prediction.survivors.length <= 1 && prediction.decided === "planning")) return [];
  const setting = disabledBy(catalog, input);
  if (setting !== null) return [setting];
  if (!isPartitioned(relation)) return pathmanReasons(catalog, input, prediction) ?? inheritanceReasons(input);
  const { key, partitions } = relation.partitioning;
  const keys = matchKeysOf(input, relation);
  const found = new Map<PruningReason["kind"], PruningReason>();
  const add = (kind: PruningReason["kind"], message: string, range: TextRange | null): void => {
    if (!found.has(kind)) found.set(kind, { kind, message, range });
  };
  for (const clause of input.clauses) clauseReasons(clause, { input, keys, strategy: key.strategy, add, inOr: false });
  const names = key.elements.map(({ text }) => text);
  const mentioned = keys.map((one) => input.clauses.some((clause) => mentionsKey(clause, one)));
  const above = barred.find(({ clause }) => keys.some((one) => mentionsKey(clause, one)));
  if (above !== undefined && !mentioned[0]) {
    const message = `the condition on ${names.join(", ")} stands outside ${above.above} and is not moved inside`;
    add("condition-above", message, above.clause.range);
  }
  if (found.size === 0 && !mentioned.includes(true)) {
    const columns = key.elements.flatMap(({ column }) => column ?? []);
    if (inside !== null && hasConditionOn(inside, columns))
      add("condition-above", `no condition of the query on ${names.join(", ")} reaches the table`, null);
    else add("no-predicate", `no predicate on ${names.join(", ")}`, null);
  }
  if (key.strategy === "range" && mentioned[0] === false && mentioned.includes(true)) {
    add("key-prefix", `no condition on ${names[0]}, the first column of the partition key`, null);
  }
  if (key.strategy === "hash") {
    const missing = names.filter((_, index) => !input.clauses.some((clause) => fixesKey(clause, keys[index])));
    if (missing.length > 0 && mentioned.includes(true))
      add(
        "hash-needs-equality",
        `hash partitions are only pruned by equality on every key column: none on ${missing.join(", ")}`,
        null,
      );
  }
  if (
    partitions.defaultPartition !== null &&
    prediction.survivors.includes(partitions.defaultPartition) &&
    mentioned.includes(true)
  )
    add("default-partition", "values that no other partition takes may be in the default partition", null);
  return [...found.values()].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

/** What waits for run time tells more than what merely leaves more than one partition. */
const order: readonly PruningReason["kind"][] = [
  "setting-off",
  "no-predicate",
  "key-wrapped",
  "type-mismatch",
  "collation",
  "row-comparison",
  "boolean-key-not-first",
  "recurring-part",
  "key-prefix",
  "hash-needs-equality",
  "or-without-key",
  "condition-above",
  "parameter",
  "stable-expression",
  "volatile-expression",
  "subquery",
  "join",
  "constraint-exclusion",
  "inequality",
  "default-partition",
  "not-modelled",
  "no-source",
];

interface ClauseWalk {
  readonly input: ReferenceInput;
  readonly keys: readonly MatchKey[];
  readonly strategy: "range" | "list" | "hash";
  readonly add: (kind: PruningReason["kind"], message: string, range: TextRange | null) => void;
  readonly inOr: boolean;
}

function clauseReasons(clause: Clause, walk: ClauseWalk): void {
  const { input, keys, strategy, add } = walk;
  if (clause.kind === "and") {
    for (const item of clause.items) clauseReasons(item, walk);
    return;
  }
  if (clause.kind === "or") {
    const without = clause.items.find((item) => !keys.some((key) => mentionsKey(item, key)));
    if (without !== undefined && keys.some((key) => mentionsKey(clause, key)))
      add("or-without-key", "one side of the OR has no condition on the partition key", without.range);
    for (const item of clause.items) clauseReasons(item, { ...walk, inOr: true });
    return;
  }
  if (!readsKeyColumns(clause, input)) return;
  const text = keyText(input);
  switch (clause.kind) {
    case "comparison":
      comparisonReasons(clause, walk);
      return;
    case "array-comparison": {
      const [first] = clause.elements;
      if (clause.array === "unknown") add(...runTimeReason(clause.operand, text, clause.range));
      else if (first !== undefined) comparisonReasons(first, walk);
      return;
    }
    case "boolean":
    case "boolean-test":
      if (keys.findIndex((key) => key.key === clause.operand.key) > 0)
        add(
          "boolean-key-not-first",
          "a boolean key column prunes only as the first column of the partition key",
          clause.range,
        );
      else if (!keys.some((key) => key.key === clause.operand.key))
        add("key-wrapped", `the condition stands under ${testWords(clause)}, which does not prune`, clause.range);
      return;
    case "opaque":
      if (clause.why === "row-comparison")
        add(
          "row-comparison",
          "rows are compared as a whole, which does not prune; compare the columns one by one",
          clause.range,
        );
      else if (clause.why === "subquery")
        add("subquery", `which values ${text} is compared with is known when the subquery has run`, clause.range);
      else add("key-wrapped", `the condition does not compare ${text} itself`, clause.range);
      return;
    case "null-test":
      if (strategy === "hash" && keys.length > 1) return;
      if (!keys.some((key) => key.key === clause.operand.key))
        add("key-wrapped", `the condition does not test ${text} itself`, clause.range);
      return;
    case "constant":
      return;
  }
}

/** The words of a test of a condition; of a condition alone that is no comparison, what it is. */
function testWords(clause: Extract<Clause, { kind: "boolean" | "boolean-test" }>): string {
  if (clause.kind === "boolean") return "an expression";
  return `IS ${clause.negated ? "NOT " : ""}${clause.value.toUpperCase()}`;
}

function comparisonReasons(clause: Comparison, walk: ClauseWalk): void {
  const { input, keys, strategy, add } = walk;
  const { range } = clause;
  const text = keyText(input);
  const key = keys.find((one) => one.key === clause.left.key || one.key === clause.right.key);
  if (key === undefined) {
    const wrapped = [clause.left, clause.right].find((operand) =>
      operandColumns(operand).some((column) => isKeyColumn(column, input)),
    );
    if (wrapped?.kind !== "expression") return;
    // A cast that nobody wrote: the operator is another type's.
    const inner = wrapped.strictFor.find((operand) => keys.some((one) => one.key === operand.key));
    const isImplicit =
      inner !== undefined && inner.range.start === wrapped.range.start && inner.range.end === wrapped.range.end;
    if (isImplicit && wrapped.type !== null)
      add(
        "type-mismatch",
        `${text} is converted to ${formatTypeName(wrapped.type)} for the comparison, which hides it from pruning`,
        range,
      );
    else if (isRecurringPart(wrapped))
      add("recurring-part", `the condition is on what comes again in every period of ${text}`, range);
    else add("key-wrapped", `the condition is on an expression over ${text}, not on ${text} itself`, range);
    return;
  }
  const onLeft = clause.left.key === key.key;
  const other = onLeft ? clause.right : clause.left;
  if (key.collation !== null && clause.collation !== key.collation) {
    add("collation", `the comparison uses another collation than the partition key (${key.collation})`, range);
    return;
  }
  const { types } = clause;
  const family =
    types === null
      ? null
      : onLeft
        ? operatorFamily(types.left, types.right, strategy)
        : operatorFamily(types.right, types.left, strategy);
  if (types !== null && family !== key.family) {
    add(
      "type-mismatch",
      `${text} is compared as ${formatTypeName(onLeft ? types.left : types.right)}, which the partition key does not know`,
      range,
    );
    return;
  }
  if (strategy !== "list" && clause.operator === "<>") add("inequality", `<> on ${text} leaves every partition`, range);
  else if (strategy === "list" && clause.operator === "<>")
    add("inequality", `<> takes only partitions away that hold nothing but that value`, range);
  else if (strategy === "hash" && clause.operator !== "=")
    add(
      "hash-needs-equality",
      `hash partitions are only pruned by equality: ${clause.operator} on ${text} leaves all`,
      range,
    );
  if (other.kind === "run-time") add(...runTimeReason(other, text, other.range));
  else if (clause.stable)
    add(
      "stable-expression",
      "the comparison depends on the session's time zone, so it prunes when execution starts",
      range,
    );
  else if (operandColumns(other).some((column) => column.reference !== input.reference))
    add(
      "join",
      `${text} is compared with a column of another table, and only a nested loop would look its values up one by one`,
      range,
    );
  else if (operandColumns(other).length > 0 && other.key !== key.key)
    add("key-wrapped", `${text} is compared with another column of the same row`, range);
}

function runTimeReason(operand: Operand, text: string, range: TextRange): [PruningReason["kind"], string, TextRange] {
  const cause = operand.kind === "run-time" ? operand.cause : "unknown";
  switch (cause) {
    case "parameter":
      return ["parameter", `the value for ${text} is a parameter, known when execution starts`, range];
    case "stable":
      return ["stable-expression", `the value for ${text} is computed when execution starts`, range];
    case "volatile":
      return ["volatile-expression", `the value for ${text} may differ from row to row, so it never prunes`, range];
    case "execution":
      return ["subquery", `the value for ${text} is known when the subquery has run`, range];
    case "unknown":
      return ["not-modelled", `the value for ${text} is one that only PostgreSQL computes`, range];
  }
}

/** Children by inheritance are only ever excluded by their CHECK constraints, when the statement is planned. */
function inheritanceReasons(input: ReferenceInput): readonly PruningReason[] {
  const runTime = input.clauses.find(
    (clause) =>
      clause.kind === "comparison" && [clause.left, clause.right].some((operand) => operand.kind === "run-time"),
  );
  if (runTime !== undefined) {
    const message =
      "children by inheritance are excluded by constants when the query is planned, never by values known later";
    return [{ kind: "constraint-exclusion", message, range: runTime.range }];
  }
  if (input.clauses.length === 0)
    return [{ kind: "no-predicate", message: "no predicate that CHECK constraints could contradict", range: null }];
  const message =
    "only children whose CHECK constraint contradicts the conditions are excluded, and the parent is always read";
  return [{ kind: "constraint-exclusion", message, range: null }];
}

function disabledBy(catalog: Catalog, input: ReferenceInput): PruningReason | null {
  const name = excludedBy(input.relation) === "pruning" ? "enable_partition_pruning" : "constraint_exclusion";
  const value = catalog.settings.planner[name];
  if (value === undefined || !/^(?:off|false|no|0)$/i.test(value)) return null;
  return { kind: "setting-off", message: `${name} is off`, range: null };
}

function mentionsKey(clause: Clause, key: MatchKey | undefined): boolean {
  if (key === undefined) return false;
  switch (clause.kind) {
    case "and":
    case "or":
      return clause.items.some((item) => mentionsKey(item, key));
    case "comparison":
      return clause.left.key === key.key || clause.right.key === key.key;
    case "array-comparison":
      return clause.left.key === key.key;
    case "null-test":
    case "boolean":
    case "boolean-test":
      return clause.operand.key === key.key;
    case "constant":
    case "opaque":
      return false;
  }
}

function fixesKey(clause: Clause, key: MatchKey | undefined): boolean {
  if (!mentionsKey(clause, key)) return false;
  if (clause.kind === "comparison") return clause.operator === "=";
  if (clause.kind === "array-comparison") return clause.elements.every(({ operator }) => operator === "=");
  return clause.kind !== "and" && clause.kind !== "or";
}

function readsKeyColumns(clause: Clause, input: ReferenceInput): boolean {
  return columnsOf(clause).some((column) => isKeyColumn(column, input));
}

function isKeyColumn(column: ColumnOfReference, input: ReferenceInput): boolean {
  if (column.reference !== input.reference) return false;
  const elements = input.relation.partitioning?.key.elements ?? [];
  return elements.some((element) => element.column === column.name || element.text.includes(column.name));
}

function keyText(input: ReferenceInput): string {
  return (input.relation.partitioning?.key.elements ?? []).map(({ text }) => text).join(", ");
}
