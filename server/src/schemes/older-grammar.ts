/** What our parser reads and an older PostgreSQL's grammar does not: refused before anything else is looked at. */

import type { AlterAction, BoundSpecification, Statement } from "../syntax/statement.ts";
import type { TextRange } from "../text/range.ts";
import { type Refusal, rejected } from "./outcome.ts";
import type { ApplyContext } from "./scheme.ts";

/** The syntax error (42601) that a statement is in the version at hand; null where its grammar goes on. */
export function refuseOlderGrammar(statement: Statement, context: ApplyContext): Refusal | null {
  if (statement.kind === "create-table" && statement.partitionOf !== null)
    return refuseBound(statement.partitionOf.bound, context);
  if (statement.kind !== "alter-table") return null;
  for (const action of statement.actions) {
    const refusal = refuseAction(action, context);
    if (refusal !== null) return refusal;
  }
  return null;
}

function refuseAction(action: AlterAction, context: ApplyContext): Refusal | null {
  switch (action.kind) {
    case "attach-partition":
      return refuseBound(action.bound, context);
    case "detach-partition": {
      if (context.version >= 14 || (!action.concurrently && !action.finalize)) return null;
      const word = action.concurrently ? "CONCURRENTLY" : "FINALIZE";
      const start = context.text?.slice(0, action.range.end).toUpperCase().lastIndexOf(word) ?? -1;
      return syntaxError(word, start < 0 ? null : start, action.range, context);
    }
    case "split-partition":
    case "merge-partitions": {
      if (context.version >= 19) return null;
      const { start } = action.range;
      return syntaxError(action.keyword, start, { start, end: start + action.keyword.length }, context);
    }
    default:
      return null;
  }
}

/** PostgreSQL 10 has neither hash nor default partitions: its grammar stops at the word that begins the bound. */
function refuseBound(bound: BoundSpecification, context: ApplyContext): Refusal | null {
  if (context.version >= 11 || (bound.kind !== "hash" && bound.kind !== "default")) return null;
  const word = bound.kind === "hash" ? "WITH" : "DEFAULT";
  return syntaxError(word, bound.location, { start: bound.location, end: bound.location + word.length }, context);
}

/** The grammar stops at `word`, which stands at `position` where that is known. */
function syntaxError(word: string, position: number | null, range: TextRange, context: ApplyContext): Refusal {
  const shown = (position === null ? undefined : context.text?.slice(position, position + word.length)) ?? word;
  return rejected("version-unsupported", "42601", `syntax error at or near "${shown}"`, range, {
    position: position ?? undefined,
  });
}
