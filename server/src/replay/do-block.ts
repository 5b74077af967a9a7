/** DO blocks: run where their text tells what they do, else tainting what they name. */

import { type Catalog, withUnknownChanges } from "../catalog/catalog.ts";
import { applyStatement } from "../schemes/all.ts";
import { withDoubtfulChanges } from "../schemes/doubt.ts";
import { afterRunning } from "../schemes/effects/apply-running.ts";
import { whatCodeRuns } from "../schemes/effects/what-runs.ts";
import { applied } from "../schemes/outcome.ts";
import type { ApplyContext, Outcome } from "../schemes/scheme.ts";
import { parseDocument } from "../syntax/document.ts";
import type { Reading } from "../syntax/read-statement.ts";
import type { DoBlock, PlacedStatement } from "../syntax/statement.ts";
import type { TextRange } from "../text/range.ts";
import { readProgram } from "./plpgsql/program.ts";
import { type BlockHost, runBlock } from "./plpgsql/run.ts";

/** The text of the script, and what is needed to read the statements that it builds. */
export interface ScriptSource {
  readonly text: string;
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
  const inside: ApplyContext = { ...context, inFunction: true };
  const text = source === null ? null : bodyText(source.text, placed, block);
  const { language, code } = block.body;
  // What its text shows is what it may touch, with all that this runs.
  const untold = (reason: string): Outcome =>
    applied(afterRunning(withUnknownChanges(catalog), whatCodeRuns(catalog, code, reason)), reason);
  if (source === null || text === null) return untold("what the DO block does is not known");
  if (language !== "plpgsql") return untold(`DO blocks in ${language} are not followed`);
  const program = readProgram(text);
  if (program === null) return untold("the DO block holds something that is not followed");
  const host: BlockHost = {
    version: context.version,
    today: context.today,
    read: (sql) => parseDocument(sql, source.reading).statements,
    apply: (current, statement, range, dynamic, inSubtransaction) => {
      const start = block.body.range.start + range.start;
      const place = dynamic ? { start, end: block.body.range.start + range.end } : null;
      const by = start + statement.start;
      const moved = (inner: TextRange): TextRange => place ?? { start: inner.start + by, end: inner.end + by };
      // PostgreSQL takes a subtransaction for a transaction block.
      const inTransaction = inside.inTransaction || inSubtransaction;
      return applyInside(current, statement, moved, { ...inside, inTransaction });
    },
  };
  const outcome = runBlock(program, catalog, host);
  if (outcome.kind === "rejected") return outcome;
  if (outcome.kind === "applied") {
    // One statement that is refused undoes the whole block.
    if (outcome.declined.length === 0) return outcome;
    return { ...outcome, catalog: withDoubtfulChanges(catalog, outcome.catalog) };
  }
  return untold(`the DO block is not followed: ${outcome.reason}`);
}

/** The body between its quotes; null where it cannot be cut out. */
function bodyText(text: string, placed: PlacedStatement, { body }: DoBlock): string | null {
  const start = placed.start + body.range.start;
  const inside = text.slice(start, placed.start + body.range.end);
  const quote = text[start - 1];
  if (quote === "$") return inside;
  return quote === "'" && !inside.includes("'") && !inside.includes("\\") ? inside : null;
}

/** Applies a statement that is not in the script itself; `moved` gives the places of its parts, relative to the statement that runs it. */
export function applyInside(
  catalog: Catalog,
  statement: PlacedStatement,
  moved: (range: TextRange) => TextRange,
  context: ApplyContext,
): Outcome {
  const outcome = applyStatement(catalog, { ...statement, statement: relocate(statement.statement, moved) }, context);
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
