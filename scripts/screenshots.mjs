// Renews the README's pictures: packages the extension, runs the UI tests, and takes over some of their screenshots.
// Usage: npm run screenshots

import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { root, say } from "./toolchain.mjs";

/** Names as the UI tests give them. */
const pictures = [
  "queries",
  "query-hover",
  "overlap-fixes",
  "range-rel",
  "connected-overlap",
  "tree-gap",
  "rehearsal",
  "guide",
  "pathman",
];

const tests = spawnSync(process.execPath, ["scripts/test.mjs", "package", "ui"], { cwd: root, stdio: "inherit" });
const target = join(root, "docs/images");
mkdirSync(target, { recursive: true });
for (const name of pictures) {
  const picture = join(root, ".cache/screenshots", `${name}.png`);
  if (!existsSync(picture)) throw new Error(`The UI tests took no screenshot named ${name}.`);
  copyFileSync(picture, join(target, `${name}.png`));
}
say("docs/images is up to date: look at the pictures before you commit them.");
process.exitCode = tests.status ?? 1;
