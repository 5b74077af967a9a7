/** The partitions of all divided tables as the recordings list them. */

import { type Catalog, findRelation, relationById } from "../../server/src/catalog/catalog.ts";
import type { PathmanTable } from "../../server/src/catalog/pathman.ts";
import { pathmanOf } from "../../server/src/catalog/pathman-config.ts";
import type { Relation, TableConstraint } from "../../server/src/catalog/relation.ts";
import type { EvaluateContext } from "../../server/src/catalog/values/evaluate.ts";
import { printValue } from "../../server/src/catalog/values/print.ts";
import { childrenOf } from "../../server/src/effects/relations/descendants.ts";
import { checkForm, constantOf } from "../../server/src/schemes/pathman/check-form.ts";
import { keyNamed } from "../../server/src/schemes/pathman/partitions.ts";

type Row = readonly (string | number | null)[];

/** `asSpelled`: bounds as the CHECK spells them, and names with their schema where it is not `public`. */
export function listedPartitions(catalog: Catalog, version: number, asSpelled: boolean): readonly Row[] {
  const evaluating = { settings: catalog.settings, version, catalog, today: null };
  return [...pathmanOf(catalog).tables.values()].flatMap((table) => {
    const parent = relationOf(catalog, table);
    if (parent === null) return [];
    const children = childrenOf(catalog, parent);
    return children.map((child): Row => {
      const names = [parent, child].map(({ schema, name }) => shownName(schema, name, asSpelled));
      const bounds = asSpelled ? spelledBounds(table, child) : printedBounds(table, parent, child, evaluating);
      return [...names, table.type === "hash" ? 1 : 2, table.expression, ...bounds];
    });
  });
}

/** Whether a table has fewer hash partitions than their CHECKs count. */
export function lacksHashPartition(catalog: Catalog): boolean {
  return [...pathmanOf(catalog).tables.values()].some((table) => {
    const parent = table.type === "hash" ? relationOf(catalog, table) : null;
    const children = parent === null ? [] : childrenOf(catalog, parent);
    const checks = children.flatMap(({ constraints }) => constraints.filter(({ type }) => type === "check"));
    const counts = checks.flatMap(({ text }) => Number(/, (\d+)\) = \d+\)$/.exec(text)?.[1] ?? children.length));
    return counts.some((count) => count > children.length);
  });
}

function shownName(schema: string, name: string, asSpelled: boolean): string {
  const quoted = /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name}"`;
  return asSpelled && schema !== "public" ? `${schema}.${quoted}` : quoted;
}

function relationOf(catalog: Catalog, { relation, relname }: PathmanTable): Relation | null {
  if (relation !== null) return relationById(catalog, relation);
  const [schema = "", name = ""] = (relname ?? "").split(".");
  return findRelation(catalog, { schema, name });
}

function spelledBounds({ type }: PathmanTable, child: Relation): readonly (string | null)[] {
  for (const { text } of child.constraints.filter((constraint) => constraint.type === "check")) {
    const found = (type === "hash" ? /^\(\(\S+ % (.*)\) = (.*)\)$/ : /^\(\(\S+ >= (.*)\) AND \(\S+ < (.*)\)\)$/).exec(
      text,
    );
    if (found !== null) return [found[1] ?? null, found[2] ?? null];
  }
  return [null, null];
}

function printedBounds(
  { type, expression }: PathmanTable,
  parent: Relation,
  child: Relation,
  evaluating: EvaluateContext,
): readonly (string | null)[] {
  const key = keyNamed(parent, expression);
  const named = child.constraints.find(({ name }: TableConstraint) => /^pathman_.*_check$/.test(name));
  const form = named?.expression == null ? null : checkForm(named.expression);
  if (type === "hash" || key === null || form?.kind !== "range") return [null, null];
  return [form.lower, form.upper].map((side) => {
    const value = side === null ? null : constantOf(side, key.type, evaluating);
    return value === null ? null : printValue(value, key.type, evaluating.settings);
  });
}
