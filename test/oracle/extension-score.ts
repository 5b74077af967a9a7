/** Scores the replay against recorded histories of extensions: calls, words, lists of partitions or shards, routes, queries. */

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { type Catalog, emptyCatalog, withSettings } from "../../server/src/catalog/catalog.ts";
import type { Relation } from "../../server/src/catalog/relation.ts";
import type { ApplyContext } from "../../server/src/effects/outcome.ts";
import { routeInsert } from "../../server/src/effects/queries/insert.ts";
import { lookUpRelation } from "../../server/src/effects/relations/lookup.ts";
import { predictedVerdict } from "../../server/src/pruning/verdict-of.ts";
import { type ReplayOptions, replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";

/** What all recordings of extensions have. */
export interface ExtensionRecording {
  readonly id: number;
  readonly statements: readonly string[];
  readonly results: readonly ExtensionResult[];
  readonly routes?: readonly ({ readonly sql: string; readonly to?: string } & Partial<ExtensionResult>)[];
  readonly queries?: readonly ({
    readonly sql: string;
    readonly survivors?: readonly string[];
    readonly removed?: number;
  } & Partial<ExtensionResult>)[];
}

export interface ExtensionResult {
  readonly ok: boolean;
  readonly sqlstate?: string;
  readonly message?: string;
  readonly detail?: string;
  readonly hint?: string;
  /** The server did not come to an end. */
  readonly endless?: boolean;
}

/** What is particular to the recordings of one extension. */
export interface ExtensionAdapter<Recording extends ExtensionRecording> {
  readonly options: ReplayOptions;
  /** The search path at the start of a history; absent where it is `public`. */
  readonly searchPath?: readonly string[];
  /** Whether a statement calls the extension: all others only count for false alarms. */
  readonly isCall: (sql: string) => boolean;
  /** The list recorded after a statement, each entry as one text; null where none is recorded there. */
  readonly recordedList: (recording: Recording, index: number) => readonly string[] | null;
  /** The same list as the model has it. */
  readonly listOf: (catalog: Catalog, recording: Recording) => readonly string[];
  /** From which statement on rows decide that nobody can know; null where none do. */
  readonly decidedByRows: (recording: Recording) => number | null;
  /** Whether the result of a statement is not to be scored, by the file's README. */
  readonly isLeftOut: (sql: string, result: ExtensionResult) => boolean;
  /** The name of a table as the routes and survivors of the recordings have it. */
  readonly nameOf: (schema: string, name: string) => string;
}

type Words = { readonly [Part in "sqlstate" | "message" | "detail" | "hint"]?: string | undefined };

export interface ExtensionScore {
  calls: number;
  callsRight: number;
  callsDeclined: number;
  accepted: number;
  falseAlarms: number;
  refused: number;
  exactWords: number;
  lists: number;
  exactLists: number;
  routes: number;
  exactRoutes: number;
  queries: number;
  exactQueries: number;
  missingSurvivors: number;
  leftOut: number;
  misses: ExtensionMiss[];
}

export interface ExtensionMiss {
  readonly about: "false-alarm" | "call" | "words" | "list" | "route" | "query" | "survivor";
  readonly history: number;
  readonly statement: number | null;
  readonly sql: string;
  readonly expected: string;
  readonly actual: string;
}

/** The recordings of a file, which may be compressed. */
export function readHistories<Recording extends ExtensionRecording>(file: string): readonly Recording[] {
  const bytes = readFileSync(file);
  const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Recording);
}

export function emptyExtensionScore(): ExtensionScore {
  return {
    calls: 0,
    callsRight: 0,
    callsDeclined: 0,
    accepted: 0,
    falseAlarms: 0,
    refused: 0,
    exactWords: 0,
    lists: 0,
    exactLists: 0,
    routes: 0,
    exactRoutes: 0,
    queries: 0,
    exactQueries: 0,
    missingSurvivors: 0,
    leftOut: 0,
    misses: [],
  };
}

/** Adds what one history shows. */
export function scoreHistory<Recording extends ExtensionRecording>(
  score: ExtensionScore,
  recording: Recording,
  adapter: ExtensionAdapter<Recording>,
  reading: Reading,
): void {
  const { steps, final } = replayHistory(recording.statements, adapter, reading);
  const end = adapter.decidedByRows(recording) ?? recording.statements.length;
  for (const [index, result] of recording.results.entries()) {
    const sql = recording.statements[index] ?? "";
    const own = steps[index] ?? [];
    if (index >= end || result.endless === true) {
      if (adapter.isCall(sql)) score.leftOut += 1;
      continue;
    }
    scoreStatement(score, recording, adapter, index, sql, result, own);
    const list = adapter.recordedList(recording, index);
    const last = own.at(-1);
    if (list === null || last === undefined) continue;
    compare(
      score,
      "list",
      recording.id,
      index,
      sql,
      [...list].sort(),
      [...adapter.listOf(last.after, recording)].sort(),
    );
  }
  if (end < recording.statements.length) return;
  scoreRoutes(score, recording, adapter, final, reading);
  scoreQueries(score, recording, adapter, final, reading);
}

