/** `partitionLens/connect`: opens the connection that a client hands over, or one that the settings name. */

import type { ConnectionSetting } from "../../config.ts";
import type { ConnectParams, ConnectResult } from "../protocol.ts";
import type { Session } from "../session.ts";

export async function connect(
  session: Session,
  { name = "", connectionString, password }: Partial<ConnectParams>,
  signal: AbortSignal,
): Promise<ConnectResult> {
  if (!session.trusted)
    return { ok: false, kind: "settings", message: "databases are connected to in trusted workspaces only" };
  const wanted = connectionString ?? connectionStringOf(session, name);
  const shown = name === "" ? "database" : name;
  return session.database.connect({ name: shown, connectionString: wanted, password }, signal);
}

/** Of the connection of that name in the settings; null, which stands for the PG* variables, where there is none. */
function connectionStringOf(session: Session, name: string): string | null {
  const { connection, connections } = session.settingsFor("");
  const found = connections.find((each) => each["name"] === (name === "" ? connection : name));
  if (found === undefined) return null;
  return typeof found["uri"] === "string" ? found["uri"] : keywordString(found);
}

/** libpq's `key='value'` words. */
function keywordString(setting: ConnectionSetting): string {
  return Object.entries(setting)
    .filter(([key]) => key !== "name")
    .map(([key, value]) => `${key}='${String(value).replace(/[\\']/g, "\\$&")}'`)
    .join(" ");
}
