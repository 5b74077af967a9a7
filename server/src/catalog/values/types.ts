/** PostgreSQL's types: resolving a written type name, its modifiers, and how `format_type` prints it. */

import type { TypeName } from "../../syntax/expression.ts";
import { quoteIdentifier, quoteQualifiedName } from "../../syntax/names.ts";
import { type Catalog, effectivePath, nameKey } from "../catalog.ts";
import type { DataType, TypeModifier } from "../data-type.ts";
import type { Value } from "../value.ts";
import { isBuiltinType } from "./builtins.ts";

/** How the values of a type are kept. */
export type TypeFamily = Value["family"];

/** `interval` without a restriction to fields, as the parser's bit mask. */
export const allIntervalFields = 0x7fff;

/**
 * The type that a name stands for: qualified as it stands, else PostgreSQL's own first, then along the search path.
 * Kind `unknown` when nothing known has the name. Serial types are no types: ask `serialBase` first.
 */
export function resolveType(catalog: Catalog, typeName: TypeName): DataType {
  const scalar = resolveScalar(catalog, typeName);
  // PostgreSQL does not tell one-dimensional arrays from others; an array of a domain over an array is not seen here.
  return typeName.arrayDimensions > 0 ? { kind: "array", element: scalar } : scalar;
}

/** The integer type behind `serial`, `bigserial`, `smallserial` and their aliases; null for other types. */
export function serialBase(typeName: TypeName): "int2" | "int4" | "int8" | null {
  const [name] = typeName.names;
  if (name === undefined || typeName.names.length !== 1 || typeName.arrayDimensions > 0) return null;
  return serialTypes.get(name) ?? null;
}

/** A type of PostgreSQL's own by its internal name: `int4`, `timestamptz`, … without a modifier. */
export function baseTypeNamed(name: string): DataType {
  const known = plainTypes.get(name);
  if (known !== undefined) return known;
  const created: DataType = { kind: "base", name, modifier: null };
  plainTypes.set(name, created);
  return created;
}

/**
 * As `format_type(oid, typmod)` prints it, with the modifier: `numeric(6,2)`, `character varying(3)`, `timestamp(3) without
 * time zone`. User types are qualified unless their schema is in `path`.
 */
export function formatType(type: DataType, path: readonly string[] = ["public"]): string {
  return printType(type, true, path);
}

/** As `format_type_be` prints it in messages: without the modifier. */
export function formatTypeName(type: DataType, path: readonly string[] = ["public"]): string {
  return printType(type, false, path);
}

/** Whether two types are the same, modifier included: `varchar(10)` and `varchar(20)` differ. */
export function sameType(a: DataType, b: DataType): boolean {
  return sameTypeName(a, b) && (a.kind !== "base" || b.kind !== "base" || sameModifier(a.modifier, b.modifier));
}

/** Whether two types are the same, modifiers aside. */
export function sameTypeName(a: DataType, b: DataType): boolean {
  if (a === b) return true;
  if (a.kind === "base") return b.kind === "base" && a.name === b.name;
  if (a.kind === "array") return b.kind === "array" && sameTypeName(a.element, b.element);
  return a.kind === b.kind && a.schema === b.schema && a.name === b.name;
}

/** The type under a domain, through domains over domains; any other type is its own. */
export function baseType(type: DataType): DataType {
  let base = type;
  while (base.kind === "domain") base = base.base;
  return base;
}

/** Whether `COLLATE` applies to the type: text, varchar, bpchar, name, and arrays and domains over them. */
export function isCollatable(type: DataType): boolean {
  const base = baseType(type);
  if (base.kind === "array") return isCollatable(base.element);
  return base.kind === "base" && collatableTypes.has(base.name);
}

/** The family of a type's values; null for arrays, composites and types that are not known. */
export function typeFamily(type: DataType): TypeFamily | null {
  const base = baseType(type);
  if (base.kind === "enum") return "enum";
  if (base.kind === "array") return "array";
  if (base.kind === "composite") return "row";
  return base.kind === "base" ? (families.get(base.name) ?? "opaque") : null;
}

