// A partition's name anywhere in a statement tells which one it is: where the grammar sees a relation, and where it sees none.

import { beforeAll, describe, expect, it } from "vitest";
import { namedPartHover } from "../../server/src/ide/named-anywhere.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { readingForTests } from "../pruning/support.ts";
import { analyseText } from "./support.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

const schema = `CREATE TABLE s (d int) PARTITION BY RANGE (d);
CREATE TABLE s_1 PARTITION OF s FOR VALUES FROM (1) TO (2);
CREATE TABLE "S Two" PARTITION OF s FOR VALUES FROM (2) TO (3);
CREATE TABLE plain (s_1 int);
`;

/** The text between the marks is hovered over. */
function hovered(statement: string): string | null {
  const text = schema + statement.replace("|", "");
  const options = { plain: true, html: false, icons: false, maxPartitions: 20 };
  return namedPartHover(analyseText(text, reading), schema.length + statement.indexOf("|"), options)?.markdown ?? null;
}

describe("a name in a statement", () => {
  it.each([
    "COMMENT ON TABLE s|_1 IS 'x';",
    "GRANT SELECT ON public.S|_1 TO reader;",
    "VACUUM (ANALYZE) |s_1;",
    "SELECT pg_relation_size('public.s|_1');",
    "SELECT split_range_partition('s_1|', 5);",
    "SELECT s_1|.d FROM s_1;",
    "COPY s_1| FROM stdin;",
  ])("%s", (statement) => {
    expect(hovered(statement)).toMatch(/s_1 partition 1 of 2 of s[\s\S]*S Two/);
  });

  it("may be quoted, or that of the table itself", () => {
    expect(hovered('LOCK TABLE "S T|wo";')).toMatch(/S Two partition 2 of 2 of s/);
    expect(hovered("COMMENT ON TABLE s| IS 'x';")).toMatch(/^s RANGE \(d\)/);
  });

  it("is none where it is another table, part of a text, or nothing at all", () => {
    expect(hovered("COMMENT ON TABLE pl|ain IS 'x';")).toBeNull();
    expect(hovered("COMMENT ON TABLE plain IS '|';")).toBeNull();
    expect(hovered("COMMENT ON TABLE plain IS 'what s_|2 was';")).toBeNull();
  });
});
