/** Objects that statements need and seldom make: roles, tablespaces, collations, … Which are there, as far as anybody shows them. */

import { type Catalog, effectivePath } from "../../catalog/catalog.ts";
import { isServerCollation } from "../../catalog/values/absent-objects.ts";
import { operatorClass } from "../../catalog/values/builtins.ts";
import type { SharedObject, Statement } from "../../syntax/statement.ts";
import { lookUpRelation } from "../relations/lookup.ts";
import { isBrought } from "./known-functions.ts";

/** The catalog with the objects that an accepted statement creates, or without those that it drops. */
export function withSharedObjects(catalog: Catalog, { shares }: Statement): Catalog {
  if (shares === undefined) return catalog;
  const shared = shares.objects.reduce((known, object) => {
    return shares.change === "create" ? known.with(keyOf(object), "shown", true) : known.without(keyOf(object));
  }, catalog.shared);
  return { ...catalog, shared };
}

/** The catalog in which PostgreSQL may have the object. */
export function withPerhapsShared(catalog: Catalog, object: SharedObject): Catalog {
  return { ...catalog, shared: catalog.shared.with(keyOf(object), "perhaps", true) };
}

/** Whether the object is one of those that a statement may have failed to make, or took for granted. */
export function isPerhapsShared({ shared }: Catalog, object: SharedObject): boolean {
  return shared.get(keyOf(object)) === "perhaps";
}

/** Whether the object is there: PostgreSQL's own, an extension's, or one that a statement has made. */
export function isShown(catalog: Catalog, object: SharedObject): boolean {
  if (catalog.shared.get(keyOf(object)) === "shown") return true;
  const { kind, name } = object;
  switch (kind) {
    case "access method":
      return ownMethods.has(name) || isBrought(catalog, "methods", name);
    case "collation":
      return isServerCollation(name);
    case "index parameter":
      return ownParameters.has(name);
    case "operator class":
      return isOwnClass(name) || hasClass(catalog, name) || isBrought(catalog, "classes", name);
    case "relation":
      return isThere(catalog, { schema: object.schema ?? null, name });
    case "role":
      return name === catalog.settings.user || name.startsWith("pg_");
    case "schema":
      return catalog.schemas.has(name) || effectivePath(catalog).includes(name);
    case "publication":
    case "server":
      return false;
    case "tablespace":
      return name === "pg_default" || name === "pg_global";
    case "text search configuration":
      return ownConfigurations.has(name);
  }
}

/** What files do not show is taken to be there where they are not the whole schema, but not where code may have made it. */
function isThere(catalog: Catalog, name: { readonly schema: string | null; readonly name: string }): boolean {
  const { kind } = lookUpRelation(catalog, name);
  return kind === "found" || (kind === "unknown" && !catalog.complete);
}

/** Whether PostgreSQL's own methods take each of them is theirs to say. */
const ownParameters: ReadonlySet<string> = new Set([
  "autosummarize",
  "buffering",
  "deduplicate_items",
  "fastupdate",
  "fillfactor",
  "gin_pending_list_limit",
  "pages_per_range",
  "vacuum_cleanup_index_scale_factor",
]);

const ownMethods: ReadonlySet<string> = new Set(["brin", "btree", "gin", "gist", "hash", "heap", "spgist"]);

function keyOf({ kind, name }: SharedObject): string {
  return `${kind} ${name}`;
}

function hasClass({ operatorClasses }: Catalog, name: string): boolean {
  return [...ownMethods].some((method) => operatorClasses.has(`${method} ${name}`));
}

function isOwnClass(name: string): boolean {
  if (operatorClass("btree", name) !== null || operatorClass("hash", name) !== null) return true;
  return otherClasses.has(name) || /_(?:bloom|minmax|minmax_multi|inclusion)_ops$/.test(name);
}

/** PostgreSQL's own of the access methods besides btree, hash and brin. */
const otherClasses: ReadonlySet<string> = new Set([
  "box_ops",
  "circle_ops",
  "inet_ops",
  "jsonb_path_ops",
  "kd_point_ops",
  "point_ops",
  "poly_ops",
  "quad_point_ops",
  "tsquery_ops",
]);

const ownConfigurations: ReadonlySet<string> = new Set(
  (
    "simple arabic armenian basque catalan danish dutch english estonian finnish french german greek hindi hungarian " +
    "indonesian irish italian lithuanian nepali norwegian portuguese romanian russian serbian spanish swedish tamil " +
    "turkish yiddish"
  ).split(" "),
);
