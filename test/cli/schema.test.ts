// Where the files of a command start from: the chain of the working directory, or what `--schema` names.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleForTests } from "../support/bundle.ts";

let main: string;
let directory: string;

beforeAll(async () => {
  main = await bundleForTests("cli");
  directory = mkdtempSync(join(tmpdir(), "partition-lens-cli-schema-"));
  write("app/migrations/0001_sales.sql", "CREATE TABLE sales (d date NOT NULL) PARTITION BY RANGE (d);");
  write(
    "app/migrations/0002_parts.sql",
    `CREATE TABLE sales_2024 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE sales_2025 PARTITION OF sales FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');`,
  );
  write("app/queries/a.sql", "SELECT * FROM sales WHERE d = '2025-02-03';");
  write("app/queries/b.sql", "DELETE FROM sales WHERE d < '2025-01-01';");
  write("elsewhere/a.sql", "SELECT * FROM sales WHERE d = '2025-02-03';");
  write("bare/tables.sql", "CREATE TABLE sales (d date NOT NULL) PARTITION BY RANGE (d);");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), text);
}

function run(folder: string, ...args: readonly string[]): { readonly code: number | null; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", main, ...args, "--setting", "embedded.enabled=false"],
    { cwd: join(directory, folder), encoding: "utf8" },
  );
  return { code: status, text: stdout + stderr };
}

const answers = `queries/a.sql:1:1: 1 of 2 partitions · sales_2025 · from 2 files
queries/b.sql:1:1: 1 of 2 partitions · sales_2024 · from 2 files
`;

describe("queries start from", () => {
  it("the chain of the working directory", () => {
    expect(run("app", "survivors", "queries/")).toEqual({ code: 0, text: answers });
  });

  it("the folder that --schema names, wherever it is", () => {
    expect(run("elsewhere", "survivors", ".", "--schema", "../app/migrations/").text).toBe(
      "a.sql:1:1: 1 of 2 partitions · sales_2025 · from 2 files\n",
    );
    expect(run("app", "survivors", "queries/a.sql", "--schema", "../bare").text).toBe(
      "queries/a.sql:1:1: no partitions yet · from tables.sql\n",
    );
  });

  it("a chain with a migration that is too long to be read: nothing rests on what it does", () => {
    const last = "CREATE TABLE sales_x PARTITION OF sales FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');";
    write("long/migrations/0001_sales.sql", "CREATE TABLE sales (d date NOT NULL) PARTITION BY RANGE (d);");
    write(
      "long/migrations/0002_year.sql",
      "CREATE TABLE sales_2024 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
    );
    write("long/migrations/0003_long.sql", "");
    write("long/migrations/0004_month.sql", last);
    expect(run("long", "check", "migrations/0004_month.sql").text).toContain("error partition-overlap");
    truncateSync(join(directory, "long/migrations/0003_long.sql"), 65 * 1_048_576);
    const { text } = run("long", "check", "migrations/0004_month.sql");
    expect(text).not.toContain("error partition-overlap");
    expect(text).toContain("0003_long.sql is not read: longer than 64 MB: what it does is not known");
  });

  it("the file that --schema names", () => {
    const { text } = run("app", "catalog", "queries/a.sql", "--schema", "../bare/tables.sql");
    expect(text).toMatch(/^sales {2}0 partitions · RANGE \(d\)/);
  });

  it("nothing where there is no chain", () => {
    expect(run("elsewhere", "survivors", ".").text).toBe("no statement touches a partitioned table\n");
  });
});

it("an error against the end of the chain is found by check", () => {
  write(
    "app/scripts/more.sql",
    "CREATE TABLE more PARTITION OF sales FOR VALUES FROM ('2025-06-01') TO ('2025-07-01');",
  );
  const { code, text } = run("app", "check", "scripts");
  expect(code).toBe(1);
  expect(text).toMatch(
    /^scripts\/more\.sql:1:\d+: error partition-overlap: partition "more" would overlap partition "sales_2025"/m,
  );
});

it.each([
  ["missing", /cannot read --schema missing: no such file or folder/],
  ["empty", /there are no SQL files in --schema empty/],
])("--schema %s says what is wrong, and exits with 2", (given, message) => {
  mkdirSync(join(directory, "app/empty"), { recursive: true });
  const { code, text } = run("app", "survivors", "queries/a.sql", "--schema", given);
  expect(code).toBe(2);
  expect(text).toMatch(message);
});
