/** What a click on a lens shows: the partitions that survive and those pruned, or a table's partitions. */

import * as vscode from "vscode";
import {
  commands,
  type DefinitionPlace,
  type MapArguments,
  type PartitionTreeNode,
  type PruningAnswer,
  type PruningArguments,
} from "../../../server/src/lsp/protocol.ts";
import { titleText } from "../../../server/src/text/foreign-text.ts";
import type { CommandContext } from "../command-table.ts";
import { revealDefinition } from "./reveal-definition.ts";

interface PartitionItem extends vscode.QuickPickItem {
  readonly definition: DefinitionPlace | null;
}

export async function showPruning(context: CommandContext, given?: unknown): Promise<PruningAnswer | null> {
  if (given === undefined) return null;
  const answer = await context.server.execute<PruningAnswer>(commands.showPruning, given as PruningArguments);
  await pick(context, answer.title, answer.relations.flatMap(pruningItems));
  return answer;
}

export async function showPartitions(context: CommandContext, given?: unknown): Promise<PartitionTreeNode | null> {
  if (given === undefined) return null;
  const node = await context.server.execute<PartitionTreeNode | null>(commands.showPartitions, given as MapArguments);
  if (node !== null)
    await pick(
      context,
      `${node.label} · ${node.description}`,
      node.children.flatMap((child) => nodeItems(child, "")),
    );
  return node;
}

function pruningItems(relation: PruningAnswer["relations"][number]): PartitionItem[] {
  const survivors = relation.partitions.filter(({ survives }) => survives !== false);
  const pruned = relation.partitions.filter(({ survives }) => survives === false);
  return [
    separator(`${relation.relation}: ${survivors.length} of ${relation.partitions.length} scanned`),
    ...survivors.map(({ name, bound, survives, definition }) => ({
      label: `$(${survives === null ? "question" : "check"}) ${titleText(name)}`,
      description: titleText(bound),
      definition,
    })),
    ...(pruned.length === 0 ? [] : [separator(`${pruned.length} pruned`)]),
    ...pruned.map(({ name, bound, definition }) => ({
      label: `$(circle-slash) ${titleText(name)}`,
      description: titleText(bound),
      definition,
    })),
  ];
}

function nodeItems(node: PartitionTreeNode, indent: string): PartitionItem[] {
  const icon =
    node.kind === "gap" || node.kind === "overlap" || node.kind === "missing-remainder" ? "warning" : "table";
  return [
    {
      label: `${indent}$(${icon}) ${titleText(node.label)}`,
      description: titleText(node.description),
      definition: node.definition,
    },
    ...node.children.flatMap((child) => nodeItems(child, `${indent}    `)),
  ];
}

async function pick(context: CommandContext, title: string, items: readonly PartitionItem[]): Promise<void> {
  const picked = await vscode.window.showQuickPick(items, { title: titleText(title), matchOnDescription: true });
  if (picked !== undefined) await revealDefinition(context, picked.definition);
}

function separator(label: string): PartitionItem {
  return { label: titleText(label), kind: vscode.QuickPickItemKind.Separator, definition: null };
}
