/** Scores the prediction of surviving partitions against what recorded servers planned. */

import { type Catalog, emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { printBound, printPartitionKey } from "../../server/src/catalog/print.ts";
import type { RelationVerdict } from "../../server/src/pruning/verdict.ts";
import { predictedVerdict } from "../../server/src/pruning/verdict-of.ts";
import { replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import type { PostgresVersion } from "../../server/src/schemes/scheme.ts";
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
    readonly custom: RecordedQuery;
    readonly generic: RecordedQuery;
  }[];
}

export interface RecordedQuery {
  readonly sql?: string;
  readonly survivors?: readonly string[];
  readonly removed?: number;
  readonly ok?: boolean;
}

export interface QueryScore {
  queries: number;
  /** Said to be exact, and so. */
  exact: number;
  /** Generic plans of which we say what may survive, and that the start of the executor decides. */
  generic: number;
  /** Said to be at most, and equal all the same. */
  equalAtMost: number;
  wider: number;
  /** A survivor is missing: wrong whatever was claimed. */
  missed: number;
  /** Said to be exact, and too wide. */
  falselyExact: number;
  /** Scripts whose catalog our replay does not get right are left out. */
  leftOut: number;
  readonly misses: QueryMiss[];
}

export interface QueryMiss {
  readonly about: "missed" | "falsely-exact" | "wider" | "nothing-said" | "generic" | "pessimistic";
  readonly script: number;
  readonly sql: string;
  readonly expected: readonly string[];
  readonly actual: readonly string[] | null;
  readonly note: string;
}

export function emptyQueryScore(): QueryScore {
  return {
    queries: 0,
    exact: 0,
    generic: 0,
    equalAtMost: 0,
    wider: 0,
    missed: 0,
    falselyExact: 0,
    leftOut: 0,
    misses: [],
  };
}

export function scoreQueries(
  score: QueryScore,
  recording: RecordedQueries,
  version: PostgresVersion,
  reading: Reading,
): void {
  const final = finalCatalogOf(recording.ddl, version, reading);
  const difference = version === 18 ? undefined : recording.versions[String(version)];
  const asked = [
    ...(recording.queries ?? []).map((query, index) => {
      const expected = difference?.queries?.[String(index)] ?? query;
      return { sql: query.sql ?? "", expected, generic: false };
    }),
    ...(version === 18 ? (recording.prepared ?? []) : []).flatMap(({ sql, types, args, custom, generic }) => [
      { sql: withArguments(sql, types, args), expected: custom, generic: false },
      { sql, expected: generic, generic: true },
    ]),
  ].filter(({ expected }) => expected?.survivors !== undefined);
  if (difference?.catalog_differs !== undefined || !agrees(final, recording.catalog)) {
    score.leftOut += asked.length;
    return;
  }
  for (const { sql, expected, generic } of asked) {
    scoreQuery(score, recording.id, sql, expected, generic, lastStep(sql, final, version, reading), version);
  }
}

export function printQueryScore(score: QueryScore): string {
  const percent = (part: number): string =>
    score.queries === 0 ? "–" : `${((100 * part) / score.queries).toFixed(2)} %`;
  return [
    ["queries scored", `${score.queries} (left out ${score.leftOut})`],
    ["exact and said so", percent(score.exact)],
    ["generic plans right", percent(score.generic)],
    ["equal, said at most", percent(score.equalAtMost)],
    ["too wide", percent(score.wider)],
    ["survivor missed", `${score.missed}`],
    ["too wide but said exact", `${score.falselyExact}`],
  ]
    .map(([name = "", value]) => `${name.padEnd(28)}${value}`)
    .join("\n");
}

function scoreQuery(
  score: QueryScore,
  script: number,
  sql: string,
  recorded: RecordedQuery,
  generic: boolean,
  step: Step | undefined,
  version: PostgresVersion,
): void {
  const expected = recorded.survivors ?? [];
  score.queries += 1;
  const verdict =
    step === undefined ? null : predictedVerdict(step, { version, pathmanVersion: "1.5", today: "2025-01-01" });
  const relations = verdict?.relations ?? [];
  const known = relations.every(({ survivors }) => survivors !== null);
  const actual = known && relations.length > 0 ? namesOf(relations) : null;
  const certainty = relations.every((relation) => relation.certainty === "exact") ? "exact" : "at-most";
  const miss = (about: QueryMiss["about"]): void => {
    const note = `${generic ? "generic " : ""}${relations.map((one) => `${one.decided} ${one.certainty}`).join("; ")}`;
    score.misses.push({ about, script, sql, expected, actual, note });
  };
  if (actual === null) {
    miss("nothing-said");
    return;
  }
  const set = new Set(actual);
  if (expected.some((name) => !set.has(name))) {
    score.missed += 1;
    miss("missed");
    return;
  }
  // A generic plan keeps for the start of the executor what the planner does not prune.
  if (generic) {
    const planned = expected.length + (recorded.removed ?? 0);
    const late = (recorded.removed ?? 0) > 0;
    if (set.size === planned && (!late || certainty === "at-most")) score.generic += 1;
    else miss("generic");
    return;
  }
  if (set.size === expected.length) {
    if (certainty === "exact") score.exact += 1;
    else {
      score.equalAtMost += 1;
      miss("pessimistic");
    }
    return;
  }
  score.wider += 1;
  if (certainty === "exact") {
    score.falselyExact += 1;
    miss("falsely-exact");
  } else miss("wider");
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
