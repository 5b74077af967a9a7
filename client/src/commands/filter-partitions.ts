/** Filter Partitions…: the tree shows only the tables and partitions whose name or bound holds a text. */

import * as vscode from "vscode";
import type { CommandContext } from "../command-table.ts";

/** Asks for the text, unless it is given. */
export async function filterPartitions({ tree }: CommandContext, given?: unknown): Promise<void> {
  const text =
    typeof given === "string"
      ? given
      : await vscode.window.showInputBox({
          title: "Filter Partitions",
          prompt: "A part of a name or a bound, such as 2024-06. Empty shows all.",
          value: tree.filter(),
        });
  if (text !== undefined) tree.setFilter(text);
}

export async function clearFilter({ tree }: CommandContext): Promise<void> {
  tree.setFilter("");
}
