/** What is kept of privileges, comments, policies and the like: for tables that take another one's place. */

import type { Belonging } from "../syntax/belonging.ts";
import type { IdMap } from "./id-map.ts";
import type { RelationId } from "./relation-id.ts";

export interface KeptBelonging extends Belonging {
  /** The columns that the table had then and that the text names. */
  readonly columns: readonly string[];
  /** Where the names in the text were looked up: as they are written there they may mean others elsewhere. */
  readonly searchPath: readonly string[];
}

/** More of one table are not kept. */
export const mostBelongings = 500;

interface Holding {
  readonly belongings: IdMap<readonly KeptBelonging[]>;
  readonly textHolders: IdMap<true>;
}

/** What hangs on a table, in the order in which it was given. */
export function belongingsOf(
  { belongings }: Pick<Holding, "belongings">,
  { id }: { readonly id: RelationId },
): readonly KeptBelonging[] {
  return belongings.get(id) ?? noBelongings;
}

const noBelongings: readonly KeptBelonging[] = [];

/** The catalog in which this hangs on a table, and nothing else; of more than are kept the first ones. */
export function withBelongings<Kept extends Holding>(
  catalog: Kept,
  { id }: { readonly id: RelationId },
  belongings: readonly KeptBelonging[],
): Kept {
  return { ...catalog, ...belongingsOnly(catalog, id, belongings) };
}

/** The catalog in which nobody knows how to give again what hangs on these tables: it is given to no other one. */
export function withBelongingsUntold<Kept extends Holding>(catalog: Kept, ids: Iterable<RelationId>): Kept {
  let left = catalog;
  for (const id of ids) {
    const kept = belongingsOf(left, { id });
    if (kept.every(({ sql }) => sql === null)) continue;
    const untold = kept.map((each) => ({ ...each, sql: null }));
    left = withBelongings(left, { id }, untold);
  }
  return left;
}

/** The fields of the catalog that `withBelongings` changes. */
export function belongingsOnly(catalog: Holding, id: RelationId, belongings: readonly KeptBelonging[]): Holding {
  const holds = belongings.some(mayNameOthers);
  const { textHolders } = catalog;
  return {
    belongings:
      belongings.length === 0
        ? catalog.belongings.without(id)
        : catalog.belongings.with(id, belongings.slice(0, mostBelongings)),
    textHolders:
      textHolders.has(id) === holds ? textHolders : holds ? textHolders.with(id, true) : textHolders.without(id),
  };
}

/** Whether its text may name other objects than its table and the columns of it; a privilege names a role alone. */
export function mayNameOthers({ kind, index }: Belonging): boolean {
  return index !== undefined || namingOthers.has(kind);
}

const namingOthers: ReadonlySet<Belonging["kind"]> = new Set([
  "policy",
  "trigger",
  "publication",
  "statistics",
  "tablespace",
  "access method",
]);
