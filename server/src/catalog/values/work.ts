/** How large the values may become that are computed here, and how much may be computed: beyond it nothing is told. */

import type { Value } from "../value.ts";

/** Counts what a program computes from step to step. */
export interface Work {
  /** How many characters may still be computed; below 0 there was too much. */
  left: number;
}

/** In characters; what a script builds by itself is shorter: loops that double a text must end somewhere. */
export const largestValue = 1_000_000;
/** The same where nobody counts: a statement may hold any number of expressions. */
const largestUncounted = 20_000;
/** In characters, for one program with all that it calls; takes a second at most. */
const mostWork = 100_000_000;

export function createWork(): Work {
  return { left: mostWork };
}

/** Whether that many characters may be computed, which counts them. What would be larger is not known. */
export function mayCompute(size: number, work: Work | undefined): boolean {
  if (work === undefined) return size <= largestUncounted;
  if (size > largestValue) return false;
  work.left -= size;
  return work.left >= 0;
}

/** About as many characters as the value has when it is printed. */
export function sizeOf(value: Value | null): number {
  switch (value?.family) {
    case "text":
      return value.value.length;
    case "bits":
      return value.digits.length;
    case "bytes":
      return value.hex.length;
    case "opaque":
      return value.text.length;
    case "array":
      return value.elements.reduce((sum, element) => sum + sizeOf(element) + 1, 0);
    default:
      return 1;
  }
}

export function sizeOfAll(values: readonly (Value | null)[]): number {
  return values.reduce((sum, value) => sum + sizeOf(value), 0);
}
