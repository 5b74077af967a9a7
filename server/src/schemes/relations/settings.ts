/** SET and RESET of what changes the meaning of statements: search_path, TimeZone, DateStyle, the planner's switches. */

import { type Catalog, type SessionSettings, withSettings } from "../../catalog/catalog.ts";
import { isUnknownRegion } from "../../catalog/values/time-zone.ts";
import type { Expression, FunctionCall } from "../../syntax/expression.ts";
import type { PlacedStatement } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";
import { applied, type Refusal, rejected } from "../outcome.ts";
import type { ApplyContext, Outcome } from "../scheme.ts";

/** Applies SET and RESET; null for any other statement. */
export function applySettings(catalog: Catalog, placed: PlacedStatement, _context: ApplyContext): Outcome | null {
  const { statement } = placed;
  if (statement.kind !== "set") return null;
  if (statement.name === "all") {
    return applied(resettable.reduce((next, name) => change(next, name, null), catalog));
  }
  const range = { start: 0, end: placed.end - placed.start };
  return (
    refuseValue(statement.name, statement.values ?? [], range) ??
    applied(change(catalog, statement.name, statement.values))
  );
}

/** RESET ALL leaves the role as it is. */
const resettable = [
  "search_path",
  "timezone",
  "datestyle",
  "default_transaction_read_only",
  "default_tablespace",
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

/** `SELECT set_config('name', 'value', false)` with constants, as pg_dump writes it; null for any other call. */
export function applySetConfig(catalog: Catalog, call: FunctionCall): Catalog | null {
  if (call.name.at(-1) !== "set_config" || call.arguments.length !== 3) return null;
  const [name, value] = call.arguments.map((argument) => stringConstant(argument.value));
  if (name == null || value == null) return catalog;
  return change(catalog, name.toLowerCase(), name.toLowerCase() === "search_path" ? splitNames(value) : [value]);
}

function change(catalog: Catalog, name: string, values: readonly string[] | null): Catalog {
  switch (name) {
    case "search_path":
      return withSettings(catalog, { searchPath: values ?? ["$user", "public"] });
    case "timezone": {
      const [zone] = values ?? [];
      const reset = zone === undefined || ["default", "local"].includes(zone.toLowerCase());
      const timeZone = reset ? (catalog.settings.initialTimeZone ?? catalog.settings.timeZone) : zone;
      return withSettings(catalog, { timeZone });
    }
    case "datestyle":
      return withSettings(catalog, { dateStyle: readDateStyle(values ?? ["ISO", "MDY"], catalog.settings.dateStyle) });
    case "role":
    case "session_authorization": {
      const [role] = values ?? [];
      const isUser = role === undefined || ["none", "default", catalog.settings.user].includes(role);
      const { sessionRole } = catalog.settings;
      if (name === "role") return withSettings(catalog, { role: isUser ? sessionRole : role });
      return withSettings(catalog, { role: isUser ? undefined : role, sessionRole: isUser ? undefined : role });
    }
    case "default_tablespace":
      return withSettings(catalog, { defaultTablespace: values?.[0] === "" ? undefined : values?.[0] });
    case "transaction_read_only":
      return withSettings(catalog, { readOnly: values === null ? undefined : isOn(values) });
    case "default_transaction_read_only":
      return withSettings(catalog, { defaultReadOnly: values === null ? undefined : isOn(values) });
    default:
      return isPlannerSetting(name) ? withPlannerSetting(catalog, name, values) : catalog;
  }
}

/** `parse_bool` */
function isOn(values: readonly string[]): boolean {
  return /^(?:on|t|tr|tru|true|y|ye|yes|1)$/i.test(values[0] ?? "");
}

/** Settings with an effect on which partitions a plan scans. */
function isPlannerSetting(name: string): boolean {
  return name.startsWith("enable_") || name === "constraint_exclusion" || name === "plan_cache_mode";
}

function withPlannerSetting(catalog: Catalog, name: string, values: readonly string[] | null): Catalog {
  const { [name]: _previous, ...others } = catalog.settings.planner;
  const planner = values === null ? others : { ...others, [name]: values.join(", ") };
  return withSettings(catalog, { planner });
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

/** `SplitIdentifierString`: names between commas, folded unless quoted. */
function splitNames(text: string): readonly string[] {
  const names = text.match(/"(?:[^"]|"")*"|[^,\s]+/g) ?? [];
  return names
    .map((name) => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase()))
    .filter((name) => name !== "");
}
