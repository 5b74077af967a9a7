// `generate` for every operation: each can be asked for with its own words, its help names these, and other words are refused.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandContext, UsageError } from "../../server/src/cli/command.ts";
import { generateCommand } from "../../server/src/cli/commands/generate.ts";
import { operationDetails, operations } from "../../server/src/ddl/operation.ts";
import { createDatabase } from "../support/database.ts";

const schema = `CREATE TABLE sales (d date NOT NULL, v int) PARTITION BY RANGE (d);
CREATE TABLE sales_2024_01 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE sales_2024_02 PARTITION OF sales FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
CREATE TABLE sales_2024_04 PARTITION OF sales FOR VALUES FROM ('2024-04-01') TO ('2024-05-01');
CREATE TABLE sales_new (d date NOT NULL, v int);
CREATE TABLE logs (d date NOT NULL) PARTITION BY RANGE (d);
CREATE TABLE logs_2024_01 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE logs_default PARTITION OF logs DEFAULT;
CREATE TABLE h (k int NOT NULL) PARTITION BY HASH (k);
CREATE TABLE h_0 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE h_1 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE e (k int NOT NULL) PARTITION BY HASH (k);
CREATE TABLE c (k int NOT NULL);
CREATE TABLE c_1 (CHECK (k >= 0 AND k < 100)) INHERITS (c);
CREATE TABLE plain (k int NOT NULL);
CREATE TABLE kept (k int PRIMARY KEY);
CREATE TABLE kept_1 (PRIMARY KEY (k), CHECK (k >= 0 AND k < 100)) INHERITS (kept);
`;

/** The words of each operation; and what has to stand in its script. */
const asked: Readonly<Record<string, readonly [words: readonly string[], script: string]>> = {
  split: [["--table", "sales", "--partition", "sales_2024_01", "--at", "2024-01-11"], "sales_2024_01_11"],
  merge: [["--table", "sales", "--partition", "sales_2024_01", "--partition", "sales_2024_02"], "2024-03-01"],
  append: [["--table", "sales", "--count", "2"], "sales_2024_06"],
  prepend: [["--table", "sales", "--name", "older"], "older"],
  fill: [["--table", "sales"], "sales_2024_03"],
  "create-ranges": [
    ["--table", "sales", "--start", "2025-01-01", "--interval", "1 month", "--count", "2"],
    "sales_2025_02",
  ],
  "create-span": [["--table", "sales", "--start", "2025-01-01", "--end", "2025-04-01"], "sales_2025_03"],
  "create-hashes": [["--table", "e", "--modulus", "3"], "remainder 2"],
  rehash: [["--table", "h", "--modulus", "4"], "remainder 3"],
  "add-default": [["--table", "sales"], "sales_default"],
  "drop-default": [["--table", "logs"], "DROP TABLE logs_default"],
  "move-rows": [["--table", "logs", "--create"], "logs_2024_02"],
  attach: [
    ["--table", "sales", "--partition", "sales_new", "--from", "2024-03-01", "--to", "2024-04-01", "--style", "online"],
    "VALIDATE CONSTRAINT",
  ],
  detach: [["--table", "sales", "--partition", "sales_2024_01", "--style", "online"], "CONCURRENTLY"],
  drop: [["--table", "sales", "--partition", "sales_2024_01"], "DROP TABLE sales_2024_01"],
  retention: [["--table", "sales", "--keep", "2", "--action", "archive"], "SET SCHEMA archive"],
  foreign: [
    ["--table", "sales", "--server", "other", "--from", "2025-01-01", "--to", "2025-02-01"],
    "CREATE FOREIGN TABLE",
  ],
  "update-triggers": [["--table", "kept"], "BEFORE UPDATE ON kept_1"],
  convert: [["--table", "plain", "--to", "declarative", "--key", "k", "--strategy", "list"], "PARTITION BY LIST"],
};

