/** What a command of the command line tool is, and what it is given. */

import type { ParseArgsOptionsConfig } from "node:util";
import type { Settings, SettingsLayer } from "../config.ts";
import type { Terminal } from "./terminal.ts";

/** Exit codes; they are a contract with scripts. */
export const exitCodes = {
  clean: 0,
  /** Errors or warnings were found. */
  findings: 1,
  couldNotRun: 2,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export interface Command {
  /** One line for the list of commands. */
  readonly summary: string;
  /** What stands after `partition-lens`. */
  readonly usage: string;
  /** Its own options beside the common ones. */
  readonly options: ParseArgsOptionsConfig;
  readonly optionHelp: readonly (readonly [option: string, help: string])[];
  /** What `--help` says instead behind these words; null where that is nothing of its own. */
  readonly helpFor?: (words: readonly string[]) => Pick<Command, "summary" | "usage" | "optionHelp"> | null;
  readonly run: (context: CommandContext) => Promise<ExitCode>;
}

export interface CommandContext {
  /** The words after the command that are no options. */
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
  readonly environment: Environment;
  /** What `--setting` says. */
  readonly overrides: SettingsLayer;
}

/** The world outside, as `main` hands it in. */
export interface Environment {
  readonly cwd: string;
  readonly write: (text: string) => void;
  readonly complain: (text: string) => void;
  /** Everything on standard input. */
  readonly readInput: () => AsyncIterable<Uint8Array>;
  /** Where `write` ends up; null for a file or a pipe. */
  readonly terminal: Terminal | null;
  /** Where `complain` ends up; null for a file or a pipe. */
  readonly complaintTerminal: Terminal | null;
  /** Milliseconds since any moment. */
  readonly now: () => number;
  readonly today: () => string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** A file of SQL with the settings that hold for it. */
export interface SourceFile {
  /** Relative to the working directory where it lies below it; as people see it. */
  readonly path: string;
  readonly uri: string;
  /** The folder of the settings file, else the working directory: where the globs of a migration chain begin. */
  readonly root: string;
  /** Empty where it is too long to be read. */
  readonly text: string;
  readonly isUnread: boolean;
  /** What is to be said of how the file is stored; null for nothing. */
  readonly remark: string | null;
  readonly settings: Settings;
}

/** The command cannot do what it is asked; the message says why and what to change. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export function textOption(context: CommandContext, name: string): string | undefined {
  const value = context.options[name];
  return typeof value === "string" ? value : undefined;
}

/** An option with a closed list of values; null where it is not given. */
export function choiceOption<Choice extends string>(
  context: CommandContext,
  name: string,
  choices: readonly Choice[],
): Choice | null {
  const asked = textOption(context, name);
  if (asked === undefined) return null;
  const choice = choices.find((each) => each === asked);
  if (choice === undefined) throw new UsageError(`--${name} ${asked} is not known here; use ${choices.join(", ")}`);
  return choice;
}

/** `--format`, one of those that the command offers; the first is the default. */
export function formatOption<Format extends string>(context: CommandContext, formats: readonly Format[]): Format {
  return choiceOption(context, "format", formats) ?? (formats[0] as Format);
}
