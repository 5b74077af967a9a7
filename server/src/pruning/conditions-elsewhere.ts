/** Whether a query has a condition on columns of these names at all, wherever it stands: it need not reach the table. */

import type { Query } from "../syntax/query.ts";
import { addAll } from "../text/long-lists.ts";

/** Parts of a query in which conditions stand, by the names that `syntax/query.ts` gives them. */
const conditionParts: ReadonlySet<string> = new Set(["where", "having", "on", "condition"]);

/** Beyond so many parts of a query nothing is said. */
const mostParts = 20_000;

/**
 * Whether WHERE, HAVING, ON or the condition of a MERGE, at any depth, names a column like one of `names`: for sentences that say
 * that there is none. False also where the query has too many parts to look through.
 */
export function hasConditionOn(query: Query, names: readonly string[]): boolean {
  const waiting: { readonly part: unknown; readonly inCondition: boolean }[] = [{ part: query, inCondition: false }];
  for (let looked = 0; looked < mostParts; looked += 1) {
    const next = waiting.pop();
    if (next === undefined) return false;
    const { part, inCondition } = next;
    if (typeof part !== "object" || part === null) continue;
    const node = part as Readonly<Record<string, unknown>>;
    if (inCondition && node["kind"] === "column" && names.includes(String((node["names"] as readonly string[]).at(-1))))
      return true;
    // What a condition compares with is not what it is about: a subquery there has conditions of its own.
    const isQuery = node["kind"] === "select";
    addAll(
      waiting,
      Object.entries(node).map(([key, value]) => ({
        part: value,
        inCondition: conditionParts.has(key) || (inCondition && !isQuery),
      })),
    );
  }
  return false;
}
