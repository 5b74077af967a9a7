// The command line tool as scripts use it: words in, text and exit code out.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureEmbeddedSnapshot } from "../../scripts/embedded-snapshot.mjs";
import { bundleForTests } from "../support/bundle.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";

const sources = join(import.meta.dirname, "../../server/src/cli/main.ts");
let main: string;
let directory: string;

beforeAll(async () => {
  main = await bundleForTests("cli");
  directory = mkdtempSync(join(tmpdir(), "partition-lens-cli-"));
  for (const folder of ["schema/later", "blocks", "chain", "db/deploy", "db/revert"])
    mkdirSync(join(directory, folder), { recursive: true });
  write("schema/a.sql", clean);
  write("schema/later/b.sql", overlapping);
  write("schema/notes.txt", "not SQL (");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const clean = `CREATE TABLE sales (d date NOT NULL) PARTITION BY RANGE (d);
CREATE TABLE sales_2023 PARTITION OF sales FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE sales_2024 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
SELECT * FROM sales WHERE d = '2024-05-01';
`;
const overlapping = `${clean}CREATE TABLE late PARTITION OF sales FOR VALUES FROM ('2024-06-01') TO ('2024-07-01');\n`;

function write(path: string, text: string): void {
  writeFileSync(join(directory, path), text);
}

interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** Runs the bundled tool in the directory. */
function run(...args: readonly string[]): Result {
  return runFile(main, args);
}

function runFile(file: string, args: readonly string[]): Result {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", file, ...args],
    { cwd: directory, encoding: "utf8" },
  );
  return { code: status, out: stdout, error: stderr };
}

/** The scripts' partitions end in the past, which is not what these tests are about. */
const withoutEnds = ["--setting", 'rules={"coverage-ends":"off"}'] as const;
const predicted = ["--setting", "embedded.enabled=false"] as const;

describe("check", () => {
  it("is quiet and exits with 0 where all is well", () => {
    expect(run("check", "schema/a.sql", ...withoutEnds)).toEqual({
      code: 0,
      out: "0 errors, 0 warnings in 1 file\n",
      error: "",
    });
  });

  it("exits with 1 and prints one line for each finding", () => {
    const { code, out } = run("check", "schema/later/b.sql", ...withoutEnds);
    expect(code).toBe(1);
    expect(out.split("\n")[0]).toMatch(
      /^schema\/later\/b\.sql:5:\d+: error partition-overlap: partition "late" would overlap partition "sales_2024"/,
    );
    expect(out).toMatch(/\n\n1 error, 0 warnings in 1 file\n$/);
  });

  it("reads folders, and only SQL files in them", () => {
    const { code, out } = run("check", "--format", "json");
    expect(code).toBe(1);
    const { files, summary } = JSON.parse(out);
    expect(files.map(({ path }: { path: string }) => path)).toEqual(["schema/a.sql", "schema/later/b.sql"]);
    expect(summary).toMatchObject({ files: 2, errors: 1 });
  });

  it("prints diagnostics as the language server sends them", () => {
    const { files } = JSON.parse(run("check", "schema/later/b.sql", "--format", "json", ...withoutEnds).out);
    expect(files[0].uri).toBe(pathToFileURL(join(directory, "schema/later/b.sql")).href);
    expect(files[0].diagnostics[0]).toMatchObject({
      range: { start: { line: 4 }, end: { line: 4 } },
      severity: 1,
      source: "partition-lens",
      code: "partition-overlap",
      data: { sqlstate: "42P17" },
    });
  });

  it("obeys --setting before partition-lens.json", () => {
    write("schema/later/partition-lens.json", JSON.stringify({ rules: { "partition-overlap": "off" } }));
    try {
      expect(run("check", "schema/later/b.sql").code).toBe(0);
      expect(run("check", "schema/later/b.sql", "--setting", 'rules={"partition-overlap":"hint"}').out).toContain(
        "hint partition-overlap",
      );
    } finally {
      rmSync(join(directory, "schema/later/partition-lens.json"));
    }
  });

  it("says that a file is too large to be analysed", () => {
    write("large.sql", `${overlapping}${"-- padding\n".repeat(200)}`);
    expect(run("check", "large.sql", "--setting", "limits.maxFileSizeKb=1")).toMatchObject({
      code: 0,
      out: expect.stringContaining("large.sql: not analysed: larger than limits.maxFileSizeKb, which is 1"),
    });
    rmSync(join(directory, "large.sql"));
  });

  it.each([
    ["a file", "endless.sql"],
    ["a device", "/dev/zero"],
  ])("reads no more than there is room for: %s", (_, path) => {
    write("endless.sql", "");
    truncateSync(join(directory, "endless.sql"), 65 * 1_048_576);
    try {
      expect(run("check", path)).toMatchObject({
        code: 0,
        out: expect.stringContaining(`${path}: not read: longer than 64 MB`),
      });
      expect(run("catalog", path)).toMatchObject({
        code: 2,
        error: expect.stringContaining(`${path} is not read: longer than 64 MB`),
      });
    } finally {
      rmSync(join(directory, "endless.sql"));
    }
  });

  it("finds nothing but syntax errors in a file that is not SQL, and few of them", () => {
    write("binary.sql", `${"\0\ufffd%PDF-1.7 'unterminated ".repeat(500)}`);
    const { code, out } = run("check", "binary.sql", "--format", "json");
    rmSync(join(directory, "binary.sql"));
    expect(code).toBe(1);
    expect(JSON.parse(out).files[0].diagnostics.length).toBeLessThan(5);
  });
});

describe("DO blocks that only a run can tell", () => {
  /** `sha256` is not computed by the replay, so the loop is not followed. */
  const block = `DO $$
DECLARE y int;
BEGIN
  FOR y IN SELECT g FROM generate_series(2025, 2026) AS g WHERE sha256(g::text::bytea) <> '' LOOP
    EXECUTE format('CREATE TABLE %I PARTITION OF sales FOR VALUES FROM (%L) TO (%L)', 'sales_' || y, make_date(y, 1, 1), make_date(y + 1, 1, 1));
  END LOOP;
END $$;
`;
  const late = "CREATE TABLE late PARTITION OF sales FOR VALUES FROM ('2026-06-01') TO ('2026-07-01');\n";

  beforeAll(async () => {
    await ensureEmbeddedSnapshot();
    write("blocks/one.sql", clean + block + late);
    write("chain/V1__sales.sql", clean);
    write("chain/V2__years.sql", block);
    write("chain/V3__late.sql", late);
    write("chain/partition-lens.json", JSON.stringify({ "schema.migrations": ["*.sql"] }));
  });

  it.each(["blocks/one.sql", "chain/V3__late.sql"])("are run in the embedded PostgreSQL for %s", (file) => {
    const { code, out } = runFile(sources, ["check", file, ...withoutEnds]);
    expect(out).toContain('partition "late" would overlap partition "sales_2026"');
    expect(code).toBe(1);
  });

  it("leave the table unknown where that is switched off", () => {
    expect(runFile(sources, ["check", "blocks/one.sql", ...withoutEnds, ...predicted]).code).toBe(0);
  });

  it("are not run where a database is named", async () => {
    const database = await createDatabase();
    try {
      await database.client.query(clean);
      const { code } = runFile(sources, [
        "check",
        "blocks/one.sql",
        ...withoutEnds,
        "--connect",
        database.connectionString,
      ]);
      expect(code).toBe(0);
      const { rows } = await database.client.query("SELECT relname FROM pg_class WHERE relname LIKE 'sales_202_'");
      expect(rows.map((row) => row.relname).sort()).toEqual(["sales_2023", "sales_2024"]);
    } finally {
      await database.close();
    }
  });
});

describe("migrations", () => {
  beforeAll(() => {
    const [table = "", first = ""] = clean.split("\n");
    write("db/deploy/sales.sql", table);
    write("db/deploy/again.sql", first);
    write("db/deploy/alike.sql", first.replace("sales_2023", "alike"));
    write("db/revert/alike.sql", "DROP TABLE sales_2023;\nDROP TABLE alike;\n");
    write("db/sqitch.plan", "%syntax-version=1.0.0\nsales 2024-01-01\nagain 2024-01-02\nalike 2024-01-03\n");
  });

  it("are found beside the file by their tool's conventions, and run in its order", () => {
    const { out } = run("check", "db/deploy/alike.sql", "db/revert/alike.sql", ...withoutEnds);
    expect(out).toMatch(/^db\/deploy\/alike\.sql:1:\d+: error partition-overlap: partition "alike" would overlap/);
    expect(out).not.toMatch(/revert\S* (?:error|warning)/);
  });

  it("are not looked for where that is switched off", () => {
    const off = ["--setting", "schema.detectMigrations=false"];
    expect(run("check", "db/deploy/alike.sql", ...withoutEnds, ...off).out).not.toContain("partition-overlap");
  });
});

describe("survivors", () => {
  it("answers for one file as the language server does", () => {
    const { code, out } = run("survivors", "schema/a.sql", "--format", "json", ...predicted);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      statements: [
        {
          range: { start: { line: 3, character: 0 }, end: { line: 3, character: 42 } },
          relations: [
            {
              relation: "public.sales",
              leaves: ["public.sales_2023", "public.sales_2024"],
              survivors: ["public.sales_2024"],
              decided: "planning",
              certainty: "exact",
              source: "predicted",
            },
          ],
        },
      ],
    });
  });

  it("prints what a lens would say", () => {
    expect(run("survivors", "schema/a.sql", ...predicted).out).toBe(
      "schema/a.sql:4:1: 1 of 2 partitions · sales_2024 · from this file\n",
    );
  });

  it("asks the embedded PostgreSQL unless told otherwise", async () => {
    await ensureEmbeddedSnapshot();
    expect(runFile(sources, ["survivors", "schema/a.sql"]).out).toBe(
      "schema/a.sql:4:1: 1 of 2 partitions · sales_2024 · embedded PostgreSQL 18\n",
    );
  });
});

