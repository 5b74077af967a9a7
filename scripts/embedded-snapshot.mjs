// Prepares the data directory from which the embedded PostgreSQL starts, in less than half a second instead of the 2 that initdb takes.

import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { root, say } from "./toolchain.mjs";

/** Directory of the installed PGlite's files, `pglite.wasm` and `pglite.data` among them. */
export const pgliteDirectory = dirname(createRequire(import.meta.url).resolve("@electric-sql/pglite"));

/** Path of the gzipped tar of a fresh data directory; made at the first call for each version of PGlite. */
export async function ensureEmbeddedSnapshot() {
  const require = createRequire(import.meta.url);
  const { version } = require(join(pgliteDirectory, "../package.json"));
  const snapshot = join(root, ".cache", `pglite-${version}`, "pglite-one-database.tar.gz");
  if (existsSync(snapshot)) return snapshot;
  say(`Preparing the embedded PostgreSQL (PGlite ${version}) …`);
  const { PGlite } = await import("@electric-sql/pglite");
  // Every start unpacks all of it: of 40 MB, 15 were copies of the database from which others are made, and 16 one segment of the log.
  const database = await PGlite.create({
    initDbStartParams: ["--wal-segsize=1"],
    postgresqlconf: ["wal_recycle = off", "min_wal_size = 2MB"],
  });
  // `scratch-session.ts` makes them again, for scripts that are rehearsed may make databases.
  await database.exec("ALTER DATABASE template1 IS_TEMPLATE false");
  await database.exec("ALTER DATABASE template0 IS_TEMPLATE false");
  await database.exec("DROP DATABASE template1");
  await database.exec("DROP DATABASE template0");
  await database.exec("CHECKPOINT");
  const dump = await database.dumpDataDir("gzip");
  await database.close();
  mkdirSync(dirname(snapshot), { recursive: true });
  const unfinished = `${snapshot}.${process.pid}`;
  writeFileSync(unfinished, Buffer.from(await dump.arrayBuffer()));
  renameSync(unfinished, snapshot);
  return snapshot;
}
