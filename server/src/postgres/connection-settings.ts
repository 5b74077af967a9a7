/** A connection's parameters as libpq reads them: connection string, then service file, then PG* variables, then defaults. */

import { existsSync, statSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import type { PlannerProblem } from "../pruning/planner.ts";
import { readService } from "./service-file.ts";
import { readSmallFile } from "./small-file.ts";

/** libpq's `sslmode`, with libpq's meaning. */
export type SslMode = "disable" | "allow" | "prefer" | "require" | "verify-ca" | "verify-full";

/** Everything that is needed to connect. `password` is a secret: it goes to the server and nowhere else. */
export interface ConnectionSettings {
  /** Tried in order. A host that begins with `/` is the directory of a Unix socket. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly user: string;
  readonly database: string;
  readonly password: string | null;
  readonly sslMode: SslMode;
  /** Paths of PEM files, null where there are none; `system` as root certificate means the trust store of the system. */
  readonly sslRootCertificate: string | null;
  readonly sslCertificate: string | null;
  readonly sslKey: string | null;
  readonly sslNegotiation: "postgres" | "direct";
  readonly connectTimeoutMilliseconds: number;
  /** libpq's `options`, such as `-c role=reader`. */
  readonly options: string | null;
}

export interface ConnectionInput {
  /** A URL (`postgresql://…`) or `key=value` pairs; null to connect by the environment alone. */
  readonly connectionString: string | null;
  /** Given separately so that it need not stand in the connection string; null to look it up. */
  readonly password: string | null;
  /** The variables of the process: `PGHOST` and its like. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export type ConnectionSettingsResult =
  | { readonly ok: true; readonly value: ConnectionSettings }
  | { readonly ok: false; readonly problem: PlannerProblem };

/** Reads the parameters; looks at files (certificates, `~/.pgpass`, sockets) but opens no connection. */
export function readConnectionSettings(input: ConnectionInput): ConnectionSettingsResult {
  const parsed = parseConnectionString(input.connectionString ?? "");
  if (typeof parsed === "string") return problem(parsed);
  const name = parsed.get("service") ?? nonEmpty(input.environment["PGSERVICE"]);
  const service = name === null ? null : readService(name, input.environment);
  if (typeof service === "string") return problem(service);
  const read = (key: string, variable: string): string | null =>
    parsed.get(key) ?? service?.get(key) ?? nonEmpty(input.environment[variable]) ?? null;

  const sslMode = read("sslmode", "PGSSLMODE") ?? "prefer";
  if (!isSslMode(sslMode)) return problem(`invalid sslmode value; it is one of ${sslModes.join(", ")}`);
  const hosts = readHosts(
    read("hostaddr", "PGHOSTADDR") ?? read("host", "PGHOST"),
    read("port", "PGPORT") ?? "5432",
    input.environment,
  );
  if (typeof hosts === "string") return problem(hosts);
  const user = read("user", "PGUSER") ?? userInfo().username;
  const database = read("dbname", "PGDATABASE") ?? user;
  const home = join(homedir(), ".postgresql");
  const negotiation = read("sslnegotiation", "PGSSLNEGOTIATION") ?? "postgres";
  if (negotiation !== "postgres" && negotiation !== "direct")
    return problem("invalid sslnegotiation value; it is postgres or direct");
  const sslRootCertificate = read("sslrootcert", "PGSSLROOTCERT") ?? ifExists(join(home, "root.crt"));
  if ((sslMode === "verify-ca" || sslMode === "verify-full") && sslRootCertificate === null)
    return problem(
      `root certificate file "${join(home, "root.crt")}" does not exist; sslmode=${sslMode} needs one, or sslrootcert=system`,
    );
  const timeout = Number(read("connect_timeout", "PGCONNECT_TIMEOUT") ?? "10");
  if (!Number.isFinite(timeout)) return problem("connect_timeout is not a number");
  const password =
    input.password ??
    read("password", "PGPASSWORD") ??
    passwordFromFile(read("passfile", "PGPASSFILE") ?? join(homedir(), ".pgpass"), hosts, database, user);
  return {
    ok: true,
    value: {
      hosts,
      user,
      database,
      password,
      sslMode,
      sslRootCertificate,
      sslCertificate: read("sslcert", "PGSSLCERT") ?? ifExists(join(home, "postgresql.crt")),
      sslKey: read("sslkey", "PGSSLKEY") ?? ifExists(join(home, "postgresql.key")),
      sslNegotiation: negotiation,
      // libpq takes 0 for "wait for ever", which nobody who looks at an editor wants.
      connectTimeoutMilliseconds: timeout > 0 ? timeout * 1000 : 10_000,
      options: read("options", "PGOPTIONS"),
    },
  };
}

/** `user@host:port/database`, for people; without the password. */
export function describeConnection(settings: ConnectionSettings): string {
  const hosts = settings.hosts.map(({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`);
  return `${settings.user}@${hosts.join(",")}/${settings.database}`;
}

/** The parameters of a connection string by libpq's names; a string is what is wrong with it. It never quotes the input, which may hold a password. */
function parseConnectionString(text: string): ReadonlyMap<string, string> | string {
  return /^postgres(?:ql)?:\/\//.test(text) ? parseUrl(text) : parseKeyValues(text);
}

const urlPattern =
  /^postgres(?:ql)?:\/\/(?:(?<user>[^:@/?]*)(?::(?<password>[^@/?]*))?@)?(?<hosts>[^/?]*)(?:\/(?<dbname>[^?]*))?(?:\?(?<query>.*))?$/;

function parseUrl(text: string): ReadonlyMap<string, string> | string {
  const groups = urlPattern.exec(text)?.groups;
  if (groups === undefined)
    return "the connection string is no valid URL; characters such as @, / and ? in a password must be percent-encoded";
  const parameters = new Map<string, string>();
  try {
    const set = (key: string, value: string | undefined): void => {
      if (value !== undefined && value !== "") parameters.set(key, decodeURIComponent(value));
    };
    set("user", groups["user"]);
    set("password", groups["password"]);
    set("dbname", groups["dbname"]);
    const authorities = (groups["hosts"] ?? "").split(",").map((part) => /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(part));
    if (authorities.includes(null)) return "the host in the connection string cannot be read";
    set("host", authorities.map((match) => (match?.[1] ?? "").replace(/^\[|\]$/g, "")).join(","));
    const ports = authorities.map((match) => match?.[2] ?? "").join(",");
    set("port", /\d/.test(ports) ? ports : undefined);
    for (const pair of (groups["query"] ?? "").split("&").filter((part) => part !== "")) {
      const [key = "", value = ""] = pair.split("=", 2);
      if (key === "ssl" && value === "true") parameters.set("sslmode", "require");
      else set(decodeURIComponent(key), value);
    }
  } catch {
    return "the connection string has a wrong percent-encoding";
  }
  return parameters;
}

const pairPattern = /\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s\\']|\\.)*))(?=\s|$)/gy;

function parseKeyValues(text: string): ReadonlyMap<string, string> | string {
  const parameters = new Map<string, string>();
  let position = 0;
  for (const match of text.matchAll(pairPattern)) {
    const value = (match[2] ?? match[3] ?? "").replace(/\\(.)/g, "$1");
    if (value !== "") parameters.set(match[1] ?? "", value);
    position = match.index + match[0].length;
  }
  if (text.slice(position).trim() !== "")
    return "the connection string is neither a URL (postgresql://user@host:port/database) nor key=value pairs";
  return parameters;
}

function readHosts(
  list: string | null,
  portList: string,
  environment: ConnectionInput["environment"],
): readonly { readonly host: string; readonly port: number }[] | string {
  const ports = portList.split(",").map((text) => (text === "" ? 5432 : Number(text)));
  if (ports.some((port) => !Number.isInteger(port) || port < 1 || port > 65_535))
    return "invalid port number; it is a whole number from 1 to 65535";
  const hosts = list === null ? [defaultHost(ports[0] ?? 5432, environment)] : list.split(",");
  if (ports.length !== 1 && ports.length !== hosts.length)
    return `could not match ${ports.length} port numbers to ${hosts.length} hosts`;
  return hosts.map((host, index) => ({
    host: host === "" ? "localhost" : host,
    port: (ports.length === 1 ? ports[0] : ports[index]) ?? 5432,
  }));
}

/** Where libpq looks when nobody names a host: the Unix socket of the machine's server, else localhost. */
function defaultHost(port: number, environment: ConnectionInput["environment"]): string {
  const directories =
    process.platform === "win32" ? [] : ["/var/run/postgresql", environment["TMPDIR"] ?? "/tmp", "/tmp"];
  return directories.find((directory) => existsSync(join(directory, `.s.PGSQL.${port}`))) ?? "localhost";
}

/** The password that a password file has for the connection; null where it has none or others may read it. */
function passwordFromFile(
  path: string,
  hosts: ConnectionSettings["hosts"],
  database: string,
  user: string,
): string | null {
  let content: string;
  try {
    // libpq ignores a password file that group or world can read.
    if (process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0) return null;
    content = readSmallFile(path);
  } catch {
    return null;
  }
  for (const line of content.split(/\r?\n/)) {
    if (line.startsWith("#")) continue;
    const [host = "", port = "", db = "", name = "", password] = splitPasswordLine(line);
    if (password === undefined) continue;
    const fits = (pattern: string, value: string): boolean => pattern === "*" || pattern === value;
    const fitsHost = hosts.some(
      (one) => fits(host, one.host.startsWith("/") ? "localhost" : one.host) && fits(port, String(one.port)),
    );
    if (fitsHost && fits(db, database) && fits(name, user)) return password;
  }
  return null;
}

/** The fields of a password file's line: separated by colons, `\` takes the next character as it is. */
function splitPasswordLine(line: string): readonly string[] {
  const fields: string[] = [""];
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? "";
    const last = fields.length - 1;
    if (character === "\\" && at + 1 < line.length) fields[last] += line[++at] ?? "";
    else if (character === ":" && fields.length < 5) fields.push("");
    else fields[last] += character;
  }
  return fields;
}

function isSslMode(text: string): text is SslMode {
  return (sslModes as readonly string[]).includes(text);
}

const sslModes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;

function nonEmpty(text: string | undefined): string | null {
  return text === undefined || text === "" ? null : text;
}

function ifExists(path: string): string | null {
  return existsSync(path) ? path : null;
}

function problem(message: string): ConnectionSettingsResult {
  return { ok: false, problem: { kind: "settings", message } };
}
