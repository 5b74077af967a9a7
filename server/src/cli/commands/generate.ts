/** `partition-lens generate`: prints the SQL of a partition operation; nothing is written or run. */

import { generate } from "../../ddl/generate.ts";
import {
  type Argument,
  type Operation,
  operationArguments,
  operationDetails,
  operations,
  readOperationRequest,
} from "../../ddl/operation.ts";
import { typedValueReader } from "../../syntax/typed-value.ts";
import { whyNotAnalysed, withAnalyser } from "../analyse.ts";
import { type Command, type CommandContext, exitCodes, formatOption, textOption, UsageError } from "../command.ts";
import { readSourceFile } from "../source-files.ts";

const placeholders = {
  text: " value",
  texts: " value[,value…]",
  number: " number",
  flag: "",
  style: " simple|online",
  action: " detach|drop|archive",
} as const;

const summary = "Prints the SQL of a partition operation on a table of a file";

const commonHelp = [
  ["--undo", "print the script that takes everything back instead"],
  ["--format name", "text or json; text is the default"],
] as const;

export const generateCommand: Command = {
  summary,
  usage: "generate OPERATION FILE --table NAME [--ARGUMENT VALUE …] [--undo] [--format text|json]",
  options: {
    table: { type: "string" },
    undo: { type: "boolean" },
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
    ...operations.map((operation) => [operation, operationDetails[operation].does] as const),
    ["OPERATION --help", "the arguments that it takes; docs/operations.md says which scheme has it"],
    ["--table name", "the partitioned table"],
    ...commonHelp,
  ],
  helpFor: ([word]) => {
    const operation = operations.find((each) => each === word);
    if (operation === undefined) return null;
    return {
      summary: `${operation}: ${operationDetails[operation].does}`,
      usage: `generate ${operation} FILE --table NAME [--ARGUMENT VALUE …] [--undo] [--format text|json]`,
      optionHelp: [["--table name", "the partitioned table"], ...argumentsTaken(operation).map(helpOf), ...commonHelp],
    };
  },
  run: async (context) => {
    const format = formatOption(context, ["text", "json"]);
    const [operation, ...files] = context.words;
    if (operation === undefined) throw new UsageError(`name an operation: ${operations.join(", ")}`);
    const request = readOperationRequest({ ...given(context), operation, table: textOption(context, "table") });
    if (!request.ok) throw new UsageError(asTyped(request.problem.message));
    refuseOthers(context, request.value.operation);
    const source = await readSourceFile({ ...context, words: files });
    const result = await withAnalyser(context, [source], async ({ analyse, reading }) => {
      const { analysis } = await analyse(source);
      if (analysis === null) throw new UsageError(`${source.path} is ${whyNotAnalysed(source)}`);
      return generate(request.value, {
        catalog: analysis.final,
        version: analysis.options.version,
        today: analysis.options.today,
        inTransaction: false,
        typedValues: typedValueReader(reading),
      });
    });
    if (!result.ok) throw new UsageError(asTyped(result.problem.message));
    const { sql, steps, notes, undo } = result.value;
    if (context.options["undo"] === true && format === "text") {
      if (undo === null) throw new UsageError("nothing takes this script back: its opening comment says why");
      context.environment.write(undo);
      return exitCodes.clean;
    }
    context.environment.write(format === "json" ? `${JSON.stringify({ sql, steps, notes, undo }, null, 2)}\n` : sql);
    return exitCodes.clean;
  },
};

/** The arguments as they are typed: `--partition` is given once for each one that is merged. */
function argumentsTaken(operation: Operation): readonly Argument[] {
  const { takes } = operationDetails[operation];
  return [...takes.map((argument) => (argument === "partitions" ? "partition" : argument)), "style"];
}

function helpOf(argument: Argument): readonly [string, string] {
  const { takes, help } = operationArguments[argument];
  return [`--${argument}${placeholders[takes]}`, help];
}

/** What an operation does not take would be passed over without a word. */
function refuseOthers({ options }: CommandContext, operation: Operation): void {
  const taken = argumentsTaken(operation);
  const listed = taken.map((argument) => `--${argument}`).join(", ");
  for (const argument of Object.keys(operationArguments) as Argument[]) {
    const own = operation === "merge" && argument === "partitions" ? "partition" : argument;
    if (options[argument] !== undefined && !taken.includes(own))
      throw new UsageError(`${operation} takes no --${argument}; it takes ${listed}`);
  }
  const partition = options["partition"];
  if (operation !== "merge" && Array.isArray(partition) && partition.length > 1)
    throw new UsageError(`${operation} takes one --partition`);
}

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
