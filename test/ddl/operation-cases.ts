/** Operations on tables of every strategy and scheme, with rows and with what their parts are to be afterwards. */

/** One operation. */
export interface OperationCase {
  readonly title: string;
  readonly schema: string;
  readonly rows: string;
  readonly request: Readonly<Record<string, unknown>> & { readonly table: string };
  /** The parts afterwards, by name, as the server prints their bounds or CHECKs. */
  readonly parts: Readonly<Record<string, string>>;
  /** `false` where rows are refused afterwards that were taken before, or nothing tells what was there. */
  readonly undone?: false;
  readonly from?: number;
  /** Tables that hold rows before or afterwards, which count along. */
  readonly aside?: readonly string[];
  /** Rows go, as is asked for, or no one can read them. */
  readonly loses?: true;
  /** The replay promises nothing: whether rows that may be there fit is not known to it. */
  readonly declines?: string;
}

const events = `
CREATE TABLE kinds (kind text PRIMARY KEY);
CREATE TABLE events (
  id bigint NOT NULL,
  at date NOT NULL,
  kind text REFERENCES kinds DEFAULT 'a',
  doubled bigint GENERATED ALWAYS AS (id * 2) STORED,
  note text CHECK (note <> ''),
  PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX events_kind ON events (kind) WHERE kind <> 'z';
CREATE TABLE events_2024_01 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE events_2024_02 PARTITION OF events FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
CREATE TABLE events_2024_04 PARTITION OF events FOR VALUES FROM ('2024-04-01') TO ('2024-05-01');`;
const eventsDefault = `${events}
CREATE TABLE events_default PARTITION OF events DEFAULT;`;
const eventRows = `INSERT INTO kinds VALUES ('a'), ('b');
INSERT INTO events (id, at, kind, note)
  SELECT n, '2023-12-20'::date + n, CASE WHEN n % 2 = 0 THEN 'a' ELSE 'b' END, 'row ' || n FROM generate_series(0, 170) AS n`;

const month = (number: string, next: string): string => `FOR VALUES FROM ('2024-${number}-01') TO ('2024-${next}-01')`;
const eventParts = {
  events_2024_01: month("01", "02"),
  events_2024_02: month("02", "03"),
  events_2024_04: month("04", "05"),
};

const orders = `
CREATE TABLE orders (id int NOT NULL, state text, PRIMARY KEY (id), UNIQUE (id)) ;
DROP TABLE orders;
CREATE TABLE orders (id int NOT NULL, state text) PARTITION BY LIST (state);
CREATE INDEX ON orders (id);
CREATE TABLE orders_open PARTITION OF orders FOR VALUES IN ('open', 'held');
CREATE TABLE orders_closed PARTITION OF orders FOR VALUES IN ('closed');
CREATE TABLE orders_rest PARTITION OF orders DEFAULT;`;
const orderRows =
  "INSERT INTO orders SELECT n, (ARRAY['open', 'held', 'closed', 'lost', NULL])[1 + n % 5] FROM generate_series(1, 100) AS n";

const users = `
CREATE TABLE users (id int PRIMARY KEY, name text) PARTITION BY HASH (id);
CREATE INDEX ON users (name);
CREATE TABLE users_0 PARTITION OF users FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE users_1 PARTITION OF users FOR VALUES WITH (MODULUS 2, REMAINDER 1);`;
const userRows = "INSERT INTO users SELECT n, 'user ' || n FROM generate_series(1, 200) AS n";

const logs = `
CREATE TABLE kinds (kind text PRIMARY KEY);
CREATE TABLE logs (id int NOT NULL, day date NOT NULL, kind text DEFAULT 'a', note text CHECK (note <> ''));
CREATE INDEX ON logs (id);
CREATE TABLE logs_2024_01 (CONSTRAINT logs_2024_01_day CHECK (day >= '2024-01-01' AND day < '2024-02-01'), FOREIGN KEY (kind) REFERENCES kinds) INHERITS (logs);
CREATE INDEX ON logs_2024_01 (id);
CREATE TABLE logs_2024_02 (CONSTRAINT logs_2024_02_day CHECK (day >= '2024-02-01' AND day < '2024-03-01'), FOREIGN KEY (kind) REFERENCES kinds) INHERITS (logs);
CREATE INDEX ON logs_2024_02 (id);`;
const logRows = `INSERT INTO kinds VALUES ('a');
INSERT INTO logs_2024_01 SELECT n, '2024-01-01'::date + n, 'a', 'x' FROM generate_series(0, 30) AS n;
INSERT INTO logs_2024_02 SELECT n, '2024-02-01'::date + n, 'a', 'x' FROM generate_series(0, 28) AS n;
INSERT INTO logs SELECT n, '2024-01-10'::date + n, 'a', 'stray' FROM generate_series(0, 99) AS n`;
const check = (from: string, to: string): string => `CHECK (((day >= '${from}'::date) AND (day < '${to}'::date)))`;
const firstCheck = "CHECK (((day >= '2024-01-01'::date) AND (day < '2024-02-01'::date)))";
const secondCheck = "CHECK (((day >= '2024-02-01'::date) AND (day < '2024-03-01'::date)))";

