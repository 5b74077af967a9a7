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

/** What hangs on a table, in the order in which it was given. */
export function belongingsOf(
  { belongings }: { readonly belongings: IdMap<readonly KeptBelonging[]> },
  { id }: { readonly id: RelationId },
): readonly KeptBelonging[] {
  return belongings.get(id) ?? noBelongings;
}

const noBelongings: readonly KeptBelonging[] = [];
