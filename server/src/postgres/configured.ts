/** From the rows of extensions' tables to what the catalog keeps of them: who manages a table, how it is divided, where its shards lie. */

import { type Catalog, findRelation, withRelation } from "../catalog/catalog.ts";
import { asTainted } from "../catalog/doubt.ts";
import { IdMap } from "../catalog/id-map.ts";
import { withManager } from "../catalog/managers.ts";
import { withLastNumber, withParameters, withPathmanTable } from "../catalog/pathman-config.ts";
import type { Relation } from "../catalog/relation.ts";
import {
  type ColocationGroup,
  nothingSharded,
  type ShardedTables,
  type ShardRange,
  type Shards,
} from "../catalog/shards.ts";
import type { Value } from "../catalog/value.ts";
import { extensions } from "../schemes/extensions.ts";
import { hasColumn, newRow } from "../schemes/partman/part-config.ts";
import { addAll } from "../text/long-lists.ts";
import type { Row } from "./connection.ts";
import type { ExtensionReading, ExtensionRows } from "./extension-tables.ts";

/** The catalog with what extensions keep, and what of it was not understood, one line each. */
export function withConfigured(
  catalog: Catalog,
  { extensions: read, declined }: ExtensionReading,
): { readonly catalog: Catalog; readonly declined: readonly string[] } {
  let next = catalog;
  const unread: string[] = [];
  const told = [...declined];
  for (const rows of read) {
    if (!extensions[rows.extension].reads.test(rows.version)) {
      unread.push(rows.extension);
      told.push(`${rows.extension} ${rows.version}: this version is not known, so what it keeps is not read`);
      continue;
    }
    const taken = takers[rows.extension](next, rows);
    if (taken === null) unread.push(rows.extension);
    else {
      next = taken.catalog;
      addAll(
        told,
        taken.declined.map((why) => `${rows.extension} ${rows.version}: ${why}`),
      );
    }
  }
  return { catalog: unread.length === 0 ? next : { ...next, unread }, declined: told };
}

interface Taken {
  readonly catalog: Catalog;
  readonly declined: readonly string[];
}

/** null where what it keeps is not known. */
const takers: Readonly<Record<ExtensionRows["extension"], (catalog: Catalog, rows: ExtensionRows) => Taken | null>> = {
  pg_pathman: withPathman,
  pg_partman: withPartman,
  citus: withCitus,
};

function withPathman(catalog: Catalog, { tables }: ExtensionRows): Taken | null {
  const rows = tables.pathmanTables;
  if (rows === undefined) return null;
  let next = catalog;
  const declined: string[] = [];
  for (const row of rows) {
    const relname = textIn(row, "relname");
    const relation = relname === null ? relationOf(next, row) : null;
    const expression = textIn(row, "expression");
    if ((relation === null && relname === null) || expression === null) {
      declined.push(`${textIn(row, "name")}, which it divides, is not known`);
      continue;
    }
    const type = row["type"] === 1 ? "hash" : "range";
    const interval = textIn(row, "interval");
    next = withPathmanTable(next, { relation: relation?.id ?? null, relname, type, expression, interval });
    if (relation === null) continue;
    // What its sequence has given last is in no catalog.
    next = withLastNumber(next, relation.id, -1);
    const callback = textIn(row, "callback");
    next = withParameters(next, relation.id, {
      enableParent: textIn(row, "enable_parent") === "true",
      auto: textIn(row, "auto") !== "false",
      callback: callback === "-" || callback === "" ? null : callback,
    });
  }
  return { catalog: next, declined };
}

function withPartman(catalog: Catalog, { tables, version }: ExtensionRows): Taken | null {
  const rows = tables.partmanTables;
  if (rows === undefined) return null;
  const major = version.startsWith("4") ? 4 : 5;
  const sub = new Map<string, Row>();
  for (const { row } of tables.partmanSubTables ?? []) {
    const cells = row as Row;
    if (typeof cells["sub_parent"] === "string") sub.set(cells["sub_parent"], cells);
  }
  let next = catalog;
  for (const { row } of rows) {
    const cells = row as Row;
    const table = cells["parent_table"];
    if (typeof table !== "string") continue;
    const below = sub.get(table);
    next = withManager(next, {
      by: "pg_partman",
      table,
      row: configurationRow(cells, major, ""),
      sub: below === undefined ? null : configurationRow(below, major, "sub_"),
      version,
      timeZone: catalog.settings.timeZone,
    });
  }
  return { catalog: next, declined: [] };
}

