/** What is worked out once for a document, a catalog or a client: its lines, its number, its folders. */

import type { InitializeParams } from "vscode-languageserver/node";
import type { Catalog } from "../catalog/catalog.ts";
import type { SizeOf } from "../ide/relation-sizes.ts";
import type { Document } from "../syntax/document.ts";
import { createLineIndex, type LineIndex } from "../text/line-index.ts";

/** The workspace folders that the client begins with. */
export function foldersOf({ workspaceFolders, rootUri }: InitializeParams): readonly string[] {
  if (workspaceFolders !== null && workspaceFolders !== undefined) return workspaceFolders.map(({ uri }) => uri);
  return rootUri === null || rootUri === undefined ? [] : [rootUri];
}

/** The lines of a document that nobody edits. */
export function linesOf(document: Document): LineIndex {
  const known = lineIndexes.get(document) ?? createLineIndex(document.text);
  lineIndexes.set(document, known);
  return known;
}

const lineIndexes = new WeakMap<Document, LineIndex>();

/** A number that stands for a catalog, the lines of a text, or another value that never changes, and for no other. */
export function numberOf(value: Catalog | SizeOf | LineIndex): number {
  const known = numbers.get(value) ?? ++lastNumber;
  numbers.set(value, known);
  return known;
}

const numbers = new WeakMap<Catalog | SizeOf | LineIndex, number>();
let lastNumber = 0;
