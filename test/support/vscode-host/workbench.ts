// Runs VS Code without Electron: its web server with the real Node extension host, and its workbench in Chromium.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { prepareBrowser, prepareServer } from "./prepare.ts";

/** A running VS Code server with its own empty profile. */
export type Workbench = {
  /** Address of the workbench showing a folder; `payload` are VS Code's own start parameters. */
  address(folder: string, payload?: readonly (readonly [key: string, path: string])[]): string;
  /** How a file of this machine is called in a payload. */
  remote(path: string): string;
  /** Directory of the profile and the log files; gone after `stop`. */
  readonly directory: string;
  /** Settles with the exit code when the server ends. */
  readonly ended: Promise<number | null>;
  stop(): Promise<void>;
};

export type WorkbenchOptions = {
  /** Port to listen on at 127.0.0.1; any free one by default. */
  readonly port?: number | undefined;
  /** User settings, beside those that keep VS Code quiet. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  /** Environment variables that reach the extension host and its children. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** A packaged extension to install. */
  readonly vsix?: string | undefined;
  /** Lets payloads name an extension under development and its tests, which a built VS Code ignores otherwise. */
  readonly development?: boolean | undefined;
};

/** No tips, news, recommendations, chat or updates between the test and the extension. */
const quietSettings = {
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "telemetry.telemetryLevel": "off",
  "chat.disableAIFeatures": true,
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "git.enabled": false,
};

/** Starts the server; ready in half a second, once it is installed. */
export async function startWorkbench(options: WorkbenchOptions = {}): Promise<Workbench> {
  const { node, directory: server } = await prepareServer();
  const directory = mkdtempSync(join(tmpdir(), "partition-lens-vscode-"));
  mkdirSync(join(directory, "user/User"), { recursive: true });
  mkdirSync(join(directory, "extensions"));
  writeFileSync(
    join(directory, "user/User/settings.json"),
    JSON.stringify({ ...quietSettings, ...options.settings }, null, 2),
  );
  const child = spawn(
    node,
    [
      join(server, "out/server-main.js"),
      ...["--host", "127.0.0.1", "--port", String(options.port ?? 0)],
      ...["--without-connection-token", "--accept-server-license-terms", "--telemetry-level", "off"],
      ...["--disable-workspace-trust", "--disable-experiments"],
      ...["--server-data-dir", join(directory, "server"), "--user-data-dir", join(directory, "user")],
      ...["--extensions-dir", join(directory, "extensions")],
      ...(options.development ? ["--enable-smoke-test-driver"] : []),
      ...(options.vsix === undefined ? [] : ["--install-extension", options.vsix, "--start-server"]),
    ],
    { env: { ...cleanEnvironment(), ...options.environment }, stdio: ["ignore", "pipe", "pipe"] },
  );
  const ended = new Promise<number | null>((done) => child.once("exit", done));
  const stop = async () => {
    await end(child);
    rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  };
  try {
    const port = await listeningPort(child);
    const remote = (path: string) => `vscode-remote://127.0.0.1:${port}${path}`;
    const address = (folder: string, payload: readonly (readonly [string, string])[] = []) =>
      `http://127.0.0.1:${port}/?folder=${encodeURI(folder)}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
    return { address, remote, directory, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A headless Chromium with a fresh profile and one page. */
export async function openBrowser(
  size = { width: 1280, height: 800 },
): Promise<{ readonly page: Page; close(): Promise<void> }> {
  const executablePath = await prepareBrowser();
  const profile = mkdtempSync(join(tmpdir(), "partition-lens-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    viewport: size,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  const [page = await context.newPage()] = context.pages();
  // A busy machine may take a minute over what takes a second on a quiet one; nothing here is about time.
  page.setDefaultTimeout(150_000);
  const close = async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  };
  return { page, close };
}

function listeningPort(server: ChildProcess): Promise<number> {
  return new Promise((found, failed) => {
    let log = "";
    const read = (chunk: Buffer) => {
      log += chunk;
      const port = /Extension host agent listening on (\d+)/.exec(log)?.[1];
      if (port !== undefined) found(Number(port));
    };
    server.stdout?.on("data", read);
    server.stderr?.on("data", read);
    server.once("error", failed);
    server.once("exit", (code) => failed(new Error(`VS Code's server ended with ${code} at its start:\n${log}`)));
  });
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    const gone = new Promise((done) => server.once("exit", done));
    server.kill("SIGTERM");
    const force = setTimeout(() => server.kill("SIGKILL"), 5000);
    await gone;
    clearTimeout(force);
  }
  // VS Code's file watcher outlives the server for some seconds and would keep these pipes, and with them us, alive.
  server.stdout?.destroy();
  server.stderr?.destroy();
}

/** What a surrounding VS Code, test runner or PostgreSQL client set up must not steer this one. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const isForeign = (name: string) => /^(VSCODE_|ELECTRON_|PG|VITEST|NODE_OPTIONS$|DATABASE_URL$)/.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isForeign(name)));
}
