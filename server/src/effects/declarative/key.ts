/** PARTITION BY: the key of a new partitioned table, checked in the order of PostgreSQL's `ComputePartitionAttrs`. */

import { type Catalog, knowsEveryObject } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { KeyElement, PartitionKey } from "../../catalog/partitioning.ts";
import type { Column } from "../../catalog/relation.ts";
import { absentCollation, isServerCollation } from "../../catalog/values/absent-objects.ts";
import { defaultOperatorClass, operatorClass } from "../../catalog/values/builtins.ts";
import { type EvaluateContext, evaluate, expressionVolatility } from "../../catalog/values/evaluate.ts";
import { acceptsType } from "../../catalog/values/operator-classes.ts";
import { baseType, formatTypeName, isCollatable } from "../../catalog/values/types.ts";
import type { Expression } from "../../syntax/expression.ts";
import { insideOut } from "../../syntax/expression-walk.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import type { PartitionBy, PartitionKeyElement } from "../../syntax/statement.ts";
import { addAll } from "../../text/long-lists.ts";
import type { TextRange } from "../../text/range.ts";
import { type ApplyContext, type Refusal, type Rejection, rejected } from "../outcome.ts";
import { analyzeExpression } from "../relations/expression-text.ts";
import { hasOwnDefaultClass, hasOwnOperatorClass } from "../relations/operator-classes.ts";

export interface KeyScope {
  readonly catalog: Catalog;
  readonly context: ApplyContext;
  /** The name of the new table. */
  readonly table: string;
  readonly columns: readonly Column[];
  /** Whether `columns` are all of the table's; else an unknown column is no fault. */
  readonly allColumns: boolean;
}

export type KeyReading =
  | { readonly kind: "key"; readonly key: PartitionKey; readonly declined: readonly string[] }
  | Refusal;

/** The greatest number of key columns, `PARTITION_MAX_KEYS`. */
const maximumKeyColumns = 32;

/** The partition key that the clause defines, or PostgreSQL's refusal of it. */
export function readPartitionKey(written: PartitionBy, scope: KeyScope): KeyReading {
  if (written.elements.length > maximumKeyColumns) {
    return refuse("54011", `cannot partition using more than ${maximumKeyColumns} columns`, written.range);
  }
  if (written.strategy === "hash" && scope.context.version < 11) {
    return rejected("version-unsupported", "22023", 'unrecognized partitioning strategy "hash"', written.range);
  }
  if (written.strategy === "list" && written.elements.length !== 1) {
    return refuse("42P17", 'cannot use "list" partition strategy with more than one column', written.range);
  }
  // PostgreSQL analyses all expressions before it looks at any column.
  for (const element of written.elements) {
    if (element.expression === null) continue;
    const analysis = analyzeKeyExpression(element.expression, scope);
    if (analysis.kind === "fault") {
      const { sqlstate, message, detail, hint } = analysis;
      return refuse(sqlstate, message, analysis.range, { detail, hint });
    }
    const setReturning = setReturningCall(element.expression, scope);
    if (setReturning !== null) {
      const message = "set-returning functions are not allowed in partition key expressions";
      return refuse("0A000", message, setReturning.range);
    }
  }
  const elements: KeyElement[] = [];
  const declined: string[] = [];
  for (const [index, element] of written.elements.entries()) {
    const reading = readElement(element, index, written.strategy, scope);
    if (reading.kind === "rejected") return reading;
    elements.push(reading.element);
    addAll(declined, reading.declined);
  }
  return { kind: "key", key: { strategy: written.strategy, elements }, declined };
}

type ElementReading =
  | { readonly kind: "element"; readonly element: KeyElement; readonly declined: readonly string[] }
  | Refusal;

/** What is partitioned by: a column, or an expression with its text and type. */
type Subject =
  | { readonly kind: "column"; readonly column: Column }
  | {
      readonly kind: "expression";
      readonly expression: Expression;
      readonly text: string;
      readonly type: DataType | null;
    }
  | { readonly kind: "unknown-column"; readonly name: string };

