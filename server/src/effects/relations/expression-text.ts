/** Expressions of CHECK constraints, indexes and generated columns as PostgreSQL reads them: their columns, faults and decompiled text. */

import { type Catalog, knowsEveryObject, type SessionSettings } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { Column } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { absentCollation, absentType } from "../../catalog/values/absent-objects.ts";
import { inIsoStyle } from "../../catalog/values/date-style.ts";
import { readValue } from "../../catalog/values/input.ts";
import { readNullEquals } from "../../catalog/values/null-equals.ts";
import { fitsNone } from "../../catalog/values/own-functions.ts";
import { printValue, quoteConstant } from "../../catalog/values/print.ts";
import { fieldsOf } from "../../catalog/values/row.ts";
import {
  baseType,
  baseTypeNamed,
  formatType,
  formatTypeName,
  isCollatable,
  resolveType,
  sameType,
  sameTypeName,
  withoutModifier,
} from "../../catalog/values/types.ts";
import { mayBeOther } from "../../catalog/values/unlisted-functions.ts";
import { resultOfUser } from "../../catalog/values/user-result.ts";
import type { Expression, FunctionCall } from "../../syntax/expression.ts";
import { operandsOf } from "../../syntax/expression-walk.ts";
import { quoteIdentifier, quoteQualifiedName } from "../../syntax/names.ts";
import type { TextRange } from "../../text/range.ts";
import type { ApplyContext } from "../outcome.ts";
import { chooseFunction, chooseOperator, commonType, missingOperatorMessage, typesMismatch } from "./operand-types.ts";

/** Where an expression stands, and what it may refer to. */
export interface ExpressionScope {
  readonly catalog: Catalog;
  readonly context: ApplyContext;
  readonly table: string;
  readonly columns: readonly Column[];
  /** Whether `columns` are all of the table's: else a name that is not among them is no fault. */
  readonly allColumns: boolean;
  /** In PostgreSQL's words: `check constraints`, `DEFAULT expressions`, `index expressions`, … */
  readonly place: string;
}

export interface ExpressionAnalysis {
  readonly kind: "analysis";
  /** As `pg_get_expr` prints it. */
  readonly text: string;
  /** The same as every session prints it, where this one prints dates otherwise. */
  readonly comparedText?: string | undefined;
  /** Whether `text` is PostgreSQL's spelling for sure; else it only serves to see that two expressions are the same. */
  readonly certain: boolean;
  /** The columns it mentions, each once, in order of mention; system columns among them. */
  readonly columns: readonly string[];
  readonly type: DataType | null;
}

export interface ExpressionFault {
  readonly kind: "fault";
  readonly sqlstate: string;
  readonly message: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  readonly range: TextRange;
}

/** What an expression is, or the first thing that PostgreSQL finds wrong with it. */
export function analyzeExpression(
  expression: Expression,
  scope: ExpressionScope,
): ExpressionAnalysis | ExpressionFault {
  const run: Run = { scope, printing: scope.catalog.settings, columns: [], certain: true, fault: null, indent: 0 };
  const node = visit(run, expression);
  if (run.fault !== null) return run.fault;
  const text = node.literal === null ? node.text : asType(run, node, node.type ?? textType);
  const { settings } = scope.catalog;
  const plain = inIsoStyle({ ...settings, timeZone: settings.initialTimeZone ?? settings.timeZone });
  const isPlain = plain.timeZone === settings.timeZone && plain.dateStyle.output === settings.dateStyle.output;
  return {
    kind: "analysis",
    text,
    ...(isPlain ? {} : { comparedText: printUnder(expression, scope, plain) }),
    certain: run.certain,
    columns: run.columns,
    type: node.type,
  };
}

/** The text with its constants printed under other settings than those under which they are read. */
function printUnder(expression: Expression, scope: ExpressionScope, printing: SessionSettings): string {
  const run: Run = { scope, printing, columns: [], certain: true, fault: null, indent: 0 };
  const node = visit(run, expression);
  return node.literal === null ? node.text : asType(run, node, node.type ?? textType);
}

interface Run {
  readonly scope: ExpressionScope;
  /** The settings under which constants are printed. */
  readonly printing: SessionSettings;
  readonly columns: string[];
  certain: boolean;
  fault: ExpressionFault | null;
  /** How far CASE is indented within another. */
  indent: number;
}

