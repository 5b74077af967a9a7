/** CREATE TABLE in all its forms, in the order of PostgreSQL's `transformCreateStmt` and `DefineRelation`. */

import { type Catalog, nameKey, relationById, withRelation } from "../../catalog/catalog.ts";
import { asTainted } from "../../catalog/doubt.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import { emptyPartitionSet } from "../../catalog/partition-set.ts";
import type { Bound } from "../../catalog/partitioning.ts";
import { printBound } from "../../catalog/print.ts";
import type { PartitionLink, Relation } from "../../catalog/relation.ts";
import type { CreateTable, PlacedStatement } from "../../syntax/statement.ts";
import { addAll } from "../../text/long-lists.ts";
import { hasUniqueIndex } from "../declarative/attach.ts";
import { readPartitionKey } from "../declarative/key.ts";
import { linkPartition } from "../declarative/links.ts";
import { checkConflict, readPartitionBound } from "../declarative/partition-bound.ts";
import { type ApplyContext, applied, type Outcome, type Refusal, rejected, withDeclined } from "../outcome.ts";
import { hasObscureRows, refuseRowsOfDefault } from "../queries/known-rows.ts";
import { draftTable } from "./columns.ts";
import { completeTable } from "./complete-table.ts";
import { withoutLinks, withoutNamesake } from "./dependencies.ts";
import { isSelfOrBelow } from "./descendants.ts";
import {
  emptyRelation,
  lookUpRelation,
  nameTaken,
  originHere,
  relationInTheWay,
  relationNamed,
  schemaForNew,
  typeInTheWay,
} from "./lookup.ts";
import { refuseOids, refuseUnknownParameter, withoutOids } from "./storage-parameters.ts";
import { checkStoredExpressions } from "./stored-expressions.ts";

/** Applies CREATE TABLE and CREATE FOREIGN TABLE; null for any other statement. */
export function applyCreateTable(catalog: Catalog, placed: PlacedStatement, context: ApplyContext): Outcome | null {
  const { statement } = placed;
  return statement.kind === "create-table" ? createTable(catalog, statement, context) : null;
}

/**
 * Creates the table, or says what PostgreSQL would.
 *
 * @param givenBound the bound of a partition where the statement does not write it (MERGE PARTITIONS), else null
 */
