// Files of megabytes that somebody may open, and a place in each at which somebody may look.
import { longInsert } from "./attacks.ts";

export interface HugeFile {
  readonly text: () => string;
  /** Where the cursor stands. */
  readonly place: (text: string) => number;
}

const inTheMiddle = (text: string): number => text.length >> 1;
const firstOf =
  (words: string) =>
  (text: string): number =>
    text.indexOf(words) + words.length;

export const hugeFiles: Readonly<Record<string, HugeFile>> = {
  "an INSERT of 1 MB among 1 MB of others": {
    text: () =>
      `${partitions(3_000)}${longInsert(1_000_000).replaceAll("t (k", "u (k").replaceAll("INTO t", "INTO u")}${queries(8_000)}`,
    place: firstOf("INSERT INTO u"),
  },
  "a query of 1 MB among 1 MB of others": {
    text: () => `${partitions(3_000)}SELECT * FROM t WHERE k IN (${numbers(130_000)});\n${queries(8_000)}`,
    place: firstOf("FROM t"),
  },
  "a table of 1 MB": {
    text: () =>
      `${partitions(3_000)}CREATE TABLE w (k int, ${columns(40_000)}) PARTITION BY RANGE (k);\n${queries(8_000)}`,
    place: firstOf("CREATE TABLE w"),
  },
  "a function of 1 MB": {
    text: () =>
      `${partitions(3_000)}CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$\n${queries(12_000)}$$;\n${queries(8_000)}`,
    place: inTheMiddle,
  },
  "20,000 statements": { text: () => partitions(10_000) + queries(10_000), place: inTheMiddle },
  "20,000 statements with a finding each": {
    text: () =>
      partitions(100) +
      lines(10_000, (i) => `SELECT * FROM t WHERE k + 0 = ${i};`) +
      lines(10_000, (i) => `CREATE TABLE t_${i % 100} PARTITION OF t FOR VALUES FROM (${i}) TO (${i + 1});`),
    place: inTheMiddle,
  },
  "20,000 partitions with gaps": {
    text: () =>
      `${keyed}${lines(20_000, (i) => `CREATE TABLE t_${i} PARTITION OF t FOR VALUES FROM (${2 * i}) TO (${2 * i + 1});`)}SELECT * FROM t WHERE d = 1;\n`,
    place: firstOf("FROM t"),
  },
  "5,000 gaps, and 10,000 partitions that are refused or gone": {
    text: () =>
      keyed +
      lines(5_000, (i) => `CREATE TABLE t_${i} PARTITION OF t FOR VALUES FROM (${9 * i}) TO (${9 * i + 1});`) +
      lines(5_000, (i) => `CREATE TABLE g_${i} PARTITION OF t FOR VALUES FROM (${9 * i + 2}) TO (${9 * i + 3});`) +
      lines(5_000, (i) => `DROP TABLE g_${i};`) +
      lines(5_000, (i) => `CREATE TABLE t_${i} PARTITION OF t FOR VALUES FROM (${9 * i + 4}) TO (${9 * i + 5});`),
    place: inTheMiddle,
  },
};

const keyed = "CREATE TABLE t (k int, d int, note text) PARTITION BY RANGE (k);\n";

function partitions(count: number): string {
  return keyed + lines(count, (i) => `CREATE TABLE t_${i} PARTITION OF t FOR VALUES FROM (${i}) TO (${i + 1});`);
}

function queries(count: number): string {
  return lines(count, (i) => `SELECT * FROM t WHERE k = ${i} AND note <> 'nothing of interest';`);
}

function columns(count: number): string {
  return Array.from({ length: count }, (_, i) => `c${i} int DEFAULT ${i}`).join(",\n");
}

function numbers(count: number): string {
  return Array.from({ length: count }, (_, i) => i).join(", ");
}

function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => `${line(index)}\n`).join("");
}
