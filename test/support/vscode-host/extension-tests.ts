// Runs a test suite inside the extension host of the web workbench, as @vscode/test-electron does in the desktop's.
import { format } from "node:util";
import { openBrowser, startWorkbench } from "./workbench.ts";

export type ExtensionTestOptions = {
  readonly extensionDevelopmentPath: string;
  /** A CommonJS module whose `run()` resolves when all is well. */
  readonly extensionTestsPath: string;
  readonly workspace: string;
  /** Milliseconds after which a hanging suite counts as failed. */
  readonly timeout: number;
  /** Prints what the workbench says on its console. */
  readonly verbose: boolean;
};

/**
 * Returns the exit code that VS Code reports, or a reason for not having one.
 *
 * VS Code reports 0 even when the extension host was killed or left by `process.exit`. So 0 means nothing by itself: the
 * suite has to leave a result of its own, and whoever calls this has to look for it.
 */
export async function runExtensionTests(options: ExtensionTestOptions): Promise<number | string> {
  const workbench = await startWorkbench({ development: true });
  const browser = await openBrowser();
  let timer: NodeJS.Timeout | undefined;
  try {
    const { page } = browser;
    const outcome = new Promise<number | string>((done) => {
      page.once("crash", () => done("the browser's page crashed"));
      void workbench.ended.then((code) => done(`VS Code's server ended with ${code}`));
      timer = setTimeout(() => done(`the suite did not finish within ${options.timeout / 1000} s`), options.timeout);
      void page.exposeFunction("codeAutomationExit", done);
    });
    await page.exposeFunction("codeAutomationLog", (_type: string, parts: unknown[]) => {
      if (options.verbose) console.log(format(...parts));
    });
    await page.goto(
      workbench.address(options.workspace, [
        ["extensionDevelopmentPath", workbench.remote(options.extensionDevelopmentPath)],
        ["extensionTestsPath", workbench.remote(options.extensionTestsPath)],
        ["enableProposedApi", ""],
        ["skipWelcome", "true"],
      ]),
    );
    return await outcome;
  } finally {
    clearTimeout(timer);
    await browser.close();
    await workbench.stop();
  }
}
