/** A table as the operations see it: its key, its parts with their bounds, whichever scheme divides it. */

import { madeInPortions, rememberedLong } from "../catalog/access.ts";
import { type Catalog, relationById } from "../catalog/catalog.ts";
import { isPartitioned, layoutOf, partIdsOf } from "../catalog/layout.ts";
import { tableNameTakenBy } from "../catalog/partition-names.ts";
import type { Bound, PartitionKey, RangeDatum } from "../catalog/partitioning.ts";
import type { Relation } from "../catalog/relation.ts";
import { baseType } from "../catalog/values/types.ts";
import { identifierByteLimit, utf8ByteLength } from "../syntax/names.ts";
import type { ConditionContext } from "./condition.ts";
import { referencesTo } from "./declarative/carry-over.ts";
import { resolveRelation, type WriterContext, writeName } from "./writer.ts";

/** A table's name, and what is known of it; `relation` is null for one that the script makes. */
export interface TableReference {
  readonly schema: string;
  readonly name: string;
  readonly relation: Relation | null;
}

export interface Part extends TableReference {
  readonly bound: Bound;
}

/** A part that the catalog has. */
export type KnownPart = Part & { readonly relation: Relation };

export interface Division {
  readonly table: Relation;
  readonly scheme: "declarative" | "inheritance";
  readonly key: PartitionKey;
  /** In bound order. */
  readonly parts: readonly KnownPart[];
  readonly defaultPart: KnownPart | null;
  readonly condition: ConditionContext;
}

export type Failure = { readonly message: string; readonly argument?: string | undefined };

/**
 * How a table is divided, or why no operation can go by it. Kept with the catalog and the relation: a guide asks for it at each of its
 * steps, a hundred times over. Not to be asked while looks at a catalog are noted, for one that is kept looks at nothing.
 */
export function divisionOf(table: Relation, { catalog }: Pick<WriterContext, "catalog">): Division | Failure {
  const ofCatalog = divisions.get(catalog) ?? new WeakMap<Relation, Division | Failure>();
  divisions.set(catalog, ofCatalog);
  return rememberedLong(
    Math.max(table.partitioning?.partitions.all.size ?? 0, table.children.size) * itemsOfPart,
    () => ofCatalog.get(table),
    () => {
      const division = readDivision(table, catalog);
      ofCatalog.set(table, division);
      return division;
    },
  );
}

const divisions = new WeakMap<Catalog, WeakMap<Relation, Division | Failure>>();

function readDivision(table: Relation, catalog: Catalog): Division | Failure {
  const layout = layoutOf(table);
  const name = writeName(catalog, table);
  if (layout === null) {
    return {
      message: `nothing tells the children of ${name} apart: give each of them a CHECK constraint on the key first`,
      argument: "table",
    };
  }
  if (!layout.certain) {
    return {
      message: `a child of ${name} is not fully known here: connect to the database that has it`,
      argument: "table",
    };
  }
  const parts = madeInPortions(partIdsOf(table), itemsOfPart, (id): readonly KnownPart[] => {
    const relation = relationById(catalog, id);
    if (relation === null) return [];
    const bound = layout.bounds === null ? relation.partitionOf?.bound : layout.bounds.get(id);
    const { schema, name: own } = relation;
    return [{ schema, name: own, relation, bound: asPartition(bound ?? { kind: "unknown" }, layout.key) }];
  });
  return {
    table,
    scheme: layout.by === "declarative" ? "declarative" : "inheritance",
    key: layout.key,
    parts,
    defaultPart: parts.find(({ bound }) => bound.kind === "default") ?? null,
    condition: { key: layout.key, settings: catalog.settings, table: writeName(catalog, table) },
  };
}

/** A part is found, and its bound made one of a partition. */
const itemsOfPart = 4;

