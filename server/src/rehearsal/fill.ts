/** Fills the tables of a sandbox with made rows: at the edges of every bound, with NULLs where they may be, and for the default. */

import {
  type Assignment,
  combinations,
  conditionCandidates,
  conditionQuery,
  conditionsWithin,
  constantsToCheck,
  type IsValid,
  insertion,
  type ReferredValues,
  type RowMaking,
  type Slot,
  slotsOf,
  validityQuery,
} from "./row-plan.ts";
import { rowsOf, type Sandbox } from "./sandbox.ts";
import {
  type ColumnShape,
  type ForeignKeyShape,
  inOrderOfReference,
  type TableShape,
  tableShape,
  tableShapesQuery,
} from "./table-shape.ts";

export interface FillLimits {
  /** Of all tables together. */
  readonly rows: number;
  /** Of more tables the last ones stay empty. */
  readonly tables: number;
}

/** A table in which no row could be made, and PostgreSQL's reason, or ours. */
export interface EmptyTable {
  readonly relation: string;
  readonly reason: string;
}

/** `alsoTried` are constants that rows are made for besides; `progress` is told of each table that is done. */
export async function fillTables(
  sandbox: Sandbox,
  limits: FillLimits,
  alsoTried: readonly string[],
  progress: (done: number, total: number) => void,
): Promise<readonly EmptyTable[]> {
  const shapes = (await rowsOf(sandbox, tableShapesQuery)).map(tableShape);
  const tables = inOrderOfReference(shapes.slice(0, limits.tables));
  const rowsEach = Math.max(1, Math.min(mostRowsEach, Math.floor(limits.rows / Math.max(1, tables.length))));
  const filler = createFiller(sandbox, rowsEach, alsoTried);
  const empty: EmptyTable[] = [];
  for (const [index, table] of tables.entries()) {
    const reason = await filler.fill(table);
    if (reason !== null) empty.push({ relation: table.shown, reason });
    progress(index + 1, tables.length);
  }
  for (const { shown } of shapes.slice(limits.tables))
    empty.push({ relation: shown, reason: `only the first ${limits.tables} tables are filled` });
  await filler.advanceSequences(tables);
  return empty;
}

/** As many as a range has edges, and a few. */
const mostRowsEach = 16;
/** Rows of a referred table from which foreign keys choose. */
const mostReferred = 40;
const attempts = 3;

