/** The view "Partitions": the partitioned tables of the file in the editor, with what is missing between partitions. */

import * as vscode from "vscode";
import {
  notifications,
  type PartitionTreeParams,
  type PartitionTreeResult,
  requests,
  type TreeChangedParams,
} from "../../../server/src/lsp/protocol.ts";
import type { Server } from "../server-process.ts";
import { isSql } from "../settings.ts";
import { childrenOf, iconOf, type ViewNode } from "./tree-node.ts";

const viewId = "partitionLens.partitions";

export function createPartitionTree(server: Server): vscode.Disposable {
  const changed = new vscode.EventEmitter<undefined>();
  let shown = currentDocument();
  const provider: vscode.TreeDataProvider<ViewNode> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: treeItem,
    async getChildren(node) {
      if (node !== undefined) return [...childrenOf(node)];
      if (shown === undefined) return [];
      const params: PartitionTreeParams = { textDocument: { uri: server.toServerUri(shown.uri) } };
      const { roots } = await server.request<PartitionTreeResult>(requests.partitionTree, params);
      const problems = roots.reduce((sum, root) => sum + root.problems, 0);
      view.badge = problems === 0 ? undefined : { value: problems, tooltip: `${problems} gaps or overlaps` };
      return [...roots];
    },
  };
  const view = vscode.window.createTreeView(viewId, { treeDataProvider: provider, showCollapseAll: true });
  return vscode.Disposable.from(
    changed,
    view,
    vscode.window.onDidChangeActiveTextEditor(() => {
      const next = currentDocument();
      if (next === undefined || next === shown) return;
      shown = next;
      changed.fire(undefined);
    }),
    server.onNotification(notifications.treeChanged, ({ uri }: TreeChangedParams) => {
      if (shown !== undefined && server.toServerUri(shown.uri) === uri) changed.fire(undefined);
    }),
  );
}

function currentDocument(): vscode.TextDocument | undefined {
  const document = vscode.window.activeTextEditor?.document;
  return document !== undefined && isSql(document) ? document : undefined;
}

function treeItem(node: ViewNode): vscode.TreeItem {
  const state = vscode.TreeItemCollapsibleState;
  const collapsible =
    node.children.length === 0 ? state.None : node.kind === "table" ? state.Expanded : state.Collapsed;
  const item = new vscode.TreeItem(node.label, collapsible);
  item.id = node.id;
  item.description = node.description;
  item.iconPath = new vscode.ThemeIcon(iconOf(node), iconColor(node));
  item.contextValue = node.kind;
  item.accessibilityInformation = { label: `${node.kind}: ${node.label}, ${node.description}` };
  if (node.kind !== "run") {
    item.tooltip = node.tooltip;
    if (node.generate !== undefined) item.contextValue = `${node.kind} generate`;
    if (node.definition !== null) {
      item.command = {
        command: "partitionLens.revealDefinition",
        title: "Go to Definition",
        arguments: [node.definition],
      };
    }
  }
  return item;
}

function iconColor(node: ViewNode): vscode.ThemeColor | undefined {
  return node.kind === "gap" || node.kind === "overlap" || node.kind === "missing-remainder"
    ? new vscode.ThemeColor("list.warningForeground")
    : undefined;
}