/** The part that an argument names, fit to be taken apart; or why it is not. */
export function namedPart(
  text: string | null,
  division: Division,
  { catalog }: Pick<WriterContext, "catalog">,
  argument: string,
  purpose: string,
): KnownPart | Failure {
  const fail = (message: string): Failure => ({ message, argument });
  if (text === null) return fail(`"${argument}" must name the partition to ${purpose}`);
  const relation = resolveRelation(catalog, text);
  if (relation === null) return fail(`there is no relation ${text} at this point of the script`);
  const [name, table] = [writeName(catalog, relation), writeName(catalog, division.table)];
  const part = division.parts.find((each) => each.relation.id === relation.id);
  if (part === undefined) return fail(`${name} is not a partition of ${table}`);
  return part;
}

/** What is said of a partition whose DETACH … CONCURRENTLY was interrupted. */
export function beingDetached(name: string): string {
  return `${name} is being detached: finish that first with ALTER TABLE … DETACH PARTITION ${name} FINALIZE`;
}

/** Why the rows of a part cannot be moved by a script; null where they can. */
export function immovable(part: KnownPart, { catalog }: Pick<WriterContext, "catalog">, verb: string): string | null {
  const name = writeName(catalog, part);
  const { relation } = part;
  if (isPartitioned(relation)) return `${name} is partitioned itself: ${verb} its own partitions instead`;
  if (relation.children.size > 0) return `${name} has children itself: ${verb} those instead`;
  if (relation.kind === "foreign-table")
    return `${name} is a foreign table: its rows are another server's, ${verb} them there`;
  if (relation.partitionOf?.detachPending === true) return beingDetached(name);
  if (relation.knowledge === "tainted")
    return `something that cannot be read from the file may have changed ${name}: connect to the database that has it`;
  if (part.bound.kind === "unknown") return `the bound of ${name} is not known here`;
  // ON DELETE CASCADE would take rows along that are only moved.
  const [referring] = referencesTo(relation, catalog);
  if (referring !== undefined)
    return `a foreign key of ${writeName(catalog, referring)} refers to ${name} itself, whose rows it would not let go, or follow: drop it first`;
  return null;
}

/**
 * A bound as partitions have it: where values are counted, the end behind a value is the next value; and a child whose CHECK takes
 * no value is one for NULL.
 */
function asPartition(bound: Bound, key: PartitionKey): Bound {
  if (bound.kind === "list" && bound.values.length === 0) return { kind: "list", values: [null] };
  if (bound.kind !== "range") return bound;
  const end = (datum: RangeDatum, index: number): RangeDatum => nextWhereCounted(datum, key, index);
  return { ...bound, lower: bound.lower.map(end), upper: bound.upper.map(end) };
}

function nextWhereCounted(datum: RangeDatum, key: PartitionKey, index: number): RangeDatum {
  if (datum.kind !== "value" || datum.after !== true) return datum;
  const type = key.elements[index]?.type ?? null;
  const { value } = datum;
  if (type === null || baseType(type).kind !== "base") return datum;
  if (value.family === "integer") return { kind: "value", value: { ...value, value: value.value + 1n } };
  if (value.family === "date" && Number.isFinite(value.days))
    return { kind: "value", value: { ...value, days: value.days + 1 } };
  return datum;
}

/** Why a new table cannot have that name in the schema; null where it can. PostgreSQL cuts what is longer. */
export function nameProblem(name: string, schema: string, catalog: Catalog): string | null {
  if (name.trim() === "") return '"name" is empty';
  const bytes = utf8ByteLength(name);
  if (bytes > identifierByteLimit)
    return `${name} has ${bytes} bytes: PostgreSQL keeps ${identifierByteLimit} of a name`;
  const taken = tableNameTakenBy(catalog, schema, name);
  return taken === null ? null : `there is a ${taken} ${name} in ${schema} already`;
}

/** A table that is not divided, as the steps of one that is to be take it. */
export function undivided(table: Relation, { catalog }: WriterContext): Division {
  const key: Division["key"] = { strategy: "range", elements: [] };
  return {
    table,
    scheme: "declarative",
    key,
    parts: [],
    defaultPart: null,
    condition: { key, settings: catalog.settings, table: writeName(catalog, table) },
  };
}
