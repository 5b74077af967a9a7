/** Random variations of recorded scripts: their own forms, mixed with each other's statements and values. */

import { type Recording, readRecordings } from "../oracle/truth.ts";
import { createRandom, type Random } from "./generator/random.ts";
import type { Kind, Script } from "./generator.ts";

/** Makes scripts of the scripts in a file of recordings: the same seed gives the same script. */
export function createVariations(file: string): (seed: number, kind?: string) => Script {
  const recordings = readRecordings(file);
  const pools = poolsOf(recordings);
  return (seed, kind) => {
    const random = createRandom(seed);
    const first = random.pick(recordings.filter((each) => kind === undefined || each.kind === kind));
    const alike = recordings.filter((each) => each !== first && shapeOf(each) === shapeOf(first));
    const second = alike.length > 0 && random.chance(0.7) ? renamed(random.pick(alike), rootOf(first)) : null;
    const statements = vary(second === null ? first.ddl : merge(first.ddl, second.ddl, random), pools, random);
    const routes = [first, second].flatMap((each) => each?.routes.map(({ sql }) => sql) ?? []);
    return { seed, kind: first.kind as Kind, statements, routes: random.sample(routes, 8) };
  };
}

/** What the bounds and values of scripts with one key look like, by that key. */
type Pools = ReadonlyMap<string, { readonly bounds: readonly string[]; readonly literals: readonly string[] }>;

function poolsOf(recordings: readonly Recording[]): Pools {
  const pools = new Map<string, { bounds: string[]; literals: string[] }>();
  for (const recording of recordings) {
    for (const sql of recording.ddl) {
      const bound = boundPattern.exec(sql)?.[0];
      if (bound === undefined || !varied.test(sql)) continue;
      for (const shape of new Set([keyShape(recording.ddl), strategyOf(bound)])) {
        const pool = pools.get(shape) ?? { bounds: [], literals: [] };
        pools.set(shape, pool);
        pool.bounds.push(bound);
        pool.literals.push(...(bound.match(literalPattern) ?? []));
      }
    }
  }
  return pools;
}

/** Statements with one bound of plain values; loops, SPLIT, MERGE and templates of dates stay as they are. */
const varied = /^(?:\s|--[^\n]*\n)*(?:create|alter)\b(?![\s\S]*\b(?:into|to_date)\b)/i;
const boundPattern = /\bfor\s+values\b[\s\S]*?(?=\s+partition\s+by\b|$)/i;
const literalPattern =
  /(?:\b(?:date|timestamp|timestamptz|interval)\s+)?'(?:[^']|'')*'(?:::\w+)?|-?\b\d+(?:\.\d+)?\b/gi;
const rootPattern =
  /create\s+table\s+(?:if\s+not\s+exists\s+)?(\S+)\s*\(([\s\S]*)\)\s*partition\s+by\s+(\w+)\s*\(([^()]*)\)/i;

function strategyOf(bound: string): string {
  return /\bwith\b/i.test(bound) ? "hash" : /\bin\b/i.test(bound) ? "list" : "range";
}

/** The strategy and the types of the key of the first partitioned table that may be created. */
function keyShape(ddl: readonly string[]): string {
  const [, , columns = "", strategy = "", key = ""] = rootStatement(ddl);
  const types = key.split(",").map((name) => new RegExp(`\\b${name.trim()}\\s+(\\w+)`, "i").exec(columns)?.[1] ?? "");
  return `${strategy} ${types.join(" ")}`.toLowerCase();
}

function rootStatement(ddl: readonly string[]): readonly string[] {
  return (
    ddl
      .map((sql) => rootPattern.exec(sql))
      .findLast((match) => match !== null && !/nosuch|_p_?\d/.test(match[1] ?? "")) ?? []
  );
}

function rootOf(recording: Recording): string {
  return rootStatement(recording.ddl)[1] ?? "par";
}

/** Scripts of one shape can be mixed. */
function shapeOf(recording: Recording): string {
  const shape = keyShape(recording.ddl);
  return ["inherit", "schema", "expr", "do"].includes(recording.kind) ? `${recording.kind} ${shape}` : shape;
}

/** The recording with the root's name in place of its own, so that its partitions are that one's. */
function renamed(recording: Recording, to: string): Recording {
  const own = rootOf(recording);
  const bare = (name: string): string => name.replace(/^.*\./, "").replaceAll('"', "");
  if (bare(own) === bare(to) || bare(own) === "") return recording;
  const rename = (sql: string): string =>
    sql
      .replaceAll(new RegExp(`"${bare(own)}(\\w*)"`, "g"), (_, rest: string) => quoted(`${bare(to)}${rest}`))
      .replaceAll(new RegExp(`(?<![\\w"'])${bare(own)}(_\\w+)?(?![\\w"'])`, "g"), (_, rest: string | undefined) =>
        quoted(`${bare(to)}${rest ?? ""}`),
      );
  return {
    ...recording,
    ddl: recording.ddl.map(rename),
    routes: recording.routes.map((route) => ({ ...route, sql: rename(route.sql) })),
  };
}

function quoted(name: string): string {
  return /^[a-z_][a-z_0-9]*$/.test(name) ? name : `"${name}"`;
}

/** Both scripts at once, each in its own order. */
function merge(first: readonly string[], second: readonly string[], random: Random): string[] {
  const beginning = first.findIndex((sql) => rootPattern.test(sql)) + 1;
  const result = first.slice(0, beginning);
  const [left, right] = [first.slice(beginning), [...second]];
  while (left.length > 0 || right.length > 0) {
    const from = right.length === 0 || (left.length > 0 && random.chance(0.5)) ? left : right;
    result.push(...from.splice(0, random.int(1, 3)));
  }
  return result;
}

function vary(statements: readonly string[], pools: Pools, random: Random): string[] {
  const shape = keyShape(statements);
  const result: string[] = [];
  for (const sql of statements) {
    if (random.chance(0.06)) continue;
    const statement = varied.test(sql) && random.chance(0.45) ? withOtherValues(sql, shape, pools, random) : sql;
    if (random.chance(0.05) && result.length > 1) result.splice(random.int(1, result.length - 1), 0, statement);
    else result.push(statement);
    if (random.chance(0.03)) result.push(random.pick(statements));
  }
  return result;
}

function withOtherValues(sql: string, shape: string, pools: Pools, random: Random): string {
  const pool = random.chance(0.95) ? pools.get(shape) : random.pick([...pools.values()]);
  if (pool === undefined || pool.literals.length === 0) return sql;
  if (random.chance(0.4)) return sql.replace(boundPattern, () => random.pick(pool.bounds));
  return sql.replace(boundPattern, (bound) =>
    bound.replace(literalPattern, (literal) => (random.chance(0.5) ? random.pick(pool.literals) : literal)),
  );
}
