// Lenses and hovers as a person sees them: few, true for the place where they stand, and as short as they can be.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { openVSCode, type VSCode } from "./driver.ts";

let code: VSCode;
beforeAll(async () => {
  code = await openVSCode();
});
afterEach(async ({ task }) => await code?.recordFailure(task));
afterAll(async () => await code?.close());

/** The blanks in tables are such that no line ends at them. */
const plain = (text: string): string => text.replaceAll("\u00a0", " ");

it("the first sample has a lens for its table and each query, and none that repeats the line below", async () => {
  const editor = await code.open("access_logs.sql");
  await editor.lens("1 of 4 partitions · access_logs_2023 · embedded PostgreSQL 18").first().waitFor();
  await editor.lens("2 of 4 partitions · access_logs_2022, access_logs_default").first().waitFor();
  await editor.lens("3 partitions (incl. default) at the end · 2023-01 … 2025-01").first().waitFor();
  expect(await editor.lens(/./).count()).toBe(4);
});

it("a dropped partition is told as it was, a later statement takes no answer away from a query above", async () => {
  const editor = await code.open("access_logs.sql");
  const dropped = editor.line("DROP TABLE").locator("span span", { hasText: "access_logs_2022" });
  const hover = await code.hover(dropped, "was partition 1 of 4");
  const text = plain(await hover.innerText());
  expect(text).toContain("dropped by this statement");
  // Short bounds: no midnight, no FOR VALUES, no quotes.
  expect(text).toMatch(/2022-01-01 … 2023-01-01/);
  expect(text).not.toMatch(/FOR VALUES|00:00|'/);
});

it("a rejected statement says so, a broken one keeps its lens, and what it was to fill is no gap of its own", async () => {
  const partition = (name: string, from: string, to: string): string =>
    `CREATE TABLE ${name} PARTITION OF m FOR VALUES FROM ('${from}') TO ('${to}');`;
  const lines = [
    "CREATE TABLE m (d timestamp) PARTITION BY RANGE (d);",
    partition("m_1", "2024-01-01", "2024-02-01"),
    partition("m_x", "2024-01-15", "2024-03-01"),
    partition("m_3", "2024-03-01", "2024-04-01"),
    "SELECT * FROM m WHERE d = '2024-03-05';",
    "",
  ];
  writeFileSync(join(code.workspace, "m.sql"), lines.join("\n"));
  const editor = await code.open("m.sql");
  await editor.lens('rejected: partition "m_x" would overlap partition "m_1"').first().waitFor();
  await editor.lens("1 of 2 partitions · m_3").first().waitFor();
  const { page } = code;
  await code.goToLine(5);
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.type(" AND AND");
  await editor.squiggles("error").nth(1).waitFor();
  // The line keeps its lens, and nothing jumps.
  await editor.lens("the statement does not parse").first().waitFor();
  expect(await editor.lens(/partition/).count()).toBeGreaterThanOrEqual(3);
  expect(await code.toasts.count()).toBe(0);
});

it("the hover of a query says first what is read, then why not fewer and what to write, then the partitions", async () => {
  const editor = await code.open("queries.sql");
  await editor.lens("all 4 partitions").first().waitFor();
  const query = editor.line("taken_at::date").locator("span span", { hasText: "SELECT" });
  const hover = await code.hover(query, "Reads 4 of 4 partitions");
  const text = plain(await hover.innerText());
  const places = ["Reads 4 of 4 partitions", "Why not fewer", "Write", "4: "].map((part) => text.indexOf(part));
  expect(places, text).toEqual(places.toSorted((a, b) => a - b));
  expect(places[0]).toBeGreaterThanOrEqual(0);
  await code.screenshot("query-hover-why");
  // No cell of its table takes two lines.
  for (const cell of await hover.locator("td").all())
    expect((await cell.boundingBox())?.height ?? 0, await cell.innerText()).toBeLessThan(36);
});
