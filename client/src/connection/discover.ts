/** Finds connections that this machine and the workspace already describe: offered, never opened by themselves. */

import { type ConnectionProfile, environmentProfile, readConnectionString } from "./profile.ts";

/** A connection to offer. */
export interface DiscoveredConnection {
  readonly profile: ConnectionProfile;
  /** Where it was found. */
  readonly description: string;
  /** What stood there; it is no part of what is remembered or shown. */
  readonly password: string | null;
}

const telling = ["PGHOST", "PGHOSTADDR", "PGDATABASE", "PGSERVICE", "PGUSER", "PGPORT"] as const;

/** More of one file are not offered. */
const mostOfFile = 50;

/** A longer file is none that somebody wrote for this. */
const longestFile = 65_536;

/** The profile of the environment with the variables it rests on; null where none of them is set. */
export function environmentConnection(
  environment: Readonly<Record<string, string | undefined>>,
): { readonly profile: ConnectionProfile; readonly description: string } | null {
  const set = telling.filter((name) => (environment[name] ?? "") !== "");
  if (set.length === 0) return null;
  return { profile: environmentProfile, description: set.map((name) => `${name}=${environment[name]}`).join(" ") };
}

/** The services of one of libpq's files; what stands in them libpq's rules read when one is connected to. */
export function serviceConnections(text: string, file: string): readonly DiscoveredConnection[] {
  if (text.length > longestFile) return [];
  const names = [...text.matchAll(/^[ \t]*\[([^\]\r\n']+)\]/gm)].map(([, name = ""]) => name);
  return [...new Set(names)].slice(0, mostOfFile).map((name) => ({
    profile: { name: `service ${name}`, connectionString: `service='${name.replaceAll("\\", "\\\\")}'` },
    description: file,
    password: null,
  }));
}

/** The PostgreSQL URIs that variables of an `.env` file hold, as they stand; those made of other variables are left out. */
export function dotenvConnections(text: string, file: string): readonly DiscoveredConnection[] {
  if (text.length > longestFile) return [];
  const found: DiscoveredConnection[] = [];
  for (const line of text.split(/\r\n|\r|\n/)) {
    const [, name = "", quoted, single, bare] =
      /^\s*(?:export\s+)?(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s#"']\S*))\s*(?:#.*)?$/.exec(line) ?? [];
    const value = quoted ?? single ?? bare ?? "";
    if (!/^postgres(?:ql)?:\/\//.test(value) || (single === undefined && value.includes("$"))) continue;
    // A `?` or `#` of a password would end the host: what stands behind it is no parameter.
    if (/[?#].*@/.test(value) || value.includes("#")) continue;
    const read = readConnectionString(withoutForeignParameters(value));
    if (read.ok && found.length < mostOfFile)
      found.push({ profile: read.profile, description: `${name} in ${file}`, password: read.password });
  }
  return found;
}

/** What libpq takes in a URI: libraries put words of their own beside, such as Prisma's `schema`. */
const parameters = new Set(
  "host hostaddr port dbname user password passfile service options application_name client_encoding connect_timeout sslmode sslrootcert sslcert sslkey sslnegotiation channel_binding target_session_attrs".split(
    " ",
  ),
);

function withoutForeignParameters(uri: string): string {
  const at = uri.indexOf("?");
  if (at < 0) return uri;
  const kept = uri
    .slice(at + 1)
    .split("&")
    .filter((pair) => parameters.has(pair.split("=")[0] ?? ""));
  return uri.slice(0, at) + (kept.length === 0 ? "" : `?${kept.join("&")}`);
}
