/** Column definitions of CREATE TABLE and ADD COLUMN: type, collation, NULL, default, identity, and the constraints they carry. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { Column } from "../../catalog/relation.ts";
import { absentCollation, absentType } from "../../catalog/values/absent-objects.ts";
import { lacksCast } from "../../catalog/values/cast.ts";
import { coerceConstant, type EvaluateContext, type Evaluation, evaluate } from "../../catalog/values/evaluate.ts";
import { remembering } from "../../catalog/values/folded.ts";
import {
  baseTypeNamed,
  formatTypeName,
  isCollatable,
  resolveType,
  serialBase,
  withoutModifier,
} from "../../catalog/values/types.ts";
import type { Expression, TypeName } from "../../syntax/expression.ts";
import { insideOut } from "../../syntax/expression-walk.ts";
import type { ColumnDefinition, Constraint } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";
import { type ApplyContext, type Refusal, rejected } from "../outcome.ts";
import { relationsOfDefault } from "./bound-names.ts";
import { analyzeExpression } from "./expression-text.ts";

/** What the table that a column is defined for allows. */
export interface ColumnSetting {
  readonly catalog: Catalog;
  readonly context: ApplyContext;
  readonly table: string;
  /** Defined with PARTITION BY. */
  readonly partitioned: boolean;
  /** In the column list of PARTITION OF. */
  readonly partition: boolean;
  readonly typed: boolean;
  readonly foreign: boolean;
}

/** A column by itself, and what its constraints ask for. */
export interface DefinedColumn {
  readonly column: Column;
  /** The CHECK, PRIMARY KEY, UNIQUE and FOREIGN KEY constraints, with the column filled in. */
  readonly constraints: readonly Constraint[];
  /** The NOT NULL constraint written; `null` where something else (serial, identity) implies one. */
  readonly notNull: { readonly constraint: Constraint | null } | null;
  readonly hasSequence: boolean;
  /** What IDENTITY calls its sequence, where it says so. */
  readonly sequenceName?: readonly string[] | undefined;
}

export type Defined = { readonly kind: "defined"; readonly defined: DefinedColumn } | Refusal;

/** `transformColumnDefinition`. A definition without a type (PARTITION OF, OF) takes that of `typeFromParent`. */
export function defineColumn(
  definition: ColumnDefinition,
  setting: ColumnSetting,
  typeFromParent: { readonly type: DataType; readonly collation: string | null } | null,
): Defined {
  const resolved = resolveColumnType(definition, setting, typeFromParent);
  if (resolved.kind === "rejected") return resolved;
  const serial = definition.type === null ? null : serialBase(definition.type);
  const read = readConstraints(definition, setting, serial !== null);
  if (read.kind === "rejected") return read;
  const { constraints, notNull, byDefault, identity, generated } = read;
  const { type, collation } = resolved;
  if (identity !== null && type.kind !== "unknown") {
    const allowed = type.kind === "base" && ["int2", "int4", "int8"].includes(type.name);
    if (!allowed) return refuse("22023", "identity column type must be smallint, integer, or bigint", definition.range);
  }
  const draws = relationsOfDefault(setting.catalog, byDefault?.expression ?? generated?.expression, type);
  const column: Column = {
    name: definition.name.name,
    type,
    notNull: notNull !== null,
    collation,
    ...(definition.compression === undefined ? {} : { compression: definition.compression }),
    hasDefault: byDefault !== null || serial !== null,
    ...(byDefault?.expression == null ? {} : { default: byDefault.expression }),
    ...(generated?.expression == null ? {} : { default: generated.expression }),
    ...(draws.length === 0 ? {} : { draws }),
    generated: generated === null ? null : generated.stored || setting.context.version < 18 ? "stored" : "virtual",
    identity: identity?.generated ?? null,
    local: true,
    inheritedFrom: 0,
  };
  const uncompressed = refuseCompression(definition, type);
  if (uncompressed !== null) return uncompressed;
  const wrongDefault = byDefault?.expression == null ? null : checkDefault(byDefault.expression, column, setting);
  if (wrongDefault !== null) return wrongDefault;
  return {
    kind: "defined",
    defined: {
      column,
      constraints,
      notNull,
      hasSequence: serial !== null || identity !== null,
      sequenceName: identity?.sequenceName,
    },
  };
}

