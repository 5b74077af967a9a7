/** The constants in the conditions of a table, by the columns that they are about: the values at which something changes. */

/**
 * From expressions as `pg_get_expr` prints them to constants by column. A constant belongs to the column last named before it;
 * where none is, to all. Columns without a constant that are named have an empty list.
 */
export function conditionValues(
  conditions: readonly string[],
  columns: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  const known = new Set(columns);
  for (const condition of conditions) {
    const early: string[] = [];
    let about: string | null = null;
    for (const token of condition.matchAll(tokens)) {
      const { quoted, word, text, number } = token.groups ?? {};
      if (quoted !== undefined || word !== undefined) {
        const name = quoted === undefined ? (word ?? "") : quoted.replaceAll('""', '"');
        // What follows a cast's colons is a type, and before a parenthesis a function.
        const isColumn = known.has(name) && !/::\s*$/.test(condition.slice(0, token.index));
        if (!isColumn) continue;
        about = name;
        if (!found.has(name)) found.set(name, new Set(early));
      } else {
        const value = text === undefined ? (number ?? "") : text.replaceAll("''", "'");
        if (about === null) early.push(value);
        else found.get(about)?.add(value);
      }
    }
  }
  return new Map([...found].map(([column, values]) => [column, spread([...values], mostValues)]));
}

/** A default partition's condition names the bounds of all its siblings. */
const mostValues = 24;

const tokens =
  /"(?<quoted>(?:[^"]|"")*)"|E?'(?<text>(?:[^']|'')*)'|(?<word>[\p{L}_][\p{L}\p{N}_$]*)|(?<number>-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)/gu;

/** The constants that stand in a script: a split or a move has its edges there. */
export function scriptValues(statements: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const sql of statements)
    for (const { groups } of sql.slice(0, longestRead).matchAll(tokens)) {
      const value = groups?.["text"]?.replaceAll("''", "'") ?? groups?.["number"];
      if (value !== undefined && value.length <= longestValue) found.add(value);
    }
  return spread([...found], mostValues);
}

const longestRead = 20_000;
const longestValue = 100;

/** So many of the items, the first and the last ones among them, the others evenly from between. */
export function spread<Item>(items: readonly Item[], most: number): readonly Item[] {
  if (items.length <= most) return items;
  const chosen = new Set<number>();
  for (let place = 0; place < most; place++)
    chosen.add(most === 1 ? 0 : Math.round((place * (items.length - 1)) / (most - 1)));
  return [...chosen].flatMap((index) => items[index] ?? []);
}

/** The remainders of a hash partition are told by trying: so many values, that each remainder most likely meets some. */
export function hashTrials(conditions: readonly string[]): number {
  let modulus = 1;
  for (const condition of conditions)
    for (const [, own] of condition.matchAll(/satisfies_hash_partition\(\S+, (\d+), /g)) modulus *= Number(own);
  return modulus === 1 ? 0 : Math.min(2_000, 8 * modulus);
}