interface Node {
  readonly text: string;
  /** null for an untyped literal and where the type cannot be told. */
  readonly type: DataType | null;
  /** The text of an untyped literal; `null` spelled out for NULL. */
  readonly literal: { readonly text: string | null; readonly range: TextRange } | null;
  /** A constant of exactly `type`, whose cast to the same type with a modifier shows no label of its own. */
  readonly constant?: Value | undefined;
}

const boolType = baseTypeNamed("bool");
const textType = baseTypeNamed("text");

function visit(run: Run, expression: Expression): Node {
  switch (expression.kind) {
    case "constant":
      return constantNode(run, expression);
    case "column":
      return columnNode(run, expression);
    case "parameter":
      return fault(run, "42P02", `there is no parameter $${expression.number}`, expression.range);
    case "cast":
      return castNode(run, expression);
    case "collate": {
      const operand = typed(run, visit(run, expression.operand), textType);
      if (operand.type !== null && operand.type.kind !== "unknown" && !isCollatable(operand.type)) {
        const message = `collations are not supported by type ${formatTypeName(operand.type)}`;
        return fault(run, "42804", message, expression.collateRange);
      }
      const absent = absentCollation(run.scope.catalog, expression.collation);
      if (absent !== null) return fault(run, absent.sqlstate, absent.message, expression.collateRange);
      const name = expression.collation.map(quoteIdentifier).join(".");
      return known(`(${operand.text} COLLATE ${name})`, operand.type);
    }
    case "call":
      return callNode(run, expression);
    case "operator": {
      const read = readNullEquals(expression, run.scope.catalog.settings);
      return read.kind === "operator" ? operatorNode(run, read) : visit(run, read);
    }
    case "and":
    case "or": {
      const word = expression.kind === "and" ? " AND " : " OR ";
      return known(`(${expression.operands.map((item) => booleanText(run, item)).join(word)})`, boolType);
    }
    case "not":
      return known(`(NOT ${booleanText(run, expression.operand)})`, boolType);
    case "null-test": {
      const operand = typed(run, visit(run, expression.operand), textType);
      return known(`(${operand.text} IS ${expression.negated ? "NOT " : ""}NULL)`, boolType);
    }
    case "boolean-test": {
      const operand = booleanText(run, expression.operand);
      return known(`(${operand} IS ${expression.negated ? "NOT " : ""}${expression.value.toUpperCase()})`, boolType);
    }
    case "in":
      return inNode(run, expression);
    case "between": {
      const [low, high] = expression.negated ? ["<", ">"] : [">=", "<="];
      const first = binary(run, low ?? "", expression.operand, expression.low, expression.range);
      const second = binary(run, high ?? "", expression.operand, expression.high, expression.range);
      if (expression.symmetric) run.certain = false;
      return known(`(${first.text} ${expression.negated ? "OR" : "AND"} ${second.text})`, boolType);
    }
    case "like": {
      const plain = { like: "~~", ilike: "~~*", similar: "~" }[expression.variant];
      if (expression.variant === "similar") run.certain = false;
      const operator = expression.negated ? `!${plain}` : plain;
      return binary(run, operator, expression.operand, expression.pattern, expression.range);
    }
    case "distinct-from": {
      const equality = binary(run, "=", expression.left, expression.right, expression.range);
      const text = equality.text.replace(" = ", " IS DISTINCT FROM ");
      return known(expression.negated ? `(NOT ${text})` : text, boolType);
    }
    case "coalesce":
    case "greatest-least": {
      const items = expression.items.map((item) => visit(run, item));
      const type = commonType(items.map((item) => item.type));
      if (type === null) run.certain = false;
      const name = expression.kind === "coalesce" ? "COALESCE" : expression.greatest ? "GREATEST" : "LEAST";
      return known(
        `${name}(${items.map((item) => (type === null ? item.text : asType(run, item, type))).join(", ")})`,
        type,
      );
    }
    case "sql-value":
      return known(expression.name.toUpperCase(), sqlValueType(expression.name));
    case "subquery":
      return fault(run, "0A000", `cannot use subquery in ${singular(run.scope.place)}`, expression.range);
    case "any-array":
      return anyArrayNode(run, expression);
    case "nullif": {
      const equality = binary(run, "=", expression.left, expression.right, expression.range);
      const type = visit(run, expression.left).type;
      if (type === null || !equality.text.includes(" = ")) return uncertainNode(run, expression);
      return known(`NULLIF${equality.text.replace(" = ", ", ")}`, type);
    }
    case "case":
      return caseNode(run, expression);
    case "array": {
      const items = expression.items.map((item) => visit(run, item));
      return arrayNode(run, items, commonType(items.map((item) => item.type)));
    }
    case "row":
      return rowNode(run, expression);
    case "field":
      return fieldNode(run, expression);
    case "other":
      return elementNode(run, expression) ?? uncertainNode(run, expression);
  }
}

