/** `partition-lens lsp`: starts the language server in this process's place. */

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Command, type ExitCode, exitCodes, UsageError } from "../command.ts";

export const lspCommand: Command = {
  summary: "Starts the language server on standard input and output",
  usage: "lsp [--stdio]",
  options: { stdio: { type: "boolean" } },
  optionHelp: [["--stdio", "speak over standard input and output, which is the default"]],
  run: () => become(serverPath()),
};

/** Beside the bundle, or in the sources when the tool runs from them. */
function serverPath(): string {
  const candidates = ["./server.js", "../../lsp/main.ts"].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const path = candidates.find((candidate) => existsSync(candidate));
  if (path === undefined) throw new UsageError("the language server is missing beside the command line tool");
  return path;
}

function become(path: string): Promise<ExitCode> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [path, "--stdio"], { stdio: "inherit" });
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
    child.once("error", fail);
    child.once("close", (code) => done(code === 0 ? exitCodes.clean : exitCodes.couldNotRun));
  });
}
