/** Partitioning as MySQL, Oracle, Greenplum, Hive, SQL Server and others write it, each with PostgreSQL's form. */

import { fullRange, relationPattern as name, type OtherForm } from "./other-form.ts";

const alter = String.raw`^ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?(?<table>${name})\s+`;
const names = String.raw`(?<partitions>${name}(?:\s*,\s*${name})*)`;

const ownIndex =
  "That is MySQL's form: an index is made by a statement of its own, CREATE INDEX name ON table (columns); a unique one is a constraint, UNIQUE (columns), or CREATE UNIQUE INDEX.";

/** The more telling ones first. */
export const productForms: readonly OtherForm[] = [
  {
    pattern: String.raw`${alter}REORGANIZE\s+PARTITION\b`,
    advice:
      "That is MySQL's form: a partition is a table of its own: in one transaction create the new tables, move the rows (INSERT … SELECT), detach the old partition and attach the new ones, each with FOR VALUES FROM (…) TO (…).",
  },
  {
    pattern: String.raw`${alter}SPLIT\s+(?:SUB)?PARTITION\s+.*\b(?:AT|VALUES)\s*\(`,
    advice:
      "That is Oracle's form, with AT. A partition is a table of its own: in one transaction detach it, create the new tables, move the rows (INSERT … SELECT) and attach both with FOR VALUES FROM (…) TO (…).",
  },
  {
    pattern: String.raw`${alter}MERGE\s+(?:SUB)?PARTITIONS\s+(?!\()`,
    advice:
      "That is Oracle's form: a partition is a table of its own: in one transaction detach the partitions, create the new table, move the rows (INSERT … SELECT) and attach it.",
  },
  {
    pattern: String.raw`${alter}EXCHANGE\s+(?:SUB)?PARTITION\b`,
    advice:
      "That is the form of MySQL and Oracle. A partition is a table of its own: DETACH PARTITION the old one and ATTACH PARTITION the other with the same bound, in one transaction.",
  },
  {
    pattern: String.raw`${alter}SWITCH\b`,
    advice:
      "That is SQL Server's form: a partition is a table of its own: DETACH PARTITION takes it out, ATTACH PARTITION puts a table in.",
  },
  {
    pattern: String.raw`${alter}REMOVE\s+PARTITIONING\b`,
    advice:
      "That is MySQL's form: a partitioned table stays one: create a plain table LIKE it, move the rows (INSERT … SELECT), drop the partitioned table and rename the new one.",
  },
  {
    pattern: String.raw`${alter}(?:MODIFY\s+)?PARTITION\s+BY\b`,
    advice:
      "That is the form of MySQL and Oracle. A table that exists cannot be partitioned: create a new one with PARTITION BY, and attach this one to it as a partition, or move its rows.",
  },
  {
    pattern: String.raw`${alter}COALESCE\s+PARTITION\b|${alter.replace("<table>", "<other>")}ADD\s+PARTITION\s+PARTITIONS\b`,
    advice:
      "That is MySQL's form. Hash partitions are tables of their own with a MODULUS and a REMAINDER: create the table anew with another number of them, and move the rows.",
  },
  {
    pattern: String.raw`${alter}DROP\s+PARTITION\s+(?<exists>IF\s+EXISTS\s+)?${names}\s*(?:UPDATE\s+(?:GLOBAL\s+)?INDEXES\s*)?$`,
    advice: "Partitions are tables: drop the table, or detach it first to keep its rows.",
    fix: ({ group }) => [
      "Change to DROP TABLE",
      fullRange,
      `DROP TABLE ${group("exists") === "" ? "" : "IF EXISTS "}${group("partitions")}`,
    ],
  },
  {
    pattern: String.raw`${alter}DROP\s+(?:IF\s+EXISTS\s+)?PARTITION\b`,
    advice: "Partitions are tables: drop the table, or detach it first to keep its rows.",
  },
  {
    pattern: String.raw`${alter}TRUNCATE\s+PARTITION\s+(?!ALL\s*$)${names}\s*$`,
    advice: "Partitions are tables: truncate the table.",
    fix: ({ group }) => ["Change to TRUNCATE", fullRange, `TRUNCATE ${group("partitions")}`],
  },
  {
    pattern: String.raw`${alter}TRUNCATE\s+(?:SUB)?PARTITION\s+ALL\s*$`,
    advice: "That is MySQL's form: TRUNCATE the table itself.",
    fix: ({ group }) => ["Change to TRUNCATE", fullRange, `TRUNCATE ${group("table")}`],
  },
  {
    pattern: String.raw`${alter}(?:ANALYZE|OPTIMIZE|REBUILD|REPAIR|CHECK)\s+PARTITION\b`,
    advice:
      "That is MySQL's form. Partitions are tables: write ANALYZE, VACUUM or REINDEX TABLE with the partition's name.",
  },
  {
    pattern: String.raw`${alter}ADD\s+(?:IF\s+NOT\s+EXISTS\s+)?PARTITION\s*\(\s*[\w"\x60]+\s*=`,
    advice:
      "That is Hive's form: a partition is a table of its own, which holds its key as a column: CREATE TABLE p PARTITION OF t FOR VALUES IN (…).",
  },
  {
    pattern: String.raw`${alter}ADD\s+PARTITION\s+(?<partition>${name})\s+(?:FOR\s+)?(?<bound>VALUES\s+(?:FROM|IN|WITH)\b.*)$`,
    advice: "Partitions are tables: create one PARTITION OF the other.",
    fix: ({ group }) => [
      "Change to CREATE TABLE … PARTITION OF",
      fullRange,
      `CREATE TABLE ${group("partition")} PARTITION OF ${group("table")} FOR ${group("bound")}`,
    ],
  },
  {
    pattern: String.raw`${alter}(?:ADD|MOVE|RENAME)\s+(?:SUB)?PARTITION\b`,
    advice:
      "PostgreSQL has ATTACH PARTITION and DETACH PARTITION; a new partition is a table, CREATE TABLE p PARTITION OF t FOR VALUES ….",
  },
  {
    pattern: String.raw`${alter}(?:ENABLE|DISABLE)\s+ROW\s+MOVEMENT\b`,
    advice:
      "That is Oracle's form. From version 11 on an UPDATE of the key moves the row by itself: leave the statement out.",
  },
  {
    pattern: String.raw`(?<words>\s+(?:ENABLE|DISABLE)\s+ROW\s+MOVEMENT)\s*$`,
    advice:
      "That is Oracle's form. From version 11 on an UPDATE of the key moves the row by itself: leave the words out.",
    fix: ({ range }) => ["Remove ROW MOVEMENT", range("words"), ""],
  },
  {
    pattern: String.raw`^(?:CREATE|ALTER|DROP)\s+PARTITION\s+(?:FUNCTION|SCHEME)\b`,
    advice:
      "That is SQL Server's form: PostgreSQL has neither: write PARTITION BY RANGE (key) behind the table's columns, and create each partition as a table, CREATE TABLE p PARTITION OF t FOR VALUES FROM (…) TO (…).",
  },
  {
    pattern: String.raw`\bENGINE\s*=?\s*\w*MergeTree\b`,
    advice:
      "That is ClickHouse's form: a table has no ENGINE here, ends with PARTITION BY RANGE (key), and each partition is a table of its own, CREATE TABLE p PARTITION OF t FOR VALUES FROM (…) TO (…).",
  },
  {
    pattern: String.raw`\bPARTITION\s+BY\b.*\bINTERVAL\s*\(\s*(?:NUMTO|\w+\s*\(|\d|')`,
    advice:
      "That is Oracle's form: PostgreSQL creates no partition by itself: create them ahead of time, each as a table, CREATE TABLE p PARTITION OF t FOR VALUES FROM (…) TO (…), or let pg_partman do it.",
  },
  {
    pattern: String.raw`\b(?:SUBPARTITION\s+(?:BY|TEMPLATE)|SUBPARTITIONS\s+\d+)\b`,
    advice:
      "That is the form of Greenplum, Oracle and MySQL: a partition is a table of its own, and partitioned itself where it says so: CREATE TABLE p PARTITION OF t FOR VALUES … PARTITION BY ….",
  },
  {
    pattern: String.raw`\bPARTITION\s+BY\b.*\b(?:START|END|STARTING|ENDING)\s*(?:FROM\s*|AT\s*)?\(.*`,
    advice:
      "That is Greenplum's form: a partition is a table of its own: create one for each step, CREATE TABLE p PARTITION OF t FOR VALUES FROM (…) TO (…).",
  },
  {
    pattern: String.raw`(?<words>\s+DISTRIBUTED\s+(?:BY\s*\([^()]*\)|RANDOMLY|REPLICATED))\s*$`,
    advice:
      "That is Greenplum's form. There is no DISTRIBUTED BY in PostgreSQL, whose tables lie on one server: leave it out.",
    fix: ({ range }) => ["Remove DISTRIBUTED", range("words"), ""],
  },
  {
    pattern: String.raw`\bDISTRIBUTED\s+(?:BY|RANDOMLY|REPLICATED)\b`,
    advice:
      "That is Greenplum's form. There is no DISTRIBUTED BY in PostgreSQL, whose tables lie on one server: leave it out.",
  },
  {
    pattern: String.raw`\b(?:DISTSTYLE|DISTKEY|SORTKEY)\b`,
    advice: "That is Redshift's form: PostgreSQL has no such clause: leave it out.",
  },
  {
    pattern: String.raw`\bPARTITIONED\s+BY\b`,
    advice:
      "That is the form of Hive and Spark: the key is a column of the table, which ends with PARTITION BY LIST (column) or PARTITION BY RANGE (column), and each partition is a table of its own, CREATE TABLE p PARTITION OF t FOR VALUES ….",
  },
  {
    pattern: String.raw`^CREATE\s+(?:UNIQUE\s+)?INDEX\b.*\)(?<words>\s+LOCAL)\s*(?:\(.*\)\s*)?$`,
    advice: "That is Oracle's form. An index of a partitioned table is on each partition anyway: leave LOCAL out.",
    fix: ({ range }) => ["Remove LOCAL", range("words"), ""],
  },
  {
    pattern: String.raw`^CREATE\s+(?:UNIQUE\s+)?INDEX\b.*\)\s+GLOBAL\b`,
    advice:
      "That is Oracle's form. There are no global indexes: each partition has its own, and a unique one has to hold the partition key.",
  },
  {
    pattern: String.raw`^(?:CREATE\s+(?:\w+\s+){0,2}TABLE\b.*?[(,]|ALTER\s+TABLE\b.*?\bADD)\s*(?:UNIQUE\s+(?:INDEX|KEY)\b|(?:FULLTEXT|SPATIAL)\s+(?:INDEX|KEY)\b)`,
    advice: ownIndex,
  },
  {
    pattern: String.raw`^(?:CREATE\s+(?:\w+\s+){0,2}TABLE\b.*[(,]|ALTER\s+TABLE\b.*?\bADD)\s*(?:INDEX|KEY)(?:\s+${name})?\s*(?<stop>\([^()]*\))`,
    stopsIn: "stop",
    advice: ownIndex,
  },
  {
    pattern: String.raw`\bPARTITION\s+BY\s+LIST\b.*\(\s*(?:SUB)?PARTITION\s+\S+\s+VALUES\b`,
    advice:
      "That is the form of MySQL and Oracle: in PostgreSQL each partition is a table of its own, CREATE TABLE p PARTITION OF t FOR VALUES IN (…).",
  },
  {
    pattern: String.raw`\bPARTITION\s+BY\s+(?:RANGE|HASH|KEY)\b.*\(\s*(?:SUB)?PARTITION\s+\S+\s+VALUES\b`,
    advice:
      "That is the form of MySQL and Oracle: in PostgreSQL each partition is a table of its own, CREATE TABLE p PARTITION OF t FOR VALUES FROM (…) TO (…), with FROM inclusive and TO exclusive.",
  },
  {
    pattern: String.raw`\bPARTITION\s+BY\s+(?:HASH|KEY|LINEAR\s+\w+)\b.*\bPARTITIONS\s+\d+`,
    advice:
      "That is MySQL's form: in PostgreSQL each partition is a table of its own, CREATE TABLE p0 PARTITION OF t FOR VALUES WITH (MODULUS n, REMAINDER 0).",
  },
  {
    pattern: String.raw`\bVALUES\s+LESS\s+THAN\b`,
    advice: "That is the form of MySQL and Oracle: write FOR VALUES FROM (…) TO (…), with both ends.",
  },
  {
    pattern: String.raw`\bPARTITION\s+BY\s+(?!(?:RANGE|LIST|HASH)\b)\(?\s*\w+\s*[(,)]?`,
    advice:
      "PARTITION BY takes RANGE, LIST or HASH and the key in parentheses, which may be an expression in parentheses of its own: PARTITION BY RANGE (d).",
  },
];
