/** The schema at one point of a script, as a persistent value: look-ups by name and id, and copies with one thing changed. */

import type { RelationName } from "../syntax/names.ts";
import type { Code } from "../syntax/uses.ts";
import { noteAll, noteEntry, noteSize, spaces } from "./access.ts";
import { hasSameCode, keysOfCode } from "./attached-code.ts";
import { belongingsOnly, type KeptBelonging } from "./belongings.ts";
import { changedItems } from "./changed-items.ts";
import type { DataType } from "./data-type.ts";
import { changesDraws, referencedBy, withDependent } from "./dependents.ts";
import type { CatalogDoubt, RowsDoubt } from "./doubt.ts";
import { IdMap } from "./id-map.ts";
import type { DroppedExtension, InstalledExtension } from "./installed-extension.ts";
import type { Managers } from "./manager.ts";
import { NameMap } from "./name-map.ts";
import type { Partman } from "./partman.ts";
import type { Pathman } from "./pathman.ts";
import type { PreparedStatement } from "./prepared-statement.ts";
import type { Relation, RelationId } from "./relation.ts";
import type { UserFunction } from "./routine.ts";
import type { SessionSettings } from "./session-settings.ts";
import { type ShardedTables, shardedAfter } from "./shards.ts";
import { type BTree, mapByText } from "./sorted-map.ts";
import type { CodeByName } from "./stored-code.ts";
import { isSystemRelation } from "./system-relations.ts";
import type { Value } from "./value.ts";

export type { SessionSettings } from "./session-settings.ts";

export interface Catalog extends CatalogDoubt {
  readonly relations: IdMap<Relation>;
  /** Ids by `schema` + NUL + `name`. Tables, views, sequences and indexes share one name space. */
  readonly names: NameMap<RelationId>;
  readonly schemas: BTree<string, true>;
  /** Enums, domains, composite types by `schema` + NUL + `name`. */
  readonly types: BTree<string, DataType>;
  /** Functions created by the script, by name without schema: what a key or bound expression may call. */
  readonly functions: BTree<string, UserFunction>;
  /**
   * What code of the script does, by its kind and name without schema: `function f`, `operator ===`, `type d` (a domain's
   * conditions, a type's functions), `event-trigger e`, `prepared p`, `cursor c`; under `ambient` what may run without being
   * named, such as the functions of casts. Several where there are several of a name.
   */
  readonly code: CodeByName;
  /** The relations whose use may run code: triggers, rules, policies, functions of the script in defaults and the like. Kept by `withRelation`. */
  readonly attached: IdMap<true>;
  /** How many of them run what: the keys of `code`, and `openCode` for whatever has none. Kept by `withRelation`. */
  readonly attachedCode: NameMap<number>;
  /** What runs at the end of the transaction at the latest: deferred triggers, cursors WITH HOLD. */
  readonly pending?: readonly Code[] | undefined;
  /** Operator classes created by the script, by access method and name without schema. */
  readonly operatorClasses: BTree<string, { readonly isDefault: boolean }>;
  /**
   * Objects that statements need and others bring, by kind and name: `tablespace fast`, `role app`, `server s`. `perhaps` are
   * those that a statement made or took for granted which PostgreSQL may have refused.
   */
  readonly shared: BTree<string, "shown" | "perhaps">;
  /** Extensions created. */
  readonly extensions: BTree<string, InstalledExtension>;
  /** Extensions that the script has dropped: whatever they brought is gone for sure. */
  readonly droppedExtensions?: readonly DroppedExtension[] | undefined;
  /** What extensions keep of the tables that they manage; absent where there is nothing. */
  readonly managers?: Managers | undefined;
  /** By extension: the version that its calls have shown to be meant, where nothing else tells it. */
  readonly shownVersions?: Readonly<Partial<Record<string, string>>> | undefined;
  /**
   * By relation: the role that ALTER TABLE … OWNER TO has named last. That role may be missing, and then nothing has changed: what
   * PostgreSQL refuses is not told by it, only whose a table is to be that is made like this one.
   */
  readonly givenTo?: IdMap<string> | undefined;
  /** By table: what hangs on it besides its columns, constraints and indexes; see `belongings.ts`. */
  readonly belongings: IdMap<readonly KeptBelonging[]>;
  /** The tables on which something hangs whose text may name other objects. Kept by `withBelongings`. */
  readonly textHolders: IdMap<true>;
  /** By relation: the others that read it or refer to it by a foreign key, or that it owns (sequences), in order of creation. Kept by `withRelation`. */
  readonly dependents: IdMap<IdMap<true>>;
  /** The relations with columns that hold rows of others, as composite types, arrays of them or domains. Kept by `withRelation`. */
  readonly rowHolders: IdMap<true>;
  /** How many constraints of a schema have a name, by `schema` + NUL + `name`: PostgreSQL chooses names by it. Kept by `withRelation`. */
  readonly constraintNames: NameMap<number>;
  /** What pg_pathman has divided; absent where it has divided nothing. */
  readonly pathman?: Pathman | undefined;
  /** What pg_partman 4 keeps besides `managers`; absent where there is nothing. */
  readonly partman?: Partman | undefined;
  /** Rows that INSERTs of constants have left in tables, where any are known. */
  readonly rows: IdMap<KnownRows>;
  readonly settings: SessionSettings;
  /** The session's prepared statements by name, which no rollback takes back. */
  readonly prepared: BTree<string, PreparedStatement>;
  /**
   * What the open transaction has made of enums: its types by `nameKey`, its new labels by that + NUL + label, which cannot be
   * used before it commits.
   */
  readonly newLabels?: ReadonlySet<string> | undefined;
  /** The session's cursors by name: those that end with the transaction, those WITH HOLD, and those that it has closed. */
  readonly cursors?: BTree<string, CursorState> | undefined;
  /** What the collation `default` stands for in this database, where that is known: `C`, `en_US.utf8`, … */
  readonly databaseCollation: string | null;
  /** What Citus keeps besides the tables themselves; absent where nothing is distributed. Groups are kept by `withRelation`. */
  readonly sharded?: ShardedTables | undefined;
  readonly nextId: RelationId;
  /**
   * A hash of the statements so far on which plans depend and of which the rest of the catalog does not keep all (operators, casts,
   * rules, options of views): catalogs behind different ones are different.
   */
  readonly plansBehind?: number | undefined;
  /** The schema of the connected database as it is, where the script stands above one. */
  readonly database?: Catalog | undefined;
}

