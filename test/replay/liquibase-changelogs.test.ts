/** Liquibase's changelogs: in which order they run SQL files, and where nobody knows it. */

import { describe, expect, test } from "vitest";
import { orderMigrations } from "../../server/src/replay/migration-order.ts";

const scripts = ["changes/10-c.sql", "changes/2-b.sql", "a.sql", "notes/x.sql"].map((path) => ({ path, text: "" }));

function order(lists: Readonly<Record<string, string>>): readonly string[] {
  const changelogs = Object.entries(lists).map(([path, text]) => ({ path, text }));
  return orderMigrations([...scripts, ...changelogs]).forward;
}

const xml = (body: string): string =>
  `<?xml version="1.0"?>\n<databaseChangeLog xmlns="x">\n${body}\n</databaseChangeLog>`;
const yaml = (body: string): string => `databaseChangeLog:\n${body}`;

describe("the order is that of", () => {
  test.each([
    [
      "includes in XML",
      { "master.xml": xml(`<include file="changes/2-b.sql" relativeToChangelogFile="true"/><include file='a.sql'/>`) },
      ["changes/2-b.sql", "a.sql"],
    ],
    [
      "paths from the root of the classes",
      { "m.xml": xml(`<include file="db/log/changes/2-b.sql"/>`) },
      ["changes/2-b.sql"],
    ],
    [
      "folders, character by character",
      { "master.yaml": yaml("  - includeAll:\n      path: changes/\n  - include:\n      file: a.sql\n") },
      ["changes/10-c.sql", "changes/2-b.sql", "a.sql"],
    ],
    [
      "changelogs inside changelogs",
      {
        "master.xml": xml(`<property name="x" value="y"/><include file="a.sql"/><include file="sub.yml"/>`),
        "sub.yml": yaml(
          "# first\n- include: {file: changes/10-c.sql}\n- include:\n    relativeToChangelogFile: true\n    file: 'changes/2-b.sql'",
        ),
      },
      ["a.sql", "changes/10-c.sql", "changes/2-b.sql"],
    ],
    [
      "names where XML is no changelog",
      { "pom.xml": "<project/>" },
      ["a.sql", "changes/2-b.sql", "changes/10-c.sql", "notes/x.sql"],
    ],
  ])("%s", (_, lists, expected) => {
    expect(order(lists)).toEqual(expected);
  });
});

describe("nobody knows it where", () => {
  test.each([
    ["a changelog has changes of its own", { "m.xml": xml(`<include file="a.sql"/><changeSet id="1" author="me"/>`) }],
    ["so has one in YAML", { "m.yaml": yaml("  - include:\n      file: a.sql\n  - changeSet:\n      id: 1\n") }],
    ["a file is not there", { "m.xml": xml(`<include file="missing.sql"/>`) }],
    [
      "changelogs include each other",
      { "m.xml": xml(`<include file="n.xml"/>`), "n.xml": xml(`<include file="m.xml"/>`) },
    ],
    ["there are two", { "m.xml": xml(`<include file="a.sql"/>`), "n.xml": xml(`<include file="changes/2-b.sql"/>`) }],
  ])("%s", (_, lists) => {
    expect(order(lists)).toEqual([]);
  });
});
