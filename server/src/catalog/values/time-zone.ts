/** Time zones: offsets of named and fixed zones, and the offset that a local time has. */

import { unixEpochSeconds } from "./calendar.ts";

/** A zone of the session or of a literal. Offsets are seconds east of Greenwich. */
export type TimeZone =
  | { readonly kind: "fixed"; readonly offset: number }
  | { readonly kind: "named"; readonly name: string; readonly offsets: OffsetCache };

/**
 * The zone that a TimeZone setting names: a name of the IANA database in any case, a number of hours east (`5.5`), a fixed
 * offset (`+05:30`, which PostgreSQL counts west), `UTC+3` and `<+03>-3` as POSIX has them; null for any other.
 */
export function timeZoneOfSetting(setting: string): TimeZone | null {
  const known = settingCache.get(setting);
  if (known !== undefined) return known;
  const zone = readSetting(setting);
  if (settingCache.size > 100) settingCache.clear();
  settingCache.set(setting, zone);
  return zone;
}

/** The zone of a name of the IANA database, in any case; null where the platform does not know it. */
export function namedTimeZone(name: string): TimeZone | null {
  const lower = name.toLowerCase();
  const known = zoneCache.get(lower);
  if (known !== undefined) return known;
  const zone = createZone(lower);
  if (zoneCache.size > 1000) zoneCache.clear();
  zoneCache.set(lower, zone);
  return zone;
}

/** `pg_tzset_offset`: the name of the zone so many seconds east of Greenwich, as POSIX counts west: `<+05:30>-05:30`. */
export function nameOfOffset(offset: number): string {
  const size = Math.abs(offset);
  const parts = [Math.trunc(size / 3600), Math.trunc(size / 60) % 60, size % 60];
  while (parts.length > 1 && parts.at(-1) === 0) parts.pop();
  const shown = parts.map((part) => String(part).padStart(2, "0")).join(":");
  return offset < 0 ? `<-${shown}>+${shown}` : `<+${shown}>-${shown}`;
}

/** Whether no server knows a zone of that name: its first part is no region of the IANA database. */
export function isUnknownRegion(name: string): boolean {
  const region = /^([a-z_]+)\//i.exec(name)?.[1];
  return region !== undefined && !regions.has(region.toLowerCase());
}

/**
 * The offset at an instant in seconds since 2000-01-01 UTC. null before 1970 in a named zone, where the platform's
 * database and PostgreSQL's may differ; of well-known zones they do not.
 */
export function offsetAt(zone: TimeZone, seconds: number): number | null {
  if (zone.kind === "fixed") return zone.offset;
  const unix = seconds + unixEpochSeconds;
  if (unix < 0 && (unix < -lastUnixSecond || !undisputedZones.has(zone.name))) return null;
  return platformOffsetAt(zone, unix);
}

/** Zones of whose past all editions of the IANA database tell the same, in lower case. */
export const undisputedZones: ReadonlySet<string> = new Set(
  (
    "africa/cairo africa/johannesburg africa/lagos africa/nairobi america/argentina/buenos_aires america/bogota " +
    "america/chicago america/denver america/los_angeles america/new_york america/sao_paulo asia/dubai asia/hong_kong " +
    "asia/karachi asia/kolkata asia/seoul asia/shanghai asia/tokyo australia/sydney europe/berlin europe/istanbul " +
    "europe/london europe/madrid europe/moscow europe/paris europe/prague europe/rome europe/vienna europe/warsaw " +
    "europe/zurich pacific/auckland"
  ).split(" "),
);

/** The offset at an instant as far as the platform knows it: also before 1970. 0 where its calendar begins. */
export function likelyOffsetAt(zone: TimeZone, seconds: number): number {
  if (zone.kind === "fixed") return zone.offset;
  const unix = seconds + unixEpochSeconds;
  return unix < -lastUnixSecond ? 0 : platformOffsetAt(zone, unix);
}

/**
 * The offset of a local time, given in seconds since 2000-01-01 00:00 of the same clock. A time that the clocks skip or show
 * twice is taken as PostgreSQL takes it: in standard time where one of both is. null as in `offsetAt`.
 */