export type CursorState = "transaction" | "hold" | "closed" | "unknown";

/** Rows of one table that are there for sure. */
export interface KnownRows extends RowsDoubt {
  /** By column name; a column that a row does not have has an unknown value. */
  readonly rows: readonly ReadonlyMap<string, Value | null>[];
}

export function emptyCatalog(options: {
  readonly complete: boolean;
  readonly timeZone: string;
  readonly databaseCollation?: string | undefined;
}): Catalog {
  return {
    relations: IdMap.empty(spaces.relations),
    names: NameMap.empty(spaces.names),
    schemas: ["public", "pg_catalog", "information_schema"].reduce(
      (schemas, name) => schemas.with<true>(name, true, true),
      mapByText<true>(),
    ),
    types: mapByText(),
    functions: mapByText(),
    code: mapByText(),
    attached: IdMap.empty(spaces.attached),
    attachedCode: NameMap.empty(spaces.attachedCode),
    operatorClasses: mapByText(),
    shared: mapByText(),
    extensions: mapByText(),
    belongings: IdMap.empty(spaces.belongings),
    textHolders: IdMap.empty(spaces.textHolders),
    dependents: IdMap.empty(),
    constraintNames: NameMap.empty(spaces.constraintNames),
    rowHolders: IdMap.empty(spaces.rowHolders),
    rows: IdMap.empty(spaces.rows),
    prepared: mapByText(),
    settings: {
      searchPath: ["public"],
      timeZone: options.timeZone,
      initialTimeZone: options.timeZone,
      dateStyle: { output: "ISO", order: "MDY" },
      user: "postgres",
      planner: {},
    },
    databaseCollation: options.databaseCollation ?? null,
    nextId: 1,
    complete: options.complete,
    knownAbsent: NameMap.empty(spaces.knownAbsent),
    tainted: false,
  };
}

/** The key of a name in `names`, `types` and `knownAbsent`. */
export function nameKey(schema: string, name: string): string {
  return `${schema}\0${name}`;
}

/** Whether there is no type, function, operator or collation but PostgreSQL's own and those that the catalog has. */
export function knowsEveryObject(catalog: Catalog): boolean {
  return catalog.complete && !catalog.tainted && catalog.extensions.size === 0 && catalog.hasUnkeptObjects !== true;
}

export function relationById(catalog: Catalog, id: RelationId): Relation | null {
  return catalog.relations.get(id) ?? null;
}

/** The table that a relation is a partition of, or the first one that it inherits from; null where there is none. */
export function parentOf(catalog: Catalog, relation: Relation): Relation | null {
  const parent = relation.partitionOf?.parent ?? relation.inherits[0];
  return parent === undefined ? null : relationById(catalog, parent);
}

