// Analyses for tests: real parser, real replay, a fixed date.
import type { Catalog } from "../../server/src/catalog/catalog.ts";
import { defaultSettings, readSettings, type Settings } from "../../server/src/config.ts";
import { type Analysis, analyseAtOnce, analysisOptions, emptyWorld } from "../../server/src/ide/analysis.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import { editDocument } from "../../server/src/syntax/edited-document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import type { TextEdit } from "../../server/src/text/edit.ts";

/** The analysis of a text on its own, under the settings given and the defaults. */
export function analyseText(text: string, reading: Reading, given: unknown = {}): Analysis {
  const { settings } = readSettings([{ source: "test", values: given }]);
  return analyseDocument(parseDocument(text, reading), reading, settings, null);
}

/** The analysis after an edit, worked out from the one before. */
export function analyseEdit(previous: Analysis, { range, newText }: TextEdit, reading: Reading): Analysis {
  const { text } = previous.document;
  const next = text.slice(0, range.start) + newText + text.slice(range.end);
  const change = { start: range.start, end: range.end, length: newText.length };
  return analyseDocument(editDocument(previous.document, next, change, reading), reading, defaultSettings, previous);
}

/** The analysis of a text that begins where another has ended. */
export function analyseFrom(start: Catalog, text: string, reading: Reading): Analysis {
  return analyseDocument(parseDocument(text, reading), reading, defaultSettings, null, start);
}

function analyseDocument(
  document: Analysis["document"],
  reading: Reading,
  settings: Settings,
  previous: Analysis | null,
  start: Catalog | null = null,
): Analysis {
  return analyseAtOnce({
    file: "test.sql",
    document,
    reading,
    start: start ?? previous?.start ?? emptyWorld(settings),
    options: analysisOptions(settings, 18, "2026-01-31"),
    startInFile: () => null,
    previous,
  });
}
