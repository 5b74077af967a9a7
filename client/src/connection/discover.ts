/** Finds connections that this machine already describes: for now the `PG*` variables. */

import { type ConnectionProfile, environmentProfile } from "./profile.ts";

const telling = ["PGHOST", "PGHOSTADDR", "PGDATABASE", "PGSERVICE", "PGUSER", "PGPORT"] as const;

/** The profile of the environment with the variables it rests on; null where none of them is set. */
export function environmentConnection(
  environment: Readonly<Record<string, string | undefined>>,
): { readonly profile: ConnectionProfile; readonly description: string } | null {
  const set = telling.filter((name) => (environment[name] ?? "") !== "");
  if (set.length === 0) return null;
  return { profile: environmentProfile, description: set.map((name) => `${name}=${environment[name]}`).join(" ") };
}
