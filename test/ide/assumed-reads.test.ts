// A file of queries of which one reads a relation that nobody shows: the others keep their lenses, and nothing is refused for sure.

import { beforeAll, expect, it } from "vitest";
import type { Analysis } from "../../server/src/ide/analysis.ts";
import { predictedVerdict } from "../../server/src/pruning/verdict-of.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { readingForTests } from "../pruning/support.ts";
import { createDatabase } from "../support/database.ts";
import { analyseFrom, analyseText } from "./support.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

const schema = `CREATE TABLE s (d int) PARTITION BY RANGE (d);
  CREATE TABLE s_1 PARTITION OF s FOR VALUES FROM (1) TO (2);
  CREATE TABLE s_2 PARTITION OF s FOR VALUES FROM (2) TO (3);`;

function survivors({ steps, options }: Analysis): readonly (readonly string[] | null)[] {
  return steps.flatMap((step) =>
    predictedVerdict(step, options).relations.map(({ survivors: names }) => names?.map(({ name }) => name) ?? null),
  );
}

const queriesOf = (text: string): Analysis => analyseFrom(analyseText(schema, reading).final, text, reading);

it("keeps what is known of tables behind a query of an unknown relation", () => {
  const analysis = queriesOf("SELECT * FROM foo; SELECT * FROM s WHERE d = 1; SELECT * FROM bar; SELECT * FROM s;");
  expect(survivors(analysis)).toEqual([["s_1"], ["s_1", "s_2"]]);
});

it("calls nothing an error there that the relation may have changed, and everything that it cannot have", () => {
  const wrong = "SELECT nothing FROM s; SELECT FROM WHERE;";
  const messages = (text: string): readonly string[] =>
    queriesOf(text)
      .findings()
      .filter(({ severity }) => severity === "error")
      .map(({ message }) => message.split(/[.\n]/)[0] ?? "");
  expect(messages(wrong)).toEqual(['column "nothing" does not exist', 'syntax error at or near "WHERE"']);
  expect(messages(`SELECT * FROM foo; ${wrong}`)).toEqual(['syntax error at or near "WHERE"']);
});

it("ends where another statement stands above, or a function that nobody shows is called", () => {
  expect(survivors(queriesOf("SELECT * FROM foo; DROP VIEW v; SELECT * FROM s WHERE d = 1;"))).toEqual([null]);
  expect(survivors(queriesOf("SELECT change_all(); SELECT * FROM s WHERE d = 1;"))).toEqual([null]);
  expect(survivors(queriesOf("SELECT change_all() FROM foo; SELECT * FROM s WHERE d = 1;"))).toEqual([null]);
});

it("is careful for a reason: a view may alter a table when it is read", async () => {
  const database = await createDatabase(18);
  try {
    await database.client.query(`${schema}
      CREATE FUNCTION alter_s() RETURNS int LANGUAGE plpgsql AS $$ BEGIN ALTER TABLE s ADD COLUMN nothing int; RETURN 1; END $$;
      CREATE VIEW foo AS SELECT alter_s();`);
    await expect(database.client.query("SELECT nothing FROM s")).rejects.toThrow('column "nothing" does not exist');
    await database.client.query("SELECT * FROM foo");
    expect((await database.client.query("SELECT nothing FROM s")).rows).toEqual([]);
  } finally {
    await database.close();
  }
});
