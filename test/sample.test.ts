// Runs the sample workspace on a real server: what a new user sees first must work, and the mistakes must be real ones.
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, expect, it } from "vitest";
import { bundleForTests } from "./support/bundle.ts";
import { createDatabase, type TestDatabase } from "./support/database.ts";

/** What `check --format json` prints. */
interface Report {
  readonly files: readonly { readonly path: string; readonly diagnostics: readonly { readonly severity: number }[] }[];
}

const sample = join(import.meta.dirname, "../sample");
const read = (file: string) => readFileSync(join(sample, file), "utf8");
/** Files that are not to run on a server as it comes: one is wrong on purpose, one needs pg_pathman. */
const others = ["mistakes.sql", "pathman.sql"];
const migrations = readdirSync(join(sample, "migrations"))
  .filter((file) => file.endsWith(".sql"))
  .sort();
const files = readdirSync(sample).filter((file) => file.endsWith(".sql") && !others.includes(file));

let database: TestDatabase | undefined;
afterEach(async () => {
  await database?.close();
  database = undefined;
});

it("has files to run", () => expect(files.length).toBeGreaterThan(3));

it.each(files)("%s runs as it stands", async (file) => {
  database = await createDatabase();
  await database.client.query(read(file));
});

/** As Flyway does: each file as a transaction, unless the file beside it says otherwise. */
async function migrate({ client }: TestDatabase): Promise<void> {
  for (const file of migrations) {
    const conf = join(sample, "migrations", `${file}.conf`);
    const isAlone = existsSync(conf) && /^executeInTransaction=false$/m.test(readFileSync(conf, "utf8"));
    if (isAlone) for (const statement of read(`migrations/${file}`).split(/;\n/)) await client.query(statement);
    else await client.query(`BEGIN; ${read(`migrations/${file}`)} COMMIT;`);
  }
}

it("the migrations run as Flyway runs them", async () => {
  database = await createDatabase();
  await migrate(database);
  const { rows } = await database.client.query(
    "SELECT relid::text AS partition FROM pg_partition_tree('orders') WHERE isleaf ORDER BY 1",
  );
  expect(rows).toEqual([{ partition: "orders_apac" }, { partition: "orders_emea_2025" }]);
});

it("the last one would be refused in the transaction that Flyway opens by itself", async () => {
  database = await createDatabase();
  const { client } = database;
  for (const file of migrations.slice(0, -1)) await client.query(read(`migrations/${file}`));
  await client.query("BEGIN");
  await expect(client.query(read(`migrations/${migrations.at(-1)}`))).rejects.toMatchObject({ code: "25001" });
});

it("only mistakes.sql has errors", async () => {
  const cli = await bundleForTests("cli");
  const args = ["--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", cli, "check", "--format", "json", sample];
  // It exits with 1 where it finds something.
  const { stdout } = await promisify(execFile)(process.execPath, args).catch((error: { stdout: string }) => error);
  const { files: checked } = JSON.parse(stdout) as Report;
  const wrong = checked.filter(({ diagnostics }) => diagnostics.some(({ severity }) => severity === 1));
  expect(checked.length).toBeGreaterThan(files.length + migrations.length);
  expect(wrong.map(({ path }) => basename(path))).toEqual(["mistakes.sql"]);
});

it("queries/orders.sql and src/orders.ts read what the migrations leave", async () => {
  database = await createDatabase();
  await migrate(database);
  const queries = read("queries/orders.sql").replace("= %s", "= $1").replace("= ?", "= $2").split(/;\n/);
  for (const query of queries) await database.client.query(query, query.includes("$1") ? ["jp", "2025-01-01"] : []);
  const inProgram = [...read("src/orders.ts").matchAll(/`(SELECT[^`]*)`/g)].map(([, query = ""]) => query);
  expect(inProgram).toHaveLength(3);
  for (const query of inProgram) await database.client.query(query, query.includes("$1") ? ["jp", 2025] : []);
});

it("mistakes.sql: PostgreSQL rejects the overlap and accepts the rest", async () => {
  database = await createDatabase();
  const rejected: unknown[] = [];
  for (const statement of read("mistakes.sql").split(/;\n/)) {
    await database.client
      .query(statement)
      .catch((error: Error & { code: string }) => rejected.push([error.code, error.message]));
  }
  expect(rejected).toEqual([["42P17", 'partition "access_logs_2024" would overlap partition "access_logs_2023"']]);
  const gap = database.client.query("INSERT INTO access_logs (log_date) VALUES ('2025-06-30')");
  await expect(gap).rejects.toMatchObject({ code: "23514" });
});
