/** The files in which migration tools have their settings, for a chain: beside it or above, up to the workspace folder. */

import type { ConfigurationFile } from "../replay/flyway-placeholders.ts";
import { type MigrationTool, migrationTools } from "../syntax/migration-tools.ts";

/** Folders above that of a chain beyond this number are not asked. */
const mostFoldersAbove = 20;

export const noConfiguration: readonly ConfigurationFile[] = [];

/**
 * The settings of the tools: those of the nearest folder that has any. `known` is what was read before, and is given again where
 * nothing has changed.
 */
export async function readConfiguration(
  folder: string,
  workspaceFolders: readonly string[],
  tools: readonly MigrationTool[],
  readFile: (uri: string) => Promise<string | null>,
  known: readonly ConfigurationFile[] | undefined,
): Promise<readonly ConfigurationFile[]> {
  const names = tools.flatMap(({ configuration }) => configuration?.files ?? []);
  const top = workspaceFolders.find((each) => folder === each || folder.startsWith(`${each}/`)) ?? folder;
  for (let at = folder, depth = 0; names.length > 0 && depth < mostFoldersAbove; depth++) {
    const read = await Promise.all(
      names.map(async (name) => ({ name: nameOf(name), text: await readFile(`${at}/${name}`) })),
    );
    const found = read.flatMap(({ name, text }) => (text === null ? [] : [{ name, text }]));
    if (found.length > 0) return JSON.stringify(found) === JSON.stringify(known) ? (known ?? found) : found;
    if (at === top) break;
    at = at.slice(0, at.lastIndexOf("/"));
  }
  return noConfiguration;
}

const configurationNames: ReadonlySet<string> = new Set(
  migrationTools.flatMap(({ configuration }) => configuration?.files.map(nameOf) ?? []),
);

/** Whether a file is called as such settings are. */
export function isConfiguration(uri: string): boolean {
  return configurationNames.has(nameOf(uri));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
