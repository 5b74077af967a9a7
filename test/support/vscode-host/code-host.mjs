#!/usr/bin/env node
// Stands in for a VS Code executable: takes the arguments that @vscode/test-electron gives one, runs them in the web workbench.
import { runExtensionTests } from "./extension-tests.ts";

const args = process.argv.slice(2);
const option = (name) => args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
const outcome = await runExtensionTests({
  extensionDevelopmentPath: option("extensionDevelopmentPath"),
  extensionTestsPath: option("extensionTestsPath"),
  workspace: args.find((arg) => !arg.startsWith("-")),
  timeout: Number(process.env["SUITE_TIMEOUT"] ?? 900_000),
  verbose: process.env["SUITE_VERBOSE"] !== undefined,
});
if (outcome !== 0) console.error(`The extension's tests failed: ${outcome}`);
process.exitCode = typeof outcome === "number" ? outcome : 70;
