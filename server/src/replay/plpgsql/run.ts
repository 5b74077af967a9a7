/** Runs a PL/pgSQL body whose every step can be told from its text: loops over constants that build and execute statements. */

// Whatever depends on data, on the time of day or on a function that is not known makes the whole body undecided, as soon as
// it decides what is done to the schema.

import type { DataType } from "../../catalog/data-type.ts";
import { baseTypeNamed } from "../../catalog/values/types.ts";
import { largestValue } from "../../catalog/values/work.ts";
import { addAll } from "../../text/long-lists.ts";
import { endsAll, harmless, isOfCatalogs, mayPass, readsCatalogs } from "./catalog-checks.ts";
import { handles, refuse, sqlstateOf } from "./conditions.ts";
import { assigned, declare, evaluateSnippet, type Frame, scopeOf } from "./frame.ts";
import { evaluation, mayGoOn, type Row, type Rows, type Scope, truth, undecided } from "./machine.ts";
import type { Block, Command, LoopSource, RowSource, Snippet, Targets } from "./program.ts";
import { runText } from "./run-sql.ts";
import { assignTo, elementsOf, type TypedValue, textOf } from "./typed-value.ts";

/** How a list of commands ended, unless the machine has stopped. */
export type End =
  | { readonly kind: "through" }
  | { readonly kind: "leave"; readonly again: boolean; readonly label: string | null }
  | { readonly kind: "return"; readonly value: TypedValue | null };

const through: End = { kind: "through" };

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
      return runLoop(frame, command);
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

function runLoop(frame: Frame, { over, label, body }: Extract<Command, { kind: "loop" }>): End {
  const { machine } = frame;
  for (const go of rounds(frame, over, body)) {
    if (!go || !mayGoOn(machine)) return through;
    const end = runCommands(frame, body);
    if (machine.stop !== null || end.kind === "return") return end;
    if (end.kind !== "leave") continue;
    const isOwn = end.label === null || end.label === label;
    if (!isOwn) return end;
    if (!end.again) return through;
  }
  return through;
}

/** Sets the loop's variables before each round; false ends the loop. */
function* rounds(frame: Frame, over: LoopSource, body: readonly Command[]): Generator<boolean> {
  const { machine } = frame;
  switch (over.kind) {
    case "forever":
      for (;;) yield true;
    case "while":
      for (;;) yield decide(frame, over.condition);
    case "range":
      yield* rangeRounds(frame, over);
      return;
    case "rows": {
      const rows = rowsOfSource(frame, over.source);
      if (rows === null && machine.stop === null && over.source.kind === "query" && endsAll(frame)) {
        const done = readsCatalogs(frame, over.source.query.text) ? harmless(frame, body) : null;
        if (done !== null) {
          const sets = done.refuses ? [] : [...done.sets, ...over.variables];
          for (const name of [...sets, "found"]) assignVariable(frame, name, null, true);
          return;
        }
      }
      if (rows === null) undecided(machine, "the rows of a query cannot be told");
      for (const row of rows ?? []) {
        assignFields(frame, over.variables, row);
        yield true;
      }
      return;
    }
    case "elements": {
      const array = evaluateSnippet(frame, over.array);
      const elements = array === null ? null : elementsOf(array);
      if (elements === null) undecided(machine, "the elements of an array cannot be told");
      for (const element of elements ?? []) {
        const type = typeOf(frame, over.variable);
        assignVariable(frame, over.variable, type === null ? element : assignTo(element, type, evaluation(machine)));
        yield true;
      }
    }
  }
}

function* rangeRounds(frame: Frame, over: Extract<LoopSource, { kind: "range" }>): Generator<boolean> {
  const { machine } = frame;
  const type = baseTypeNamed("int4");
  const bound = (written: Snippet | null): bigint | null => {
    if (written === null) return 1n;
    const value = assigned(frame, written, type);
    return value?.value?.family === "integer" && value.late === undefined ? value.value.value : null;
  };
  const [first, last, step] = [bound(over.from), bound(over.to), bound(over.by)];
  if (first == null || last == null || step == null || step <= 0n) {
    undecided(machine, "the ends of a loop cannot be told");
    return;
  }
  // The variable is the loop's own, and hides one of its name outside.
  const hidden = frame.variables.get(over.variable);
  const by = over.reverse ? -step : step;
  for (let value = first; over.reverse ? value >= last : value <= last; value += by) {
    frame.variables.set(over.variable, { value: { family: "integer", value }, type });
    yield true;
  }
  if (hidden !== undefined) frame.variables.set(over.variable, hidden);
}

