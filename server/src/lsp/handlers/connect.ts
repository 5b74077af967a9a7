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
  const setting = settingNamed(session, name);
  const wanted = connectionString ?? (setting === null ? null : connectionStringOf(setting));
  const shown = name === "" ? "database" : name;
  const planningRunsFunctions = setting?.["planningRunsFunctions"] === true;
  return session.database.connect({ name: shown, connectionString: wanted, password, planningRunsFunctions }, signal);
}

/** The connection of that name in the settings, the preferred one where none is named; null where there is none. */
function settingNamed(session: Session, name: string): ConnectionSetting | null {
  const { connection, connections } = session.settingsFor("");
  return connections.find((each) => each["name"] === (name === "" ? connection : name)) ?? null;
}

function connectionStringOf(setting: ConnectionSetting): string {
  return typeof setting["uri"] === "string" ? setting["uri"] : keywordString(setting);
}

/** What a connection in the settings says that is no word of libpq's. */
const ownWords = new Set(["name", "planningRunsFunctions"]);

/** libpq's `key='value'` words. */
function keywordString(setting: ConnectionSetting): string {
  return Object.entries(setting)
    .filter(([key]) => !ownWords.has(key))
    .map(([key, value]) => `${key}='${String(value).replace(/[\\']/g, "\\$&")}'`)
    .join(" ");
}