function createFiller(sandbox: Sandbox, rowsEach: number, alsoTried: readonly string[]) {
  const validity = new Map<string, boolean>();
  const referredRows = new Map<string, readonly (readonly string[])[]>();
  const numbers = new Map<string, number>();

  const keyOf = ({ type }: ColumnShape, value: string): string => `${type.spelled}\0${value}`;
  const isValid: IsValid = (column, value) => validity.get(keyOf(column, value)) ?? column.conditions.length === 0;

  const learnValidity = async (checked: readonly (readonly [ColumnShape, string])[]): Promise<void> => {
    const unknown = new Map(
      checked.filter(([column, value]) => !validity.has(keyOf(column, value))).map((each) => [keyOf(...each), each]),
    );
    const asked = [...unknown.values()];
    if (asked.length === 0) return;
    const answer = await sandbox.run(validityQuery(asked));
    // A constraint of a domain that fails instead of saying no tells nothing: the INSERT will.
    const valid = answer.kind === "done" ? new Set(answer.rows.map((row) => Number(row["number"]))) : null;
    for (const [index, each] of asked.entries()) validity.set(keyOf(...each), valid?.has(index) ?? true);
  };

  const readReferred = async ({ tableName, tableColumns, columns }: ForeignKeyShape, again: boolean): Promise<void> => {
    const key = JSON.stringify([tableName, tableColumns]);
    if (columns.length === 0 || (referredRows.has(key) && !again)) return;
    const names = tableColumns.map((name) => `"${name.replaceAll('"', '""')}"`);
    const answer = await sandbox.run(
      `SELECT ARRAY[${names.map((name) => `${name}::text`).join(", ")}] AS row FROM ${tableName}
        WHERE ${names.map((name) => `${name} IS NOT NULL`).join(" AND ")} LIMIT ${mostReferred}`,
    );
    const rows = answer.kind === "done" ? answer.rows.map((row) => row["row"] as readonly string[]) : [];
    referredRows.set(key, rows);
  };
  const referred: ReferredValues = ({ tableName, tableColumns }) =>
    referredRows.get(JSON.stringify([tableName, tableColumns])) ?? [];

  /** Those of the assignments that fulfil the conditions. */
  const fulfilling = async (
    table: TableShape,
    conditions: readonly string[],
    tried: readonly Assignment[],
  ): Promise<readonly Assignment[]> => {
    const query = conditionQuery(table, conditions, tried);
    if (query === null) return tried;
    const answer = await sandbox.run(query);
    // A condition that fails for some values, as by dividing by zero, tells nothing: the INSERTs will.
    return answer.kind === "done" ? answer.rows.flatMap((row) => tried[Number(row["number"])] ?? []) : tried;
  };

  /** The values of the columns that the conditions name, for each row. */
  const accepted = async (table: TableShape, slots: readonly Slot[]): Promise<readonly Assignment[]> => {
    const told = new Set<string>();
    const narrowed: Slot[] = [];
    for (const { columns, tried } of slots) {
      const own = conditionsWithin(table, columns);
      for (const condition of own) told.add(condition);
      narrowed.push({ columns, tried: await fulfilling(table, own, tried) });
    }
    const shared = table.conditions.filter((condition) => !told.has(condition));
    const taken = await fulfilling(table, shared, combinations(narrowed));
    // Where nothing is conditioned each row is free.
    const [only] = taken;
    if (only !== undefined && only.size === 0) return Array.from({ length: rowsEach }, () => only);
    return taken.slice(0, rowsEach);
  };

  /** PostgreSQL's first objection where no row was taken; null where one was. */
  const insert = async (table: TableShape, wanted: readonly Assignment[]): Promise<string | null> => {
    let open = wanted.map((fixed) => {
      const number = (numbers.get(table.root) ?? 0) + 1;
      numbers.set(table.root, number);
      return { fixed, number };
    });
    let made = 0;
    let objection: string | null = null;
    for (let attempt = 0; attempt < attempts && open.length > 0; attempt++) {
      const makings = open.map((row): RowMaking => ({ ...row, table, attempt, referred, isValid }));
      const errors = await sandbox.tryEach(makings.map(insertion));
      made += errors.filter((error) => error === null).length;
      objection ??= errors.find((error) => error !== null)?.message ?? null;
      open = open.filter((_, index) => errors[index] !== null);
    }
    return made > 0 ? null : objection;
  };

  return {
    fill: async (table: TableShape): Promise<string | null> => {
      for (const key of table.foreignKeys) await readReferred(key, key.table === table.root);
      const candidates = conditionCandidates(table, alsoTried);
      await learnValidity(constantsToCheck(table, candidates));
      const wanted = await accepted(table, slotsOf(table, candidates, referred, isValid));
      if (wanted.length === 0) return "no values were found that its bounds and constraints allow";
      return insert(table, wanted);
    },
    /** What was written into numbered columns is not to be given out again. */
    advanceSequences: async (tables: readonly TableShape[]): Promise<void> => {
      for (const { name, columns } of tables)
        for (const column of columns.filter(({ isNumbered }) => isNumbered)) {
          const quoted = `"${column.name.replaceAll('"', '""')}"`;
          // A table without a sequence of its own, or with one that counts otherwise, is left as it is.
          await sandbox.run(
            `SELECT pg_catalog.setval(s.name, greatest(m.value, n.last_value)) FROM
              (SELECT pg_catalog.pg_get_serial_sequence('${name.replaceAll("'", "''")}', '${column.name.replaceAll("'", "''")}') AS name) s,
              (SELECT max(${quoted})::int8 AS value FROM ${name} WHERE ${quoted} BETWEEN 1 AND 2000000000) m,
              pg_catalog.pg_sequences n
              WHERE m.value IS NOT NULL AND pg_catalog.format('%I.%I', n.schemaname, n.sequencename) = s.name
                AND coalesce(n.last_value, 0) < m.value`,
          );
        }
    },
  };
}
