/** Runs a PL/pgSQL body whose every step can be told from its text: loops over constants that build and execute statements. */

// Whatever depends on data, on the time of day or on a function that is not known makes the whole body undecided, as soon as
// it decides what is done to the schema.

import { baseTypeNamed } from "../../catalog/values/types.ts";
import { largestValue } from "../../catalog/values/work.ts";
import { addAll } from "../../text/long-lists.ts";
import {
  assignRow,
  assignVariable,
  decide,
  keepOrigin,
  rowsOfSource,
  scopeWith,
  textOfSnippet,
  typeOf,
} from "./assignments.ts";
import { harmless, isOfCatalogs, mayPass, readsCatalogs } from "./catalog-checks.ts";
import { handles, refuse, sqlstateOf } from "./conditions.ts";
import { assigned, declare, evaluateSnippet, type Frame, scopeOf } from "./frame.ts";
import { type End, runLoop, through } from "./loops.ts";
import { evaluation, mayGoOn, undecided } from "./machine.ts";
import type { Block, Command, Snippet } from "./program.ts";
import { runText } from "./run-sql.ts";
import { type TypedValue, textOf } from "./typed-value.ts";

/** Runs a block with its declarations and handlers. */
export function runBlock(frame: Frame, block: Block): End {
  const hidden = block.declarations.map(({ name }) => ({
    name,
    value: frame.variables.get(name),
    type: frame.types.get(name),
    ofCatalogs: frame.ofCatalogs.has(name),
  }));
  const end = runWithHandlers(frame, block);
  // Outside, the names mean again what they meant before.
  for (const { name, value, type, ofCatalogs } of hidden) {
    keepOrigin(frame, name, ofCatalogs);
    if (value === undefined) frame.variables.delete(name);
    else frame.variables.set(name, value);
    if (type === undefined) frame.types.delete(name);
    else frame.types.set(name, type);
  }
  return leaving(end, block.label, false);
}

function runWithHandlers(frame: Frame, block: Block): End {
  const { machine } = frame;
  const before = machine.catalog;
  const declined = machine.declined.length;
  const catching = block.handlers === null ? 0 : 1;
  for (const declaration of block.declarations) if (machine.stop === null) declare(frame, declaration);
  machine.handlers += catching;
  const end = machine.stop === null ? runCommands(frame, block.body) : through;
  machine.handlers -= catching;
  if (machine.stop?.kind !== "refused" || block.handlers === null) return end;
  const { rejection } = machine.stop;
  const handler = block.handlers.find((candidate) => handles(candidate, rejection.sqlstate));
  if (handler === undefined) return end;
  // An EXCEPTION part takes back what the block did.
  machine.stop = null;
  machine.catalog = before;
  machine.declined.length = declined;
  frame.variables.set("sqlerrm", textValue(rejection.message));
  frame.variables.set("sqlstate", textValue(rejection.sqlstate));
  return runCommands(frame, handler.body);
}

function textValue(value: string): TypedValue {
  return { value: { family: "text", value }, type: baseTypeNamed("text") };
}

/** EXIT ends what has the label, a loop also without one. */
function leaving(end: End, label: string | null, isLoop: boolean): End {
  if (end.kind !== "leave") return end;
  const isMeant = end.label === null ? isLoop : end.label === label;
  return isMeant && !end.again ? through : end;
}

function runCommands(frame: Frame, commands: readonly Command[]): End {
  for (const command of commands) {
    if (!mayGoOn(frame.machine)) return through;
    const end = runCommand(frame, command);
    if (frame.machine.stop !== null || end.kind !== "through") return end;
  }
  return through;
}

