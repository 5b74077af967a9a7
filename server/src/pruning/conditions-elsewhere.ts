/** Whether a query has a condition on columns of a table at all, wherever it stands: it need not reach the table. */

import type { Query, SelectQuery } from "../syntax/query.ts";
import { addAll } from "../text/long-lists.ts";
import type { TextRange } from "../text/range.ts";

/** A use of a table in a query. */
export interface PlaceInQuery {
  readonly query: Query;
  /** The name under which it is used. */
  readonly alias: string;
  readonly range: TextRange;
}

/** Parts of a query in which conditions stand, by the names that `syntax/query.ts` gives them. */
const conditionParts: ReadonlySet<string> = new Set(["where", "having", "on", "condition"]);

/** Beyond so many parts of a query nothing is said. */
const mostParts = 5_000;

/**
 * Whether WHERE, HAVING, ON or the condition of a MERGE names a column like one of `names`, in the query that uses the table or one around
 * it; in a subquery beside it only by the table's own name there, for others are of other rows. For sentences that say that there is none:
 * false also where the query has too many parts to look through.
 */
export function hasConditionOn({ query, alias, range }: PlaceInQuery, names: readonly string[]): boolean {
  const waiting: { readonly part: unknown; readonly inCondition: boolean; readonly isBeside: boolean }[] = [
    { part: query, inCondition: false, isBeside: false },
  ];
  for (let looked = 0; looked < mostParts; looked += 1) {
    const next = waiting.pop();
    if (next === undefined) return false;
    const { part, inCondition } = next;
    if (typeof part !== "object" || part === null) continue;
    const node = part as Readonly<Record<string, unknown>>;
    const isQuery = node["kind"] === "select";
    const isBeside = next.isBeside || (isQuery && !holds((node as unknown as SelectQuery).range, range));
    if (inCondition && node["kind"] === "column") {
      const path = node["names"] as readonly string[];
      if (names.includes(String(path.at(-1))) && (!isBeside || path.at(-2) === alias)) return true;
    }
    addAll(
      waiting,
      partsOf(part).map(([key, value]) => ({
        part: value,
        // What a condition compares with is not what it is about: a subquery there has conditions of its own.
        inCondition: conditionParts.has(key) || (inCondition && !isQuery),
        isBeside,
      })),
    );
  }
  return false;
}

/** The parts by their names. Of a long list the first ones are looked at last, and so never. */
function partsOf(part: object): readonly (readonly [string, unknown])[] {
  return Array.isArray(part) ? part.slice(-mostParts).map((item) => ["", item]) : Object.entries(part);
}

function holds(whole: TextRange, part: TextRange): boolean {
  return whole.start <= part.start && part.end <= whole.end;
}
