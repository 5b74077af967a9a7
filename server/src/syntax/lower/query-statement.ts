/** A statement that is a query, or holds one: EXPLAIN, DECLARE CURSOR, PREPARE. */

import type { Node } from "@pgsql/types";
import type { Other, QueryStatement } from "../statement.ts";
import type { Lowering } from "./lowering.ts";
import { kindOf } from "./node.ts";
import { lowerQuery, withoutParentheses } from "./queries.ts";
import { type Region, rangeOfRegion } from "./source.ts";

/** A query that stands in `region`; `other` where the node is none, such as EXECUTE under EXPLAIN. */
export function lowerQueryStatement(
  node: Node | undefined,
  region: Region,
  wrapper: QueryStatement["wrapper"],
  lowering: Lowering,
  name?: string,
): QueryStatement | Other {
  const inner = withoutParentheses(lowering.source, region);
  const query = lowerQuery(node, inner, lowering);
  const named = name === undefined ? {} : { name };
  if (query !== null)
    return { kind: "query", wrapper, ...named, query, queryRange: rangeOfRegion(lowering.source, inner) };
  return { kind: "other", tag: node === undefined ? "" : kindOf(node), relations: [] };
}
