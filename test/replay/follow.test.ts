// After an edit only those statements are run that look at something other: what they look at, what is other, and how many are run.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Reads, slotOf, spaces } from "../../server/src/catalog/access.ts";
import { type Catalog, emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { createPatchTest } from "../../server/src/catalog/changed-reads.ts";
import { withDependent } from "../../server/src/catalog/dependents.ts";
import { IdMap } from "../../server/src/catalog/id-map.ts";
import { hashOfName, NameMap } from "../../server/src/catalog/name-map.ts";
import { partitionsInBoundOrder } from "../../server/src/catalog/partition-set.ts";
import type { PartitionSet } from "../../server/src/catalog/partitioning.ts";
import { composed, differenceOf, type Patch, patchedCatalog } from "../../server/src/catalog/patch.ts";
import { printCatalog } from "../../server/src/catalog/print.ts";
import { mayBeLearned } from "../../server/src/replay/learned.ts";
import { type ReplayInput, type ReplayOptions, replay, replayInTurns } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { type StepList, stepListOf } from "../../server/src/replay/step-list.ts";
import { type Document, parseDocument, readStatementsOf, statementWith } from "../../server/src/syntax/document.ts";
import { editDocument } from "../../server/src/syntax/edited-document.ts";
import type { PlacedStatement } from "../../server/src/syntax/statement.ts";
import { anyScript } from "../support/edits.ts";
import { readingForTests } from "../support/parser.ts";

const reading = await readingForTests();
const options: ReplayOptions = { version: 18, pathmanVersion: "1.5", today: "2026-01-31" };
const world = emptyCatalog({ complete: false, timeZone: "UTC" });

function inputOf(document: Document, previous: readonly Step[] = [], start = world): ReplayInput {
  const source = { text: document.text, reading };
  return { file: "a.sql", statements: document, start, options, previous, source };
}

function stepsOf(document: Document, previous: readonly Step[] = [], start = world): readonly Step[] {
  return replay(inputOf(document, previous, start));
}

/** The steps after so many pauses, at which the replay is dropped if it has not ended by then. */
function droppedAfter(
  pauses: number,
  input: ReplayInput,
): { readonly steps: readonly Step[]; readonly ended: boolean } {
  const turns = replayInTurns(input);
  let soFar = (): StepList => stepListOf(input.previous);
  for (let pause = 0; pause < pauses; pause += 1) {
    const turn = turns.next();
    if (turn.done === true) return { steps: turn.value.all(), ended: true };
    soFar = turn.value;
  }
  return { steps: soFar().all(), ended: false };
}

function withChange(document: Document, from: string, to: string): Document {
  const at = document.text.indexOf(from);
  expect(at, from).toBeGreaterThanOrEqual(0);
  const change = { start: at, end: at + from.length, length: to.length };
  return editDocument(
    document,
    document.text.replace(from, () => to),
    change,
    reading,
  );
}

function said(steps: readonly Step[]): object {
  return steps.map(({ rejection, after }) => ({ message: rejection?.message ?? null, after: printCatalog(after) }));
}

function stepsIn(script: string): readonly Step[] {
  return stepsOf(parseDocument(script, reading));
}

/** How many statements are run when the first occurrence of one text becomes another. */
function runsAfter(script: string, from: string, to: string, back = false): number {
  const document = parseDocument(script, reading);
  const at = script.indexOf(from);
  const change = { start: at, end: at + from.length, length: to.length };
  const edited = editDocument(
    document,
    script.replace(from, () => to),
    change,
    reading,
  );
  const before = stepsOf(document);
  const after = stepsOf(edited, before);
  const fresh = stepsIn(edited.text).at(-1)?.after ?? world;
  expect(printCatalog(after.at(-1)?.after ?? world)).toBe(printCatalog(fresh));
  if (!back) return runsBetween(before, after);
  const changeBack = { start: at, end: at + to.length, length: from.length };
  return runsBetween(after, stepsOf(editDocument(edited, script, changeBack, reading), after));
}

function runsBetween(before: readonly Step[], after: readonly Step[]): number {
  const kept = new Set(before.map(({ transaction }) => transaction));
  return after.filter(({ followed, transaction }) => followed === undefined && !kept.has(transaction)).length;
}

function partitions(count: number, between: (index: number) => string = () => ""): string {
  const lines = ["CREATE TABLE t (k int NOT NULL, v int) PARTITION BY RANGE (k);"];
  for (let index = 0; index < count; index++)
    lines.push(
      `CREATE TABLE t_${index} PARTITION OF t FOR VALUES FROM (${index}0) TO (${index + 1}0);`,
      `CREATE INDEX t_${index}_v ON t_${index} (v);${between(index)}`,
    );
  return lines.join("\n");
}

describe("whatever comes of it", () => {
  const ends = ["55", "5", "59", "50", "53", "58"];
  const upper = (end: string): string => `FROM (50) TO (${end})`;

  test("a replay that is dropped while somebody types leaves nothing behind", () => {
    const lines = ["CREATE TABLE t (k int NOT NULL, v int) PARTITION BY RANGE (k);"];
    for (let index = 0; index < 40; index++)
      lines.push(`CREATE TABLE t_${index} PARTITION OF t FOR VALUES FROM (${index}0) TO (${index}5);`);
    lines.push("CREATE TABLE z PARTITION OF t FOR VALUES FROM (57) TO (58);");
    const first = parseDocument(lines.join("\n"), reading);
    const whole = stepsOf(first);
    let dropped = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...ends), fc.nat(8)), { minLength: 2, maxLength: 5 }),
        (changes) => {
          let [document, steps, end] = [first, whole, "55"];
          for (const [next, pauses] of changes) {
            document = withChange(document, upper(end), upper(next));
            end = next;
            const result = droppedAfter(pauses, inputOf(document, steps));
            steps = result.steps;
            if (!result.ended) dropped += 1;
          }
          expect(said(stepsOf(document, steps))).toEqual(said(stepsOf(document)));
        },
      ),
      { numRuns: 100, seed: 20260131, endOnFailure: true },
    );
    expect(dropped).toBeGreaterThan(50);
  });

  test("what may have made anything leaves no table that is known to be absent", () => {
    const table = "CREATE TABLE t (k int, v int);\nCREATE TABLE w (k int);\n";
    const document = parseDocument(
      `${table}UPDATE t SET v = 5 WHERE k = 4;\nSELECT 1;\nSELECT some_function();\nSELECT * FROM w;`,
      reading,
    );
    const changed = withChange(document, "SELECT 1;", "DROP TABLE w;");
    expect(said(stepsOf(changed, stepsOf(document)))).toEqual(said(stepsOf(changed)));
  });
});