function constantNode(run: Run, expression: Extract<Expression, { kind: "constant" }>): Node {
  const { value, range } = expression;
  switch (value.type) {
    case "null":
      return { text: "NULL", type: null, literal: { text: null, range } };
    case "string":
      return { text: quoteConstant(value.text), type: null, literal: { text: value.text, range } };
    case "boolean":
      return constant(run, { family: "boolean", value: value.text === "true" }, boolType);
    case "integer":
    case "decimal": {
      const type = numberType(value.text);
      const read = readValue(value.text, type, valueContext(run));
      if (read.kind === "value") return constant(run, read.value, type);
      run.certain = false;
      return known(value.text, type);
    }
    case "bits":
      run.certain = false;
      return known(value.text, baseTypeNamed("bit"));
  }
}

/** The type of a number without a cast: the first of integer, bigint and numeric that holds it. */
function numberType(text: string): DataType {
  if (!/^[-+]?\d+$/.test(text)) return baseTypeNamed("numeric");
  const value = BigInt(text.replace(/^\+/, ""));
  if (BigInt.asIntN(32, value) === value) return baseTypeNamed("int4");
  return baseTypeNamed(BigInt.asIntN(64, value) === value ? "int8" : "numeric");
}

function columnNode(run: Run, expression: Extract<Expression, { kind: "column" }>): Node {
  const { scope } = run;
  const name = expression.names.at(-1) ?? "";
  if (expression.star || expression.names.length > 2) {
    run.certain = false;
    return known(expression.names.join("."), null);
  }
  const [qualifier] = expression.names;
  if (expression.names.length === 2 && qualifier !== undefined && qualifier !== scope.table) {
    return fault(run, "42P01", `missing FROM-clause entry for table "${qualifier}"`, expression.range);
  }
  const column = scope.columns.find((candidate) => candidate.name === name);
  if (column !== undefined) {
    if (!run.columns.includes(name)) run.columns.push(name);
    return known(quoteIdentifier(name), column.type.kind === "unknown" ? null : column.type);
  }
  const isWholeRow = expression.names.length === 1 && name === scope.table;
  if (!scope.allColumns || isWholeRow || systemColumns.has(name)) {
    run.certain = false;
    if (systemColumns.has(name) && !run.columns.includes(name)) run.columns.push(name);
    return known(quoteIdentifier(name), null);
  }
  const shown = expression.names.length === 2 ? expression.names.join(".") : `"${name}"`;
  return fault(run, "42703", `column ${shown} does not exist`, expression.range);
}

const systemColumns: ReadonlySet<string> = new Set(["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid"]);

function castNode(run: Run, expression: Extract<Expression, { kind: "cast" }>): Node {
  const absent = absentType(run.scope.catalog, expression.type);
  if (absent !== null) return fault(run, absent.sqlstate, absent.message, expression.type.range);
  const type = resolveType(run.scope.catalog, expression.type);
  if (type.kind === "unknown" || type.kind === "domain") run.certain = false;
  // The type of a cast around ARRAY[…] is that of its elements from the beginning.
  if (expression.operand.kind === "array" && type.kind === "array") {
    return arrayNode(
      run,
      expression.operand.items.map((item) => visit(run, item)),
      type.element,
    );
  }
  const operand = visit(run, expression.operand);
  if (expression.operand.kind === "row") {
    // The fields are brought to the types of the columns.
    run.certain = false;
    return known(`${operand.text}::${formatType(type)}`, type);
  }
  if (operand.literal !== null) {
    const bare = readLiteral(run, operand.literal, withoutModifier(type));
    return type.kind === "base" && type.modifier !== null ? known(castText(bare, type), type) : { ...bare, type };
  }
  if (operand.type === null) run.certain = false;
  if (operand.type !== null && sameType(operand.type, type)) return operand;
  return known(castText(operand, type), type);
}

