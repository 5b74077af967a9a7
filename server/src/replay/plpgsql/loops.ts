/** Runs the loops of a PL/pgSQL body, so many rounds at a time: between them whoever runs the script may pause. */

import { notedPortions } from "../../catalog/access.ts";
import { baseTypeNamed } from "../../catalog/values/types.ts";
import { addAll } from "../../text/long-lists.ts";
import { isDoneInPortions, itemsOfPortion } from "../../text/portions.ts";
import { assignFields, assignVariable, decide, rowsOfSource, typeOf } from "./assignments.ts";
import { endsAll, harmless, readsCatalogs } from "./catalog-checks.ts";
import { assigned, evaluateSnippet, type Frame } from "./frame.ts";
import { evaluation, type Machine, mayGoOn, type Row, undecided } from "./machine.ts";
import type { Command, LoopSource, Snippet } from "./program.ts";
import { assignTo, elementsOf, type TypedValue } from "./typed-value.ts";

/** How a list of commands ended, unless the machine has stopped. */
export type End =
  | { readonly kind: "through" }
  | { readonly kind: "leave"; readonly again: boolean; readonly label: string | null }
  | { readonly kind: "return"; readonly value: TypedValue | null };

export const through: End = { kind: "through" };

type LoopCommand = Extract<Command, { kind: "loop" }>;
type RunCommands = (frame: Frame, commands: readonly Command[]) => End;

/** Runs a loop to its end. */
export function runLoop(frame: Frame, loop: LoopCommand, run: RunCommands): End {
  const most = isDoneInPortions() ? itemsOfPortion : Number.POSITIVE_INFINITY;
  let going: Generator<boolean> | null = null;
  const { end, state } = notedPortions<Loop>((left) => {
    // Where an earlier attempt has begun, that is not seen here.
    if (left !== null && going === null) putBack(frame, left.state);
    const all = left?.all ?? roundsOf(frame, loop);
    const done = left?.done ?? 0;
    going ??= roundsFrom(frame, loop.over, all, done);
    const { end, count, items } = runRounds(frame, loop, going, most, run);
    return { state: { all, end, done: done + count, state: stateOf(frame) }, isDone: end !== null, items };
  });
  if (going === null) putBack(frame, state);
  return end ?? through;
}

/** How far a loop has come. */
interface Loop {
  readonly all: RoundsOfLoop;
  /** null where it goes on. */
  readonly end: End | null;
  readonly done: number;
  /** What its rounds have left. */
  readonly state: ReturnType<typeof stateOf>;
}

interface Rounds {
  /** null where the loop goes on. */
  readonly end: End | null;
  readonly count: number;
  readonly items: number;
}

/** Runs rounds until the loop ends, or until they have been so many items. */
function runRounds(
  frame: Frame,
  { label, body }: LoopCommand,
  going: Iterator<boolean>,
  most: number,
  run: RunCommands,
): Rounds {
  const { machine } = frame;
  let count = 0;
  let items = 0;
  const ended = (end: End): Rounds => ({ end, count, items });
  while (items < most) {
    const before = spentBy(machine);
    const { done, value: go } = going.next();
    if (done === true || !go || !mayGoOn(machine)) return ended(through);
    const end = run(frame, body);
    count++;
    items += itemsSince(before, machine);
    if (machine.stop !== null || end.kind === "return") return ended(end);
    if (end.kind !== "leave") continue;
    const isOwn = end.label === null || end.label === label;
    if (!isOwn) return ended(end);
    if (!end.again) return ended(through);
  }
  return { end: null, count, items };
}

const itemsOfStep = 32;
const itemsOfChange = 512;
const charactersOfItem = 32;

function spentBy({ steps, work, catalog }: Machine): {
  readonly steps: number;
  readonly left: number;
  readonly catalog: object;
} {
  return { steps, left: work.left, catalog };
}

function itemsSince(before: ReturnType<typeof spentBy>, { steps, work, catalog }: Machine): number {
  const computed = Math.ceil((before.left - work.left) / charactersOfItem);
  return (steps - before.steps) * itemsOfStep + computed + (catalog === before.catalog ? 0 : itemsOfChange);
}

/** All that running a body changes. */
function stateOf({ machine, variables, types, rows, ofCatalogs }: Frame) {
  const { catalog, declined, steps, work, depth, at, stop, handlers, committed, passed } = machine;
  return {
    machine: { catalog, steps, depth, at, stop, handlers, committed, passed },
    declined: [...declined],
    left: work.left,
    variables: [...variables],
    types: [...types],
    rows: rows === null ? null : [...rows],
    ofCatalogs: [...ofCatalogs],
  };
}

