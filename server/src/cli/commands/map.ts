/** `partition-lens map`: the picture of a table's partitions, which is not drawn yet. */

import { type Command, UsageError } from "../command.ts";

export const mapCommand: Command = {
  summary: "Draws the partitions of a table (not available yet)",
  usage: "map FILE --table NAME",
  options: { table: { type: "string" } },
  optionHelp: [["--table name", "the partitioned table"]],
  run: () => {
    throw new UsageError(
      "map is not available yet; `partition-lens catalog FILE` lists the partitions and their bounds",
    );
  },
};