describe("--connect", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
    await database.client.query(clean);
    write("query.sql", "SELECT * FROM sales WHERE d < '2024-01-01';\n");
  });
  afterAll(() => database.close());

  it("asks the database, and knows its tables", () => {
    expect(run("survivors", "query.sql", "--connect", database.connectionString).out).toBe(
      "query.sql:1:1: 1 of 2 partitions · sales_2023\n",
    );
    expect(run("catalog", "query.sql", "--connect", database.connectionString).out).toContain(
      "sales_2024  2024-01-01 … 2025-01-01",
    );
  });

  it("finds nothing wrong in the script that made it", () => {
    expect(run("check", "schema/a.sql", "--connect", database.connectionString, ...withoutEnds).code).toBe(0);
  });
});

describe("catalog", () => {
  it("spells keys and bounds as PostgreSQL does", () => {
    const { relations, coverage } = JSON.parse(run("catalog", "schema/a.sql", "--format", "json").out);
    expect(relations[1]).toMatchObject({
      name: "public.sales_2023",
      kind: "table",
      parent: "public.sales",
      bound: "FOR VALUES FROM ('2023-01-01') TO ('2024-01-01')",
    });
    expect(relations[0]).toMatchObject({ key: "RANGE (d)", columns: [{ name: "d", type: "date", notNull: true }] });
    expect(coverage).toEqual([
      { relation: "public.sales", gaps: [], overlaps: [], missingRemainders: [], hasDefault: false },
    ]);
  });

  it("prints a tree", () => {
    expect(run("catalog", "schema/a.sql").out).toBe(
      [
        "sales  2 partitions · RANGE (d)",
        "  sales_2023  2023-01-01 … 2024-01-01",
        "  sales_2024  2024-01-01 … 2025-01-01",
        "",
      ].join("\n"),
    );
  });

  it("says where a bound is not known", () => {
    write(
      "unknown.sql",
      "CREATE TABLE t (k int) PARTITION BY LIST (k);\nCREATE TABLE t_1 PARTITION OF t FOR VALUES IN (our_number(1));\n",
    );
    expect(run("catalog", "unknown.sql").out).toContain("t_1  bound not known");
    const { relations } = JSON.parse(run("catalog", "unknown.sql", "--format", "json").out);
    expect(relations[1]).toMatchObject({ name: "public.t_1", parent: "public.t", bound: null });
  });

  it("stops at the statement asked for", () => {
    expect(run("catalog", "schema/a.sql", "--at", "2:1").out).toContain("sales  1 partition · RANGE (d)\n");
  });
});

