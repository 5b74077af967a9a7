// Files under whatever name a client gives them: as VS Code, Node.js and editors on Windows and macOS spell URIs and texts.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import type { CodeAction, Location, PublishDiagnosticsParams } from "vscode-languageserver/node";
import { canonicalUri, createSpellings, inCaseOf, withUris } from "../../server/src/lsp/canonical-uri.ts";
import type { SchemaSourceResult, SurvivorsResult } from "../../server/src/lsp/protocol.ts";
import { startClient, type TestClient } from "./client.ts";

const table = "CREATE TABLE sales (d date NOT NULL) PARTITION BY RANGE (d);";
const year = "CREATE TABLE sales_2024 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');";
const query = "SELECT * FROM sales WHERE d = '2024-05-01';";

/** As VS Code's `Uri.toString()` does. */
function asVSCode(uri: string): string {
  return uri.replace(
    /^(file:\/\/)(.*)$/,
    (_, scheme: string, path: string) =>
      scheme +
      decodeURIComponent(path)
        .split("/")
        .map((part) => encodeURIComponent(part).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`))
        .join("/"),
  );
}

describe("a URI", () => {
  it("has one form for all spellings of the same path", () => {
    const spellings = ["file:///c%3A/Proj/a%281%29.sql", "file:///C:/Proj/a(1).sql", "FILE:///c:/Proj/a(1)%2esql"];
    expect(new Set(spellings.map((uri) => canonicalUri(uri)))).toEqual(new Set(["file:///c:/Proj/a(1).sql"]));
    const inFolders = ["file:///srv/%40scope/c%2B%2B/x%20y.sql", "file:///srv/@scope/c++/x%20y.sql"];
    expect(new Set(inFolders.map((uri) => canonicalUri(uri))).size).toBe(1);
    expect(canonicalUri("file://Server/share/a.sql")).toBe("file://server/share/a.sql");
    expect(canonicalUri("untitled:/c%3A/x.sql")).toBe("untitled:/c:/x.sql");
  });

  it("is its own form then, and what is no path stays", () => {
    for (const uri of [
      "file:///a%2520b.sql",
      "file:///100%25.sql",
      "file:///%E4%B8%AD.sql",
      "untitled:Untitled-1",
      "vscode-vfs://github/a/b(1).sql",
      "",
    ])
      expect(canonicalUri(canonicalUri(uri))).toBe(canonicalUri(uri));
    expect(canonicalUri("untitled:Untitled-1")).toBe("untitled:Untitled-1");
    expect(canonicalUri("file:///50%.sql")).toBe("file:///50%25.sql");
  });

  it("is told to the client as it spelled it", () => {
    const { canonical, toClient } = createSpellings();
    const spelled = "file:///c%3A/a.sql";
    const uri = canonical(spelled);
    const answer = [{ uri, range: {} }, { changes: { [uri]: [{ newText: uri }] } }];
    expect(toClient(answer)).toEqual([{ uri: spelled, range: {} }, { changes: { [spelled]: [{ newText: uri }] } }]);
    expect(withUris(answer, (one) => one)).toBe(answer);
  });

  it("has the letters that the disk has, where it takes large and small ones for the same; links stay", () => {
    const { canonical } = createSpellings((path) => inCaseOf(path, "/Proj/A.sql"));
    expect(canonical("file:///proj/a.SQL")).toBe("file:///Proj/A.sql");
    expect(canonical("file:///link/to.sql")).toBe("file:///link/to.sql");
  });
});

describe("a server", () => {
  let client: TestClient;
  let directory: string | undefined;
  afterEach(async () => {
    await client.close();
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  });

  const survivors = async (uri: string): Promise<unknown> =>
    (await client.request<SurvivorsResult>("partitionLens/survivors", { textDocument: { uri } })).statements.flatMap(
      ({ relations }) => relations.map(({ survivors: names }) => names),
    );

  it("finds the chain of a file on a drive however its letter and colon are written, and answers in the client's spelling", async () => {
    client = await startClient("neovim", {
      rootUri: "file:///C:/proj",
      settings: { embedded: { enabled: false }, schema: { migrations: ["migrations\\*.sql"] } },
    });
    const first = await client.open(table, "file:///c%3A/proj/migrations/V1__sales.sql");
    await client.open(year, "file:///C:/proj/migrations/V2__year.sql");
    const last = await client.open(query, "file:///c:/proj/migrations/V3__query.sql");
    expect(await survivors(last)).toEqual([["public.sales_2024"]]);
    const place = await client.request<Location>("textDocument/definition", {
      textDocument: { uri: last },
      position: { line: 0, character: query.indexOf("sales") },
    });
    expect(place.uri).toBe(first);
  });

  it.each([
    ["half a surrogate pair", "file:///proj", "file:///proj/a\ud800.sql"],
    ["another machine", "file://host/share", "file://host/share/a.sql"],
    ["a virtual workspace with a percent sign", "vscode-vfs://host/100%", "vscode-vfs://host/100%/50%.sql"],
  ])("answers every request of a file whose URI is odd: %s", async (_, rootUri, odd) => {
    client = await startClient("vscode", { rootUri, settings: { embedded: { enabled: false } } });
    const uri = await client.open(`${table}\n${year}`, odd);
    expect((await client.diagnostics(uri)).map(({ code }) => code)).toEqual(["coverage-ends"]);
    expect(await client.lenses(uri)).toHaveLength(1);
    // It makes no table, and asks what lies in the folder.
    const asking = await client.open(query, odd.replace(".sql", "b.sql"));
    await client.diagnostics(asking);
    const { statements } = await client.request<SurvivorsResult>("partitionLens/survivors", {
      textDocument: { uri: asking },
    });
    expect(statements).toEqual([]);
    expect(client.logged.filter((line) => /failed|Error/.test(line))).toEqual([]);
  });

  it("publishes findings under the client's spelling", async () => {
    client = await startClient("helix", { settings: { embedded: { enabled: false } } });
    const uri = await client.open("SELECT FROM WHERE;", "file:///c%3A/a%281%29.sql");
    const published = (): PublishDiagnosticsParams | undefined =>
      client.notified.find(({ method }) => method === "textDocument/publishDiagnostics")?.params as never;
    await client.until(() => published() !== undefined);
    expect(published()?.uri).toBe(uri);
    expect(published()?.diagnostics.map(({ message }) => message)).toEqual([expect.stringContaining("syntax error")]);
  });

  it("reads migrations with a byte order mark and the line ends of Windows, in folders with odd names", async () => {
    directory = mkdtempSync(join(tmpdir(), "partition-lens-uri (a)+@-"));
    mkdirSync(join(directory, "db (x)", "migrations"), { recursive: true });
    const path = (name: string): string => join(directory ?? "", "db (x)", "migrations", name);
    writeFileSync(path("V1__sales.sql"), `\ufeff${table}\r\n`);
    writeFileSync(path("V2__year (2024).sql"), `\ufeff-- a year\r\n${year}\r\n`);
    writeFileSync(join(directory, "partition-lens.json"), '\ufeff{ "schema.complete": true }');
    const root = asVSCode(pathToFileURL(directory).href);
    client = await startClient("vscode", { rootUri: root, settings: { embedded: { enabled: false } } });
    const member = asVSCode(pathToFileURL(path("V2__year (2024).sql")).href);
    const uri = await client.open(`${query}\r\nSELECT * FROM unknown;`, `${root}/queries.sql`);
    expect(await survivors(uri)).toEqual([["public.sales_2024"]]);
    const { label } = await client.request<SchemaSourceResult>("partitionLens/schemaSource", { textDocument: { uri } });
    expect(label).toBe("2 migrations in db (x)/migrations");
    expect((await client.diagnostics(uri)).map(({ message }) => message)).toEqual([
      expect.stringContaining('relation "unknown" does not exist'),
    ]);
    const place = await client.request<Location>("textDocument/definition", {
      textDocument: { uri },
      position: { line: 0, character: query.indexOf("sales") },
    });
    // The mark is no column, in the editor and in what is read from the disk.
    expect(place.range.start).toEqual({ line: 0, character: table.indexOf("sales") });
    // Opened, the file is the one of the chain and none beside it.
    await client.open("-- nothing", member);
    expect(await survivors(uri)).toEqual([[]]);
  });

  it("a fix has the line ends of its file", async () => {
    client = await startClient("neovim", { settings: { embedded: { enabled: false } } });
    const sum =
      "CREATE TABLE t (k int) PARTITION BY RANGE (k);\r\nCREATE TABLE a PARTITION OF t FOR VALUES FROM (0) TO (10);\r\n";
    const text = `${sum}CREATE TABLE c PARTITION OF t FOR VALUES FROM (20) TO (30);\r\n`;
    const inserted = async (written: string): Promise<readonly string[]> => {
      const uri = await client.open(written);
      const gap = (await client.diagnostics(uri)).find(({ code }) => code === "range-gap");
      const actions = await client.request<CodeAction[]>("textDocument/codeAction", {
        textDocument: { uri },
        range: gap?.range,
        context: { diagnostics: [gap] },
      });
      const edits = await Promise.all(
        actions.map(
          async (action) => action.edit ?? (await client.request<CodeAction>("codeAction/resolve", action)).edit,
        ),
      );
      return edits.flatMap((edit) =>
        Object.values(edit?.changes ?? {}).flatMap((each) => each.map(({ newText }) => newText)),
      );
    };
    const windows = (await inserted(text)).filter((each) => each.includes("PARTITION"));
    expect(windows.length).toBeGreaterThan(0);
    expect(windows.filter((each) => /[^\r]\n/.test(each) || !each.includes("\r\n"))).toEqual([]);
    const unix = (await inserted(text.replaceAll("\r", ""))).filter((each) => each.includes("PARTITION"));
    expect(unix).toEqual(windows.map((each) => each.replaceAll("\r", "")));
  });
});
