// Bundles an entry of the server for tests that start it often: the sources take four times as long to load.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "../..");

/**
 * Path of a bundle that stands for the sources of `entry`. It finds the parser in node_modules, and no embedded PostgreSQL.
 * Every test file makes its own, so that none runs what another is writing.
 */
export async function bundleForTests(entry: "lsp" | "cli"): Promise<string> {
  const directory = join(root, ".cache/test-bundles");
  mkdirSync(directory, { recursive: true });
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
