/** Connections without their passwords: read from what a person types, from a setting, and named for the status bar. */

/** What is remembered of a connection and shown to people. It never holds a password. */
export interface ConnectionProfile {
  /** Unique among the profiles on offer: the name a setting gives it, else `user@host:port/database`. */
  readonly name: string;
  /** A URI or libpq's `key=value` words; null takes the `PG*` variables of the environment. */
  readonly connectionString: string | null;
}

export type ConnectionStringResult =
  | { readonly ok: true; readonly profile: ConnectionProfile; readonly password: string | null }
  /** A sentence that says what to type instead; it does not repeat what was typed, which may hold a password. */
  | { readonly ok: false; readonly message: string };

export const environmentProfile: ConnectionProfile = { name: "PG* environment", connectionString: null };

/** Reads `postgres://user:password@host:port/database?sslmode=…` or `host=… dbname=… user=…`, and takes the password out. */
export function readConnectionString(text: string): ConnectionStringResult {
  const trimmed = text.trim();
  if (trimmed === "")
    return { ok: false, message: "Type a connection string, such as postgres://user@localhost:5432/shop." };
  return /^postgres(ql)?:\/\//i.test(trimmed) ? readUri(trimmed) : readWords(trimmed);
}

/** A connection of the setting `partitionLens.connections`; null for what is none. A password in it is ignored. */
export function profileFromSetting(raw: unknown): ConnectionProfile | null {
  if (typeof raw !== "object" || raw === null) return null;
  const words: [string, string][] = [];
  let name: string | null = null;
  for (const [key, value] of Object.entries(raw)) {
    if (typeof value !== "string" && typeof value !== "number") continue;
    if (key === "name") name = String(value);
    else if (key !== "password") words.push([key, String(value)]);
  }
  if (name === null) return null;
  const uri = words.find(([key]) => key === "uri")?.[1];
  const read = uri === undefined ? null : readConnectionString(uri);
  return { name, connectionString: read?.ok === true ? read.profile.connectionString : printWords(words) };
}

const refused: ConnectionStringResult = {
  ok: false,
  message: "This is no URI. Write postgres://user@host:port/database, special characters as %40.",
};

/** Whether the text can be a host, a list of hosts, or the directory of a socket; what else was typed there is never shown. */
function isHost(text: string): boolean {
  return /^(?:[\w.:,[\]-]*|[/@][^\p{Cc}]*)$/u.test(decode(text));
}

/** Whether the text is none of libpq's words. */
function isNoWord(text: string): boolean {
  return !/^[a-z_]+$/.test(text);
}

/** `user@host:port/database` of a connection, or the service that names them; null for the one of the environment. */
export function placeOf({ connectionString }: ConnectionProfile): string | null {
  const read = connectionString === null ? null : readConnectionString(connectionString);
  return read?.ok === true ? read.profile.name : null;
}

function readUri(text: string): ConnectionStringResult {
  let uri: URL;
  try {
    uri = new URL(text);
  } catch {
    return refused;
  }
  // A `/`, `?` or `#` in a password ends the host early; what is left of the password would stand in the name and be remembered.
  const isCut = uri.hash !== "" || /[@/]/.test(uri.pathname.slice(1)) || [...uri.searchParams.keys()].some(isNoWord);
  if (isCut) return refused;
  const password = uri.password !== "" ? decode(uri.password) : uri.searchParams.get("password");
  uri.password = "";
  uri.searchParams.delete("password");
  const database = decode(uri.pathname.replace(/^\//, ""));
  const host = uri.hostname !== "" ? uri.hostname : (uri.searchParams.get("host") ?? "localhost");
  if (!isHost(host)) return refused;
  return {
    ok: true,
    profile: { name: profileName(decode(uri.username), host, uri.port, database), connectionString: uri.toString() },
    password,
  };
}

function readWords(text: string): ConnectionStringResult {
  const words: [string, string][] = [];
  const word = /\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))/giy;
  while (word.lastIndex < text.length) {
    const match = word.exec(text);
    if (match === null) {
      return { ok: false, message: "Write a URI (postgres://…), or words such as host=localhost dbname=shop user=me." };
    }
    const [, key = "", quoted, plain] = match;
    words.push([key.toLowerCase(), (quoted ?? plain ?? "").replace(/\\(.)/g, "$1")]);
  }
  const wordOf = (key: string): string | undefined => words.find(([name]) => name === key)?.[1];
  const service = wordOf("service");
  if (!isHost(wordOf("host") ?? "") || /@|:\/\//.test(wordOf("dbname") ?? ""))
    return {
      ok: false,
      message: "The host or the database is none: write a URI (postgres://…), or host=localhost dbname=shop user=me.",
    };
  const name =
    service !== undefined
      ? `service ${service}`
      : profileName(wordOf("user") ?? "", wordOf("host") ?? "localhost", wordOf("port") ?? "", wordOf("dbname") ?? "");
  return {
    ok: true,
    profile: { name, connectionString: printWords(words.filter(([key]) => key !== "password")) },
    password: wordOf("password") ?? null,
  };
}

function profileName(user: string, host: string, port: string, database: string): string {
  return `${user === "" ? "" : `${user}@`}${host}${port === "" || port === "5432" ? "" : `:${port}`}/${database === "" ? user : database}`;
}

function printWords(words: readonly (readonly [key: string, value: string])[]): string {
  return words
    .map(([key, value]) => `${key}=${/^[^\s'\\]+$/.test(value) ? value : `'${value.replace(/['\\]/g, "\\$&")}'`}`)
    .join(" ");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
