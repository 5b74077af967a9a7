/** DO blocks: run where their text tells what they do, else tainting what they name. */

import { type Catalog, withUnknownChanges } from "../catalog/catalog.ts";
import { withDoubtfulChanges } from "../effects/doubt.ts";
import { type ApplyContext, applied, appliedBut, type Outcome } from "../effects/outcome.ts";
import { afterRunning, mayChange } from "../effects/running/apply-running.ts";
import { whatCallRuns, whatCodeRuns } from "../effects/running/what-runs.ts";
import { applyPlain } from "../schemes/apply-plain.ts";
import { parseDocument } from "../syntax/document.ts";
import type { Reading } from "../syntax/read-statement.ts";
import type { DoBlock, PlacedStatement } from "../syntax/statement.ts";
import type { TextLike } from "../text/chunked-text.ts";
import type { TextRange } from "../text/range.ts";
import { followBlock, followStatement } from "./plpgsql/follow.ts";
import type { BlockHost, StatementPlace } from "./plpgsql/machine.ts";
import { readProgram } from "./plpgsql/read-program.ts";

/** The text of the script, and what is needed to read the statements that it builds. */
export interface ScriptSource {
  readonly text: TextLike;
  readonly reading: Reading;
}

/** What the block does. */
export function applyDoBlock(
  catalog: Catalog,
  placed: PlacedStatement,
  block: DoBlock,
  source: ScriptSource | null,
  context: ApplyContext,
): Outcome {
  const { language, range, code, text } = block.body;
  // What its text shows is what it may touch, with all that this runs.
  const untold = (reason: string): Outcome =>
    applied(afterRunning(withUnknownChanges(catalog), whatCodeRuns(catalog, code, reason)), reason);
  if (source === null || text === "") return untold("what the DO block does is not known");
  if (language !== "plpgsql") return untold(`DO blocks in ${language} are not followed`);
  const program = readProgram(text);
  if (program === null) return untold("the DO block holds something that is not followed");
  // Where quotes are doubled in the text, nothing in it stands where it stands in the script.
  const start = placed.start + range.start;
  const isVerbatim = source.text.slice(start, start + text.length) === text;
  const outcome = followBlock(program, catalog, hostOf(source, context, isVerbatim ? range.start : null));
  if (outcome.kind !== "undecided") return mayRaise(catalog, code.uses.calls, withDoubts(catalog, outcome));
  return untold(`the DO block is not followed: ${outcome.reason}`);
}

/** Functions that a block calls may raise an error that is not told: those that change nothing are not followed. */
function mayRaise(catalog: Catalog, calls: readonly (readonly string[])[], outcome: Outcome): Outcome {
  if (outcome.kind === "rejected" || !calls.some((name) => whatCallRuns(catalog, name)?.raises === true))
    return outcome;
  return { ...outcome, mayFail: true };
}

/** One statement that may be refused takes the whole with it. */
export function withDoubts(before: Catalog, outcome: Outcome): Outcome {
  if (outcome.kind === "rejected" || outcome.declined.length === 0) return outcome;
  return { ...outcome, catalog: withDoubtfulChanges(before, outcome.catalog) };
}

/** `bodyStart`: where in the statement the body begins that is run; null where no place in it is one of the script. */
export function hostOf(
  source: ScriptSource,
  context: ApplyContext,
  bodyStart: number | null,
  inside: ApplyContext = { ...context, inFunction: true },
): BlockHost {
  const whole = { start: 0, end: context.text?.length ?? 0 };
  const rangeOf = (place: StatementPlace | null): TextRange =>
    bodyStart === null || place === null
      ? whole
      : { start: bodyStart + place.range.start, end: bodyStart + place.range.end };
  const host: BlockHost = {
    version: context.version,
    today: context.today,
    inTransaction: context.inTransaction,
    context,
    rangeOf,
    read: (sql) => parseDocument(sql, source.reading).statements,
    apply: (current, statement, sql, place, inSubtransaction) => {
      // PostgreSQL takes a subtransaction for a transaction block.
      const inTransaction = inside.inTransaction || inSubtransaction;
      const ofStatement = { ...inside, inTransaction, text: sql.slice(statement.start, statement.end) };
      if (bodyStart === null || place === null)
        return withExtensions(
          current,
          statement,
          applyInside(current, statement, () => whole, ofStatement),
          host,
        );
      const start = bodyStart + place.range.start;
      const built = place.dynamic ? rangeOf(place) : null;
      const by = start + statement.start;
      const moved = (inner: TextRange): TextRange => built ?? { start: inner.start + by, end: inner.end + by };
      return withExtensions(current, statement, applyInside(current, statement, moved, ofStatement), host);
    },
    mayChange: (current, name) => mayChange(whatCallRuns(current, name)),
    configure: (current, setting) => {
      const outcome = applyPlain(
        current,
        { start: 0, end: 0, terminatorEnd: 0, hash: 0, masked: false, statement: setting } as PlacedStatement,
        inside,
      );
      return outcome.kind === "applied" ? outcome.catalog : null;
    },
  };
  return host;
}

/** What a statement does together with what extensions do with it. */
export function withExtensions(before: Catalog, placed: PlacedStatement, outcome: Outcome, host: BlockHost): Outcome {
  if (outcome.kind === "rejected") return outcome;
  const followed = followStatement(placed, before, outcome.catalog, host);
  if (followed === null) return outcome;
  if (followed.kind === "undecided") return appliedBut(outcome.catalog, [...outcome.declined, followed.reason]);
  if (followed.kind === "rejected") return followed;
  return appliedBut(followed.catalog, [...outcome.declined, ...followed.declined]);
}

/** Applies a statement that is not in the script itself; `moved` gives the places of its parts, relative to the statement that runs it. */
export function applyInside(
  catalog: Catalog,
  statement: PlacedStatement,
  moved: (range: TextRange) => TextRange,
  context: ApplyContext,
): Outcome {
  const outcome = applyPlain(catalog, { ...statement, statement: relocate(statement.statement, moved) }, context);
  if (outcome.kind !== "rejected") return outcome;
  // PostgreSQL points into the statement inside, not into the script.
  return { kind: "rejected", rejection: { ...outcome.rejection, position: undefined } };
}

/** A copy of plain data with every range in it replaced. */
function relocate<T>(data: T, moved: (range: TextRange) => TextRange): T {
  return relocateAny(data, moved) as T;
}

function relocateAny(data: unknown, moved: (range: TextRange) => TextRange): unknown {
  if (Array.isArray(data)) return data.map((item) => relocateAny(item, moved));
  if (typeof data !== "object" || data === null) return data;
  const entries = Object.entries(data);
  const { start, end } = data as Partial<TextRange>;
  if (entries.length === 2 && typeof start === "number" && typeof end === "number") return moved({ start, end });
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      name === "location" && typeof value === "number"
        ? moved({ start: value, end: value }).start
        : relocateAny(value, moved),
    ]),
  );
}