export function createTable(
  catalog: Catalog,
  create: CreateTable,
  context: ApplyContext,
  givenBound: Bound | null = null,
): Outcome {
  const place = schemaForNew(catalog, create.name, create.persistence);
  if (place.kind === "rejected") return place;
  if (create.ifNotExists) {
    const there = relationNamed(catalog, place.schema, create.name.name);
    if (there !== null && there.knowledge !== "assumed") return applied(catalog);
  }
  const unsupported = refuseStorage(catalog, create, context);
  if (unsupported !== null) return unsupported;

  const drafted = draftTable(catalog, create, context);
  if (drafted.kind === "rejected") return drafted;
  const { draft } = drafted;
  const existing = relationInTheWay(draft.catalog, place.schema, create.name.name);
  if (existing !== null) return nameTaken(create.name.name, create.name.range, existing);
  const type = typeInTheWay(draft.catalog, place.schema, create.name);
  if (type !== null) return type;

  let next = draft.catalog;
  const declined = [...draft.declined];
  const namesake = relationNamed(next, place.schema, create.name.name);
  // A namesake that may not be there must be gone, or PostgreSQL would refuse the name; one that is assumed goes on as this table.
  // Nor does one go on as this table that is above its parents: nothing inherits from itself.
  const goesOn =
    namesake?.knowledge === "assumed" && !draft.parents.some((each) => isSelfOrBelow(draft.catalog, each, namesake));
  const assumed = goesOn ? namesake : null;
  if (assumed !== null) next = withoutLinks(next, assumed);
  else if (namesake !== null) next = withoutNamesake(next, place.schema, create.name.name);
  let relation: Relation = {
    ...newRelation(next, create, place.schema, context),
    // What earlier statements only referred to is this table; they keep their references.
    ...(assumed === null ? {} : { id: assumed.id, children: assumed.children }),
    columns: draft.columns,
    // Of two tables of which PostgreSQL has refused one, which one is there is not known.
    knowledge: namesake?.doubtful === true ? "tainted" : draft.knowledge,
  };

  const checkStored = (): Refusal | null =>
    checkStoredExpressions(create, draft.columns, draft.knowledge === "full", {
      catalog: next,
      context,
      table: create.name.name,
      partitioned: create.partitionBy !== null,
      partition: create.partitionOf !== null,
      typed: create.ofType !== null,
      foreign: create.foreignServer !== null,
    });
  const stored = context.version < 12 ? null : checkStored();
  if (stored !== null) return stored;

  let link: PartitionLink | null = null;
  if (create.partitionOf !== null) {
    const placed = placePartition(next, create, create.partitionOf, draft.parents[0] ?? null, givenBound, context);
    if (placed.kind === "rejected") return placed;
    next = placed.catalog;
    link = placed.link;
    addAll(declined, placed.declined);
    if (!placed.certain) relation = { ...relation, doubtful: true };
  }
  if (create.partitionBy !== null) {
    // The row type of the table itself is there already.
    const { name } = create.name;
    const ownType = { kind: "unknown", schema: place.schema, name } as const;
    const reading = readPartitionKey(create.partitionBy, {
      catalog: { ...next, types: next.types.with(nameKey(place.schema, name), ownType, true) },
      context,
      table: create.name.name,
      columns: draft.columns.map((column) => (draft.unsure.has(column.name) ? { ...column, type: unsure } : column)),
      allColumns: draft.knowledge === "full",
    });
    if (reading.kind === "rejected") return reading;
    addAll(declined, reading.declined);
    if (reading.declined.length > 0) relation = { ...relation, doubtful: true };
    relation = {
      ...relation,
      kind: "partitioned-table",
      partitioning: { key: reading.key, partitions: emptyPartitionSet(reading.key) },
    };
  }
  // Up to 11 defaults are analysed together with CHECK constraints, after bound and key.
  const storedLate = context.version < 12 ? checkStored() : null;
  if (storedLate !== null) return storedLate;
  const owner = link === null ? null : relationById(next, link.parent);
  if (relation.kind === "foreign-table" && owner !== null && hasUniqueIndex(next, owner)) {
    const message = `cannot create foreign partition of partitioned table "${owner.name}"`;
    const detail = `Table "${owner.name}" contains indexes that are unique.`;
    return rejected("attach-mismatch", "42809", message, create.name.range, { detail });
  }
  next = withPerhapsPartition(next, namesake, link);
  const certain = link === null || relation.doubtful !== true;
  next = withRelation(next, relation);
  if (link !== null) next = linkPartition(next, relation, link, certain);
  const complete = completeTable(next, relationById(next, relation.id) ?? relation, create, draft, context);
  return withDeclined(complete, declined);
}

const unsure = { kind: "unknown", schema: "", name: "" } as const;

/** A table of the same name that may be there all the same is a partition still: unknown are those of its parent, if not by the same bound. */
function withPerhapsPartition(catalog: Catalog, namesake: Relation | null, link: PartitionLink | null): Catalog {
  const was = namesake?.partitionOf ?? null;
  const parent = was === null ? null : relationById(catalog, was.parent);
  if (was === null || parent?.partitioning == null) return catalog;
  const print = ({ bound }: PartitionLink): string =>
    parent.partitioning === null ? "" : printBound(bound, parent.partitioning.key, catalog.settings);
  if (link?.parent === parent.id && print(link) === print(was)) return catalog;
  return withRelation(catalog, asTainted(parent));
}

/** What is refused before the columns are looked at: unlogged partitioned tables, storage parameters. */
function refuseStorage(catalog: Catalog, create: CreateTable, context: ApplyContext): Refusal | null {
  const { version } = context;
  // The parent is looked up before the parameters are.
  const isAfterParent =
    create.partitionOf !== null && lookUpRelation(catalog, create.partitionOf.parent).kind === "absent";
  if (create.partitionBy === null) {
    // Another access method may have parameters of its own.
    if (isAfterParent || (create.accessMethod ?? "heap") !== "heap" || create.foreignServer !== null) return null;
    const { storageParameters } = create;
    return (
      refuseOids(storageParameters, context) ?? refuseUnknownParameter(catalog, withoutOids(storageParameters), context)
    );
  }
  if (create.persistence === "unlogged" && version >= 18) {
    return rejected("statement-rejected", "0A000", "partitioned tables cannot be unlogged", create.name.range);
  }
  if (create.accessMethod !== null && version >= 12 && version < 17) {
    const message = "specifying a table access method is not supported on a partitioned table";
    return rejected("statement-rejected", "0A000", message, create.name.range);
  }
  if (create.tablespace === "pg_default" && version >= 12) {
    const message = "cannot specify default tablespace for partitioned relations";
    return rejected("statement-rejected", "0A000", message, create.name.range);
  }
  const oids = isAfterParent ? null : refuseOids(create.storageParameters, context);
  if (oids !== null) return oids;
  const [parameter] = version >= 12 ? withoutOids(create.storageParameters) : create.storageParameters;
  if (parameter === undefined || isAfterParent) return null;
  if (version >= 16) {
    return rejected(
      "statement-rejected",
      "42809",
      "cannot specify storage parameters for a partitioned table",
      parameter.range,
      { hint: "Specify storage parameters for its leaf partitions instead." },
    );
  }
  return rejected("statement-rejected", "22023", `unrecognized parameter "${parameter.name}"`, parameter.range);
}