test("what psql makes of a query hangs on the command behind it", () => {
  const script = "SELECT 'CREATE TABLE x (k int)' \\gexec\nCREATE TABLE x (k int);";
  const document = parseDocument(script, reading);
  const steps = stepsOf(document);
  expect(steps.at(-1)?.rejection?.sqlstate).toBe("42P07");
  for (const other of [";", "\\g"]) {
    const changed = withChange(document, "\\gexec", other);
    const after = stepsOf(changed, steps);
    expect(after.at(-1)?.rejection).toBeNull();
    expect(said(stepsOf(withChange(changed, other, "\\gexec"), after))).toEqual(said(steps));
  }
});

describe("statements run", () => {
  test("where an insertion is taken back that is older than the last edit", () => {
    const one = "CREATE TABLE t_x PARTITION OF t FOR VALUES FROM (-5) TO (0);\n";
    const document = parseDocument(partitions(50), reading);
    const inserted = withChange(document, "CREATE TABLE t_20 ", `${one}CREATE TABLE t_20 `);
    const moved = withChange(inserted, "FROM (100) TO (110)", "FROM (101) TO (110)");
    const back = withChange(moved, one, "");
    const steps = stepsOf(moved, stepsOf(inserted, stepsOf(document)));
    expect(runsBetween(steps, stepsOf(back, steps))).toBe(0);
  });

  test("where a partition in the middle of 5,000 gets another name", () => {
    // The table, and the index on it, which is now on a table that nobody shows.
    expect(runsAfter(partitions(5_000), "TABLE t_2500 ", "TABLE t_x2500 ")).toBe(2);
  });

  test("where a bound is another", () => {
    expect(runsAfter(partitions(100), "FROM (500) TO (510)", "FROM (501) TO (510)")).toBe(2);
    // The partition behind it is refused, and taken again.
    expect(runsAfter(partitions(100), "FROM (500) TO (510)", "FROM (500) TO (511)")).toBe(4);
    expect(runsAfter(partitions(100), "FROM (500) TO (510)", "FROM (500) TO (511)", true)).toBe(4);
  });

  test("where an index in the middle gets another name", () => {
    expect(runsAfter(partitions(100), "t_50_v", "t_50_w")).toBe(1);
  });

  test("where a partition comes between others", () => {
    const one = "CREATE TABLE t_a PARTITION OF t FOR VALUES FROM (-10) TO (-1);\n";
    expect(runsAfter(partitions(100), "CREATE TABLE t_50 ", `${one}CREATE TABLE t_50 `)).toBe(1);
    expect(runsAfter(`${partitions(50)}\n${one}${partitions(50).replaceAll("t_", "s_")}`, one, "")).toBe(0);
  });

  test("where a table without partitions becomes another", () => {
    const script = `CREATE TABLE a (k int);\nCREATE VIEW b AS SELECT * FROM a;\n${partitions(50)}`;
    expect(runsAfter(script, "k int", "k bigint")).toBe(2);
  });

  test.each([
    ["a bound", "k < 1510)", "k < 1509)"],
    ["a bound over the next one", "k < 1510)", "k < 1519)"],
    ["a name", "TABLE c_150 ", "TABLE c_150x "],
    ["a column", "TABLE c_150 (", "TABLE c_150 (w int, "],
    ["a word that is none", "TABLE c_150 ", "TABL c_150 "],
  ])("of 300 inheritance children where one in the middle has another: %s", (_, from, to) => {
    const children = (line: (index: number) => string): string =>
      ["CREATE TABLE p (k int NOT NULL PRIMARY KEY, v int);", ...Array.from({ length: 300 }, (__, k) => line(k))].join(
        "\n",
      );
    const check = (k: number): string => `CHECK (k >= ${k}0 AND k < ${k + 1}0)`;
    const made = children((k) => `CREATE TABLE c_${k} (${check(k)}) INHERITS (p);\nCREATE INDEX ON c_${k} (v);`);
    expect(runsAfter(made, from, to)).toBeLessThan(10);
    expect(runsAfter(made, from, to, true)).toBeLessThan(10);
    const joined = children(
      (k) => `CREATE TABLE c_${k} (k int NOT NULL, v int, ${check(k)});\nALTER TABLE c_${k} INHERIT p;`,
    );
    expect(runsAfter(joined, from, to)).toBeLessThan(10);
  });

  test.each([
    ["a remainder that is free", "REMAINDER 150)", "REMAINDER 399)", 1],
    ["a remainder that is taken", "REMAINDER 150)", "REMAINDER 151)", 2],
  ])("of hash partitions: %s", (_, from, to, runs) => {
    const lines = Array.from(
      { length: 300 },
      (__, k) => `CREATE TABLE t_${k} PARTITION OF t FOR VALUES WITH (MODULUS 400, REMAINDER ${k});`,
    );
    const script = `CREATE TABLE t (k int NOT NULL) PARTITION BY HASH (k);\n${lines.join("\n")}`;
    expect(runsAfter(script, from, to)).toBe(runs);
    expect(runsAfter(script, from, to, true)).toBe(runs);
  });

  test.each([
    ["a bound over the next one", "TO (1510)", "TO (1519)"],
    ["a name", "TABLE t_150 ", "TABLE t_150x "],
    ["a word that is none", "TABLE t_150 ", "TABL t_150 "],
  ])("of 300 partitions with a foreign key: %s", (_, from, to) => {
    const script = (table: string, line: (k: number) => string, end = ""): string =>
      ["CREATE TABLE r (k int PRIMARY KEY);", table, ...Array.from({ length: 300 }, (__, k) => line(k)), end].join(
        "\n",
      );
    const bound = (k: number): string => `PARTITION OF t FOR VALUES FROM (${k}0) TO (${k + 1}0)`;
    const each = script(
      "CREATE TABLE t (k int NOT NULL) PARTITION BY RANGE (k);",
      (k) => `CREATE TABLE t_${k} ${bound(k)};\nALTER TABLE t_${k} ADD FOREIGN KEY (k) REFERENCES r;`,
    );
    expect(runsAfter(each, from, to)).toBeLessThan(10);
    expect(runsAfter(each, from, to, true)).toBeLessThan(10);
    const own = "CREATE TABLE t (k int NOT NULL REFERENCES r) PARTITION BY RANGE (k);";
    const inherited = script(own, (k) => `CREATE TABLE t_${k} ${bound(k)};`);
    expect(runsAfter(inherited, from, to)).toBeLessThan(10);
    expect(runsAfter(inherited, from, to, true)).toBeLessThan(10);
    const referenced = script(
      "CREATE TABLE t (k int PRIMARY KEY) PARTITION BY RANGE (k);\nCREATE TABLE o (k int REFERENCES t);",
      (k) => `CREATE TABLE t_${k} ${bound(k)};`,
    );
    expect(runsAfter(referenced, from, to)).toBeLessThan(10);
    expect(runsAfter(referenced, from, to, true)).toBeLessThan(10);
  });

  test("of list partitions, and in one of many subpartitioned tables", () => {
    const lists = Array.from({ length: 300 }, (_, k) => `CREATE TABLE t_${k} PARTITION OF t FOR VALUES IN ('v${k}_');`);
    const script = `CREATE TABLE t (k text NOT NULL) PARTITION BY LIST (k);\n${lists.join("\n")}`;
    expect(runsAfter(script, "'v150_'", "'w150_'")).toBe(1);
    expect(runsAfter(script, "'v150_'", "'v151_'")).toBe(2);
    const tables = Array.from(
      { length: 20 },
      (_, k) =>
        `CREATE TABLE t_${k} PARTITION OF t FOR VALUES FROM (${k}0) TO (${k + 1}0) PARTITION BY RANGE (k);\n` +
        Array.from(
          { length: 10 },
          (__, j) => `CREATE TABLE t_${k}_${j} PARTITION OF t_${k} FOR VALUES FROM (${k}${j}) TO (${k * 10 + j + 1});`,
        ).join("\n"),
    );
    const nested = `CREATE TABLE t (k int NOT NULL) PARTITION BY RANGE (k);\n${tables.join("\n")}`;
    expect(
      runsAfter(
        nested,
        "t_10_5 PARTITION OF t_10 FOR VALUES FROM (105)",
        "t_10_5 PARTITION OF t_10 FOR VALUES FROM (106)",
      ),
    ).toBeLessThan(4);
  });

  test("in a transaction, and behind it", () => {
    const script = `${partitions(20)}\nBEGIN;\n${partitions(20).replaceAll("t_", "s_").replaceAll(" t ", " s ")}\nCOMMIT;\n${partitions(20).replaceAll("t_", "u_").replaceAll(" t ", " u ")}`;
    expect(runsAfter(script, "FROM (50) TO (60)", "FROM (51) TO (60)")).toBe(4);
    // The index, and COMMIT.
    expect(runsAfter(script, "s_3_v", "s_3_w")).toBe(2);
  });

  test("where a privilege is another and many tables are dropped with what rests on them", () => {
    const tables = Array.from({ length: 50 }, (_, index) => `t_${index}`);
    const grants = tables.map((name) => `GRANT SELECT ON ${name} TO app;`).join("\n");
    const drops = tables.map((name) => `DROP TABLE ${name} CASCADE;`).join("\n");
    expect(runsAfter(`${partitions(50)}\n${grants}\n${drops}`, "SELECT ON t_25 TO", "UPDATE ON t_25 TO")).toBe(2);
  });

  test("of all that look at the table where it becomes another itself", () => {
    expect(runsAfter(partitions(20), "k int NOT NULL, v int", "k int NOT NULL, v bigint")).toBeGreaterThanOrEqual(41);
  });
});