/** A row as the extension's own calls leave it: what a version does not have has its default, a moment is not known. */
function configurationRow(cells: Row, major: number, prefix: string): ReadonlyMap<string, Value | null> {
  const row = new Map(newRow(major, {}));
  for (const [key, cell] of Object.entries(cells)) {
    const name = key.startsWith(prefix) ? key.slice(prefix.length) : key;
    if (!hasColumn(name, major)) continue;
    const value = name === "maintenance_last_run" ? undefined : cellValue(cell);
    if (value === undefined) row.delete(name);
    else row.set(name, value);
  }
  return row;
}

function cellValue(cell: unknown): Value | null | undefined {
  if (cell === null) return null;
  if (typeof cell === "string") return { family: "text", value: cell };
  if (typeof cell === "boolean") return { family: "boolean", value: cell };
  if (typeof cell === "number") return Number.isInteger(cell) ? { family: "integer", value: BigInt(cell) } : undefined;
  if (!Array.isArray(cell)) return undefined;
  return { family: "array", elements: cell.map((each) => ({ family: "text", value: String(each) }) as const) };
}

/** A shard of a table: its id and its ends as they are stored. */
type StoredShard = readonly [id: number, min: string | null, max: string | null];

function withCitus(catalog: Catalog, { tables }: ExtensionRows): Taken | null {
  const { citusTables, citusGroups } = tables;
  if (citusTables === undefined || citusGroups === undefined) return null;
  const nodeOf = placedOn(tables);
  const schemas = new Map(
    (tables.citusSchemas ?? []).map((row) => [textIn(row, "schema") ?? "", numberIn(row, "colocation")]),
  );
  const ofSchemas = new Set(schemas.values());
  const declined: string[] = [];
  const groups = new Map<number, ColocationGroup>();
  const asked = new Map(citusGroups.map((row) => [numberIn(row, "id"), row]));
  let next: Catalog = catalog;
  for (const row of citusTables) {
    const relation = relationOf(next, row);
    if (relation === null) continue;
    const shards = shardsOf(row, ofSchemas);
    const stored = storedShards(row);
    const column = relation.columns.find(({ name }) => name === shards?.column) ?? null;
    const ranges = shards?.method === "hash" ? hashRanges(stored) : null;
    const isRead = shards !== null && (shards.method !== "hash" || (ranges !== null && column !== null));
    if (!isRead) {
      declined.push(`how ${relation.schema}.${relation.name} is distributed is not understood`);
      next = withRelation(next, asTainted(relation));
      continue;
    }
    const ids = stored.map(([id]) => id);
    next = withRelation(next, { ...relation, shards: { ...shards, ids } });
    const group = asked.get(shards.colocation);
    const known = groups.get(shards.colocation);
    if (shards.colocation === 0) continue;
    groups.set(shards.colocation, {
      id: shards.colocation,
      kind:
        shards.kind === "reference"
          ? "reference"
          : shards.kind === "schema"
            ? "schema"
            : ranges === null
              ? "single"
              : "hash",
      shardCount: group === undefined ? stored.length : numberIn(group, "shard_count"),
      replication: group === undefined ? 1 : numberIn(group, "replication"),
      type: column?.type ?? null,
      collation: column?.collation ?? null,
      ranges,
      members: (known?.members ?? IdMap.empty<true>()).with(relation.id, true),
      nodes: ids.map((id) => nodeOf.get(id) ?? null),
    });
  }
  return { catalog: { ...next, sharded: shardedWith(groups, schemas, tables) }, declined };
}

