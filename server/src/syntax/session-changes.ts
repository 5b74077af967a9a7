/** Which settings of the session a text changes that decide what later statements mean, and for how long. */

/** A setting by PostgreSQL's name in small letters, `all` for any; `local`: it is as before once the transaction ends. */
export interface SessionChange {
  readonly name: string;
  readonly local: boolean;
}

/** Any setting may be another one, for good. */
export const anySetting: SessionChange = { name: "all", local: false };

/** Whether a setting decides what names and values mean, or what the session may do: under another anything may be meant. */
export function isTelling(name: string): boolean {
  return telling.has(name.toLowerCase());
}

const telling: ReadonlySet<string> = new Set([
  "all",
  "datestyle",
  "default_tablespace",
  "default_transaction_read_only",
  "intervalstyle",
  "role",
  "search_path",
  "session_authorization",
  "session_replication_role",
  "timezone",
  "transaction_read_only",
  "transform_null_equals",
]);

/** What calls of `set_config` in a text change: nothing where each names another setting, such as one of the script's own. */
export function changesByCalls(text: string): readonly SessionChange[] {
  return [...text.matchAll(setConfig)].flatMap(([, name = "", local]) =>
    name === "" ? anySetting : changeOf(name, local !== undefined),
  );
}

/** The name, and the last argument where it says that the transaction ends it. */
const setConfig = /\bset_config\b["\s]*(?:\(\s*'([^']*)'(?:[^();]*,\s*(true|'t(?:rue)?')\s*\))?)?/gi;

/** What a text does that begins with SET or RESET, as far as it goes; any setting where it ends in front of a name. */
export function changesByCommand(text: string): readonly SessionChange[] {
  const found = setCommand.exec(text);
  if (found === null) return [];
  const [, local, name = ""] = found;
  const written = name.toLowerCase().replace(/\s+/g, " ");
  return written === "" ? [anySetting] : changeOf(spelledOtherwise.get(written) ?? written, local !== undefined);
}

const setCommand =
  /^\s*(?:re)?set\s+(?:(local\s+)|session\s+(?!authorization\b))?"?(session\s+authorization|time\s+zone|\w*)/i;
const spelledOtherwise: ReadonlyMap<string, string> = new Map([
  ["schema", "search_path"],
  ["session authorization", "session_authorization"],
  ["time zone", "timezone"],
]);

/** The change of one setting; nothing for one that decides nothing. */
export function changeOf(name: string, local: boolean): readonly SessionChange[] {
  return isTelling(name) ? [{ name: name.toLowerCase(), local }] : [];
}
