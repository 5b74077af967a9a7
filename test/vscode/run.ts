// Runs the mocha suite in a real extension host: desktop VS Code where there is one, VS Code's web server elsewhere.
// Usage: node test/vscode/run.ts [--grep pattern]; VSCODE_EXECUTABLE names a desktop VS Code to use.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { downloadAndUnzipVSCode, runTests } from "@vscode/test-electron";
import { build } from "esbuild";
import { say, toolsDirectory } from "../../scripts/toolchain.mjs";
import type { SuiteResult } from "./suite/index.ts";

const root = resolve(import.meta.dirname, "../..");
const webHost = join(root, "test/support/vscode-host/code-host.mjs");

/** Prints the suite's output as it comes; returns its result, or why there is none. */
export async function runVSCodeSuite(): Promise<SuiteResult | string> {
  if (!existsSync(join(root, "dist/extension.js"))) return "dist/extension.js is missing: run `npm run build` first";
  const vscodeExecutablePath = await executable();
  const directory = mkdtempSync(join(tmpdir(), "partition-lens-suite-"));
  const workspace = join(directory, "sample");
  const output = join(directory, "output.txt");
  const result = join(directory, "result.json");
  cpSync(join(root, "sample"), workspace, { recursive: true });
  const stopPrinting = printAsItGrows(output);
  try {
    await runTests({
      vscodeExecutablePath,
      extensionDevelopmentPath: root,
      extensionTestsPath: await bundleSuite(),
      extensionTestsEnv: { SUITE_OUTPUT: output, SUITE_RESULT: result },
      launchArgs: [
        workspace,
        "--disable-extensions",
        "--disable-workspace-trust",
        `--user-data-dir=${join(directory, "user")}`,
      ],
    });
  } catch (error) {
    // A failed test ends VS Code with 1, which the result explains better.
    if (!existsSync(result))
      return `The suite left no result: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    stopPrinting();
  }
  try {
    if (!existsSync(result)) return "The extension host went away before the suite had finished.";
    return JSON.parse(readFileSync(result, "utf8")) as SuiteResult;
  } finally {
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A desktop VS Code needs a display and, unless one is named, a download; what stands in for it needs neither. */
async function executable(): Promise<string> {
  const named = process.env["VSCODE_EXECUTABLE"];
  if (named !== undefined && named !== "") return named;
  const hasDisplay = process.platform !== "linux" || Boolean(process.env["DISPLAY"] ?? process.env["WAYLAND_DISPLAY"]);
  if (!hasDisplay) return webHost;
  try {
    return await downloadAndUnzipVSCode({ cachePath: join(toolsDirectory, "vscode-test") });
  } catch (error) {
    say(
      `VS Code cannot be downloaded (${error instanceof Error ? error.message : error}): using VS Code's web server.`,
    );
    return webHost;
  }
}

function printAsItGrows(file: string): () => void {
  let printed = 0;
  const print = () => {
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    process.stdout.write(text.slice(printed));
    printed = text.length;
  };
  const timer = setInterval(print, 200);
  return () => {
    clearInterval(timer);
    print();
  };
}

async function bundleSuite(): Promise<string> {
  const outfile = join(root, ".cache/vscode-suite/index.js");
  mkdirSync(join(root, ".cache/vscode-suite"), { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: ["test/vscode/suite/index.ts"],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    sourcemap: "inline",
    external: ["vscode", "mocha"],
    logLevel: "warning",
  });
  return outfile;
}

if (process.argv[1] === import.meta.filename) {
  const outcome = await runVSCodeSuite();
  if (typeof outcome === "string") process.stderr.write(`${outcome}\n`);
  else process.stdout.write(`${outcome.passed} passed, ${outcome.failed} failed\n`);
  process.exitCode = typeof outcome === "string" || outcome.failed > 0 ? 1 : 0;
}
