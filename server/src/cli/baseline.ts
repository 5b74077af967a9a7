/** The baseline of `check`: findings that a project lives with, so that only new ones are reported. */

import { readFile, stat, writeFile } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Finding } from "../text/finding.ts";
import { UsageError } from "./command.ts";
import { lineHash } from "./fingerprint.ts";
import { posixPath } from "./paths.ts";
import type { CheckedFile } from "./reporters/reporter.ts";

/** What a finding is told by lies in the file itself, so its text and lines are all that is needed. */
type Located = Pick<CheckedFile, "uri" | "text" | "lines">;

export interface Baseline {
  /** The findings that the baseline does not know. Of several alike, the baseline knows as many as it counts, the first ones. */
  readonly unknownOf: (findings: readonly Finding[], file: Located) => readonly Finding[];
}

/** How often a rule is broken on lines of one text. */
interface Entry {
  readonly rule: string;
  /** `lineHash` */
  readonly line: string;
  readonly count: number;
}

/** By the path of the file, relative to the folder of the baseline and with `/` between folders. */
type Entries = Readonly<Record<string, readonly Entry[]>>;

/** Reads the file. Throws UsageError where it is no baseline. */
export async function readBaseline(cwd: string, file: string): Promise<Baseline> {
  const path = resolve(cwd, file);
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) throw new UsageError(`--baseline ${file}: no such file; --write-baseline ${file} writes it`);
  const entries = parsed(text);
  if (entries === null)
    throw new UsageError(`--baseline ${file}: this is not a baseline; --write-baseline ${file} writes one`);
  return {
    unknownOf: (findings, located) => {
      const known = new Map((entries[nameIn(path, located)] ?? []).map((entry) => [keyOf(entry), entry.count]));
      return findings.filter((finding) => {
        const key = keyOf({ rule: finding.rule, line: lineHash(finding, located) });
        const left = known.get(key) ?? 0;
        known.set(key, left - 1);
        return left <= 0;
      });
    },
  };
}

/**
 * Writes what was found. What an earlier baseline of that name says of other files stays, as long as they exist: so part of
 * a project can be looked at alone.
 */
export async function writeBaseline(
  cwd: string,
  file: string,
  found: readonly (Located & { readonly findings: readonly Finding[] })[],
): Promise<void> {
  const path = resolve(cwd, file);
  const earlier = parsed(await readFile(path, "utf8").catch(() => "")) ?? {};
  const entries = new Map<string, readonly Entry[]>();
  for (const [name, known] of Object.entries(earlier))
    if (await exists(resolve(dirname(path), name))) entries.set(name, known);
  for (const each of found) entries.set(nameIn(path, each), entriesOf(each.findings, each));
  const files = Object.fromEntries(
    [...entries].filter(([, list]) => list.length > 0).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  try {
    await writeFile(path, `${JSON.stringify({ version: 1, files }, null, 2)}\n`);
  } catch (error) {
    throw new UsageError(`--write-baseline ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function entriesOf(findings: readonly Finding[], file: Located): readonly Entry[] {
  const entries = new Map<string, Entry>();
  for (const finding of findings) {
    const entry = { rule: finding.rule, line: lineHash(finding, file) };
    const key = keyOf(entry);
    entries.set(key, { ...entry, count: (entries.get(key)?.count ?? 0) + 1 });
  }
  return [...entries.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function keyOf({ rule, line }: Omit<Entry, "count">): string {
  return `${rule} ${line}`;
}

function nameIn(baseline: string, { uri }: Located): string {
  return posixPath(relative(dirname(baseline), fileURLToPath(uri)));
}

/** null where the text is no baseline of this version. */
function parsed(text: string): Entries | null {
  try {
    const raw: unknown = JSON.parse(text);
    if (!isRecord(raw) || raw["version"] !== 1 || !isRecord(raw["files"])) return null;
    const lists = Object.values(raw["files"]);
    return lists.every((list) => Array.isArray(list) && list.every(isEntry)) ? (raw["files"] as Entries) : null;
  } catch {
    return null;
  }
}

function isEntry(raw: unknown): raw is Entry {
  return (
    isRecord(raw) &&
    typeof raw["rule"] === "string" &&
    typeof raw["line"] === "string" &&
    typeof raw["count"] === "number"
  );
}

function isRecord(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