/** `GetAttributeCompression`: values of a fixed length are not compressed, and there are two methods. */
function refuseCompression({ compression, range }: ColumnDefinition, type: DataType): Refusal | null {
  if (compression === undefined || compression === "default") return null;
  if (type.kind === "base" && fixedTypes.has(type.name)) {
    return refuse("0A000", `column data type ${formatTypeName(type)} does not support compression`, range);
  }
  if (compression === "pglz" || compression === "lz4") return null;
  return refuse("22023", `invalid compression method "${compression}"`, range);
}

const fixedTypes: ReadonlySet<string> = new Set(
  (
    "bool char date float4 float8 int2 int4 int8 interval macaddr macaddr8 money name oid time timestamp timestamptz " +
    "timetz uuid"
  ).split(" "),
);

/** The type that a type name stands for, or PostgreSQL's refusal (42704) where it certainly does not exist. */
export function typeNamed(
  catalog: Catalog,
  typeName: TypeName,
): { readonly kind: "type"; readonly type: DataType } | Refusal {
  const type = resolveType(catalog, typeName);
  const absent = absentType(catalog, typeName);
  if (absent !== null) return refuse(absent.sqlstate, absent.message, typeName.range, typeName.range.start);
  return { kind: "type", type };
}

/** The name under which a column's collation is kept; null where none applies. */
export function collationName(collation: readonly string[] | null, type: DataType): string | null {
  return collation?.at(-1) ?? (isCollatable(type) ? "default" : null);
}

/**
 * The refusal of a DEFAULT that the column's type does not take: a column reference, a literal that its input function
 * refuses, a type without an assignment cast.
 */
export function checkDefault(expression: Expression, column: Column, setting: ColumnSetting): Refusal | null {
  const { catalog, context, table } = setting;
  const position = columnReference(expression);
  if (position !== null) {
    const message =
      context.version >= 12
        ? "cannot use column reference in DEFAULT expression"
        : "cannot use column references in default expression";
    return refuse(context.version >= 12 ? "0A000" : "42P10", message, position, position.start);
  }
  const scope = { catalog, context, table, columns: [], allColumns: false, place: "DEFAULT expressions" };
  const analysis = analyzeExpression(expression, scope);
  if (analysis.kind === "fault" && analysis.sqlstate !== "42P01") {
    const { sqlstate, message, detail, hint, range } = analysis;
    return refuse(sqlstate, message, range, undefined, detail, hint);
  }
  const values = remembering({
    settings: catalog.settings,
    version: context.version,
    catalog,
    today: context.today,
  });
  const evaluation = evaluate(expression, values);
  // What goes wrong when the expression is computed does so when a row is inserted: here literals are read, and no more.
  const problem = evaluation.kind === "problem" ? wrongLiteral(expression, values) : null;
  if (problem !== null) {
    const { sqlstate, message, detail, hint, range } = problem;
    return refuse(sqlstate, message, range, undefined, detail, hint);
  }
  if (evaluation.kind === "problem") return null;
  const { searchPath } = catalog.settings;
  if (evaluation.kind === "declined") return null;
  const given = evaluation.type;
  if (evaluation.kind !== "constant") {
    return given === null || column.type.kind === "unknown" || !lacksCast(given, column.type, "assignment", catalog)
      ? null
      : wrongType(column, given, expression, searchPath);
  }
  // The length of a string and the digits of a number are checked when a row is inserted.
  const coerced = coerceConstant(evaluation, withoutModifier(column.type), "assignment", values);
  if (coerced.kind === "problem") {
    // Only an untyped literal is read while the default is stored; a typed constant is cast when a row is inserted.
    if (evaluation.type !== null) return null;
    return refuse(coerced.sqlstate, coerced.message, expression.range, undefined, coerced.detail, coerced.hint);
  }
  return coerced.kind === "no-cast" && given !== null ? wrongType(column, given, expression, searchPath) : null;
}

type LiteralProblem = Extract<Evaluation, { readonly kind: "problem" }>;

/** What input functions raise. */
const inputErrors: ReadonlySet<string> = new Set(["22P02", "22003", "22007", "22008", "22P03"]);

