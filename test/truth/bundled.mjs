// Bundles a file of this folder with the server's sources and runs it.
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));

/** Runs the file to its end. Packages stay outside of the bundle. */
export async function runBundled(file) {
  const folder = mkdtempSync(join(here, ".bundle-"));
  try {
    await build({
      entryPoints: { bundle: join(here, file), worker: join(here, "../../server/src/lsp/long-statement-worker.ts") },
      outdir: folder,
      outExtension: { ".js": ".mjs" },
      bundle: true,
      platform: "node",
      format: "esm",
      packages: "external",
      sourcemap: "inline",
      define: {
        "import.meta.url": JSON.stringify(import.meta.url),
        // Read as it is, the thread would take some 500 MB for Node's reading of TypeScript.
        "process.env.LONG_STATEMENT_WORKER": JSON.stringify(join(folder, "worker.mjs")),
        "import.meta.dirname": JSON.stringify(here.replace(/[\\/]$/, "")),
      },
      logLevel: "error",
    });
    await import(pathToFileURL(join(folder, "bundle.mjs")).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
