/** Programs whose strings hold SQL: which are read, and when an editor is asked to send them. */

import type { Catalog } from "../catalog/catalog.ts";
import type { Settings } from "../config.ts";
import { embeddedSql } from "../syntax/embedded-sql/embedded-sql.ts";
import { hostLanguageOf, hostLanguages } from "../syntax/embedded-sql/host-languages.ts";
import type { AskedClient } from "./asked-client.ts";
import type { ClientFeatures } from "./client-features.ts";
import type { Configuration } from "./configuration.ts";
import { nextTurn } from "./turns.ts";
import type { WorkspaceFiles } from "./workspace-files.ts";

/** Folders of code that others wrote, or that a tool makes. */
const foreignFolder =
  /\/(?:node_modules|bower_components|vendor|\.venv|venv|site-packages|__pycache__|dist|build|out|target|obj|\.git|\.next|\.gradle)\//;

/**
 * How the SQL of a document is made; null for one that is SQL itself. A program that is not to be looked at holds none.
 *
 * @param language as the editor names it
 */
export function sqlMaker(settings: Settings, uri: string, language: string): ((program: string) => string) | null {
  const host = hostLanguageOf(language, uri);
  if (host === null) return null;
  const isWanted = settings["otherLanguages.enabled"] && !foreignFolder.test(uri);
  return isWanted ? (program) => embeddedSql(program, host) : () => "";
}

export interface OtherLanguages {
  /** Looks through the files of the workspace for a partitioned table. */
  readonly look: () => Promise<void>;
  /** A catalog that somebody has come to know: of an open file, or of a database. */
  readonly consider: (catalog: Catalog) => void;
}

export interface OtherLanguagesOptions {
  readonly client: Pick<AskedClient, "register">;
  readonly features: Pick<ClientFeatures, "registersDocuments">;
  readonly configuration: Pick<Configuration, "folders" | "settingsFor">;
  /** Whether people trust the workspace: in another only what is open counts. */
  readonly trusted: boolean;
  readonly disk: Pick<WorkspaceFiles, "findFiles" | "readFile">;
}

/** More files are not looked through. */
const mostFiles = 3_000;

/** What makes a table partitioned, in any scheme. */
const partitioning =
  /\bpartition\s+by\s+(?:range|list|hash)\b|\binherits\s*\(|\bcreate_(?:range|hash)_partitions\b|\bcreate_parent\b|\bcreate_distributed_table\b/i;

/** Asks for programs once, when there is a partitioned table for their queries to touch. */
export function createOtherLanguages(options: OtherLanguagesOptions): OtherLanguages {
  const { client, disk, trusted } = options;
  const { folders, settingsFor } = options.configuration;
  let registered = !options.features.registersDocuments;
  const isEnabled = (): boolean => ["", ...folders()].some((uri) => settingsFor(uri)["otherLanguages.enabled"]);

  const found = (): void => {
    if (registered || !isEnabled()) return;
    registered = true;
    const registrations = programFeatures.map(([method, more]) => ({
      id: `programs ${method}`,
      method,
      registerOptions: { documentSelector, ...more },
    }));
    client.register(registrations);
  };

  return {
    look: async () => {
      let left = mostFiles;
      for (const folder of trusted ? folders() : []) {
        if (registered || !isEnabled()) return;
        for (const uri of await disk.findFiles(folder, ["**/*.sql"])) {
          if (registered || left-- <= 0) return;
          const text = await disk.readFile(uri);
          if (text !== null && partitioning.test(text)) return found();
          await nextTurn();
        }
      }
    },
    consider: (catalog) => {
      if (!registered && hasPartitions(catalog)) found();
    },
  };
}

function hasPartitions({ relations }: Catalog): boolean {
  for (const [, { partitioning: key, children }] of relations.entries())
    if (key !== null || children.size > 0) return true;
  return false;
}

/** With their schemes: an editor has documents of other schemes, such as earlier versions, that nobody works on. */
const documentSelector = hostLanguages.flatMap(({ ids }) =>
  ids.flatMap((language) => ["file", "untitled", "vscode-vfs"].map((scheme) => ({ language, scheme }))),
);

/** At the end opening: then an editor sends all that is open, and may ask for the rest at once. */
const programFeatures: readonly (readonly [method: string, options: object])[] = [
  ["textDocument/didChange", { syncKind: 2 }],
  ["textDocument/didClose", {}],
  ["textDocument/didOpen", {}],
  ["textDocument/codeLens", { resolveProvider: true }],
  ["textDocument/hover", {}],
  [
    "textDocument/diagnostic",
    { identifier: "partition-lens", interFileDependencies: true, workspaceDiagnostics: false },
  ],
];
