/** What differs between two versions of a list, of which most items are the same objects. */

export interface ChangedItems<T> {
  readonly gone: readonly T[];
  readonly come: readonly T[];
}

/** The items between those at the beginning and those at the end that both lists have. */
export function changedItems<T>(before: readonly T[], after: readonly T[]): ChangedItems<T> {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let end = 0;
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  return { gone: before.slice(start, before.length - end), come: after.slice(start, after.length - end) };
}
