// Opens VS Code with the extension under development on the sample workspace; Ctrl+C stops everything it started.
// Usage: npm start [-- --web]

import { spawn } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "../esbuild.mjs";
import { createPackage, vsix } from "./package.mjs";
import { isOnPath, root, say } from "./toolchain.mjs";

const firstFile = "access_logs.sql";

// A copy is opened: playing with the sample leaves the repository as it is.
const home = join(root, ".cache", "start");
const sample = join(home, "sample");
rmSync(sample, { recursive: true, force: true });
cpSync(join(root, "sample"), sample, { recursive: true });

if (isOnPath("code") && !process.argv.includes("--web")) await openDesktop();
else await openWeb();

/** A profile of its own keeps the user's settings and other extensions out of the picture. */
async function openDesktop() {
  say("Building the extension …");
  await build();
  const args = [
    ...["--new-window", "--user-data-dir", join(home, "profile"), "--disable-workspace-trust", "--disable-extensions"],
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    ...[`--extensionDevelopmentPath=${root}`, sample, join(sample, firstFile)],
  ];
  const code = spawn("code", args, { stdio: "inherit", shell: process.platform === "win32" });
  say("VS Code is opening; close its window when you are done. (`npm start -- --web` uses the browser instead.)");
  await new Promise((done) => code.once("close", done));
}

/** The packaged extension is installed: the switch by which a web VS Code takes one from its sources hides all notifications. */
async function openWeb() {
  say("Building and packaging the extension …");
  await createPackage();
  const { startWorkbench } = await import("../test/support/vscode-host/workbench.ts");
  const workbench = await startWorkbench({ vsix, port: Number(process.env["PORT"] ?? 0) });
  const address = workbench.address(sample, [["openFile", workbench.remote(join(sample, firstFile))]]);
  process.stdout.write(`\nVS Code is open at\n\n  ${address}\n\nCtrl+C stops it.\n`);
  const browser = openBrowser(address);
  await new Promise((done) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, done);
    void workbench.ended.then(done);
  });
  browser?.kill();
  await workbench.stop();
}

/** Shows the address where there is a screen to show it on. */
function openBrowser(address) {
  const onLinux = process.platform === "linux";
  if (onLinux && !process.env["DISPLAY"] && !process.env["WAYLAND_DISPLAY"]) return undefined;
  const opener = { darwin: "open", win32: "explorer" }[process.platform];
  const candidates = opener === undefined ? ["xdg-open", "chromium", "google-chrome", "firefox"] : [opener];
  const found = candidates.find(isOnPath);
  if (found === undefined) return undefined;
  // Chromium refuses to run as root inside its sandbox.
  const asRoot = process.getuid?.() === 0 && /chrom/.test(found);
  const args = asRoot ? ["--no-sandbox", `--user-data-dir=${join(home, "browser")}`] : [];
  return spawn(found, [...args, address], { stdio: "ignore" }).on("error", () => {});
}
