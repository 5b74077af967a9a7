/** Reads the files in which connections are described: `.env` of the workspace folders, and libpq's service files. */

import * as os from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";
import { type DiscoveredConnection, dotenvConnections, serviceConnections } from "./discover.ts";

/** Read anew each time somebody connects, so that what was changed counts. Asked for in trusted workspaces alone. */
export async function connectionsInFiles(): Promise<readonly DiscoveredConnection[]> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const inFolders = folders.map(async ({ uri, name }) => {
    const text = await textOf(vscode.Uri.joinPath(uri, ".env"));
    return dotenvConnections(text, folders.length > 1 ? `${name}/.env` : ".env");
  });
  const services = serviceFiles().map(async (file) => serviceConnections(await textOf(file), path.basename(file.path)));
  const found = (await Promise.all([...inFolders, ...services])).flat();
  // The user's own service goes before the system's of the same name; one place may be connected to in several ways.
  const keyOf = ({ profile }: DiscoveredConnection): string => `${profile.name} ${profile.connectionString}`;
  return found.filter((each, index) => found.findIndex((other) => keyOf(other) === keyOf(each)) === index);
}

function serviceFiles(): readonly vscode.Uri[] {
  const { PGSERVICEFILE: named, PGSYSCONFDIR: system, APPDATA: data } = process.env;
  const own =
    process.platform === "win32"
      ? path.join(data ?? os.homedir(), "postgresql", ".pg_service.conf")
      : path.join(os.homedir(), ".pg_service.conf");
  const paths = [named ?? own, ...(system === undefined ? [] : [path.join(system, "pg_service.conf")])];
  return paths.map((each) => vscode.Uri.file(each));
}

/** Empty where there is no such file. */
async function textOf(file: vscode.Uri): Promise<string> {
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
  } catch {
    return "";
  }
}
