/** Functions that the tables of functions leave out are none that there certainly is not. */

import { expect, test } from "vitest";
import { emptyCatalog } from "../../../server/src/catalog/catalog.ts";
import { functionsNamed } from "../../../server/src/catalog/values/builtins.ts";
import { mayBeOther } from "../../../server/src/catalog/values/unlisted-functions.ts";
import type { FunctionCall } from "../../../server/src/syntax/expression.ts";
import { createDatabase } from "../../support/database.ts";

const catalog = emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" });

function callOf(name: string): FunctionCall {
  return {
    kind: "call",
    name: [name],
    arguments: [],
    star: false,
    distinct: false,
    aggregateSyntax: false,
    window: null,
    range: { start: 0, end: 0 },
  } as unknown as FunctionCall;
}

test.each([10, 13, 14, 16, 18] as const)("every function of PostgreSQL %i that a query can call", async (major) => {
  const database = await createDatabase(major);
  try {
    const { rows } = await database.client.query<{ proname: string }>(
      "SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND oid < 16384 " +
        "AND NOT 'internal'::regtype = ANY (proargtypes::oid[])",
    );
    const names = rows.map(({ proname }) => proname);
    expect(names.length).toBeGreaterThan(1500);
    expect(names.filter((name) => functionsNamed(name).length === 0 && !mayBeOther(callOf(name), [], catalog))).toEqual(
      [],
    );
  } finally {
    await database.close();
  }
});

test("what no version has is another matter", () => {
  expect(mayBeOther(callOf("no_such_function"), [], catalog)).toBe(false);
});
