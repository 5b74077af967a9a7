/** `textDocument/documentSymbol`. */

import {
  type DocumentSymbol,
  type DocumentSymbolParams,
  type SymbolInformation,
  SymbolKind,
} from "vscode-languageserver/node";
import { documentSymbolsInTurns, type DocumentSymbol as TableSymbol } from "../../ide/symbols.ts";
import type { LineIndex } from "../../text/line-index.ts";
import type { Turns } from "../../text/turns.ts";
import type { Session } from "../session.ts";
import { toRange } from "../to-proto.ts";

export async function symbols(
  { files, features }: Session,
  { textDocument: { uri } }: DocumentSymbolParams,
  signal: AbortSignal,
): Promise<DocumentSymbol[] | SymbolInformation[]> {
  const listed = await files.workedOut(uri, signal, function* ({ analysis, lines }) {
    const found = yield* documentSymbolsInTurns(analysis);
    return features.hierarchicalSymbols ? yield* hierarchical(found, lines) : [...flat(found, null, uri, lines)];
  });
  return listed ?? [];
}

function* hierarchical(symbols: readonly TableSymbol[], lines: LineIndex): Turns<DocumentSymbol[]> {
  const listed: DocumentSymbol[] = [];
  for (const symbol of symbols) {
    listed.push({
      name: symbol.name,
      detail: symbol.detail,
      kind: kindOf(symbol),
      range: toRange(lines, symbol.range),
      selectionRange: toRange(lines, symbol.selection),
      children: yield* hierarchical(symbol.children, lines),
    });
    yield;
  }
  return listed;
}

function* flat(
  symbols: readonly TableSymbol[],
  container: string | null,
  uri: string,
  lines: LineIndex,
): Generator<SymbolInformation> {
  for (const symbol of symbols) {
    // A list without levels has nothing to fold.
    if (symbol.kind === "run") {
      yield* flat(symbol.children, container, uri, lines);
      continue;
    }
    yield {
      name: symbol.name,
      kind: kindOf(symbol),
      location: { uri, range: toRange(lines, symbol.selection) },
      ...(container === null ? {} : { containerName: container }),
    };
    yield* flat(symbol.children, symbol.name, uri, lines);
  }
}

function kindOf(symbol: TableSymbol): SymbolKind {
  switch (symbol.kind) {
    case "partitioned-table":
      return SymbolKind.Class;
    case "partition":
      return SymbolKind.Field;
    case "table":
      return SymbolKind.Struct;
    case "run":
      return SymbolKind.Namespace;
  }
}
