/** NOT NULL: a flag of the column, and from 18 on a constraint with a name that children inherit. */

import { type Catalog, relationById, withRelation } from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import type { Relation, RelationId, TableConstraint } from "../../catalog/relation.ts";
import type { Constraint } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";
import {
  type ApplyContext,
  applied,
  applyToChildren,
  type Outcome,
  type Refusal,
  regarding,
  rejected,
} from "../outcome.ts";
import {
  columnNamed,
  constraintNamed,
  impliedConstraint,
  notNullOf,
  primaryKeyOf,
  replaceColumn,
  replaceConstraint,
  withConstraint,
} from "./constraint-shape.ts";
import { childrenOf, hasChildren, parentsOf } from "./descendants.ts";
import { originHere } from "./lookup.ts";
import { chooseConstraintName } from "./object-names.ts";

/** Whether NOT NULL constraints have names and are inherited as such. */
export function namesNotNull(context: ApplyContext): boolean {
  return context.version >= 18;
}

/**
 * Gives a new table its NOT NULL constraints: its own, and those that its columns inherit (which are in `relation` not yet).
 * Before 18 the columns' flags say everything and nothing is added.
 */
export function addNotNullConstraints(
  catalog: Catalog,
  tableId: RelationId,
  own: readonly OwnNotNull[],
  inherited: readonly TableConstraint[],
  range: TextRange,
  context: ApplyContext,
): Outcome {
  let table = relationById(catalog, tableId);
  if (table === null) return applied(catalog);
  const flagged = new Set(own.map(({ column }) => column));
  table = {
    ...table,
    columns: table.columns.map((column) => (flagged.has(column.name) ? { ...column, notNull: true } : column)),
  };
  if (!namesNotNull(context)) return applied(withRelation(catalog, table));
  const taken = new Set<string>();
  const seen = new Set<string>();
  for (const { column } of own) {
    if (seen.has(column)) continue;
    seen.add(column);
    const refusal = conflictingNotNulls(table, column, own, inherited);
    if (refusal !== null) return refusal;
    const written = own.filter((other) => other.column === column).find(({ constraint }) => constraint?.name != null);
    const stated = own.find((other) => other.column === column && other.constraint !== null)?.constraint ?? null;
    const given = written?.constraint?.name ?? null;
    if (given !== null && (taken.has(given.name) || constraintNamed(table, given.name) !== null)) {
      const message = `constraint "${given.name}" for relation "${table.name}" already exists`;
      return rejected("statement-rejected", "42710", message, given.range);
    }
    const name = given?.name ?? chooseConstraintName(catalog, table.schema, table.name, column, "not_null", taken);
    taken.add(name);
    const parents = inherited.filter((constraint) => constraint.columns[0] === column);
    table = withConstraint(
      table,
      impliedConstraint("not-null", name, [column], originHere(context, stated?.range ?? range), {
        noInherit: stated?.noInherit ?? false,
        inheritedFrom: parents.reduce((sum, constraint) => sum + constraint.inheritedFrom, 0),
      }),
    );
  }
  for (const constraint of inherited) {
    const [column = ""] = constraint.columns;
    if (seen.has(column)) continue;
    seen.add(column);
    const name = taken.has(constraint.name)
      ? chooseConstraintName(catalog, table.schema, table.name, column, "not_null", taken)
      : constraint.name;
    taken.add(name);
    table = withConstraint(table, { ...constraint, name });
  }
  return applied(withRelation(catalog, table));
}

