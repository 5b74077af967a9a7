/** The view "Partitions": the partitioned tables of the workspace or the connected database, with what is missing on top. */

import * as vscode from "vscode";
import {
  notifications,
  requests,
  type SchemaTreeParams,
  type SchemaTreeResult,
  type SchemaTreeRow,
} from "../../../server/src/lsp/protocol.ts";
import { titleText } from "../../../server/src/text/foreign-text.ts";
import type { Server } from "../server-process.ts";
import { contextOf, iconOf, isProblem, stateOf } from "./tree-node.ts";

const viewId = "partitionLens.partitions";

/** So long nothing may change before the view asks again: nobody reads it while typing. */
const pauseMilliseconds = 400;

export interface PartitionTree extends vscode.Disposable {
  readonly filter: () => string;
  /** Shows only what holds the text; empty shows all again. */
  readonly setFilter: (text: string) => void;
}

export function createPartitionTree(server: Server): PartitionTree {
  const changed = new vscode.EventEmitter<undefined>();
  let filter = "";
  /** What is shown at the top; null until it has been asked for. */
  let top: SchemaTreeResult | null = null;
  /** Something happened while nobody saw the view. */
  let isStale = false;
  let timer: NodeJS.Timeout | undefined;

  const ask = (of: SchemaTreeParams["of"]): Promise<SchemaTreeResult> =>
    server.request<SchemaTreeResult>(requests.schemaTree, { of, filter } satisfies SchemaTreeParams);

  const show = (answer: SchemaTreeResult): void => {
    top = answer;
    view.badge =
      answer.problems === 0
        ? undefined
        : { value: answer.problems, tooltip: `${answer.problems} gaps, overlaps or missing remainders` };
    view.description = answer.label === null ? "" : titleText(answer.label);
    view.message =
      filter === "" ? "" : `${answer.rows.length === 0 ? "Nothing holds" : "Only what holds"} “${titleText(filter)}”`;
  };

  const provider: vscode.TreeDataProvider<SchemaTreeRow> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: (row) => treeItem(row, top?.rows.includes(row) === true ? top.rows.length : null),
    async getChildren(row) {
      if (row !== undefined) return row.children === null ? [] : [...(await ask(row.children)).rows];
      // Without a server there is no SQL to show: the view says what to do then.
      if (!server.isStarted()) return [];
      if (top === null) show(await ask(undefined));
      return [...(top?.rows ?? [])];
    },
  };
  const view = vscode.window.createTreeView(viewId, { treeDataProvider: provider, showCollapseAll: true });

  /** Draws the tree anew where it is another: else it stays as it is, with all that is open in it. */
  const refresh = async (): Promise<void> => {
    if (!view.visible) {
      isStale = true;
      return;
    }
    isStale = false;
    const before = top?.revision;
    // A server that is just stopping has nothing to say.
    const answer = await ask(undefined).catch(() => null);
    if (answer === null || answer.revision === before) return;
    show(answer);
    changed.fire(undefined);
  };
  const refreshSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void refresh(), pauseMilliseconds);
  };

  const listening = vscode.Disposable.from(
    changed,
    view,
    { dispose: () => clearTimeout(timer) },
    view.onDidChangeVisibility(({ visible }) => {
      if (visible && isStale) refreshSoon();
    }),
    // A file that is opened or closed may make tables of its own.
    vscode.workspace.onDidOpenTextDocument(refreshSoon),
    vscode.workspace.onDidCloseTextDocument(refreshSoon),
    server.onNotification(notifications.treeChanged, refreshSoon),
    server.onNotification(notifications.status, refreshSoon),
  );
  return {
    dispose: () => listening.dispose(),
    filter: () => filter,
    setFilter: (text) => {
      filter = text.trim();
      void vscode.commands.executeCommand("setContext", "partitionLens.filtered", filter !== "");
      top = null;
      changed.fire(undefined);
    },
  };
}

function treeItem(row: SchemaTreeRow, siblings: number | null): vscode.TreeItem {
  const states = {
    leaf: vscode.TreeItemCollapsibleState.None,
    open: vscode.TreeItemCollapsibleState.Expanded,
    closed: vscode.TreeItemCollapsibleState.Collapsed,
  };
  const item = new vscode.TreeItem(row.label, states[stateOf(row, siblings)]);
  item.id = row.id;
  item.description = row.description;
  item.tooltip = row.tooltip;
  item.iconPath = new vscode.ThemeIcon(
    iconOf(row),
    isProblem(row) ? new vscode.ThemeColor("list.warningForeground") : undefined,
  );
  item.contextValue = contextOf(row);
  item.accessibilityInformation = { label: `${row.kind}: ${row.label}, ${row.description}` };
  if (row.definition !== null) {
    item.command = {
      command: "partitionLens.revealDefinition",
      title: "Go to Definition",
      arguments: [row.definition, { preserveFocus: true }],
    };
  }
  return item;
}
