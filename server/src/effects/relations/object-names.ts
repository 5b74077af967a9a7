/** The names that PostgreSQL chooses for constraints, indexes and sequences that a statement leaves without one. */

import { type Catalog, nameKey } from "../../catalog/catalog.ts";
import type { Expression } from "../../syntax/expression.ts";
import { identifierByteLimit, truncateIdentifier, utf8ByteLength, utf8Prefix } from "../../syntax/names.ts";

/** `makeObjectName`: the parts joined by underscores, the longer of the first two cut until the whole fits into 63 bytes. */
export function makeObjectName(first: string, second: string | null, label: string): string {
  const available = identifierByteLimit - (second === null ? 0 : 1) - (label.length + 1);
  let firstBytes = utf8ByteLength(first);
  let secondBytes = second === null ? 0 : utf8ByteLength(second);
  while (firstBytes + secondBytes > available) {
    if (firstBytes > secondBytes) firstBytes -= 1;
    else secondBytes -= 1;
  }
  const head = utf8Prefix(first, firstBytes);
  return second === null ? `${head}_${label}` : `${head}_${utf8Prefix(second, secondBytes)}_${label}`;
}

/** A name for a new relation of the schema; one of a constraint must be free among its constraints too. */
export function chooseRelationName(
  catalog: Catalog,
  schema: string,
  first: string,
  second: string | null,
  label: string,
  isConstraint: boolean,
): string {
  return firstFree(label, (tried) => {
    const name = makeObjectName(first, second, tried);
    const key = nameKey(schema, name);
    return catalog.names.has(key) || (isConstraint && catalog.constraintNames.has(key)) ? null : name;
  });
}

/** A name for a CHECK, NOT NULL or FOREIGN KEY constraint; `others` are those that the same statement has taken. */
export function chooseConstraintName(
  catalog: Catalog,
  schema: string,
  table: string,
  column: string | null,
  label: "check" | "not_null" | "fkey",
  others: ReadonlySet<string>,
): string {
  return firstFree(label, (tried) => {
    const name = makeObjectName(table, column, tried);
    return others.has(name) || catalog.constraintNames.has(nameKey(schema, name)) ? null : name;
  });
}

/** A name for an index: `t_pkey`, `t_a_b_key`, `t_a_excl`, `t_lower_idx`. */
export function chooseIndexName(
  catalog: Catalog,
  schema: string,
  table: string,
  columns: readonly string[],
  kind: "pkey" | "key" | "excl" | "idx",
): string {
  const second = kind === "pkey" ? null : nameAddition(columns);
  return chooseRelationName(catalog, schema, table, second, kind, kind !== "idx");
}

/** The columns of an index as they enter its name: an expression gives its function's name or `expr`, numbered when taken. */
export function indexColumnNames(
  items: readonly { readonly column: string | null; readonly expression: Expression | null }[],
): string[] {
  const names: string[] = [];
  for (const { column, expression } of items) {
    const original = column ?? (expression === null ? null : expressionName(expression)) ?? "expr";
    let name = original;
    for (let number = 1; names.includes(name); number += 1) {
      const suffix = String(number);
      name = utf8Prefix(original, Math.min(utf8ByteLength(original), identifierByteLimit - suffix.length)) + suffix;
    }
    names.push(name);
  }
  return names;
}

/** How a list of columns enters a constraint's or an index's name. */
export function nameAddition(columns: readonly string[]): string {
  let text = "";
  for (const column of columns) {
    text += text === "" ? column : `_${column}`;
    if (utf8ByteLength(text) > identifierByteLimit) break;
  }
  return text;
}

function firstFree(label: string, name: (label: string) => string | null): string {
  for (let pass = 0; ; pass += 1) {
    const free = name(pass === 0 ? label : `${label}${pass}`);
    if (free !== null) return free;
  }
}

/** `FigureIndexColname`: null where PostgreSQL falls back to `expr`. */
function expressionName(expression: Expression): string | null {
  switch (expression.kind) {
    case "column":
      return expression.star ? null : (expression.names.at(-1) ?? null);
    case "call":
      return expression.name.at(-1) ?? null;
    case "cast":
      return expressionName(expression.operand) ?? truncateIdentifier(expression.type.names.at(-1) ?? "expr");
    case "collate":
      return expressionName(expression.operand);
    case "coalesce":
      return "coalesce";
    case "greatest-least":
      return expression.greatest ? "greatest" : "least";
    case "nullif":
      return "nullif";
    case "case":
      return (expression.otherwise === null ? null : expressionName(expression.otherwise)) ?? "case";
    case "array":
      return "array";
    case "row":
      return "row";
    case "sql-value":
      return expression.name;
    default:
      return null;
  }
}
