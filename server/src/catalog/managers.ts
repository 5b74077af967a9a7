/** The configurations that extensions keep of tables: looked up by name and by table, kept and dropped. */

import type { Catalog } from "./catalog.ts";
import type { Manager, ManagerName, Managers } from "./manager.ts";
import type { Relation } from "./relation.ts";
import { mapByText } from "./sorted-map.ts";

const none: Managers = mapByText();

/** The configurations of one extension, by the names of their tables in order. */
export function* managersBy(catalog: Catalog, by: ManagerName): Generator<Manager> {
  for (const [key, manager] of (catalog.managers ?? none).entries(`${by} `)) {
    if (!key.startsWith(`${by} `)) return;
    yield manager;
  }
}

/** The configuration that an extension keeps under a name; null where it keeps none. */
export function managerNamed(catalog: Catalog, by: ManagerName, table: string): Manager | null {
  return catalog.managers?.get(`${by} ${table}`) ?? null;
}

/** Who manages a table; null where nobody is known to. */
export function managerOf(catalog: Catalog, { schema, name }: Pick<Relation, "schema" | "name">): Manager | null {
  if (catalog.managers === undefined) return null;
  const table = `${schema}.${name}`;
  return managerNamed(catalog, "pg_partman", table) ?? managerNamed(catalog, "pg_pathman", table);
}

/** The catalog with the configuration kept, in the place of one of its name. */
export function withManager(catalog: Catalog, manager: Manager): Catalog {
  const key = `${manager.by} ${manager.table}`;
  return { ...catalog, managers: (catalog.managers ?? none).with(key, manager, true) };
}

/** The catalog without the configuration of that name. */
export function withoutManager(catalog: Catalog, by: ManagerName, table: string): Catalog {
  if (catalog.managers === undefined) return catalog;
  return { ...catalog, managers: catalog.managers.without(`${by} ${table}`) };
}

/** The catalog without all that these extensions keep of tables. */
export function withoutManagersBy(catalog: Catalog, extensions: readonly string[]): Catalog {
  if (catalog.managers === undefined) return catalog;
  const gone = [...catalog.managers.values()].filter(({ by }) => extensions.includes(by));
  return gone.reduce((next, { by, table }) => withoutManager(next, by, table), catalog);
}