function scoreStatement<Recording extends ExtensionRecording>(
  score: ExtensionScore,
  recording: Recording,
  adapter: ExtensionAdapter<Recording>,
  index: number,
  sql: string,
  result: ExtensionResult,
  steps: readonly Step[],
): void {
  const rejection = steps.find((step) => step.rejection !== null)?.rejection ?? null;
  const miss = (about: ExtensionMiss["about"], expected: string, actual: string): void => {
    score.misses.push({ about, history: recording.id, statement: index, sql, expected, actual });
  };
  if (adapter.isLeftOut(sql, result)) return;
  const declined = steps.flatMap((step) => step.declined);
  const words = (said: Words): string =>
    `${said.sqlstate ?? ""} ${said.message ?? ""} DETAIL ${said.detail ?? "–"} HINT ${said.hint ?? "–"}`;
  const actual = rejection === null ? `accepted; ${declined.join("; ")}` : words(rejection);
  if (result.ok) {
    score.accepted += 1;
    if (rejection !== null) {
      score.falseAlarms += 1;
      miss("false-alarm", "accepted", actual);
    }
  }
  if (!adapter.isCall(sql)) return;
  score.calls += 1;
  const isRight = result.ok
    ? rejection === null && declined.length === 0
    : rejection !== null && rejection.sqlstate === result.sqlstate;
  if (isRight) score.callsRight += 1;
  else {
    if (rejection === null && declined.length > 0) score.callsDeclined += 1;
    if (!(result.ok && rejection !== null)) miss("call", result.ok ? "accepted" : words(result), actual);
  }
  if (result.ok) return;
  score.refused += 1;
  if (words(result) === actual) score.exactWords += 1;
  else if (isRight) miss("words", words(result), actual);
}

function scoreRoutes<Recording extends ExtensionRecording>(
  score: ExtensionScore,
  { id, routes }: Recording,
  adapter: ExtensionAdapter<Recording>,
  catalog: Catalog,
  reading: Reading,
): void {
  for (const route of routes ?? []) {
    // A trigger that returns NULL leaves the INSERT without a row to tell of.
    if (route.to === undefined && route.sqlstate === undefined) continue;
    const [step] = replayText(route.sql, catalog, adapter, reading);
    const expected = route.to ?? `${route.sqlstate} ${route.message}`;
    const actual = step === undefined ? "nothing" : routedTo(step, adapter);
    score.routes += 1;
    if (actual === expected) score.exactRoutes += 1;
    else score.misses.push({ about: "route", history: id, statement: null, sql: route.sql, expected, actual });
  }
}

function routedTo<Recording extends ExtensionRecording>(step: Step, adapter: ExtensionAdapter<Recording>): string {
  if (step.rejection !== null) return `${step.rejection.sqlstate} ${step.rejection.message}`;
  const { statement } = step.statement;
  if (statement.kind !== "query" || statement.query.kind !== "insert") return "no INSERT";
  const context: ApplyContext = {
    ...adapter.options,
    file: step.file,
    statement: step.handle,
    inTransaction: false,
    inFunction: false,
  };
  const [route] = routeInsert(step.before, statement.query, context) ?? [];
  if (route === undefined || route.kind === "undecided") return "declined";
  if (route.kind === "rejected") return `${route.rejection.sqlstate} ${route.rejection.message}`;
  const leaf = step.before.relations.get(route.relation);
  return leaf === undefined ? "nowhere" : adapter.nameOf(leaf.schema, leaf.name);
}

