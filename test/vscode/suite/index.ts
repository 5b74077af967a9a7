// The mocha suite's entry inside the extension host: VS Code calls `run`, whatever kind of VS Code it is.
import { appendFileSync, writeFileSync } from "node:fs";
import { format } from "node:util";

/** What the suite leaves behind; the runner takes its absence for a failure, whatever exit code VS Code reports. */
export type SuiteResult = { readonly passed: number; readonly failed: number; readonly pending: number };

/** Runs every test file that the bundle imports between mocha's `pre-require` and `run`. */
export async function run(): Promise<void> {
  const output = required("SUITE_OUTPUT");
  // Mocha is an ES module, which this bundle, being CommonJS, can only import so.
  const { default: Mocha } = await import("mocha");
  const mocha = new Mocha({ ui: "bdd", color: true, timeout: 240_000, reporter: "spec" });
  // Written at once and to a file: the console's last lines are lost when the extension host dies.
  Mocha.reporters.Base.consoleLog = (...parts: unknown[]) => appendFileSync(output, `${format(...parts)}\n`);
  mocha.suite.emit(Mocha.Suite.constants.EVENT_FILE_PRE_REQUIRE, globalThis, "suite", mocha);
  await import("./extension.ts");
  await import("./editing.ts");
  await import("./workspace-schema.ts");
  const failures = await new Promise<number>((done) => {
    const runner = mocha.run(done);
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes = 0, failures = 0, pending = 0 } = runner.stats ?? {};
      const result: SuiteResult = { passed: passes, failed: failures, pending };
      writeFileSync(required("SUITE_RESULT"), JSON.stringify(result));
    });
  });
  if (failures > 0) throw new Error(`${failures} tests failed`);
}

function required(variable: string): string {
  const value = process.env[variable];
  if (value === undefined) throw new Error(`The runner did not set ${variable}.`);
  return value;
}
