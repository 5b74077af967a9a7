// Packages the extension: one VSIX for every platform, with everything inside; nothing is downloaded after installation.
// Usage: npm run package

import { readFileSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createVSIX } from "@vscode/vsce";
import { root } from "./toolchain.mjs";

const { name, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** Where the package is written. */
export const vsix = join(root, `${name}-${version}.vsix`);

/** Builds for production (vsce runs `vscode:prepublish`), packages, and lists what is inside. */
export async function createPackage() {
  rmSync(vsix, { force: true });
  await createVSIX({
    cwd: root,
    packagePath: vsix,
    // They are inside the bundles.
    dependencies: false,
    // There is no public repository yet that the README's images could be taken from.
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
  process.stdout.write(`${basename(vsix)}: ${(statSync(vsix).size / 1e6).toFixed(1)} MB\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await createPackage();
