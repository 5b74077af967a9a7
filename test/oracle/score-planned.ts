/** Scores what is said of a recording's queries when the embedded PostgreSQL is asked, as the language server asks it. */

import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { type Analysis, analyseAtOnce } from "../../server/src/ide/analysis.ts";
import { partOf, schemaBefore } from "../../server/src/ide/schema-statements.ts";
import type { EmbeddedPostgres } from "../../server/src/postgres/embedded-planner.ts";
import type { RelationVerdict, Verdict } from "../../server/src/pruning/verdict.ts";
import { verdictFor } from "../../server/src/pruning/verdict-of.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument, textOfStatement } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import type { RecordedQueries, RecordedQuery } from "./score-queries.ts";

/** A recorded query with what the plan says of when its partitions are chosen. */
interface TimedQuery extends RecordedQuery {
  /** Root table → when its partitions are chosen; planning where it says nothing. */
  readonly when?: Readonly<Record<string, "executor-start" | "execution">>;
}

export interface PlannedScore {
  queries: number;
  /** The set of survivors, and how certain it is. */
  exact: number;
  /** A survivor is missing. */
  missed: number;
  /** Answered by the prediction, because the embedded PostgreSQL could not be asked. */
  notAsked: number;
  /** Whose answer depends on the day on which it was recorded. */
  leftOut: number;
  readonly misses: PlannedMiss[];
}

export interface PlannedMiss {
  readonly about: "missed" | "wider" | "nothing-said" | "pessimistic" | "late-unsaid" | "when" | "not-asked";
  readonly script: number;
  readonly sql: string;
  readonly expected: string;
  readonly actual: string;
}

export function emptyPlannedScore(): PlannedScore {
  return { queries: 0, exact: 0, missed: 0, notAsked: 0, leftOut: 0, misses: [] };
}

interface Asked {
  readonly sql: string;
  readonly expected: TimedQuery;
  /** Whether the plan is made without looking at the arguments. */
  readonly generic: boolean;
}

/** All queries of one recorded script, in one file behind its statements. */
export async function scorePlanned(
  score: PlannedScore,
  recording: RecordedQueries,
  embedded: EmbeddedPostgres,
  reading: Reading,
): Promise<void> {
  const asked = queriesOf(recording);
  // What is left open is rolled back before the queries, and what failed has left nothing behind.
  const script = [...recording.ddl, "ROLLBACK"].map((sql) => `${sql};\n`).join("");
  const text = script + asked.map(({ sql }) => `${sql};\n`).join("");
  const analysis = analysisOf(text, reading);
  let start = script.length;
  for (const one of asked) {
    const at = start;
    start += one.sql.length + 2;
    const steps = analysis.steps.filter((_, index) =>
      isWithin(analysis.document.statements[index]?.start ?? 0, at, start),
    );
    const step = steps.at(-1);
    if (step === undefined) continue;
    if (dayOfRecording.test(one.sql)) {
      score.leftOut += 1;
      continue;
    }
    scoreVerdict(
      score,
      recording.id,
      { ...one, expected: withoutPlainTables(one.expected, recording) },
      await ask(analysis, step, embedded),
    );
  }
}

/** Constants that are dates already when the plan is made: recorded on another day. */
const dayOfRecording = /'(?:now|today|tomorrow|yesterday)'/i;

export function printPlannedScore(score: PlannedScore): string {
  const share = score.queries === 0 ? "–" : `${((100 * score.exact) / score.queries).toFixed(2)} %`;
  return [
    ["queries scored", `${score.queries}`],
    ["exact and said so", share],
    ["survivor missed", `${score.missed}`],
    ["not answered by the planner", `${score.notAsked}`],
    ["left out: today's date", `${score.leftOut}`],
  ]
    .map(([name = "", value]) => `${name.padEnd(28)}${value}`)
    .join("\n");
}

function queriesOf(recording: RecordedQueries): readonly Asked[] {
  const queries = (recording.queries ?? []) as readonly TimedQuery[];
  const plain = queries.map((expected): Asked => ({ sql: expected.sql ?? "", expected, generic: false }));
  const prepared = (recording.prepared ?? []).flatMap(({ sql, types, args, custom, generic }, index): Asked[] => {
    const name = `prepared_${index}`;
    const prepare = `PREPARE ${name} (${types.join(", ")}) AS ${sql}`;
    const execute = `EXECUTE ${name} (${args.join(", ")})`;
    // Some recordings have one kind of plan only; the statements are there all the same.
    return [
      { sql: `${prepare}; ${execute}`, expected: custom ?? {}, generic: false },
      { sql: `SET plan_cache_mode = force_generic_plan; ${execute}`, expected: generic ?? {}, generic: true },
      { sql: "RESET plan_cache_mode", expected: {}, generic: false },
    ];
  });
  return [...plain, ...prepared];
}

