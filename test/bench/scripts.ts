// Scripts for the benchmarks: one table with many partitions, as schema files have them, and queries below.

export interface BenchScript {
  readonly text: string;
  /** Offsets at which typing a space harms nothing. */
  readonly lastQuery: number;
  readonly middleBound: number;
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
  const middle = text.indexOf("FOR VALUES", text.length / 2);
  return { text, lastQuery: text.lastIndexOf("GROUP BY"), middleBound: middle };
}

function month(index: number): string {
  return `${String(1600 + Math.floor(index / 12)).padStart(4, "0")}-${String((index % 12) + 1).padStart(2, "0")}-01`;
}

function name(index: number): string {
  return month(index).slice(0, 7).replace("-", "_");
}
