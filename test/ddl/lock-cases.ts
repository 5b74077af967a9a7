/** Operations whose locks are measured besides those of `operation-cases.ts`. */

const keys = `CREATE TABLE kinds (kind int PRIMARY KEY) PARTITION BY RANGE (kind);
CREATE TABLE kinds_0 PARTITION OF kinds FOR VALUES FROM (0) TO (100);
CREATE TABLE t (id int, k int NOT NULL, kind int REFERENCES kinds, up int, FOREIGN KEY (up, k) REFERENCES t, PRIMARY KEY (id, k)) PARTITION BY RANGE (k);
CREATE TABLE mentions (id int, k int, FOREIGN KEY (id, k) REFERENCES t) PARTITION BY LIST (k);
CREATE TABLE mentions_0 PARTITION OF mentions DEFAULT;
CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (0) TO (100);
CREATE TABLE t_100 PARTITION OF t FOR VALUES FROM (100) TO (200);`;
const keyRows = "INSERT INTO kinds VALUES (1); INSERT INTO t SELECT n, n, 1, NULL FROM generate_series(0, 199) AS n";

/** A partition with everything on it that is handed on. */
const hung = (name: string): string => `
CREATE TABLE t (id int, k int NOT NULL, note text, PRIMARY KEY (id, k)) PARTITION BY RANGE (k);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER every AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();
CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (0) TO (100) WITH (fillfactor = 70);
GRANT SELECT, UPDATE (id) ON t_0 TO PUBLIC;
COMMENT ON TABLE t_0 IS 'the first';
CREATE POLICY p ON t_0 USING (id >= 0);
ALTER TABLE t_0 ENABLE ROW LEVEL SECURITY;
CREATE TRIGGER own AFTER DELETE ON t_0 EXECUTE FUNCTION f();
ALTER TABLE t_0 DISABLE TRIGGER own;
ALTER TABLE t_0 DISABLE TRIGGER every;
ALTER TABLE t_0 ALTER note SET STATISTICS 500;
ALTER TABLE t_0 REPLICA IDENTITY USING INDEX t_0_pkey;
CREATE PUBLICATION ${name} FOR TABLE t_0;`;

/** Of the online style, and of tables that are referred to from both sides. */
export const lockCases = [
  {
    title: "split what everything hangs on",
    schema: hung("split_of"),
    rows: "INSERT INTO t SELECT n, n FROM generate_series(0, 99) AS n",
    request: { operation: "split", table: "t", partition: "t_0", at: "40" },
    from: 13,
  },
  {
    title: "split what everything hangs on while others write",
    schema: hung("online_of"),
    rows: "INSERT INTO t SELECT n, n FROM generate_series(0, 99) AS n",
    request: { operation: "split", table: "t", partition: "t_0", at: "40", style: "online" },
    from: 13,
  },
  {
    title: "append to partitions on which everything hangs",
    schema: hung("append_of"),
    rows: "SELECT 1",
    request: { operation: "append", table: "t" },
    from: 13,
  },
  {
    title: "move rows out of the default while others write",
    schema: `CREATE TABLE kinds (kind int PRIMARY KEY);
CREATE TABLE t (id int, k int NOT NULL, kind int REFERENCES kinds, PRIMARY KEY (id, k)) PARTITION BY RANGE (k);
CREATE INDEX t_k ON t (k);
CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (0) TO (100);
CREATE TABLE t_rest PARTITION OF t DEFAULT;`,
    rows: "INSERT INTO kinds VALUES (1); INSERT INTO t SELECT n, n, 1 FROM generate_series(0, 299) AS n",
    request: { operation: "move-rows", table: "t", start: "100", end: "200", interval: "100", style: "online" },
    from: 12,
  },
  {
    title: "split while others write, beside a default",
    schema: `CREATE TABLE t (id int, k int NOT NULL, PRIMARY KEY (id, k)) PARTITION BY RANGE (k);
CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (0) TO (100);
CREATE TABLE t_rest PARTITION OF t DEFAULT;`,
    rows: "INSERT INTO t SELECT n, n FROM generate_series(0, 299) AS n",
    request: { operation: "split", table: "t", partition: "t_0", at: "40", style: "online" },
    from: 12,
  },
  {
    title: "rehash while others write",
    schema: `CREATE TABLE t (id int PRIMARY KEY) PARTITION BY HASH (id);
CREATE TABLE t_0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE t_1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1);`,
    rows: "INSERT INTO t SELECT n FROM generate_series(0, 299) AS n",
    request: { operation: "rehash", table: "t", modulus: 3, style: "online" },
    from: 12,
  },
  {
    title: "append to a table with keys both ways, beside a default",
    schema: `CREATE TABLE kinds (kind int PRIMARY KEY);
CREATE TABLE t (id int, k int NOT NULL, kind int REFERENCES kinds, PRIMARY KEY (id, k)) PARTITION BY RANGE (k);
CREATE TABLE mentions (id int, k int, FOREIGN KEY (id, k) REFERENCES t);
CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (0) TO (100);
CREATE TABLE t_rest PARTITION OF t DEFAULT;`,
    rows: "SELECT 1",
    request: { operation: "append", table: "t" },
    from: 12,
  },
  ...[
    { operation: "split", partition: "t_0", at: "40" },
    { operation: "merge", partitions: ["t_0", "t_100"] },
    { operation: "append" },
    { operation: "add-default" },
    { operation: "detach", partition: "t_0" },
    { operation: "drop", partition: "t_0" },
    { operation: "attach", partition: "more", from: "200", to: "300" },
  ].map((request) => ({
    title: `${request.operation} where foreign keys go both ways, to and from partitioned tables`,
    schema: `${keys} CREATE TABLE more (LIKE t INCLUDING ALL);`,
    rows: keyRows,
    request: { ...request, table: "t" },
    from: 15,
  })),
] as const;