/** Resolves a name as PostgreSQL does: qualified as it stands, else along the search path, temporary tables first. */
export function findRelation(catalog: Catalog, name: Pick<RelationName, "schema" | "name">): Relation | null {
  if (name.schema !== null) return findInSchema(catalog, name.schema, name.name);
  let assumed: Relation | null = null;
  for (const schema of lookupPath(catalog)) {
    if (schema === "pg_catalog" && isSystemRelation(name.name)) return assumed;
    const found = findInSchema(catalog, schema, name.name);
    // A temporary relation that was only referred to hides no other.
    if (found?.knowledge === "assumed" && schema.startsWith("pg_temp")) assumed = found;
    else if (found !== null) return found;
  }
  return assumed;
}

function findInSchema(catalog: Catalog, schema: string, name: string): Relation | null {
  const id = catalog.names.getQualified(schema, name);
  return id === undefined ? null : relationById(catalog, id);
}

/** Inserts the relation, or replaces the one with its id; the names follow. A new one belongs to the current role. */
export function withRelation(catalog: Catalog, given: Relation): Catalog {
  const previous = catalog.relations.get(given.id);
  const { role } = catalog.settings;
  const relation = previous === undefined && role !== undefined ? { owner: role, ...given } : given;
  const key = nameKey(relation.schema, relation.name);
  let names = catalog.names;
  if (previous === undefined || previous.name !== relation.name || previous.schema !== relation.schema) {
    if (previous !== undefined) names = names.without(nameKey(previous.schema, previous.name));
    names = names.with(key, relation.id);
  }
  return {
    ...catalog,
    ...references(catalog, previous ?? null, relation),
    relations: catalog.relations.with(relation.id, relation),
    rowHolders: rowHolders(catalog, previous ?? null, relation),
    sharded: shardedAfter(catalog.sharded, previous ?? null, relation),
    ...attachedCode(catalog, previous ?? null, relation),
    untainted: catalog.untainted?.with(relation.id, true),
    names,
    nextId: Math.max(catalog.nextId, relation.id + 1),
    knownAbsent: catalog.knownAbsent.has(key) ? catalog.knownAbsent.without(key) : catalog.knownAbsent,
  };
}

/** Removes the relation; its name is known to be absent from here on. */
export function withoutRelation(catalog: Catalog, id: RelationId): Catalog {
  const previous = catalog.relations.get(id);
  if (previous === undefined) return catalog;
  const key = nameKey(previous.schema, previous.name);
  return {
    ...catalog,
    ...references(catalog, previous, null),
    relations: catalog.relations.without(id),
    ...belongingsOnly(catalog, id, []),
    rowHolders: rowHolders(catalog, previous, null),
    sharded: shardedAfter(catalog.sharded, previous, null),
    ...attachedCode(catalog, previous, null),
    names: catalog.names.without(key),
    knownAbsent: catalog.knownAbsent.with(key, true),
  };
}

/**
 * The relations that read the one with this id, refer to it by a foreign key, name it in a column's default, or belong to it
 * (sequences).
 */
export function dependentsOf(catalog: Catalog, id: RelationId): readonly RelationId[] {
  noteEntry(spaces.dependents, id);
  return [...(catalog.dependents.get(id)?.keys() ?? [])];
}

/** Whether any relation has dependents. */
export function hasDependents({ dependents }: Catalog): boolean {
  noteSize(spaces.dependents);
  return !dependents.isEmpty;
}

/** The catalog after something that may have created or changed anything: no name is known to be absent any more. */
export function withUnknownChanges(catalog: Catalog): Catalog {
  // Whatever else stood in it would be gone too.
  noteAll(spaces.knownAbsent);
  return { ...catalog, tainted: true, knownAbsent: NameMap.empty(spaces.knownAbsent) };
}

export function withSettings(catalog: Catalog, settings: Partial<SessionSettings>): Catalog {
  return { ...catalog, settings: { ...catalog.settings, ...settings } };
}

/** The schema in which an unqualified CREATE puts its object; null when no schema of the path exists. */
export function creationSchema(catalog: Catalog): string | null {
  return effectivePath(catalog).find((schema) => schema !== "pg_catalog" && schemaMayExist(catalog, schema)) ?? null;
}

/** Whether the schema exists, or may exist: the world is not complete, or code that may have done anything has run. */
export function schemaMayExist(catalog: Catalog, schema: string): boolean {
  const { schemas, complete, tainted, knownAbsent } = catalog;
  return schemas.has(schema) || ((!complete || tainted) && !knownAbsent.has(schema));
}

/** The search path with `"$user"` resolved: a schema of the user's name counts where somebody has created it. */
export function effectivePath(catalog: Catalog): readonly string[] {
  const { searchPath, user, role } = catalog.settings;
  if (!searchPath.includes("$user")) return searchPath;
  const own = role ?? user;
  return searchPath.flatMap((schema) => (schema !== "$user" ? [schema] : catalog.schemas.has(own) ? [own] : []));
}

