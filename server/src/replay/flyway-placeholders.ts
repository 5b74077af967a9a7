/** Flyway's placeholders, `${name}`: what its configuration gives them, and the statements that it sends with these values. */

import type { Reading } from "../syntax/read-statement.ts";
import type { PlacedStatement } from "../syntax/statement.ts";
import { type Replacement, type SentStatement, withReplacements } from "./replaced-statement.ts";

/** What Flyway replaces anywhere in a script, in strings and comments too. */
export interface Placeholders {
  readonly prefix: string;
  readonly suffix: string;
  /** By the name in small letters: the value, or null where it is not known. Of others nothing is known: they may be given from outside. */
  readonly values: ReadonlyMap<string, string | null>;
}

/** A file of the configuration. */
export interface ConfigurationFile {
  /** Its own name alone. */
  readonly name: string;
  readonly text: string;
}

/** More settings are not read. */
const mostSettings = 1_000;
/** Longer values are not known. */
const longestValue = 10_000;
/** Longer names are text that happens to look alike. */
const longestName = 200;

const read = new WeakMap<readonly ConfigurationFile[], Placeholders | null>();

/** What the files say together, the later ones before the earlier; null where Flyway replaces nothing. Kept with the list. */
export function flywayPlaceholders(files: readonly ConfigurationFile[]): Placeholders | null {
  const known = read.get(files);
  if (known !== undefined) return known;
  const placeholders = readPlaceholders(files);
  read.set(files, placeholders);
  return placeholders;
}

function readPlaceholders(files: readonly ConfigurationFile[]): Placeholders | null {
  const settings = new Map<string, string | null>();
  for (const { name, text } of files) {
    const isToml = name.endsWith(".toml");
    for (const [key, value] of isToml ? tomlSettings(text) : propertiesOf(text)) {
      if (settings.size >= mostSettings) break;
      // Of two files for everybody it is the installation that tells which one counts.
      const isDisputed = name !== "flyway.user.toml" && settings.has(key) && settings.get(key) !== value;
      settings.set(key, isDisputed ? null : value);
    }
  }
  if (settings.get("placeholderreplacement") === "false") return null;
  const values = new Map<string, string | null>();
  for (const [key, value] of settings)
    if (key.startsWith("placeholders.")) values.set(key.slice("placeholders.".length), value);
  const [prefix, suffix] = [settings.get("placeholderprefix"), settings.get("placeholdersuffix")];
  if (prefix === null || suffix === null || prefix === "" || suffix === "") return null;
  return { prefix: prefix ?? "${", suffix: suffix ?? "}", values };
}

/** Whether two say the same. */
export function samePlaceholders(a: Placeholders | undefined, b: Placeholders | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.prefix !== b.prefix || a.suffix !== b.suffix) return false;
  return a.values.size === b.values.size && [...a.values].every(([name, value]) => b.values.get(name) === value);
}

/**
 * The statement as Flyway sends it. `sent` is null for one without placeholders; `isKnown` false says that the value of one is
 * not known. `text` is what is written of it.
 */
export function withPlaceholders(
  placed: PlacedStatement,
  text: string,
  placeholders: Placeholders,
  reading: Reading,
): { readonly sent: SentStatement | null; readonly isKnown: boolean } {
  const found = placeholdersIn(text, placeholders);
  if (found.length === 0) return { sent: null, isKnown: true };
  const replacements = found.flatMap(({ start, end, value }): readonly Replacement[] =>
    value === null ? [] : [{ start, end, text: value }],
  );
  const sent = replacements.length < found.length ? null : withReplacements(placed, text, replacements, reading);
  return { sent, isKnown: sent !== null };
}

function placeholdersIn(
  text: string,
  { prefix, suffix, values }: Placeholders,
): readonly { readonly start: number; readonly end: number; readonly value: string | null }[] {
  const found: { start: number; end: number; value: string | null }[] = [];
  for (let start = text.indexOf(prefix); start >= 0; ) {
    const nameStart = start + prefix.length;
    const nameEnd = text.slice(nameStart, nameStart + longestName + suffix.length).indexOf(suffix);
    const end = nameEnd < 0 ? nameStart : nameStart + nameEnd + suffix.length;
    const name = nameEnd < 0 ? null : text.slice(nameStart, nameStart + nameEnd);
    found.push({ start, end, value: name === null ? null : (values.get(name.toLowerCase()) ?? null) });
    start = text.indexOf(prefix, end);
  }
  return found;
}

/** `flyway.placeholders.schema=app`: keys in small letters and without `flyway.`. */
function propertiesOf(text: string): readonly (readonly [key: string, value: string | null])[] {
  return [...text.matchAll(/^[ \t]*flyway\.([\w.:-]+?)[ \t]*[=:][ \t]*(.*?)[ \t\r]*$/gim)].map(
    ([, key = "", value = ""]) => [key.toLowerCase(), plainValue(value)],
  );
}

/** Only lines with one value each: what is written otherwise is not known, and so is what an environment has of its own. */
function tomlSettings(text: string): readonly (readonly [key: string, value: string | null])[] {
  const found: (readonly [string, string | null])[] = [];
  const hasLongStrings = /"""|'''/.test(text);
  let section = "";
  for (const line of text.split(/\r?\n/)) {
    const table = /^[ \t]*\[[ \t]*([^[\]]+?)[ \t]*\][ \t]*(?:#.*)?$/.exec(line)?.[1];
    if (table !== undefined) {
      section = `${table.replace(/["'\s]/g, "")}.`;
      continue;
    }
    const [, key, written = ""] = /^[ \t]*([\w.:"'-]+)[ \t]*=[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (key === undefined) continue;
    const path = `${section}${key.replace(/["']/g, "")}`.toLowerCase();
    const own = /^(environments\.[^.]+\.)?flyway\.(.+)$/.exec(path);
    if (own?.[2] !== undefined)
      found.push([own[2], own[1] === undefined && !hasLongStrings ? tomlValue(written) : null]);
  }
  return found;
}

function tomlValue(written: string): string | null {
  const [, basic, literal, word] =
    /^(?:"([^"\\]*)"|'([^']*)'|(true|false|[+-]?\d+))[ \t]*(?:#.*)?$/.exec(written) ?? [];
  const value = basic ?? literal ?? word;
  return value === undefined ? null : plainValue(value);
}

/** `${env.X}` is filled in from outside, and a backslash is no character of the value. */
function plainValue(value: string): string | null {
  return value.includes("${") || value.includes("\\") || value.length > longestValue ? null : value;
}
