/** Scores the prediction of surviving partitions against what recorded servers planned. */

import { readFileSync } from "node:fs";
import { type Catalog, emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { printBound, printPartitionKey } from "../../server/src/catalog/print.ts";
import type { PostgresVersion } from "../../server/src/effects/outcome.ts";
import type { Decided, RelationVerdict } from "../../server/src/pruning/verdict.ts";
import { predictedVerdict } from "../../server/src/pruning/verdict-of.ts";
import { replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import type { RecordedTable } from "./truth.ts";

/** What the recordings say of queries. */
export interface RecordedQueries {
  readonly id: number;
  readonly ddl: readonly string[];
  readonly catalog: readonly RecordedTable[];
  readonly queries?: readonly RecordedQuery[];
  /** What other majors say otherwise, by index. */
  readonly versions: Readonly<
    Record<string, { readonly queries?: Readonly<Record<string, RecordedQuery>>; readonly catalog_differs?: unknown }>
  >;
  readonly prepared?: readonly {
    readonly sql: string;
    readonly types: readonly string[];
    readonly args: readonly string[];
    readonly custom?: RecordedQuery;
    readonly generic?: RecordedQuery;
  }[];
}

export interface RecordedQuery {
  readonly sql?: string;
  readonly survivors?: readonly string[];
  readonly removed?: number;
  readonly ok?: boolean;
  /** Root table → when the plan prunes it, where that is later than planning. */
  readonly when?: Readonly<Record<string, "executor-start" | "execution">>;
}

export function readRecordedQueries(path: string): readonly RecordedQueries[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as RecordedQueries);
}

/** Whether the recordings tell when queries prune that prune later than planning. */
export function recordsWhen(recordings: readonly RecordedQueries[]): boolean {
  return recordings.some(({ queries }) => queries?.some(({ when }) => when !== undefined));
}

export interface QueryScore {
  queries: number;
  /** Set, certainty and time are right. */
  exact: number;
  /** Queries that are not scored, by reason. */
  readonly leftOut: Map<string, number>;
  readonly misses: QueryMiss[];
}

export type QueryFault =
  /** A survivor is missing: wrong whatever was claimed. */
  | "missed"
  /** Said to be exact, and too wide. */
  | "falsely-exact"
  /** Said to be at most, and too wide. */
  | "wider"
  /** Said to be at most, and equal all the same. */
  | "pessimistic"
  /** Said to be exact, though the plan still chooses. */
  | "falsely-sure"
  /** The right set, decided at another time. */
  | "when"
  | "nothing-said";

export interface QueryMiss {
  readonly about: QueryFault;
  readonly script: number;
  readonly sql: string;
  readonly expected: readonly string[];
  readonly actual: readonly string[] | null;
  readonly note: string;
}

export function emptyQueryScore(): QueryScore {
  return { queries: 0, exact: 0, leftOut: new Map(), misses: [] };
}

/** How many queries are wrong in that way. */
export function countOf(score: QueryScore, about: QueryFault): number {
  return score.misses.filter((miss) => miss.about === about).length;
}

/** `recordsWhen`: the recording tells when each query prunes later than planning. */
export function scoreQueries(
  score: QueryScore,
  recording: RecordedQueries,
  version: PostgresVersion,
  reading: Reading,
  recordsWhen: boolean,
): void {
  const final = finalCatalogOf(recording.ddl, version, reading);
  const difference = version === 18 ? undefined : recording.versions[String(version)];
  const asked: readonly Asked[] = [
    ...(recording.queries ?? []).map((query, index) => {
      const expected = difference?.queries?.[String(index)] ?? query;
      return { sql: query.sql ?? "", expected, generic: false };
    }),
    ...(version === 18 ? (recording.prepared ?? []) : []).flatMap(({ sql, types, args, custom, generic }) => [
      { sql: withArguments(sql, types, args), expected: custom, generic: false },
      { sql, expected: generic, generic: true },
    ]),
  ];
  const leaveOut = (reason: string): void => {
    score.leftOut.set(reason, (score.leftOut.get(reason) ?? 0) + 1);
  };
  const isWrong = difference?.catalog_differs !== undefined || !agrees(final, recording.catalog);
  for (const one of asked) {
    if (one.expected?.survivors === undefined) leaveOut("refused by the server");
    else if (isWrong) leaveOut("the replay's catalog differs");
    else if (clock.test(one.sql)) leaveOut("depends on the clock");
    else if (!scoreQuery(score, recording, one, lastStep(one.sql, final, version, reading), version, recordsWhen))
      leaveOut("no table with partitions or children");
  }
}

/** What the recording does not tell the time of. */
const clock =
  /\b(?:now\(\)|(?:current|local)_?(?:date|time|timestamp)|(?:transaction|statement|clock)_timestamp)|'(?:now|today|tomorrow|yesterday)'/i;

export function printQueryScore(score: QueryScore): string {
  const percent = (part: number): string =>
    score.queries === 0 ? "–" : `${((100 * part) / score.queries).toFixed(2)} %`;
  const faults: readonly (readonly [QueryFault, string])[] = [
    ["missed", "survivor missed"],
    ["falsely-exact", "too wide but said exact"],
    ["falsely-sure", "said exact, plan chooses"],
    ["wider", "too wide, said at most"],
    ["pessimistic", "equal, said at most"],
    ["when", "decided at another time"],
    ["nothing-said", "nothing said"],
  ];
  return [
    ["queries scored", `${score.queries}`],
    ["exact", `${percent(score.exact)} (${score.exact})`],
    ...faults.map(([about, name]) => [name, `${countOf(score, about)}`]),
    ...[...score.leftOut].map(([reason, count]) => ["left out", `${count}: ${reason}`]),
  ]
    .map(([name = "", value]) => `${name.padEnd(28)}${value}`)
    .join("\n");
}

interface Asked {
  readonly sql: string;
  readonly expected: RecordedQuery | undefined;
  readonly generic: boolean;
}

/** False where the query is about no table that has partitions or children. */
function scoreQuery(
  score: QueryScore,
  { id, catalog }: RecordedQueries,
  { sql, expected: recorded, generic }: Asked,
  step: Step | undefined,
  version: PostgresVersion,
  recordsWhen: boolean,
): boolean {
  const members = membersOf(catalog);
  const expected = (recorded?.survivors ?? []).filter((name) => members.has(name));
  const verdict =
    step === undefined ? null : predictedVerdict(step, { version, pathmanVersion: "1.5", today: "2025-01-01" });
  // Plans do not show where INSERT puts its rows.
  const relations = (verdict?.relations ?? []).filter(({ access }) => access !== "insert");
  if (relations.length === 0 && expected.length === 0) return false;
  score.queries += 1;
  const known = relations.length > 0 && relations.every(({ survivors }) => survivors !== null);
  const actual = known ? namesOf(relations) : null;
  const isExact = relations.every(({ certainty }) => certainty === "exact");
  const about = ((): QueryFault | null => {
    if (actual === null) return "nothing-said";
    const set = new Set(actual);
    if (expected.some((name) => !set.has(name))) return "missed";
    const removed = recorded?.removed ?? 0;
    // A generic plan keeps for the start of the executor what the planner does not prune.
    const planned = expected.length + (generic ? removed : 0);
    const when = latest(Object.values(recorded?.when ?? {}));
    const chooses = (generic && removed > 0) || when === "execution";
    if (set.size > planned) return isExact ? "falsely-exact" : "wider";
    if (chooses && isExact) return "falsely-sure";
    const own = latest(relations.map(({ decided }) => decided));
    // Another argument may leave fewer.
    const mayChoose = generic && own === "executor-start";
    if (!chooses && !mayChoose && !isExact) return "pessimistic";
    return recordsWhen && !generic && own !== when ? "when" : null;
  })();
  if (about === null) score.exact += 1;
  else {
    const own = relations.map((one) => `${one.relation.name} ${one.decided} ${one.certainty}`);
    const when = JSON.stringify(recorded?.when ?? {});
    const note = `${generic ? "generic, " : ""}recorded ${when}, said ${own.join("; ")}`;
    score.misses.push({ about, script: id, sql, expected, actual, note });
  }
  return true;
}

/** Tables with partitions or children, and those that are some. */
function membersOf(catalog: readonly RecordedTable[]): ReadonlySet<string> {
  return new Set(catalog.flatMap(({ name, parent }) => (parent === null ? [] : [name, parent])));
}

function latest(times: readonly Decided[]): Decided {
  return (["execution", "executor-start"] as const).find((time) => times.includes(time)) ?? "planning";
}

function namesOf(relations: readonly RelationVerdict[]): readonly string[] {
  const names = relations.flatMap(({ survivors }) => survivors ?? []).map(({ schema, name }) => `${schema}.${name}`);
  return [...new Set(names)].sort();
}

function withArguments(sql: string, types: readonly string[], args: readonly string[]): string {
  return sql.replaceAll(/\$(\d+)/g, (_, number: string) => {
    const index = Number(number) - 1;
    return `CAST(${args[index]} AS ${types[index]})`;
  });
}

function finalCatalogOf(ddl: readonly string[], version: PostgresVersion, reading: Reading): Catalog {
  const statements = ddl.flatMap((sql) => parseDocument(sql, reading).statements);
  // The recorded databases compare bytes.
  const start = emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" });
  const options = { version, pathmanVersion: "1.5", today: "2025-01-01" };
  const last = replay({ file: "script.sql", statements, start, options, previous: [] }).at(-1);
  if (last === undefined) return start;
  const { session } = last.transaction;
  return session.kind === "autocommit" ? last.after : session.beginning;
}

function lastStep(sql: string, start: Catalog, version: PostgresVersion, reading: Reading): Step | undefined {
  const { statements } = parseDocument(sql, reading);
  const options = { version, pathmanVersion: "1.5", today: "2025-01-01" };
  return replay({ file: "query.sql", statements, start, options, previous: [] }).at(-1);
}

/** Whether the catalog has the recorded tables: kinds, parents, keys and bounds. */
export function agrees(catalog: Catalog, recorded: readonly RecordedTable[]): boolean {
  const spelled = (
    name: string,
    kind: string,
    parent: string | null,
    key: string | null,
    bound: string | null,
  ): string => [name, kind, parent, key, bound].join(" | ");
  const own: string[] = [];
  for (const relation of catalog.relations.values()) {
    if (relation.kind !== "table" && relation.kind !== "partitioned-table") continue;
    const parentId = relation.partitionOf?.parent ?? relation.inherits[0];
    const parent = parentId === undefined ? undefined : catalog.relations.get(parentId);
    const key = relation.partitioning === null ? null : printPartitionKey(relation.partitioning.key);
    const parentKey = parent?.partitioning?.key;
    const bound =
      relation.partitionOf === null || parentKey === undefined
        ? null
        : printBound(relation.partitionOf.bound, parentKey, catalog.settings);
    const parentName = parent === undefined ? null : `${parent.schema}.${parent.name}`;
    own.push(
      spelled(
        `${relation.schema}.${relation.name}`,
        relation.partitioning === null ? "r" : "p",
        parentName,
        key,
        bound,
      ),
    );
  }
  const theirs = recorded.map(({ name, kind, parent, partkey, bound }) => spelled(name, kind, parent, partkey, bound));
  return own.sort().join("\n") === theirs.sort().join("\n");
}
