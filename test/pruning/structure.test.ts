/** What decides how much is scanned besides the conditions themselves, each form as a real server plans it. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { scannedBy, withSchema } from "./planned.ts";
import { predictLast, readingForTests } from "./support.ts";

let database: TestDatabase;
let reading: Reading;

beforeAll(async () => {
  [database, reading] = [await createDatabase(18), await readingForTests()];
});

afterAll(() => database.close());

const schema = [
  "create table d (k date, g int) partition by range (k)",
  "create table d_1 partition of d for values from ('2024-01-01') to ('2024-06-01')",
  "create table d_2 partition of d for values from ('2024-06-01') to ('2025-01-01')",
  "create table e (k date, g int) partition by range (k)",
  "create table e_1 partition of e for values from ('2024-01-01') to ('2024-06-01')",
  "create table e_2 partition of e for values from ('2024-06-01') to ('2025-01-01')",
  "create table pl (k date, g int)",
  "create table n (k date not null primary key, g int) partition by range (k)",
  "create table n_1 partition of n for values from ('2024-01-01') to ('2024-06-01')",
  "create table n_2 partition of n for values from ('2024-06-01') to ('2025-01-01')",
  "create table five (k int) partition by list ((k > 5))",
  "create table five_t partition of five for values in (true)",
  "create table five_f partition of five for values in (false)",
  "create table gone (k int) partition by list ((k is null))",
  "create table gone_t partition of gone for values in (true)",
  "create table gone_f partition of gone for values in (false)",
  "create table r (k numeric) partition by range (round(k))",
  "create table r_1 partition of r for values from (0) to (10)",
  "create table r_2 partition of r for values from (10) to (20)",
  "create table w (k jsonb) partition by list ((k ->> 'r'))",
  "create table w_eu partition of w for values in ('eu')",
  "create table w_us partition of w for values in ('us')",
  "create table j (k timestamp, n numeric) partition by range ((k::date))",
  "create table j_1 partition of j for values from ('2024-01-01') to ('2024-06-01')",
  "create table j_2 partition of j for values from ('2024-06-01') to ('2025-01-01')",
  "create table i (n numeric) partition by list (int4(n))",
  "create table i_1 partition of i for values in (1)",
  "create table i_2 partition of i for values in (2)",
  "create domain ymd as date",
  "create table dom (k ymd) partition by range (k)",
  "create table dom_1 partition of dom for values from ('2024-01-01') to ('2024-06-01')",
  "create table dom_2 partition of dom for values from ('2024-06-01') to ('2025-01-01')",
  "create view over_cte as with q as (select * from d) select * from q",
  "create view both_tables as select k, g, 'd' as s from d union all select k, g, 'e' from e",
];

const day = "'2024-02-02'";

describe("is predicted as planned", () => {
  test.each([
    // Conditions that stay above.
    `select * from (select distinct on (g) * from d order by g) s where k = ${day}`,
    `select * from (select *, row_number() over (partition by g) from d) s where k = ${day}`,
    `select * from (select * from d limit 5) s where k = ${day}`,
    `select * from (select k from d except select k from e) s where k = ${day}`,
    // A cast, and the function of its name.
    `select * from j where date(k) = ${day}`,
    `select * from j where k::date = ${day}`,
    `select * from j where cast(k as date) = ${day}`,
    "select * from i where n::int = 1",
    "select * from i where int4(n) = 1",
    // A domain, which orders its values as the type below it does.
    "select * from dom where k >= timestamp '2024-06-01'",
    "select * from dom where k < timestamp '2024-06-01'",
    "select * from dom where k = any (array['2024-02-02', '2024-03-03']::timestamp[])",
    // Conditions that go down.
    `select * from (select distinct on (k) * from d order by k) s where k = ${day}`,
    `select * from (select *, row_number() over (partition by k) from d) s where k = ${day}`,
    `select * from (select *, rank() over w from d window w as (partition by k, g)) s where k = ${day}`,
    `select k, count(*) from d group by k having k = ${day} and count(*) > 1`,
    `select k, g from d group by grouping sets ((k, g), (k)) having k = ${day}`,
    `select k, g from d group by rollup (k) , g having k = ${day}`,
    `select * from over_cte where k = ${day}`,
    `select * from both_tables where k = ${day}`,
    `select * from both_tables where k = ${day} and s = 'e'`,
    `select * from (select k from d union select k from e) s where k = ${day}`,
    `select * from (select k from d intersect select k from e) s where k = ${day}`,
    `select * from (values (date ${day}, 1)) v(k, g) join d using (k)`,
    `select count(*) from (values (date ${day}), ('2024-07-07')) v(k) join d using (k) where k = '2024-07-07'`,
    // EXISTS and IN.
    `select * from d where exists (select 1 from pl where pl.k = d.k and pl.k = ${day})`,
    `select * from d where k in (select k from pl where k = ${day})`,
    `update d set g = 1 where k in (select k from pl where k = ${day})`,
    `select * from d where not exists (select 1 from e where e.k = d.k and e.k = ${day})`,
    `select * from d where exists (select 1 where d.k = ${day})`,
    `select * from d where k in (values (date ${day}), (date '2024-03-03'))`,
    `select * from d where exists (select 1 from e where k = ${day})`,
    // Outer joins.
    `select * from d full join e using (k) where k = ${day}`,
    `select k from d full join e using (k, g) where k between ${day} and '2024-03-03'`,
    `select * from d full join e on d.g = e.g where d.k = ${day}`,
    `select * from d left join e on d.k = e.k where d.k = ${day}`,
    `select * from d left join e on d.k = e.k left join pl on e.k = pl.k where d.k = ${day}`,
    `select d.* from d left join n on d.k = n.k`,
    `select * from d left join e on d.g = e.g and e.k is null where d.g is null and d.g = 1`,
    // Nothing to join with.
    `select * from d join e on d.g = e.g where d.k = '1999-01-01'`,
    `select * from n left join d on n.k is null`,
    `delete from d using e where d.g = e.g and e.k = '1999-01-01'`,
    // MERGE.
    `merge into d using pl on d.k = pl.k and pl.k = ${day} when not matched then insert (k) values (pl.k)`,
    `merge into d using pl on d.k = pl.k and pl.k = ${day} when matched then delete`,
    `merge into d using pl on d.k = pl.k and pl.k = ${day} when not matched then do nothing`,
    // Keys that are expressions.
    "select * from five where k > 5",
    "select * from five where not k > 5",
    "select * from five where k <= 5",
    "select * from five where (k > 5) is not true",
    "select * from gone where k is null",
    "select * from gone where not (k is null)",
    "select * from r where round(k, 0) = 5",
    "select * from w where k ->> 'r'::text = 'us'",
    // Constants under CASE.
    `select * from d where k = case when true then date ${day} else date '2024-07-07' end`,
    `select * from d where k = coalesce(null, date ${day})`,
    `select * from d where nullif(k, null) = ${day}`,
    "select * from five where (k > 5) = (k > 7 or true)",
    "select * from five where (k > 5) = (k > 7 and false)",
  ])("%s", async (query) => {
    await withSchema(database.client, schema, async (accepted) => {
      expect(accepted).toEqual(schema);
      const planned = (await scannedBy(database.client, query))?.filter((name) => name !== "pl");
      const { relations } = predictLast(`${schema.join(";\n")};\n${query}`, reading);
      const survivors = new Set(relations.flatMap((relation) => relation.survivors ?? []).map(({ name }) => name));
      expect([...survivors].sort()).toEqual(planned);
      expect(relations.map(({ certainty, decided }) => `${certainty} ${decided}`)).toEqual(
        relations.map(() => "exact planning"),
      );
    });
  });

  test("a join whose columns are needed, which an index may make a nested loop", async () => {
    const query = "select * from d left join n on d.k = n.k";
    await withSchema(database.client, schema, async () => {
      const planned = await scannedBy(database.client, query);
      const { relations } = predictLast(`${schema.join(";\n")};\n${query}`, reading);
      expect(relations.flatMap(({ survivors }) => survivors ?? []).map(({ name }) => name)).toEqual(planned);
      expect(relations.map(({ certainty, decided }) => `${certainty} ${decided}`)).toEqual([
        "exact planning",
        "at-most execution",
      ]);
    });
  });
});
