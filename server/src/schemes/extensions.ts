/** The extensions whose calls are read, and which of them a name belongs to. */

import { type Catalog, effectivePath } from "../catalog/catalog.ts";
import { citus } from "./citus/extension.ts";
import type { ConfigurationTable, Extension, ExtensionFunction, ExtensionName, VersionSettings } from "./extension.ts";
import { partman } from "./partman/extension.ts";
import { pathman } from "./pathman/extension.ts";
import { atLeast } from "./versions.ts";

export const extensions: Readonly<Record<ExtensionName, Extension>> = {
  pg_pathman: pathman,
  pg_partman: partman,
  citus,
};

/** A function or table of an extension that a name stands for. */
export interface Owned<T> {
  readonly extension: Extension;
  readonly item: T;
  /** Whether the extension is known to be there: else it is known by the name alone. */
  readonly isInstalled: boolean;
  /** Whether the script has dropped it. */
  readonly isDropped?: true | undefined;
}

/**
 * The function of an extension that a call of that name means; null where it means none. A user's own function of the name wins
 * where the search path does not put the extension's first.
 */
export function extensionFunction(catalog: Catalog, name: readonly string[]): Owned<ExtensionFunction> | null {
  const last = name.at(-1) ?? "";
  const known = functionsByName().get(last);
  const schema = name.length > 1 ? (name[0] ?? null) : null;
  if (known === undefined && schema !== null) return leftByDropped(catalog, schema, last);
  if (known === undefined || name.length > 2) return null;
  const own = catalog.functions.get(last)?.routines?.map((routine) => routine.schema) ?? [];
  return ownerAmong(catalog, known, schema, last, own);
}

/** Any function in a schema out of which an extension was dropped, with nothing else of that name there: it is gone. */
function leftByDropped(catalog: Catalog, schema: string, name: string): Owned<ExtensionFunction> | null {
  const dropped = catalog.droppedExtensions?.find((each) => each.schema === schema);
  const extension =
    dropped === undefined ? undefined : Object.values(extensions).find((each) => each.name === dropped.name);
  if (extension === undefined || catalog.functions.has(name)) return null;
  const isElsewhere = [...catalog.extensions.values()].every((each) => each.schema !== null && each.schema !== schema);
  if (!isElsewhere) return null;
  return { extension, item: { signatures: [], run: () => undefined }, isInstalled: false, isDropped: true };
}

/** The configuration table of an extension that a name stands for; null where it stands for none. */
export function configurationTable(
  catalog: Catalog,
  { schema, name }: { readonly schema: string | null; readonly name: string },
): Owned<ConfigurationTable> | null {
  const known = tablesByName().get(name);
  if (known === undefined) return null;
  // In a whole world a qualified name of nothing is an error like any other.
  const isWhole = schema !== null && catalog.complete && !catalog.tainted;
  if (isWhole && !known.some(({ extension }) => catalog.extensions.has(extension.name))) return null;
  const own = (schema === null ? effectivePath(catalog) : [schema]).filter(
    (each) => catalog.names.getQualified(each, name) !== undefined,
  );
  return ownerAmong(catalog, known, schema, name, own);
}

type Candidates<T> = readonly { readonly extension: Extension; readonly item: T }[];

function ownerAmong<T>(
  catalog: Catalog,
  candidates: Candidates<T>,
  schema: string | null,
  name: string,
  /** The schemas in which the script has something of that name. */
  own: readonly string[],
): Owned<T> | null {
  const path = ["pg_catalog", ...effectivePath(catalog)];
  for (const { extension, item } of candidates) {
    const installed = catalog.extensions.get(extension.name);
    if (installed === undefined) continue;
    const place = extension.schema ?? installed.schema;
    if (schema !== null ? schema === place || place === null : isFirst(path, place, own))
      return { extension, item, isInstalled: true };
  }
  if (own.some((each) => (schema === null ? path.includes(each) : each === schema))) return null;
  for (const { extension, item } of candidates) {
    if (catalog.extensions.has(extension.name)) continue;
    if (!extension.isKnownBy(schema, name, catalog)) continue;
    const isDropped = catalog.droppedExtensions?.some(({ name: gone }) => gone === extension.name) === true;
    return { extension, item, isInstalled: false, ...(isDropped ? { isDropped } : {}) };
  }
  return null;
}

/** Whether the search path leads to the extension's schema before it leads to one with something of the script's own. */
function isFirst(path: readonly string[], place: string | null, own: readonly string[]): boolean {
  if (place === null) return own.length === 0;
  const at = path.indexOf(place);
  return at >= 0 && !own.some((each) => path.includes(each) && path.indexOf(each) < at);
}

/** The version of the extension that is told: by the settings, CREATE EXTENSION, the database or calls before; null where none tells. */
export function toldVersion(extension: Extension, catalog: Catalog, context: VersionSettings): string | null {
  const setting = extension.versionSetting(context) ?? "auto";
  if (setting !== "auto") return extension.versions.find((known) => isWithin(known, setting)) ?? setting;
  return catalog.extensions.get(extension.name)?.version ?? catalog.shownVersions?.[extension.name] ?? null;
}

/** Whether a version belongs to a release: `5.5.0` to `5`. */
function isWithin(version: string, release: string): boolean {
  return version === release || version.startsWith(`${release}.`);
}

/** Whether a version has what came with `since` and is gone with `until`. */
export function hasSignature(
  { since, until }: { readonly since: string | null; readonly until: string | null },
  version: string,
): boolean {
  return (since === null || atLeast(version, since)) && (until === null || !atLeast(version, until));
}

let functions: ReadonlyMap<string, Candidates<ExtensionFunction>> | null = null;
let tables: ReadonlyMap<string, Candidates<ConfigurationTable>> | null = null;

function functionsByName(): NonNullable<typeof functions> {
  functions ??= byName((extension) => extension.functions);
  return functions;
}

function tablesByName(): NonNullable<typeof tables> {
  tables ??= byName((extension) => extension.tables);
  return tables;
}

function byName<T>(itemsOf: (extension: Extension) => ReadonlyMap<string, T>): ReadonlyMap<string, Candidates<T>> {
  const found = new Map<string, { extension: Extension; item: T }[]>();
  for (const extension of Object.values(extensions)) {
    for (const [name, item] of itemsOf(extension)) {
      found.set(name, [...(found.get(name) ?? []), { extension, item }]);
    }
  }
  return found;
}