describe("generate", () => {
  it("prints a script that a server runs as it stands", () => {
    const { code, out } = run("generate", "append", "schema/a.sql", "--table", "sales");
    expect(code).toBe(0);
    expect(out).toContain("sales_2025");
    expect(out).toContain("FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')");
  });

  it("says what is wrong with a request", () => {
    expect(run("generate", "append", "schema/a.sql", "--table", "nothing")).toMatchObject({
      code: 2,
      error:
        "partition-lens: there is no relation nothing at this point of the script: name the files that create it (setting schema.files, option --schema), or connect to the database\n",
    });
    expect(run("generate", "explode", "schema/a.sql", "--table", "sales").error).toContain(
      "must be one of split, merge",
    );
  });
});

describe("show", () => {
  it.each(["statements", "catalog", "steps", "script", "verdict"])("prints the stage %s", (stage) => {
    const { code, out } = run("show", stage, "schema/a.sql", ...predicted);
    expect(code).toBe(0);
    expect(out).toContain("sales");
  });
});

describe("what cannot be run exits with 2 and says why", () => {
  it.each([
    [[], ""],
    [["frobnicate"], "there is no command frobnicate; there are check, survivors, catalog"],
    [["check", "missing.sql"], "cannot read missing.sql: no such file or folder"],
    [["check", "schema", "--format", "xml"], "--format xml is not known here; use text, json"],
    [["check", "schema", "--unknown"], "Unknown option '--unknown'"],
    [["check", "schema", "--setting", "timeZone"], "--setting timeZone: write --setting name=value"],
    [["check", "schema", "--setting", "postgresVersion=9"], '"postgresVersion" must be'],
    [["catalog", "schema"], "give exactly one file"],
    [["show", "dreams", "schema/a.sql"], "name a stage"],
    [["survivors", "schema/a.sql", "--connect", "host=127.0.0.1 port=1 user=nobody dbname=none"], "connection refused"],
  ])("%j", (args, message) => {
    const { code, error } = run(...args);
    expect(code).toBe(2);
    expect(error).toContain(message);
    expect(error).not.toMatch(/\n\s+at /);
  });

  it("a settings file that is not JSON", () => {
    write("partition-lens.json", "{ postgresVersion: 18 }");
    const { code, error } = run("check", "schema/a.sql");
    rmSync(join(directory, "partition-lens.json"));
    expect(code).toBe(2);
    expect(error).toContain("partition-lens.json is not JSON");
  });
});

it("helps", () => {
  expect(run("--help")).toMatchObject({ code: 0, out: expect.stringContaining("Usage: partition-lens <command>") });
  expect(run("check", "--help")).toMatchObject({
    code: 0,
    out: expect.stringContaining("Usage: partition-lens check"),
  });
});
