/** Random queries whose structure decides what is scanned: joins, subqueries, set operations, grouping, views, MERGE. */

import { randomNumbers } from "./random-numbers.ts";

export interface StructuredSchema {
  readonly ddl: readonly string[];
  readonly queries: readonly string[];
}

/** The schema and its queries that belong to the seed. */
export function generateStructure(seed: number, queryCount: number): StructuredSchema {
  const random = randomNumbers(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const chance = (probability: number): boolean => random() < probability;
  const number = (): number => pick([-5, 0, 5, 9, 10, 15, 20, 25, 35, 100]);

  const ddl: string[] = [];
  for (const table of ["a", "b"]) {
    const key = chance(0.4) ? ", primary key (id, d)" : chance(0.3) ? ", unique (d)" : "";
    const notNull = chance(0.3) ? " not null" : "";
    const list = chance(0.25);
    ddl.push(
      `create table ${table} (id int, d int${notNull}, g int, x text${key}) partition by ${list ? "list" : "range"} (d)`,
    );
    if (list) {
      ddl.push(`create table ${table}_0 partition of ${table} for values in (0, 5, 9)`);
      ddl.push(`create table ${table}_1 partition of ${table} for values in (10, 15)`);
      ddl.push(`create table ${table}_2 partition of ${table} for values in (20, 25, 35)`);
      if (chance(0.4)) ddl.push(`create table ${table}_n partition of ${table} for values in (null)`);
    } else {
      ddl.push(`create table ${table}_0 partition of ${table} for values from (0) to (10)`);
      ddl.push(`create table ${table}_1 partition of ${table} for values from (10) to (20)`);
      if (chance(0.5)) {
        ddl.push(`create table ${table}_2 partition of ${table} for values from (20) to (30) partition by list (g)`);
        ddl.push(`create table ${table}_2_1 partition of ${table}_2 for values in (1)`);
        ddl.push(`create table ${table}_2_d partition of ${table}_2 default`);
      } else ddl.push(`create table ${table}_2 partition of ${table} for values from (20) to (30)`);
    }
    if (chance(0.5)) ddl.push(`create table ${table}_d partition of ${table} default`);
  }
  ddl.push("create table c (id int primary key, d int, g int, x text)");
  ddl.push("create table e (id int, d int, g int, x text)");
  ddl.push("create table e_0 (check (d >= 0 and d < 10)) inherits (e)");
  ddl.push("create table e_1 (check (d >= 10 and d < 20)) inherits (e)");

  const table = (): string => pick(["a", "a", "b", "b", "c", "e"]);
  const column = (): string => pick(["d", "d", "d", "d", "id", "g"]);
  const test = (name: string): string => {
    const shape = random();
    if (shape < 0.45) return `${name} = ${number()}`;
    if (shape < 0.6) return `${name} ${pick(["<", ">=", "<>", ">"])} ${number()}`;
    if (shape < 0.7) return `${name} in (${number()}, ${number()})`;
    if (shape < 0.78) return `${name} between ${number()} and ${number()}`;
    if (shape < 0.86) return `${name} is ${pick(["", "not "])}null`;
    if (shape < 0.93) return `(${name} = ${number()} or ${name} = ${number()})`;
    return `coalesce(${name}, 0) = ${number()}`;
  };
  const condition = (alias: string): string => test(`${alias}.${column()}`);
  const link = (left: string, right: string): string => {
    const one = column();
    const other = chance(0.85) ? one : column();
    const operator = chance(0.9) ? "=" : pick(["<", ">="]);
    return `${left}.${one} ${operator} ${right}.${other}`;
  };
  let aliases = 0;
  const alias = (): string => `t${++aliases}`;
  const all = "id, d, g, x";

  /** A subquery with the columns id, d, g and x. */
  const source = (depth: number): string => {
    const shape = depth <= 0 ? 0 : random();
    if (shape < 0.35) return table();
    const inner = alias();
    const from = `${source(depth - 1)} ${inner}`;
    const where = chance(0.5) ? ` where ${condition(inner)}` : "";
    if (shape < 0.45) return `(select ${all} from ${from}${where})`;
    if (shape < 0.52)
      return `(select ${pick(["id", "id + 0 as id"])}, d, ${pick(["g", "1 as g", "max(g) as g"]).replace("max(g) as g", "g")}, ${pick(["x", "'x' as x"])} from ${from}${where})`;
    if (shape < 0.58) return `(select min(id) as id, d, max(g) as g, min(x) as x from ${from}${where} group by d)`;
    if (shape < 0.63) return `(select distinct ${all} from ${from}${where})`;
    if (shape < 0.68) return `(select distinct on (${pick(["d", "g"])}) ${all} from ${from}${where})`;
    if (shape < 0.74)
      return `(select ${all}, row_number() over (partition by ${pick(["d", "g", "d, g"])} order by id) as n from ${from}${where})`;
    if (shape < 0.78) return `(select ${all} from ${from}${where} ${pick(["limit 5", "order by id"])})`;
    const arm = (): string => {
      const other = alias();
      return `select ${pick([all, "id, d, g, 'y' as x", `id, ${number()} as d, g, x`])} from ${source(depth - 1)} ${other}${chance(0.5) ? ` where ${condition(other)}` : ""}`;
    };
    if (shape < 0.9) return `(${arm()} union all ${arm()}${chance(0.2) ? ` union all ${arm()}` : ""})`;
    return `(${arm()} ${pick(["union", "intersect", "except", "intersect all", "except all"])} ${arm()})`;
  };

  /** Items of FROM with the aliases that conditions may use. */
  const joined = (depth: number): { readonly text: string; readonly names: readonly string[] } => {
    const first = alias();
    let text = `${source(depth)} ${first}`;
    const names = [first];
    while (names.length < 3 && chance(0.55)) {
      const next = alias();
      const kind = pick(["join", "join", "left join", "left join", "right join", "full join", ","]);
      const item = `${source(depth - 1)} ${next}`;
      if (kind === ",") text += ` cross join ${item}`;
      else {
        const parts = [link(pick(names), next)];
        if (kind !== "full join" && chance(0.35)) parts.push(condition(next));
        if (kind !== "full join" && chance(0.25)) parts.push(condition(pick(names)));
        text += ` ${kind} ${item} on ${kind === "full join" ? parts[0]?.replace(/<|>=/, "=") : parts.join(" and ")}`;
      }
      names.push(next);
    }
    return { text, names };
  };

  const sublink = (name: string, depth: number): string => {
    const inner = alias();
    const from = `${source(depth)} ${inner}`;
    const own = chance(0.6) ? ` and ${condition(inner)}` : "";
    const shape = random();
    if (shape < 0.4)
      return `${chance(0.3) ? "not " : ""}exists (select 1 from ${from} where ${link(inner, name)}${own})`;
    if (shape < 0.8) {
      const key = column();
      return `${name}.${key} ${chance(0.2) ? "not in" : "in"} (select ${inner}.${key} from ${from} where true${own})`;
    }
    if (shape < 0.9) return `${name}.d = (select max(${inner}.d) from ${from} where ${link(inner, name)}${own})`;
    return `${name}.d in (values (${number()}), (${number()}))`;
  };

  const where = (names: readonly string[], depth: number): string => {
    const parts = Array.from({ length: 1 + Math.floor(random() * 2) }, () => condition(pick(names)));
    if (depth > 0 && chance(0.3)) parts.push(sublink(pick(names), depth - 1));
    return parts.join(" and ");
  };

  const query = (): string => {
    aliases = 0;
    const shape = random();
    if (shape < 0.55) {
      const { text, names } = joined(2);
      return `select ${pick(["*", "*", "count(*)", `${names[0]}.id`])} from ${text} where ${where(names, 2)}`;
    }
    if (shape < 0.62) {
      const { text, names } = joined(1);
      const [first] = names;
      const sets = pick([
        `${first}.d`,
        `${first}.d, ${first}.g`,
        `grouping sets ((${first}.d, ${first}.g), (${first}.d))`,
        `rollup (${first}.d)`,
      ]);
      return `select ${first}.d, count(*) from ${text} group by ${sets} having ${pick([test(`${first}.d`), `${test(`${first}.d`)} and count(*) > 1`])}`;
    }
    if (shape < 0.68)
      return `select d from ${joined(0).text.split(" ")[0]} full join b using (d) where ${test("d")}`.replace(
        "from b full",
        "from a full",
      );
    if (shape < 0.74) {
      const inner = alias();
      return `with q as ${pick(["", "materialized ", "not materialized "])}(select * from ${source(1)} ${inner}) select * from q join c on c.${column()} = q.d where ${test("q.d")}`;
    }
    if (shape < 0.8) {
      const inner = alias();
      return `select * from a, lateral (select * from ${table()} ${inner} where ${link(inner, "a")}${chance(0.5) ? ` and ${condition(inner)}` : ""}${chance(0.3) ? " limit 1" : ""}) l where ${condition("a")}`;
    }
    if (shape < 0.86)
      return `delete from a using ${table()} u where ${link("a", "u")} and ${condition("a")}${chance(0.5) ? ` and ${condition("u")}` : ""}`;
    if (shape < 0.92) return `update a set g = 1 where ${where(["a"], 2)}`;
    const actions = pick([
      "when matched then delete",
      "when not matched then insert (id, d) values (u.id, u.d)",
      "when matched then delete when not matched then do nothing",
      "when matched then update set g = 2 when not matched then insert (id) values (u.id)",
    ]);
    return `merge into a using ${source(1)} u on ${link("a", "u")}${chance(0.6) ? ` and ${condition("u")}` : ""}${chance(0.4) ? ` and ${condition("a")}` : ""} ${actions}`;
  };
  if (chance(0.5)) ddl.push(`create view v as select ${all} from ${source(2)} s`);
  return { ddl, queries: Array.from({ length: queryCount }, query) };
}
