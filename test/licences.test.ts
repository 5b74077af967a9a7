// Every part of the package comes with the text of its licence, those inside of other parts included.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { build } from "../esbuild.mjs";

const root = resolve(import.meta.dirname, "..");
let directory: string;
let notices: readonly string[];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "partition-lens-licences-"));
  await build({ outdir: directory });
  notices = readFileSync(join(directory, "THIRD-PARTY-NOTICES.txt"), "utf8").split(/\n-{80}\n/);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function noticeOf(name: string): string {
  return notices.find((notice) => notice.trimStart().startsWith(name)) ?? "";
}

it.each(Object.keys(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).dependencies ?? {}))(
  "the package %s",
  (name) => {
    expect(noticeOf(`${name} `).length).toBeGreaterThan(500);
  },
);

it.each([
  ["pg-types", "Brian M. Carlson"],
  ["pgpass", "Hannes Hörl"],
  ["pgsql-ast-parser", "Olivier Guimbal"],
  ["PostgreSQL", "Regents of the University of California"],
  ["The regular expressions of PostgreSQL", "Henry Spencer"],
  ["libpg_query", "Lukas Fittl"],
  ["protobuf-c", "Dave Benson"],
  ["xxHash", "Yann Collet"],
  ["Snowball", "Martin Porter"],
  ["ICU", "Unicode, Inc."],
  ["libxml2", "Daniel Veillard"],
  ["libxslt", "Daniel Veillard"],
  ["zlib", "Jean-loup Gailly"],
  ["musl", "Rich Felker"],
])("%s names %s and grants something", (name, holder) => {
  const notice = noticeOf(name);
  expect(notice).toContain(holder);
  expect(notice).toMatch(/Permission|Redistribution|permission is granted/i);
});

it("nothing in it has a name alone", () => {
  expect(notices.filter((notice) => notice.trim().split("\n").length < 3)).toEqual([]);
});
