/** What the status bar says about where the verdicts come from. */

import type { StatusParams } from "../../../server/src/lsp/protocol.ts";
import { markdownText, titleText } from "../../../server/src/text/foreign-text.ts";

export interface StatusModel {
  readonly text: string;
  /** Markdown. */
  readonly tooltip: string;
  readonly severity: "normal" | "error";
}

/** `null` until the server has said anything. */
export function statusModel(status: StatusParams | null): StatusModel {
  if (status === null) {
    return { text: "$(sync~spin) Partition Lens", tooltip: "Partition Lens is starting.", severity: "normal" };
  }
  const failed = status.state === "failed";
  return {
    text: `${icon(status)} ${titleText(status.label)}`,
    tooltip: [
      `**Partition Lens** · ${sourceSentence(status)}`,
      ...(status.message === null ? [] : [markdownText(status.message)]),
      failed ? "Select to see the log or to choose another source." : "Select to choose where verdicts come from.",
    ].join("\n\n"),
    severity: failed ? "error" : "normal",
  };
}

function icon({ source, state }: StatusParams): string {
  if (state === "starting") return "$(sync~spin)";
  if (state === "failed") return "$(warning)";
  switch (source) {
    case "file":
      return "$(file-code)";
    case "embedded":
      return "$(beaker)";
    case "connected":
      return "$(database)";
  }
}

function sourceSentence({ source, label }: StatusParams): string {
  switch (source) {
    case "file":
      return "pruning is predicted from the SQL files alone";
    case "embedded":
      return `${markdownText(label)} plans the queries; it knows the tables that your files create`;
    case "connected":
      return `${markdownText(label)} plans the queries, read-only`;
  }
}
