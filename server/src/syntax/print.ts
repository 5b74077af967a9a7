/** A readable account of statements, for snapshots, for *Show Stage* and for `partition-lens show statements`. */

import type { PlacedStatement, Statement } from "./statement.ts";

/**
 * All statements, each with its place in the document and what was understood of it, one fact a line. Ranges inside a
 * statement are relative to it and stand as `start..end`; what is null, false or empty is left out.
 */
export function printStatements(statements: readonly PlacedStatement[]): string {
  return statements.map(printPlaced).join("\n");
}

function printPlaced({ start, end, masked, statement }: PlacedStatement): string {
  return `${start}..${end} ${statement.kind}${masked ? " (masked)" : ""}\n${printStatement(statement)}`;
}

/** What was understood of one statement, without its kind. */
export function printStatement(statement: Statement): string {
  return lines(statement, "  ", new Set(["kind"])).join("");
}

type Fields = Readonly<Record<string, unknown>>;

function lines(value: object, indent: string, without: ReadonlySet<string> = new Set()): string[] {
  return Object.entries(value).flatMap(([key, field]) => {
    if (without.has(key) || isAbsent(field)) return [];
    return [`${indent}${key}:`, ...printField(field, indent), "\n"].join("");
  });
}

function isAbsent(value: unknown): boolean {
  return value === null || value === undefined || value === false || (Array.isArray(value) && value.length === 0);
}

function printField(value: unknown, indent: string): readonly string[] {
  if (Array.isArray(value)) return printList(value, indent);
  if (!isFields(value)) return [` ${printScalar(value)}`];
  const short = printShort(value);
  if (short !== null) return [` ${short}`];
  if (isPlaced(value)) return [` ${printPlaced(value).trimEnd().replaceAll("\n", `\n${indent}`)}`];
  const { kind, range } = value;
  const head = [kind, isRange(range) ? printRange(range) : undefined].filter((part) => part !== undefined).join(" ");
  const rest = lines(value, `${indent}  `, new Set(["kind", "range"])).join("");
  return [head === "" ? "" : ` ${head}`, rest === "" ? "" : `\n${rest.trimEnd()}`];
}

function printList(values: readonly unknown[], indent: string): readonly string[] {
  const printed = values.map((value) => printField(value, `${indent}  `).join("").trimStart());
  const isShort = printed.every((item) => !item.includes("\n")) && printed.join(", ").length < 100;
  return isShort ? [` [${printed.join(", ")}]`] : printed.map((item) => `\n${indent}  - ${item}`);
}

/** Names, types, columns, constants and ranges fit on the line of their key. */
function printShort(value: Fields): string | null {
  if (isRange(value)) return printRange(value);
  const short = shortText(value);
  return short === null || !isRange(value["range"]) ? null : `${short} ${printRange(value["range"])}`;
}

function shortText(value: Fields): string | null {
  const { kind, value: constant } = value;
  if (kind === "constant" && isFields(constant)) return printConstant(constant);
  if (kind === "column" && Array.isArray(value["names"])) {
    return `column ${[...value["names"], ...(value["star"] === true ? ["*"] : [])].join(".")}`;
  }
  if (kind !== undefined) return null;
  const keys = Object.keys(value).length;
  if (typeof value["name"] === "string" && keys === 2) return value["name"];
  if (typeof value["only"] === "boolean") {
    const schema = typeof value["schema"] === "string" ? `${value["schema"]}.` : "";
    return `${value["only"] ? "only " : ""}${schema}${value["name"]}`;
  }
  return Array.isArray(value["names"]) && Array.isArray(value["modifiers"])
    ? printType(value["names"], value["modifiers"], value)
    : null;
}

function printConstant({ type, text }: Fields): string {
  return text === undefined ? String(type) : `${type} ${JSON.stringify(text)}`;
}

function printType(names: readonly unknown[], modifiers: readonly unknown[], value: Fields): string {
  const fields = value["intervalFields"] === undefined ? "" : ` fields ${value["intervalFields"]}`;
  const dimensions = "[]".repeat(Number(value["arrayDimensions"]));
  const arguments_ = modifiers.length === 0 ? "" : `(${modifiers.join(",")})`;
  return `${value["setOf"] === true ? "setof " : ""}${names.join(".")}${arguments_}${fields}${dimensions}`;
}

function printScalar(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function printRange({ start, end }: { readonly start: number; readonly end: number }): string {
  return `${start}..${end}`;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function isRange(value: unknown): value is { readonly start: number; readonly end: number } {
  if (!isFields(value)) return false;
  return Object.keys(value).length === 2 && typeof value["start"] === "number" && typeof value["end"] === "number";
}

function isPlaced(value: object): value is PlacedStatement {
  return "statement" in value && "terminatorEnd" in value;
}
