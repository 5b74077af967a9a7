/** CREATE SEQUENCE and ALTER SEQUENCE, with the column to which they give the sequence. */

import type { AlterSeqStmt, CreateSeqStmt } from "@pgsql/types";
import type { CreateSequence, Other, SequenceOwner } from "../statement.ts";
import type { Lowering } from "./lowering.ts";
import { identifierAt, relationName, relationNameOfTokens } from "./names.ts";
import { endOfName, findWord, isWord, type Source, wholeRegion } from "./source.ts";

export function lowerCreateSequence(node: CreateSeqStmt, { source }: Lowering): CreateSequence {
  return {
    kind: "create-sequence",
    name: relationName(node.sequence ?? {}, source, "never-only"),
    temporary: node.sequence?.relpersistence === "t",
    ifNotExists: node.if_not_exists === true,
    ...ownership(source),
  };
}

/** Of the other options nothing is read. */
export function lowerAlterSequence(node: AlterSeqStmt, { source }: Lowering): Other {
  const relation = relationName(node.sequence ?? {}, source, "never-only");
  return { kind: "other", tag: "AlterSeqStmt", relations: [relation], ...ownership(source) };
}

/** OWNED BY; nothing where it is not written. */
function ownership(source: Source): { readonly ownedBy?: SequenceOwner | "none" } {
  const first = findWord(source, wholeRegion(source), "owned") + 2;
  if (first < 2 || !isWord(source, first - 1, "by")) return {};
  const last = endOfName(source, first);
  if (last >= first + 2)
    return { ownedBy: { table: relationNameOfTokens(source, first, last - 2), column: identifierAt(source, last) } };
  return isWord(source, first, "none") ? { ownedBy: "none" } : {};
}
