// Starts a PostgreSQL server that has pg_partman as Debian packages it, at a moment of its own, where Debian's packages can be had.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isOnPath, run } from "../../scripts/toolchain.mjs";
import { type PostgresMajor, postgresDirectory, postgresVersions, serverAccount } from "./postgres-binaries.ts";
import { type PostgresServer, startServer } from "./postgres-server.ts";

export type PartmanServer = {
  readonly server: PostgresServer;
  /** The version of pg_partman that CREATE EXTENSION makes, such as `4.7.2`. */
  readonly version: string;
};

/**
 * Starts a server of the newest major for which Debian has pg_partman; null, with a word on standard error, where its packages
 * cannot be had. Nothing is installed: they are unpacked beside a copy of the server's files.
 *
 * @param moment what its clock says at the start, in UTC: `2026-03-15 12:00:00`
 */
export async function startPartmanServer(moment: string): Promise<PartmanServer | null> {
  const found = await partmanFiles();
  if (typeof found === "string") {
    process.stderr.write(`› No pg_partman to run: ${found}.\n`);
    return null;
  }
  const environment = { LD_PRELOAD: found.clock, FAKETIME: `@${moment}`, FAKETIME_DONT_RESET: "1" };
  const server = await startServer(found.major, { directory: found.directory, environment });
  return { server, version: found.version };
}

type PartmanFiles = {
  readonly major: PostgresMajor;
  readonly directory: string;
  readonly version: string;
  /** The library that sets the clock. */
  readonly clock: string;
};

/** Kept from one run to the next, where everybody may read: the server runs under an account of its own. */
async function partmanFiles(): Promise<PartmanFiles | string> {
  if (process.platform !== "linux" || !isOnPath("apt-get") || !isOnPath("dpkg-deb")) return "there is no apt-get";
  const kept = majors.find((major) => existsSync(homeOf(major)));
  if (kept !== undefined) return filesIn(homeOf(kept), kept);
  const major = await packagedMajor();
  if (major === null) return "no server that can be installed has a package of it";
  const staging = mkdtempSync(join(tmpdir(), "partition-lens-partman-"));
  try {
    for (const name of [packageFor(major), "libfaketime"])
      if (!(await unpack(name, staging))) return `Debian's ${name} could not be had`;
    const server = join(staging, "server");
    cpSync(await postgresDirectory(major, serverAccount()), server, { recursive: true, verbatimSymlinks: true });
    const extensions = `share/postgresql/${major}/extension`;
    cpSync(join(staging, "usr", extensions), join(server, "share/postgresql/extension"), { recursive: true });
    await run("chmod", ["-R", "a+rX", staging]);
    renameSync(staging, homeOf(major));
    return filesIn(homeOf(major), major);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** The newest first. */
const majors = Object.keys(postgresVersions)
  .map((major) => Number(major) as PostgresMajor)
  .sort((a, b) => b - a);

function homeOf(major: PostgresMajor): string {
  return join(tmpdir(), `partition-lens-partman-${postgresVersions[major]}`);
}

function packageFor(major: PostgresMajor): string {
  return `postgresql-${major}-partman`;
}

/** The newest major that has a package; a machine that has no lists of packages gets them, where the user may do that. */
async function packagedMajor(): Promise<PostgresMajor | null> {
  const known = async (): Promise<PostgresMajor | null> => {
    for (const major of majors)
      if ((await run("apt-cache", ["show", "--no-all-versions", packageFor(major)])).code === 0) return major;
    return null;
  };
  const found = await known();
  if (found !== null || process.getuid?.() !== 0) return found;
  await run("apt-get", ["update", "-q"]);
  return known();
}

/** Whether the package is there now, unpacked into the directory. */
async function unpack(name: string, directory: string): Promise<boolean> {
  const archives = join(directory, "archives", name);
  mkdirSync(archives, { recursive: true });
  if ((await run("apt-get", ["download", "-q", name], { cwd: archives })).code !== 0) return false;
  const [archive] = readdirSync(archives);
  return archive !== undefined && (await run("dpkg-deb", ["-x", join(archives, archive), directory])).code === 0;
}

function filesIn(home: string, major: PostgresMajor): PartmanFiles | string {
  const control = join(home, "server/share/postgresql/extension/pg_partman.control");
  const [, version] = /^default_version\s*=\s*'(.*)'/m.exec(readFileSync(control, "utf8")) ?? [];
  const libraries = join(home, "usr/lib");
  const folder = readdirSync(libraries).find((name) => existsSync(join(libraries, name, "faketime/libfaketime.so.1")));
  if (version === undefined || folder === undefined) return `${home} is not whole`;
  return {
    major,
    version,
    directory: join(home, "server"),
    clock: join(libraries, folder, "faketime/libfaketime.so.1"),
  };
}
