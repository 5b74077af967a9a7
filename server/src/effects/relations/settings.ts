/** SET and RESET of what changes the meaning of statements: search_path, TimeZone, DateStyle, the planner's switches. */

import type { Catalog, SessionSettings } from "../../catalog/catalog.ts";
import { microsPerSecond } from "../../catalog/values/calendar.ts";
import { readInterval } from "../../catalog/values/interval.ts";
import { isUnknownRegion, nameOfOffset } from "../../catalog/values/time-zone.ts";
import { allIntervalFields, intervalFieldBits } from "../../catalog/values/types.ts";
import type { Expression, FunctionCall } from "../../syntax/expression.ts";
import { anySetting, type SessionChange } from "../../syntax/session-changes.ts";
import type { PlacedStatement } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";
import { type ApplyContext, applied, type Outcome, type Refusal, rejected } from "../outcome.ts";

/** Applies SET and RESET; null for any other statement. What is local to the transaction holds until its end. */
export function applySettings(catalog: Catalog, placed: PlacedStatement, context: ApplyContext): Outcome | null {
  const { statement } = placed;
  if (statement.kind !== "set") return null;
  const { name, values, local } = statement;
  if (name === "all") return applied(changed(catalog, false, resetAll));
  const range = { start: 0, end: placed.end - placed.start };
  const value = name === "timezone" ? zoneOfInterval(values, catalog, context) : values;
  return (
    refuseValue(name, value ?? [], range) ??
    applied(changed(catalog, local || endsWithTransaction.has(name), (settings) => change(settings, name, value)))
  );
}

/** DISCARD ALL: RESET ALL, and the role is the session's user again. */
export function discardSettings(catalog: Catalog): Catalog {
  return changed(catalog, false, (settings) => resetAll(change(settings, "session_authorization", null)));
}

/** These return to their defaults with every transaction, whoever sets them. */
const endsWithTransaction: ReadonlySet<string> = new Set(["transaction_read_only"]);

/** The catalog under changed settings; a change for good also changes those that a SET LOCAL hides. */
function changed(catalog: Catalog, local: boolean, change: (settings: SessionSettings) => SessionSettings): Catalog {
  const { settings } = catalog;
  const { hidden } = settings;
  const next = change(settings);
  if (local) return { ...catalog, settings: { ...next, hidden: hidden ?? settings } };
  return { ...catalog, settings: hidden === undefined ? next : { ...next, hidden: change(hidden) } };
}

/** RESET ALL leaves the role as it is. */
function resetAll(settings: SessionSettings): SessionSettings {
  return resettable.reduce<SessionSettings>((next, name) => change(next, name, null), {
    ...settings,
    planner: {},
    citus: undefined,
  });
}

const resettable = [
  "search_path",
  "timezone",
  "datestyle",
  "intervalstyle",
  "transform_null_equals",
  "standard_conforming_strings",
  "default_transaction_read_only",
  "default_tablespace",
  "session_replication_role",
] as const;

/** Values that the server certainly does not take (22023). */
function refuseValue(name: string, values: readonly string[], range: TextRange): Refusal | null {
  const refuse = (parameter: string, detail?: string): Refusal => {
    const message = `invalid value for parameter "${parameter}": "${values.join(", ")}"`;
    return rejected("statement-rejected", "22023", message, range, { detail });
  };
  if (name === "timezone" && values.some(isUnknownRegion)) return refuse("TimeZone");
  if (name !== "datestyle") return null;
  const unknown = dateStyleWords(values).find((word) => !isDateStyle(word));
  return unknown === undefined ? null : refuse("DateStyle", `Unrecognized key word: "${unknown}".`);
}

function dateStyleWords(values: readonly string[]): readonly string[] {
  return values.flatMap((value) => value.toLowerCase().split(/[\s,]+/)).filter((word) => word !== "");
}

/** Some words are known by their beginning. */
function isDateStyle(word: string): boolean {
  return word in outputs || word in orders || word === "default" || /^(?:postgres|euro|noneuro)/.test(word);
}

/** `SELECT set_config('name', 'value', false)` as pg_dump writes it; null for any other call. */
export function applySetConfig(catalog: Catalog, call: FunctionCall): Catalog | null {
  if (!isSetConfig(call) || call.arguments.length !== 3) return null;
  const [name, value, local] = call.arguments.map((argument) => argument.value);
  return withConfig(catalog, {
    name: name === undefined ? null : stringConstant(name),
    value: value === undefined ? null : stringConstant(value),
    local: booleanConstant(local),
  });
}

/** Whether a call is one of PostgreSQL's `set_config`, as far as its name tells. */
export function isSetConfig({ name }: FunctionCall): boolean {
  return name.at(-1) === "set_config" && (name.length === 1 || name[0] === "pg_catalog");
}

