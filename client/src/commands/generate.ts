/** Generate: opens the script of an operation that is said in full; it never runs one. */

import * as vscode from "vscode";
import { commands, type GenerateArguments, type GenerateResult } from "../../../server/src/lsp/protocol.ts";
import { notificationText } from "../../../server/src/text/foreign-text.ts";
import type { CommandContext } from "../command-table.ts";
import { writeUntitled } from "./write-script.ts";

/** Given the arguments, opens the script in an untitled document and answers it. */
export async function generate(context: CommandContext, given?: unknown): Promise<GenerateResult | null> {
  const request = requestOf(given);
  if (request === null) return null;
  try {
    const result = await context.server.execute<GenerateResult>(commands.generate, request);
    await writeUntitled(result.sql);
    return result;
  } catch (error) {
    void vscode.window.showErrorMessage(notificationText(error instanceof Error ? error.message : String(error)));
    return null;
  }
}

function requestOf(given: unknown): GenerateArguments | null {
  if (typeof given !== "object" || given === null) return null;
  return "operation" in given && "table" in given ? (given as GenerateArguments) : null;
}