/** SET NOT NULL, and what a new primary key asks of its columns. Nothing happens where the column has it already. */
export function setNotNull(
  catalog: Catalog,
  tableId: RelationId,
  column: string,
  options: NotNullOptions,
  context: ApplyContext,
): Outcome {
  const table = relationById(catalog, tableId);
  if (table === null || columnNamed(table, column) === null) return applied(catalog);
  const children = childrenOf(catalog, table);
  if (!namesNotNull(context)) return setFlag(catalog, table, children, column, options, context);
  const existing = notNullOf(table, column);
  if (existing !== null) {
    const { written, range } = options;
    const misfit =
      written === undefined
        ? existing.noInherit && !options.only
          ? rejected("statement-rejected", "0A000", keepsInheritance(table, existing), range)
          : null
        : notNullMisfit(table, existing, written, column, range);
    if (misfit !== null) return misfit;
    const validated = existing.validated || written === undefined;
    const kept = { ...existing, local: true, validated };
    const next = withRelation(catalog, replaceConstraint(table, existing.name, kept));
    return existing.validated || !validated ? applied(next) : applied(validateBelow(next, children, column));
  }
  if (options.only && isPartitioned(table) && children.length > 0) {
    return rejected("inherited-change", "42P16", "constraint must be added to child tables too", options.range, {
      hint: "Do not specify the ONLY keyword.",
    });
  }
  const name =
    options.name ?? chooseConstraintName(catalog, table.schema, table.name, column, "not_null", new Set<string>());
  const constraint = impliedConstraint("not-null", name, [column], originHere(context, options.range), {
    noInherit: options.written?.noInherit === true || (options.only && children.length > 0),
    validated: options.written?.notValid !== true,
  });
  const flagged = replaceColumn(table, column, (before) => ({ ...before, notNull: true }));
  const next = withRelation(catalog, withConstraint(flagged, constraint));
  // Up to 11 what a key asks for went down the tree, ONLY or not.
  if (options.only && !(context.version < 12 && options.forKey === true)) return applied(next);
  return applyToChildren(next, children, (current, child) => inheritNotNull(current, child.id, constraint, context));
}

/** What makes a column NOT NULL: a constraint, or something that implies one, such as a primary key. */
export interface OwnNotNull {
  readonly column: string;
  readonly constraint: Constraint | null;
  readonly isKey?: boolean | undefined;
}

export interface NotNullOptions {
  readonly only: boolean;
  readonly name: string | null;
  readonly range: TextRange;
  /** Whether a primary key asks for it. */
  readonly forKey?: boolean | undefined;
  /** The constraint of ADD CONSTRAINT; absent for SET NOT NULL and what a key asks for. */
  readonly written?: Constraint | undefined;
}

function keepsInheritance(table: Relation, existing: TableConstraint): string {
  return `cannot change NO INHERIT status of NOT NULL constraint "${existing.name}" on relation "${table.name}"`;
}

/** `AdjustNotNullInheritance`: the refusal of a NOT NULL that the one which is there does not allow. */
function notNullMisfit(
  table: Relation,
  existing: TableConstraint,
  wanted: Pick<Constraint, "noInherit" | "notValid"> & { readonly name: Constraint["name"] },
  column: string,
  range: TextRange,
): Refusal | null {
  const refuse = (message: string, more: { readonly detail?: string; readonly hint?: string }): Refusal =>
    rejected("statement-rejected", "55000", message, range, more);
  if (existing.noInherit !== wanted.noInherit) {
    const hint =
      "You might need to make the existing constraint inheritable using ALTER TABLE ... ALTER CONSTRAINT ... INHERIT.";
    return refuse(keepsInheritance(table, existing), { hint });
  }
  if (!existing.validated && !wanted.notValid) {
    const message = `incompatible NOT VALID constraint "${existing.name}" on relation "${table.name}"`;
    return refuse(message, { hint: "You might need to validate it using ALTER TABLE ... VALIDATE CONSTRAINT." });
  }
  if (wanted.name !== null && wanted.name.name !== existing.name) {
    const message = `cannot create not-null constraint "${wanted.name.name}" on column "${column}" of table "${table.name}"`;
    return refuse(message, {
      detail: `A not-null constraint named "${existing.name}" already exists for this column.`,
    });
  }
  return null;
}

