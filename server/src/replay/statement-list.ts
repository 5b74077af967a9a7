/** The statements of a file as a replay wants them: the same objects wherever they stand, and the places of those that it runs. */

import {
  type Document,
  type HandleList,
  type ReadStatements,
  readStatementsOf,
  statementAt,
} from "../syntax/document.ts";
import type { PlacedStatement, ReadStatement } from "../syntax/statement.ts";

/** Statements in their order. */
export interface StatementList {
  readonly read: ReadStatements;
  /** What each of them is called; null where they are counted. */
  readonly handles: Pick<HandleList, "at"> | null;
  readonly placedAt: (index: number) => PlacedStatement;
}

/** Those of a document, or of a list for a text that nobody edits. */
export type GivenStatements = Document | StatementList | readonly PlacedStatement[];

export function listOf(statements: GivenStatements): StatementList {
  if ("placedAt" in statements) return statements;
  if ("read" in statements) {
    const { read, handles } = statements;
    return { read, handles: handles.list, placedAt: (index) => statementAt(statements, index) ?? nowhere };
  }
  const read = readStatementsOf(statements.map(withoutItsPlace));
  return { read, handles: null, placedAt: (index) => statements[index] ?? nowhere };
}

/** Of an index that the list does not have. */
const nowhere: PlacedStatement = {
  ...{ start: 0, end: 0, terminatorEnd: 0, hash: 0, masked: false, swallowed: false },
  statement: { kind: "other", tag: "", relations: [] },
};

const known = new WeakMap<PlacedStatement, ReadStatement>();

/** The same object for the same one. */
function withoutItsPlace(placed: PlacedStatement): ReadStatement {
  const read = known.get(placed) ?? readOf(placed, placed.start);
  known.set(placed, read);
  return read;
}

/** What was read of a statement; `offset` is from where its unit begins. */
export function readOf({ start, end, terminatorEnd, ...rest }: PlacedStatement, offset: number): ReadStatement {
  return { offset, length: end - start, tail: terminatorEnd - end, ...rest };
}
