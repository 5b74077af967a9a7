/** PREPARE, EXECUTE and DEALLOCATE. */

import type { DeallocateStmt, ExecuteStmt, PrepareStmt } from "@pgsql/types";
import type { Deallocate, Execute, Other, QueryStatement } from "../statement.ts";
import { lowerExpression } from "./expressions.ts";
import type { Lowering } from "./lowering.ts";
import { identifierAt } from "./names.ts";
import { allOf } from "./node.ts";
import { lowerQueryStatement } from "./query-statement.ts";
import { findWord, isWord, wholeRegion } from "./source.ts";
import { lowerTypeName } from "./types.ts";

export function lowerPrepare(node: PrepareStmt, lowering: Lowering): QueryStatement | Other {
  const { source } = lowering;
  const first = findWord(source, wholeRegion(source), "as") + 1;
  const region = { first, last: source.tokens.length - 1 };
  const prepared = lowerQueryStatement(node.query, region, "prepare", lowering);
  if (prepared.kind !== "query") return prepared;
  const parameterTypes = allOf(node.argtypes, "TypeName").map((type) => lowerTypeName(type, source));
  return { ...prepared, name: node.name ?? "", parameterTypes };
}

export function lowerExecute(node: ExecuteStmt, wrapper: Execute["wrapper"], lowering: Lowering): Execute {
  const { source } = lowering;
  const name = identifierAt(source, findWord(source, wholeRegion(source), "execute") + 1);
  return {
    kind: "execute",
    wrapper,
    name: { ...name, name: node.name ?? "" },
    arguments: (node.params ?? []).map((argument) => lowerExpression(argument, lowering)),
  };
}

export function lowerDeallocate(node: DeallocateStmt, { source }: Lowering): Deallocate {
  if (node.name === undefined) return { kind: "deallocate", name: null };
  const index = isWord(source, 1, "prepare") && source.tokens.length > 2 ? 2 : 1;
  return { kind: "deallocate", name: { ...identifierAt(source, index), name: node.name } };
}
