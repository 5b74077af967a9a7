/** Versions of extensions, as CREATE EXTENSION and the settings name them, in their order. */

/** Whether a version is another or comes after it; `readme` is before all. */
export function atLeast(version: string, other: string): boolean {
  const [a, b] = [numbersOf(version), numbersOf(other)];
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** `13.2-1` as 13, 2, 1; what is no number counts as 0. */
function numbersOf(version: string): readonly number[] {
  return version.split(/[.-]/).map((part) => Number.parseInt(part, 10) || 0);
}