function validateBelow(catalog: Catalog, tables: readonly Relation[], column: string): Catalog {
  let next = catalog;
  for (const table of tables) {
    const own = notNullOf(table, column);
    if (own === null) continue;
    next = withRelation(next, replaceConstraint(table, own.name, { ...own, validated: true }));
    next = validateBelow(next, childrenOf(next, table), column);
  }
  return next;
}

/** Passes a parent's NOT NULL on to a child and what is below it: a constraint that is there counts as inherited too. */
export function inheritNotNull(
  catalog: Catalog,
  childId: RelationId,
  constraint: TableConstraint,
  context: ApplyContext,
): Outcome {
  const child = relationById(catalog, childId);
  const [column = ""] = constraint.columns;
  if (child === null || columnNamed(child, column) === null) return applied(catalog);
  const existing = notNullOf(child, column);
  if (existing !== null) {
    const wanted = { noInherit: false, notValid: !constraint.validated, name: null };
    const misfit = notNullMisfit(child, existing, wanted, column, constraintRange(constraint));
    if (misfit !== null) return misfit;
    const merged = { ...existing, inheritedFrom: existing.inheritedFrom + 1 };
    return applied(withRelation(catalog, replaceConstraint(child, existing.name, merged)));
  }
  const name =
    constraintNamed(child, constraint.name) === null
      ? constraint.name
      : chooseConstraintName(catalog, child.schema, child.name, column, "not_null", new Set<string>());
  const flagged = replaceColumn(child, column, (before) => ({ ...before, notNull: true }));
  const inherited = { ...constraint, name, local: false, inheritedFrom: 1, noInherit: false };
  const next = withRelation(catalog, withConstraint(flagged, inherited));
  return applyToChildren(next, childrenOf(next, child), (current, below) =>
    inheritNotNull(current, below.id, inherited, context),
  );
}

function constraintRange({ origin }: TableConstraint): TextRange {
  return origin.kind === "statement" ? origin.range : { start: 0, end: 0 };
}

/** ALTER COLUMN … DROP NOT NULL. */
export function dropNotNull(
  catalog: Catalog,
  tableId: RelationId,
  column: string,
  options: { readonly only: boolean; readonly range: TextRange },
  context: ApplyContext,
): Outcome {
  const table = relationById(catalog, tableId);
  const target = table === null ? null : columnNamed(table, column);
  if (table === null || target === null) return applied(catalog);
  const refuse = (sqlstate: string, message: string, hint?: string): Refusal =>
    rejected("inherited-change", sqlstate, message, options.range, { hint });
  if (!namesNotNull(context) && isPartitioned(table) && options.only && hasChildren(table)) {
    const message = "cannot remove constraint from only the partitioned table when partitions exist";
    return refuse("42P16", message, "Do not specify the ONLY keyword.");
  }
  if (!target.notNull) return applied(catalog);
  if (target.identity !== null) {
    return refuse("42601", `column "${column}" of relation "${table.name}" is an identity column`);
  }
  const inKey = `column "${column}" is in a primary key`;
  const isKey = primaryKeyOf(table)?.columns.includes(column) === true;
  // Since 18, where NOT NULL is a constraint, it is the last thing that is looked at.
  if (isKey && !namesNotNull(context)) return refuse("42P16", inKey);
  const parents = parentsOf(catalog, table);
  if (table.partitionOf !== null && parents.some((parent) => columnNamed(parent, column)?.notNull === true)) {
    return regarding(refuse("42P16", `column "${column}" is marked NOT NULL in parent table`), ...parents);
  }
  const existing = namesNotNull(context) ? notNullOf(table, column) : null;
  if (existing !== null && existing.inheritedFrom > 0) {
    return refuse("42P16", `cannot drop inherited constraint "${existing.name}" of relation "${table.name}"`);
  }
  if (isKey) return refuse("42P16", inKey);
  return applied(withoutNotNull(catalog, table, column, options.only, context));
}

