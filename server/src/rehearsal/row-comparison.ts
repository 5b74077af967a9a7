/** What became of the rows of a table: which are still there, changed, elsewhere, gone, and which came or are there twice. */

/** A row as its columns' values, each as text. */
export type MadeRow = Readonly<Record<string, string | null>>;

/** A table with its rows at one time. */
export interface TableRows {
  /** `schema.name` */
  readonly name: string;
  readonly primaryKey: readonly string[];
  readonly rows: readonly MadeRow[];
}

export interface RowFate {
  readonly relation: string;
  readonly before: number;
  /** null where there is no such table any more. */
  readonly after: number | null;
  /** There as they were, in the columns that there are before and after. */
  readonly kept: number;
  /** With the same key, or as many as came, and other values. */
  readonly changed: number;
  /** Where rows are that were in the table. */
  readonly moved: readonly { readonly to: string; readonly rows: number }[];
  /** Rows that were in other tables. */
  readonly arrived: number;
  readonly lost: number;
  readonly added: number;
  /** Of those added: such as were there before and are there once more. */
  readonly doubled: number;
  /** Some of those lost, for people. */
  readonly examples: readonly string[];
}

const mostExamples = 3;

/**
 * Compares all tables before with all after. Rows that a table lost are looked for in what other tables have gained, by the
 * columns that both have.
 */
export function compareRows(before: readonly TableRows[], after: readonly TableRows[]): readonly RowFate[] {
  const now = new Map(after.map((table) => [table.name, table]));
  const was = new Set(before.map(({ name }) => name));
  const own = before.map((table) => compareTable(table, now.get(table.name) ?? null));
  /** What each table has that it had not before. */
  const gains = new Map<string, readonly MadeRow[]>([
    ...own.map(({ table, extra }) => [table.name, extra] as const),
    ...after.filter(({ name }) => !was.has(name)).map(({ name, rows }) => [name, rows] as const),
  ]);
  const sought = own.map((comparison) => {
    const moved: { to: string; rows: number }[] = [];
    let open = comparison.missing;
    for (const [to, rows] of gains) {
      if (to === comparison.table.name || open.length === 0 || rows.length === 0) continue;
      const found = takeMatching(open, rows);
      if (found.taken > 0) moved.push({ to, rows: found.taken });
      open = found.open;
      gains.set(to, found.left);
    }
    return { ...comparison, moved, open };
  });
  return sought.map(({ table, current, kept, extra, moved, open, known, sameKey }) => {
    const left = gains.get(table.name) ?? [];
    // Without a key as many rows may have changed as went and came.
    const changed = sameKey === null ? Math.min(open.length, left.length) : 0;
    const lost = open.slice(changed);
    const added = left.length - changed;
    return {
      relation: table.name,
      before: table.rows.length,
      after: current?.rows.length ?? null,
      kept,
      changed: (sameKey ?? 0) + changed,
      moved,
      arrived: extra.length - left.length,
      lost: lost.length,
      added,
      doubled: Math.min(left.filter(known).length, added),
      examples: lost.slice(0, mostExamples).map((row) => JSON.stringify(row)),
    };
  });
}

/** The tables as if rows had not been there that were taken away later; each is sought in its own table first. */
export function withoutRows(
  tables: readonly TableRows[],
  taken: readonly { readonly relation: string; readonly row: MadeRow }[],
): readonly TableRows[] {
  const left = new Map(tables.map((table) => [table.name, [...table.rows]]));
  for (const { relation, row } of taken) {
    const own = left.get(relation);
    const places = [...(own === undefined ? [] : [own]), ...[...left.values()].filter((rows) => rows !== own)];
    for (const rows of places) {
      const columns = commonColumns(rows, [row]);
      const text = textOf(row, columns);
      const isOther = rows !== own && shareLittle(columns, rows[0], row);
      const at = columns.length === 0 || isOther ? -1 : rows.findIndex((each) => textOf(each, columns) === text);
      if (at < 0) continue;
      rows.splice(at, 1);
      break;
    }
  }
  return tables.map((table) => ({ ...table, rows: left.get(table.name) ?? [] }));
}

interface OwnComparison {
  readonly table: TableRows;
  readonly current: TableRows | null;
  readonly kept: number;
  readonly missing: readonly MadeRow[];
  readonly extra: readonly MadeRow[];
  /** How many have other values under the same key, which are neither missing nor extra; null without a key. */
  readonly sameKey: number | null;
  /** Whether such a row was there before. */
  readonly known: (row: MadeRow) => boolean;
}

function compareTable(table: TableRows, current: TableRows | null): OwnComparison {
  if (current === null)
    return { table, current, kept: 0, missing: table.rows, extra: [], sameKey: null, known: () => false };
  const columns = commonColumns(table.rows, current.rows);
  const left = grouped(current.rows, columns);
  const before = grouped(table.rows, columns);
  const missing: MadeRow[] = [];
  let kept = 0;
  for (const row of table.rows) {
    if (left.get(textOf(row, columns))?.pop() === undefined) missing.push(row);
    else kept++;
  }
  const extra = [...left.values()].flat();
  const known = (row: MadeRow): boolean => before.has(textOf(row, columns));
  const { primaryKey: key } = table;
  if (key.length === 0 || !key.every((name) => columns.includes(name)))
    return { table, current, kept, missing, extra, sameKey: null, known };
  const there = grouped(extra, key);
  const gone = missing.filter((row) => there.get(textOf(row, key))?.pop() === undefined);
  const sameKey = missing.length - gone.length;
  return { table, current, kept, missing: gone, extra: [...there.values()].flat(), sameKey, known };
}

/** Which of the rows others have too, in the columns that both have. */
function takeMatching(
  rows: readonly MadeRow[],
  others: readonly MadeRow[],
): { readonly taken: number; readonly open: readonly MadeRow[]; readonly left: readonly MadeRow[] } {
  const columns = commonColumns(rows, others);
  if (columns.length === 0 || shareLittle(columns, rows[0], others[0]))
    return { taken: 0, open: rows, left: [...others] };
  const there = grouped(others, columns);
  const open = rows.filter((row) => there.get(textOf(row, columns))?.pop() === undefined);
  return { taken: rows.length - open.length, open, left: [...there.values()].flat() };
}

/** Tables that share little do not tell whose row it is. */
function shareLittle(common: readonly string[], a: MadeRow | undefined, b: MadeRow | undefined): boolean {
  const width = Math.max(Object.keys(a ?? {}).length, Object.keys(b ?? {}).length);
  return common.length * 3 < width * 2;
}

function commonColumns(a: readonly MadeRow[], b: readonly MadeRow[]): readonly string[] {
  const [first, second] = [a[0], b[0]];
  if (first === undefined || second === undefined) return [];
  return Object.keys(first)
    .filter((name) => Object.hasOwn(second, name))
    .sort();
}

function grouped(rows: readonly MadeRow[], columns: readonly string[]): Map<string, MadeRow[]> {
  const groups = new Map<string, MadeRow[]>();
  for (const row of rows) {
    const text = textOf(row, columns);
    const group = groups.get(text);
    if (group === undefined) groups.set(text, [row]);
    else group.push(row);
  }
  return groups;
}

function textOf(row: MadeRow, columns: readonly string[]): string {
  return JSON.stringify(columns.map((name) => row[name]));
}
