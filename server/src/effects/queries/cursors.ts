/** Cursors of the session: DECLARE, FETCH, MOVE and CLOSE, and which of them outlive a transaction. */

import type { Catalog, CursorState } from "../../catalog/catalog.ts";
import { mapByText } from "../../catalog/sorted-map.ts";
import { unquoteIdentifier } from "../../syntax/names.ts";
import type { QueryStatement } from "../../syntax/statement.ts";
import { type ApplyContext, applied, type Outcome, type Refusal, rejected } from "../outcome.ts";

/** DECLARE, once its query is analysed (25P01 outside of a transaction, 42P03 where its name is taken). */
export function declareCursor(catalog: Catalog, statement: QueryStatement, context: ApplyContext): Outcome {
  const { name = "", queryRange } = statement;
  const range = { start: 0, end: queryRange.start };
  const isHeld = /\bwith\s+hold\b/i.test(withoutComments((context.text ?? "").slice(0, queryRange.start)));
  if (!isHeld && !context.inTransaction && !context.inFunction) {
    const message = "DECLARE CURSOR can only be used in transaction blocks";
    return rejected("statement-rejected", "25P01", message, range);
  }
  const { cursors = mapByText() } = catalog;
  const state = cursors.get(name);
  if (state === "hold" || state === "transaction") {
    return rejected("statement-rejected", "42P03", `cursor "${name}" already exists`, range);
  }
  return applied({ ...catalog, cursors: cursors.with(name, isHeld ? "hold" : "transaction", true) });
}

/** FETCH, MOVE and CLOSE: the refusal of a cursor that there certainly is not (34000), else null. */
export function cursorMissing(catalog: Catalog, context: ApplyContext): Refusal | null {
  const name = cursorNamed(context.text ?? "");
  if (name === null || context.inFunction) return null;
  const state = catalog.cursors?.get(name);
  // Inside a transaction a function or block may have left one open.
  const isKnown = context.inTransaction
    ? state === "closed" && catalog.functions.size === 0
    : catalog.complete && !catalog.tainted;
  if (state === "hold" || state === "transaction" || state === "unknown" || !isKnown) return null;
  const range = { start: 0, end: context.text?.length ?? 0 };
  return rejected("statement-rejected", "34000", `cursor "${name}" does not exist`, range);
}

/** The catalog after CLOSE; `CLOSE ALL` closes all. */
export function withoutCursor(catalog: Catalog, text: string): Catalog {
  const { cursors } = catalog;
  const name = cursorNamed(text);
  if (name === null) return { ...catalog, cursors: undefined };
  return { ...catalog, cursors: (cursors ?? mapByText()).with(name, "closed", true) };
}

/** The cursors once a block has run, which may have opened any that was closed. */
export function withOpenedCursors(catalog: Catalog): Catalog {
  return withStates(catalog, (state) => (state === "closed" ? "unknown" : state));
}

/**
 * The catalog after a rollback to an earlier one: no rollback opens again what was closed in between, and one of the same name
 * that was declared in between is gone.
 */
export function withoutReopenedCursors(earlier: Catalog, current: Catalog): Catalog {
  return earlier.cursors === current.cursors
    ? earlier
    : withStates(earlier, (state) => (state === "closed" ? state : "unknown"));
}

function withStates(catalog: Catalog, change: (state: CursorState) => CursorState): Catalog {
  const { cursors } = catalog;
  if (cursors === undefined || cursors.size === 0) return catalog;
  let next = cursors;
  for (const [name, state] of cursors.entries()) {
    const changed = change(state);
    if (changed !== state) next = next.with(name, changed, true);
  }
  return next === cursors ? catalog : { ...catalog, cursors: next };
}

/** The catalog at the end of a transaction, which no cursor outlives but those WITH HOLD. */
export function withHeldCursors(catalog: Catalog): Catalog {
  const { cursors } = catalog;
  if (cursors === undefined) return catalog;
  const ended = [...cursors.entries()]
    .filter(([, state]) => state !== "hold" && state !== "unknown")
    .map(([name]) => name);
  return ended.length === 0 ? catalog : { ...catalog, cursors: cursors.withoutKeys(ended) };
}

/** The cursor stands last: `FETCH NEXT FROM c`, `MOVE 5 IN c`, `CLOSE c`. null for ALL, and where it cannot be told. */
function cursorNamed(text: string): string | null {
  const written = withoutComments(text);
  const word = /("(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*)\s*$/u.exec(written)?.[1];
  return word === undefined || /^\s*close\s+all\s*$/i.test(written) ? null : unquoteIdentifier(word);
}

/** Of a comment in a comment the end stays, which is no name. */
function withoutComments(text: string): string {
  if (!/--|\/\*/.test(text)) return text;
  return text.replace(/"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//g, (part) => (part.startsWith('"') ? part : " "));
}