const cases: readonly OperationCase[] = [
  {
    title: "move rows out of the default: the gap and the months up to today",
    schema: eventsDefault,
    rows: eventRows,
    request: { operation: "move-rows", table: "events", create: true },
    parts: {
      ...eventParts,
      events_2024_03: month("03", "04"),
      events_2024_05: month("05", "06"),
      events_2024_06: month("06", "07"),
      events_default: "DEFAULT",
    },
    from: 11,
  },
  {
    title: "move rows out of the default: the months asked for",
    schema: eventsDefault,
    rows: eventRows,
    request: {
      operation: "move-rows",
      table: "events",
      from: "events_default",
      start: "2023-11-01",
      end: "2024-01-01",
    },
    parts: {
      ...eventParts,
      events_2023_11: "FOR VALUES FROM ('2023-11-01') TO ('2023-12-01')",
      events_2023_12: "FOR VALUES FROM ('2023-12-01') TO ('2024-01-01')",
      events_default: "DEFAULT",
    },
    from: 11,
  },
  {
    title: "move rows out of the default: the gap and the months up to an end",
    schema: eventsDefault,
    rows: eventRows,
    request: { operation: "move-rows", table: "events", create: true, end: "2024-06-01" },
    parts: {
      ...eventParts,
      events_2024_03: month("03", "04"),
      events_2024_05: month("05", "06"),
      events_default: "DEFAULT",
    },
    from: 11,
  },
  {
    title: "split numbers with fractions into three: the names count on, also where an open one has the last number",
    schema: `CREATE TABLE sums (s numeric(10,2) NOT NULL) PARTITION BY RANGE (s);
CREATE TABLE sums_1 PARTITION OF sums FOR VALUES FROM (0.5) TO (100);
CREATE TABLE sums_2 PARTITION OF sums FOR VALUES FROM (100) TO (MAXVALUE);`,
    rows: "INSERT INTO sums SELECT 0.5 + n * 1.7 FROM generate_series(0, 100) AS n",
    request: { operation: "split", table: "sums", partition: "sums_1", into: 3 },
    parts: {
      sums_1: "FOR VALUES FROM (0.50) TO (33.66)",
      sums_3: "FOR VALUES FROM (33.66) TO (66.83)",
      sums_4: "FOR VALUES FROM (66.83) TO (100.00)",
      sums_2: "FOR VALUES FROM (100.00) TO (MAXVALUE)",
    },
  },
  {
    title: "move rows out of the default of a list",
    schema: orders,
    rows: orderRows,
    request: { operation: "move-rows", table: "orders", values: ["lost", "NULL"] },
    parts: {
      orders_open: "FOR VALUES IN ('open', 'held')",
      orders_closed: "FOR VALUES IN ('closed')",
      orders_lost: "FOR VALUES IN ('lost', NULL)",
      orders_rest: "DEFAULT",
    },
    from: 11,
  },
  {
    title: "split a list by values",
    schema: orders,
    rows: orderRows,
    request: { operation: "split", table: "orders", partition: "orders_open", values: "held" },
    parts: {
      orders_open: "FOR VALUES IN ('open')",
      orders_held: "FOR VALUES IN ('held')",
      orders_closed: "FOR VALUES IN ('closed')",
      orders_rest: "DEFAULT",
    },
    from: 11,
  },
  {
    title: "merge lists, and give the merged one a name",
    schema: orders,
    rows: orderRows,
    request: {
      operation: "merge",
      table: "orders",
      partitions: ["orders_closed", "orders_open"],
      name: "orders_known",
    },
    parts: { orders_known: "FOR VALUES IN ('closed', 'open', 'held')", orders_rest: "DEFAULT" },
    from: 11,
  },
  {
    title: "merge a partition into the default",
    schema: orders,
    rows: orderRows,
    request: { operation: "merge", table: "orders", partitions: ["orders_rest", "orders_open"] },
    parts: { orders_closed: "FOR VALUES IN ('closed')", orders_rest: "DEFAULT" },
    from: 11,
  },
  {
    title: "split a table that others refer to",
    schema: `${eventsDefault}
CREATE TABLE mentions (id bigint, at date, CONSTRAINT of_event FOREIGN KEY (id, at) REFERENCES events ON DELETE CASCADE);`,
    rows: `${eventRows}; INSERT INTO mentions SELECT id, at FROM events WHERE id % 3 = 0`,
    request: { operation: "split", table: "events", partition: "events_2024_01", into: 3 },
    parts: {
      events_2024_01: "FOR VALUES FROM ('2024-01-01') TO ('2024-01-11')",
      events_2024_01_11: "FOR VALUES FROM ('2024-01-11') TO ('2024-01-21')",
      events_2024_01_21: "FOR VALUES FROM ('2024-01-21') TO ('2024-02-01')",
      events_2024_02: eventParts.events_2024_02,
      events_2024_04: eventParts.events_2024_04,
      events_default: "DEFAULT",
    },
    from: 12,
  },
  {
    title: "split a catch-all by months: the open one keeps its name",
    schema: `
CREATE TABLE t (d date NOT NULL, v int) PARTITION BY RANGE (d);
CREATE INDEX t_v ON t (v);
CREATE TABLE t_2024_03 PARTITION OF t FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');
CREATE TABLE t_future PARTITION OF t FOR VALUES FROM ('2024-04-01') TO (MAXVALUE);`,
    rows: "INSERT INTO t SELECT '2024-03-01'::date + n, n FROM generate_series(0, 200) AS n",
    request: { operation: "split", table: "t", partition: "t_future", by: "monthly" },
    parts: {
      t_2024_03: "FOR VALUES FROM ('2024-03-01') TO ('2024-04-01')",
      t_2024_04: "FOR VALUES FROM ('2024-04-01') TO ('2024-05-01')",
      t_2024_05: "FOR VALUES FROM ('2024-05-01') TO ('2024-06-01')",
      t_2024_06: "FOR VALUES FROM ('2024-06-01') TO ('2024-07-01')",
      t_future: "FOR VALUES FROM ('2024-07-01') TO (MAXVALUE)",
    },
    from: 11,
  },
  {
    title: "split a range of two columns at a point of both",
    schema: `
CREATE TABLE t (a int NOT NULL, b text NOT NULL, v int) PARTITION BY RANGE (a, b);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0, MINVALUE) TO (10, 'm');`,
    rows: "INSERT INTO t SELECT n % 10, chr(97 + n % 26), n FROM generate_series(0, 500) AS n",
    request: { operation: "split", table: "t", partition: "t_1", at: "(5, 'k')", name: "t_2" },
    parts: {
      t_1: "FOR VALUES FROM (0, MINVALUE) TO (5, 'k')",
      t_2: "FOR VALUES FROM (5, 'k') TO (10, 'm')",
    },
  },
  {
    title: "rehash to a multiple",
    schema: users,
    rows: userRows,
    request: { operation: "rehash", table: "users", modulus: 4 },
    parts: Object.fromEntries(
      [0, 1, 2, 3].map((remainder) => [`users_${remainder}`, `FOR VALUES WITH (modulus 4, remainder ${remainder})`]),
    ),
    from: 11,
  },
  {
    title: "rehash to a modulus that is no multiple",
    schema: users,
    rows: userRows,
    request: { operation: "rehash", table: "users", modulus: 3 },
    parts: {
      users_0: "FOR VALUES WITH (modulus 3, remainder 0)",
      users_1: "FOR VALUES WITH (modulus 3, remainder 1)",
      users_2: "FOR VALUES WITH (modulus 3, remainder 2)",
    },
    from: 11,
  },
  {
    title: "merge both hash partitions",
    schema: users,
    rows: userRows,
    request: { operation: "merge", table: "users", partitions: ["users_0", "users_1"] },
    parts: { users_0: "FOR VALUES WITH (modulus 1, remainder 0)" },
    from: 11,
  },
  {
    title: "split one hash partition",
    schema: users,
    rows: userRows,
    request: { operation: "split", table: "users", partition: "users_1" },
    parts: {
      users_0: "FOR VALUES WITH (modulus 2, remainder 0)",
      users_1: "FOR VALUES WITH (modulus 4, remainder 1)",
      users_3: "FOR VALUES WITH (modulus 4, remainder 3)",
    },
    from: 11,
  },
  {
    title: "complete the remainders",
    schema: users.replace(/CREATE TABLE users_1.*/, ""),
    rows: "INSERT INTO users SELECT n, 'user' FROM generate_series(1, 1000) AS n WHERE satisfies_hash_partition('users'::regclass, 2, 0, n)",
    request: { operation: "fill", table: "users" },
    parts: {
      users_0: "FOR VALUES WITH (modulus 2, remainder 0)",
      users_1: "FOR VALUES WITH (modulus 2, remainder 1)",
    },
    from: 11,
  },
  {
    title: "a set of hash partitions",
    schema: "CREATE TABLE u (id int) PARTITION BY HASH (id);",
    rows: "SELECT 1",
    request: { operation: "create-hashes", table: "u", modulus: 2 },
    parts: { u_0: "FOR VALUES WITH (modulus 2, remainder 0)", u_1: "FOR VALUES WITH (modulus 2, remainder 1)" },
    from: 11,
  },
  {
    title: "ranges from a start",
    schema: "CREATE TABLE r (d timestamptz NOT NULL) PARTITION BY RANGE (d);",
    rows: "SELECT 1",
    request: { operation: "create-ranges", table: "r", start: "2024-01-01", interval: "3 months", count: 2 },
    parts: {
      r_2024_01: "FOR VALUES FROM ('2024-01-01 00:00:00+00') TO ('2024-04-01 00:00:00+00')",
      r_2024_04: "FOR VALUES FROM ('2024-04-01 00:00:00+00') TO ('2024-07-01 00:00:00+00')",
    },
  },
  {
    title: "ranges of a span",
    schema: "CREATE TABLE r (k numeric(6,2) NOT NULL) PARTITION BY RANGE (k);",
    rows: "SELECT 1",
    request: { operation: "create-span", table: "r", start: 0, end: "1", interval: "0.5" },
    parts: { r_p1: "FOR VALUES FROM (0.00) TO (0.50)", r_p2: "FOR VALUES FROM (0.50) TO (1.00)" },
  },
  {
    title: "append where partitions are partitioned themselves",
    schema: `
CREATE TABLE n (d date NOT NULL, h int NOT NULL, v text) PARTITION BY RANGE (d);
CREATE INDEX ON n (v);
CREATE TABLE n_2024_01 PARTITION OF n FOR VALUES FROM ('2024-01-01') TO ('2024-02-01') PARTITION BY HASH (h);
CREATE TABLE n_2024_01_0 PARTITION OF n_2024_01 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE n_2024_01_odd PARTITION OF n_2024_01 FOR VALUES WITH (MODULUS 2, REMAINDER 1) PARTITION BY LIST (v);
CREATE TABLE n_2024_01_odd_rest PARTITION OF n_2024_01_odd DEFAULT;`,
    rows: "INSERT INTO n SELECT '2024-01-05', n, 'x' FROM generate_series(1, 20) AS n",
    request: { operation: "append", table: "n" },
    parts: {
      n_2024_01: "FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')",
      n_2024_02: "FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')",
    },
    from: 11,
  },
  {
    title: "add a default",
    schema: events,
    rows: "SELECT 1",
    request: { operation: "add-default", table: "events" },
    parts: { ...eventParts, events_default: "DEFAULT" },
    from: 11,
  },
  {
    title: "drop a default that is empty",
    schema: eventsDefault,
    rows: "INSERT INTO events (id, at, kind) VALUES (1, '2024-01-05', NULL)",
    request: { operation: "drop-default", table: "events" },
    parts: eventParts,
    from: 11,
  },
  {
    title: "inheritance: move the parent's rows to the children",
    schema: logs,
    rows: logRows,
    request: { operation: "move-rows", table: "logs" },
    parts: { logs_2024_01: firstCheck, logs_2024_02: secondCheck },
    undone: false,
  },
  {
    title: "inheritance: move the parent's rows by batches, and make the children that are missing",
    schema: logs,
    rows: logRows,
    request: { operation: "move-rows", table: "logs", create: true, batch: 7 },
    parts: {
      logs_2024_01: firstCheck,
      logs_2024_02: secondCheck,
      logs_2024_03: check("2024-03-01", "2024-04-01"),
      logs_2024_04: check("2024-04-01", "2024-05-01"),
      logs_2024_05: check("2024-05-01", "2024-06-01"),
      logs_2024_06: check("2024-06-01", "2024-07-01"),
    },
    undone: false,
    from: 11,
  },
  {
    title: "inheritance: split",
    schema: logs,
    rows: logRows,
    request: { operation: "split", table: "logs", partition: "logs_2024_01", at: "2024-01-16" },
    parts: {
      logs_2024_01: check("2024-01-01", "2024-01-16"),
      logs_2024_01_16: check("2024-01-16", "2024-02-01"),
      logs_2024_02: secondCheck,
    },
  },
  {
    title: "inheritance: merge",
    schema: logs,
    rows: logRows,
    request: { operation: "merge", table: "logs", partitions: ["logs_2024_01", "logs_2024_02"] },
    parts: { logs_2024_01: check("2024-01-01", "2024-03-01") },
  },
  {
    title: "inheritance: append",
    schema: logs,
    rows: logRows,
    request: { operation: "append", table: "logs" },
    parts: { logs_2024_01: firstCheck, logs_2024_02: secondCheck, logs_2024_03: check("2024-03-01", "2024-04-01") },
  },
];

