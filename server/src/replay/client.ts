/** The program that sends a script: psql with its variables and its branches, or a migration tool. */

import type { PsqlCommand } from "../syntax/statement.ts";
import { argumentValue, isFalse, isTrue, type Variables, withVariable } from "./psql-variables.ts";

/** The state of that program between two statements. */
export interface Client {
  /** Whether nothing more is sent after an error. */
  readonly stopsOnError: boolean;
  /** psql's AUTOCOMMIT: without it a transaction is begun before the first statement. */
  readonly autocommit: boolean;
  /** psql's ON_ERROR_ROLLBACK: a statement that fails leaves the transaction as it was before it. */
  readonly rollsBackToStatement: boolean;
  readonly variables: Variables;
  /** The `\if`s that are open, innermost last. */
  readonly branches: readonly Branch[];
  /** Whether the statement before was sent in one text with the next one, and whether one of that text was refused. */
  readonly joined: "sent" | "refused" | null;
  /** Set where nothing is sent any more. */
  readonly stopped: Stop | null;
}

export interface Stop {
  readonly reason: string;
  /** Whether something was refused; otherwise the script itself ends there. */
  readonly isFailure: boolean;
}

/** `taken`: an earlier branch was, so that no other one is; `unknown`: whether its statements are sent is not known. */
type Branch = "active" | "waiting" | "taken" | "unknown";

/** psql without options, and without a .psqlrc. */
export const psql: Client = {
  stopsOnError: false,
  autocommit: true,
  rollsBackToStatement: false,
  variables: new Map(),
  branches: [],
  joined: null,
  stopped: null,
};

/** What sends each statement and ends at the first one that fails: psql with ON_ERROR_STOP, most migration tools. */
export const stoppingClient: Client = { ...psql, stopsOnError: true };

/** Why a statement at this point is not sent; null where it is. */
export function whyUnsent({ stopped, branches, joined }: Client): string | null {
  if (stopped !== null) return stopped.reason;
  if (joined === "refused") return joinedReason;
  return branches.every((branch) => branch === "active" || branch === "unknown")
    ? null
    : "psql sends no statement of a branch that is not taken";
}

export const joinedReason = "it is sent together with a statement that is refused";

/** What becomes of the client when a statement is refused. */
export function afterFailure(client: Client): Client {
  if (!client.stopsOnError) return client;
  return { ...client, stopped: { reason: "nothing is sent after the error above", isFailure: true } };
}

export interface CommandResult {
  readonly client: Client;
  /** What is not known of the database behind the command, if anything. */
  readonly doubt: string | null;
}

/** What a command of psql does to what is sent after it. */
export function applyCommand(statement: PsqlCommand, client: Client): CommandResult {
  if (client.stopped !== null) return known(client);
  switch (statement.command) {
    case "if":
    case "elif":
    case "else":
    case "endif":
      return branch(statement, client);
    default:
      return whyUnsent(client) === null ? command(statement, client) : known(client);
  }
}

function known(client: Client): CommandResult {
  return { client, doubt: null };
}

function command({ command: name, arguments: args }: PsqlCommand, client: Client): CommandResult {
  const [first, ...rest] = args ?? [];
  const { variables } = client;
  switch (name) {
    case "include":
      return { client, doubt: "what the included file does is not known" };
    case "quit":
      if (client.branches.includes("unknown")) return known(client);
      return known({ ...client, stopped: { reason: "psql leaves the script at \\q", isFailure: false } });
    case "assign":
      return known({ ...client, variables: new Map() });
    case "set":
    case "unset": {
      const variable = first === undefined ? "" : argumentValue(first, variables);
      if (variable === null || args === null) return known({ ...client, variables: new Map() });
      if (!/^[\w\u0080-\uffff]+$/.test(variable)) return known(client);
      const values = rest.map((each) => argumentValue(each, variables));
      const isKnown = values.every((value) => value !== null) && !client.branches.includes("unknown");
      const value = name === "unset" ? null : values.join("");
      const changed = { ...client, variables: withVariable(variables, variable, isKnown ? value : undefined) };
      return known(isKnown ? withSetting(changed, variable, value) : changed);
    }
    default:
      return known(client);
  }
}

/** The variables that psql itself goes by; one that it does not understand leaves things as they are. */
function withSetting(client: Client, variable: string, value: string | null): Client {
  const isOn = value === "" || (value !== null && isTrue(value));
  if (!isOn && value !== null && !isFalse(value)) return client;
  switch (variable) {
    case "AUTOCOMMIT":
      return { ...client, autocommit: isOn };
    case "ON_ERROR_STOP":
      return { ...client, stopsOnError: isOn };
    case "ON_ERROR_ROLLBACK":
      return { ...client, rollsBackToStatement: isOn };
    default:
      return client;
  }
}

/** More are not followed. */
const deepestBranch = 100;

function branch({ command: name, arguments: args }: PsqlCommand, client: Client): CommandResult {
  const { branches } = client;
  const outer = branches.slice(0, -1);
  const innermost = branches.at(-1);
  if (name === "if") {
    if (branches.length >= deepestBranch) return known(client);
    const isIgnored = whyUnsent(client) !== null;
    return known({ ...client, branches: [...branches, isIgnored ? "taken" : decide(args, client)] });
  }
  if (innermost === undefined) return known(client);
  const doubt = innermost === "unknown" ? "whether the statements of a branch were run is not known" : null;
  if (name === "endif") return { client: { ...client, branches: outer }, doubt };
  const next = { active: "taken", taken: "taken", unknown: "unknown", waiting: null } as const;
  const following = next[innermost] ?? (name === "else" ? "active" : decide(args, client));
  return { client: { ...client, branches: [...outer, following] }, doubt };
}

/** A word that is neither true nor false counts as false, with a complaint. */
function decide(args: PsqlCommand["arguments"], { variables }: Client): Branch {
  const words = args?.map((each) => argumentValue(each, variables)) ?? [null];
  if (words.includes(null)) return "unknown";
  return isTrue(words.join(" ")) ? "active" : "waiting";
}