/** The same type without its modifier. */
export function withoutModifier(type: DataType): DataType {
  return type.kind === "base" && type.modifier !== null ? baseTypeNamed(type.name) : type;
}

const serialTypes: ReadonlyMap<string, "int2" | "int4" | "int8"> = new Map([
  ["smallserial", "int2"],
  ["serial2", "int2"],
  ["serial", "int4"],
  ["serial4", "int4"],
  ["bigserial", "int8"],
  ["serial8", "int8"],
]);

const plainTypes = new Map<string, DataType>();

const collatableTypes: ReadonlySet<string> = new Set(["text", "varchar", "bpchar", "name"]);

const families: ReadonlyMap<string, TypeFamily> = new Map([
  ["int2", "integer"],
  ["int4", "integer"],
  ["int8", "integer"],
  ["oid", "integer"],
  ["numeric", "numeric"],
  ["float4", "float"],
  ["float8", "float"],
  ["text", "text"],
  ["varchar", "text"],
  ["bpchar", "text"],
  ["name", "text"],
  ["char", "text"],
  ["bool", "boolean"],
  ["date", "date"],
  ["timestamp", "timestamp"],
  ["timestamptz", "timestamp"],
  ["time", "time"],
  ["timetz", "time"],
  ["interval", "interval"],
  ["uuid", "uuid"],
  ["bytea", "bytes"],
  ["bit", "bits"],
  ["varbit", "bits"],
  ["money", "integer"],
  ["pg_lsn", "integer"],
  ["xid8", "integer"],
  ["macaddr", "bytes"],
  ["macaddr8", "bytes"],
  ["tid", "bytes"],
  ["inet", "network"],
  ["cidr", "network"],
  ["jsonb", "json"],
  ["int4range", "range"],
  ["int8range", "range"],
  ["numrange", "range"],
  ["daterange", "range"],
  ["tsrange", "range"],
  ["tstzrange", "range"],
]);

function resolveScalar(catalog: Catalog, typeName: TypeName): DataType {
  const name = typeName.names.at(-1) ?? "";
  const schema = typeName.names.length > 1 ? (typeName.names.at(-2) ?? null) : null;
  if (schema !== null) {
    if (schema === "pg_catalog") return builtinType(name, typeName) ?? { kind: "unknown", schema, name };
    return userType(catalog, schema, name) ?? { kind: "unknown", schema, name };
  }
  const path = effectivePath(catalog);
  const ownFirst = ["pg_temp", ...(path.includes("pg_catalog") ? [] : ["pg_catalog"]), ...path];
  for (const candidate of ownFirst) {
    const found = candidate === "pg_catalog" ? builtinType(name, typeName) : userType(catalog, candidate, name);
    if (found !== null) return found;
  }
  return { kind: "unknown", schema: null, name };
}

function builtinType(name: string, typeName: TypeName): DataType | null {
  if (!isBuiltinType(name)) {
    // An array type has the name of its element type after an underscore.
    return name.startsWith("_") && isBuiltinType(name.slice(1))
      ? { kind: "array", element: baseTypeNamed(name.slice(1)) }
      : null;
  }
  const modifier = readModifier(name, typeName);
  return modifier === null ? baseTypeNamed(name) : { kind: "base", name, modifier };
}

function userType(catalog: Catalog, schema: string, name: string): DataType | null {
  const type = catalog.types.get(nameKey(schema, name));
  if (type !== undefined) return type;
  const id = catalog.names.get(nameKey(schema, name));
  if (id === undefined) return null;
  const kind = catalog.relations.get(id)?.kind;
  const isRowType = kind !== undefined && kind !== "index" && kind !== "partitioned-index" && kind !== "sequence";
  return isRowType ? { kind: "composite", schema, name } : null;
}

