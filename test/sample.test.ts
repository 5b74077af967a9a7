// Runs the sample workspace on a real server: what a new user sees first must work, and the mistakes must be real ones.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { createDatabase, type TestDatabase } from "./support/database.ts";

const sample = join(import.meta.dirname, "../sample");
const read = (file: string) => readFileSync(join(sample, file), "utf8");
/** Files that are not to run on a server as it comes: one is wrong on purpose, one needs pg_pathman. */
const others = ["mistakes.sql", "pathman.sql"];
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

it("the migrations run one after the other", async () => {
  database = await createDatabase();
  const migrations = readdirSync(join(sample, "migrations")).sort();
  for (const file of migrations) {
    // One by one, as psql does: CONCURRENTLY is refused where several statements are one transaction.
    for (const statement of read(`migrations/${file}`).split(/;\n/)) await database.client.query(statement);
  }
  const { rows } = await database.client.query(
    "SELECT relid::text AS partition FROM pg_partition_tree('orders') WHERE isleaf ORDER BY 1",
  );
  expect(rows).toEqual([{ partition: "orders_apac" }, { partition: "orders_emea_2025" }]);
});

it("queries/orders.sql reads what the migrations leave", async () => {
  database = await createDatabase();
  for (const file of readdirSync(join(sample, "migrations")).sort())
    for (const statement of read(`migrations/${file}`).split(/;\n/)) await database.client.query(statement);
  const queries = read("queries/orders.sql").replace("= %s", "= $1").replace("= ?", "= $2").split(/;\n/);
  for (const query of queries) await database.client.query(query, query.includes("$1") ? ["jp", "2025-01-01"] : []);
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
