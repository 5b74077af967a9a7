/** Databases with extensions of which no files are there: their tables are made as their scripts make them, and belong to them. */

const ids: Readonly<Record<string, number>> = { citus: 16000001, pg_pathman: 16000002, pg_partman: 16000003 };

/** An extension without files, to which tables are given. */
function extension(name: string, version: string, schema: string, tables: readonly string[]): string {
  return `INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
      SELECT ${ids[name]}, '${name}', 10, oid, false, '${version}' FROM pg_namespace WHERE nspname = '${schema}';
    ${tables.map((table) => `ALTER EXTENSION ${name} ADD ${table};`).join("\n")}`;
}

/** Tables that are distributed by Citus, and its own. */
export const citusTables = `
  CREATE SCHEMA meta;
  CREATE TABLE meta.pg_dist_partition (logicalrelid regclass NOT NULL, partmethod "char" NOT NULL, partkey text,
    colocationid integer NOT NULL DEFAULT 0, repmodel "char" NOT NULL DEFAULT 's', autoconverted boolean NOT NULL DEFAULT false);
  CREATE TABLE meta.pg_dist_shard (logicalrelid regclass NOT NULL, shardid bigint NOT NULL, shardstorage "char" NOT NULL,
    shardminvalue text, shardmaxvalue text);
  CREATE TABLE meta.pg_dist_colocation (colocationid int NOT NULL, shardcount int NOT NULL, replicationfactor int NOT NULL,
    distributioncolumntype oid NOT NULL, distributioncolumncollation oid NOT NULL);
  CREATE TABLE meta.pg_dist_schema (schemaid oid NOT NULL, colocationid int NOT NULL);
  CREATE TABLE meta.pg_dist_placement (placementid bigint, shardid bigint NOT NULL, shardstate int NOT NULL, shardlength bigint,
    groupid int NOT NULL);
  CREATE TYPE meta.noderole AS ENUM ('primary', 'secondary');
  CREATE TABLE meta.pg_dist_node (nodeid int, groupid int NOT NULL, nodename text NOT NULL, nodeport int NOT NULL,
    isactive bool NOT NULL DEFAULT true, noderole meta.noderole NOT NULL DEFAULT 'primary', shouldhaveshards bool NOT NULL DEFAULT true);
  CREATE SCHEMA app;
  CREATE SCHEMA tenant;
  CREATE TABLE app.gone (x int);
  CREATE TABLE app.events (day date NOT NULL, user_id int NOT NULL) PARTITION BY RANGE (day);
  CREATE TABLE app.events_24 PARTITION OF app.events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
  CREATE TABLE app.users (user_id int NOT NULL, name text);
  CREATE TABLE app.plans (code text PRIMARY KEY);
  CREATE TABLE app.notes (id int);
  CREATE TABLE tenant.orders (id int);
  CREATE TABLE app.plain (id int);
  INSERT INTO meta.pg_dist_partition SELECT t::regclass, 'h', '{VAR :varno 1 :varattno ' || a || ' :vartype 23 :varlevelsup 0}', 7, 's'
    FROM (VALUES ('app.events', 2), ('app.events_24', 2), ('app.users', 1)) v (t, a);
  INSERT INTO meta.pg_dist_partition VALUES ('app.plans', 'n', NULL, 3, 't'), ('app.notes', 'n', NULL, 0, 's'),
    ('tenant.orders', 'n', NULL, 9, 's');
  INSERT INTO meta.pg_dist_shard SELECT t::regclass, 102008 + o + i, 't', (-2147483648 + i * 1073741824)::text,
      CASE i WHEN 3 THEN '2147483647' ELSE (-2147483648 + (i + 1) * 1073741824 - 1)::text END
    FROM (VALUES ('app.events', 0), ('app.events_24', 4), ('app.users', 8)) v (t, o), generate_series(3::bigint, 0, -1) AS i;
  INSERT INTO meta.pg_dist_shard VALUES ('app.plans', 102030, 't', NULL, NULL), ('tenant.orders', 102031, 't', NULL, NULL);
  INSERT INTO meta.pg_dist_colocation VALUES (7, 4, 1, 23, 0), (3, 1, -1, 0, 0), (9, 1, 1, 0, 0);
  INSERT INTO meta.pg_dist_schema VALUES ('tenant'::regnamespace, 9);
  INSERT INTO meta.pg_dist_node VALUES (1, 0, 'main', 5432, true, 'primary', false), (2, 1, 'left', 5432, true, 'primary', true),
    (3, 2, 'right', 5433, true, 'primary', true), (4, 2, 'spare', 5434, true, 'secondary', true);
  INSERT INTO meta.pg_dist_placement SELECT shardid, shardid, 1, 0, 1 + shardid % 2 FROM meta.pg_dist_shard WHERE shardid < 102030;
  ${extension(
    "citus",
    "13.2-1",
    "meta",
    "partition shard colocation schema placement node".split(" ").map((name) => `TABLE meta.pg_dist_${name}`),
  )}`;