function readModifier(name: string, typeName: TypeName): TypeModifier | null {
  const numbers = typeName.modifiers.map((text) => (/^-?\d+$/.test(text) ? Number(text) : null));
  switch (name) {
    case "varchar":
    case "bpchar":
    case "bit":
    case "varbit":
      return numbers[0] == null ? null : { length: numbers[0] };
    case "numeric":
      return numbers[0] == null ? null : { precision: numbers[0], scale: numbers[1] ?? 0 };
    case "timestamp":
    case "timestamptz":
    case "time":
    case "timetz":
      return numbers[0] == null ? null : { precision: Math.min(numbers[0], 6) };
    case "interval":
      return readIntervalModifier(typeName.intervalFields, numbers[0]);
    default:
      return null;
  }
}

function readIntervalModifier(fields: number | undefined, precision: number | null | undefined): TypeModifier | null {
  if (precision == null) return fields === undefined || fields === allIntervalFields ? null : { fields };
  return { fields: fields ?? allIntervalFields, precision: Math.min(precision, 6) };
}

function sameModifier(a: TypeModifier | null, b: TypeModifier | null): boolean {
  return a?.length === b?.length && a?.precision === b?.precision && a?.scale === b?.scale && a?.fields === b?.fields;
}

function printType(type: DataType, withModifier: boolean, path: readonly string[]): string {
  switch (type.kind) {
    case "base":
      return printBaseType(type.name, type.modifier, withModifier);
    case "array":
      return `${printType(type.element, withModifier, path)}[]`;
    case "enum":
    case "domain":
    case "composite":
      return quoteQualifiedName(path.includes(type.schema) ? null : type.schema, type.name);
    case "unknown":
      return quoteQualifiedName(type.schema !== null && path.includes(type.schema) ? null : type.schema, type.name);
  }
}

const sqlNames: ReadonlyMap<string, string> = new Map([
  ["bool", "boolean"],
  ["float4", "real"],
  ["float8", "double precision"],
  ["int2", "smallint"],
  ["int4", "integer"],
  ["int8", "bigint"],
  ["varchar", "character varying"],
  ["varbit", "bit varying"],
  // JSON is a keyword, which would otherwise stand in quotes.
  ["json", "json"],
]);

function printBaseType(name: string, modifier: TypeModifier | null, withModifier: boolean): string {
  const shown = withModifier ? modifier : null;
  switch (name) {
    case "numeric":
      return shown === null ? "numeric" : `numeric(${shown.precision ?? 0},${shown.scale ?? 0})`;
    case "varchar":
    case "varbit":
      return `${sqlNames.get(name) ?? name}${shown?.length === undefined ? "" : `(${shown.length})`}`;
    case "bpchar":
      // Without a length the SQL name would read back as character(1).
      if (!withModifier) return "character";
      return shown?.length === undefined ? "bpchar" : `character(${shown.length})`;
    case "bit":
      if (!withModifier) return "bit";
      return shown?.length === undefined ? '"bit"' : `bit(${shown.length})`;
    case "time":
    case "timestamp":
    case "timetz":
    case "timestamptz": {
      const precision = shown?.precision === undefined ? "" : `(${shown.precision})`;
      const withZone = name.endsWith("tz");
      return `${withZone ? name.slice(0, -2) : name}${precision} ${withZone ? "with" : "without"} time zone`;
    }
    case "interval":
      return `interval${printIntervalFields(shown?.fields)}${shown?.precision === undefined ? "" : `(${shown.precision})`}`;
    default:
      return sqlNames.get(name) ?? quoteIdentifier(name);
  }
}

/** The names of the bits in an interval's field mask. */
export const intervalFieldBits = {
  month: 1 << 1,
  year: 1 << 2,
  day: 1 << 3,
  hour: 1 << 10,
  minute: 1 << 11,
  second: 1 << 12,
};

function printIntervalFields(fields: number | undefined): string {
  if (fields === undefined || fields === allIntervalFields) return "";
  const named = (["year", "month", "day", "hour", "minute", "second"] as const).filter(
    (field) => (fields & intervalFieldBits[field]) !== 0,
  );
  const [first = "", last = ""] = [named[0], named.at(-1)];
  return named.length > 1 ? ` ${first} to ${last}` : ` ${first}`;
}