function scoreQueries<Recording extends ExtensionRecording>(
  score: ExtensionScore,
  { id, queries }: Recording,
  adapter: ExtensionAdapter<Recording>,
  catalog: Catalog,
  reading: Reading,
): void {
  for (const query of queries ?? []) {
    if (query.survivors === undefined) continue;
    const step = replayText(query.sql, catalog, adapter, reading).at(-1);
    const verdict = step === undefined ? null : predictedVerdict(step, adapter.options);
    const relations = (verdict?.relations ?? []).filter(({ access }) => access !== "insert");
    const plain = step === undefined || relations.length > 0 ? null : plainTable(step);
    const isKnown = plain !== null || (relations.length > 0 && relations.every(({ survivors }) => survivors !== null));
    const own = (plain === null ? relations.flatMap(({ survivors }) => survivors ?? []) : [plain]).map(
      ({ schema, name }) => adapter.nameOf(schema, name),
    );
    const [expected, actual] = [[...new Set(query.survivors)].sort(), [...new Set(own)].sort()];
    score.queries += 1;
    const missing = isKnown ? expected.filter((name) => !actual.includes(name)) : [];
    const miss = { history: id, statement: null, sql: query.sql, expected: expected.join(" ") };
    if (missing.length > 0) {
      score.missingSurvivors += 1;
      score.misses.push({ about: "survivor", ...miss, actual: actual.join(" ") });
    }
    // What the executor's start removes is among those that the planner keeps.
    const isExact = isKnown && missing.length === 0 && actual.length <= expected.length + (query.removed ?? 0);
    if (isExact) score.exactQueries += 1;
    else if (missing.length === 0)
      score.misses.push({ about: "query", ...miss, actual: isKnown ? actual.join(" ") : "nothing said" });
  }
}

/** The table that a query reads whole, because nothing divides it; null for any other, and where that is not sure. */
function plainTable({ before, statement: { statement } }: Step): Pick<Relation, "schema" | "name"> | null {
  const [item, ...others] = statement.kind === "query" && statement.query.kind === "select" ? statement.query.from : [];
  if (item?.kind !== "relation" || others.length > 0) return null;
  const found = lookUpRelation(before, item.relation);
  const isPlain = found.kind === "found" && found.relation.kind === "table" && found.relation.children.size === 0;
  return isPlain && found.relation.knowledge === "full" ? found.relation : null;
}

function compare(
  score: ExtensionScore,
  about: "list",
  history: number,
  statement: number,
  sql: string,
  expected: readonly string[],
  actual: readonly string[],
): void {
  score.lists += 1;
  if (expected.join("\n") === actual.join("\n")) {
    score.exactLists += 1;
    return;
  }
  const lacking = expected.filter((entry) => !actual.includes(entry));
  const surplus = actual.filter((entry) => !expected.includes(entry));
  score.misses.push({
    about,
    history,
    statement,
    sql,
    expected: `${lacking.length} more: ${lacking.slice(0, 4).join("; ")}`,
    actual: `${surplus.length} of its own: ${surplus.slice(0, 4).join("; ")}`,
  });
}

function replayHistory<Recording extends ExtensionRecording>(
  statements: readonly string[],
  adapter: ExtensionAdapter<Recording>,
  reading: Reading,
): { readonly steps: readonly (readonly Step[])[]; readonly final: Catalog } {
  const text = statements.join(";\n");
  const begins: number[] = [];
  let begin = 0;
  for (const sql of statements) {
    begins.push(begin);
    begin += sql.length + ";\n".length;
  }
  const empty = emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" });
  const { searchPath } = adapter;
  const start = searchPath === undefined ? empty : withSettings(empty, { searchPath, initialSearchPath: searchPath });
  const steps: Step[][] = statements.map(() => []);
  const flat = replayText(text, start, adapter, reading);
  for (const step of flat) steps[begins.findLastIndex((each) => each <= step.statement.offset)]?.push(step);
  const last = flat.at(-1);
  if (last === undefined) return { steps, final: start };
  // The recordings rolled an open transaction back before they looked at routes and queries.
  const { session } = last.transaction;
  const final = session.kind === "autocommit" ? last.after : session.beginning;
  // Routes and queries were asked in a session of their own.
  return { steps, final: { ...final, settings: start.settings } };
}

function replayText<Recording extends ExtensionRecording>(
  text: string,
  start: Catalog,
  { options }: ExtensionAdapter<Recording>,
  reading: Reading,
): readonly Step[] {
  return replay({
    file: "script.sql",
    statements: parseDocument(text, reading).statements,
    start,
    options,
    previous: [],
    source: { text, reading },
  });
}

/** The score as a table. */
export function printExtensionScore(score: ExtensionScore): string {
  const share = (part: number, whole: number): string =>
    whole === 0 ? "–" : `${((100 * part) / whole).toFixed(2)} % of ${whole}`;
  const rows: readonly (readonly [string, string])[] = [
    ["calls right", `${share(score.callsRight, score.calls)}, ${score.callsDeclined} declined`],
    ["false alarms", `${score.falseAlarms} of ${score.accepted}`],
    ["refusals in exact words", share(score.exactWords, score.refused)],
    ["lists exact", share(score.exactLists, score.lists)],
    ["routes exact", share(score.exactRoutes, score.routes)],
    ["queries exact", share(score.exactQueries, score.queries)],
    ["survivors missing", String(score.missingSurvivors)],
    ["left out, decided by rows", `${score.leftOut} calls`],
  ];
  return rows.map(([name, value]) => `${name.padEnd(28)}${value}`).join("\n");
}
