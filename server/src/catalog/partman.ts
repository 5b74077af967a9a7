/** What pg_partman 4 keeps besides its configuration: how its triggers route rows, and the ranges of its time-custom sets. */

import type { IdMap } from "./id-map.ts";
import type { BTree } from "./sorted-map.ts";

export interface Partman {
  /** What the function of a table's trigger was given when it was made last. */
  readonly routers: IdMap<PartmanRouter>;
  /** Rows of `custom_time_partitions`, by parent and child as it names them. They outlive both. */
  readonly customRanges: BTree<string, CustomRange>;
}

/** The function of a trigger: names of tables are those that were there when it was made. */
export interface PartmanRouter {
  /** The function, in the schema of the parent. */
  readonly function: string;
  readonly schema: string;
  readonly table: string;
  readonly control: string;
  readonly epoch: string;
  readonly by:
    | { readonly kind: "number"; readonly interval: bigint }
    | { readonly kind: "time"; readonly unit: GridUnit; readonly pattern: string }
    | { readonly kind: "custom" };
  /** The ranges that it tells apart before it looks for a table by its name, in its order; null where they are not known. */
  readonly branches: readonly RouterBranch[] | null;
  /** Whether the parent stores nothing of what it has put elsewhere. */
  readonly returnsNull: boolean;
}

/** What a time is cut back to: a unit of `date_trunc`, or so many minutes of the hour. */
export type GridUnit = "hour" | "day" | "week" | "month" | "quarter" | "year" | 15 | 30;

/** A range with the table that takes its rows; null where they stay in the parent. */
export interface RouterBranch {
  readonly from: Edge;
  readonly to: Edge;
  readonly child: string | null;
}

/** A number, or a time as an instant and as the clocks showed it where the function was made. */
export interface Edge {
  readonly value: bigint;
  readonly local: bigint;
}

export interface CustomRange {
  readonly child: string;
  readonly from: bigint;
  readonly to: bigint;
}

/** The body that the functions of triggers have here: whether one is still pg_partman's is told by it. */
export const routerCode = "BEGIN RETURN NULL; END";
