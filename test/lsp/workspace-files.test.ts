// Files of a workspace on disk: no search and no chain of them is without an end, and nothing rests on what was left out.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { unreadScript } from "../../server/src/ide/chain.ts";
import { createScriptTexts } from "../../server/src/lsp/script-texts.ts";
import { createWorkspaceFiles, type WorkspaceFilesLimits } from "../../server/src/lsp/workspace-files.ts";

let directory: string;
let said: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "partition-lens-files-"));
  said = [];
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const limits: WorkspaceFilesLimits = { longestFile: 100, mostEntries: 20, mostFound: 5, mostLooks: 100 };
const files = () => createWorkspaceFiles((line) => said.push(line), limits);
const uriOf = (path: string) => pathToFileURL(join(directory, path)).href;

function write(path: string, text = ""): string {
  mkdirSync(join(directory, path, ".."), { recursive: true });
  writeFileSync(join(directory, path), text);
  return uriOf(path);
}

it("finds what globs match, however deep, and follows no link", async () => {
  const found = ["a.sql", "b/c/d/e.sql"].map((path) => write(path));
  write("b/readme.md");
  write("node_modules/x.sql");
  symlinkSync(directory, join(directory, "again"));
  expect([...(await files().findFiles(uriOf(""), ["**/*.sql"]))].sort()).toEqual(found);
  expect(await files().findFiles(uriOf(""), ["*.sql"])).toEqual(found.slice(0, 1));
  expect(said).toEqual([]);
});

it("lets others be looked after while many files are held against many globs", async () => {
  for (let index = 0; index < 200; index++) write(`many/${index}.sql`);
  const all = createWorkspaceFiles((line) => said.push(line));
  const pauses = vi.spyOn(globalThis, "setImmediate");
  try {
    const globs = Array.from({ length: 1_000 }, (_, index) => `**/x${index}*/*y*.sql`);
    expect(await all.findFiles(uriOf(""), globs)).toEqual([]);
    expect(pauses.mock.calls.length).toBeGreaterThanOrEqual(100);
    pauses.mockClear();
    expect((await all.findFiles(uriOf(""), ["**/*.sql"])).length).toBe(200);
    expect(pauses.mock.calls.length).toBe(0);
  } finally {
    pauses.mockRestore();
  }
});

it("holds no more files against globs than there is an end to, and says so", async () => {
  for (let index = 0; index < 3; index++) write(`few/${index}.sql`);
  const globs = Array.from({ length: 50 }, (_, index) => `few/${index}.sql`);
  expect(await files().findFiles(uriOf(""), globs)).toEqual([]);
  expect(said).toEqual([expect.stringMatching(/ holds more files than are looked through with 50 globs: none/)]);
  expect(await files().findFiles(uriOf(""), globs.slice(0, 30))).toHaveLength(3);
});

it.each([
  ["files that are found", ["sql"]],
  ["files and folders that are looked at", ["md", "txt", "js", "ts"]],
])("gives nothing at all where there are more %s than the limit, and says so", async (_, endings) => {
  for (const ending of endings) for (let index = 0; index < 6; index++) write(`deep/${index}.${ending}`);
  expect(await files().findFiles(uriOf(""), ["**/*.sql"])).toEqual([]);
  expect(said).toEqual([expect.stringContaining("more files than are looked through")]);
});

it("scripts that have no room beside the others are not read, and what they do is not known", async () => {
  const uris = ["1.sql", "2.sql", "3.sql", "4.conf"].map((path) => write(path, "SELECT 1;\n"));
  const read = createScriptTexts(files(), (line) => said.push(line));
  const gone = uriOf("gone.sql");
  const all = uris.map((uri) => ({ uri, text: "SELECT 1;\n" }));
  expect(await read([...uris, gone], 1_000)).toEqual(all);
  expect(said).toEqual([]);
  for (let times = 0; times < 2; times++)
    expect(await read(uris, 25)).toEqual([...all.slice(0, 2), { uri: uris[2], text: unreadScript }]);
  expect(said).toEqual([expect.stringContaining("3.sql is too long"), expect.stringContaining("4.conf is too long")]);
  const long = write("5.sql", "SELECT 1;\n".repeat(20));
  expect(await read([long], 1_000)).toEqual([{ uri: long, text: unreadScript }]);
});
