// pg_dump as Debian brings it: the schema of a database on a real server as text.
import { spawnSync } from "node:child_process";
import { isOnPath } from "../../scripts/toolchain.mjs";
import { installDebianPackages } from "./debian-packages.ts";

/** The database's schema as `pg_dump --schema-only` writes it. The server must not be newer than the pg_dump at hand. */
export async function dumpSchema(connectionString: string): Promise<string> {
  if (!isOnPath("pg_dump")) await installDebianPackages(["postgresql-client"]);
  const arguments_ = ["--schema-only", "--no-owner", connectionString];
  const dump = spawnSync("pg_dump", arguments_, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  if (dump.status !== 0) {
    throw new Error(
      `pg_dump failed (Debian: \`apt-get install postgresql-client\`): ${dump.error?.message ?? dump.stderr}`,
    );
  }
  return dump.stdout;
}
