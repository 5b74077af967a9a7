// Scripts for the benchmarks, as schema files have them: tables with many partitions, and queries.

export interface BenchScript {
  readonly text: string;
  /** Offsets at which typing a space harms nothing. */
  readonly lastQuery: number;
  readonly middleBound: number;
  /** The offset of a digit in a bound in the middle that may be one greater: a gap opens in front of the partition. */
  readonly middleDigit: number;
  /** The offset between two statements in the middle. */
  readonly middle: number;
}

/** A partition for each month from 1600 on, an index, and twenty queries. */
export function monthlyPartitions(count: number): BenchScript {
  const lines = [
    "CREATE TABLE readings (sensor bigint NOT NULL, taken_at timestamptz NOT NULL, value numeric) PARTITION BY RANGE (taken_at);",
  ];
  for (let index = 0; index < count; index++)
    lines.push(
      `CREATE TABLE readings_${name(index)} PARTITION OF readings FOR VALUES FROM ('${month(index)} 00:00+00') TO ('${month(index + 1)} 00:00+00');`,
    );
  lines.push("CREATE INDEX readings_sensor ON readings (sensor);");
  for (let index = 0; index < 20; index++)
    lines.push(
      `SELECT sensor, max(value) FROM readings WHERE taken_at >= '${month(index * 7)}' AND sensor = ${index} GROUP BY 1;`,
    );
  const text = `${lines.join("\n")}\n`;
  const places = middleOf(text);
  const middleDigit = text.indexOf(" 00:00", places.middleBound) + 2;
  return { text, ...places, middleDigit, lastQuery: text.lastIndexOf("GROUP BY") };
}

/** Where each kind of key is typed in a script of partitions. */
export interface KeyScript {
  readonly text: string;
  /** A digit of a bound in the middle, of which the partition stays apart from its neighbours. */
  readonly bound: number;
  /** The end of the name of an index in the middle, which nothing else names. */
  readonly name: number;
  /** The inside of a comment in the middle. */
  readonly comment: number;
}

/** A partition and an index on it for each day from 1980 on, a comment for each hundred, and a query at the end. */
export function dailyPartitions(count: number): KeyScript {
  const lines = ["CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, payload text) PARTITION BY RANGE (at);"];
  for (let index = 0; index < count; index++) {
    const from = day(index);
    if (index % 100 === 0) lines.push(`-- Partition ${index} and those after it.`);
    lines.push(
      `CREATE TABLE events_${index} PARTITION OF events FOR VALUES FROM ('${from}') TO ('${day(index + 1)}');`,
    );
    lines.push(`CREATE INDEX events_${index}_id ON events_${index} (id);`);
  }
  lines.push(`SELECT count(*) FROM events WHERE at >= '${day(count - 3)}';`);
  const text = `${lines.join("\n")}\n`;
  const middle = text.indexOf("\n-- Partition", text.length / 2);
  const bound = text.indexOf("TO ('", middle) + "TO ('2000-01-0".length;
  const name = text.indexOf("_id ON", middle) + "_id".length;
  return { text, bound, name, comment: middle + "\n-- Part".length };
}

function day(index: number): string {
  return new Date(Date.UTC(1980, 0, 1 + index)).toISOString().slice(0, 10);
}

/** Tables with seven hundred partitions each, with rows, queries and indexes between them. */
export function manyTables(statements: number): BenchScript {
  const lines: string[] = [];
  for (let table = 0; lines.length < statements - 1; table++) {
    lines.push(`CREATE TABLE t${table} (k int NOT NULL, v int, note text) PARTITION BY RANGE (k);`);
    for (let part = 0; part < 700; part++) {
      lines.push(`CREATE TABLE t${table}_${part} PARTITION OF t${table} FOR VALUES FROM (${part}0) TO (${part + 1}0);`);
      if (part % 3 === 0) lines.push(`INSERT INTO t${table} (k, v) VALUES (${part}5, ${part});`);
      if (part % 10 === 0) lines.push(`SELECT * FROM t${table} WHERE k = ${part}0;`);
      if (part % 50 === 0) lines.push(`CREATE INDEX ON t${table}_${part} (v);`);
    }
  }
  const text = `${[...lines.slice(0, statements - 1), "SELECT count(*) FROM t0 GROUP BY v;"].join("\n")}\n`;
  const places = middleOf(text);
  const middleDigit = text.indexOf("0)", places.middleBound);
  return { text, ...places, middleDigit, lastQuery: text.lastIndexOf("GROUP BY") };
}

function middleOf(text: string): Pick<BenchScript, "middle" | "middleBound"> {
  const middleBound = text.indexOf("FOR VALUES", text.length / 2);
  return { middleBound, middle: text.indexOf("\n", middleBound) };
}

function month(index: number): string {
  return `${String(1600 + Math.floor(index / 12)).padStart(4, "0")}-${String((index % 12) + 1).padStart(2, "0")}-01`;
}

function name(index: number): string {
  return month(index).slice(0, 7).replace("-", "_");
}
