// What a printed step says of the relations that it made, changed and removed, and what it costs to tell.
import { expect, test, vi } from "vitest";
import { IdMap } from "../../server/src/catalog/id-map.ts";
import { printSteps } from "../../server/src/replay/print.ts";
import { runText } from "../support/run-text.ts";

test("a step is printed with what it made, changed and removed", () => {
  const script =
    "CREATE TABLE t (k int) PARTITION BY RANGE (k);CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (1);DROP TABLE t_1;";
  expect(printSteps(runText(script), () => "")).toBe(
    "1. create-table: \n   + public.t\n2. create-table: \n   ~ public.t\n   + public.t_1\n3. drop: \n   ~ public.t\n   - public.t_1\n",
  );
});

test("for each step all relations are not looked at", () => {
  const steps = runText(Array.from({ length: 500 }, (_, index) => `CREATE TABLE t_${index} (k int);`).join("\n"));
  const entries = vi.spyOn(IdMap.prototype, "entries");
  const has = vi.spyOn(IdMap.prototype, "has");
  const printed = printSteps(steps, () => "");
  expect(printed.match(/\+ public\.t_/g)).toHaveLength(500);
  expect(entries.mock.calls.length + has.mock.calls.length).toBeLessThan(10);
  vi.restoreAllMocks();
});