const pathman = `CREATE EXTENSION pg_pathman;
CREATE TABLE p (k int NOT NULL);
SELECT create_range_partitions('p', 'k', 1, 100, 3);
`;

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), "partition-lens-generate-"));
  writeFileSync(join(cwd, "schema.sql"), schema);
  writeFileSync(join(cwd, "pathman.sql"), pathman);
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** The command as the tool runs it, in this process. */
async function generate(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly error: string }> {
  const options = { format: { type: "string" }, connect: { type: "string" }, ...generateCommand.options } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  let out = "";
  const context: CommandContext = {
    words: positionals,
    options: values as CommandContext["options"],
    overrides: { source: "--setting", values: { today: "2024-06-01", "embedded.enabled": false } },
    environment: {
      cwd,
      write: (text) => {
        out += text;
      },
      complain: () => undefined,
      async *readInput() {},
      terminal: null,
      complaintTerminal: null,
      now: () => 0,
      today: () => "2024-06-01",
      variables: {},
    },
  };
  try {
    return { code: await generateCommand.run(context), out, error: "" };
  } catch (error) {
    if (error instanceof UsageError) return { code: 2, out, error: error.message };
    throw error;
  }
}

describe("every operation", () => {
  it.each(operations.filter((operation) => operation !== "disable"))(
    "%s is had by its words, and undone by its undo",
    async (operation) => {
      const [words, script] = asked[operation] ?? [[], ""];
      const { code, out, error } = await generate(operation, "schema.sql", ...words);
      expect([code, error]).toEqual([0, ""]);
      expect(out.toLowerCase()).toContain(script.toLowerCase());
      const json = JSON.parse((await generate(operation, "schema.sql", ...words, "--format", "json")).out);
      expect(Object.keys(json)).toEqual(["sql", "steps", "notes", "undo"]);
      expect(json.sql).toBe(out);
      const back = await generate(operation, "schema.sql", ...words, "--undo");
      if (json.undo === null)
        expect(back).toMatchObject({ code: 2, error: expect.stringContaining("nothing takes this script back") });
      else expect(back).toMatchObject({ code: 0, out: json.undo });
      if (operation === "foreign") return;
      const database = await createDatabase(18);
      try {
        await database.client.query(schema);
        for (const sql of statementsOf(out)) await database.client.query(sql);
        for (const sql of json.undo === null ? [] : statementsOf(json.undo)) await database.client.query(sql);
      } finally {
        await database.close();
      }
    },
  );

  it("disable is the extension's call", async () => {
    expect(await generate("disable", "pathman.sql", "--table", "p")).toMatchObject({
      code: 0,
      out: expect.stringContaining("disable_pathman_for"),
    });
    expect((await generate("disable", "schema.sql", "--table", "sales")).error).toContain(
      "no extension is to be disabled",
    );
  });

  it.each([...operations])("%s has a help of its own, with the arguments that it takes", (operation) => {
    const { usage, optionHelp } = generateCommand.helpFor?.([operation]) ?? { usage: "", optionHelp: [] };
    expect(usage).toContain(`generate ${operation} FILE`);
    const own = optionHelp.map(([option]) => /^--([a-z]+)/.exec(option)?.[1] ?? "");
    const takes = operationDetails[operation].takes.map((name) => (name === "partitions" ? "partition" : name));
    expect(own.slice(0, own.indexOf("undo"))).toEqual(["table", ...takes, "style"]);
    for (const [, help] of optionHelp) expect(help).not.toBe("");
  });
});

/** Steps that run outside of transactions are sent one by one: nothing that these scripts say holds a semicolon. */
function statementsOf(sql: string): readonly string[] {
  return sql.includes("CONCURRENTLY") ? sql.split(";\n").filter((each) => each.trim() !== "") : [sql];
}

it("the help of all names each operation and what it does, and is that of nothing else", () => {
  const help = new Map(generateCommand.optionHelp);
  for (const operation of operations) expect(help.get(operation)).toBe(operationDetails[operation].does);
  expect(generateCommand.helpFor?.(["explode"])).toBeNull();
});

describe("what an operation does not take is refused, not passed over", () => {
  it.each([
    [["append", "--at", "2024-01-01"], "append takes no --at; it takes --count, --name, --style"],
    [["split", "--partition", "a", "--partition", "b"], "split takes one --partition"],
    [["merge", "--into", "2"], "merge takes no --into; it takes --partition, --name, --style"],
    [["detach", "--create"], "detach takes no --create; it takes --partition, --style"],
    [
      ["merge", "--partition", "sales_2024_01", "--partition", "sales_2024_02", "--style", "online"],
      "leave --style out",
    ],
  ])("%j", async (words, message) => {
    const [operation = "", ...others] = words;
    const { code, error } = await generate(operation, "schema.sql", "--table", "sales", ...others);
    expect([code, error]).toEqual([2, expect.stringContaining(message)]);
  });
});

