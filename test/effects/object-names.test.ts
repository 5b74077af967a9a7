/** Names that PostgreSQL chooses: cut to 63 bytes, numbered when taken. */

import { describe, expect, test } from "vitest";
import { emptyCatalog, withRelation } from "../../server/src/catalog/catalog.ts";
import { emptyRelation } from "../../server/src/effects/relations/lookup.ts";
import {
  chooseIndexName,
  chooseRelationName,
  indexColumnNames,
  makeObjectName,
  nameAddition,
} from "../../server/src/effects/relations/object-names.ts";

const long = "a".repeat(60);

describe("makeObjectName", () => {
  test.each([
    ["t", null, "pkey", "t_pkey"],
    ["t", "k", "check", "t_k_check"],
    [long, null, "pkey", `${"a".repeat(58)}_pkey`],
    [long, "b".repeat(60), "key", `${"a".repeat(29)}_${"b".repeat(29)}_key`],
    ["t", "b".repeat(63), "idx", `t_${"b".repeat(57)}_idx`],
    // A letter of two bytes is kept or left out as a whole.
    ["é".repeat(31), null, "pkey", `${"é".repeat(29)}_pkey`],
  ])("%s, %s, %s", (first, second, label, expected) => {
    expect(makeObjectName(first, second, label)).toBe(expected);
  });
});

test("a name that is taken gets a number behind its label", () => {
  let catalog = emptyCatalog({ complete: true, timeZone: "UTC" });
  for (const name of ["t_a_idx", "t_a_idx1"]) {
    catalog = withRelation(catalog, emptyRelation(catalog.nextId, "public", name, "index"));
  }
  expect(chooseRelationName(catalog, "public", "t", "a", "idx", false)).toBe("t_a_idx2");
  expect(chooseIndexName(catalog, "public", "t", ["a"], "idx")).toBe("t_a_idx2");
  expect(chooseIndexName(catalog, "other", "t", ["a"], "idx")).toBe("t_a_idx");
});

test("columns enter an index's name one after the other, expressions by their function", () => {
  const range = { start: 0, end: 0 };
  const column = (name: string) => ({ column: name, expression: null });
  const call = (name: string) => ({
    column: null,
    expression: {
      kind: "call",
      name: [name],
      nameRange: range,
      arguments: [],
      star: false,
      distinct: false,
      aggregateSyntax: false,
      window: null,
      range,
    } as const,
  });
  const sum = {
    column: null,
    expression: {
      kind: "operator",
      operator: "+",
      left: null,
      right: { kind: "column", names: ["a"], star: false, range },
      range,
    } as const,
  };
  expect(indexColumnNames([column("a"), call("lower"), call("lower"), sum, sum])).toEqual([
    "a",
    "lower",
    "lower1",
    "expr",
    "expr1",
  ]);
  expect(nameAddition(["a", "b", "c"])).toBe("a_b_c");
});