/** Parentheses keep a column's name from being read as a table's. */
function fieldNode(run: Run, expression: Extract<Expression, { kind: "field" }>): Node {
  const operand = visit(run, expression.operand);
  const base = operand.type === null ? null : baseType(operand.type);
  const fields = base?.kind === "composite" ? fieldsOf(base, run.scope.catalog) : null;
  const field = fields?.find(({ name }) => name === expression.name);
  if (fields === null || field === undefined) run.certain = false;
  const inner = expression.operand.kind === "field" ? operand.text : `(${operand.text})`;
  return known(`${inner}.${quoteIdentifier(expression.name)}`, field?.type ?? null);
}

function rowNode(run: Run, expression: Extract<Expression, { kind: "row" }>): Node {
  const items = expression.items.map((item) => typed(run, visit(run, item), textType).text);
  return known(`ROW(${items.join(", ")})`, baseTypeNamed("record"));
}

/** `get_coercion_expr`: a constant of the very type shows no type of its own. */
function castText(operand: Node, type: DataType): string {
  const bare = withoutModifier(type);
  if (operand.constant !== undefined && operand.type !== null && sameType(operand.type, bare)) {
    return `${operand.text.replace(/::[^']*$/, "")}::${formatType(type)}`;
  }
  return `(${operand.text})::${formatType(type)}`;
}

function operatorNode(run: Run, expression: Extract<Expression, { kind: "operator" }>): Node {
  if (expression.left !== null) {
    if (expression.schema !== undefined) run.certain = false;
    return binary(run, expression.operator, expression.left, expression.right, expression.range);
  }
  const operand = typed(run, visit(run, expression.right), baseTypeNamed("float8"));
  return known(`(${expression.operator} ${operand.text})`, operand.type);
}

function binary(run: Run, operator: string, leftSide: Expression, rightSide: Expression, range: TextRange): Node {
  const left = visit(run, leftSide);
  const right = visit(run, rightSide);
  const shown = operator === "!=" ? "<>" : operator;
  const typesKnown = (left.type !== null || left.literal !== null) && (right.type !== null || right.literal !== null);
  const choice = typesKnown ? chooseOperator(operator, left.type, right.type) : ({ kind: "undecided" } as const);
  switch (choice.kind) {
    case "missing":
      if (left.type === null || right.type === null || !isWholeSchema(run)) break;
      return fault(run, "42883", missingOperatorMessage(shown, left.type, right.type), range, {
        hint:
          run.scope.context.version >= 11
            ? "No operator matches the given name and argument types. You might need to add explicit type casts."
            : "No operator matches the given name and argument type(s). You might need to add explicit type casts.",
      });
    case "found":
      return known(`(${asType(run, left, choice.left)} ${shown} ${asType(run, right, choice.right)})`, choice.result);
    case "undecided":
      break;
  }
  run.certain = false;
  const type = left.type ?? right.type;
  const printed = [left, right].map((node) =>
    node.literal === null || type === null ? node.text : asType(run, node, type),
  );
  return known(`(${printed[0]} ${shown} ${printed[1]})`, null);
}

function inNode(run: Run, expression: Extract<Expression, { kind: "in" }>): Node {
  const [only] = expression.items;
  if (expression.items.length === 1 && only !== undefined) {
    return binary(run, expression.negated ? "<>" : "=", expression.operand, only, expression.range);
  }
  const operand = visit(run, expression.operand);
  const items = expression.items.map((item) => visit(run, item));
  const types = [operand.type, ...items.map((item) => item.type)];
  const element = commonType(types);
  // Without a type for all of them, the operand is compared with one after the other.
  if (typesMismatch(types)) {
    const [comparison, word] = expression.negated ? ["<>", " AND "] : ["=", " OR "];
    const each = expression.items.map(
      (item) => binary(run, comparison ?? "", expression.operand, item, expression.range).text,
    );
    return known(`(${each.join(word ?? "")})`, boolType);
  }
  const choice = element === null ? null : chooseOperator("=", operand.type, element);
  const operator = expression.negated ? "<> ALL" : "= ANY";
  if (element === null || choice?.kind !== "found") {
    run.certain = false;
    return known(`(${operand.text} ${operator} (ARRAY[${items.map((item) => item.text).join(", ")}]))`, boolType);
  }
  const list = `ARRAY[${items.map((item) => asType(run, item, withoutModifier(element))).join(", ")}]`;
  const array = sameTypeName(choice.right, element) ? list : `(${list})::${formatType(choice.right)}[]`;
  return known(`(${asType(run, operand, choice.left)} ${operator} (${array}))`, boolType);
}

