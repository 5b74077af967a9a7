/** PARTITION BY names something that cannot be a partition key. */

import type { Rule } from "./rule.ts";
import { presentRejection } from "./support/present.ts";

export const partitionKeyInvalid: Rule = {
  id: "partition-key-invalid",
  severity: "error",
  summary: "The partition key is something by which PostgreSQL cannot partition.",
  source: "https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-PARMS-PARTITION-BY",
  present: (context) => presentRejection(context, { advice: adviceFor(context.rejection.message) }),
};

const advices: readonly (readonly [message: RegExp, advice: string])[] = [
  [
    /partition strategy with more than one column$/,
    "LIST takes one column: partition the partitions again by the second column, or use RANGE.",
  ],
  [
    /must be marked IMMUTABLE$/,
    "What it returns depends on a setting such as TimeZone. Partition by the plain column: RANGE bounds on it do the same, and queries on the column are pruned.",
  ],
  [/constant expression/, "Every row would have the same key."],
  [/named in partition key does not exist$/, "The key has to be a column of this table."],
  [
    /generated column/,
    "Generated columns are computed after the row has found its partition: use the generation expression itself as the key.",
  ],
  [/system column/, "System columns have no value when the row is routed."],
  [/^unrecognized partitioning strategy/, "PostgreSQL partitions BY RANGE, LIST or HASH."],
  [
    /has no default operator class/,
    "RANGE and LIST need a type with an order (a btree operator class), HASH one with a hash operator class.",
  ],
  [
    /^cannot create partitioned table as inheritance child$/,
    "Leave out INHERITS: a partitioned table has partitions as its only children.",
  ],
  [/more than \d+ columns$/, "A few columns are enough to tell the partitions apart."],
  [/subquery|aggregate|window|set-returning|grouping/, "The key is computed from one row alone."],
  [/^partitioned tables cannot be unlogged$/, "Leave out UNLOGGED here; the partitions may be unlogged."],
];

function adviceFor(message: string): string {
  return advices.find(([pattern]) => pattern.test(message))?.[1] ?? "";
}