/** A table that pg_pathman divides and one that pg_partman manages, and their own. */
export const pathmanAndPartmanTables = `
  CREATE SCHEMA ext; CREATE SCHEMA partman;
  CREATE TABLE ext.pathman_config (partrel regclass NOT NULL PRIMARY KEY, expr text NOT NULL, parttype int NOT NULL,
    range_interval text, cooked_expr text);
  CREATE TABLE ext.pathman_config_params (partrel regclass NOT NULL PRIMARY KEY, enable_parent bool NOT NULL DEFAULT false,
    auto bool NOT NULL DEFAULT true, init_callback text, spawn_using_bgw bool NOT NULL DEFAULT false);
  ALTER TABLE ext.pathman_config ENABLE ROW LEVEL SECURITY;
  CREATE POLICY allow_select ON ext.pathman_config FOR SELECT USING (true);
  CREATE TABLE journal (id int NOT NULL, dt timestamp NOT NULL);
  CREATE SEQUENCE journal_seq;
  CREATE TABLE journal_1 (CONSTRAINT pathman_journal_1_check CHECK (dt >= '2024-01-01' AND dt < '2024-02-01')) INHERITS (journal);
  CREATE TABLE journal_2 (CONSTRAINT pathman_journal_2_check CHECK (dt >= '2024-02-01' AND dt < '2024-03-01')) INHERITS (journal);
  INSERT INTO ext.pathman_config VALUES ('journal', 'dt', 2, '1 mon');
  INSERT INTO ext.pathman_config_params VALUES ('journal', false, false, NULL);
  CREATE TABLE partman.part_config (parent_table text PRIMARY KEY, control text NOT NULL, partition_interval text NOT NULL,
    partition_type text NOT NULL, premake int NOT NULL DEFAULT 4, retention text, constraint_cols text[],
    maintenance_last_run timestamptz, something_new text DEFAULT 'x');
  CREATE TABLE partman.part_config_sub (sub_parent text PRIMARY KEY, sub_control text, sub_premake int);
  CREATE TABLE hits (id bigint NOT NULL, at timestamptz NOT NULL) PARTITION BY RANGE (at);
  INSERT INTO partman.part_config (parent_table, control, partition_interval, partition_type, premake, constraint_cols, maintenance_last_run)
    VALUES ('public.hits', 'at', '1 day', 'range', 30, '{id}', now());
  INSERT INTO partman.part_config_sub VALUES ('public.hits', 'id', 2);
  ${extension("pg_pathman", "1.5", "ext", ["TABLE ext.pathman_config", "TABLE ext.pathman_config_params"])}
  ${extension("pg_partman", "5.2.4", "partman", ["TABLE partman.part_config", "TABLE partman.part_config_sub"])}`;
