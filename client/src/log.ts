/** The one output channel, "Partition Lens": what the server says and what went wrong. */

import * as vscode from "vscode";

export type Log = vscode.LogOutputChannel;

/** Created once by the extension, which disposes of it. */
export function createLog(): Log {
  return vscode.window.createOutputChannel("Partition Lens", { log: true });
}