function newRelation(catalog: Catalog, create: CreateTable, schema: string, context: ApplyContext): Relation {
  const kind = create.foreignServer !== null ? "foreign-table" : "table";
  return {
    ...emptyRelation(catalog.nextId, schema, create.name.name, kind),
    persistence: schema === "pg_temp" ? "temporary" : create.persistence,
    ofType: create.ofType !== null,
    ...(create.ifNotExists && !isKnownAbsent(catalog, schema, create) ? { perhapsOlder: true } : {}),
    ...(create.onCommit === "drop" ? { dropOnCommit: true } : {}),
    ...(create.onCommit === "delete-rows" ? { emptiedOnCommit: true } : {}),
    // Without a server of that name there is no such table.
    ...(create.foreignServer !== null && !catalog.shared.has(`server ${create.foreignServer}`)
      ? { doubtful: true }
      : {}),
    origin: originHere(context, create.name.range),
  };
}

function isKnownAbsent(catalog: Catalog, schema: string, { name }: CreateTable): boolean {
  return (catalog.complete && !catalog.tainted) || catalog.knownAbsent.has(nameKey(schema, name.name));
}

/** The parent must be partitioned, the bound must be readable, and no other partition may be in its way. */
function placePartition(
  catalog: Catalog,
  create: CreateTable,
  partitionOf: NonNullable<CreateTable["partitionOf"]>,
  parent: Relation | null,
  givenBound: Bound | null,
  context: ApplyContext,
):
  | {
      readonly kind: "placed";
      readonly catalog: Catalog;
      readonly link: PartitionLink;
      /** Whether PostgreSQL accepts the bound for sure. */
      readonly certain: boolean;
      readonly declined: readonly string[];
    }
  | Refusal {
  if (parent === null) throw new Error("a partition has a parent");
  if (!isPartitioned(parent) && parent.knowledge === "full") {
    return rejected("not-partitioned", "42P17", `"${parent.name}" is not partitioned`, partitionOf.parent.range, {
      related: [{ relation: parent.id, origin: parent.origin, message: "created here without PARTITION BY" }],
    });
  }
  const origin = originHere(context, partitionOf.bound.range);
  const link = { parent: parent.id, detachPending: false, origin };
  if (givenBound !== null) {
    return { kind: "placed", catalog, declined: [], certain: true, link: { ...link, bound: givenBound } };
  }
  const read = readPartitionBound(catalog, parent, partitionOf.bound, context);
  if (read.kind === "rejected") return read;
  const conflict = checkConflict(read, create.name.name, partitionOf.bound, context);
  if (conflict.kind === "rejected") return conflict;
  const doubts = [...read.declined, ...(conflict.kind === "undecided" ? [conflict.reason] : [])];
  const sure: Catalog = { ...read.catalog, tainted: false };
  const stray = refuseRowsOfDefault(sure, read.parent, read.bound, partitionOf.bound.range, context, "create");
  if (stray !== null && !read.catalog.tainted) return stray;
  // Rows that a script has inserted may be gone where something ran that could not be followed.
  const isObscure = hasObscureRows(read.catalog, read.parent.partitioning?.partitions.defaultPartition ?? null);
  if (isObscure || stray !== null) doubts.push("rows of the default partition may be in the way");
  return {
    kind: "placed",
    catalog: read.catalog,
    declined: doubts,
    certain: doubts.length === 0,
    link: { ...link, bound: read.bound },
  };
}
