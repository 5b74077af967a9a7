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
    const outfile = join(folder, "bundle.mjs");
    await build({
      entryPoints: [join(here, file)],
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      packages: "external",
      sourcemap: "inline",
      define: {
        "import.meta.url": JSON.stringify(import.meta.url),
        "import.meta.dirname": JSON.stringify(here.replace(/[\\/]$/, "")),
      },
      logLevel: "error",
    });
    await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