function shardedWith(
  groups: ReadonlyMap<number, ColocationGroup>,
  schemas: ReadonlyMap<string, number>,
  { citusGroups, citusNodes }: ExtensionRows["tables"],
): ShardedTables {
  let known: ShardedTables = nothingSharded;
  for (const [id, group] of groups) known = { ...known, groups: known.groups.with(id, group) };
  for (const [schema, group] of schemas) {
    const empty = { id: group, kind: "schema", shardCount: 1, replication: 1, type: null, collation: null } as const;
    const ofSchema = known.groups.get(group) ?? { ...empty, ranges: null, members: IdMap.empty<true>() };
    known = { ...known, schemas: known.schemas.with(schema, group, true), groups: known.groups.with(group, ofSchema) };
  }
  const ids = [...groups.keys(), ...schemas.values(), ...(citusGroups ?? []).map((row) => numberIn(row, "id"))];
  const workers = citusNodes?.filter((row) => row["active"] === true && row["shards"] === true).length;
  return {
    ...known,
    nextGroup: ids.reduce((most, id) => Math.max(most, id), 0) + 1,
    ...(workers === undefined ? {} : { workers }),
  };
}

/** The node of each shard, by its id. */
function placedOn({ citusPlacements, citusNodes }: ExtensionRows["tables"]): ReadonlyMap<number, string> {
  const nodes = new Map(
    (citusNodes ?? []).map((row) => [numberIn(row, "group"), `${textIn(row, "host")}:${numberIn(row, "port")}`]),
  );
  const placed = new Map<number, string>();
  for (const row of citusPlacements ?? []) {
    const node = nodes.get(numberIn(row, "group"));
    const shards = Array.isArray(row["shards"]) ? row["shards"] : [];
    if (node === undefined) continue;
    for (const id of shards) if (!placed.has(Number(id))) placed.set(Number(id), node);
  }
  return placed;
}

/** `pg_dist_partition`: a table without a key is copied where it is changed by two-phase commit, else it has one shard. */
function shardsOf(row: Row, ofSchemas: ReadonlySet<number>): Shards | null {
  const colocation = numberIn(row, "colocation");
  const column = textIn(row, "column");
  switch (textIn(row, "method")) {
    case "h":
      return { kind: "distributed", method: "hash", column, colocation };
    case "a":
      return { kind: "distributed", method: "append", column, colocation };
    case "r":
      return { kind: "distributed", method: "range", column, colocation };
    case "n": {
      if (textIn(row, "replication") === "t") return { kind: "reference", method: "none", column: null, colocation };
      if (colocation !== 0) {
        const kind = ofSchemas.has(colocation) ? "schema" : "distributed";
        return { kind, method: "none", column: null, colocation };
      }
      const automatic = row["automatic"] === true ? ({ automatic: true } as const) : {};
      return { kind: "local", method: "none", column: null, colocation: 0, ...automatic };
    }
    default:
      return null;
  }
}

/** In the order of their lower ends. */
function storedShards(row: Row): readonly StoredShard[] {
  const shards = Array.isArray(row["shards"]) ? row["shards"] : [];
  const stored = shards.map((shard: unknown): StoredShard => {
    const [id, min, max]: readonly unknown[] = Array.isArray(shard) ? shard : [];
    return [Number(id), typeof min === "string" ? min : null, typeof max === "string" ? max : null];
  });
  return stored.toSorted(([, a], [, b]) => Number(a ?? 0) - Number(b ?? 0));
}

/** null where they are no hashes, or leave a gap. */
function hashRanges(stored: readonly StoredShard[]): readonly ShardRange[] | null {
  const ranges = stored.map(([, min, max]): ShardRange => [Number(min ?? "x"), Number(max ?? "x")]);
  const isWhole =
    ranges.length > 0 &&
    ranges[0]?.[0] === -(2 ** 31) &&
    ranges.at(-1)?.[1] === 2 ** 31 - 1 &&
    ranges.every(([min, max], index) => min <= max && (index === 0 || ranges[index - 1]?.[1] === min - 1));
  return isWhole ? ranges : null;
}

function relationOf(catalog: Catalog, row: Row): Relation | null {
  return findRelation(catalog, { schema: textIn(row, "schema"), name: textIn(row, "name") ?? "" });
}

function textIn(row: Row, key: string): string | null {
  const value = row[key];
  return typeof value === "string" ? value : null;
}

function numberIn(row: Row, key: string): number {
  const value = row[key];
  return typeof value === "number" ? value : 0;
}
