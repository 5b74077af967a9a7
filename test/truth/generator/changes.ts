/** Rows written, changed and taken away again: ON CONFLICT, UPDATE, DELETE, TRUNCATE, and what they run into. */

import type { Builder } from "./builder.ts";
import type { Random } from "./random.ts";

/** A partitioned table with a key and a table that may refer to it, and statements that change their rows. */
export function writeChanges(builder: Builder, random: Random): void {
  const keys = random.pick(["primary key (a, k)", "unique (k, a)", "primary key (k)", "unique (a, k) deferrable"]);
  const inner = random.chance(0.3);
  builder.add(`create table c (a int, k int not null, n int check (n < 50), t text, ${keys}) partition by range (k)`);
  builder.add("create table c_1 partition of c for values from (0) to (10)");
  builder.add(`create table c_2 partition of c for values from (10) to (20)${inner ? " partition by list (n)" : ""}`);
  if (inner) builder.add("create table c_21 partition of c_2 for values in (1, 2, null)");
  if (random.chance(0.3)) builder.add("create table c_d partition of c default");
  if (random.chance(0.4)) builder.add("create unique index c_t on c_1 (lower(t)) where n > 5");
  if (random.chance(0.2)) builder.add("create unique index c_only on only c (k, a)");
  if (random.chance(0.4)) {
    builder.add(
      `create table r (x int, y int${random.pick(["", ", foreign key (x, y) references c (a, k)", ", foreign key (y) references c (k) on delete cascade"])})`,
    );
  }
  for (let index = random.int(6, 18); index > 0; index -= 1) builder.add(change(random));
}

function change(random: Random): string {
  const table = random.pick(["c", "c", "c", "c_1", "c_2", "c_21", "c_d", "r"]);
  const value = (): string => random.pick(["1", "2", "3", "5", "9", "12", "19", "25", "60", "null", "'7'", "default"]);
  const where = random.pick([
    "",
    "",
    " where a = 1",
    " where k < 10",
    " where n is null",
    " where a = k",
    " where t = 'x'",
  ]);
  return random.pick([
    () => `insert into ${table} values (${value()}, ${value()}, ${value()})${conflict(random)}`,
    () => `insert into c (k, a) values (${value()}, ${value()}), (${value()}, ${value()})${conflict(random)}`,
    () => `update ${table} set k = ${value()}${where}`,
    () =>
      `update ${table} set ${random.pick(["k = k + 10", "n = 70", "k = a", "n = n + 1", "a = null", "k = 'x'", "nosuch = 1"])}${where}`,
    () => `delete from ${table}${where}`,
    () => `truncate ${random.pick([table, "c, r", "c_1, c_2", "only c", "c_1 cascade", "c"])}`,
    () => `alter table c detach partition ${random.pick(["c_1", "c_2", "c_d"])}`,
    () => "alter table c attach partition c_1 for values from (0) to (10)",
    () => "create table c_9 partition of c for values from (20) to (30)",
    () => `alter table ${table} add check (${random.pick(["n < 5", "k < 10", "a is not null"])})`,
    () => `with x as (delete from ${table} returning 1) select 1`,
    () => `explain insert into c values (1, 2, 3)${conflict(random)}`,
  ])();
}

function conflict(random: Random): string {
  const target = random.pick([
    "",
    "(a, k)",
    "(k, a)",
    "(k)",
    "(a)",
    "(lower(t))",
    "(lower(t)) where n > 7",
    "(lower(t)) where n > 3",
    "(upper(t)) where n > 7",
    "on constraint c_pkey",
    "on constraint c_1_pkey",
    "on constraint c_a_k_key",
    "(a int4_ops, k)",
    "(k desc, a)",
    "(nosuch)",
  ]);
  return random.pick([
    () => "",
    () => ` on conflict ${target} do nothing`,
    () =>
      ` on conflict ${target} do update set ${random.pick(["n = excluded.n", "k = 15", "n = n + 1", "t = excluded.nosuch", "n = c.n + 1", "n = 'x'"])}`,
  ])();
}