/** Of tables that are part of no tree nothing is said. */
function withoutPlainTables(query: TimedQuery, { catalog }: RecordedQueries): TimedQuery {
  const parents = new Set(catalog.map(({ parent }) => parent));
  const plain = new Set(
    catalog
      .filter(({ name, kind, parent }) => kind === "r" && parent === null && !parents.has(name))
      .map(({ name }) => name),
  );
  return query.survivors === undefined
    ? query
    : { ...query, survivors: query.survivors.filter((name) => !plain.has(name)) };
}

function isWithin(offset: number, start: number, end: number): boolean {
  return offset >= start && offset < end;
}

async function ask(analysis: Analysis, step: Step, embedded: EmbeddedPostgres): Promise<Verdict> {
  const text = textOfStatement(analysis.document, step.handle);
  const schema = schemaBefore([partOf(analysis)], step);
  const planner = schema === null ? null : embedded.after(schema);
  const signal = new AbortController().signal;
  return verdictFor(step, text, planner, analysis.options, signal);
}

function scoreVerdict(score: PlannedScore, script: number, { sql, expected, generic }: Asked, verdict: Verdict): void {
  if (expected.survivors === undefined) return;
  score.queries += 1;
  // Where INSERT puts rows is not in its plan.
  const relations = verdict.relations.filter(({ access }) => access !== "insert");
  const actual = new Set(
    relations.flatMap(({ survivors }) => survivors ?? []).map(({ schema, name }) => `${schema}.${name}`),
  );
  const miss = (about: PlannedMiss["about"]): void => {
    score.misses.push({
      about,
      script,
      sql,
      expected: `${expected.survivors?.join(" ")} (removed ${expected.removed ?? 0}) ${JSON.stringify(expected.when ?? {})}`,
      actual: `${[...actual].sort().join(" ")}: ${relations.map(describe).join("; ")}${verdict.problem === null ? "" : `; ${verdict.problem}`}`,
    });
  };
  if (relations.some(({ source }) => source === "predicted")) {
    score.notAsked += 1;
    miss("not-asked");
  }
  const about = differenceOf(expected, generic, relations, actual);
  if (about === null) score.exact += 1;
  else miss(about);
  if (about === "missed") score.missed += 1;
}

/** null where set, certainty and time of the decision are those of the plan. */
function differenceOf(
  { survivors = [], removed = 0, when = {} }: TimedQuery,
  generic: boolean,
  relations: readonly RelationVerdict[],
  actual: ReadonlySet<string>,
): PlannedMiss["about"] | null {
  if (relations.some((one) => one.survivors === null) || (relations.length === 0 && survivors.length > 0))
    return "nothing-said";
  if (survivors.some((name) => !actual.has(name))) return "missed";
  if (actual.size > survivors.length) return "wider";
  const isLate = Object.values(when).includes("execution");
  const isSure = relations.every(({ certainty }) => certainty === "exact");
  if (isLate === isSure) return isSure ? "late-unsaid" : "pessimistic";
  const agrees = Object.entries(when).every(([table, decided]) =>
    relations.some((one) => nameOf(one) === table && one.decided === decided),
  );
  // A generic plan shows by what it removes that it does so when it starts.
  const starts = !generic || removed === 0 || relations.some(({ decided }) => decided === "executor-start");
  return agrees && starts ? null : "when";
}

function describe(relation: RelationVerdict): string {
  return `${nameOf(relation)} ${relation.decided} ${relation.certainty} ${relation.source}`;
}

function nameOf({ relation }: RelationVerdict): string {
  return `${relation.schema}.${relation.name}`;
}

function analysisOf(text: string, reading: Reading): Analysis {
  return analyseAtOnce({
    file: "script.sql",
    document: parseDocument(text, reading),
    reading,
    // The recorded databases compare bytes.
    start: emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" }),
    // The day of the embedded server's clock, else it is not asked where plans depend on the day; all recorded bounds lie before it.
    options: {
      version: 18,
      today: new Date().toISOString().slice(0, 10),
      timeZone: "UTC",
      pathmanVersion: "1.5",
      severities: {},
    },
    startInFile: () => null,
    previous: null,
  });
}