function putBack(
  frame: Frame,
  { machine, declined, left, variables, types, rows, ofCatalogs }: ReturnType<typeof stateOf>,
): void {
  Object.assign(frame.machine, machine);
  frame.machine.declined.length = 0;
  addAll(frame.machine.declined, declined);
  frame.machine.work.left = left;
  refill(frame.variables, variables);
  refill(frame.types, types);
  frame.rows = rows === null ? null : [...rows];
  frame.ofCatalogs.clear();
  for (const name of ofCatalogs) frame.ofCatalogs.add(name);
}

function refill<Value>(map: Map<string, Value>, entries: readonly (readonly [string, Value])[]): void {
  map.clear();
  for (const [name, value] of entries) map.set(name, value);
}

/** What a loop goes over, worked out before its first round. */
type RoundsOfLoop =
  | { readonly kind: "conditional" }
  | {
      readonly kind: "range";
      readonly first: bigint;
      readonly last: bigint;
      readonly by: bigint;
      /** What the loop's variable hides. */
      readonly hidden: TypedValue | null | undefined;
    }
  | { readonly kind: "rows"; readonly rows: readonly Row[] }
  | { readonly kind: "elements"; readonly elements: readonly TypedValue[] }
  | { readonly kind: "none" };

function roundsOf(frame: Frame, { over, body }: LoopCommand): RoundsOfLoop {
  const { machine } = frame;
  switch (over.kind) {
    case "forever":
    case "while":
      return { kind: "conditional" };
    case "range":
      return roundsOfRange(frame, over);
    case "rows": {
      const rows = rowsOfSource(frame, over.source);
      if (rows === null && machine.stop === null && over.source.kind === "query" && endsAll(frame)) {
        const done = readsCatalogs(frame, over.source.query.text) ? harmless(frame, body) : null;
        if (done !== null) {
          machine.passed = true;
          const sets = done.refuses ? [] : [...done.sets, ...over.variables];
          for (const name of [...sets, "found"]) assignVariable(frame, name, null, true);
          return { kind: "none" };
        }
      }
      if (rows === null) undecided(machine, "the rows of a query cannot be told");
      return { kind: "rows", rows: rows ?? [] };
    }
    case "elements": {
      const array = evaluateSnippet(frame, over.array);
      const elements = array === null ? null : elementsOf(array);
      if (elements === null) undecided(machine, "the elements of an array cannot be told");
      return { kind: "elements", elements: elements ?? [] };
    }
  }
}

type RangeSource = Extract<LoopSource, { kind: "range" }>;

function roundsOfRange(frame: Frame, over: RangeSource): RoundsOfLoop {
  const type = baseTypeNamed("int4");
  const bound = (written: Snippet | null): bigint | null => {
    if (written === null) return 1n;
    const value = assigned(frame, written, type);
    return value?.value?.family === "integer" && value.late === undefined ? value.value.value : null;
  };
  const [first, last, step] = [bound(over.from), bound(over.to), bound(over.by)];
  if (first == null || last == null || step == null || step <= 0n) {
    undecided(frame.machine, "the ends of a loop cannot be told");
    return { kind: "none" };
  }
  // The variable is the loop's own, and hides one of its name outside.
  const hidden = frame.variables.get(over.variable);
  return { kind: "range", first, last, by: over.reverse ? -step : step, hidden };
}

/** Sets the loop's variables before each round behind the first `done` ones; false ends the loop. */
function* roundsFrom(frame: Frame, over: LoopSource, all: RoundsOfLoop, done: number): Generator<boolean> {
  if (over.kind === "forever") for (;;) yield true;
  else if (over.kind === "while") for (;;) yield decide(frame, over.condition);
  else if (over.kind === "range" && all.kind === "range") {
    const type = baseTypeNamed("int4");
    const { first, last, by, hidden } = all;
    for (let value = first + BigInt(done) * by; over.reverse ? value >= last : value <= last; value += by) {
      frame.variables.set(over.variable, { value: { family: "integer", value }, type });
      yield true;
    }
    if (hidden !== undefined) frame.variables.set(over.variable, hidden);
  } else if (over.kind === "rows" && all.kind === "rows")
    for (let at = done; at < all.rows.length; at++) {
      assignFields(frame, over.variables, all.rows[at] as Row);
      yield true;
    }
  else if (over.kind === "elements" && all.kind === "elements")
    for (let at = done; at < all.elements.length; at++) {
      const element = all.elements[at] as TypedValue;
      const type = typeOf(frame, over.variable);
      assignVariable(
        frame,
        over.variable,
        type === null ? element : assignTo(element, type, evaluation(frame.machine)),
      );
      yield true;
    }
}
