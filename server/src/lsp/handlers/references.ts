/** `textDocument/definition`, `references`, `documentHighlight` and `workspace/symbol`: tables and partitions across a chain. */

import {
  type DocumentHighlight,
  DocumentHighlightKind,
  type Location,
  type ReferenceParams,
  SymbolKind,
  type TextDocumentPositionParams,
  type WorkspaceSymbol,
  type WorkspaceSymbolParams,
} from "vscode-languageserver/node";
import { placesNamed, placesOf, relationAt, relationsCalled } from "../../ide/references.ts";
import type { Step } from "../../replay/step.ts";
import { titleText } from "../../text/foreign-text.ts";
import { createLineIndex, offsetAt } from "../../text/line-index.ts";
import { addAll } from "../../text/long-lists.ts";
import { analysedFile, definitionOf, type Session } from "../session.ts";
import { toRange } from "../to-proto.ts";

/** The statement that creates the relation under the cursor; null where none of the files does. */
export async function definition(
  session: Session,
  { textDocument: { uri }, position }: TextDocumentPositionParams,
): Promise<Location | null> {
  const analysed = await analysedFile(session, uri);
  if (analysed === null) return null;
  const found = relationAt(analysed.analysis, offsetAt(analysed.file.lines, position));
  return found === null ? null : definitionOf(session, found.relation.origin);
}

export async function highlights(
  session: Session,
  { textDocument: { uri }, position }: TextDocumentPositionParams,
): Promise<DocumentHighlight[]> {
  const analysed = await analysedFile(session, uri);
  if (analysed === null) return [];
  const { file, analysis } = analysed;
  const found = relationAt(analysis, offsetAt(file.lines, position));
  if (found === null) return [];
  const places = await session.inTurns(placesOf(analysis, found.relation.id));
  return places.map((range) => ({
    range: toRange(file.lines, range),
    kind: DocumentHighlightKind.Text,
  }));
}

/** In the file itself, the files of the chain behind it, and the files that rest on the same chain, open or not. */
export async function references(
  session: Session,
  { textDocument: { uri }, position, context }: ReferenceParams,
): Promise<Location[]> {
  const analysed = await analysedFile(session, uri);
  if (analysed === null) return [];
  const found = relationAt(analysed.analysis, offsetAt(analysed.file.lines, position));
  if (found === null) return [];
  const chain = session.schema.chainBehind(uri);
  const stepsOf = new Map<string, readonly Step[]>();
  for (const { file, steps } of chain?.world.upTo(chain.forward.length) ?? []) stepsOf.set(file, steps);
  for (const other of session.files.all()) {
    if (chain === null || session.schema.chainBehind(other.uri) !== chain) continue;
    const analysis = await session.files.analysisOf(other.uri);
    if (analysis !== null) stepsOf.set(other.uri, analysis.steps);
  }
  stepsOf.set(uri, analysed.analysis.steps);
  const { id, name } = found.relation;
  const places: Location[] = [];
  for (const [file, steps] of stepsOf) addAll(places, await locations(session, file, steps, id));
  if (chain !== null)
    for (const { uri: other, document } of await session.schema.queryFiles(uri, name)) {
      const lines = createLineIndex(document.text);
      for (const range of await session.inTurns(placesNamed(document, chain.end(), id)))
        places.push({ uri: other, range: toRange(lines, range) });
    }
  const defined = definitionOf(session, found.relation.origin);
  const isDefinition = ({ uri: file, range }: Location): boolean =>
    file === defined?.uri &&
    range.start.line === defined.range.start.line &&
    range.start.character === defined.range.start.character;
  return context.includeDeclaration ? places : places.filter((place) => !isDefinition(place));
}

async function locations(
  session: Session,
  file: string,
  steps: readonly Step[],
  id: number,
): Promise<readonly Location[]> {
  const places = session.placesIn(file);
  if (places === null) return [];
  const found = await session.inTurns(placesOf({ document: places.document, steps }, id));
  return found.map((range) => ({
    uri: places.uri,
    range: toRange(places.lines, range),
  }));
}

/** More are not listed: people type on. */
const mostSymbols = 200;

/** The tables and partitions that the workspace's schemas leave, and the open files; nothing needs to be open. */
export async function workspaceSymbols(session: Session, { query }: WorkspaceSymbolParams): Promise<WorkspaceSymbol[]> {
  const ofWorkspace = await session.schema.all();
  const ofFiles = await Promise.all(
    session.files.all().map(async ({ uri }) => {
      const analysis = await session.files.analysisOf(uri);
      return session.schema.chainBehind(uri)?.end() ?? analysis?.final ?? null;
    }),
  );
  const ends = new Set([...ofWorkspace.map(({ catalog }) => catalog), ...ofFiles]);
  const symbols = new Map<string, WorkspaceSymbol>();
  for (const end of ends) {
    for (const relation of end === null ? [] : relationsCalled(end, query, mostSymbols)) {
      const location = definitionOf(session, relation.origin);
      if (location === null || symbols.size >= mostSymbols) continue;
      const kind = relation.kind === "partitioned-table" ? SymbolKind.Class : SymbolKind.Struct;
      const symbol = { name: titleText(relation.name), containerName: titleText(relation.schema), kind, location };
      symbols.set(JSON.stringify(location), symbol);
    }
  }
  return [...symbols.values()];
}