/** The first literal that its type does not read: one that is cast, `'x'::int`, or that takes the type of what is beside it, `k + 'x'`. */
function wrongLiteral(expression: Expression, values: EvaluateContext): LiteralProblem | null {
  const problemOf = (part: Expression): LiteralProblem | null => {
    const evaluation = evaluate(part, values);
    return evaluation.kind === "problem" ? evaluation : null;
  };
  for (const part of insideOut(expression)) {
    if (part.kind === "cast" && isString(part.operand)) {
      const problem = problemOf(part);
      if (problem !== null) return problem;
    }
    if (part.kind === "operator" && part.left !== null && isString(part.left) !== isString(part.right)) {
      const other = isString(part.left) ? part.right : part.left;
      const problem = problemOf(other) === null ? problemOf(part) : null;
      if (problem !== null && inputErrors.has(problem.sqlstate)) return problem;
    }
  }
  return null;
}

function isString(expression: Expression): boolean {
  return expression.kind === "constant" && expression.value.type === "string";
}

/** The refusal of an expression whose type the column does not take by assignment; of generated columns too. */
export function wrongType(
  column: Column,
  given: DataType,
  expression: Expression,
  searchPath: readonly string[],
): Refusal {
  const [wanted, actual] = [column.type, given].map((type) => formatTypeName(type, searchPath));
  const message = `column "${column.name}" is of type ${wanted} but default expression is of type ${actual}`;
  const hint = "You will need to rewrite or cast the expression.";
  return refuse("42804", message, expression.range, undefined, undefined, hint);
}

function resolveColumnType(
  definition: ColumnDefinition,
  setting: ColumnSetting,
  typeFromParent: { readonly type: DataType; readonly collation: string | null } | null,
): { readonly kind: "type"; readonly type: DataType; readonly collation: string | null } | Refusal {
  if (definition.type === null) {
    const type = typeFromParent?.type ?? { kind: "unknown", schema: null, name: "" };
    return { kind: "type", type, collation: typeFromParent?.collation ?? null };
  }
  const serial = serialBase(definition.type);
  if (serial !== null) return { kind: "type", type: baseTypeNamed(serial), collation: null };
  const named = typeNamed(setting.catalog, definition.type);
  if (named.kind === "rejected") return named;
  const { type } = named;
  if (type.kind === "base" && pseudoTypes.has(type.name)) {
    return refuse("42P16", `column "${definition.name.name}" has pseudo-type ${type.name}`, definition.range);
  }
  const absent = definition.collation === null ? null : absentCollation(setting.catalog, definition.collation);
  if (absent !== null) return refuse(absent.sqlstate, absent.message, definition.range);
  if (definition.collation !== null && type.kind !== "unknown" && !isCollatable(type)) {
    return refuse("42804", `collations are not supported by type ${formatTypeName(type)}`, definition.range);
  }
  return { kind: "type", type, collation: collationName(definition.collation, type) };
}

const pseudoTypes: ReadonlySet<string> = new Set(
  (
    "any anyarray anyelement anynonarray anyenum anyrange anycompatible anycompatiblearray anycompatiblenonarray " +
    "anycompatiblerange anymultirange anycompatiblemultirange cstring internal language_handler fdw_handler record " +
    "trigger event_trigger unknown void table_am_handler index_am_handler tsm_handler pg_ddl_command"
  ).split(" "),
);

interface ReadConstraints {
  readonly kind: "read";
  readonly constraints: readonly Constraint[];
  readonly notNull: DefinedColumn["notNull"];
  readonly byDefault: Constraint | null;
  readonly identity: Constraint | null;
  readonly generated: Constraint | null;
}

