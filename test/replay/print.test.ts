// What a printed step says of the relations that it made, changed and removed, and what it costs to tell.
import { expect, test, vi } from "vitest";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { IdMap } from "../../server/src/catalog/id-map.ts";
import { printSteps } from "../../server/src/replay/print.ts";
import { replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import { readingForTests } from "../support/parser.ts";

const reading = await readingForTests();

function run(text: string): readonly Step[] {
  return replay({
    file: "a.sql",
    statements: parseDocument(text, reading).statements,
    start: emptyCatalog({ complete: true, timeZone: "UTC" }),
    options: { version: 18, pathmanVersion: "1.5", today: "2025-01-01" },
    previous: [],
    source: { text, reading },
  });
}

test("a step is printed with what it made, changed and removed", () => {
  const script =
    "CREATE TABLE t (k int) PARTITION BY RANGE (k);CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (1);DROP TABLE t_1;";
  expect(printSteps(run(script), () => "")).toBe(
    "1. create-table: \n   + public.t\n2. create-table: \n   ~ public.t\n   + public.t_1\n3. drop: \n   ~ public.t\n   - public.t_1\n",
  );
});

test("for each step all relations are not looked at", () => {
  const steps = run(Array.from({ length: 500 }, (_, index) => `CREATE TABLE t_${index} (k int);`).join("\n"));
  const entries = vi.spyOn(IdMap.prototype, "entries");
  const has = vi.spyOn(IdMap.prototype, "has");
  const printed = printSteps(steps, () => "");
  expect(printed.match(/\+ public\.t_/g)).toHaveLength(500);
  expect(entries.mock.calls.length + has.mock.calls.length).toBeLessThan(10);
  vi.restoreAllMocks();
});
