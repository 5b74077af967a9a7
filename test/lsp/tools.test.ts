// Files of migration tools in the editor and in the terminal: what runs, in which order, and what PostgreSQL then refuses.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bundleForTests } from "../support/bundle.ts";
import { toolFolders } from "../support/tool-folders.ts";
import { startClient, type TestClient } from "./client.ts";

let main: string;
beforeAll(async () => {
  main = await bundleForTests("cli");
});

describe.each(toolFolders)("$name", ({ files, errors }) => {
  let directory: string;
  let client: TestClient | undefined;
  const scripts = Object.keys(files).filter((path) => path.endsWith(".sql"));
  const expected = Object.fromEntries(scripts.map((path) => [path, errors[path] ?? []]));

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "partition-lens-tools-"));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
  });
  afterEach(async () => {
    await client?.close();
    client = undefined;
    rmSync(directory, { recursive: true, force: true });
  });

  it("in the editor", async () => {
    client = await startClient("vscode", { rootUri: pathToFileURL(directory).href });
    const found: Record<string, unknown[]> = {};
    for (const path of scripts) {
      const uri = await client.open(files[path] ?? "", pathToFileURL(join(directory, path)).href);
      const diagnostics = await client.diagnostics(uri);
      found[path] = diagnostics.filter(({ severity }) => severity === 1).map(({ code }) => code);
    }
    expect(found).toEqual(expected);
  });

  it("in the terminal", () => {
    const args = [main, "check", "--setting", "embedded.enabled=false", ...scripts];
    const { stdout } = spawnSync(process.execPath, args, { cwd: directory, encoding: "utf8" });
    const found = Object.fromEntries(
      scripts.map((path) => [
        path,
        stdout.split("\n").flatMap((line) => {
          const [, file, rule] = /^([^:]+):\d+:\d+: error ([\w-]+):/.exec(line) ?? [];
          return file === path ? [rule] : [];
        }),
      ]),
    );
    expect(found).toEqual(expected);
  });
});
