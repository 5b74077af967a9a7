/** What pg_pathman does with plain statements: rows go into partitions, and a renamed partition keeps its CHECK in its name. */

import { type Catalog, findRelation, type KnownRows, relationById } from "../../catalog/catalog.ts";
import {
  dividedBy,
  pathmanOf,
  pathmanTableOf,
  withoutParameters,
  withoutPathmanTable,
} from "../../catalog/pathman-config.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { routeRows } from "../../effects/queries/insert.ts";
import { withRows } from "../../effects/queries/kept-rows.ts";
import { childrenOf } from "../../effects/relations/descendants.ts";
import { lookUpRelation } from "../../effects/relations/lookup.ts";
import { visibleName } from "../../effects/relations/object-description.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import type { InsertQuery } from "../../syntax/query.ts";
import type { Statement } from "../../syntax/statement.ts";
import type { ExtensionWork, FollowedStatement } from "../extension.ts";
import { current } from "./arguments.ts";
import { forgetNumbers, mayGrow, partitionFor, putUnknownRows } from "./move-rows.ts";
import { keyNamed, lacksHashPartition, partitionInfo } from "./partitions.ts";
import { readmePartition, readmeRouter } from "./readme-triggers.ts";
import { addRows } from "./rows.ts";
import { checkNameOf, eraOf, isSince, sequenceName } from "./versions.ts";

/** Whether pg_pathman may have to do with a statement, by the tables that it names. */
export function concernsPathman(statement: Statement, catalog: Catalog): boolean {
  if (catalog.pathman === undefined) return false;
  if (statement.kind === "drop") return dropsRelations(statement);
  const target = targetOf(statement, catalog);
  if (target === null) return false;
  return isDivided(catalog, target) || target.inherits.some((id) => isDivided(catalog, relationById(catalog, id)));
}

/** Does what pg_pathman does with a statement that PostgreSQL has accepted. May end early, as a call does. */
export function followPathman({ statement, before }: FollowedStatement, work: ExtensionWork): void {
  if (statement.kind === "drop") {
    followDrop(work, before);
    return;
  }
  const target = targetOf(statement, before);
  if (target === null) return;
  if (statement.kind === "rename") followRename(target, work);
  else if (statement.kind === "query" && statement.query.kind === "insert")
    followInsert(statement.query, target, before, work);
  else if (isDivided(before, target)) takeUnknown(work, target, before);
}

function targetOf(statement: Statement, catalog: Catalog): Relation | null {
  switch (statement.kind) {
    case "rename":
      return statement.target === "object" ? tableNamed(catalog, statement.relation) : null;
    case "query": {
      const isRun = statement.wrapper === "none" || statement.wrapper === "explain-analyze";
      return isRun && statement.query.kind === "insert" ? tableNamed(catalog, statement.query.target) : null;
    }
    case "copy":
      return statement.direction === "from" && statement.relation !== null
        ? tableNamed(catalog, statement.relation)
        : null;
    default:
      return null;
  }
}

function tableNamed(catalog: Catalog, name: Parameters<typeof lookUpRelation>[1]): Relation | null {
  const found = lookUpRelation(catalog, name);
  return found.kind === "found" ? found.relation : null;
}

function isDivided(catalog: Catalog, relation: Relation | null): boolean {
  if (relation === null) return false;
  return pathmanTableOf(catalog, relation) !== null || pathmanOf(catalog).routers.has(relation.id);
}

function dropsRelations({ objectType }: Extract<Statement, { kind: "drop" }>): boolean {
  return ["table", "foreign-table", "schema"].includes(objectType);
}

/** Since 0.1 an event trigger takes the rows of tables that are gone out of the configuration. */
function followDrop(work: ExtensionWork, before: Catalog): void {
  if (eraOf(work.version) === "readme") return;
  for (const table of pathmanOf(before).tables.values()) {
    const had = dividedBy(before, table);
    if (had === null || relationById(work.catalog, had.id) !== null) continue;
    work.catalog = withoutParameters(withoutPathmanTable(work.catalog, table), had.id);
  }
}

