/** Which rows are made for a table: the values to choose from, and INSERTs that use them; pure, so that each run makes the same. */

import { quoteIdentifier } from "../syntax/names.ts";
import { greatest } from "../text/long-lists.ts";
import { conditionValues, hashTrials } from "./condition-values.ts";
import { type Candidate, constant, edgeValues, literal, neighbours, nothing, plainValue } from "./sample-values.ts";
import type { ColumnShape, ForeignKeyShape, TableShape } from "./table-shape.ts";

/** Values of some columns that belong together. */
export type Assignment = ReadonlyMap<string, Candidate>;

/** What may be referred to: for each foreign key of the table, the values there are. */
export type ReferredValues = (key: ForeignKeyShape) => readonly (readonly string[])[];

/** Whether a constant can be read as a value of the column's type, domain constraints included. */
export type IsValid = (column: ColumnShape, value: string) => boolean;

/**
 * Columns of the conditions, each with what it may be tried with; in the order in which values are preferred. `alsoTried` are
 * constants that matter to what is going to be run.
 */
export function conditionCandidates(
  table: TableShape,
  alsoTried: readonly string[],
): ReadonlyMap<string, readonly Candidate[]> {
  const { columns, conditions } = table;
  const values = conditionValues(
    conditions,
    columns.map(({ name }) => name),
  );
  const trials = hashTrials(conditions);
  const found = new Map<string, readonly Candidate[]>();
  for (const column of columns) {
    const constants = values.get(column.name);
    if (constants === undefined || column.isGenerated) continue;
    const around = (values: readonly string[]): readonly Candidate[] => [
      ...values.map(constant),
      ...values.flatMap((value) => neighbours(column.type, value)),
    ];
    found.set(column.name, [
      ...(column.notNull ? [] : [nothing]),
      ...inTurn(around(constants.flatMap(spellings)), around(alsoTried)),
      ...domainCandidates(column),
      ...(trials > 0 ? [] : edgeValues(column.type).map(constant)),
      ...plainValues(column, Math.max(16, trials)),
    ]);
  }
  return found;
}

/** One of the first, one of the second, and so on. */
function inTurn<Item>(first: readonly Item[], second: readonly Item[]): readonly Item[] {
  const longest = Math.max(first.length, second.length);
  return Array.from({ length: longest }, (_, index) => [
    ...first.slice(index, index + 1),
    ...second.slice(index, index + 1),
  ]).flat();
}

/** `{1,2}` stands for its members where a condition compares with any of them. */
function spellings(value: string): readonly string[] {
  if (!value.startsWith("{") || !value.endsWith("}")) return [value];
  return [
    value,
    ...value
      .slice(1, -1)
      .split(",")
      .slice(0, 50)
      .map((member) => member.replace(/^"(.*)"$/, "$1")),
  ];
}

function domainCandidates({ type, conditions }: ColumnShape): readonly Candidate[] {
  const values = conditionValues(
    conditions.map((condition) => condition.replace(/\bVALUE\b/g, '"VALUE"')),
    ["VALUE"],
  ).get("VALUE");
  const near = (values ?? []).flatMap(spellings);
  return [...near.map(constant), ...near.flatMap((value) => neighbours(type, value))];
}

function plainValues({ type }: ColumnShape, most: number): readonly Candidate[] {
  return Array.from({ length: most }, (_, number) => plainValue(type, number + 1)).flatMap((value) =>
    value === null ? [] : [constant(value)],
  );
}

/** Of a domain nobody knows which values it takes. */
const domainTrials = 64;

/** All constants for the table whose validity has to be known, by column. */
export function constantsToCheck(
  table: TableShape,
  candidates: ReadonlyMap<string, readonly Candidate[]>,
): readonly (readonly [column: ColumnShape, value: string])[] {
  return table.columns.flatMap((column) => {
    if (column.isGenerated) return [];
    const own = candidates.get(column.name) ?? [
      ...edgeValues(column.type).map(constant),
      ...domainCandidates(column),
      ...plainValues(column, column.conditions.length > 0 ? domainTrials : 1),
    ];
    return own.flatMap(({ value }) => (value === null ? [] : [[column, value] as const]));
  });
}

/** What some columns that belong together may be tried with, the dearest first. */
export interface Slot {
  readonly columns: readonly string[];
  readonly tried: readonly Assignment[];
}

