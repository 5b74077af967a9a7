// Lenses above DDL: tables as the file leaves them, partitions only where there is something that their line does not say.
import { beforeAll, describe, expect, it } from "vitest";
import { defaultSettings } from "../../server/src/config.ts";
import { ddlLensTitle } from "../../server/src/ide/ddl-lens.ts";
import { isWanted, listLenses, stepOfLens } from "../../server/src/ide/lenses.ts";
import type { SizeOf } from "../../server/src/ide/relation-sizes.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { readingForTests } from "../support/parser.ts";
import { analyseText } from "./support.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

/** The titles above DDL under these settings, each with the line of its statement. */
function titles(text: string, kinds = defaultSettings["codeLens.statements"], sizeOf?: SizeOf): readonly string[] {
  const analysis = analyseText(text, reading);
  return listLenses(analysis, [])
    .filter((lens) => lens.table !== null && isWanted(lens, kinds, sizeOf))
    .map((lens) => {
      const step = stepOfLens(analysis, lens);
      const line = text.slice(0, lens.range.start).split("\n").length;
      const all = kinds.includes("partition");
      return `${line}: ${step === null ? "gone" : ddlLensTitle(analysis, step, { end: analysis.final, all, sizeOf })}`;
    });
}

const months = (names: string, ...from: readonly number[]): string =>
  from
    .map((month) => {
      const [a, b] = [month, month + 1].map((each) => `2024-${String(each).padStart(2, "0")}-01`);
      return `CREATE TABLE ${names}_${month} PARTITION OF ${names} FOR VALUES FROM ('${a}') TO ('${b}');\n`;
    })
    .join("");
const table = "CREATE TABLE m (d date) PARTITION BY RANGE (d);\n";

describe("a table's statement", () => {
  it("says that its number is that of the end, where queries above have seen more", () => {
    const drop = "DROP TABLE m_1;\n";
    const all = table + months("m", 1, 2, 3);
    const less = "1: RANGE (d) · 2 partitions at the end · 2024-02 … 2024-04";
    expect(titles(all + drop)).toEqual([less]);
    expect(titles(`${all}ALTER TABLE m DETACH PARTITION m_1;`)).toEqual([less]);
    expect(titles(`${table}${months("m", 1)}${drop}`)).toEqual(["1: RANGE (d) · no partitions at the end"]);
    // What does not last, or is refused, takes nothing away.
    const whole = ["1: RANGE (d) · 3 partitions · 2024-01 … 2024-04"];
    expect(titles(`${all}BEGIN;\n${drop}ROLLBACK;`)).toEqual(whole);
    expect(titles(`${all}DROP TABLE other.m_1;`)).toEqual(whole);
    expect(
      titles(`${all}ALTER TABLE m DETACH PARTITION m_1;
ALTER TABLE m ATTACH PARTITION m_1 FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');`),
    ).toEqual(whole);
  });

  it("counts the partitions that queries count, where partitions have partitions", () => {
    const lists = `CREATE TABLE m_9 PARTITION OF m FOR VALUES FROM ('2024-09-01') TO ('2024-10-01') PARTITION BY LIST (d);
CREATE TABLE m_9_a PARTITION OF m_9 FOR VALUES IN ('2024-09-05');
CREATE TABLE m_9_b PARTITION OF m_9 FOR VALUES IN ('2024-09-06');`;
    expect(titles(table + months("m", 8) + lists)[0]).toBe(
      "1: RANGE (d) · 2 partitions · 3 leaf partitions · 2024-08 … 2024-10",
    );
  });
});

