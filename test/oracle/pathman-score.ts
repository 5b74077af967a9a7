/** Scores recorded histories of pg_pathman: calls, words, lists of partitions, routes of rows, survivors of queries. */

import { readFileSync } from "node:fs";
import { type Catalog, emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { pathmanOf } from "../../server/src/catalog/pathman-config.ts";
import type { Relation } from "../../server/src/catalog/relation.ts";
import type { PostgresVersion } from "../../server/src/effects/outcome.ts";
import { predictedVerdict } from "../../server/src/pruning/verdict-of.ts";
import { replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { lacksHashPartition, listedPartitions } from "./pathman-list.ts";

export interface PathmanRecording {
  readonly id: number;
  readonly statements: readonly string[];
  readonly results: readonly {
    readonly ok: boolean;
    readonly sqlstate?: string;
    readonly message?: string;
    readonly detail?: string;
    readonly hint?: string;
    readonly value?: string;
  }[];
  readonly partitions: readonly ((readonly (string | number | null)[])[] | null)[];
  readonly checks: readonly (readonly string[])[];
  readonly routes?: readonly {
    readonly sql: string;
    readonly to?: string;
    readonly sqlstate?: string;
    readonly message?: string;
  }[];
  readonly queries?: readonly { readonly sql: string; readonly survivors?: readonly string[] }[];
}

export interface Miss {
  readonly about: string;
  readonly script: number;
  readonly statement: number | null;
  readonly sql: string;
  readonly expected: string;
  readonly actual: string;
}

export interface PathmanScore {
  readonly counts: Map<string, number>;
  readonly misses: Miss[];
}

export function emptyPathmanScore(): PathmanScore {
  return { counts: new Map(), misses: [] };
}

export function readPathmanRecordings(path: string): readonly PathmanRecording[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as PathmanRecording);
}

export interface PathmanSetting {
  readonly version: PostgresVersion;
  readonly pathmanVersion: string;
  readonly schema: string;
  readonly searchPath: readonly string[];
}

export const pathmanSettings: Readonly<Record<"pathman" | "readme", PathmanSetting>> = {
  pathman: { version: 15, pathmanVersion: "1.5", schema: "pathman", searchPath: ["s", "pathman", "public"] },
  readme: { version: 11, pathmanVersion: "readme", schema: "public", searchPath: ["public"] },
};

function count(score: PathmanScore, name: string, by = 1): void {
  score.counts.set(name, (score.counts.get(name) ?? 0) + by);
}

export function scorePathman(
  score: PathmanScore,
  recording: PathmanRecording,
  setting: PathmanSetting,
  reading: Reading,
): void {
  const { statements, results } = recording;
  const text = statements.join(";\n");
  const begins: number[] = [];
  let begin = 0;
  for (const sql of statements) {
    begins.push(begin);
    begin += sql.length + 2;
  }
  const flat = run(text, startFor(setting), setting, reading);
  const byStatement = statements.map((): Step[] => []);
  for (const step of flat) byStatement[begins.findLastIndex((each) => each <= step.statement.offset)]?.push(step);
  let listed = "[]";
  for (const [index, result] of results.entries()) {
    const steps = byStatement[index] ?? [];
    const rejection = steps.find((step) => step.rejection !== null)?.rejection ?? null;
    const declined = steps.flatMap((step) => step.declined);
    const sql = statements[index] ?? "";
    const miss = (about: string, expected: string, actual: string): void => {
      count(score, about);
      score.misses.push({ about, script: recording.id, statement: index, sql, expected, actual });
    };
    const actual = rejection === null ? `ok ${declined.join("; ")}` : `${rejection.sqlstate} ${rejection.message}`;
    count(score, "statements");
    if (result.ok) {
      if (rejection !== null) miss("false-alarm", "ok", actual);
      else if (declined.length > 0) miss("declined", "ok", actual);
      else count(score, "right");
    } else {
      count(score, "refusals");
      const expected = `${result.sqlstate} ${result.message}`;
      if (rejection === null) miss("missed", expected, actual);
      else {
        count(score, "right");
        const [theirs, mine] = [
          `${expected} | ${result.detail ?? ""} | ${result.hint ?? ""}`,
          `${actual} | ${rejection.detail ?? ""} | ${rejection.hint ?? ""}`,
        ];
        if (theirs === mine) count(score, "exact words");
        else miss("words", theirs, mine);
      }
    }
    const after = steps.at(-1)?.after;
    const recorded = recording.partitions[index];
    if (recorded != null) listed = spelled(recorded);
    if (after === undefined) continue;
    count(score, "lists");
    const own = spelled(listedPartitions(after, setting.version, setting.pathmanVersion === "readme"));
    if (own === listed) count(score, "lists exact");
    // The recorder's own view fails while one of the hash partitions is missing, and its list stays as it was.
    else if (lacksHashPartition(after)) count(score, "lists left out");
    else miss("list", listed, own);
  }
  const last = flat.at(-1);
  if (last === undefined) return;
  const { session } = last.transaction;
  const final = session.kind === "autocommit" ? last.after : session.beginning;
  scoreRoutes(score, recording, final, setting, reading);
  scoreQueries(score, recording, final, setting, reading);
}

function spelled(rows: readonly (readonly (string | number | null)[])[]): string {
  return JSON.stringify(rows.map((row) => JSON.stringify(row)).sort());
}

function scoreRoutes(
  score: PathmanScore,
  recording: PathmanRecording,
  final: Catalog,
  setting: PathmanSetting,
  reading: Reading,
): void {
  let catalog = final;
  for (const [index, route] of (recording.routes ?? []).entries()) {
    const [step] = run(route.sql, catalog, setting, reading);
    count(score, "routes");
    const expected = route.to ?? `${route.sqlstate} ${route.message}`;
    const actual = step === undefined ? "nothing" : routed(step);
    if (actual === expected) count(score, "routes exact");
    else {
      count(score, "route");
      score.misses.push({ about: "route", script: recording.id, statement: index, sql: route.sql, expected, actual });
    }
    // Each was rolled back, and what it took of the naming sequence was not.
    if (step !== undefined)
      catalog = { ...catalog, pathman: { ...pathmanOf(catalog), numbers: pathmanOf(step.after).numbers } };
  }
}

/** The table whose rows are others now: one has come, whether it is known or not. */
function routed(step: Step): string {
  if (step.rejection !== null) return `${step.rejection.sqlstate} ${step.rejection.message}`;
  const changed: Relation[] = [];
  for (const [id, rows] of step.after.rows.entries()) {
    const relation = step.after.relations.get(id);
    if (rows !== step.before.rows.get(id) && relation !== undefined) changed.push(relation);
  }
  const [only] = changed;
  if (only === undefined || changed.length > 1) return `declined ${step.declined.join("; ")}`;
  const quoted = /^[a-z_][a-z0-9_]*$/.test(only.name) ? only.name : `"${only.name}"`;
  return only.schema === "s" || only.schema === "public" ? quoted : `${only.schema}.${quoted}`;
}

function scoreQueries(
  score: PathmanScore,
  recording: PathmanRecording,
  final: Catalog,
  setting: PathmanSetting,
  reading: Reading,
): void {
  for (const [index, query] of (recording.queries ?? []).entries()) {
    if (query.survivors === undefined) continue;
    const [step] = run(query.sql, final, setting, reading);
    count(score, "queries");
    const options = { version: setting.version, pathmanVersion: setting.pathmanVersion, today: "2025-01-01" };
    const verdict = step === undefined ? null : predictedVerdict(step, options);
    const relations = verdict?.relations ?? [];
    const names = relations.flatMap(({ survivors }) => survivors ?? []).map(({ schema, name }) => `${schema}.${name}`);
    const isPlain = relations.length === 0;
    const actual = isPlain ? ["s.t"] : [...new Set(names)].sort();
    const expected = [...query.survivors].sort();
    const isExact = relations.every(({ certainty, survivors }) => certainty === "exact" && survivors !== null);
    if (expected.some((name) => !actual.includes(name))) count(score, "survivors missing");
    if (isExact && JSON.stringify(actual) === JSON.stringify(expected)) count(score, "queries exact");
    else {
      count(score, "query");
      const note = `${actual.join(" ")} ${relations.map((one) => one.certainty).join(" ")}`;
      score.misses.push({
        about: "query",
        script: recording.id,
        statement: index,
        sql: query.sql,
        expected: expected.join(" "),
        actual: note,
      });
    }
  }
}

function startFor({ schema, searchPath, pathmanVersion }: PathmanSetting): Catalog {
  const empty = emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" });
  const schemas = [...searchPath].reduce((known, name) => known.with<true>(name, true, true), empty.schemas);
  return {
    ...empty,
    schemas,
    settings: { ...empty.settings, searchPath },
    extensions: empty.extensions.with("pg_pathman", { version: pathmanVersion, schema }, true),
  };
}

function run(
  text: string,
  start: Catalog,
  { version, pathmanVersion }: PathmanSetting,
  reading: Reading,
): readonly Step[] {
  return replay({
    file: "script.sql",
    statements: parseDocument(text, reading).statements,
    start,
    options: { version, pathmanVersion, today: "2025-01-01" },
    previous: [],
    source: { text, reading },
  });
}