/** What maps hold. */
type Entry = NonNullable<unknown>;

/** The catalog with nothing in it that was not looked at. */
function onlyRead(catalog: Catalog, { slots, whole, sizes, from }: Reads): Catalog {
  const read = new Set(Array.from(slots));
  const ids = ["relations", "attached", "rowHolders", "rows", "untainted", "belongings", "textHolders"] as const;
  const names = ["names", "knownAbsent"] as const;
  const only: Record<string, unknown> = {};
  for (const field of ids) {
    const map = catalog[field] as IdMap<Entry> | undefined;
    if (map === undefined || ((whole | sizes) & (1 << spaces[field])) !== 0) continue;
    let kept = IdMap.empty<Entry>(spaces[field]);
    for (const [id, value] of map.entries())
      if (read.has(slotOf(spaces[field], id)) || (field === "relations" && id >= from)) kept = kept.with(id, value);
    only[field] = kept;
  }
  if (((whole | sizes) & (1 << spaces.dependents)) === 0) {
    let kept: Catalog["dependents"] = IdMap.empty();
    for (const [target, all] of catalog.dependents.entries())
      for (const id of all.keys())
        if ([target, id].some((key) => read.has(slotOf(spaces.dependents, key))))
          kept = withDependent(kept, target, id, true);
    only["dependents"] = kept;
  }
  for (const field of names) {
    const map = catalog[field] as NameMap<Entry>;
    if ((whole & (1 << spaces[field])) !== 0) continue;
    let kept = NameMap.empty<Entry>(spaces[field]);
    for (const [key, value] of map.entries())
      if (read.has(slotOf(spaces[field], hashOfName(key)))) kept = kept.with(key, value);
    only[field] = kept;
  }
  return { ...catalog, ...only };
}