/** The catalog behind a call of `set_config`; null for each argument of which the value is not known. */
export function withConfig(
  catalog: Catalog,
  given: { readonly name: string | null; readonly value: string | null; readonly local: boolean | null },
): Catalog {
  if (given.name === null) return withSettingsInDoubt(catalog, [anySetting]);
  const name = given.name.toLowerCase();
  const local = given.local === true || endsWithTransaction.has(name);
  const { value } = given;
  if (value === null || given.local === null) return withSettingsInDoubt(catalog, [{ name, local }]);
  const values = name === "search_path" ? splitNames(value) : [value];
  return changed(catalog, local, (settings) => change(settings, name, values));
}

function change(settings: SessionSettings, name: string, values: readonly string[] | null): SessionSettings {
  const next = withValue(settings, name, values);
  if (next.inDoubt === undefined) return next;
  const left = next.inDoubt.filter((each) => each !== keptAs[name]);
  return { ...next, inDoubt: left.length > 0 ? left : undefined };
}

/** The catalog of a session in which these settings may be others, until the transaction ends or for good. */
export function withSettingsInDoubt(catalog: Catalog, changes: readonly SessionChange[]): Catalog {
  let next = catalog;
  for (const { name, local } of changes) {
    const keys = name === "all" ? Object.values(keptAs) : (keptAs[name] ?? []);
    const doubt = (settings: SessionSettings): SessionSettings => {
      const inDoubt = [...new Set([...(settings.inDoubt ?? []), ...keys])];
      return inDoubt.length === (settings.inDoubt?.length ?? 0) ? settings : { ...settings, inDoubt };
    };
    const { hidden } = next.settings;
    const isKept =
      doubt(next.settings) === next.settings && (local || hidden === undefined || doubt(hidden) === hidden);
    if (!isKept) next = changed(next, local, doubt);
  }
  return next;
}

/**
 * The settings behind a function whose own SET clause names some of them: these are as before it again, but for what its body has
 * set besides, of which only SET LOCAL ends with the function.
 */
export function settingsBehind(
  names: readonly string[],
  { before, entered, left }: { readonly [At in "before" | "entered" | "left"]: SessionSettings },
): SessionSettings {
  if (left === entered) return before;
  const keys = new Set(names.flatMap((name) => keptAs[name] ?? []));
  const restored = restoredSettings(keys, before, entered, left);
  const { hidden } = left;
  if (hidden === undefined) return restored;
  return { ...restored, hidden: restoredSettings(keys, before.hidden ?? before, entered.hidden ?? entered, hidden) };
}

function restoredSettings(
  keys: ReadonlySet<keyof SessionSettings>,
  before: SessionSettings,
  entered: SessionSettings,
  left: SessionSettings,
): SessionSettings {
  const kept = [...keys].filter((key) => left[key] === entered[key]);
  const isKept: ReadonlySet<string> = new Set(kept);
  const inDoubt = new Set([
    ...(left.inDoubt ?? []).filter((key) => !isKept.has(key)),
    ...(before.inDoubt ?? []).filter((key) => isKept.has(key)),
    ...[...keys].filter((key) => !isKept.has(key)),
  ]);
  return {
    ...left,
    ...Object.fromEntries(kept.map((key) => [key, before[key]])),
    planner: left.planner === entered.planner ? before.planner : left.planner,
    inDoubt: inDoubt.size > 0 ? [...inDoubt] : undefined,
  };
}

/** Under which key settings are kept that may be in doubt. */
const keptAs: Readonly<Record<string, keyof SessionSettings>> = {
  datestyle: "dateStyle",
  default_tablespace: "defaultTablespace",
  default_transaction_read_only: "defaultReadOnly",
  intervalstyle: "intervalStyle",
  role: "role",
  search_path: "searchPath",
  session_authorization: "sessionRole",
  session_replication_role: "replicationRole",
  timezone: "timeZone",
  transform_null_equals: "transformNullEquals",
};

function withValue(settings: SessionSettings, name: string, values: readonly string[] | null): SessionSettings {
  switch (name) {
    case "search_path":
      return { ...settings, searchPath: values ?? settings.initialSearchPath ?? ["$user", "public"] };
    case "timezone": {
      const [zone] = values ?? [];
      const reset = zone === undefined || ["default", "local"].includes(zone.toLowerCase());
      return { ...settings, timeZone: reset ? (settings.initialTimeZone ?? settings.timeZone) : zone };
    }
    case "datestyle":
      return { ...settings, dateStyle: readDateStyle(values ?? ["ISO", "MDY"], settings.dateStyle) };
    case "intervalstyle":
      return { ...settings, intervalStyle: intervalStyles[(values?.[0] ?? "").toLowerCase()] };
    case "standard_conforming_strings":
      return { ...settings, backslashEscapes: values !== null && !isOn(values) ? true : undefined };
    case "transform_null_equals":
      return { ...settings, transformNullEquals: values !== null && isOn(values) ? true : undefined };
    case "role":
    case "session_authorization": {
      const [role] = values ?? [];
      const isUser = role === undefined || ["none", "default", settings.user].includes(role);
      if (name === "role") return { ...settings, role: isUser ? settings.sessionRole : role };
      return { ...settings, role: isUser ? undefined : role, sessionRole: isUser ? undefined : role };
    }
    case "default_tablespace":
      return { ...settings, defaultTablespace: values?.[0] === "" ? undefined : values?.[0] };
    case "session_replication_role": {
      const [role = "origin"] = values ?? [];
      return { ...settings, replicationRole: ["origin", "default"].includes(role.toLowerCase()) ? undefined : role };
    }
    case "transaction_read_only":
      return { ...settings, readOnly: values === null ? undefined : isOn(values) };
    case "default_transaction_read_only":
      return { ...settings, defaultReadOnly: values === null ? undefined : isOn(values) };
    default:
      if (name.startsWith("citus.")) return withCitusSetting(settings, name.slice("citus.".length), values);
      return isPlannerSetting(name) ? withPlannerSetting(settings, name, values) : settings;
  }
}

