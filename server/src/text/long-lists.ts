/** Lists as long as an input is: an argument for each of their items (`push(...items)`) is more than a stack holds, from some 120,000 on. */

/** Adds the items at the end of the list. */
export function addAll<Item>(list: Item[], items: Iterable<Item>): void {
  for (const item of items) list.push(item);
}

/** The greatest of the numbers and of `floor`. */
export function greatest(numbers: Iterable<number>, floor = -Infinity): number {
  let found = floor;
  for (const each of numbers) if (each > found) found = each;
  return found;
}

/** The smallest of the numbers and of `ceiling`. */
export function smallest(numbers: Iterable<number>, ceiling = Infinity): number {
  let found = ceiling;
  for (const each of numbers) if (each < found) found = each;
  return found;
}