function readElement(
  written: PartitionKeyElement,
  index: number,
  strategy: PartitionBy["strategy"],
  scope: KeyScope,
): ElementReading {
  const declined: string[] = [];
  const found = written.column === null ? readExpression(written, index, scope, declined) : readColumn(written, scope);
  if (found.kind === "rejected") return found;

  const type = found.kind === "column" ? found.column.type : found.kind === "expression" ? found.type : null;
  const known = type === null || type.kind === "unknown" ? null : type;
  const ownCollation = found.kind === "column" ? found.column.collation : null;
  const writtenCollation = collationName(written);
  const absent = written.collation === null ? null : absentCollation(scope.catalog, written.collation);
  if (absent !== null) return refuse(absent.sqlstate, absent.message, written.range);
  if (known !== null && writtenCollation !== null && !isCollatable(known)) {
    const message = `collations are not supported by type ${typeName(known, scope)}`;
    return refuse("42804", message, written.range);
  }
  const chosenClass = checkOperatorClass(written, known, strategy, scope);
  if (chosenClass?.kind === "rejected") return chosenClass;

  const collatable = known === null ? writtenCollation !== null : isCollatable(known);
  const named = writtenCollation ?? ownCollation ?? "default";
  const inForce = named === "default" ? (scope.catalog.databaseCollation ?? named) : named;
  const byBytes = patternClasses.has(chosenClass?.printed ?? "");
  if (chosenClass?.isGuessed === true) declined.push(`operator class "${chosenClass.printed}" is not known`);
  if (type !== null && known === null) declined.push(`the type of partition key column ${index + 1} is not known`);
  return {
    kind: "element",
    declined,
    element: {
      column: found.kind === "column" ? found.column.name : found.kind === "unknown-column" ? found.name : null,
      expression: found.kind === "expression" ? found.expression : null,
      text: subjectText(found),
      type: known,
      collation: collatable ? named : null,
      comparison: !collatable ? null : byBytes ? "C" : inForce,
      customOrder: chosenClass?.isCustom === true || (collatable && !isServerCollation(named)),
      printedCollation:
        writtenCollation !== null && writtenCollation !== (ownCollation ?? "default") ? writtenCollation : null,
      operatorClass: chosenClass?.printed ?? null,
      trust: known === null ? "agreed" : "declared",
    },
  };
}

function readColumn(written: PartitionKeyElement, scope: KeyScope): Subject | Refusal {
  const name = written.column ?? "";
  const position = positionOf(written, scope);
  const column = scope.columns.find((candidate) => candidate.name === name);
  if (column === undefined) {
    if (isSystemColumn(name, scope)) {
      return refuse("42P17", `cannot use system column "${name}" in partition key`, written.range, { position });
    }
    if (!scope.allColumns) return { kind: "unknown-column", name };
    return refuse("42703", `column "${name}" named in partition key does not exist`, written.range, { position });
  }
  if (column.generated !== null) return refuseGenerated(column.name, written.range, position);
  return { kind: "column", column };
}

/** Up to 11 PostgreSQL does not say where a column stands. */
function positionOf(written: PartitionKeyElement, { context }: KeyScope): number | undefined {
  return context.version < 12 ? undefined : written.range.start;
}

function readExpression(
  written: PartitionKeyElement,
  index: number,
  scope: KeyScope,
  declined: string[],
): Subject | Refusal {
  let { expression } = written;
  if (expression === null) return { kind: "unknown-column", name: "" };
  // Before 13 a whole-row reference was refused; the check stood before the one for mutable functions.
  while (expression.kind === "collate") expression = expression.operand;
  const isUntyped = expression.kind === "constant" && ["string", "null"].includes(expression.value.type);
  if (expression.kind === "row" || isUntyped) {
    const pseudoType = isUntyped ? "unknown" : "record";
    const subject = scope.context.version < 12 ? 'column "partition key"' : `partition key column ${index + 1}`;
    return refuse("42P16", `${subject} has pseudo-type ${pseudoType}`, written.range);
  }
  const columnName = expression.kind === "column" && !expression.star ? expression.names.at(-1) : undefined;
  const column = scope.columns.find((candidate) => candidate.name === columnName);
  // `(column)` counts as the column itself.
  if (column !== undefined) {
    return column.generated === null
      ? { kind: "column", column }
      : refuseGenerated(column.name, written.range, positionOf(written, scope));
  }

  const analysis = analyzeKeyExpression(expression, scope);
  if (analysis.kind === "fault") return refuse(analysis.sqlstate, analysis.message, analysis.range);
  for (const name of analysis.columns) {
    if (isSystemColumn(name, scope) && !scope.columns.some((candidate) => candidate.name === name)) {
      return refuse("42P17", "partition key expressions cannot contain system column references", written.range);
    }
    const mentioned = scope.columns.find((candidate) => candidate.name === name);
    if (mentioned !== undefined && mentioned.generated !== null) {
      return refuseGenerated(name, written.range, positionOf(written, scope));
    }
  }
  const evaluation = evaluationScope(scope);
  const volatility = expressionVolatility(expression, evaluation);
  if (volatility === "stable" || volatility === "volatile") {
    return refuse("42P17", "functions in partition key expression must be marked IMMUTABLE", written.range);
  }
  if (volatility === null) declined.push(`what partition key column ${index + 1} depends on is not known`);
  const value = evaluate(expression, evaluation);
  const isComputable = volatility === "immutable" && !mentionsColumns(expression);
  if (value.kind === "constant" || isComputable) {
    return refuse("42P17", "cannot use constant expression as partition key", written.range);
  }
  return { kind: "expression", expression, text: analysis.text, type: analysis.type };
}

/** A call of a function that the script has created to return a set, or null; PostgreSQL's own are found by the analysis. */
function setReturningCall(expression: Expression, { catalog }: KeyScope): Expression | null {
  for (const part of insideOut(expression)) {
    if (part.kind === "call" && catalog.functions.get(part.name.at(-1) ?? "")?.returns?.setOf === true) return part;
  }
  return null;
}