function readConstraints(
  definition: ColumnDefinition,
  setting: ColumnSetting,
  serial: boolean,
): ReadConstraints | Refusal {
  const { table, context } = setting;
  const { name } = definition;
  const of = `for column "${name.name}" of table "${table}"`;
  const syntax = (message: string, at: Constraint): Refusal => refuse("42601", message, at.range, at.range.start);
  const unsupported = (message: string, at: Constraint): Refusal => refuse("0A000", message, at.range, at.range.start);
  const conflicting = (at: Constraint): Refusal => syntax(`conflicting NULL/NOT NULL declarations ${of}`, at);
  let nullable: "unsaid" | "null" | "not-null" = serial ? "not-null" : "unsaid";
  let notNull: DefinedColumn["notNull"] = serial ? { constraint: null } : null;
  let byDefault: Constraint | null = null;
  let identity: Constraint | null = null;
  let generated: Constraint | null = null;
  const constraints: Constraint[] = [];
  for (const constraint of definition.constraints) {
    switch (constraint.type) {
      case "null":
        if (nullable === "not-null" || identity !== null) return conflicting(constraint);
        nullable = "null";
        break;
      case "not-null":
        if (nullable === "null") return conflicting(constraint);
        if (setting.partitioned && constraint.noInherit && context.version >= 18) {
          return unsupported("not-null constraints on partitioned tables cannot be NO INHERIT", constraint);
        }
        nullable = "not-null";
        notNull = notNull?.constraint == null ? { constraint } : notNull;
        break;
      case "default":
        if (byDefault !== null || serial) return syntax(`multiple default values specified ${of}`, constraint);
        byDefault = constraint;
        break;
      case "identity":
        if (setting.typed)
          return refuse("0A000", "identity columns are not supported on typed tables", constraint.range);
        if (setting.partition)
          return refuse("0A000", "identity columns are not supported on partitions", constraint.range);
        if (identity !== null) return syntax(`multiple identity specifications ${of}`, constraint);
        if (nullable === "null") return conflicting(constraint);
        identity = constraint;
        notNull ??= { constraint: null };
        break;
      case "generated":
        if (setting.typed)
          return refuse("0A000", "generated columns are not supported on typed tables", constraint.range);
        if (setting.partition && context.version <= 15) {
          return refuse("0A000", "generated columns are not supported on partitions", constraint.range);
        }
        if (generated !== null) return syntax(`multiple generation clauses specified ${of}`, constraint);
        generated = constraint;
        break;
      case "primary-key":
      case "unique":
      case "exclude":
      case "foreign-key": {
        if (constraint.type === "primary-key" && nullable === "null" && context.version >= 18)
          return conflicting(constraint);
        const refusal = constraintUnsupported(constraint, setting);
        if (refusal !== null) return refusal;
        if (constraint.enforcedTwice === true) return syntax(enforcedTwice, constraint);
        constraints.push({ ...constraint, columns: [name] });
        break;
      }
      case "check":
        if (constraint.enforcedTwice === true) return syntax(enforcedTwice, constraint);
        constraints.push(constraint);
        break;
    }
    if (byDefault !== null && identity !== null) return syntax(`both default and identity specified ${of}`, constraint);
    if (byDefault !== null && generated !== null) {
      return syntax(`both default and generation expression specified ${of}`, constraint);
    }
    if (identity !== null && generated !== null) {
      return syntax(`both identity and generation expression specified ${of}`, constraint);
    }
  }
  return { kind: "read", constraints, notNull, byDefault, identity, generated };
}

const enforcedTwice = "multiple ENFORCED/NOT ENFORCED clauses not allowed";

/** What parse analysis says of a constraint that foreign or partitioned tables, some of old versions, do not have. */
export function constraintUnsupported(constraint: Constraint, setting: ColumnSetting): Refusal | null {
  const { version } = setting.context;
  const noun = {
    "primary-key": "primary key constraints",
    unique: "unique constraints",
    exclude: "exclusion constraints",
    "foreign-key": "foreign key constraints",
  } as const;
  const type = constraint.type;
  if (type === "not-null" && setting.partitioned && constraint.noInherit && version >= 18) {
    return refuse("0A000", "not-null constraints on partitioned tables cannot be NO INHERIT", constraint.range);
  }
  if (type !== "primary-key" && type !== "unique" && type !== "exclude" && type !== "foreign-key") return null;
  const refusal = (where: string): Refusal =>
    refuse("0A000", `${noun[type]} are not supported on ${where}`, constraint.range, constraint.range.start);
  if (setting.foreign) return refusal("foreign tables");
  if (!setting.partitioned) return null;
  if (version === 10 || (type === "exclude" && version <= 16)) {
    return {
      kind: "rejected",
      rejection: { ...refusal("partitioned tables").rejection, rule: "unique-without-key" },
    };
  }
  return null;
}

function columnReference(expression: Expression): TextRange | null {
  for (const part of insideOut(expression)) if (part.kind === "column") return part.range;
  return null;
}

function refuse(
  sqlstate: string,
  message: string,
  range: TextRange,
  position?: number | undefined,
  detail?: string | undefined,
  hint?: string | undefined,
): Refusal {
  return rejected("statement-rejected", sqlstate, message, range, { position, detail, hint });
}
