// Files that cost most of what somebody may open: long, wide, deep, or many of a kind.

/** What somebody may open: by name, how the text of a size is made, and which size is an attack. */
export const attacks: Readonly<Record<string, { readonly size: number; readonly text: (size: number) => string }>> = {
  "a long INSERT": { size: 1_800_000, text: longInsert },
  "a long WHERE": {
    size: 32_000,
    text: (size) => `${keyed}SELECT * FROM t WHERE ${series(size, (i) => `d <> ${i}`).join(" AND ")};\n`,
  },
  "a long WHERE of equalities": {
    size: 10_000,
    text: (size) => `${keyed}SELECT * FROM t WHERE ${series(size, (i) => `k + ${i} = d + ${i}`).join(" AND ")};\n`,
  },
  "a long OR": {
    size: 20_000,
    text: (size) => `${keyed}SELECT * FROM t WHERE ${series(size, (i) => `k = ${i}`).join(" OR ")};\n`,
  },
  "a long IN": {
    size: 100_000,
    text: (size) => `${keyed}SELECT * FROM t WHERE k IN (${series(size, String).join(", ")});\n`,
  },
  "many columns with checks": {
    size: 10_000,
    text: (size) => `CREATE TABLE w (\n${series(size, (i) => `c${i} int CHECK (c${i} > ${i})`).join(",\n")});\n`,
  },
  "many ADD CONSTRAINT": {
    size: 10_000,
    text: (size) => `${keyed}${lines(size, (i) => `ALTER TABLE t ADD CONSTRAINT c${i} CHECK (d > ${i});`)}`,
  },
  "one ALTER TABLE with many ADD CONSTRAINT": {
    size: 10_000,
    text: (size) =>
      `${keyed}ALTER TABLE t\n${series(size, (i) => `ADD CONSTRAINT c${i} CHECK (d > ${i})`).join(",\n")};\n`,
  },
  "nested comments": {
    size: 32_000,
    text: (size) => `${keyed}${"/*".repeat(size)} x ${"*/".repeat(size)}\nSELECT * FROM t WHERE k = 1;\n`,
  },
  "levels of INHERITS": {
    size: 2_000,
    text: (size) =>
      `CREATE TABLE i0 (k int);\n${lines(size, (i) => `CREATE TABLE i${i + 1} (CHECK (k > ${i})) INHERITS (i${i});`)}SELECT * FROM i0 WHERE k = 3;\n`,
  },
  "levels of partitions": {
    size: 3_000,
    text: (size) =>
      `CREATE TABLE s0 (k int) PARTITION BY RANGE (k);\n${lines(size, (i) => `CREATE TABLE s${i + 1} PARTITION OF s${i} FOR VALUES FROM (1) TO (2) PARTITION BY RANGE (k);`)}SELECT * FROM s0 WHERE k = 1;\n`,
  },
  "levels of calls": {
    size: 12,
    text: (size) =>
      `${keyed}CREATE FUNCTION f0(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'CREATE TABLE x' || n || ' ()'; RETURN n; END $$;\n${lines(
        size,
        (i) =>
          `CREATE FUNCTION f${i + 1}(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN FOR i IN 1..10 LOOP PERFORM f${i}(n * 10 + i); END LOOP; RETURN n; END $$;`,
      )}DO $$ BEGIN PERFORM f${size}(1); END $$;\n`,
  },
  "many partitions": {
    size: 20_000,
    text: (size) =>
      `${keyed}${lines(size, (i) => `CREATE TABLE t_${i} PARTITION OF t FOR VALUES FROM (${i}) TO (${i + 1});`)}SELECT * FROM t WHERE k = 3;\n`,
  },
  "many partitions with gaps": {
    size: 20_000,
    text: (size) =>
      `${keyed}${lines(size, (i) => `CREATE TABLE t_${i} PARTITION OF t FOR VALUES FROM (${2 * i}) TO (${2 * i + 1});`)}SELECT * FROM t WHERE d = 3;\n`,
  },
  savepoints: { size: 36_000, text: (size) => `BEGIN;\n${lines(size, (i) => `SAVEPOINT s${i};`)}COMMIT;\n` },
  "a long script without semicolons": { size: 20_000, text: (size) => lines(size, (i) => `SELECT ${i} FROM t`) },
  "a long broken statement": {
    size: 1_000_000,
    text: (size) => `${keyed}INSERT INTO t VALUES (${series(size / 8, (i) => `'note ${i}`).join("'), (")}\n`,
  },
  "a long function": {
    size: 20_000,
    text: (size) =>
      `CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN\n${lines(size, (i) => `  INSERT INTO t VALUES (${i}, 1, 'x');`)}END $$;\n`,
  },
  "a string that doubles": {
    size: 60,
    text: (size) =>
      ["s || s", "replace(s, 'x', 'xx')", "format('%s%s', s, s)", "quote_literal(s)"]
        .map(
          (doubled) =>
            `DO $$ DECLARE s text := '''x'; BEGIN FOR i IN 1..${size} LOOP s := ${doubled}; END LOOP; EXECUTE s; END $$;\n`,
        )
        .join(""),
  },
  "a loop that creates tables": {
    size: 5_000,
    text: (size) =>
      `${keyed}DO $$ BEGIN FOR i IN 1..${size} LOOP EXECUTE format('CREATE TABLE t_%s PARTITION OF t FOR VALUES FROM (%s) TO (%s)', i, i, i + 1); END LOOP; END $$;\n`,
  },
  "a loop that computes": {
    size: 200_000,
    text: (size) =>
      `${keyed}DO $$ DECLARE s text; BEGIN FOR i IN 1..${size} LOOP s := repeat('x', 500) || i; END LOOP; EXECUTE 'CREATE TABLE ' || left(s, 1) || ' (k int)'; END $$;\n`,
  },
  "an OR that is looked into": {
    size: 2_600,
    text: (size) => `${keyed}SELECT * FROM t WHERE ${series(size, (i) => `k = ${i}`).join(" OR ")};\n`,
  },
  "an AND that is looked into": {
    size: 7_900,
    text: (size) => `${keyed}SELECT * FROM t WHERE ${series(size, (i) => `k <> ${i}`).join(" AND ")};\n`,
  },
  "an OR over many partitions": {
    size: 5_000,
    text: (size) =>
      `${keyed}${lines(size, (i) => `CREATE TABLE t_${i} PARTITION OF t FOR VALUES FROM (${i}) TO (${i + 1});`)}SELECT * FROM t WHERE ${series(size / 2, (i) => `k = ${i}`).join(" OR ")};\n`,
  },
  "an OR over a long list": {
    size: 5_000,
    text: (size) =>
      `CREATE TABLE l (k int) PARTITION BY LIST (k);\nCREATE TABLE l_1 PARTITION OF l FOR VALUES IN (${series(size, String).join(", ")});\nSELECT * FROM l WHERE ${series(size / 2, (i) => `k = ${i}`).join(" OR ")};\n`,
  },
  "a long list beside rows": {
    size: 100_000,
    text: (size) =>
      `CREATE TABLE l (k int) PARTITION BY LIST (k);\nCREATE TABLE l_d PARTITION OF l DEFAULT;\nINSERT INTO l VALUES ${series(100, (i) => `(${-1 - i})`).join(", ")};\nCREATE TABLE l_1 PARTITION OF l FOR VALUES IN (${series(size, String).join(", ")});\n`,
  },
  "a long list of a partition": {
    size: 100_000,
    text: (size) =>
      `CREATE TABLE l (k int) PARTITION BY LIST (k);\nCREATE TABLE l_1 PARTITION OF l FOR VALUES IN (${series(size, String).join(", ")});\nSELECT * FROM l WHERE k = 1;\n`,
  },
  "a long UPDATE": {
    size: 20_000,
    text: (size) =>
      `${keyed}UPDATE t SET d = CASE ${series(size, (i) => `WHEN k = ${i} THEN ${i + 1}`).join(" ")} ELSE 0 END;\n`,
  },
  "many values of VALUES": {
    size: 50_000,
    text: (size) =>
      `${keyed}SELECT * FROM t JOIN (VALUES ${series(size, (i) => `(${i}, 'x')`).join(", ")}) v (k, n) ON t.k = v.k;\n`,
  },
  "a long array": {
    size: 50_000,
    text: (size) => `${keyed}SELECT * FROM t WHERE k = ANY (ARRAY[${series(size, String).join(", ")}]);\n`,
  },
  "many columns and targets": {
    size: 1_600,
    text: (size) =>
      `CREATE TABLE w (${series(size, (i) => `c${i} int`).join(", ")});\nSELECT ${series(size, (i) => `c${i} + c${(i * 7) % size}`).join(", ")} FROM w;\nINSERT INTO w (${series(size, (i) => `c${i}`).join(", ")}) SELECT ${series(size, (i) => `c${i}`).join(", ")} FROM w;\n`,
  },
  "a view over a long query": {
    size: 10_000,
    text: (size) =>
      `${keyed}CREATE VIEW v AS SELECT * FROM t WHERE ${series(size, (i) => `d <> ${i}`).join(" AND ")};\nSELECT * FROM v WHERE k = 1;\n`,
  },
  "rows of COPY": {
    size: 60_000,
    text: (size) =>
      `${keyed}COPY t (k, d) FROM stdin;\n${lines(Math.ceil(size / 10), (i) => `${i}\t${i}`)}\\.\nSELECT * FROM t WHERE k = 1;\n`,
  },
  "a long UNION": {
    size: 20_000,
    text: (size) => `${keyed}${series(size, (i) => `SELECT * FROM t WHERE k = ${i}`).join("\nUNION ALL ")};\n`,
  },
};

const keyed = "CREATE TABLE t (k int, d int, note text) PARTITION BY RANGE (k);\n";

function series<Item>(count: number, item: (index: number) => Item): readonly Item[] {
  return Array.from({ length: count }, (_, index) => item(index));
}

function lines(count: number, line: (index: number) => string): string {
  return series(count, (index) => `${line(index)}\n`).join("");
}

/** One INSERT of so many characters. */
export function longInsert(characters: number): string {
  const rows: string[] = [];
  for (let length = 0, index = 0; length < characters; index++) {
    const row = `(${index}, '2024-01-01', 'a note of the row ${index}')`;
    rows.push(row);
    length += row.length + 2;
  }
  return `CREATE TABLE t (k int, d date, note text) PARTITION BY RANGE (k);\nINSERT INTO t VALUES\n${rows.join(",\n")};\n`;
}
