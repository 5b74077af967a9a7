/** libpq's connection service files: named sets of connection parameters, `pg_service.conf`. */

import { homedir } from "node:os";
import { join } from "node:path";
import { readSmallFile } from "./small-file.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The parameters of a service; a string is what is wrong. Source: libpq's `parseServiceInfo` and `parseServiceFile`. */
export function readService(service: string, environment: Environment): ReadonlyMap<string, string> | string {
  for (const path of serviceFiles(environment)) {
    const found = readServiceFile(path, service);
    if (found !== null) return found;
  }
  return `definition of service "${service}" not found`;
}

/** The user's own file goes before that of the system. */
function serviceFiles(environment: Environment): readonly string[] {
  const own = environment["PGSERVICEFILE"] ?? ownFile(environment);
  const folders = [environment["PGSYSCONFDIR"], "/etc/postgresql-common", "/etc"];
  // libpq knows one folder, the one it was built with; these are what distributions build it with.
  const [named] = folders;
  const system = named === undefined ? folders.slice(1) : [named];
  return [own, ...system.map((folder) => join(folder ?? "", "pg_service.conf"))];
}

function ownFile(environment: Environment): string {
  return process.platform === "win32"
    ? join(environment["APPDATA"] ?? homedir(), "postgresql", ".pg_service.conf")
    : join(homedir(), ".pg_service.conf");
}

/** null where the file does not exist or has no such service. */
function readServiceFile(path: string, service: string): ReadonlyMap<string, string> | string | null {
  const text = readText(path);
  if (text === null) return null;
  let parameters: Map<string, string> | null = null;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const content = line.trim();
    if (content === "" || content.startsWith("#")) continue;
    if (content.startsWith("[")) {
      if (parameters !== null) return parameters;
      if (content.startsWith(`[${service}]`)) parameters = new Map();
      continue;
    }
    if (parameters === null) continue;
    const at = content.indexOf("=");
    const key = content.slice(0, Math.max(at, 0));
    // The line is not repeated: it may hold a password.
    if (at < 1 || !/^[a-z_]+$/.test(key)) return `syntax error in service file "${path}", line ${index + 1}`;
    if (key === "service")
      return `nested service specifications not supported in service file "${path}", line ${index + 1}`;
    if (!parameters.has(key)) parameters.set(key, content.slice(at + 1));
  }
  return parameters;
}

function readText(path: string): string | null {
  try {
    return readSmallFile(path);
  } catch {
    return null;
  }
}