function lookupPath(catalog: Catalog): readonly string[] {
  const { settings, schemas } = catalog;
  const known = lookupPaths.get(settings);
  if (known?.schemas === schemas) return known.path;
  const path = effectivePath(catalog);
  // Those that the path does not name come first.
  const lookup = [...["pg_temp", "pg_catalog"].filter((schema) => !path.includes(schema)), ...path];
  lookupPaths.set(settings, { schemas, path: lookup });
  return lookup;
}

/** Every look-up of an unqualified name needs it, and few statements change the settings or create schemas. */
const lookupPaths = new WeakMap<
  SessionSettings,
  { readonly schemas: Catalog["schemas"]; readonly path: readonly string[] }
>();

/** `dependents` and `constraintNames` after a relation has changed from `previous` to `next`. */
function references(
  catalog: Catalog,
  previous: Relation | null,
  next: Relation | null,
): Pick<Catalog, "dependents" | "constraintNames"> {
  let { dependents, constraintNames } = catalog;
  const drawsChanged = changesDraws(previous, next);
  const constraintsChanged =
    previous?.constraints !== next?.constraints ||
    (next !== null && (next.schema !== previous?.schema || next.dependsOn !== previous.dependsOn));
  if (!constraintsChanged && !drawsChanged) return { dependents, constraintNames };
  // Of a thousand constraints one is another: what it shares with the others is not counted again.
  const { gone, come } =
    previous !== null && next !== null && previous.schema === next.schema
      ? next.constraints.changesFrom(previous.constraints)
      : { gone: [...(previous?.constraints ?? [])], come: [...(next?.constraints ?? [])] };
  for (const { name } of gone)
    constraintNames = NameMap.counted(constraintNames, nameKey(previous?.schema ?? "", name), -1);
  for (const { name } of come) constraintNames = NameMap.counted(constraintNames, nameKey(next?.schema ?? "", name), 1);
  const refersAsBefore =
    previous !== null &&
    !drawsChanged &&
    previous.dependsOn === next?.dependsOn &&
    [...gone, ...come].every((constraint) => constraint.references === null);
  if (refersAsBefore) return { dependents, constraintNames };
  if (previous !== null)
    for (const target of referencedBy(previous)) dependents = withDependent(dependents, target, previous.id, false);
  if (next !== null)
    for (const target of referencedBy(next)) dependents = withDependent(dependents, target, next.id, true);
  return { dependents, constraintNames };
}

function rowHolders(catalog: Catalog, previous: Relation | null, next: Relation | null): Catalog["rowHolders"] {
  if (previous?.columns === next?.columns) return catalog.rowHolders;
  const held = previous !== null && catalog.rowHolders.has(previous.id);
  const { gone, come } = changedItems(previous?.columns ?? [], next?.columns ?? []);
  // Of a thousand columns one is new or another: only where one that holds rows may have been the last are all looked at.
  const mayEnd = held && gone.some(({ type }) => holdsRows(type));
  const holds = (mayEnd ? (next?.columns ?? []) : come).some(({ type }) => holdsRows(type)) || (held && !mayEnd);
  if (held === holds) return catalog.rowHolders;
  return next !== null && holds
    ? catalog.rowHolders.with(next.id, true)
    : catalog.rowHolders.without(previous?.id ?? 0);
}

/** `attached` and `attachedCode` after a relation has changed from `previous` to `next`. */
function attachedCode(
  catalog: Catalog,
  previous: Relation | null,
  next: Relation | null,
): Pick<Catalog, "attached" | "attachedCode"> {
  const { code } = catalog;
  let { attached, attachedCode: counts } = catalog;
  if (previous !== null && next !== null && hasSameCode(previous, next)) return { attached, attachedCode: counts };
  const id = (next ?? previous)?.id ?? 0;
  const before = attached.has(id) && previous !== null ? keysOfCode(previous, code) : noKeys;
  const after = next === null ? noKeys : keysOfCode(next, code, previous);
  if (before.length === 0 && after.length === 0) return { attached, attachedCode: counts };
  attached = after.length > 0 ? attached.with(id, true) : attached.without(id);
  if (before.join() === after.join()) return { attached, attachedCode: counts };
  for (const key of before) counts = NameMap.counted(counts, key, -1);
  for (const key of after) counts = NameMap.counted(counts, key, 1);
  return { attached, attachedCode: counts };
}

const noKeys: readonly string[] = [];

function holdsRows(type: DataType): boolean {
  switch (type.kind) {
    case "array":
      return holdsRows(type.element);
    case "domain":
      return holdsRows(type.base);
    default:
      return type.kind === "composite";
  }
}