/** One for each column that the conditions name; values of a foreign key stay together. */
export function slotsOf(
  table: TableShape,
  candidates: ReadonlyMap<string, readonly Candidate[]>,
  referred: ReferredValues,
  isValid: IsValid,
): readonly Slot[] {
  const left = new Set(candidates.keys());
  const slots: Slot[] = [];
  for (const key of table.foreignKeys) {
    if (key.table === table.root || !key.columns.some((column) => left.has(column))) continue;
    for (const column of key.columns) left.delete(column);
    slots.push({ columns: key.columns, tried: referenceAssignments(table, key, referred(key)) });
  }
  for (const column of table.columns) {
    if (!left.has(column.name)) continue;
    const valid = distinct(candidates.get(column.name) ?? [], ({ sql }) => sql).filter(
      ({ value }) => value === null || isValid(column, value),
    );
    slots.push({
      columns: [column.name],
      tried: valid.map((candidate): Assignment => new Map([[column.name, candidate]])),
    });
  }
  return slots;
}

function distinct<Item>(items: readonly Item[], keyOf: (item: Item) => string): readonly Item[] {
  const first = new Map<string, Item>();
  for (const item of items) if (!first.has(keyOf(item))) first.set(keyOf(item), item);
  return [...first.values()];
}

/** The conditions that name no other columns than these. */
export function conditionsWithin(table: TableShape, columns: readonly string[]): readonly string[] {
  const own = new Set(columns);
  const names = table.columns.map(({ name }) => name);
  return table.conditions.filter((condition) =>
    [...conditionValues([condition], names).keys()].every((name) => own.has(name)),
  );
}

/** Of which one query tells which of them fulfil the conditions that are about several columns. */
const mostCombinations = 300;

/** One of each slot: first so that each of their values comes as early as it can, then by chance, the same in each run. */
export function combinations(slots: readonly Slot[]): readonly Assignment[] {
  if (slots.length === 0) return [new Map()];
  if (slots.some(({ tried }) => tried.length === 0)) return [];
  const numbers = createNumbers();
  const pick = (choose: (slot: Slot) => number): Assignment =>
    new Map(slots.flatMap((slot) => [...(slot.tried[choose(slot) % slot.tried.length] ?? [])]));
  const longest = Math.min(mostCombinations, greatest(slots.map(({ tried }) => tried.length)));
  const first = Array.from({ length: longest }, (_, place) => pick(() => place));
  const rest = Array.from({ length: slots.length === 1 ? 0 : mostCombinations - longest }, () =>
    pick(({ tried }) => numbers.below(tried.length)),
  );
  return distinct([...first, ...rest], (row) => JSON.stringify([...row.values()].map(({ sql }) => sql)));
}

function referenceAssignments(
  table: TableShape,
  key: ForeignKeyShape,
  values: readonly (readonly string[])[],
): readonly Assignment[] {
  const rows = values.map((row) => new Map(key.columns.map((column, index) => [column, constant(row[index] ?? "")])));
  const free = key.columns.every((name) => table.columns.find((column) => column.name === name)?.notNull === false);
  return free ? [...rows, new Map(key.columns.map((column) => [column, nothing]))] : rows;
}

/** The same numbers in each run (Lehmer's generator). */
function createNumbers(): { readonly below: (limit: number) => number } {
  let state = 48_271;
  return {
    below: (limit) => {
      state = (state * 48_271) % 2_147_483_647;
      return state % limit;
    },
  };
}

/** Says by number which of the assignments fulfil conditions of the table; null where there is nothing to ask. */
export function conditionQuery(
  table: TableShape,
  conditions: readonly string[],
  tried: readonly Assignment[],
): string | null {
  const named = [...(tried[0]?.keys() ?? [])];
  if (named.length === 0 || conditions.length === 0) return null;
  const types = new Map(table.columns.map(({ name, type }) => [name, type.spelled]));
  const rows = tried.map(
    (row, index) =>
      `(${[String(index), ...named.map((name) => `(${row.get(name)?.sql ?? "NULL"})::${types.get(name) ?? "text"}`)].join(", ")})`,
  );
  // The others are taken for NULL: what they have to fulfil is told by the INSERT.
  const others = table.columns
    .filter(({ name }) => !named.includes(name))
    .map(({ name, type }) => `NULL::${type.spelled} AS ${quoteIdentifier(name)}`);
  const from = `(VALUES ${rows.join(", ")}) AS v(partition_lens_number, ${named.map(quoteIdentifier).join(", ")})`;
  const where = conditions.map((condition) => `(${condition}) IS NOT FALSE`).join(" AND ");
  const source = `SELECT partition_lens_number, ${[...named.map(quoteIdentifier), ...others].join(", ")} FROM ${from}`;
  return `SELECT partition_lens_number AS number FROM (${source}) AS r WHERE ${where} ORDER BY 1`;
}