/** As plain data: what a patch has by its keys, of partitions which they are. */
function shown(patch: Patch | null): unknown {
  return JSON.parse(JSON.stringify(patch, (_, value: unknown) => plain(value)) ?? "null");
}

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (value instanceof Map) return [...value].sort(([a], [b]) => (a < b ? -1 : 1));
  if (value instanceof Set) return [...value].sort();
  if (value instanceof IdMap) return [...value.entries()];
  if (typeof value !== "object" || value === null || !("members" in value && "all" in value)) return value;
  return partitionsInBoundOrder(value as PartitionSet);
}

test("what a statement does hangs on nothing but what it looked at", () => {
  let looked = 0;
  fc.assert(
    fc.property(anyScript, (script) => {
      const document = parseDocument(script, reading);
      for (const step of stepsOf(document)) {
        const { statement, transaction, reads, before, behind } = step;
        const { kind } = statement.statement;
        const isPlain = transaction.state === "autocommit" && behind.imagined === null && step.written === undefined;
        if (!isPlain || reads === undefined || mayBeLearned(statement.statement)) continue;
        if (kind === "transaction" || kind === "connect" || kind === "psql") continue;
        looked++;
        const { text } = document;
        const start = onlyRead(before, reads);
        const placedAt = () => statementWith(document, step.handle) as PlacedStatement;
        const alone = { read: readStatementsOf([statement]), handles: [step.handle], placedAt };
        const [again] = replay({
          ...{ file: "a.sql", statements: alone, start, options, previous: [] },
          source: { text, reading },
        });
        expect(again?.rejection).toEqual(step.rejection);
        expect(again?.declined).toEqual(step.declined);
        if (again !== undefined && again.before === start)
          expect(shown(differenceOf(start, again.after))).toEqual(shown(differenceOf(before, step.after)));
      }
    }),
    { numRuns: 300, seed: 20260131, endOnFailure: true },
  );
  expect(looked).toBeGreaterThan(500);
});

test("what is other between two catalogs makes the one of the other", () => {
  fc.assert(
    fc.property(anyScript, (script) => {
      const steps = stepsIn(script);
      for (const [index, { before, after }] of steps.entries()) {
        const patch = differenceOf(before, after);
        if (patch === null) continue;
        expect(printCatalog(patchedCatalog(before, patch))).toBe(printCatalog(after));
        expect(createPatchTest(patch)({ ...nothing, whole: -1 })).toBe(patch.size > 0);
        const next = steps[index + 1];
        const following = next === undefined || next.before !== after ? null : differenceOf(after, next.after);
        const both = following === null ? null : composed(patch, following);
        if (next !== undefined && both !== null)
          expect(printCatalog(patchedCatalog(before, both))).toBe(printCatalog(next.after));
      }
    }),
    { numRuns: 300, seed: 20260131, endOnFailure: true },
  );
});

const nothing: Reads = { slots: [], whole: 0, sizes: 0, from: Number.POSITIVE_INFINITY, questions: [] };