function arrayNode(run: Run, items: readonly Node[], element: DataType | null): Node {
  if (element === null) {
    run.certain = false;
    return known(`ARRAY[${items.map((item) => item.text).join(", ")}]`, null);
  }
  const bare = withoutModifier(element);
  return known(`ARRAY[${items.map((item) => asType(run, item, bare)).join(", ")}]`, { kind: "array", element: bare });
}

/** `x = ANY (ARRAY[…])` */
function anyArrayNode(run: Run, expression: Extract<Expression, { kind: "any-array" }>): Node {
  const operand = visit(run, expression.operand);
  const written = visit(run, expression.array);
  const array =
    written.literal === null || operand.type === null
      ? written
      : typed(run, written, { kind: "array", element: withoutModifier(operand.type) });
  const element = array.type?.kind === "array" ? array.type.element : null;
  const choice = element === null ? null : chooseOperator(expression.operator, operand.type, element);
  if (element === null || choice?.kind !== "found") return uncertainNode(run, expression);
  const side = sameTypeName(choice.right, element)
    ? array.text
    : `(${array.text})::${formatType({ kind: "array", element: choice.right })}`;
  const operator = `${expression.operator} ${expression.all ? "ALL" : "ANY"}`;
  return known(`(${asType(run, operand, choice.left)} ${operator} (${side}))`, boolType);
}

/** CASE stands on lines of its own. */
function caseNode(run: Run, expression: Extract<Expression, { kind: "case" }>): Node {
  const operand = expression.operand === null ? null : typed(run, visit(run, expression.operand), textType);
  const line = `\n${" ".repeat(run.indent)}`;
  run.indent += 4;
  const whens = expression.whens.map(({ condition, result }) => ({
    condition: operand === null ? booleanText(run, condition) : comparedText(run, condition, operand),
    result: visit(run, result),
  }));
  const otherwise = expression.otherwise === null ? null : visit(run, expression.otherwise);
  run.indent -= 4;
  const type = commonType([...(otherwise === null ? [] : [otherwise.type]), ...whens.map(({ result }) => result.type)]);
  if (type === null) return uncertainNode(run, expression);
  const last = otherwise === null ? `NULL::${formatType(type)}` : asType(run, otherwise, type);
  const lines = whens.map(({ condition, result }) => `WHEN ${condition} THEN ${asType(run, result, type)}`);
  // No blank is left before a CASE that begins a line of its own.
  return known(
    `${line}CASE${operand === null ? "" : ` ${operand.text}`}${[...lines, `ELSE ${last}`].map((text) => `${line}    ${text.replace(/ +(?=\n)/g, "")}`).join("")}${line}END`,
    type,
  );
}

/** What CASE compares its value with; a value of another type may be cast with it, or may cast the value. */
function comparedText(run: Run, condition: Expression, operand: Node): string {
  const node = visit(run, condition);
  if (operand.type === null || (node.type !== null && !sameTypeName(node.type, operand.type))) run.certain = false;
  return asType(run, node, operand.type ?? textType);
}

