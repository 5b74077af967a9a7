// Inputs that real files and public reports met: what the language server says of each, as it is reviewed, and real servers.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { startClient, type TestClient } from "../lsp/client.ts";
import { createDatabase } from "../support/database.ts";
import { loadParserForTests } from "../support/parser.ts";
import { type Answer, askAbout, printAnswer } from "./answer.ts";
import { expectServerAgrees } from "./truth.ts";

const folder = join(import.meta.dirname, "../fixtures/field");
const update = process.env["UPDATE_EXPECT"] === "1";

let client: TestClient;
let reading: Reading;
beforeAll(async () => {
  // The model alone: what the embedded PostgreSQL says is another test's subject. No partition of these files has ended then.
  client = await startClient("vscode", { settings: { embedded: { enabled: false }, today: "2024-01-01" } });
  reading = { parser: await loadParserForTests(), cache: createStatementCache(10_000) };
});
afterAll(() => client.close());

/** Asks about a file; those before it in its chain are read from the disk. */
async function ask(path: string, text: string): Promise<Answer> {
  const uri = await client.open(text, pathToFileURL(path).href);
  const answer = await askAbout(client, uri);
  await client.connection.sendNotification("textDocument/didClose", { textDocument: { uri } });
  return answer;
}

function expectReviewed(name: string, actual: string): void {
  const path = join(folder, `${name}.expected`);
  if (update) writeFileSync(path, `${actual}\n`);
  expect(existsSync(path), `${name}.expected is missing: write it with UPDATE_EXPECT=1, and review it`).toBe(true);
  expect(`${actual}\n`).toBe(readFileSync(path, "utf8"));
}

const entries = readdirSync(folder).sort();
const files = entries.filter((name) => name.endsWith(".sql"));
const chains = entries.filter((name) => statSync(join(folder, name)).isDirectory());

describe.each(files)("%s", (file) => {
  const path = join(folder, file);
  const text = readFileSync(path, "utf8");
  const stem = file.slice(0, -".sql".length);

  it("is answered as reviewed, and as a real server has it", async () => {
    const answer = await ask(path, text);
    let actual = printAnswer(answer);
    // What psql, a tool or an extension does is not in the statements; `-- @server none: why`.
    if (!/^-- @server none: \S/m.test(text)) {
      const database = await createDatabase(18);
      try {
        const tables = await expectServerAgrees(database.client, parseDocument(text, reading), answer);
        const ours = new Set(actual.split("\n"));
        const unknown = tables.filter((line) => !ours.has(line));
        if (unknown.length > 0)
          actual += `\n== tables of the server that are not known, or known otherwise\n${unknown.join("\n")}`;
      } finally {
        await database.close();
      }
    }
    expectReviewed(stem, actual);
  });
});

describe.each(chains)("%s", (chain) => {
  it("is answered as reviewed", async () => {
    const answers: string[] = [];
    for (const path of sqlFilesBelow(join(folder, chain))) {
      const answer = await ask(path, readFileSync(path, "utf8"));
      answers.push(`# ${path.slice(join(folder, chain).length + 1)}\n${printAnswer(answer)}`);
    }
    expectReviewed(chain, answers.join("\n"));
  });
});

it("has no answer without an input", () => {
  const stems = new Set([...files.map((file) => file.slice(0, -".sql".length)), ...chains]);
  const orphans = entries.filter(
    (name) => name.endsWith(".expected") && !stems.has(name.slice(0, -".expected".length)),
  );
  expect(orphans).toEqual([]);
});

function sqlFilesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => join(directory, name));
}
