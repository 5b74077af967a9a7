/** What the status bar says about where the verdicts come from, and the schema. */

import type { SchemaSourceResult, StatusParams } from "../../../server/src/lsp/protocol.ts";
import { markdownText, titleText } from "../../../server/src/text/foreign-text.ts";

export interface StatusModel {
  readonly text: string;
  /** Markdown. */
  readonly tooltip: string;
  readonly severity: "normal" | "error";
}

/** More unknown tables are only counted. */
const mostNames = 3;

/** `null` until the server has said anything; `schema` is that of the file in the editor. */
export function statusModel(status: StatusParams | null, schema: SchemaSourceResult | null = null): StatusModel {
  if (status === null) {
    return { text: "$(sync~spin) Partition Lens", tooltip: "Partition Lens is starting.", severity: "normal" };
  }
  const failed = status.state === "failed";
  return {
    text: `${icon(status)} ${[...sourceWords(status, schema), ...schemaWords(status, schema)].map(titleText).join(" · ")}`,
    tooltip: [
      `**Partition Lens** · ${sourceSentence(status)}`,
      ...schemaSentences(schema).map(markdownText),
      ...(status.message === null ? [] : [markdownText(status.message)]),
      failed ? "Select to see the log or to choose another source." : "Select to connect, or to choose another source.",
    ].join("\n\n"),
    severity: failed ? "error" : "normal",
  };
}

/** The status bar gives an item less than half of its width: where the schema comes from says more than that nobody is connected. */
function sourceWords(status: StatusParams, schema: SchemaSourceResult | null): readonly string[] {
  const isTold = status.source !== "connected" && status.state === "ready" && schema?.label != null;
  return isTold ? [] : [status.label];
}

function schemaWords(status: StatusParams, schema: SchemaSourceResult | null): readonly string[] {
  if (schema === null) return [];
  const { label, unknown, choices } = schema;
  return [
    ...(label === null ? [] : [status.source === "connected" ? label : `schema from ${label}`]),
    ...(label === null && choices.length > 0 ? ["which schema?"] : []),
    ...(unknown.length === 0 ? [] : [`unknown: ${named(unknown)}`]),
  ];
}

function schemaSentences(schema: SchemaSourceResult | null): readonly string[] {
  if (schema === null) return [];
  const { label, unknown, choices } = schema;
  const wayOut =
    choices.length > 0
      ? "Select to pick the schema that this file is for."
      : "Settings that name it: partitionLens.schema.migrations, partitionLens.schema.files.";
  return [
    ...(label === null ? [] : [`This file creates none of the tables it uses: it starts from the end of ${label}.`]),
    ...(unknown.length === 0 ? [] : [`Nothing of the workspace creates ${named(unknown)}. ${wayOut}`]),
  ];
}

function named(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).join(", ");
  return names.length > mostNames ? `${shown} and ${names.length - mostNames} more` : shown;
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
