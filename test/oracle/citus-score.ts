/** Scores the replay against what servers with Citus said to histories of calls and statements. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Catalog, emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { printBound } from "../../server/src/catalog/print.ts";
import { rangesOf, shardCountOf } from "../../server/src/catalog/shards.ts";
import type { RelationVerdict } from "../../server/src/pruning/verdict.ts";
import { predictedVerdict } from "../../server/src/pruning/verdict-of.ts";
import { replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";

export interface CitusResult {
  readonly ok: boolean;
  readonly sqlstate?: string;
  readonly message?: string;
  readonly detail?: string;
  readonly hint?: string;
}

export type CitusTable = readonly [
  name: string,
  type: string,
  column: string | null,
  group: number,
  shards: number,
  ranges: number,
  method: string,
];

export interface CitusHistory {
  readonly id: number;
  readonly kind: string;
  readonly statements: readonly string[];
  readonly results: readonly CitusResult[];
  readonly tables: readonly (readonly CitusTable[] | null)[];
  readonly ranges: readonly (readonly (readonly [string | null, string | null])[])[];
  readonly partitions: readonly (readonly (readonly [string, string, string])[] | null)[];
  readonly queries: readonly CitusQuery[];
  readonly prepared: readonly unknown[];
}

export interface CitusQuery extends Partial<CitusResult> {
  readonly sql: string;
  readonly tasks?: number;
  readonly shards?: Readonly<Record<string, readonly number[] | "all">>;
}

/** The histories in this repository, of all kinds. */
export const citusSample = fileURLToPath(new URL("citus-sample.jsonl", import.meta.url));

export function readHistories(path: string): CitusHistory[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as CitusHistory);
}

export interface CitusScore {
  calls: number;
  callsRight: number;
  accepted: number;
  falseAlarms: number;
  rejected: number;
  found: number;
  exactWords: number;
  lists: number;
  listsRight: number;
  partitionLists: number;
  partitionListsRight: number;
  misses: { about: string; script: number; statement: number; sql: string; expected: string; actual: string }[];
}

export function emptyCitusScore(): CitusScore {
  return {
    calls: 0,
    callsRight: 0,
    accepted: 0,
    falseAlarms: 0,
    rejected: 0,
    found: 0,
    exactWords: 0,
    lists: 0,
    listsRight: 0,
    partitionLists: 0,
    partitionListsRight: 0,
    misses: [],
  };
}

const ofRows = new Set(["23503", "23505", "23514", "23502", "57014"]);

export function scoreHistory(score: CitusScore, history: CitusHistory, reading: Reading): readonly Step[] {
  const text = history.statements.join(";\n");
  const start = emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" });
  const steps = replay({
    file: "script.sql",
    statements: parseDocument(text, reading).statements,
    start,
    options: { version: 15, pathmanVersion: "1.5", today: "2026-03-15T12:00:00Z" },
    previous: [],
    source: { text, reading },
  });
  const begins: number[] = [];
  let begin = 0;
  for (const sql of history.statements) {
    begins.push(begin);
    begin += sql.length + ";\n".length;
  }
  const groups = new Map<number, number>();
  for (const [index, sql] of history.statements.entries()) {
    const [from, to] = [begins[index] ?? 0, begins[index + 1] ?? Infinity];
    const own = steps.filter(({ statement }) => statement.offset >= from && statement.offset < to);
    const miss = (about: string, expected: string, actual: string): void => {
      score.misses.push({ about, script: history.id, statement: index, sql, expected, actual });
    };
    scoreResult(score, history.results[index] ?? { ok: true }, own, sql, miss);
    const last = own.at(-1);
    if (last === undefined) continue;
    const tables = history.tables[index];
    if (tables != null) {
      score.lists += 1;
      const expected = tables.map((table) => printTable(history, table));
      const actual = tablesOf(last.behind.real.catalog);
      const [a, b] = [expected.map((table) => table.text).join(" "), actual.map((table) => table.text).join(" ")];
      const sameGroups = expected.every((table, place) => isSameGroup(groups, table.group, actual[place]?.group ?? -1));
      if (a === b && sameGroups) score.listsRight += 1;
      else
        miss(
          "tables",
          expected.map((t) => `${t.text}@${t.group}`).join(" "),
          actual.map((t) => `${t.text}@${t.group}`).join(" "),
        );
    }
    const partitions = history.partitions[index];
    if (partitions != null) {
      score.partitionLists += 1;
      const expected = partitions.map((each) => each.join(" ")).sort();
      const actual = partitionsOf(last.behind.real.catalog);
      if (expected.join("\n") === actual.join("\n")) score.partitionListsRight += 1;
      else miss("partitions", expected.join("; "), actual.join("; "));
    }
  }
  return steps;
}