it("convert takes a table out of pg_pathman", async () => {
  expect(await generate("convert", "pathman.sql", "--table", "p", "--to", "declarative")).toMatchObject({
    code: 0,
    out: expect.stringMatching(/SELECT disable_pathman_for\('p'::regclass\);[\s\S]*ATTACH PARTITION p_3/),
  });
});

describe("what a scheme has no operation for is refused with what to do instead", () => {
  it.each<[string, readonly string[]]>([
    ["rehash", ["--modulus", "4"]],
    ["retention", ["--keep", "2"]],
    ["foreign", ["--server", "s", "--from", "1", "--to", "2"]],
    ["add-default", []],
    ["create-hashes", ["--modulus", "4"]],
  ])("%s of pg_pathman", async (operation, words) => {
    expect(await generate(operation, "pathman.sql", "--table", "p", ...words)).toMatchObject({
      code: 2,
      error: "pg_pathman has no call for this: disable it and go on by inheritance, or convert",
    });
  });
});

describe("where the world is not whole", () => {
  const convert = ["--table", "far", "--to", "declarative", "--key", "k"];
  const elsewhere = "name the files that create it (setting schema.files, option --schema), or connect to the database";

  it.each([
    ["SELECT 1;", `there is no relation far at this point of the script: ${elsewhere}`],
    ["INSERT INTO far VALUES (1);", `there is no relation far at this point of the script: ${elsewhere}`],
    [
      "CREATE TABLE far_1 PARTITION OF far FOR VALUES FROM (1) TO (9);",
      `the columns of far are not all known here, nor what else it has: ${elsewhere}`,
    ],
    [
      "CREATE TABLE far (k int);\nDO $$ BEGIN EXECUTE (SELECT v FROM unknown); END $$;",
      "something that cannot be read from the file may have changed far: connect to the database that has it",
    ],
  ])("nothing connected: %s", async (sql, error) => {
    writeFileSync(join(cwd, "part.sql"), sql);
    expect(await generate("convert", "part.sql", ...convert)).toEqual({ code: 2, out: "", error });
  });

  it("a database shows it, also in sessions that may only read; and one that is not there is told", async () => {
    writeFileSync(join(cwd, "part.sql"), "SELECT 1;");
    const database = await createDatabase(18);
    const address = database.connectionString;
    try {
      await database.client.query("CREATE TABLE far (k int NOT NULL)");
      const name = new URL(address).pathname.slice(1);
      await database.client.query(`ALTER DATABASE "${name}" SET default_transaction_read_only = on`);
      expect(await generate("convert", "part.sql", ...convert, "--connect", address)).toMatchObject({
        code: 0,
        out: expect.stringContaining("ALTER TABLE far ATTACH PARTITION far_default DEFAULT;"),
      });
      const { rows } = await database.client.query("SELECT relkind FROM pg_class WHERE relname = 'far'");
      expect(rows).toEqual([{ relkind: "r" }]);
    } finally {
      await database.close();
    }
    const gone = await generate("convert", "part.sql", ...convert, "--connect", address);
    expect(gone).toMatchObject({
      code: 2,
      out: "",
      error: expect.stringMatching(/database "test_\w+" does not exist/),
    });
  });

  it("a schema that the role may not read is told", async () => {
    const database = await createDatabase(18);
    const role = `reader_${crypto.randomUUID().replaceAll("-", "")}`;
    try {
      await database.client.query(
        `CREATE ROLE ${role} LOGIN PASSWORD 'x'; REVOKE SELECT ON pg_catalog.pg_inherits FROM PUBLIC`,
      );
      const address = new URL(database.connectionString);
      [address.username, address.password] = [role, "x"];
      writeFileSync(join(cwd, "part.sql"), "SELECT 1;");
      expect(await generate("convert", "part.sql", ...convert, "--connect", address.toString())).toMatchObject({
        code: 2,
        out: "",
        error: expect.stringContaining("permission denied for table pg_inherits"),
      });
    } finally {
      await database.client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
      await database.close();
    }
  });
});
