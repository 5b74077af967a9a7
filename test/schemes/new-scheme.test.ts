/** "Where to go" of ARCHITECTURE.md, tried: to a name of a scheme more the compiler lists the records that lack it, and no other place. */

import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(import.meta.dirname, ".bundle-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The sources with a scheme `slices` that an extension of that name makes, but nobody has written. */
function withNewScheme(): void {
  cpSync(join(root, "server/src"), join(folder, "src"), { recursive: true });
  for (const [file, type] of [
    ["schemes/extension.ts", "ExtensionName"],
    ["catalog/partitioning.ts", "Scheme"],
  ] as const) {
    const path = join(folder, "src", file);
    const text = readFileSync(path, "utf8");
    const changed = text.replace(`export type ${type} = `, `export type ${type} = "slices" | `);
    expect(changed, `${file} declares ${type}`).not.toBe(text);
    writeFileSync(path, changed);
  }
  const tsconfig = { extends: join(root, "tsconfig.json"), include: ["src"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
}

/** The files in which the compiler finds something, each once. */
function complaints(): Promise<readonly string[]> {
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  return new Promise((resolve) => {
    execFile(process.execPath, [compiler, "-p", folder, "--pretty", "false"], { cwd: folder }, (_error, output) => {
      const files = output.split("\n").flatMap((line) => /^src\/([^(]+)\(\d+,\d+\): error/.exec(line)?.[1] ?? []);
      resolve([...new Set(files)].sort());
    });
  });
}

test("a scheme more is a line in each record that the compiler lists", async () => {
  withNewScheme();
  const listed = await complaints();
  expect(listed).toEqual([
    "ddl/matrix.ts",
    // Where the protocol's list of schemes meets ours.
    "lsp/handlers/catalog.ts",
    "postgres/configured.ts",
    "schemes/extensions.ts",
  ]);
  // What it has for a folder of its own stands in the page.
  const page = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  const row = page.split("\n").find((line) => line.startsWith("| a scheme |")) ?? "";
  for (const file of listed) expect(row).toContain(file.replace("lsp/handlers/catalog.ts", "lsp/protocol.ts"));
});