function isSameGroup(groups: Map<number, number>, expected: number, actual: number): boolean {
  const known = groups.get(expected);
  if (known === undefined) {
    if (expected !== 0 && [...groups.values()].includes(actual)) return false;
    groups.set(expected, actual);
    return expected === 0 ? actual === 0 : true;
  }
  return known === actual;
}

function scoreResult(
  score: CitusScore,
  recorded: CitusResult,
  steps: readonly Step[],
  sql: string,
  miss: (about: string, expected: string, actual: string) => void,
): void {
  if (recorded.sqlstate !== undefined && ofRows.has(recorded.sqlstate)) return;
  const rejection = steps.find((step) => step.rejection !== null)?.rejection ?? null;
  const declined = steps.flatMap((step) => step.declined);
  score.calls += 1;
  if (recorded.ok) {
    score.accepted += 1;
    if (rejection !== null) {
      score.falseAlarms += 1;
      miss("false-alarm", "accepted", `${rejection.sqlstate} ${rejection.message} | ${rejection.detail ?? ""}`);
    } else if (declined.length > 0) miss("declined", "accepted", declined.join("; "));
    if (rejection === null) score.callsRight += 1;
    return;
  }
  score.rejected += 1;
  const expected = `${recorded.sqlstate} ${recorded.message}`;
  if (rejection === null) {
    miss("missed", expected, `accepted; ${declined.join("; ")}`);
    return;
  }
  score.found += 1;
  score.callsRight += 1;
  const actual = `${rejection.sqlstate} ${rejection.message}`;
  const explained = (each: { readonly detail?: string | undefined; readonly hint?: string | undefined }): string =>
    `${each.detail ?? "–"} | ${each.hint ?? "–"}`;
  if (expected === actual && explained(recorded) === explained(rejection)) score.exactWords += 1;
  else miss("words", `${expected} | ${explained(recorded)}`, `${actual} | ${explained(rejection)}`);
  void sql;
}

function printTable(history: CitusHistory, table: CitusTable): { text: string; group: number } {
  const [name, type, column, group, shards, ranges, method] = table;
  const text = `${name}:${type}:${column}:${shards}:${method}:${JSON.stringify(history.ranges[ranges] ?? [])}`;
  return { text: short(text), group };
}

function short(text: string): string {
  return text.length < 400 ? text : `${text.slice(0, 200)}…${text.slice(-60)}`;
}

