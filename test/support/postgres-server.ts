// Starts real PostgreSQL servers for tests: throw-away data, no durability, gone when the process that started them is.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { accessSync, chownSync, constants, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";
import { type Account, type PostgresMajor, postgresDirectory, serverAccount } from "./postgres-binaries.ts";

/** A running server. The superuser `postgres` needs no password; every other role has to give its own. */
export type PostgresServer = {
  readonly major: PostgresMajor;
  readonly port: number;
  /** URL of the database `postgres` as the superuser, over TCP. */
  readonly connectionString: string;
  /** Directory of the Unix domain socket, for libpq's `host`; everybody is trusted there. */
  readonly socketDirectory: string;
  /** Ends the server as a crash would; its data stays. */
  crash(): Promise<void>;
  /** Starts it again after `crash`, on the same port. */
  start(): Promise<void>;
  /** Ends the server as a crash would, and removes its data. */
  stop(): Promise<void>;
};

/** UTF8, C locale, UTC, English messages; room for transactions over thousands of partitions. */
const settings = {
  listen_addresses: "127.0.0.1",
  max_connections: "60",
  shared_buffers: "64MB",
  max_locks_per_transaction: "2048",
  // What is committed outlives a crash of the server, as the tests of crashes need it, and not one of the machine.
  fsync: "off",
  full_page_writes: "off",
  wal_level: "minimal",
  max_wal_senders: "0",
  autovacuum: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  lc_messages: "C",
  log_min_messages: "log",
  log_min_error_statement: "panic",
} as const;

const accessRules = [
  "local all all trust",
  "host all postgres 127.0.0.1/32 trust",
  "host all all 127.0.0.1/32 scram-sha-256",
].join("\n");

/** PEM texts with which a server takes TLS. */
export type ServerTls = { readonly certificate: string; readonly key: string };

/** What is particular to a server. */
export type ServerOptions = {
  readonly tls?: ServerTls;
  /** The directory that holds its `bin`, `lib` and `share`, in place of the major's own. */
  readonly directory?: string;
  /** Variables of its environment. */
  readonly environment?: Readonly<Record<string, string>>;
};

/** Starts a server of that major on a free port: about a second. Test files share one through `createDatabase`. */
export async function startServer(major: PostgresMajor, options: ServerOptions = {}): Promise<PostgresServer> {
  const { tls } = options;
  const account = serverAccount();
  const programs = join(options.directory ?? (await postgresDirectory(major, account)), "bin");
  const directory = mkdtempSync(join(dataParent(), `partition-lens-pg${major}-`));
  if (account !== undefined) chownSync(directory, account.uid, account.gid);
  try {
    const data = join(directory, "data");
    initialize(programs, data, account);
    const port = await freePort();
    // PostgreSQL 11 brought it, and none starts on a setting that it does not know.
    const jit = major >= 11 ? { jit: "off" } : {};
    const secured = tls === undefined ? {} : writeTls(tls, directory, account);
    const configured = { ...settings, ...jit, ...secured, port: String(port), unix_socket_directories: directory };
    const start = () => launch(programs, data, configured, account, options.environment);
    let server = await start();
    return {
      major,
      port,
      connectionString: `postgres://postgres@127.0.0.1:${port}/postgres`,
      socketDirectory: directory,
      crash: () => end(server, "keep\n"),
      async start() {
        server = await start();
      },
      async stop() {
        await end(server);
        rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
      },
    };
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/** Where much memory is free the data lies in it: tests make and drop a thousand databases. */
function dataParent(): string {
  const shared = "/dev/shm";
  const enough = 6 * 2 ** 30;
  try {
    accessSync(shared, constants.W_OK);
    const { bavail, bsize } = statfsSync(shared);
    if (bavail * bsize > enough && freemem() > enough) return shared;
  } catch {
    // There is none on this system, or it is not for us.
  }
  return tmpdir();
}

/** The server takes a key only where nobody else can read it. */
function writeTls(tls: ServerTls, directory: string, account: Account | undefined): Readonly<Record<string, string>> {
  const [certificate, key] = [join(directory, "server.crt"), join(directory, "server.key")];
  writeFileSync(certificate, tls.certificate);
  writeFileSync(key, tls.key, { mode: 0o600 });
  if (account !== undefined) for (const path of [certificate, key]) chownSync(path, account.uid, account.gid);
  return { ssl: "on", ssl_cert_file: certificate, ssl_key_file: key };
}

function initialize(programs: string, data: string, account: Account | undefined): void {
  const arguments_ = [
    "--pgdata",
    data,
    "--username=postgres",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--no-sync",
  ];
  const initdb = spawnSync(join(programs, "initdb"), arguments_, { ...account, encoding: "utf8", env: environment() });
  if (initdb.status !== 0) throw new Error(`initdb failed: ${initdb.error?.message ?? initdb.stderr}`);
  writeFileSync(join(data, "pg_hba.conf"), `${accessRules}\n`);
}

async function launch(
  programs: string,
  data: string,
  options: Readonly<Record<string, string>>,
  account: Account | undefined,
  variables: Readonly<Record<string, string>> = {},
): Promise<ChildProcess> {
  const command = [
    join(programs, "postgres"),
    "-D",
    data,
    ...Object.entries(options).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
  // The shell ends the server and removes its data when its standard input closes: also when this process is killed and
  // cannot say goodbye. A line on it ends the server and keeps the data.
  const guard = [
    "exec 3<&0",
    'data=$1; shift; "$@" </dev/null & server=$!',
    '(read -r word <&3; [ -n "$word" ] && touch "$data.kept"; kill -QUIT $server) & guard=$!',
    "wait $server; status=$?",
    'kill $guard 2>/dev/null; rm "$data.kept" 2>/dev/null || rm -rf "$(dirname "$data")"; exit $status',
  ].join("\n");
  const [program = "", ...rest] = process.platform === "win32" ? command : ["sh", "-c", guard, "sh", data, ...command];
  const server = spawn(program, rest, {
    ...account,
    stdio: ["pipe", "ignore", "pipe"],
    env: { ...environment(), ...variables },
  });
  await new Promise<void>((ready, failed) => {
    let log = "";
    server.stderr?.on("data", (chunk) => {
      log += chunk;
      if (log.includes("database system is ready to accept connections")) ready();
    });
    server.once("error", failed);
    server.once("exit", (code) => failed(new Error(`PostgreSQL ended with ${code} at its start:\n${log}`)));
  });
  server.stderr?.removeAllListeners("data").resume();
  server.removeAllListeners();
  return server;
}

async function end(server: ChildProcess, lastWord = ""): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = new Promise((done) => server.once("exit", done));
  if (process.platform === "win32") server.kill();
  else server.stdin?.end(lastWord);
  await gone;
}

/** Nothing of the user's own PG* variables may reach the server. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("PG"));
  return { ...Object.fromEntries(own), LC_ALL: "C", TZ: "UTC" };
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer();
    probe.once("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        address !== null && typeof address === "object" ? found(address.port) : failed(new Error("no port")),
      );
    });
  });
}
