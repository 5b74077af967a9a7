/** Split … at a value…: asks for the value, checked against the partition's bounds while it is typed, and inserts the script. */

import * as vscode from "vscode";
import { commands, type SplitAtValueArguments } from "../../../server/src/lsp/protocol.ts";
import { notificationText, titleText } from "../../../server/src/text/foreign-text.ts";
import type { CommandContext } from "../command-table.ts";
import { writePlanned } from "./write-script.ts";

/** Answers whether the script was inserted. */
export async function splitAtValue({ server }: CommandContext, given?: unknown): Promise<boolean> {
  if (typeof given !== "object" || given === null) return false;
  const { proposal, ...request } = given as SplitAtValueArguments;
  const at = await vscode.window.showInputBox({
    title: titleText(`Split ${request.partition ?? request.table}`),
    prompt: "The first value of the upper part, as SQL writes it.",
    value: proposal,
    // The server says what is wrong with a value, in PostgreSQL's words where they are PostgreSQL's.
    validateInput: async (text) => {
      try {
        await server.execute(commands.generate, { ...request, at: text });
        return null;
      } catch (error) {
        return messageOf(error);
      }
    },
  });
  if (at === undefined) return false;
  return writePlanned(server, { ...request, at });
}

function messageOf(error: unknown): string {
  return notificationText(error instanceof Error ? error.message : String(error));
}