function tablesOf(catalog: Catalog): { text: string; group: number }[] {
  return [...catalog.relations.values()]
    .flatMap((relation) => {
      const { shards } = relation;
      if (shards === undefined) return [];
      const count = shardCountOf(catalog.sharded, shards);
      const ranges =
        rangesOf(catalog.sharded, shards)?.map((range) => range.map(String)) ?? (count === 0 ? [] : [[null, null]]);
      const method = `${shards.method[0]}${shards.automatic === true ? "+auto" : ""}`;
      const text = `${relation.schema}.${relation.name}:${shards.kind}:${shards.column}:${count}:${method}:${JSON.stringify(ranges)}`;
      return [{ text: short(text), name: `${relation.schema}.${relation.name}`, group: shards.colocation }];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function partitionsOf(catalog: Catalog): readonly string[] {
  return [...catalog.relations.values()]
    .flatMap((relation) => {
      const link = relation.partitionOf;
      const parent = link === null ? undefined : catalog.relations.get(link.parent);
      if (link === null || parent?.partitioning == null) return [];
      if (relation.kind === "index" || relation.kind === "partitioned-index") return [];
      const bound = printBound(link.bound, parent.partitioning.key, catalog.settings);
      return [`${relation.schema}.${relation.name} ${parent.schema}.${parent.name} ${bound}`];
    })
    .sort();
}

export function printCitusScore(score: CitusScore): string {
  const percent = (part: number, whole: number): string =>
    whole === 0 ? "–" : `${((100 * part) / whole).toFixed(2)} % of ${whole}`;
  return [
    ["calls right", percent(score.callsRight, score.calls)],
    ["false alarms", `${score.falseAlarms} of ${score.accepted}`],
    ["rejections found", percent(score.found, score.rejected)],
    ["  exact words", percent(score.exactWords, score.rejected)],
    ["table lists", percent(score.listsRight, score.lists)],
    ["partition lists", percent(score.partitionListsRight, score.partitionLists)],
  ]
    .map(([name, value]) => `${(name ?? "").padEnd(24)}${value}`)
    .join("\n");
}

export interface CitusQueryScore {
  queries: number;
  right: number;
  refusals: number;
  refusalsRight: number;
  falseAlarms: number;
  missing: number;
  misses: { about: string; script: number; sql: string; expected: string; actual: string }[];
}

export function emptyCitusQueryScore(): CitusQueryScore {
  return { queries: 0, right: 0, refusals: 0, refusalsRight: 0, falseAlarms: 0, missing: 0, misses: [] };
}

interface PlannedShards {
  readonly shards?: Readonly<Record<string, readonly number[] | "all">>;
  readonly partitions?: Readonly<Record<string, readonly string[]>>;
  readonly subplans?: readonly PlannedShards[];
}

/** Adds what the queries of a history visit, each against the tables that are there at its end. */
export function scoreCitusQueries(
  score: CitusQueryScore,
  history: CitusHistory,
  steps: readonly Step[],
  reading: Reading,
): void {
  const final = endOf(steps);
  if (final === null) return;
  for (const query of history.queries) scoreQuery(score, history, query, final, reading);
}

function endOf(steps: readonly Step[]): Catalog | null {
  const last = steps.at(-1);
  if (last === undefined) return null;
  const { real } = last.behind;
  const catalog = real.session.kind === "autocommit" ? real.catalog : real.session.beginning;
  const { citus: _reset, ...settings } = catalog.settings;
  return { ...catalog, settings: { ...settings, planner: {} } };
}

function scoreQuery(
  score: CitusQueryScore,
  history: CitusHistory,
  query: CitusQuery,
  start: Catalog,
  reading: Reading,
): void {
  const options = { version: 15, pathmanVersion: "1.5", today: "2026-03-15T12:00:00Z" } as const;
  const [step] = replay({
    file: "query.sql",
    statements: parseDocument(query.sql, reading).statements,
    start,
    options,
    previous: [],
    source: { text: query.sql, reading },
  });
  if (step === undefined) return;
  // EXPLAIN does not look for the unique index of ON CONFLICT, a statement that runs does.
  if (step.rejection?.sqlstate === "42P10" && query.sqlstate === undefined) return;
  score.queries += 1;
  const miss = (about: string, expected: string, actual: string): void => {
    score.misses.push({ about, script: history.id, sql: query.sql, expected, actual });
  };
  const { rejection } = step;
  const isOfRows = rejection?.sqlstate.startsWith("23") === true;
  if (query.sqlstate !== undefined) {
    score.refusals += 1;
    const expected = `${query.sqlstate} ${query.message}`;
    const actual = rejection === null ? "accepted" : `${rejection.sqlstate} ${rejection.message}`;
    if (expected === actual) {
      score.refusalsRight += 1;
      score.right += 1;
    } else miss(rejection === null ? "unrefused" : "other-refusal", expected, actual);
    return;
  }
  if (rejection !== null && !isOfRows) {
    score.falseAlarms += 1;
    miss("query-false-alarm", "planned", `${rejection.sqlstate} ${rejection.message}`);
    return;
  }
  const verdict = predictedVerdict(step, options);
  const expected = new Map<string, Set<number>>();
  const partitions = new Map<string, Set<string>>();
  gather(query as PlannedShards, expected, partitions, verdict.relations);
  const actual = new Map<string, Set<number> | null>();
  const scanned = new Map<string, Set<string> | null>();
  for (const { relation, access, shards, survivors, leaves } of verdict.relations) {
    const name = `${relation.schema}.${relation.name}`;
    // Where the rows of a query go is not shown by EXPLAIN unless they stay in their shards.
    if (shards !== undefined && !(access === "insert" && shards.survivors === null)) {
      const known = actual.get(name);
      actual.set(
        name,
        known === null || shards.survivors === null ? null : new Set([...(known ?? []), ...shards.survivors]),
      );
    }
    if (access === "insert" && survivors === null) continue;
    if (leaves.length === 1 && leaves[0]?.name === relation.name) continue;
    const known = scanned.get(name);
    const names = survivors?.map((each) => `${each.schema}.${each.name}`) ?? null;
    scanned.set(name, known === null || names === null ? null : new Set([...(known ?? []), ...names]));
  }
  // Where the rows of a query go is not shown by EXPLAIN unless they stay in their shards.
  for (const [name, set] of actual) if (set === null && !expected.has(name)) actual.delete(name);
  const shown = (map: ReadonlyMap<string, Set<number | string> | null>): string =>
    [...map.entries()]
      .filter(([, set]) => set === null || set.size > 0)
      .map(([name, set]) => `${name}=${set === null ? "?" : [...set].sort().join(",")}`)
      .sort()
      .join(" ");
  const isMissing = [...expected].some(([name, set]) => {
    const own = actual.get(name);
    return own != null && [...set].some((index) => !own.has(index));
  });
  if (isMissing) score.missing += 1;
  const [a, b] = [shown(expected), shown(actual)];
  const [c, d] = [shown(partitions), shown(scanned)];
  if (a === b && (c === d || partitions.size === 0)) score.right += 1;
  else if (a !== b) miss(isMissing ? "missing-shards" : "shards", a, b);
  else miss("query-partitions", c, d);
}

function gather(
  plan: PlannedShards,
  shards: Map<string, Set<number>>,
  partitions: Map<string, Set<string>>,
  relations: readonly RelationVerdict[],
): void {
  for (const [name, found] of Object.entries(plan.shards ?? {})) {
    const count = relations.find(({ relation }) => `${relation.schema}.${relation.name}` === name)?.shards?.count ?? 0;
    const indexes = found === "all" ? Array.from({ length: count }, (_, index) => index) : found;
    shards.set(name, new Set([...(shards.get(name) ?? []), ...indexes]));
  }
  for (const [name, found] of Object.entries(plan.partitions ?? {}))
    partitions.set(name, new Set([...(partitions.get(name) ?? []), ...found]));
  for (const sub of plan.subplans ?? []) gather(sub, shards, partitions, relations);
}

export function printCitusQueryScore(score: CitusQueryScore): string {
  return [
    `queries right           ${((100 * score.right) / score.queries).toFixed(2)} % of ${score.queries}`,
    `refusals right          ${score.refusalsRight} of ${score.refusals}`,
    `false alarms            ${score.falseAlarms}`,
    `shards missing          ${score.missing}`,
  ].join("\n");
}
