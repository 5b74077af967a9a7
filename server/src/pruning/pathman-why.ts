/** Why pg_pathman leaves more partitions of a table than one, in sentences for people. */

import type { Catalog } from "../catalog/catalog.ts";
import { type Clause, type Comparison, columnsOf } from "./clause.ts";
import { pathmanKey } from "./pathman.ts";
import type { Prediction, ReferenceInput } from "./predict.ts";
import type { PruningReason } from "./verdict.ts";

/** One entry for each cause; null where pg_pathman does not plan for the table. */
export function pathmanReasons(
  catalog: Catalog,
  input: ReferenceInput,
  prediction: Prediction,
): readonly PruningReason[] | null {
  const divided = pathmanKey(catalog, input);
  if (divided === null || (input.writes && prediction.survivors.length > 1)) return null;
  const found = input.clauses.flatMap((clause) => reasonsOf(clause, divided, input.reference));
  const mentions = input.clauses.some((clause) => mentionsColumn(clause, divided.column, input.reference));
  if (found.length > 0) return found;
  if (!mentions) return [{ kind: "no-predicate", message: `no predicate on ${divided.column}`, range: null }];
  return [];
}

type Divided = NonNullable<ReturnType<typeof pathmanKey>>;

function mentionsColumn(clause: Clause, column: string, reference: number): boolean {
  return columnsOf(clause).some((one) => one.reference === reference && one.name === column);
}

function reasonsOf(clause: Clause, divided: Divided, reference: number): readonly PruningReason[] {
  if (clause.kind === "and" || clause.kind === "or")
    return clause.items.flatMap((item) => reasonsOf(item, divided, reference));
  if (!mentionsColumn(clause, divided.column, reference)) return [];
  const { range } = clause;
  if (clause.kind !== "comparison") return [];
  const other = otherSide(clause, divided.key);
  if (other === null) {
    const message = `pg_pathman compares the key itself with constants: ${divided.column} stands inside an expression`;
    return [{ kind: "key-wrapped", message, range }];
  }
  if (divided.kind === "hash" && clause.operator !== "=") {
    const message = `hash partitions are only pruned by equality on ${divided.column}`;
    return [{ kind: "hash-needs-equality", message, range }];
  }
  if (other.kind === "column") {
    const message = "which partitions a join needs is decided while it runs, for each row of the other side";
    return [{ kind: "join", message, range }];
  }
  if (other.kind !== "run-time") return [];
  switch (other.cause) {
    case "execution":
    case "parameter": {
      const message = "which partitions are needed is decided while the query runs, by what the value is then";
      return [{ kind: other.cause === "parameter" ? "parameter" : "subquery", message, range }];
    }
    case "stable":
    case "volatile": {
      const message = "pg_pathman prunes by constants, and not by what a function of the clock or the session is worth";
      return [{ kind: other.cause === "stable" ? "stable-expression" : "volatile-expression", message, range }];
    }
    default:
      return [];
  }
}

function otherSide({ left, right }: Comparison, key: string): Comparison["left"] | null {
  if (left.key === key) return right;
  return right.key === key ? left : null;
}
