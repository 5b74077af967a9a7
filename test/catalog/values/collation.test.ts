// The order of texts under ICU's collations, against that of a real server.
import { afterAll, beforeAll, expect, test } from "vitest";
import { compareTexts } from "../../../server/src/catalog/values/text.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase(18);
});
afterAll(() => database.close());

const letters = [..."aAbBcCzZéÉèêeEoOöÖøØßsSþðæÆœñnNçłžŽ019"];
let seed = 7;
const random = (below: number): number => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return Math.floor((seed / 2_147_483_648) * below);
};
const word = () => Array.from({ length: 1 + random(4) }, () => letters[random(letters.length)]).join("");

test.each(["und-x-icu", "en-x-icu", "de-x-icu"])(
  "%s orders letters and digits as the server does",
  async (collation) => {
    const pairs = Array.from({ length: 2_000 }, () => [word(), word()] as const);
    const { rows } = await database.client.query<{ order: number }>(
      `SELECT CASE WHEN a = b THEN 0 WHEN a < b COLLATE "${collation}" THEN -1 ELSE 1 END AS order
     FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS p (a, b, n) ORDER BY n`,
      [pairs.map(([a]) => a), pairs.map(([, b]) => b)],
    );
    const ours = pairs.map(([a, b]) => Math.sign(compareTexts(a, b, collation) ?? Number.NaN));
    const wrong = pairs.filter((_, index) => ours[index] !== rows[index]?.order);
    expect(wrong).toEqual([]);
  },
);

test("nothing is said of other scripts, and of languages with rules of their own", () => {
  expect(compareTexts("ab", "а", "und-x-icu")).toBeNull();
  expect(compareTexts("a b", "a-b", "und-x-icu")).toBeNull();
  expect(compareTexts("aå", "az", "sv-x-icu")).toBeNull();
});
