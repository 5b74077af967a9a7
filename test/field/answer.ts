/** What the language server says of one file, as a text that people review: findings, survivors, tables. */

import type { Diagnostic } from "vscode-languageserver/node";
import type { CatalogResult, StatementSurvivors, SurvivorsResult } from "../../server/src/lsp/protocol.ts";
import type { TestClient } from "../lsp/client.ts";

/** The answers to one open file. */
export interface Answer {
  readonly diagnostics: readonly Diagnostic[];
  readonly survivors: readonly StatementSurvivors[];
  readonly relations: CatalogResult["relations"];
}

/** Asks for everything that a client with lenses and a tree would ask for. */
export async function askAbout(client: TestClient, uri: string): Promise<Answer> {
  const textDocument = { uri };
  const diagnostics = await client.diagnostics(uri);
  const { statements } = await client.request<SurvivorsResult>("partitionLens/survivors", { textDocument });
  const { relations } = await client.request<CatalogResult>("partitionLens/catalog", { textDocument });
  return { diagnostics, survivors: statements, relations };
}

/** Lines of the file are counted from 1, as editors show them. */
export function printAnswer({ diagnostics, survivors, relations }: Answer): string {
  const findings = diagnostics.map(
    ({ range, severity, code, message, data }) =>
      `${range.start.line + 1}: ${severityNames[severity ?? 1]} ${code} ${sqlstateOf(data)}${oneLine(message)}`,
  );
  const queries = survivors.flatMap(({ range, relations: read }) =>
    read.map((relation) => {
      const count = `${relation.survivors?.length ?? "?"} of ${relation.leaves.length}`;
      const names = relation.survivors?.map(unqualified).join(", ") ?? "unknown";
      const reason = relation.reason === undefined ? "" : ` · ${relation.reason}`;
      return `${range.start.line + 1}: ${relation.relation}: ${count} ${relation.certainty} ${relation.decided}: ${names}${reason}`;
    }),
  );
  // Keys and bounds of schemes that PostgreSQL does not know are ours alone: they stand in lines of their own.
  const tables = relations.flatMap(({ name, parent, key, bound, scheme }) => {
    const line = (parts: readonly (string | null)[]) => parts.filter((part) => part !== null).join(" ");
    const above = parent === null ? null : `(of ${parent})`;
    if (scheme === "declarative") return [line([name, key, bound, above])];
    return [line([name, above]), ...[key, bound].flatMap((what) => (what === null ? [] : [`  ${scheme}: ${what}`]))];
  });
  return [...section("findings", findings), ...section("survivors", queries), ...section("tables", tables)].join("\n");
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [`== ${title}: none`] : [`== ${title}`, ...lines];
}

const severityNames: Readonly<Record<number, string>> = { 1: "error", 2: "warning", 3: "information", 4: "hint" };

function sqlstateOf(data: unknown): string {
  const state = typeof data === "object" && data !== null && "sqlstate" in data ? data.sqlstate : undefined;
  return typeof state === "string" ? `${state} ` : "";
}

/** What is the matter, and what to do about it. */
function oneLine(message: Diagnostic["message"]): string {
  return messageText(message).replaceAll("\n", " ↵ ");
}

/** The text of a diagnostic's message. */
export function messageText(message: Diagnostic["message"]): string {
  return typeof message === "string" ? message : message.value;
}

export function unqualified(name: string): string {
  return name.slice(name.indexOf(".") + 1);
}