/** After ALTER TABLE RENAME: since 1.0 the CHECK follows a partition, and the sequence a parent. */
function followRename({ id, name: earlier }: Relation, work: ExtensionWork): void {
  const era = eraOf(work.version);
  const renamed = relationById(work.catalog, id);
  if (renamed === null || !isSince(era, "1.0")) return;
  if (pathmanTableOf(work.catalog, renamed) !== null) {
    const sequence = findRelation(work.catalog, { schema: renamed.schema, name: sequenceName(earlier) });
    if (sequence !== null)
      work.execute(
        `ALTER SEQUENCE ${visibleName(work.catalog, sequence)} RENAME TO ${quoteIdentifier(sequenceName(renamed.name))}`,
      );
    return;
  }
  for (const parentId of renamed.inherits) {
    const parent = relationById(work.catalog, parentId);
    const table = parent === null ? null : pathmanTableOf(work.catalog, parent);
    if (parent === null || table === null) continue;
    const attribute = keyNamed(parent, table.expression)?.attribute ?? 0;
    const [from, to] = [earlier, renamed.name].map((name) => checkNameOf(era, name, attribute));
    if (from == null || to == null || !renamed.constraints.some(({ name }) => name === from)) continue;
    work.execute(
      `ALTER TABLE ${visibleName(work.catalog, renamed)} RENAME CONSTRAINT ${quoteIdentifier(from)} TO ${quoteIdentifier(to)}`,
    );
  }
}

/** Each row goes into the partition of its key, which is made where it has to be. */
function followInsert(insert: InsertQuery, target: Relation, before: Catalog, work: ExtensionWork): void {
  if (!isDivided(before, target)) return;
  const now = current(work, target);
  const router = readmeRouter(work, now);
  if (router === null && pathmanTableOf(before, target)?.relation == null) return;
  if (router === null && (childrenOf(before, target).length === 0 || lacksHashPartition(work, now))) return;
  const routes = routeRows(before, insert, target, work.context);
  if (routes === null) {
    takeUnknown(work, target, before);
    return;
  }
  const added = work.catalog.rows.get(target.id)?.rows.slice(before.rows.get(target.id)?.rows.length ?? 0) ?? [];
  const areCertain = added.length === routes.length;
  const known = routes.map(({ row }, index) => (areCertain ? added[index] : undefined) ?? valuesOf(row?.values));
  restoreRows(work, target, before.rows.get(target.id));
  for (const row of known) {
    const parent = current(work, target);
    const partition = router === null ? partitionFor(work, parent, row) : readmePartition(work, parent, router, row);
    addRows(work, partition, areCertain ? [row] : [], areCertain);
  }
}

function valuesOf(
  values: ReadonlyMap<string, Value | null | undefined> | undefined,
): ReadonlyMap<string, Value | null> {
  const known = new Map<string, Value | null>();
  for (const [name, value] of values ?? []) if (value !== undefined) known.set(name, value);
  return known;
}

/** Rows that are not known may be in any partition, and in some that they have made. */
function takeUnknown(work: ExtensionWork, target: Relation, before: Catalog): void {
  const parent = current(work, target);
  restoreRows(work, target, before.rows.get(target.id));
  const info = partitionInfo(work, parent);
  if (info === null) {
    addRows(work, parent, [], false);
    return;
  }
  putUnknownRows(work, parent);
  if (info.kind === "range" && mayGrow(work, parent, info.ranges)) forgetNumbers(work, parent);
}

function restoreRows(work: ExtensionWork, { id }: Relation, rows: KnownRows | undefined): void {
  if (work.catalog.rows.get(id) === rows) return;
  work.catalog =
    rows === undefined ? { ...work.catalog, rows: work.catalog.rows.without(id) } : withRows(work.catalog, id, rows);
}