describe("a partition's statement", () => {
  it("has no lens where its line says everything", () => {
    expect(titles(table + months("m", 1, 2, 3))).toEqual(["1: RANGE (d) · 3 partitions · 2024-01 … 2024-04"]);
  });

  it("says a gap in front of it that the file leaves", () => {
    expect(titles(table + months("m", 1, 3, 4))).toEqual([
      "1: RANGE (d) · 3 partitions · 2024-01 … 2024-05 · 1 gap",
      "3: gap before it: 2024-02-01 … 2024-03-01",
    ]);
    // What comes later is not missed before its time, and what comes first has nothing before it.
    expect(titles(table + months("m", 1, 3, 2)).slice(1)).toEqual([]);
    expect(titles(table + months("m", 3, 1)).slice(1)).toEqual([]);
  });

  it("says a bound that is stored otherwise than it is written", () => {
    const of = (type: string, bound: string) =>
      titles(`CREATE TABLE t (k ${type}) PARTITION BY RANGE (k);\nCREATE TABLE p PARTITION OF t FOR VALUES ${bound};`)
        .slice(1)
        .map((title) => title.slice(3));
    expect(of("date", "FROM ('2024-01-01 12:00') TO ('2024-02-01')")).toEqual(["stored as 2024-01-01 … 2024-02-01"]);
    expect(of("date", "FROM (DATE '2024-01-01') TO (DATE '2024-01-01' + 31)")).toEqual([
      "stored as 2024-01-01 … 2024-02-01",
    ]);
    expect(of("timestamptz", "FROM ('2024-01-01 12:00+02') TO ('2025-01-01')")).toEqual([
      "stored as 2024-01-01 10:00 … 2025-01-01 00:00 +00",
    ]);
    expect(of("int", "FROM (1.6) TO (10)")).toEqual(["stored as 2 … 10"]);
    for (const [type, bound] of [
      ["date", "FROM ('2024-01-01 00:00:00') TO (DATE '2024-02-01')"],
      ["timestamptz", "FROM ('2024-01-01') TO ('2024-02-01 00:00:00+00')"],
      ["timestamptz", "FROM ('2024-01-01 06:00:00Z') TO ('infinity')"],
      ["timestamp", "FROM ('2024-01-01T06:30') TO ('2024-02-01'::timestamp)"],
      ["bigint", "FROM (-5) TO ('1000000')"],
      ["numeric", "FROM (1.50) TO (MAXVALUE)"],
      ["text", "FROM ('a') TO ('it''s')"],
    ] as const)
      expect(of(type, bound), `${type} ${bound}`).toEqual([]);
  });

  it("says what partitions it has itself at the end of the file", () => {
    const text = `${table}CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2024-02-01') PARTITION BY LIST (d);
CREATE TABLE m_1_a PARTITION OF m_1 FOR VALUES IN ('2024-01-05');`;
    expect(titles(text).slice(1)).toEqual(["2: LIST (d) · 1 partition"]);
  });

  it("says an overlap of children", () => {
    const text = `CREATE TABLE t (k int);
CREATE TABLE a (CHECK (k >= 0 AND k < 10)) INHERITS (t);
CREATE TABLE b (CHECK (k >= 5 AND k < 20)) INHERITS (t);`;
    expect(titles(text)).toEqual(["1: RANGE (k) · 2 children · 0 … 20 · 1 overlap", "3: overlaps a"]);
  });

  it("says that it is rejected, and why", () => {
    const text = `${table}${months("m", 1)}CREATE TABLE other PARTITION OF m FOR VALUES FROM ('2024-01-15') TO ('2024-03-01');`;
    expect(titles(text)).toEqual([
      "1: RANGE (d) · 1 partition · 2024-01 … 2024-02",
      '3: rejected: partition "other" would overlap partition "m_1"',
    ]);
  });

  it("has one in any case for who asks for it, as it is just after the statement", () => {
    expect(titles(table + months("m", 2, 1), ["partition"])).toEqual([
      "2: partition 1 of 1 · 2024-02-01 … 2024-03-01",
      "3: partition 1 of 2 · 2024-01-01 … 2024-02-01",
    ]);
    expect(titles(table + months("m", 1, 3), ["partitioned-table"])).toEqual([
      "1: RANGE (d) · 2 partitions · 2024-01 … 2024-04 · 1 gap",
    ]);
  });

  it("says rows and size where a database tells them, and only there", () => {
    const text = table + months("m", 1, 2);
    const sizeOf: SizeOf = ({ name }) => (name === "m_2" ? { rows: 1_200_000, bytes: 340 * 2 ** 20 } : null);
    expect(titles(text, defaultSettings["codeLens.statements"], sizeOf)).toEqual([
      "1: RANGE (d) · 2 partitions · 2024-01 … 2024-03 · ≈ 1.2 M rows · 340 MB",
      "3: ≈ 1.2 M rows · 340 MB",
    ]);
    expect(titles(text, ["partitioned-table"], sizeOf)).toHaveLength(1);
    expect(titles(text, ["partition"], sizeOf)).toEqual([
      "2: partition 1 of 1 · 2024-01-01 … 2024-02-01",
      "3: partition 2 of 2 · 2024-02-01 … 2024-03-01 · ≈ 1.2 M rows · 340 MB",
    ]);
  });

  it("is looked at once, however many there are", () => {
    const days = Array.from(
      { length: 2_000 },
      (_, n) => `CREATE TABLE m_${n} PARTITION OF m FOR VALUES FROM (${n * 2}) TO (${n * 2 + 1});`,
    );
    const text = `CREATE TABLE m (k int) PARTITION BY RANGE (k);\n${days.join("\n")}`;
    const analysis = analyseText(text, reading);
    const last = [...analysis.final.relations.values()][0];
    if (last?.partitioning === null || last === undefined) throw new Error("no table");
    let walks = 0;
    const { ranges } = last.partitioning.partitions;
    const values = ranges.values.bind(ranges);
    Object.defineProperty(ranges, "values", {
      value: (...given: Parameters<typeof values>) => {
        walks++;
        return values(...given);
      },
    });
    expect(listLenses(analysis, []).filter(({ kind }) => kind === "notable-partition")).toHaveLength(1_999);
    expect(walks).toBeLessThan(5);
  });
});

describe("a table's statement", () => {
  it("counts the default partition, and says so", () => {
    expect(titles(`${table}${months("m", 1)}CREATE TABLE rest PARTITION OF m DEFAULT;`)).toEqual([
      "1: RANGE (d) · 2 partitions (incl. default) · 2024-01 … 2024-02",
    ]);
  });

  it("says where it is dropped later, or has no partitions", () => {
    expect(titles(`${table}${months("m", 1)}DROP TABLE m;`)).toEqual([
      "1: RANGE (d) · 1 partition · 2024-01 … 2024-02 · dropped later",
    ]);
    expect(titles(table)).toEqual(["1: RANGE (d) · no partitions yet"]);
  });
});