const extra = `
CREATE TABLE events_extra (LIKE events INCLUDING ALL);`;
const extraRows = `;
INSERT INTO events_extra (id, at, kind) SELECT 1000 + n, '2024-03-01'::date + n, NULL FROM generate_series(0, 30) AS n;`;

const moreCases: readonly OperationCase[] = [
  {
    title: "attach in one step",
    schema: events + extra,
    rows: `INSERT INTO kinds VALUES ('a')${extraRows}`,
    request: { operation: "attach", table: "events", partition: "events_extra", from: "2024-03-01", to: "2024-04-01" },
    parts: { ...eventParts, events_extra: month("03", "04") },
    aside: ["events_extra"],
    from: 11,
  },
  {
    title: "attach without a long lock, beside a default",
    schema: eventsDefault + extra,
    rows: `${eventRows}; DELETE FROM events_default WHERE at >= '2024-03-01' AND at < '2024-04-01'${extraRows}`,
    request: {
      operation: "attach",
      table: "events",
      partition: "events_extra",
      from: "2024-03-01",
      to: "2024-04-01",
      style: "online",
    },
    parts: { ...eventParts, events_extra: month("03", "04"), events_default: "DEFAULT" },
    aside: ["events_extra"],
    from: 11,
  },
  {
    title: "attach a list without a long lock",
    schema: `${orders} CREATE TABLE orders_lost (LIKE orders INCLUDING ALL); INSERT INTO orders_lost VALUES (7, 'lost');`,
    rows: "INSERT INTO orders VALUES (1, 'open')",
    request: { operation: "attach", table: "orders", partition: "orders_lost", values: "lost", style: "online" },
    parts: {
      orders_open: "FOR VALUES IN ('open', 'held')",
      orders_closed: "FOR VALUES IN ('closed')",
      orders_lost: "FOR VALUES IN ('lost')",
      orders_rest: "DEFAULT",
    },
    aside: ["orders_lost"],
    from: 11,
  },
  {
    title: "detach",
    schema: events,
    rows: "INSERT INTO events (id, at, kind) VALUES (1, '2024-01-05', NULL), (2, '2024-02-05', NULL)",
    request: { operation: "detach", table: "events", partition: "events_2024_01" },
    parts: { events_2024_02: eventParts.events_2024_02, events_2024_04: eventParts.events_2024_04 },
    aside: ["events_2024_01"],
    from: 11,
  },
  {
    title: "detach while others read and write",
    schema: events,
    rows: "INSERT INTO events (id, at, kind) VALUES (1, '2024-01-05', NULL), (2, '2024-02-05', NULL)",
    request: { operation: "detach", table: "events", partition: "events_2024_01", style: "online" },
    parts: { events_2024_02: eventParts.events_2024_02, events_2024_04: eventParts.events_2024_04 },
    aside: ["events_2024_01"],
    from: 14,
  },
  {
    title: "drop",
    schema: events,
    rows: "INSERT INTO events (id, at, kind) VALUES (1, '2024-01-05', NULL)",
    request: { operation: "drop", table: "events", partition: "events_2024_01" },
    parts: { events_2024_02: eventParts.events_2024_02, events_2024_04: eventParts.events_2024_04 },
    undone: false,
    loses: true,
    from: 11,
  },
  {
    title: "retention by an interval puts old ones into an archive",
    schema: events,
    rows: "INSERT INTO events (id, at, kind) VALUES (1, '2024-01-05', NULL), (2, '2024-04-05', NULL)",
    request: { operation: "retention", table: "events", keep: "2 months", action: "archive" },
    parts: { events_2024_04: eventParts.events_2024_04 },
    aside: ["archive.events_2024_01", "archive.events_2024_02"],
    from: 11,
  },
  {
    title: "retention by a number of partitions drops old ones",
    schema: events,
    rows: "SELECT 1",
    request: { operation: "retention", table: "events", keep: "2", action: "drop" },
    parts: { events_2024_02: eventParts.events_2024_02, events_2024_04: eventParts.events_2024_04 },
    undone: false,
    from: 11,
  },
  {
    title: "a foreign table",
    schema: `CREATE FOREIGN DATA WRAPPER w; CREATE SERVER far FOREIGN DATA WRAPPER w;
CREATE TABLE f (k int, v text) PARTITION BY LIST (k); CREATE TABLE f_1 PARTITION OF f FOR VALUES IN (1);`,
    rows: "SELECT 1",
    request: { operation: "foreign", table: "f", values: "2", server: "far" },
    parts: { f_1: "FOR VALUES IN (1)", f_2: "FOR VALUES IN (2)" },
    loses: true,
  },
  {
    title: "convert a plain table",
    schema: `CREATE TABLE p (id bigint GENERATED BY DEFAULT AS IDENTITY, at timestamptz NOT NULL, v text CHECK (v <> ''), PRIMARY KEY (id, at));
CREATE INDEX p_v ON p (v);`,
    rows: "INSERT INTO p (at, v) SELECT '2024-01-01'::timestamptz + n * interval '1 day', 'x' FROM generate_series(0, 90) AS n",
    request: { operation: "convert", table: "p", to: "declarative", key: "at" },
    parts: { p_default: "DEFAULT" },
    from: 11,
  },
  {
    title: "convert a plain table that others refer to",
    schema: "CREATE TABLE p (k text PRIMARY KEY, v int); CREATE TABLE mentions (k text REFERENCES p);",
    rows: "INSERT INTO p VALUES ('a', 1), ('b', 2); INSERT INTO mentions VALUES ('a')",
    request: { operation: "convert", table: "p", to: "declarative", key: "k", strategy: "list" },
    parts: { p_default: "DEFAULT" },
    from: 12,
  },
  {
    title: "convert inheritance with a trigger that routes rows",
    schema: `${logs}
CREATE FUNCTION route() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER logs_route BEFORE INSERT ON logs FOR EACH ROW EXECUTE PROCEDURE route();`,
    rows: logRows,
    request: { operation: "convert", table: "logs", to: "declarative" },
    parts: {
      logs_2024_01: month("01", "02"),
      logs_2024_02: month("02", "03"),
      logs_default: "DEFAULT",
    },
    undone: false,
    declines: "logs is tainted",
    from: 11,
  },
  {
    title: "inheritance: attach",
    schema: `${logs} CREATE TABLE logs_more (LIKE logs INCLUDING ALL);`,
    rows: `${logRows}; INSERT INTO logs_more VALUES (1, '2024-03-05', NULL, 'x')`,
    request: {
      operation: "attach",
      table: "logs",
      partition: "logs_more",
      from: "2024-03-01",
      to: "2024-04-01",
      style: "online",
    },
    parts: { logs_2024_01: firstCheck, logs_2024_02: secondCheck, logs_more: check("2024-03-01", "2024-04-01") },
    aside: ["logs_more"],
  },
  {
    title: "inheritance: detach",
    schema: logs,
    rows: logRows,
    request: { operation: "detach", table: "logs", partition: "logs_2024_01" },
    parts: { logs_2024_02: secondCheck },
    aside: ["logs_2024_01"],
  },
  {
    title: "inheritance: retention",
    schema: logs,
    rows: logRows,
    request: { operation: "retention", table: "logs", keep: 1 },
    parts: { logs_2024_02: secondCheck },
    aside: ["logs_2024_01"],
  },
];

export const operationCases: readonly OperationCase[] = [...cases, ...moreCases];
