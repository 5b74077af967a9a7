// The test command: every check of the project, one section each, closing with the sum of passed and failed checks.
// Usage: npm test [-- <stage> …]     stages: see below; without one, all of them run

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./toolchain.mjs";

/** How many checks a stage did; a stage without any has failed, for then nobody knows. */
/** @typedef {{ passed: number, failed: number }} Outcome */

const node = process.execPath;
const command = (name) => join(root, "node_modules", ".bin", name);
const results = join(root, ".cache", "test-results");

/**
 * In this order: what is quick and often wrong comes first, and what needs the package comes after it.
 *
 * @type {Record<string, { title: string, run: () => Promise<Outcome>, needsVSCode?: boolean }>}
 */
const stages = {
  types: { title: "Types (tsc)", run: () => check(command("tsc"), []) },
  lint: { title: "Lint and format (biome)", run: () => check(command("biome"), ["check", "--error-on-warnings"]) },
  generated: { title: "Generated files are up to date", run: () => check(node, ["scripts/generate.mjs", "--check"]) },
  package: { title: "Build and package", run: () => check(node, ["scripts/package.mjs"]) },
  unit: { title: "Everything outside VS Code (vitest)", run: () => vitest("unit", []) },
  grammar: { title: "Highlighting (vscode-tmgrammar-test)", run: grammar, needsVSCode: true },
  vscode: { title: "Inside VS Code (mocha in the extension host)", run: suite, needsVSCode: true },
  ui: {
    title: "User interface (Chromium)",
    run: () => vitest("ui", ["--config", "test/ui/vitest.config.mts"]),
    needsVSCode: true,
  },
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in stages));
if (unknown.length > 0) {
  process.stderr.write(`There is no stage ${unknown.join(", ")}; choose among ${Object.keys(stages).join(", ")}.\n`);
  process.exit(2);
}

const chosen = Object.entries(stages).filter(([name]) => wanted.length === 0 || wanted.includes(name));
// Installing VS Code and a browser mostly waits for the network, so it goes on beside the first stages.
const prepared = chosen.some(([, stage]) => stage.needsVSCode) ? prepareVSCode() : Promise.resolve();
const started = Date.now();
const summary = [];
for (const [name, { title, run, needsVSCode }] of chosen) {
  process.stdout.write(`\n── ${title} ${"─".repeat(Math.max(0, 74 - title.length))}\n`);
  if (needsVSCode) await prepared;
  const start = Date.now();
  const outcome = await run().catch((error) => {
    process.stdout.write(`${error?.stack ?? error}\n`);
    return { passed: 0, failed: 1 };
  });
  if (outcome.passed + outcome.failed === 0) {
    process.stdout.write("This stage ran no test.\n");
    outcome.failed = 1;
  }
  summary.push({ name, ...outcome, seconds: (Date.now() - start) / 1000 });
}

process.stdout.write(`\n── Summary (${Math.round((Date.now() - started) / 1000)} s) ${"─".repeat(60)}\n`);
for (const { name, passed, failed, seconds } of summary) {
  process.stdout.write(
    `${failed > 0 ? "✗" : "✓"} ${name.padEnd(10)} ${String(passed).padStart(6)} passed ${String(failed).padStart(4)} failed ${seconds.toFixed(1).padStart(8)} s\n`,
  );
}
const sum = (key) => summary.reduce((total, outcome) => total + outcome[key], 0);
process.stdout.write(`\n${sum("passed")} passed, ${sum("failed")} failed\n`);
process.exitCode = sum("failed") > 0 ? 1 : 0;

/** Runs a command in this terminal; resolves with its exit code. */
function execute(program, args, env = {}) {
  return new Promise((done, failed) => {
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", "inherit", "inherit"],
      shell: process.platform === "win32" && program !== node,
    });
    child.once("error", failed);
    child.once("close", (code, signal) => done(code ?? signal));
  });
}

/** A command that counts as one check. */
async function check(program, args) {
  const passed = (await execute(program, args)) === 0;
  if (passed) process.stdout.write("OK\n");
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1 };
}

async function vitest(name, args) {
  const report = join(results, `${name}.json`);
  mkdirSync(results, { recursive: true });
  rmSync(report, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const code = await execute(command("vitest"), ["run", ...args, ...reporters]);
  if (!existsSync(report)) throw new Error(`vitest ended with ${code} and left no report.`);
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, "utf8"));
  // A test that is skipped checks nothing; a file that cannot be loaded fails without a failed test.
  const failed = numFailedTests + numPendingTests + numTodoTests;
  return { passed: numPassedTests, failed: Math.max(failed, code === 0 ? 0 : 1) };
}

async function grammar() {
  // VS Code's own SQL grammar, into which ours is injected as the manifest says.
  const { prepareServer } = await import("../test/support/vscode-host/prepare.ts");
  const { directory } = await prepareServer();
  const base = join(directory, "extensions", "sql", "syntaxes", "sql.tmLanguage.json");
  const report = join(results, "grammar");
  rmSync(report, { recursive: true, force: true });
  const args = ["--config", "package.json", "--grammar", base, "--xunit-report", report, "test/grammar/*.sql"];
  const code = await execute(command("vscode-tmgrammar-test"), args);
  const suites = readdirSync(report).map((file) => readFileSync(join(report, file), "utf8"));
  const count = (what) =>
    suites.reduce((sum, xml) => sum + Number(new RegExp(`\\b${what}="(\\d+)"`).exec(xml)?.[1]), 0);
  const failed = count("failures") + count("errors");
  return { passed: count("tests") - failed, failed: Math.max(failed, code === 0 ? 0 : 1) };
}

async function suite() {
  const { runVSCodeSuite } = await import("../test/vscode/run.ts");
  const outcome = await runVSCodeSuite();
  if (typeof outcome === "string") throw new Error(outcome);
  return { passed: outcome.passed, failed: outcome.failed + outcome.pending };
}

/** Never rejects: the stages that need VS Code say what is missing. */
async function prepareVSCode() {
  try {
    const { prepareBrowser, prepareCompiler, prepareServer } = await import("../test/support/vscode-host/prepare.ts");
    await prepareBrowser();
    await prepareCompiler();
    await prepareServer();
  } catch (error) {
    process.stdout.write(`${error?.message ?? error}\n`);
  }
}