/** The catalog without the column's NOT NULL, here and where children only inherited it. */
export function withoutNotNull(
  catalog: Catalog,
  table: Relation,
  column: string,
  only: boolean,
  context: ApplyContext,
): Catalog {
  const flagless = replaceColumn(table, column, (before) => ({ ...before, notNull: false }));
  const constraint = notNullOf(table, column);
  let next = withRelation(catalog, constraint === null ? flagless : replaceConstraint(flagless, constraint.name, null));
  for (const child of childrenOf(next, table)) {
    const inherited = notNullOf(child, column);
    if (!namesNotNull(context)) {
      if (!only) next = withoutNotNull(next, child, column, false, context);
    } else if (inherited !== null && inherited.inheritedFrom > 0) {
      const left = inherited.inheritedFrom - 1;
      next =
        left === 0 && !inherited.local && !only
          ? withoutNotNull(next, child, column, false, context)
          : withRelation(
              next,
              replaceConstraint(child, inherited.name, {
                ...inherited,
                inheritedFrom: left,
                local: inherited.local || (only && left === 0),
              }),
            );
    }
  }
  return next;
}

function setFlag(
  catalog: Catalog,
  table: Relation,
  children: readonly Relation[],
  column: string,
  options: NotNullOptions,
  context: ApplyContext,
): Outcome {
  if (options.only && isPartitioned(table) && children.length > 0) {
    const nullable = children.find((child) => columnNamed(child, column)?.notNull === false);
    if (context.version < 12 && options.forKey !== true) {
      const message = "cannot add constraint to only the partitioned table when partitions exist";
      return rejected("inherited-change", "42P16", message, options.range, {
        hint: "Do not specify the ONLY keyword.",
      });
    }
    if (context.version >= 12 && nullable !== undefined && nullable.knowledge === "full") {
      const message = "constraint must be added to child tables too";
      const refusal = rejected("inherited-change", "42P16", message, options.range, {
        detail: `Column "${column}" of relation "${nullable.name}" is not already NOT NULL.`,
        hint: "Do not specify the ONLY keyword.",
      });
      return regarding(refusal, nullable);
    }
  }
  const next = withRelation(
    catalog,
    replaceColumn(table, column, (before) => ({ ...before, notNull: true })),
  );
  if (options.only) return applied(next);
  return applyToChildren(next, children, (current, child) =>
    setNotNull(current, child.id, column, { ...options, only: false }, context),
  );
}

function conflictingNotNulls(
  table: Relation,
  column: string,
  own: readonly OwnNotNull[],
  inherited: readonly TableConstraint[],
): Refusal | null {
  const written = own.flatMap((entry) =>
    entry.column === column && entry.constraint !== null ? [entry.constraint] : [],
  );
  const [first] = written;
  if (first === undefined) return null;
  if (columnNamed(table, column) === null && table.knowledge === "full") {
    const message = `column "${column}" of relation "${table.name}" does not exist`;
    return rejected("statement-rejected", "42703", message, first.range);
  }
  const inKey = own.some((entry) => entry.column === column && entry.isKey === true);
  const other = inKey && first.noInherit ? first : written.find(({ noInherit }) => noInherit !== first.noInherit);
  if (other !== undefined) {
    const message = `conflicting NO INHERIT declaration for not-null constraint on column "${column}"`;
    return rejected("statement-rejected", "42601", message, other.range);
  }
  const names = [...new Set(written.flatMap((constraint) => (constraint.name === null ? [] : [constraint.name.name])))];
  if (names.length > 1) {
    const message = `conflicting not-null constraint names "${names[0]}" and "${names[1]}"`;
    return rejected("statement-rejected", "42601", message, written.at(-1)?.range ?? first.range);
  }
  if (first.noInherit && inherited.some((constraint) => constraint.columns[0] === column)) {
    const message = `cannot define not-null constraint with NO INHERIT on column "${column}"`;
    return rejected("statement-rejected", "42804", message, first.range, {
      detail: "The column has an inherited not-null constraint.",
    });
  }
  return null;
}
