// Builds dist/: the extension, the language server, the command line tool, and the files they read at run time.
// Usage: npm run build [-- --production | --watch]

import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { context } from "esbuild";
import { ensureEmbeddedSnapshot, pgliteDirectory } from "./scripts/embedded-snapshot.mjs";
import { inner, licence, packageNotice } from "./scripts/licences.mjs";

const root = dirname(fileURLToPath(import.meta.url));

/** Bundle in dist/ ← entry file, with what is special about it. */
const bundles = {
  extension: { entry: "client/src/extension.ts", options: { external: ["vscode"] } },
  server: { entry: "server/src/lsp/start.ts" },
  "language-server": { entry: "server/src/lsp/main.ts" },
  cli: { entry: "server/src/cli/start.ts", banner: "#!/usr/bin/env node\n" },
  "command-line": { entry: "server/src/cli/main.ts" },
  "long-statement-worker": { entry: "server/src/lsp/long-statement-worker.ts" },
  "embedded-worker": { entry: "server/src/postgres/embedded-worker.ts" },
};

/** ES modules find their files by import.meta.url, which CommonJS has not. */
const importMetaUrl = 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;';

/** @param {{ production?: boolean, watch?: boolean, outdir?: string }} options */
export async function build({ production = false, watch = false, outdir = join(root, "dist") } = {}) {
  const missing = Object.values(bundles).filter(({ entry }) => !existsSync(join(root, entry)));
  if (missing.length > 0)
    throw new Error(`Nothing was built, missing: ${missing.map(({ entry }) => entry).join(", ")}`);
  mkdirSync(outdir, { recursive: true });
  await copyAssets(outdir);
  const contexts = await Promise.all(
    Object.entries(bundles).map(([name, { entry, banner = "", options = {} }]) =>
      context({
        absWorkingDir: root,
        entryPoints: [entry],
        outfile: join(outdir, `${name}.js`),
        bundle: true,
        platform: "node",
        format: "cjs",
        // Electron of the oldest VS Code in engines.vscode has Node 20.
        target: "node20",
        minify: production,
        sourcemap: !production,
        // The licences of what is bundled stand in one file instead.
        legalComments: "none",
        metafile: true,
        define: { "import.meta.url": "importMetaUrl" },
        banner: { js: banner + importMetaUrl },
        logLevel: "warning",
        ...options,
        // `pg` looks for its optional native binding.
        external: ["pg-native", ...(options.external ?? [])],
      }),
    ),
  );
  if (watch) {
    await Promise.all(contexts.map((each) => each.watch()));
    return async () => void (await Promise.all(contexts.map((each) => each.dispose())));
  }
  const results = await Promise.allSettled(contexts.map((each) => each.rebuild()));
  for (const name of Object.keys(bundles)) escapeRest(join(outdir, `${name}.js`));
  await Promise.all(contexts.map((each) => each.dispose()));
  if (results.some(({ status }) => status === "rejected")) throw new Error("The build failed.");
  if (production) for (const name of Object.keys(bundles)) rmSync(join(outdir, `${name}.js.map`), { force: true });
  writeNotices(
    outdir,
    results.map(({ value }) => value.metafile),
  );
}

/**
 * What esbuild leaves beyond ASCII stands in comments and regular expressions, where an escape means the same. One such character makes
 * V8 keep the whole source in two bytes for each: 10 MB for the server instead of 5.
 */
function escapeRest(file) {
  if (!existsSync(file)) return;
  const text = readFileSync(file, "utf8");
  const escaped = text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  if (escaped !== text) writeFileSync(file, escaped);
}

/** WebAssembly and data that the bundles look for beside themselves. */
async function copyAssets(outdir) {
  const parser = dirname(createRequire(import.meta.url).resolve("libpg-query"));
  for (const file of [
    join(parser, "libpg-query.wasm"),
    join(pgliteDirectory, "pglite.wasm"),
    join(pgliteDirectory, "pglite.data"),
    await ensureEmbeddedSnapshot(),
  ]) {
    copyFileSync(file, join(outdir, basename(file)));
    chmodSync(join(outdir, basename(file)), 0o644);
  }
}

/** The licence texts of every package that went into a bundle, and of what they hold themselves, as those licences ask. */
function writeNotices(outdir, metafiles) {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const bundled = inputs.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]).filter(Boolean);
  // Of the parser only the WebAssembly is taken.
  const packages = new Set([...bundled, "node_modules/libpg-query"]);
  const notices = [...packages].sort().map((path) => packageNotice(join(root, path)));
  for (const { file, title } of inner) notices.push(`${title}\n\n${licence(file)}`);
  writeFileSync(join(outdir, "THIRD-PARTY-NOTICES.txt"), `${notices.join(`\n\n${"-".repeat(80)}\n\n`)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const watch = process.argv.includes("--watch");
  try {
    await build({ production: process.argv.includes("--production"), watch });
    if (watch) process.stderr.write("› Watching for changes …\n");
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
