/** `textDocument/documentSymbol`. */

import {
  type DocumentSymbol,
  type DocumentSymbolParams,
  type SymbolInformation,
  SymbolKind,
} from "vscode-languageserver/node";
import { documentSymbols, type DocumentSymbol as TableSymbol } from "../../ide/symbols.ts";
import type { LineIndex } from "../../text/line-index.ts";
import { analysedFile, type Session } from "../session.ts";
import { toRange } from "../to-proto.ts";

export async function symbols(
  session: Session,
  { textDocument: { uri } }: DocumentSymbolParams,
): Promise<DocumentSymbol[] | SymbolInformation[]> {
  const analysed = await analysedFile(session, uri);
  if (analysed === null) return [];
  const found = documentSymbols(analysed.analysis);
  const { lines } = analysed.file;
  return session.features.hierarchicalSymbols
    ? found.map((symbol) => hierarchical(symbol, lines))
    : found.flatMap((symbol) => flat(symbol, null, uri, lines));
}

function hierarchical(symbol: TableSymbol, lines: LineIndex): DocumentSymbol {
  return {
    name: symbol.name,
    detail: symbol.detail,
    kind: kindOf(symbol),
    range: toRange(lines, symbol.range),
    selectionRange: toRange(lines, symbol.selection),
    children: symbol.children.map((child) => hierarchical(child, lines)),
  };
}

function flat(symbol: TableSymbol, container: string | null, uri: string, lines: LineIndex): SymbolInformation[] {
  return [
    {
      name: symbol.name,
      kind: kindOf(symbol),
      location: { uri, range: toRange(lines, symbol.selection) },
      ...(container === null ? {} : { containerName: container }),
    },
    ...symbol.children.flatMap((child) => flat(child, symbol.name, uri, lines)),
  ];
}

function kindOf(symbol: TableSymbol): SymbolKind {
  switch (symbol.kind) {
    case "partitioned-table":
      return SymbolKind.Class;
    case "partition":
      return SymbolKind.Field;
    case "table":
      return SymbolKind.Struct;
  }
}