function callNode(run: Run, call: FunctionCall): Node {
  const name = call.name.at(-1) ?? "";
  const builtin = call.name.length === 1 || call.name[0] === "pg_catalog";
  if (call.window !== null) {
    return fault(run, "42P20", `window functions are not allowed in ${run.scope.place}`, call.range);
  }
  const nodes = call.arguments.map((argument) => visit(run, argument.value));
  if (call.aggregateSyntax || call.star) return aggregateFault(run, call);
  if (builtin && name === "extract" && nodes.length === 2) return extractNode(run, call, nodes);
  const plain = call.arguments.every((argument) => argument.name === undefined && !argument.variadic);
  const typesKnown = nodes.every((node) => node.type !== null || node.literal !== null);
  const mayBeUsers = !builtin || run.scope.catalog.functions.has(name);
  const choice =
    plain && typesKnown && !mayBeUsers
      ? chooseFunction(
          name,
          nodes.map((node) => node.type),
        )
      : ({ kind: "undecided" } as const);
  if (choice.kind === "found") {
    if (choice.found.kind === "aggregate") return aggregateFault(run, call);
    if (choice.found.returnsSet) {
      return fault(run, "0A000", `set-returning functions are not allowed in ${run.scope.place}`, call.range);
    }
    const printed = nodes.map((node, index) => asType(run, node, choice.arguments[index] ?? textType));
    const syntax = run.scope.context.version >= 14 && call.name.length === 2 ? ownSyntax(name, printed) : null;
    if (syntax !== null) return known(syntax, choice.result);
    return known(`${quoteIdentifier(name)}(${printed.join(", ")})`, choice.result);
  }
  const types = nodes.map(({ type }) => type);
  if (choice.kind === "missing" && isWholeSchema(run) && !mayBeOther(call, types, run.scope.catalog))
    return missingFunction(run, call, call.name.join("."), nodes);
  if (typesKnown && fitsNone(call, types, run.scope.catalog, run.scope.context.version))
    return missingFunction(run, call, call.name.join("."), nodes);
  run.certain = false;
  const schema = call.name.length > 1 && !builtin ? (call.name.at(-2) ?? null) : null;
  const text = `${quoteQualifiedName(schema, name)}(${nodes.map((node) => node.text).join(", ")})`;
  return known(text, plain && schema === null ? userResult(run, name) : null);
}

function missingFunction(run: Run, call: FunctionCall, name: string, nodes: readonly Node[]): Node {
  const types = nodes.map((node) => (node.type === null ? "unknown" : formatTypeName(node.type)));
  return fault(run, "42883", `function ${name}(${types.join(", ")}) does not exist`, call.range, {
    hint: "No function matches the given name and argument types. You might need to add explicit type casts.",
  });
}

/** Functions that SQL has a syntax of its own for are kept in it (14 and later). */
function ownSyntax(name: string, [first = "", second, third]: readonly string[]): string | null {
  const trimmed = (side: string): string => `TRIM(${side}${second === undefined ? "" : ` ${second}`} FROM ${first})`;
  switch (name) {
    case "timezone":
      return `(${second} AT TIME ZONE ${first})`;
    case "substring":
      return second === undefined
        ? null
        : `SUBSTRING(${first} FROM ${second}${third === undefined ? "" : ` FOR ${third}`})`;
    case "position":
      return `POSITION((${second}) IN (${first}))`;
    case "btrim":
      return trimmed("BOTH");
    case "ltrim":
      return trimmed("LEADING");
    case "rtrim":
      return trimmed("TRAILING");
    default:
      return null;
  }
}

function aggregateFault(run: Run, call: FunctionCall): Node {
  return fault(run, "42803", `aggregate functions are not allowed in ${run.scope.place}`, call.range);
}

/** Whether no function or operator can exist besides PostgreSQL's own and those that the catalog has. */
function isWholeSchema({ scope }: Run): boolean {
  return knowsEveryObject(scope.catalog) && scope.context.version <= 18;
}

/** The type of what a function of the script returns, where there is one of the name. */
function userResult({ scope }: Run, name: string): DataType | null {
  const isSet = scope.catalog.functions.get(name)?.returns?.setOf === true;
  return isSet ? null : resultOfUser(scope.catalog, name);
}

/** `EXTRACT` calls `extract`, and `date_part` before 14. */
function extractNode(run: Run, call: FunctionCall, nodes: readonly Node[]): Node {
  const [field, source] = nodes;
  const modern = run.scope.context.version >= 14;
  const isMissing = source?.type != null && chooseFunction("extract", [null, source.type]).kind === "missing";
  if (isMissing && isWholeSchema(run))
    return missingFunction(run, call, `pg_catalog.${modern ? "extract" : "date_part"}`, nodes);
  const unit = field?.literal?.text ?? "";
  const type = baseTypeNamed(modern ? "numeric" : "float8");
  if (modern) return known(`EXTRACT(${unit} FROM ${source?.text ?? ""})`, type);
  if (source?.type?.kind === "base" && source.type.name === "date") {
    return known(`date_part('${unit}'::text, (${source.text})::timestamp without time zone)`, type);
  }
  return known(`date_part('${unit}'::text, ${source?.text ?? ""})`, type);
}

