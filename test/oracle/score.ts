/** Scores the replay against recorded truth: statements, messages, final catalogs, row routing, coverage. */

import { type Catalog, emptyCatalog, findRelation } from "../../server/src/catalog/catalog.ts";
import { coverageOf } from "../../server/src/catalog/coverage.ts";
import type { RangeDatum } from "../../server/src/catalog/partitioning.ts";
import { printBound, printPartitionKey } from "../../server/src/catalog/print.ts";
import type { Relation } from "../../server/src/catalog/relation.ts";
import { formatType } from "../../server/src/catalog/values/types.ts";
import type { ApplyContext, PostgresVersion, Rejection } from "../../server/src/effects/outcome.ts";
import { routeInsert } from "../../server/src/effects/queries/insert.ts";
import { constraintDefinition } from "../../server/src/effects/relations/constraint-shape.ts";
import { replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import type { RecordedCoverage, RecordedResult, RecordedTable, Recording } from "./truth.ts";

export interface Score {
  /** Statements with a recorded result that does not depend on rows. */
  statements: number;
  accepted: number;
  falseAlarms: number;
  rejected: number;
  found: number;
  exactMessage: number;
  exactDetail: number;
  exactPosition: number;
  tables: number;
  exactTables: number;
  exactColumns: number;
  routes: number;
  routesExact: number;
  routesDeclined: number;
  routesWrong: number;
  coverages: number;
  coveragesExact: number;
  misses: Miss[];
}

export interface Miss {
  readonly about:
    | "false-alarm"
    | "missed"
    | "message"
    | "detail"
    | "position"
    | "catalog"
    | "columns"
    | "route"
    | "route-declined"
    | "coverage";
  readonly script: number;
  readonly statement: number | null;
  readonly expected: string;
  readonly actual: string;
  readonly sql: string;
}

export function emptyScore(): Score {
  return {
    statements: 0,
    accepted: 0,
    falseAlarms: 0,
    rejected: 0,
    found: 0,
    exactMessage: 0,
    exactDetail: 0,
    exactPosition: 0,
    tables: 0,
    exactTables: 0,
    exactColumns: 0,
    routes: 0,
    routesExact: 0,
    routesDeclined: 0,
    routesWrong: 0,
    coverages: 0,
    coveragesExact: 0,
    misses: [],
  };
}

/** Adds what one script shows on one major; catalog, routes and coverage are compared on the one that was recorded alone. */
export function scoreScript(
  score: Score,
  recording: Recording,
  version: PostgresVersion,
  reading: Reading,
  recordedOn: PostgresVersion = 18,
): void {
  const difference = version === recordedOn ? undefined : recording.versions[String(version)];
  const run = replayScript(recording.ddl, version, reading);
  for (const [index, recorded] of recording.results.entries()) {
    scoreStatement(score, recording, index, difference?.results?.[String(index)] ?? recorded, run);
  }
  if (version !== recordedOn) return;
  scoreCatalog(score, recording, run.final);
  for (const [index, route] of recording.routes.entries()) {
    scoreRoute(score, recording, index, route, run.final, version, reading);
  }
  for (const coverage of recording.coverage) scoreCoverage(score, recording, coverage, run.final);
}

/** The score as a table of percentages. */
export function printScore(score: Score): string {
  const percent = (part: number, whole: number): string =>
    whole === 0 ? "–" : `${((100 * part) / whole).toFixed(2)} %`;
  const rows: readonly (readonly [string, string])[] = [
    ["statements scored", String(score.statements)],
    ["false alarms", `${score.falseAlarms} of ${score.accepted}`],
    ["rejections found", `${percent(score.found, score.rejected)} of ${score.rejected}`],
    ["  exact message", percent(score.exactMessage, score.rejected)],
    ["  exact detail and hint", percent(score.exactDetail, score.rejected)],
    ["  exact position", percent(score.exactPosition, score.rejected)],
    ["tables exact", `${percent(score.exactTables, score.tables)} of ${score.tables}`],
    ["  columns and constraints", percent(score.exactColumns, score.tables)],
    ["routes exact", `${percent(score.routesExact, score.routes)} of ${score.routes}`],
    ["  declined, wrong", `${score.routesDeclined}, ${score.routesWrong}`],
    ["coverage exact", `${percent(score.coveragesExact, score.coverages)} of ${score.coverages}`],
  ];
  return rows.map(([name, value]) => `${name.padEnd(28)}${value}`).join("\n");
}

interface Run {
  /** By statement of the recording; broken text may read as several statements. */
  readonly steps: readonly (readonly Step[])[];
  /** Where each statement begins in the text of the whole script. */
  readonly begins: readonly number[];
  readonly final: Catalog;
}

function replayScript(ddl: readonly string[], version: PostgresVersion, reading: Reading): Run {
  const text = ddl.join(";\n");
  const begins: number[] = [];
  let begin = 0;
  for (const sql of ddl) {
    begins.push(begin);
    begin += sql.length + ";\n".length;
  }
  const start = emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" });
  const flat = replayText(text, start, version, reading);
  const steps: readonly Step[][] = ddl.map(() => []);
  for (const step of flat) {
    const owner = begins.findLastIndex((begin) => begin <= step.statement.offset);
    steps[owner]?.push(step);
  }
  const last = flat.at(-1);
  if (last === undefined) return { steps, begins, final: start };
  // The recording rolled an open transaction back before it looked at the catalog.
  const { session } = last.transaction;
  return { steps, begins, final: session.kind === "autocommit" ? last.after : session.beginning };
}

function replayText(text: string, start: Catalog, version: PostgresVersion, reading: Reading): readonly Step[] {
  return replay({
    file: "script.sql",
    statements: parseDocument(text, reading).statements,
    start,
    options: { version, pathmanVersion: "1.5", today: "2025-01-01" },
    previous: [],
    source: { text, reading },
  });
}

function scoreStatement(score: Score, recording: Recording, index: number, recorded: RecordedResult, run: Run): void {
  const steps = run.steps[index] ?? [];
  if (recorded.sqlstate === "23514") return;
  score.statements += 1;
  const sql = recording.ddl[index] ?? "";
  const miss = (about: Miss["about"], expected: string, actual: string): void => {
    score.misses.push({ about, script: recording.id, statement: index, expected, actual, sql });
  };
  const step = steps.find((candidate) => candidate.rejection !== null);
  const rejection = step?.rejection ?? null;
  if (recorded.ok) {
    score.accepted += 1;
    if (rejection === null) return;
    score.falseAlarms += 1;
    miss("false-alarm", "accepted", `${rejection.sqlstate} ${rejection.message}`);
    return;
  }
  score.rejected += 1;
  const expected = `${recorded.sqlstate} ${recorded.message}`;
  if (step === undefined || rejection === null) {
    miss("missed", expected, `accepted; ${steps.flatMap((each) => each.declined).join("; ")}`);
    return;
  }
  score.found += 1;
  const actual = `${rejection.sqlstate} ${rejection.message}`;
  if (expected === actual) score.exactMessage += 1;
  else miss("message", expected, actual);
  const [expectedDetail, actualDetail] = [explanation(recorded), explanation(rejection)];
  if (expectedDetail === actualDetail) score.exactDetail += 1;
  else if (expected === actual) miss("detail", expectedDetail, actualDetail);
  const [expectedPlace, actualPlace] = [recorded.pos ?? null, positionIn(sql, step, run.begins[index] ?? 0)];
  if (expectedPlace === actualPlace) score.exactPosition += 1;
  else if (expected === actual) miss("position", String(expectedPlace), String(actualPlace));
}

function explanation({ detail, hint }: Pick<Rejection, "detail" | "hint"> | RecordedResult): string {
  return `DETAIL ${detail ?? "–"} HINT ${hint ?? "–"}`;
}

function positionIn(sql: string, step: Step, begin: number): number | null {
  const position = step.rejection?.position;
  return position === undefined ? null : [...sql.slice(0, step.statement.offset - begin + position)].length + 1;
}

function scoreCatalog(score: Score, recording: Recording, catalog: Catalog): void {
  const expected = new Map(recording.catalog.map((table) => [table.name, table]));
  const actual = new Map<string, RecordedTable>();
  for (const relation of catalog.relations.values()) {
    if (!["table", "partitioned-table", "foreign-table"].includes(relation.kind)) continue;
    const table = describeTable(catalog, relation);
    actual.set(table.name, table);
  }
  for (const name of new Set([...expected.keys(), ...actual.keys()])) {
    const [truth, mine] = [expected.get(name), actual.get(name)];
    score.tables += 1;
    const shape = (table: RecordedTable | undefined): string =>
      table === undefined ? "absent" : `${table.kind} ${table.parent} ${table.partkey} ${table.bound}`;
    const more = (table: RecordedTable | undefined): string =>
      table === undefined
        ? "absent"
        : `${JSON.stringify(table.cols)} ${JSON.stringify([...(table.cons ?? [])].sort())}`;
    const miss = (about: Miss["about"], text: (table: RecordedTable | undefined) => string): void => {
      score.misses.push({
        about,
        script: recording.id,
        statement: null,
        expected: text(truth),
        actual: text(mine),
        sql: name,
      });
    };
    if (shape(truth) === shape(mine)) score.exactTables += 1;
    else miss("catalog", shape);
    if (more(truth) === more(mine)) score.exactColumns += 1;
    else miss("columns", more);
  }
}

/** The recordings leave the named NOT NULL constraints of 18 aside, foreign keys and EXCLUDE. */
const recordedConstraints: ReadonlySet<string> = new Set(["check", "primary-key", "unique"]);

/** A table as the recordings write it. */
export function describeTable(
  catalog: Catalog,
  relation: Relation,
  kinds: ReadonlySet<string> = recordedConstraints,
): RecordedTable {
  const parentId = relation.partitionOf?.parent ?? relation.inherits[0];
  const parent = parentId === undefined ? undefined : catalog.relations.get(parentId);
  const parentKey = parent?.partitioning?.key;
  const constraints = relation.constraints.filter(({ type }) => kinds.has(type));
  return {
    name: `${relation.schema}.${relation.name}`,
    kind: relation.partitioning === null ? "r" : "p",
    parent: parent === undefined ? null : `${parent.schema}.${parent.name}`,
    partkey: relation.partitioning === null ? null : printPartitionKey(relation.partitioning.key),
    bound:
      relation.partitionOf === null || parentKey === undefined
        ? null
        : printBound(relation.partitionOf.bound, parentKey, catalog.settings),
    cols: relation.columns.map((column) => [column.name, formatType(column.type), column.notNull]),
    cons:
      constraints.length === 0
        ? null
        : constraints.map((constraint) => [constraint.name, constraintDefinition(constraint)]),
  };
}

function scoreRoute(
  score: Score,
  recording: Recording,
  index: number,
  route: Recording["routes"][number],
  catalog: Catalog,
  version: PostgresVersion,
  reading: Reading,
): void {
  score.routes += 1;
  // The recorder asked for the leaf in this way, and what refuses RETURNING was recorded too.
  const [step] = replayText(`${route.sql} returning tableoid::regclass`, catalog, version, reading);
  const expected = route.to ?? `${route.sqlstate} ${route.message}`;
  const actual = step === undefined ? null : routedTo(step, version);
  if (actual === expected) score.routesExact += 1;
  else {
    if (actual === null) score.routesDeclined += 1;
    else score.routesWrong += 1;
    score.misses.push({
      about: actual === null ? "route-declined" : "route",
      script: recording.id,
      statement: index,
      expected,
      actual: actual ?? "declined",
      sql: route.sql,
    });
  }
}

function routedTo(step: Step, version: PostgresVersion): string | null {
  if (step.rejection !== null) return `${step.rejection.sqlstate} ${step.rejection.message}`;
  const { statement } = step.statement;
  if (statement.kind !== "query" || statement.query.kind !== "insert") return null;
  const context: ApplyContext = {
    version,
    pathmanVersion: "1.5",
    today: "2026-01-01",
    file: step.file,
    statement: step.handle,
    inTransaction: false,
    inFunction: false,
  };
  const [route] = routeInsert(step.before, statement.query, context) ?? [];
  if (route === undefined || route.kind === "undecided") return null;
  if (route.kind === "rejected") return `${route.rejection.sqlstate} ${route.rejection.message}`;
  const leaf = step.before.relations.get(route.relation);
  return leaf === undefined ? null : `${leaf.schema}.${leaf.name}`;
}

function scoreCoverage(score: Score, recording: Recording, recorded: RecordedCoverage, catalog: Catalog): void {
  score.coverages += 1;
  const [schema = null, name = ""] = recorded.table.split(".");
  const relation = findRelation(catalog, { schema, name });
  const coverage = relation === null ? null : coverageOf(relation);
  const missing = coverage?.missingRemainders.map(({ remainder }) => remainder) ?? null;
  let expected: string;
  let actual: string;
  if ("missing" in recorded) {
    expected = JSON.stringify([recorded.modulus, recorded.missing]);
    actual = JSON.stringify([coverage?.missingRemainders[0]?.modulus ?? recorded.modulus, missing]);
  } else {
    expected = JSON.stringify(recorded.uncovered);
    const origin = recorded.origin === null ? 0 : (Date.parse(recorded.origin) - Date.UTC(2000, 0, 1)) / 86_400_000;
    const runs: [number, number][] = [];
    for (const gap of coverage?.known === true ? coverage.gaps : []) {
      const first = Math.max(recorded.domain[0], datumNumber(gap.lower[0], origin));
      const last = Math.min(recorded.domain[1], datumNumber(gap.upper[0], origin) - 1);
      if (first <= last) runs.push([first, last]);
    }
    actual = coverage?.known === true ? JSON.stringify(runs) : "unknown";
  }
  if (expected === actual) score.coveragesExact += 1;
  else {
    score.misses.push({
      about: "coverage",
      script: recording.id,
      statement: null,
      expected,
      actual,
      sql: recorded.table,
    });
  }
}

function datumNumber(datum: RangeDatum | undefined, origin: number): number {
  if (datum?.kind !== "value") return datum?.kind === "minvalue" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const { value } = datum;
  if (value.family === "integer") return Number(value.value);
  return value.family === "date" ? value.days - origin : Number.NaN;
}
