/** The command line tool `partition-lens`: the composition root that reads its words and runs one command. */

import { parseArgs } from "node:util";
import { type SettingsLayer, settingFromText } from "../config.ts";
import { logText } from "../text/foreign-text.ts";
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
import { mapCommand } from "./commands/map.ts";
import { showCommand } from "./commands/show.ts";
import { survivorsCommand } from "./commands/survivors.ts";

const commands: Readonly<Record<string, Command>> = {
  check: checkCommand,
  survivors: survivorsCommand,
  catalog: catalogCommand,
  generate: generateCommand,
  map: mapCommand,
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
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined)
    throw new UsageError(`there is no command ${name}; there are ${Object.keys(commands).join(", ")}`);
  const { values, positionals } = parseArgs({
    args: rest,
    options: { ...commonOptions, ...command.options },
    allowPositionals: true,
  });
  if (values.help === true) {
    environment.write(help(command));
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
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: partition-lens <command> [options]\n\n${lines.join("\n")}\n\npartition-lens <command> --help tells more.\nExit codes: 0 clean, 1 findings, 2 could not run.\n`;
}

function help(command: Command): string {
  const options = [
    ...command.optionHelp,
    ["--setting name=value", "a setting, before partition-lens.json; may be repeated"],
    [
      "--schema path",
      "a folder of migrations, or a file, whose end the files start from that make no tables of their own",
    ],
    ["--connect string", "a database to ask, read-only: a URI or key=value words; PG* variables fill in the rest"],
    ["--planning-runs-functions", "plan there also what would run the database's own functions"],
    ["--config file", "the settings file to use instead of the nearest partition-lens.json"],
  ] as const;
  const width = Math.max(...options.map(([option]) => option.length));
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

// The exit code is set rather than the process ended, so that what was written to a pipe arrives.
void main(process.argv.slice(2), {
  cwd: process.cwd(),
  write: (text) => void process.stdout.write(text),
  complain: (text) => void process.stderr.write(text),
  today: () => new Date().toISOString().slice(0, 10),
  variables: process.env,
}).then((code) => {
  process.exitCode = code;
});
