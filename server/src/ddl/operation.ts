/** The operations that write DDL, and how their arguments are read. */

import type { Scheme } from "../catalog/partitioning.ts";
import type { OperationProblem } from "./script.ts";

/** What can be asked for, in the words of the manual and of pg_pathman. */
export const operations = ["split", "merge", "append", "prepend", "fill"] as const;
export type Operation = (typeof operations)[number];

/** Relations as people write them: `measurement`, `app."Sales"`, or `app.Sales` unquoted as our answers have it. */
export interface OperationRequest {
  readonly operation: Operation;
  readonly table: string;
  /** split: the partition to split. */
  readonly partition: string | null;
  /** merge: the neighbours to merge; the first keeps its name. */
  readonly partitions: readonly string[];
  /** split: the first value of the upper part. */
  readonly at: string | null;
  /** fill: the lower end of the one gap meant; null fills all. */
  readonly from: string | null;
  /** split, merge, append, prepend: the name of the table that comes to be; null takes the pattern of the siblings. */
  readonly name: string | null;
  /** append, prepend: how many. */
  readonly count: number;
}

export type RequestResult =
  | { readonly ok: true; readonly value: OperationRequest }
  | { readonly ok: false; readonly problem: OperationProblem };

/** Reads the arguments of `partitionLens.generate` or of the command line. */
export function readOperationRequest(raw: unknown): RequestResult {
  if (typeof raw !== "object" || raw === null) {
    return wrong("pass one object with `operation` and `table`", "operation");
  }
  const given = raw as Readonly<Record<string, unknown>>;
  const operation = operations.find((known) => known === given["operation"]);
  if (operation === undefined) return wrong(`\`operation\` must be one of ${operations.join(", ")}`, "operation");
  const table = given["table"];
  if (typeof table !== "string" || table.trim() === "") {
    return wrong("`table` must name the partitioned table", "table");
  }
  const { partitions = [], count = 1 } = given;
  if (!Array.isArray(partitions) || !partitions.every((name) => typeof name === "string")) {
    return wrong("`partitions` must be a list of names", "partitions");
  }
  if (typeof count !== "number" || !Number.isInteger(count) || count < 1 || count > 1000) {
    return wrong("`count` must be a whole number from 1 to 1000", "count");
  }
  for (const argument of ["partition", "at", "from", "name"]) {
    const value = given[argument];
    if (value !== undefined && value !== null && typeof value !== "string" && typeof value !== "number") {
      return wrong(`\`${argument}\` must be a text`, argument);
    }
  }
  const text = (argument: string): string | null => {
    const value = given[argument];
    return value === undefined || value === null ? null : String(value);
  };
  return {
    ok: true,
    value: {
      operation,
      table,
      partition: text("partition"),
      partitions,
      at: text("at"),
      from: text("from"),
      name: text("name"),
      count,
    },
  };
}

/** Schemes for which an operation is written differently. */
export type OperationScheme = Scheme;

function wrong(message: string, argument: string): RequestResult {
  return { ok: false, problem: { message, argument } };
}
