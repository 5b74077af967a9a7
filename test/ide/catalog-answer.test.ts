/** The catalog as outsiders are told it: parents, keys and bounds. */

import { beforeAll, expect, it } from "vitest";
import { catalogAnswer } from "../../server/src/ide/catalog-answer.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { readingForTests } from "../support/parser.ts";
import { analyseText } from "./support.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

// The digits of an id are four bits wide: what is asked of no id must not be asked of the last place of a full tree.
it.each([14, 15, 16, 255])("gives none of %i lone tables a parent", (count) => {
  const tables = Array.from({ length: count }, (_, index) => `create table t${index} (a int);`);
  const analysis = analyseText(tables.join("\n"), reading);
  const { relations } = catalogAnswer(analysis.final);
  expect(relations.map(({ parent }) => parent)).toEqual(tables.map(() => null));
});