function withCitusSetting(settings: SessionSettings, name: string, values: readonly string[] | null): SessionSettings {
  const { [name]: _previous, ...others } = settings.citus ?? {};
  return { ...settings, citus: values === null ? others : { ...others, [name]: values.join(", ") } };
}

const intervalStyles: Readonly<Record<string, SessionSettings["intervalStyle"]>> = {
  sql_standard: "sql_standard",
  postgres_verbose: "postgres_verbose",
  iso_8601: "iso_8601",
};

/** `SET TIME ZONE INTERVAL '+05:30'`: the zone so far east of Greenwich, under the name that PostgreSQL gives it. */
function zoneOfInterval(
  values: readonly string[] | null,
  catalog: Catalog,
  { version }: ApplyContext,
): readonly string[] | null {
  const match = /^interval\s+'((?:[^']|'')*)'\s*(hour)?\s*(to\s+minute)?$/i.exec(values?.[0] ?? "");
  if (match === null) return values;
  const { hour, minute } = intervalFieldBits;
  const fields = match[2] === undefined ? allIntervalFields : match[3] === undefined ? hour : hour | minute;
  const text = (match[1] ?? "").replaceAll("''", "'");
  const read = readInterval(text, { fields }, { settings: catalog.settings, version, catalog });
  // What is no interval of a time is refused, which is not told.
  if (read.kind !== "value" || read.value.family !== "interval" || read.value.months !== 0 || read.value.days !== 0)
    return null;
  return [nameOfOffset(Number(read.value.micros / microsPerSecond))];
}

/** `parse_bool` */
function isOn(values: readonly string[]): boolean {
  return /^(?:on|t|tr|tru|true|y|ye|yes|1)$/i.test(values[0] ?? "");
}

/** Settings with an effect on which partitions a plan scans. */
function isPlannerSetting(name: string): boolean {
  return name.startsWith("enable_") || plannerSettings.has(name) || /^pg_pathman\.enable/.test(name);
}

const plannerSettings: ReadonlySet<string> = new Set([
  "constraint_exclusion",
  "plan_cache_mode",
  "from_collapse_limit",
  "join_collapse_limit",
]);

function withPlannerSetting(
  settings: SessionSettings,
  name: string,
  values: readonly string[] | null,
): SessionSettings {
  const { [name]: _previous, ...others } = settings.planner;
  return { ...settings, planner: values === null ? others : { ...others, [name]: values.join(", ") } };
}

const outputs = { iso: "ISO", sql: "SQL", postgres: "Postgres", german: "German" } as const;
const orders: Readonly<Record<string, "MDY" | "DMY" | "YMD">> = {
  mdy: "MDY",
  us: "MDY",
  noneuro: "MDY",
  noneuropean: "MDY",
  dmy: "DMY",
  euro: "DMY",
  european: "DMY",
  ymd: "YMD",
};

/** Each word changes one of the two halves; German alone also means day before month. */
function readDateStyle(values: readonly string[], before: SessionSettings["dateStyle"]): SessionSettings["dateStyle"] {
  let { output, order } = before;
  let orderGiven = false;
  for (const word of dateStyleWords(values)) {
    const newOutput = outputs[word as keyof typeof outputs];
    if (newOutput !== undefined) {
      output = newOutput;
      if (newOutput === "German" && !orderGiven) order = "DMY";
    } else if (orders[word] !== undefined) {
      order = orders[word];
      orderGiven = true;
    } else if (word === "default") {
      output = "ISO";
      order = "MDY";
    }
  }
  return { output, order };
}

function stringConstant(expression: Expression): string | null {
  return expression.kind === "constant" && expression.value.type === "string" ? expression.value.text : null;
}

/** `true`, `'t'`, `1::bool`; null where it is no constant. */
function booleanConstant(expression: Expression | undefined): boolean | null {
  if (expression?.kind === "cast") return booleanConstant(expression.operand);
  if (expression?.kind !== "constant" || expression.value.type === "null") return null;
  return isOn([expression.value.text]);
}

/** `SplitIdentifierString`: names between commas, folded unless quoted. */
function splitNames(text: string): readonly string[] {
  const names = text.match(/"(?:[^"]|"")*"|[^,\s]+/g) ?? [];
  return names
    .map((name) => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase()))
    .filter((name) => name !== "");
}