/** `k[1]`: one element of an array; null for slices, fields and all else that has no kind of its own. */
function elementNode(run: Run, expression: Extract<Expression, { kind: "other" }>): Node | null {
  const [array, index, ...more] = expression.children;
  if (expression.description !== "A_Indirection" || array?.kind !== "column" || more.length > 0) return null;
  const operand = visit(run, array);
  if (operand.type?.kind !== "array" || index === undefined) return null;
  const subscript = visit(run, index);
  const isInteger = subscript.type?.kind === "base" && subscript.type.name === "int4";
  return isInteger ? known(`${operand.text}[${subscript.text}]`, operand.type.element) : null;
}

/** What we do not print as PostgreSQL does: its parts are visited, its text is only good for comparing it with itself. */
function uncertainNode(run: Run, expression: Expression): Node {
  const parts = operandsOf(expression).map((child) => visit(run, child).text);
  run.certain = false;
  const label =
    expression.kind === "any-array" ? `${expression.operator} ${expression.all ? "ALL" : "ANY"}` : expression.kind;
  const description = expression.kind === "other" ? expression.description : label;
  return known(`${description}(${parts.join(", ")})`, null);
}

function booleanText(run: Run, expression: Expression): string {
  const node = visit(run, expression);
  return node.literal === null ? node.text : asType(run, node, boolType);
}

function typed(run: Run, node: Node, fallback: DataType): Node {
  return node.literal === null ? node : readLiteral(run, node.literal, fallback);
}

/** A node's text as an operand of that type: literals are read, other types cast where they differ. */
function asType(run: Run, node: Node, type: DataType): string {
  if (node.literal !== null) return readLiteral(run, node.literal, withoutModifier(type)).text;
  if (node.type === null || sameTypeName(node.type, type)) return node.text;
  return castText(node, withoutModifier(type));
}

function readLiteral(
  run: Run,
  literal: { readonly text: string | null; readonly range: TextRange },
  type: DataType,
): Node {
  if (literal.text === null) return known(`NULL::${formatType(type)}`, type);
  const read = readValue(literal.text, type, valueContext(run));
  switch (read.kind) {
    case "value":
      return constant(run, read.value, type);
    case "problem":
      return fault(run, read.sqlstate, read.message, literal.range, { detail: read.detail, hint: read.hint });
    case "null":
    case "declined":
      run.certain = false;
      return known(`${quoteConstant(literal.text)}::${formatType(type)}`, type);
  }
}

/** `get_const_expr` */
function constant(run: Run, value: Value, type: DataType): Node {
  const text = printValue(value, type, run.printing);
  const name = type.kind === "base" ? type.name : "";
  const plain =
    name === "bool" ||
    (name === "int4" && !text.startsWith("-")) ||
    (name === "numeric" && /^\d/.test(text) && /[eE.]/.test(text));
  const shown = name === "bool" ? (text.startsWith("t") ? "true" : "false") : text;
  return {
    text: plain ? shown : `${quoteConstant(text)}::${formatType(type)}`,
    type,
    literal: null,
    constant: value,
  };
}

function known(text: string, type: DataType | null): Node {
  return { text, type, literal: null };
}

function fault(
  run: Run,
  sqlstate: string,
  message: string,
  range: TextRange,
  more: { readonly detail?: string | undefined; readonly hint?: string | undefined } = {},
): Node {
  run.fault ??= { kind: "fault", sqlstate, message, range, ...more };
  return known("", null);
}

function valueContext(run: Run) {
  const { catalog, context } = run.scope;
  return { settings: catalog.settings, version: context.version, catalog };
}

function sqlValueType(name: string): DataType | null {
  if (name === "current_date") return baseTypeNamed("date");
  if (name.startsWith("current_timestamp")) return baseTypeNamed("timestamptz");
  if (name.startsWith("localtimestamp")) return baseTypeNamed("timestamp");
  return null;
}

function singular(place: string): string {
  return place.replace(/s$/, "");
}