export interface RowMaking {
  readonly table: TableShape;
  /** What the conditions were found to take. */
  readonly fixed: Assignment;
  /** The number of the row among all made for the table's tree. */
  readonly number: number;
  /** 0 is bold: edges and NULLs; 1 plain; 2 plain without a NULL. */
  readonly attempt: number;
  readonly referred: ReferredValues;
  readonly isValid: IsValid;
}

/** One INSERT, for the table itself. */
export function insertion(making: RowMaking): string {
  const { table } = making;
  const values = new Map(making.fixed);
  for (const key of table.foreignKeys) referTo(key, making, values);
  for (const column of table.columns) {
    if (values.has(column.name) || column.isGenerated) continue;
    const value = freeValue(column, making);
    if (value !== null) values.set(column.name, value);
  }
  // A row may refer to itself where there is no other yet.
  for (const key of table.foreignKeys) {
    if (key.table !== table.root && key.table !== table.id) continue;
    if (making.referred(key).length > 0) continue;
    for (const [index, column] of key.columns.entries()) {
      const target = values.get(key.tableColumns[index] ?? "");
      if (target !== undefined && values.get(column) !== nothing) values.set(column, target);
    }
  }
  const named = [...values.keys()].map(quoteIdentifier);
  if (named.length === 0) return `INSERT INTO ${table.name} DEFAULT VALUES`;
  const written = [...values.values()].map(({ sql }) => sql);
  return `INSERT INTO ${table.name} (${named.join(", ")}) OVERRIDING SYSTEM VALUE VALUES (${written.join(", ")})`;
}

function referTo(key: ForeignKeyShape, making: RowMaking, values: Map<string, Candidate>): void {
  const { table, number, attempt } = making;
  const open = key.columns.filter((column) => !values.has(column));
  if (open.length === 0) return;
  const free = open.filter((name) => table.columns.find((column) => column.name === name)?.notNull === false);
  // What is set already has to stay with its row.
  const fitting = making.referred(key).filter((row) =>
    key.columns.every((column, index) => {
      const set = values.get(column);
      return set === undefined || set.value === row[index];
    }),
  );
  const row = fitting[number % Math.max(1, fitting.length)];
  const leaveOut = row === undefined || (attempt === 0 && number % 4 === 3);
  if (leaveOut && free.length > 0) for (const column of free) values.set(column, nothing);
  if (row === undefined) return;
  for (const [index, column] of key.columns.entries())
    if (!values.has(column)) values.set(column, constant(row[index] ?? ""));
}

/** null leaves the column out, so that it has its default. */
function freeValue(column: ColumnShape, { table, number, attempt, isValid }: RowMaking): Candidate | null {
  const isUnique = table.uniqueKeys.some((key) => key.includes(column.name));
  if (column.isNumbered) return null;
  const value = plainValue(column.type, number);
  const isPlain = value !== null && isValid(column, value);
  if (isUnique && isPlain) return constant(value);
  if (column.hasDefault && (attempt > 0 || number % 2 === 1)) return null;
  if (!column.notNull && attempt === 0 && number % 3 === 1) return nothing;
  const fromDomain = column.conditions.length > 0 ? plainValues(column, domainTrials) : [];
  const edges = [...edgeValues(column.type).map(constant), ...domainCandidates(column), ...fromDomain].filter(
    (edge) => edge.value !== null && isValid(column, edge.value),
  );
  if (attempt === 0 && edges.length > 0 && number % 2 === 0) return edges[(number / 2) % edges.length] ?? null;
  if (isPlain) return constant(value);
  if (!column.notNull && attempt < 2) return nothing;
  return edges[number % Math.max(1, edges.length)] ?? (column.notNull ? null : nothing);
}

/** Tells of constants, by number, whether each can be read as the type that goes with it. */
export function validityQuery(checked: readonly (readonly [column: ColumnShape, value: string])[]): string {
  const rows = checked.map(([{ type }, value], index) => `(${index}, ${literal(value)}, ${literal(type.spelled)})`);
  return `SELECT v.number FROM (VALUES ${rows.join(", ")}) AS v(number, value, type) WHERE pg_catalog.pg_input_is_valid(v.value, v.type)`;
}
