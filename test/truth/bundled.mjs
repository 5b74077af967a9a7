// Bundles a file of this folder with the server's sources and runs it.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));

/** Files find others beside themselves, wherever the bundle is. */
const placesOfSources = {
  name: "places of sources",
  setup: (build) =>
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8")
        .replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href))
        .replaceAll("import.meta.dirname", JSON.stringify(dirname(path))),
      loader: "ts",
    })),
};

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
        // Read as it is, the thread would take some 500 MB for Node's reading of TypeScript.
        "process.env.LONG_STATEMENT_WORKER": JSON.stringify(join(folder, "worker.mjs")),
      },
      plugins: [placesOfSources],
      logLevel: "error",
    });
    await import(pathToFileURL(join(folder, "bundle.mjs")).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
