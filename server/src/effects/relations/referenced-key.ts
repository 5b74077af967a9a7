/** The key to which a FOREIGN KEY refers: which columns of the other table, and whether something makes them unique. */

import { type Catalog, relationById } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Constraint } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";
import { type Refusal, rejected } from "../outcome.ts";
import { columnNamed, primaryKeyOf } from "./constraint-shape.ts";

/** The columns referred to, by name, as `transformFkeyCheckAttrs` and `transformFkeyGetPrimaryKey` find them; with what is not known of them. */
export function referencedColumns(
  catalog: Catalog,
  target: Relation,
  written: Constraint,
): { readonly kind: "columns"; readonly columns: readonly string[]; readonly declined: readonly string[] } | Refusal {
  const names = written.references?.columns ?? [];
  const columns = names.map((column) => column.name);
  if (target.knowledge !== "full") {
    return { kind: "columns", columns, declined: [`the keys of "${target.name}" are not known for sure`] };
  }
  if (columns.length === 0) {
    const primary = primaryKeyOf(target);
    if (primary === null) {
      return refuse("42704", `there is no primary key for referenced table "${target.name}"`, written.range);
    }
    if (isDeferrable(primary.index === null ? null : relationById(catalog, primary.index))) {
      const message = `cannot use a deferrable primary key for referenced table "${target.name}"`;
      return refuse("55000", message, written.range);
    }
    if (!written.withoutOverlaps && isTemporal(catalog, target, primary.columns)) {
      const message = "foreign key uses PERIOD on the referenced table but not the referencing table";
      return refuse("42830", message, written.range);
    }
    if (primary.columns.length !== written.columns.length && !written.withoutOverlaps) return disagree(written);
    return { kind: "columns", columns: primary.columns, declined: [] };
  }
  const missing = names.find((column) => columnNamed(target, column.name) === null);
  if (missing !== undefined) {
    const message = `column "${missing.name}" referenced in foreign key constraint does not exist`;
    return refuse("42703", message, missing.range);
  }
  if (new Set(columns).size !== columns.length) {
    const message = "foreign key referenced-columns list must not contain duplicates";
    return refuse("42830", message, written.range);
  }
  const matching = uniqueIndexes(catalog, target, columns);
  if (matching.length > 0 && matching.every(isDeferrable) && !written.withoutOverlaps) {
    const message = `cannot use a deferrable unique constraint for referenced table "${target.name}"`;
    return refuse("55000", message, written.range);
  }
  if (matching.length === 0 && !written.withoutOverlaps) {
    const message = `there is no unique constraint matching given keys for referenced table "${target.name}"`;
    return refuse("42830", message, written.range);
  }
  if (!written.withoutOverlaps && isTemporal(catalog, target, columns)) {
    const message = "foreign key must use PERIOD when referencing a primary key using WITHOUT OVERLAPS";
    return refuse("42830", message, written.range);
  }
  if (columns.length !== written.columns.length) return disagree(written);
  return { kind: "columns", columns, declined: [] };
}

/** Whether the key on these columns is one WITHOUT OVERLAPS: no other unique index is of a method but btree. */
function isTemporal(catalog: Catalog, target: Relation, columns: readonly string[]): boolean {
  return target.indexes.some((id) => {
    const index = relationById(catalog, id)?.index;
    const isSame = index?.columns.length === columns.length && columns.every((name) => index.columns.includes(name));
    return isSame && index.unique && index.definition?.method === "gist";
  });
}

/** PERIOD stands on both sides or on neither, unless the columns referred to are left to the primary key. */
export function periodMismatch({ references, withoutOverlaps, range }: Constraint): Refusal | null {
  const isReferenced = references?.period === true;
  const [one, other] = isReferenced ? ["referenced", "referencing"] : ["referencing", "referenced"];
  const isImplicit = !isReferenced && references?.columns.length === 0;
  if (isReferenced === withoutOverlaps || isImplicit) return null;
  return refuse("42830", `foreign key uses PERIOD on the ${one} table but not the ${other} table`, range);
}

function disagree(written: Constraint): Refusal {
  return refuse("42830", "number of referencing and referenced columns for foreign key disagree", written.range);
}

/** The indexes that make the columns unique, in any order. */
function uniqueIndexes(catalog: Catalog, target: Relation, columns: readonly string[]): readonly Relation[] {
  return target.indexes.flatMap((id) => {
    const relation = relationById(catalog, id);
    const index = relation?.index;
    if (relation === null || index == null || !index.unique || !index.valid || index.predicate !== null) return [];
    if (index.columns.length !== columns.length) return [];
    return index.columns.every((column) => column !== null && columns.includes(column)) ? [relation] : [];
  });
}

/** Whether an index may be checked as late as at the end of a transaction. */
function isDeferrable(index: Relation | null): boolean {
  const definition = index?.index?.definition;
  return definition?.deferrable === true || definition?.initiallyDeferred === true;
}

function refuse(sqlstate: string, message: string, range: TextRange): Refusal {
  return rejected("statement-rejected", sqlstate, message, range);
}