/** Also where a part is not understood, which may hold a column. */
function mentionsColumns(expression: Expression): boolean {
  for (const part of insideOut(expression)) if (part.kind === "column" || part.kind === "other") return true;
  return false;
}

function analyzeKeyExpression(expression: Expression, scope: KeyScope): ReturnType<typeof analyzeExpression> {
  return analyzeExpression(expression, {
    catalog: scope.catalog,
    context: scope.context,
    table: scope.table,
    columns: scope.columns,
    allColumns: scope.allColumns,
    place: scope.context.version < 11 ? "partition key expression" : "partition key expressions",
  });
}

function evaluationScope({ catalog, context, columns }: KeyScope): EvaluateContext {
  return {
    settings: catalog.settings,
    version: context.version,
    catalog,
    today: null,
    columnType: (names) => columns.find((column) => column.name === names.at(-1))?.type ?? null,
  };
}

/** As `pg_get_partkeydef` prints it: an expression stands in parentheses unless it looks like a function call. */
function subjectText(subject: Subject): string {
  switch (subject.kind) {
    case "column":
      return quoteIdentifier(subject.column.name);
    case "unknown-column":
      return quoteIdentifier(subject.name);
    case "expression":
      return looksLikeFunction(subject.expression) ? subject.text : `(${subject.text})`;
  }
}

/** `looks_like_function` of PostgreSQL's ruleutils. */
function looksLikeFunction(expression: Expression): boolean {
  switch (expression.kind) {
    case "call":
    case "coalesce":
    case "greatest-least":
    case "nullif":
    case "sql-value":
      return true;
    default:
      return false;
  }
}

function isSystemColumn(name: string, { context }: KeyScope): boolean {
  return systemColumns.has(name) || (name === "oid" && context.version < 12);
}

const systemColumns: ReadonlySet<string> = new Set(["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"]);

function refuseGenerated(name: string, range: TextRange, position: number | undefined): Refusal {
  const detail = `Column "${name}" is a generated column.`;
  return refuse("42P17", "cannot use generated column in partition key", range, { detail, position });
}

function collationName(written: PartitionKeyElement): string | null {
  const fromExpression = written.expression?.kind === "collate" ? written.expression.collation : null;
  return (written.collation ?? fromExpression)?.at(-1) ?? null;
}

interface ChosenClass {
  readonly kind: "class";
  /** The class to print; null for the type's default. */
  readonly printed: string | null;
  readonly isCustom: boolean;
  /** Custom, and created nowhere that is known. */
  readonly isGuessed?: boolean | undefined;
}

/** They order texts by their bytes, as the collation "C" does. */
const patternClasses: ReadonlySet<string> = new Set(["text_pattern_ops", "varchar_pattern_ops", "bpchar_pattern_ops"]);

/** The operator class, or the refusal; null for the type's default. */
function checkOperatorClass(
  written: PartitionKeyElement,
  type: DataType | null,
  strategy: PartitionBy["strategy"],
  scope: KeyScope,
): ChosenClass | Refusal | null {
  const method = strategy === "hash" ? "hash" : "btree";
  if (written.operatorClass === null) {
    if (type === null || hasDefaultOperatorClass(type, method, scope.context.version)) return null;
    if (hasOwnDefaultClass(scope.catalog, method)) return { kind: "class", printed: null, isCustom: true };
    const missing =
      scope.context.version < 12
        ? `no default ${method} operator class`
        : `no default operator class for access method "${method}"`;
    const message = `data type ${typeName(type, scope)} has ${missing}`;
    const hint = `You must specify a ${method} operator class or define a default ${method} operator class for the data type.`;
    return refuse("42704", message, written.range, { hint });
  }
  const name = written.operatorClass.at(-1) ?? "";
  const known = operatorClass(method, name);
  if (known === null) {
    if (hasOwnOperatorClass(scope.catalog, method, name)) return { kind: "class", printed: name, isCustom: true };
    if (!knowsEveryObject(scope.catalog)) return { kind: "class", printed: name, isCustom: true, isGuessed: true };
    const message = `operator class "${written.operatorClass.join(".")}" does not exist for access method "${method}"`;
    return refuse("42704", message, written.range);
  }
  if (type !== null && acceptsType(known, type) === false) {
    const message = `operator class "${written.operatorClass.join(".")}" does not accept data type ${typeName(type, scope)}`;
    return refuse("42804", message, written.range);
  }
  const isDefault = type !== null && name === defaultOperatorClass(method, type);
  return { kind: "class", printed: isDefault ? null : name, isCustom: false };
}

function hasDefaultOperatorClass(type: DataType, method: "btree" | "hash", version: number): boolean {
  if (method === "hash" && version < 14 && baseType(type).kind === "composite") return false;
  return defaultOperatorClass(method, type) !== null;
}

function typeName(type: DataType, { catalog }: KeyScope): string {
  return formatTypeName(type, catalog.settings.searchPath);
}

function refuse(
  sqlstate: string,
  message: string,
  range: TextRange,
  extra: Partial<Pick<Rejection, "detail" | "hint" | "position">> = {},
): Refusal {
  return rejected("partition-key-invalid", sqlstate, message, range, extra);
}
