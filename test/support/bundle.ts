// Bundles an entry of the server for tests that start it often: the sources take four times as long to load.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "../..");

/**
 * Path of a bundle that stands for the sources of `entry`. It finds the parser in node_modules, and no embedded PostgreSQL.
 * Every process makes its own, so that none runs what another is writing; those of processes that are gone are removed.
 */
export function bundleForTests(entry: "lsp" | "cli"): Promise<string> {
  const known = bundles.get(entry) ?? bundle(entry);
  bundles.set(entry, known);
  return known;
}

const bundles = new Map<string, Promise<string>>();

async function bundle(entry: "lsp" | "cli"): Promise<string> {
  const directory = join(root, ".cache/test-bundles");
  mkdirSync(directory, { recursive: true });
  for (const name of readdirSync(directory)) {
    const [, pid] = /-(\d+)\.cjs$/.exec(name) ?? [];
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(directory, name), { force: true });
  }
  const outfile = join(directory, `${entry}-${process.pid}.cjs`);
  await build({
    absWorkingDir: root,
    entryPoints: [`server/src/${entry}/main.ts`],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["pg-native"],
    define: { "import.meta.url": "importMetaUrl" },
    banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
    logLevel: "warning",
  });
  return outfile;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
