// Runs one of the project's commands with a new enough Node.js and installed dependencies: every npm script starts here.
// Usage: node scripts/with-toolchain.mjs <script.mjs | script.ts | command of a dependency> [arguments]

import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ensureDependencies, ensureNode, putFirstOnPath, root, ToolchainError } from "./toolchain.mjs";

const [target, ...args] = process.argv.slice(2);
try {
  if (target === undefined)
    throw new ToolchainError("Usage: node scripts/with-toolchain.mjs <script or command> [arguments]");
  const node = await ensureNode();
  putFirstOnPath(node);
  if (node !== process.execPath) {
    await become(node, [fileURLToPath(import.meta.url), target, ...args]);
  } else {
    await ensureDependencies();
    await start(target, args);
  }
} catch (error) {
  process.stderr.write(`${error instanceof ToolchainError ? error.message : (error?.stack ?? error)}\n`);
  process.exitCode = 1;
}

/** A script of the project runs in this process; a dependency's command gets its own. */
async function start(target, args) {
  if (/\.(mjs|ts)$/.test(target)) {
    const script = resolve(root, target);
    process.argv.splice(1, process.argv.length, script, ...args);
    await import(pathToFileURL(script).href);
  } else {
    await become(join(root, "node_modules", ".bin", target), args);
  }
}

/** Runs the command in this process's place: same terminal, same signals, same exit code. */
function become(command, args) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      stdio: "inherit",
      shell: process.platform === "win32" && !command.endsWith(".exe"),
    });
    // A terminal sends Ctrl+C to the child as well, which decides how to end; we only wait for it.
    process.on("SIGINT", () => {});
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    child.once("error", fail);
    child.once("close", (code) => {
      process.exitCode = code ?? 1;
      done();
    });
  });
}
