// What is known after edits, held against what a fresh analysis of the same text gives.
import { deepStrictEqual } from "node:assert/strict";
import type { Catalog } from "../../server/src/catalog/catalog.ts";
import type { PartitionSet } from "../../server/src/catalog/partitioning.ts";
import { printCatalog } from "../../server/src/catalog/print.ts";
import type { Analysis } from "../../server/src/ide/analysis.ts";
import { listLenses } from "../../server/src/ide/lenses.ts";
import { partOf, schemaBefore, wholeSchema } from "../../server/src/ide/schema-statements.ts";
import { placeOfStep } from "../../server/src/ide/step-places.ts";
import { documentSymbolsInTurns } from "../../server/src/ide/symbols.ts";
import { tablesOf } from "../../server/src/ide/tables-of-file.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { atOnce } from "../../server/src/text/turns.ts";
import { analyseEdit, analyseText } from "../ide/support.ts";

/**
 * Holds what is known after the edits against a fresh analysis: after each of them, or after each so many and the last one. Where
 * nothing is compared findings, lenses and outline are asked for all the same, as an editor does. How many steps were followed; throws
 * where the two differ.
 */
export function followEdits<E>(
  script: string,
  edits: readonly E[],
  apply: (text: string, edit: E) => string,
  reading: Reading,
  comparedEach = 1,
): number {
  let analysis = analyseText(script, reading);
  analysis.findings();
  let count = 0;
  for (const [index, edit] of edits.entries()) {
    analysis = changedTo(analysis, apply(analysis.document.text, edit), reading);
    if (!isCompared(index, edits.length, comparedEach)) {
      analysis.findings();
      listLenses(analysis, []);
      atOnce(documentSymbolsInTurns(analysis));
      continue;
    }
    deepStrictEqual(known(analysis), known(analyseText(analysis.document.text, reading)));
    for (const { partitioning } of analysis.final.relations.values())
      if (partitioning !== null)
        deepStrictEqual(
          placesIn(partitioning.partitions),
          [...partitioning.partitions.all.keys()].sort((a, b) => a - b),
        );
    count += analysis.steps.filter(({ followed }) => followed !== undefined).length;
  }
  return count;
}

/** Whether what is known after the edit of that index is compared: each so many of all, and the last one. */
export function isCompared(index: number, edits: number, comparedEach: number): boolean {
  return (index + 1) % comparedEach === 0 || index === edits - 1;
}

/** The partitions by where they stand in the set, in order of their ids: one that stands in two places is there twice. */
export function placesIn({
  ranges,
  values,
  nullPartition,
  hashes,
  defaultPartition,
  incomparable,
}: PartitionSet): number[] {
  return [
    ...[...ranges.values()].map(({ partition }) => partition),
    ...new Set([...values.values(), ...(nullPartition === null ? [] : [nullPartition])]),
    ...hashes.values(),
    ...(defaultPartition === null ? [] : [defaultPartition]),
    ...incomparable.keys(),
  ].sort((a, b) => a - b);
}

/** The analysis after the one edit that makes the text another. */
export function changedTo(analysis: Analysis, next: string, reading: Reading): Analysis {
  const { text } = analysis.document;
  const shorter = Math.min(text.length, next.length);
  let start = 0;
  while (start < shorter && text[start] === next[start]) start++;
  let same = 0;
  while (same < shorter - start && text[text.length - 1 - same] === next[next.length - 1 - same]) same++;
  const range = { start, end: text.length - same };
  return analyseEdit(analysis, { range, newText: next.slice(start, next.length - same) }, reading);
}

/** All that is told of a file: every step with its catalogs, findings with their fixes, lenses, the outline, and its tables. */
export function known(analysis: Analysis): object {
  const { used, created, restsOnOthers } = tablesOf(analysis.document);
  const print = createCatalogPrinter();
  return {
    tables: { used: used.map(({ schema, name }) => `${schema}.${name}`).sort(), created, restsOnOthers },
    places: analysis.steps.map((step) => placeOfStep(analysis, step)),
    statements: analysis.document.statements.map(({ start, end, hash }) => ({ start, end, hash })),
    steps: analysis.steps.map(({ statement, before, after, rejection, warning, declined, transaction }) => ({
      ...{ length: statement.length, warning, declined, state: transaction.state },
      ...{ before: print(before), after: print(after), message: rejection?.message },
    })),
    findings: analysis.findings().map((finding) => ({ ...finding, fixes: finding.fixes })),
    lenses: listLenses(analysis, []),
    symbols: atOnce(documentSymbolsInTurns(analysis)),
    final: print(analysis.final),
    told: toldOfQueries(analysis),
  };
}

/** Prints each catalog once: what is behind one step is in front of the next one. */
export function createCatalogPrinter(): (catalog: Catalog) => string {
  const printed = new Map<Catalog, string>();
  return (catalog) => {
    const text = printed.get(catalog) ?? printCatalog(catalog);
    printed.set(catalog, text);
    return text;
  };
}

/** What the embedded PostgreSQL is told of the schema for the last queries, and for the file as a whole. */
function toldOfQueries(analysis: Analysis): readonly unknown[] {
  const parts = [partOf(analysis)];
  const queries = analysis.steps.filter(({ statement }) => statement.statement.kind === "query").slice(-2);
  return [...queries.map((step) => schemaBefore(parts, step)), wholeSchema(parts, analysis.final.settings)];
}
