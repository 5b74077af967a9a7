/** The command line tool `partition-lens`: the composition root that reads its words and runs one command. */

import { parseArgs } from "node:util";
import { type SettingsLayer, settingFromText } from "../config.ts";
import { limitNewSpace, mostSemiSpaceOfTool } from "../postgres/heap-limits.ts";
import { logText } from "../text/foreign-text.ts";
import { greatest } from "../text/long-lists.ts";
import {
  type Command,
  type CommandContext,
  type Environment,
  type ExitCode,
  exitCodes,
  UsageError,
} from "./command.ts";
import { catalogCommand } from "./commands/catalog.ts";
import { checkCommand } from "./commands/check.ts";
import { generateCommand } from "./commands/generate.ts";
import { lspCommand } from "./commands/lsp.ts";
import { rehearseCommand } from "./commands/rehearse.ts";
import { showCommand } from "./commands/show.ts";
import { survivorsCommand } from "./commands/survivors.ts";
import { terminalOf } from "./terminal.ts";
import { toolVersion } from "./version.ts";

const commands: Readonly<Record<string, Command>> = {
  check: checkCommand,
  survivors: survivorsCommand,
  catalog: catalogCommand,
  generate: generateCommand,
  rehearse: rehearseCommand,
  show: showCommand,
  lsp: lspCommand,
};

const commonOptions = {
  format: { type: "string" },
  setting: { type: "string", multiple: true },
  config: { type: "string" },
  connect: { type: "string" },
  schema: { type: "string" },
  "planning-runs-functions": { type: "boolean" },
  stdin: { type: "boolean" },
  "stdin-filename": { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** Runs the tool and gives its exit code; writes only through the environment. */
export async function main(args: readonly string[], environment: Environment): Promise<ExitCode> {
  try {
    return await run(args, environment);
  } catch (error) {
    const message = error instanceof UsageError || isArgumentError(error) ? error.message : explain(error);
    environment.complain(`partition-lens: ${logText(message)}\n`);
    return exitCodes.couldNotRun;
  }
}

async function run(args: readonly string[], environment: Environment): Promise<ExitCode> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    environment.write(overview());
    return name === undefined ? exitCodes.couldNotRun : exitCodes.clean;
  }
  if (name === "--version" || name === "-V") {
    environment.write(`partition-lens ${toolVersion()}\n`);
    return exitCodes.clean;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined)
    throw new UsageError(`there is no command ${name}; there are ${Object.keys(commands).join(", ")}`);
  const { values, positionals } = parseArgs({
    args: rest,
    options: { ...commonOptions, ...command.options },
    allowPositionals: true,
  });
  if (values.help === true) {
    environment.write(help(command.helpFor?.(positionals) ?? command));
    return exitCodes.clean;
  }
  const context: CommandContext = {
    words: positionals,
    options: values,
    environment,
    overrides: { source: "--setting", values: readOverrides(values.setting ?? []) },
  };
  return command.run(context);
}

function readOverrides(settings: readonly string[]): SettingsLayer["values"] {
  return Object.fromEntries(
    settings.map((setting) => {
      const at = setting.indexOf("=");
      if (at < 1) throw new UsageError(`--setting ${setting}: write --setting name=value`);
      return [setting.slice(0, at), settingFromText(setting.slice(at + 1))];
    }),
  );
}

function overview(): string {
  const width = greatest(Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: partition-lens <command> [options]\n\n${lines.join("\n")}\n\npartition-lens <command> --help tells more, partition-lens --version which one this is.\nExit codes: 0 clean, 1 findings, 2 could not run.\n`;
}

function help(command: Pick<Command, "summary" | "usage" | "optionHelp">): string {
  const options = [
    ...command.optionHelp,
    ["--stdin", "read the SQL from standard input"],
    [
      "--stdin-filename file",
      "the file that it is meant for: its path in reports, its settings and its migration chain",
    ],
    ["--setting name=value", "a setting, before partition-lens.json; may be repeated"],
    [
      "--schema path",
      "a folder of migrations, or a file, whose end the files start from that make no tables of their own",
    ],
    ["--connect string", "a database to ask, read-only: a URI or key=value words; PG* variables fill in the rest"],
    ["--planning-runs-functions", "plan there also what would run the database's own functions"],
    ["--config file", "the settings file to use instead of the nearest partition-lens.json"],
  ] as const;
  const width = greatest(options.map(([option]) => option.length));
  const lines = options.map(([option, text]) => `  ${option.padEnd(width)}  ${text}`);
  return `${command.summary}\n\nUsage: partition-lens ${command.usage}\n\n${lines.join("\n")}\n`;
}

/** What parseArgs throws for an option that is not known, or lacks its value. */
function isArgumentError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}

function explain(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** What is written to one stream, always with a line break at its end. */
function written(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

limitNewSpace(mostSemiSpaceOfTool);

// Whoever reads the report may have seen enough (`| head`).
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

// The exit code is set rather than the process ended, so that what was written to a pipe arrives.
void main(process.argv.slice(2), {
  cwd: process.cwd(),
  write: (text) => void process.stdout.write(written(text)),
  complain: (text) => void process.stderr.write(text),
  readInput: () => process.stdin,
  terminal: terminalOf(process.stdout, process.env),
  complaintTerminal: terminalOf(process.stderr, process.env),
  today: () => new Date().toISOString().slice(0, 10),
  now: () => performance.now(),
  variables: process.env,
}).then((code) => {
  process.exitCode = code;
});