function runCommand(frame: Frame, command: Command): End {
  const { machine } = frame;
  switch (command.kind) {
    case "nothing":
      return through;
    case "unfollowed":
      undecided(machine, "it holds something that is not followed");
      return through;
    case "block":
      return runBlock(frame, command.block);
    case "return":
      return { kind: "return", value: command.value === null ? null : evaluateSnippet(frame, command.value) };
    case "return-next":
      returnNext(frame, command.value);
      return through;
    case "return-query": {
      const rows = rowsOfSource(frame, command.query);
      if (rows === null) frame.rows = null;
      else if (frame.rows !== null) addAll(frame.rows, rows);
      return through;
    }
    case "assign":
      assignVariable(
        frame,
        command.variable,
        assigned(frame, command.value, typeOf(frame, command.variable)),
        isOfCatalogs(frame, command.value),
      );
      return through;
    case "unknown":
      for (const target of command.targets) assignVariable(frame, target, null);
      return through;
    case "if":
      return runBranches(frame, command);
    case "loop":
      return runLoop(frame, command, runCommands);
    case "leave": {
      const holds = command.condition === null || decide(frame, command.condition);
      return holds ? { kind: "leave", again: command.again, label: command.label } : through;
    }
    case "assert":
      if (mayPass(frame, command.condition)) return through;
      if (!decide(frame, command.condition)) undecided(machine, "an assertion does not hold");
      return through;
    case "execute": {
      const built = textOfSnippet(frame, command.command);
      if (built === null) return through;
      const scope = scopeWith(frame, command.using);
      const rows = runText(
        machine,
        { sql: built, range: command.range, dynamic: true },
        scope,
        command.into.length > 0,
      );
      if (command.into.length === 0) return through;
      // Other than a query that stands there, EXECUTE leaves FOUND as it is.
      const found = frame.variables.get("found") ?? null;
      assignRow(frame, command.into, rows, command.strict);
      frame.variables.set("found", found);
      return through;
    }
    case "sql": {
      const { statement, into } = command;
      const sql = statement.text.replace(/^perform\b/i, "select ");
      const isQuery = into.length > 0;
      const ofCatalogs = readsCatalogs(frame, sql);
      const rows = runText(machine, { sql, range: statement.range, dynamic: false }, scopeOf(frame), isQuery);
      if (isQuery) assignRow(frame, into, rows, command.strict);
      else frame.variables.set("found", null);
      keepOrigin(frame, "found", ofCatalogs);
      if (rows === null) for (const target of into) keepOrigin(frame, target, ofCatalogs);
      return through;
    }
    case "raise":
      if (command.exception) raise(frame, command);
      return through;
  }
}

function runBranches(frame: Frame, { branches, caseNotFound }: Extract<Command, { kind: "if" }>): End {
  for (const [index, { condition, body }] of branches.entries()) {
    if (condition !== null && !caseNotFound && mayPass(frame, condition)) {
      // Whoever is behind a branch that refuses has not been in it.
      const own = harmless(frame, body);
      if (own?.refuses === true) continue;
      const rest = branches.slice(index).map((branch) => harmless(frame, branch.body));
      if (rest.every((each) => each !== null)) {
        for (const each of rest) for (const name of each.sets) assignVariable(frame, name, null, true);
        return through;
      }
    }
    if (condition === null || decide(frame, condition)) return runCommands(frame, body);
    if (frame.machine.stop !== null) return through;
  }
  if (caseNotFound) refuse(frame.machine, "20000", "case not found");
  return through;
}

function raise(frame: Frame, { message, parameters, condition }: Extract<Command, { kind: "raise" }>): void {
  const { machine } = frame;
  const texts = parameters.map((each) => {
    const value = evaluateSnippet(frame, each);
    return value === null ? undefined : (textOf(value, evaluation(machine)) ?? "<NULL>");
  });
  const state = condition === null ? "P0001" : sqlstateOf(condition);
  const size = texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
  if (message === null || state === undefined || texts.includes(undefined) || size > largestValue) {
    undecided(machine, "the message of RAISE cannot be told");
    return;
  }
  let next = 0;
  refuse(
    machine,
    state,
    message.replace(/%%|%/g, (mark) => {
      if (mark === "%%") return "%";
      next += 1;
      return texts[next - 1] ?? "";
    }),
  );
}

function returnNext(frame: Frame, value: Snippet | null): void {
  const { rows, output, variables } = frame;
  const row =
    value === null
      ? output.map((name) => ({ name, value: variables.get(name) ?? null }))
      : [{ name: "", value: evaluateSnippet(frame, value) }];
  rows?.push(row);
}
