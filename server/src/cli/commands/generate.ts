/** `partition-lens generate`: prints the SQL of a partition operation; nothing is written or run. */

import { generate } from "../../ddl/generate.ts";
import { operations, readOperationRequest } from "../../ddl/operation.ts";
import { readLoneExpression } from "../../syntax/expression-text.ts";
import { withAnalyser } from "../analyse.ts";
import { type Command, exitCodes, formatOption, textOption, UsageError } from "../command.ts";
import { readSourceFile } from "../source-files.ts";

export const generateCommand: Command = {
  summary: "Prints the SQL of a partition operation on a table of a file",
  usage: `generate ${operations.join("|")} FILE --table NAME [--partition NAME …] [--at VALUE] [--format text|json]`,
  options: {
    table: { type: "string" },
    partition: { type: "string", multiple: true },
    at: { type: "string" },
    from: { type: "string" },
    name: { type: "string" },
    count: { type: "string" },
  },
  optionHelp: [
    ["--table name", "the partitioned table"],
    ["--partition name", "split: the partition; merge: give it once for each neighbour"],
    ["--at value", "split: the first value of the upper part"],
    ["--from value", "fill: the lower end of the one gap meant"],
    ["--name name", "the name of the new partition"],
    ["--count number", "append, prepend: how many"],
    ["--format name", "text or json; text is the default"],
  ],
  run: async (context) => {
    const format = formatOption(context, ["text", "json"]);
    const [operation, ...files] = context.words;
    if (operation === undefined) throw new UsageError(`name an operation: ${operations.join(", ")}`);
    const { partition } = context.options;
    const partitions = Array.isArray(partition) ? partition.map(String) : [];
    const count = textOption(context, "count");
    const request = readOperationRequest({
      operation,
      table: textOption(context, "table"),
      partition: partitions[0],
      partitions: partitions.length > 1 ? partitions : [],
      at: textOption(context, "at"),
      from: textOption(context, "from"),
      name: textOption(context, "name"),
      ...(count === undefined ? {} : { count: Number(count) }),
    });
    if (!request.ok) throw new UsageError(asTyped(request.problem.message));
    const source = await readSourceFile({ ...context, words: files });
    const result = await withAnalyser(context, [source], async ({ analyse, reading }) => {
      const { analysis } = await analyse(source);
      if (analysis === null) throw new UsageError(`${source.path} is larger than limits.maxFileSizeKb`);
      return generate(request.value, {
        catalog: analysis.final,
        version: analysis.options.version,
        today: analysis.options.today,
        inTransaction: false,
        readExpression: (text) => readLoneExpression(text, reading.parser),
      });
    });
    if (!result.ok) throw new UsageError(asTyped(result.problem.message));
    const { sql, steps, notes } = result.value;
    context.environment.write(format === "json" ? `${JSON.stringify({ sql, steps, notes }, null, 2)}\n` : sql);
    return exitCodes.clean;
  },
};

/** The arguments that a message names, as they are typed here. */
function asTyped(message: string): string {
  return message.replace(/`(table|partition|at|from|name|count)s?`/g, "--$1").replace("`operation`", "the operation");
}
