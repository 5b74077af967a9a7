/** `partition-lens generate`: prints the SQL of a partition operation; nothing is written or run. */

import { generate } from "../../ddl/generate.ts";
import { operationArguments, operations, readOperationRequest } from "../../ddl/operation.ts";
import { readLoneExpression } from "../../syntax/expression-text.ts";
import { withAnalyser } from "../analyse.ts";
import { type Command, type CommandContext, exitCodes, formatOption, textOption, UsageError } from "../command.ts";
import { readSourceFile } from "../source-files.ts";

const placeholders = {
  text: " value",
  texts: " value …",
  number: " number",
  flag: "",
  style: " simple|online",
  action: " detach|drop|archive",
} as const;

export const generateCommand: Command = {
  summary: "Prints the SQL of a partition operation on a table of a file",
  usage: "generate OPERATION FILE --table NAME [--ARGUMENT VALUE …] [--format text|json]",
  options: {
    table: { type: "string" },
    ...Object.fromEntries(
      Object.entries(operationArguments).map(([name, { takes }]) => [
        name,
        takes === "flag"
          ? ({ type: "boolean" } as const)
          : ({ type: "string", multiple: name === "partition" || takes === "texts" } as const),
      ]),
    ),
  },
  optionHelp: [
    ["OPERATION", operations.join(", ")],
    ["--table name", "the partitioned table"],
    ...Object.entries(operationArguments)
      .filter(([name]) => name !== "partitions")
      .map(([name, { takes, help }]) => [`--${name}${placeholders[takes]}`, help] as const),
    ["--format name", "text or json; text is the default"],
  ],
  run: async (context) => {
    const format = formatOption(context, ["text", "json"]);
    const [operation, ...files] = context.words;
    if (operation === undefined) throw new UsageError(`name an operation: ${operations.join(", ")}`);
    const request = readOperationRequest({ ...given(context), operation, table: textOption(context, "table") });
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
    const { sql, steps, notes, undo } = result.value;
    context.environment.write(format === "json" ? `${JSON.stringify({ sql, steps, notes, undo }, null, 2)}\n` : sql);
    return exitCodes.clean;
  },
};

/** The arguments of the operation; `--partition` and `--values` may be given several times. */
function given({ options }: CommandContext): Readonly<Record<string, unknown>> {
  const partition = options["partition"];
  const named = Array.isArray(partition) ? partition.map(String) : [];
  const values: Record<string, unknown> = {};
  for (const [name, { takes }] of Object.entries(operationArguments)) {
    const value = options[name];
    const list = Array.isArray(value) ? value.map(String) : null;
    // One text may be a list with commas.
    values[name] = takes === "texts" && list?.length === 1 ? list[0] : value;
  }
  return { ...values, partition: named[0], partitions: named.length > 1 ? named : (values["partitions"] ?? []) };
}

/** The arguments that a message names, as they are typed here. */
function asTyped(message: string): string {
  const names = ["table", ...Object.keys(operationArguments)].join("|");
  return message
    .replace(new RegExp(`(?<!\\.)"(${names})"(?!\\.)`, "g"), "--$1")
    .replaceAll("--partitions", "--partition")
    .replace('"operation"', "the operation");
}
