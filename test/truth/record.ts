/** Runs a script on a real server, statement by statement, and writes down what it says: the shape of the recorded truth. */

import type { Client, DatabaseError } from "pg";
import type { RecordedCoverage, RecordedResult, RecordedRoute, RecordedTable, Recording } from "../oracle/truth.ts";
import type { Script } from "./generator.ts";

/** Everything the server says to a script. The connection's database is empty before and after. */
export async function record(
  client: Client,
  script: Pick<Script, "seed" | "kind" | "statements" | "routes">,
): Promise<Recording> {
  await clean(client);
  const results: RecordedResult[] = [];
  for (const statement of script.statements) results.push(await run(client, statement));
  await client.query("rollback").catch(() => undefined);
  const routes: RecordedRoute[] = [];
  for (const sql of script.routes) routes.push(await route(client, sql));
  const catalog = await readCatalog(client);
  const coverage = await readCoverage(client);
  return {
    id: script.seed,
    kind: script.kind,
    ddl: script.statements,
    results,
    catalog,
    routes,
    coverage,
    versions: {},
  };
}

/** Removes everything that scripts made. */
export async function clean(client: Client): Promise<void> {
  await client.query("rollback");
  await client.query("discard all");
  const { rows } = await client.query<{ name: string }>(
    `select quote_ident(nspname) as name from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'`,
  );
  await client.query("set client_min_messages = error");
  for (const { name } of rows) {
    await client.query(`drop schema ${name} cascade`).catch(async () => {
      // An earlier script may have taken more locks than one transaction can hold; the server's settings leave room.
      await client.query(`drop schema ${name} cascade`);
    });
  }
  await client.query("create schema public");
  await client.query("reset client_min_messages");
  await client.query("set search_path = public");
}

/** What one statement gets. */
export async function run(client: Client, sql: string): Promise<RecordedResult> {
  try {
    await client.query(sql);
    return { ok: true };
  } catch (error) {
    return describe(error as DatabaseError);
  }
}

function describe(error: DatabaseError): RecordedResult {
  if (error.code === undefined) throw error;
  return {
    ok: false,
    sqlstate: error.code,
    message: error.message,
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.position === undefined ? {} : { pos: Number(error.position) }),
  };
}

async function route(client: Client, sql: string): Promise<RecordedRoute> {
  await client.query("begin");
  try {
    const { rows } = await client.query<{ name: string }>(
      `${sql} returning (select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = tableoid) as name`,
    );
    return { sql, ok: true, to: rows[0]?.name ?? "" };
  } catch (error) {
    return { sql, ...describe(error as DatabaseError) };
  } finally {
    await client.query("rollback");
  }
}

/**
 * Tables as the recordings write them (PostgreSQL 10 has no `conparentid`). Types and tables that are mentioned go without their schemas, or with them where
 * `qualified`.
 */
export async function readCatalog(client: Client, qualified = false): Promise<RecordedTable[]> {
  const { rows: schemas } = await client.query<{ name: string }>(
    `select quote_ident(nspname) as name from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' order by nspname = 'public' desc, 1`,
  );
  const inSight = qualified ? [] : schemas.map(({ name }) => name);
  await client.query(`set search_path = ${["pg_catalog", ...inSight].join(", ")}`);
  const { rows } = await client.query<RecordedTable & { temporary: boolean }>(
    `select case when c.relpersistence = 't' then 'pg_temp' else n.nspname end || '.' || c.relname as name, c.relkind as kind,
            (select pn.nspname || '.' || p.relname from pg_inherits i join pg_class p on p.oid = i.inhparent join pg_namespace pn on pn.oid = p.relnamespace
              where i.inhrelid = c.oid order by i.inhseqno limit 1) as parent,
            pg_get_partkeydef(c.oid) as partkey, pg_get_expr(c.relpartbound, c.oid) as bound,
            coalesce((select json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull) order by a.attnum)
               from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]') as cols,
            (select json_agg(json_build_array(o.conname, pg_get_constraintdef(o.oid)) order by o.conname)
               from pg_constraint o where o.conrelid = c.oid and o.contype not in ('n', 't')
                and not (o.contype = 'f' and exists (select from pg_constraint p where p.oid = (to_jsonb(o) ->> 'conparentid')::oid and p.conrelid = o.conrelid))) as cons
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'f') and n.nspname <> 'information_schema' and (n.nspname !~ '^pg_' or c.relnamespace = pg_my_temp_schema())
      order by 1`,
  );
  return rows.map(({ name, kind, parent, partkey, bound, cols, cons }) => ({
    name,
    kind,
    parent: parent?.replace(/^pg_temp_\d+/, "pg_temp") ?? null,
    partkey,
    bound,
    cols,
    cons,
  }));
}

interface CoverageRow {
  readonly name: string;
  readonly strategy: string;
  readonly column: string | null;
  readonly type: string | null;
  readonly bounds: readonly string[];
  readonly constraints: readonly string[];
}

/** What the partitions of single-key roots leave out, in the server's own words: their partition constraints. */
async function readCoverage(client: Client): Promise<RecordedCoverage[]> {
  const { rows } = await client.query<CoverageRow>(
    `select n.nspname || '.' || c.relname as name, t.partstrat as strategy, a.attname as column, format_type(a.atttypid, null) as type,
            coalesce((select json_agg(pg_get_expr(p.relpartbound, p.oid)) from pg_inherits i join pg_class p on p.oid = i.inhrelid where i.inhparent = c.oid), '[]') as bounds,
            coalesce((select json_agg(coalesce(pg_get_partition_constraintdef(p.oid), 'true')) from pg_inherits i join pg_class p on p.oid = i.inhrelid where i.inhparent = c.oid), '[]') as constraints
       from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_partitioned_table t on t.partrelid = c.oid
       left join pg_attribute a on a.attrelid = c.oid and a.attnum = t.partattrs[0]
      where t.partnatts = 1 and not c.relispartition and c.relpersistence <> 't' order by 1`,
  );
  const result: RecordedCoverage[] = [];
  for (const { name, strategy, column, type, bounds, constraints } of rows) {
    if (strategy === "h") {
      const parts = bounds.map((bound) => (/modulus (\d+), remainder (\d+)/.exec(bound) ?? []).slice(1).map(Number));
      const modulus = Math.max(...parts.map(([each = 1]) => each));
      if (parts.length === 0 || modulus > 1000) continue;
      const missing = Array.from({ length: modulus }, (_, residue) => residue).filter(
        (residue) => !parts.some(([each = 1, remainder]) => residue % each === remainder),
      );
      result.push({ table: name, modulus, missing });
    } else if (column !== null && (type === "integer" || type === "date")) {
      const domain: readonly [number, number] = type === "date" ? [-120, 500] : [-30, 130];
      const value = type === "date" ? `date '2023-01-01' + "value asked"` : '"value asked"';
      const taken = constraints.map((each) => `coalesce(${each}, false)`).join(" or ");
      const query = `select "value asked" from (select "value asked", ${value} as ${JSON.stringify(column)} from generate_series(${domain[0]}, ${domain[1]}) "value asked") x where not (${taken === "" ? "false" : taken}) order by 1`;
      const free = await client.query<{ "value asked": number }>(query);
      result.push({
        table: name,
        column,
        type,
        domain,
        origin: type === "date" ? "2023-01-01" : null,
        uncovered: runs(free.rows.map((row) => row["value asked"])),
      });
    }
  }
  return result;
}

function runs(numbers: readonly number[]): [number, number][] {
  const result: [number, number][] = [];
  for (const number of numbers) {
    const last = result.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else result.push([number, number]);
  }
  return result;
}
