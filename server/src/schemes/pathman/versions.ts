/** The versions of pg_pathman, and how each spells names and constraints. */

/** From the era of its first README (February 2016) to 1.5, oldest first. */
export const pathmanEras = ["readme", "0.1", "1.0", "1.1", "1.2", "1.3", "1.4", "1.5"] as const;

export type PathmanEra = (typeof pathmanEras)[number];

/** The era of a version such as `1.5.12`; the last one for those that are not known. */
export function eraOf(version: string): PathmanEra {
  return pathmanEras.find((era) => version === era || version.startsWith(`${era}.`)) ?? "1.5";
}

/** Whether an era is that one or a later one. */
export function isSince(era: PathmanEra, first: PathmanEra): boolean {
  return pathmanEras.indexOf(era) >= pathmanEras.indexOf(first);
}

/**
 * The name under which the CHECK of a partition is looked for; null where any name will do. `attribute` is the number of the
 * key's column in the parent, from 1.
 */
export function checkNameOf(era: PathmanEra, partition: string, attribute: number): string | null {
  if (!isSince(era, "1.0")) return null;
  return isSince(era, "1.4") ? `pathman_${partition}_check` : `pathman_${partition}_${attribute}_check`;
}

/** The name of the sequence that numbers the partitions of a table. */
export function sequenceName(parent: string): string {
  return `${parent}_seq`;
}