export function offsetOfLocalTime(zone: TimeZone, local: number): number | null {
  if (zone.kind === "fixed") return zone.offset;
  const before = offsetAt(zone, local - 86400);
  const after = offsetAt(zone, local + 86400);
  if (before === null || after === null) return null;
  if (before === after) return before;
  const isBefore = offsetAt(zone, local - before) === before;
  const isAfter = offsetAt(zone, local - after) === after;
  if (isBefore !== isAfter) return isBefore ? before : after;
  // Shown twice: the later reading. Skipped: as the clock went before.
  return isBefore ? after : before;
}

/** Offsets by unix second, of a zone. */
interface OffsetCache {
  readonly format: Intl.DateTimeFormat;
  readonly known: Map<number, number>;
}

const regions: ReadonlySet<string> = new Set(
  (
    "africa america antarctica arctic asia atlantic australia brazil canada chile etc europe indian mexico pacific us " +
    "systemv posix right"
  ).split(" "),
);

/** A day before the platform's calendar ends. */
const lastUnixSecond = 8.64e12 - 86400;

const settingCache = new Map<string, TimeZone | null>();
const zoneCache = new Map<string, TimeZone | null>();
const utcNames: ReadonlySet<string> = new Set(
  ["utc", "gmt", "uct", "zulu", "universal", "greenwich", "gmt0", "gmt+0", "gmt-0"].flatMap((name) => [
    name,
    `etc/${name}`,
  ]),
);

function readSetting(setting: string): TimeZone | null {
  const text = setting.trim();
  if (/^[+-]?\d+(?:\.\d+)?$/.test(text)) {
    const offset = Math.round(Number(text) * 3600);
    return Math.abs(offset) < 168 * 3600 ? { kind: "fixed", offset } : null;
  }
  const posix = /^(?:[A-Za-z]{3,}|<[A-Za-z0-9+:-]+>|)([+-]?)(\d{1,2})(?::(\d\d))?(?::(\d\d))?$/.exec(text);
  if (posix !== null && !/^(?:gmt|etc\/gmt)[+-]?0$/i.test(text)) {
    const offset = Number(posix[2]) * 3600 + Number(posix[3] ?? 0) * 60 + Number(posix[4] ?? 0);
    return { kind: "fixed", offset: posix[1] === "-" ? offset : -offset };
  }
  return namedTimeZone(text);
}

function createZone(name: string): TimeZone | null {
  if (utcNames.has(name)) return { kind: "fixed", offset: 0 };
  // The platform takes offsets for names too.
  if (!/^[a-z]/.test(name)) return null;
  try {
    const format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
    return { kind: "named", name, offsets: { format, known: new Map() } };
  } catch {
    return null;
  }
}

function platformOffsetAt(zone: Extract<TimeZone, { kind: "named" }>, unix: number): number {
  // The calendar and the rules of all zones repeat after 400 years.
  if (unix > lastUnixSecond) return platformOffsetAt(zone, unix - 146_097 * 86400 * 100);
  // Most days have one offset: it is enough to know both ends.
  const day = Math.floor(unix / 86400);
  const start = offsetAtUnix(zone, day * 86400);
  if (start === offsetAtUnix(zone, (day + 1) * 86400)) return start;
  return offsetAtUnix(zone, unix);
}

function offsetAtUnix(zone: Extract<TimeZone, { kind: "named" }>, unix: number): number {
  const { format, known } = zone.offsets;
  const cached = known.get(unix);
  if (cached !== undefined) return cached;
  const offset = readOffset(format.format(unix * 1000));
  if (known.size > 20000) known.clear();
  known.set(unix, offset);
  return offset;
}

/** The offset at the end of `1/5/2024, GMT-05:00`; plain `GMT` is none. */
function readOffset(text: string): number {
  const match = /GMT(?:([+-])(\d\d?):?(\d\d)?(?::(\d\d))?)?$/.exec(text);
  const seconds = Number(match?.[2] ?? 0) * 3600 + Number(match?.[3] ?? 0) * 60 + Number(match?.[4] ?? 0);
  return match?.[1] === "-" ? -seconds : seconds;
}