function keepOrigin({ ofCatalogs }: Frame, name: string, isOfThem: boolean): void {
  if (isOfThem) ofCatalogs.add(name);
  else ofCatalogs.delete(name);
}

/** A condition that decides what is done: where it is not known, nothing more is. */
function decide(frame: Frame, condition: Snippet): boolean {
  const value = evaluateSnippet(frame, condition);
  const holds = value === null ? null : truth(value);
  if (holds === null) undecided(frame.machine, "a condition cannot be told");
  return holds === true;
}

function returnNext(frame: Frame, value: Snippet | null): void {
  const { rows, output, variables } = frame;
  const row =
    value === null
      ? output.map((name) => ({ name, value: variables.get(name) ?? null }))
      : [{ name: "", value: evaluateSnippet(frame, value) }];
  rows?.push(row);
}

function rowsOfSource(frame: Frame, source: RowSource): Rows | null {
  const { machine } = frame;
  if (source.kind === "query") {
    const { text: sql, range } = source.query;
    return runText(machine, { sql, range, dynamic: false }, scopeOf(frame), true);
  }
  const sql = textOfSnippet(frame, source.command);
  if (sql === null) return null;
  return runText(machine, { sql, range: source.command.range, dynamic: true }, scopeWith(frame, source.using), true);
}

function textOfSnippet(frame: Frame, snippet: Snippet): string | null {
  const value = evaluateSnippet(frame, snippet);
  const text = value === null ? undefined : textOf(value, evaluation(frame.machine));
  return typeof text === "string" ? text : undecided(frame.machine, "the text of EXECUTE cannot be told");
}

/** EXECUTE sees no variables, but its own parameters. */
function scopeWith(frame: Frame, using: readonly Snippet[]): Scope {
  const values = using.map((each, index) => [`$${index + 1}`, evaluateSnippet(frame, each)] as const);
  return { variables: new Map(values), ctes: new Map() };
}

/** `INTO`: the first row, or NULLs where there is none. */
function assignRow(frame: Frame, targets: Targets, rows: Rows | null, strict: boolean): void {
  const { machine, variables } = frame;
  if (machine.stop !== null) return;
  variables.set(
    "found",
    rows === null ? null : { value: { family: "boolean", value: rows.length > 0 }, type: boolean },
  );
  if (strict && rows !== null && rows.length !== 1) {
    if (rows.length === 0) refuse(machine, "P0002", "query returned no rows");
    else refuse(machine, "P0003", "query returned more than one row");
  } else if (rows === null) for (const target of targets) assignVariable(frame, target, null);
  else if (rows[0] !== undefined) assignFields(frame, targets, rows[0]);
  else for (const target of targets) assignVariable(frame, target, nullOf(frame, target));
}

const boolean = baseTypeNamed("bool");

function nullOf(frame: Frame, target: string): TypedValue | null {
  const type = typeOf(frame, target);
  return type === null ? null : { value: null, type };
}

function assignFields(frame: Frame, targets: Targets, row: Row): void {
  const { machine, types, variables } = frame;
  const [target = ""] = targets;
  if (targets.length === 1 && (types.get(target) ?? null) === null) {
    forgetFields(variables, target);
    for (const { name, value } of row) variables.set(`${target}.${name}`, value);
    variables.set(target, null);
    return;
  }
  for (const [index, name] of targets.entries()) {
    const value = row[index]?.value ?? null;
    const type = typeOf(frame, name);
    assignVariable(frame, name, value === null || type === null ? value : assignTo(value, type, evaluation(machine)));
  }
}

function forgetFields(variables: Map<string, TypedValue | null>, record: string): void {
  for (const name of variables.keys()) if (name.startsWith(`${record}.`)) variables.delete(name);
}

function assignVariable(frame: Frame, name: string, value: TypedValue | null, isOfCatalogs = false): void {
  const { variables, types } = frame;
  if ((types.get(name) ?? null) === null) forgetFields(variables, name);
  variables.set(name, value);
  keepOrigin(frame, name, isOfCatalogs);
}

function typeOf({ types }: Frame, name: string): DataType | null {
  return types.get(name) ?? null;
}
