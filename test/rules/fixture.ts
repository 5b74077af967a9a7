// The fixture language: cases of legal SQL with the expectation written under the line, read from and written to a file.
import type { PostgresVersion } from "../../server/src/effects/outcome.ts";
import type { Severity } from "../../server/src/text/finding.ts";
import { createLineIndex, type LineIndex, positionAt } from "../../server/src/text/line-index.ts";
import type { TextRange } from "../../server/src/text/range.ts";

/** A file of cases separated by `-- ==== name`; what stands before the first separator holds for all of them. */
export type Fixture = { readonly preamble: string; readonly cases: readonly FixtureCase[] };

export type FixtureCase = {
  readonly name: string;
  /** As it stands in the file, with its separator line. */
  readonly source: string;
  /** Without annotations, `-- pg:` lines and fixed texts. */
  readonly sql: string;
  /** The `-- pg:` lines with the number of the line of `sql` under which they stand. */
  readonly facts: readonly { readonly line: number; readonly text: string }[];
  readonly options: FixtureOptions;
};

export type FixtureOptions = {
  /** `-- @postgres 13,18`: the majors for which the case holds. */
  readonly postgres: readonly PostgresVersion[];
  /** `-- @server none`: what the case needs is in no server that we can run (an extension, a newer major). */
  readonly server: boolean;
  /** `-- @clean`: nothing is expected. */
  readonly clean: boolean;
  /** `-- @setting name=value` */
  readonly settings: Readonly<Record<string, string>>;
};

/** What an annotation says of a range of the case's `sql`. */
export type Annotation = {
  readonly range: TextRange;
  readonly severity: Severity | "related";
  readonly rule: string;
  readonly message: string;
  readonly fixable: boolean;
};

/** What a fix makes of the case: the lines that it changes or adds. */
export type FixedText = { readonly title: string; readonly before: string; readonly after: string };

const separator = "-- ==== ";
const fixedSeparator = /^-- ---- fixed(?:: |$)/;
const annotation = /^--(?:<|\s*)\^+…? (?:error|warning|information|hint|related) /;
const fact = /^-- pg: /;

export function parseFixture(text: string): Fixture {
  const chunks: string[][] = [[]];
  for (const line of text.trimEnd().split("\n")) {
    if (line.startsWith(separator)) chunks.push([]);
    chunks.at(-1)?.push(line);
  }
  const [preamble = [], ...cases] = chunks;
  if (cases.length === 0) return { preamble: "", cases: [parseCase(preamble, [])] };
  return { preamble: preamble.join("\n").trimEnd(), cases: cases.map((lines) => parseCase(lines, preamble)) };
}

/** The whole file again, from the cases' sources. */
export function printFixture(fixture: Fixture, sources: readonly string[]): string {
  const parts = fixture.preamble === "" ? sources : [fixture.preamble, ...sources];
  return `${parts.join("\n\n")}\n`;
}

/** The case with these annotations and fixed texts instead of those it has. */
export function renderCase(
  fixture: FixtureCase,
  annotations: readonly Annotation[],
  fixed: readonly FixedText[],
): string {
  const lines = fixture.sql.split("\n");
  const index = createLineIndex(fixture.sql);
  const under = new Map<number, string[]>();
  for (const item of [...annotations].sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end)) {
    const { line } = positionAt(index, item.range.start);
    under.set(line, [...(under.get(line) ?? []), printAnnotation(item, lines[line] ?? "", line, index)]);
  }
  for (const { line, text } of fixture.facts) under.set(line, [...(under.get(line) ?? []), text]);
  const header = fixture.source.startsWith(separator) ? [`${separator}${fixture.name}`] : [];
  const body = lines.flatMap((line, number) => [line, ...(under.get(number) ?? [])]);
  return [...header, ...body, ...fixed.flatMap(printFixed)].join("\n");
}

function parseCase(lines: readonly string[], preamble: readonly string[]): FixtureCase {
  const named = lines[0]?.startsWith(separator) === true;
  const name = named ? (lines[0] ?? "").slice(separator.length) : "all";
  const end = lines.findIndex((line) => fixedSeparator.test(line));
  const body = trimEnd(lines.slice(named ? 1 : 0, end === -1 ? undefined : end));
  const sql: string[] = [];
  const facts: { line: number; text: string }[] = [];
  for (const line of body) {
    if (annotation.test(line)) continue;
    if (fact.test(line)) facts.push({ line: sql.length - 1, text: line });
    else sql.push(line);
  }
  const options = parseOptions([...preamble, ...body]);
  return { name, source: trimEnd(lines).join("\n"), sql: sql.join("\n"), facts, options };
}

function trimEnd(lines: readonly string[]): readonly string[] {
  const last = lines.findLastIndex((line) => line.trim() !== "");
  return lines.slice(0, last + 1);
}

function parseOptions(lines: readonly string[]): FixtureOptions {
  let postgres: readonly PostgresVersion[] = [13, 18];
  let server = true;
  let clean = false;
  const settings: Record<string, string> = {};
  for (const line of lines) {
    const option = /^-- @(\w+)\s*(.*)$/.exec(line);
    if (option === null) continue;
    const [, name, value = ""] = option;
    if (name === "postgres") postgres = value.split(",").map((major) => Number(major) as PostgresVersion);
    else if (name === "server" && value.startsWith("none")) server = false;
    else if (name === "clean") clean = true;
    else if (name === "setting") {
      const [key = "", ...rest] = value.split("=");
      settings[key.trim()] = rest.join("=").trim();
    } else throw new Error(`unknown option in a fixture: ${line}`);
  }
  return { postgres, server, clean, settings };
}

function printAnnotation(item: Annotation, text: string, line: number, index: LineIndex): string {
  const start = positionAt(index, item.range.start).character;
  const end = positionAt(index, item.range.end);
  const goesOn = end.line > line;
  const width = Math.max(1, (goesOn ? text.length : end.character) - start);
  const carets =
    start < 2 ? `--<${"^".repeat(Math.max(1, start + width - 3))}` : `--${" ".repeat(start - 2)}${"^".repeat(width)}`;
  return `${carets}${goesOn ? "…" : ""} ${item.severity} ${item.rule}: ${item.message}${item.fixable ? " 💡" : ""}`;
}

function printFixed({ title, before, after }: FixedText): string[] {
  return [`-- ---- fixed: ${title}`, ...changedLines(before.split("\n"), after.split("\n"))];
}

/** The lines of `after` that are not in `before`, and those of `before` that are gone without a replacement as comments. */
function changedLines(before: readonly string[], after: readonly string[]): readonly string[] {
  const kept = longestCommonSubsequence(before, after);
  const added: string[] = [];
  let next = 0;
  for (const line of after) {
    if (line === kept[next]) next += 1;
    else if (line.trim() !== "") added.push(line);
  }
  if (added.length > 0) return added;
  const removed: string[] = [];
  next = 0;
  for (const line of before) {
    if (line === kept[next]) next += 1;
    else removed.push(`-- removed: ${line}`);
  }
  return removed;
}

function longestCommonSubsequence(a: readonly string[], b: readonly string[]): readonly string[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const row = lengths[i];
      if (row !== undefined) row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const common: string[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) {
      common.push(a[i] ?? "");
      i += 1;
      j += 1;
    } else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return common;
}
