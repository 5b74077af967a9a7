/** Measures the reading, the replay and the rules of one long script: at first, and after a keystroke at its end and in its middle. */

import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { finalCatalog, replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { runRules } from "../../server/src/rules/run.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { loadParserForTests } from "../support/parser.ts";

const count = Number(process.argv[2] ?? 100_000);
const reading = { parser: await loadParserForTests(), cache: createStatementCache(2 * count) };
const start = emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" });
const options = { version: 18, pathmanVersion: "1.5", today: "2024-06-01" } as const;

const text = longScript(count);
let steps = measure("first", text, []);
steps = measure("keystroke at the end", `${text}\nCREATE TABLE last (k int);`, steps);
const middle = text.indexOf(";", text.length / 2) + 1;
steps = measure(
  "keystroke in the middle",
  `${text.slice(0, middle)}\nCREATE TABLE middle (k int);${text.slice(middle)}`,
  steps,
);

function measure(what: string, script: string, previous: readonly Step[]): readonly Step[] {
  const begun = performance.now();
  const { statements, directives } = parseDocument(script, reading);
  const read = performance.now();
  const next = replay({ file: "large.sql", statements, start, options, previous, source: { text: script, reading } });
  const replayed = performance.now();
  const findings = runRules({
    file: "large.sql",
    text: script,
    statements,
    steps: next,
    final: finalCatalog(start, next),
    options: { ...options, timeZone: "UTC" },
    severities: {},
    directives,
    startInFile: () => null,
  });
  const done = performance.now();
  globalThis.gc?.();
  const heap = (process.memoryUsage().heapUsed / 1_000_000).toFixed(0);
  const [a, b, c] = [read - begun, replayed - read, done - replayed].map((time) => time.toFixed(0));
  console.log(
    `${what}: read ${a} ms, replay ${b} ms, rules ${c} ms; ${next.length} statements, ${findings.length} findings, heap ${heap} MB`,
  );
  return next;
}

/** A hundred partitioned tables with many partitions each, and queries and changes between them. */
function longScript(statements: number): string {
  const lines: string[] = [];
  for (let table = 0; lines.length < statements; table += 1) {
    lines.push(`CREATE TABLE t${table} (k int NOT NULL, v int, note text) PARTITION BY RANGE (k);`);
    for (let part = 0; part < 700 && lines.length < statements; part += 1) {
      lines.push(
        `CREATE TABLE t${table}_${part} PARTITION OF t${table} FOR VALUES FROM (${part * 10}) TO (${part * 10 + 10});`,
      );
      if (part % 3 === 0) lines.push(`INSERT INTO t${table} (k, v) VALUES (${part * 10 + 5}, ${part});`);
      if (part % 10 === 0) lines.push(`SELECT * FROM t${table} WHERE k = ${part * 10};`);
      if (part % 50 === 0) lines.push(`CREATE INDEX ON t${table}_${part} (v);`);
    }
  }
  return lines.slice(0, statements).join("\n");
}
