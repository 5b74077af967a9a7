/** What is asked of a table before it is divided, and what is written down of it. */

import { dependentsOf, relationById } from "../../catalog/catalog.ts";
import type { PathmanTable } from "../../catalog/pathman.ts";
import { pathmanTableOf, withParameters, withPathmanTable } from "../../catalog/pathman-config.ts";
import type { Relation } from "../../catalog/relation.ts";
import { hasChildren } from "../../effects/relations/descendants.ts";
import type { ExtensionWork } from "../extension.ts";
import { invalid, raise } from "./errors.ts";
import { keyNamed, type PathmanKey } from "./partitions.ts";
import { regclassText } from "./single-partition.ts";
import { eraOf, isSince } from "./versions.ts";

/** `prepare_for_partitioning` and what came before it: the checks that every way to divide a table begins with. */
export function prepareTable(work: ExtensionWork, parent: Relation, expression: string | null): PathmanKey {
  const era = eraOf(work.version);
  if (expression === null) return invalid(work, "'expression' should not be NULL");
  // Until 1.5 the key is put into lower case first.
  const written = isSince(era, "1.5") ? expression : expression.toLowerCase();
  if (isSince(era, "1.5")) {
    const key = cookedKey(work, parent, written);
    refuseUnfit(work, parent);
    return key;
  }
  refuseUnfit(work, parent);
  if (isSince(era, "1.4")) return cookedKey(work, parent, written);
  return attributeKey(work, parent, written);
}

/** `cook_partitioning_expression`: the key has to be a column, or an expression over columns, none of them nullable. */
export function cookedKey(work: ExtensionWork, parent: Relation, expression: string): PathmanKey {
  const refuse = (detail: string): never =>
    invalid(work, `failed to analyze partitioning expression "${expression}"`, { detail });
  const key = keyNamed(parent, expression);
  if (key === null) {
    if (!isName(expression) || parent.knowledge !== "full")
      return work.decline(`the partitioning key ${expression} is not followed`);
    return refuse(`column "${foldedName(expression)}" does not exist`);
  }
  const column = parent.columns[key.attribute - 1];
  if (column?.notNull === false && parent.knowledge === "full")
    return refuse(`column "${key.column}" should be marked NOT NULL`);
  return key;
}

/** Before 1.4 the key is a column that the catalog has to have. */
function attributeKey(work: ExtensionWork, parent: Relation, attribute: string): PathmanKey {
  const key = parent.columns.findIndex((column) => column.name === attribute);
  const column = parent.columns[key];
  if (column !== undefined) return { column: attribute, text: attribute, type: column.type, attribute: key + 1 };
  if (parent.knowledge !== "full") return work.decline(`the column ${attribute} is not known`);
  return work.decline(`the table has no column ${attribute}`);
}

function refuseUnfit(work: ExtensionWork, parent: Relation): void {
  const era = eraOf(work.version);
  const name = regclassText(work, parent);
  const words = wordsOf(isSince(era, "1.5") ? "1.5" : isSince(era, "1.0") ? "1.0" : "0.1");
  if (parent.persistence === "temporary" && isSince(era, "1.0"))
    raise(work, `temporary table "${name}" cannot be partitioned`);
  if (pathmanTableOf(work.catalog, parent) !== null) raise(work, words.again(name));
  if (isSince(era, "1.5") && hasChildren(parent)) raise(work, `can't partition table "${name}" with existing children`);
  if (isReferenced(work, parent)) raise(work, words.referenced(name));
}

interface Words {
  readonly again: (name: string) => string;
  readonly referenced: (name: string) => string;
}

function wordsOf(era: "0.1" | "1.0" | "1.5"): Words {
  switch (era) {
    case "1.5":
      return {
        again: (name) => `table "${name}" has already been partitioned`,
        referenced: (name) => `table "${name}" is referenced from other tables`,
      };
    case "1.0":
      return {
        again: (name) => `relation "${name}" has already been partitioned`,
        referenced: (name) => `relation "${name}" is referenced from other relations`,
      };
    case "0.1":
      return {
        again: (name) => `Relation "${name}" has already been partitioned`,
        referenced: (name) => `Relation '${name}' is referenced from other relations`,
      };
  }
}

function isReferenced({ catalog }: ExtensionWork, parent: Relation): boolean {
  const users = [parent.id, ...dependentsOf(catalog, parent.id)];
  return users.some((id) =>
    relationById(catalog, id)?.constraints.some(({ references }) => references?.relation === parent.id),
  );
}

/** Writes down that a table is divided. */
export function register(
  work: ExtensionWork,
  parent: Relation,
  table: Pick<PathmanTable, "type" | "expression" | "interval">,
): PathmanTable {
  const keepsName = !isSince(eraOf(work.version), "1.0");
  const row: PathmanTable = {
    ...table,
    relation: keepsName ? null : parent.id,
    relname: keepsName ? `${parent.schema}.${parent.name}` : null,
  };
  work.catalog = withPathmanTable(work.catalog, row);
  return row;
}

/** Whether the parent is read: it is not once its rows have been moved. */
export function enableParent(work: ExtensionWork, parent: Relation, enabled: boolean): void {
  if (isSince(eraOf(work.version), "1.0"))
    work.catalog = withParameters(work.catalog, parent.id, { enableParent: enabled });
}

function isName(expression: string): boolean {
  return /^\s*(?:[A-Za-z_][A-Za-z0-9_$]*|"(?:[^"]|"")+")\s*$/.test(expression);
}

function foldedName(expression: string): string {
  const text = expression.trim();
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text.toLowerCase();
}
