/** Which tables the files of a chain may give other partitions, children or constraints: what is said of a whole table waits for the last of them. */

import type { Document } from "../syntax/document.ts";
import { tokenize } from "../syntax/lexer.ts";
import type { PlacedStatement, Statement } from "../syntax/statement.ts";
import type { TextLike } from "../text/chunked-text.ts";

const namesByDocument = new WeakMap<Document, ReadonlySet<string>>();

/** The names, without schema, of the tables and indexes that the document may change; kept with the document. */
export function namesChangedBy(document: Document): ReadonlySet<string> {
  const cached = namesByDocument.get(document);
  if (cached !== undefined) return cached;
  const names = new Set<string>();
  for (const placed of document.statements) for (const name of namesIn(placed, document.content)) names.add(name);
  namesByDocument.set(document, names);
  return names;
}

function namesIn(placed: PlacedStatement, text: TextLike): readonly string[] {
  const { statement } = placed;
  switch (statement.kind) {
    case "create-table":
      return [statement.partitionOf?.parent, ...statement.inherits].flatMap((name) => name?.name ?? []);
    case "alter-table":
      return [
        statement.relation.name,
        ...statement.actions.flatMap((action) =>
          action.kind === "inherit" || action.kind === "no-inherit" ? [action.parent.name] : [],
        ),
      ];
    case "drop":
      return statement.names.map(({ name }) => name);
    case "rename":
    case "set-schema":
    case "create-trigger":
    case "create-rule":
      return [statement.relation.name];
    default:
      return mayRunAnything(statement) ? words(text.slice(placed.start, placed.end)) : [];
  }
}

/** A block, a function or a call changes what it names, also in a string. */
function mayRunAnything(statement: Statement): boolean {
  if (statement.kind === "query") return statement.query.kind === "select" && statement.query.from.length === 0;
  return ["do", "create-function", "call-procedure", "invalid"].includes(statement.kind);
}

function words(text: string): readonly string[] {
  return tokenize(text).flatMap((token) => {
    const source = text.slice(token.start, token.end);
    return token.kind === "word" || token.kind === "string" || token.kind === "quoted-identifier"
      ? (source.toLowerCase().match(/[\p{L}_][\p{L}\p{N}_$]*/gu) ?? [])
      : [];
  });
}
