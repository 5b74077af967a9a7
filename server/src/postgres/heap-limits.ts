/** How much of a machine the heaps of our processes may take before V8 looks for what nobody needs any more. */

import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from "node:v8";

/** Megabytes of one half of the server's space for new objects, as V8 counts it; the other half is as large. */
export const mostSemiSpace = 8;

/** The same for the command line tool: with less, files of 16,000 statements take half as long again, and with more they gain nothing. */
export const mostSemiSpaceOfTool = 16;

/**
 * Holds the heap of this process small; to be called once, before there is much in it.
 *
 * By itself V8 lets the space for new objects grow to 2 × 32 MB and more, though next to nothing in it outlives an edit, and each
 * look through it takes as long as what has lived in it since the last: a frame and more. And it lets the heap of old ones grow to
 * four times what lives there. An editor's process is one of many: with these limits it takes a third less memory. A key leaves little
 * behind, so that looking for it more often costs next to nothing but where 100 MB and more live, as with 20,000 partitions: there a key
 * in a bound takes a quarter more processor time, all of it in V8's own threads. A small heap may grow by more than its fifth, or
 * opening a file, in which all stays, is looked through a dozen times: a quarter of its processor time with 5,000 partitions.
 */
export function limitHeap(): void {
  limitNewSpace(mostSemiSpace);
  let last = 0;
  const limit = (): void => {
    const percent = growthPercent();
    // Flags are V8's own state, which its other threads read: they are set when that says something else.
    if (percent !== last) setFlagsFromString(`--heap-growing-percent=${percent}`);
    last = percent;
  };
  limit();
  new PerformanceObserver(limit).observe({ entryTypes: ["gc"] });
}

/** By how much the heap may grow until it is looked through again, in percent of what lives: by a fifth, and not by less than some 32 MB. */
function growthPercent(): number {
  const liveMegabytes = getHeapStatistics().used_heap_size / 1_048_576;
  return growths.find(({ below }) => liveMegabytes < below)?.percent ?? 20;
}

const growths = [
  { below: 24, percent: 150 },
  { below: 48, percent: 75 },
  { below: 80, percent: 50 },
  { below: 128, percent: 30 },
] as const;

/**
 * Holds the space for new objects small, in this process and its threads: a chain of 224 files, each of which calls a function that the
 * embedded PostgreSQL runs, takes 100 MB less for it. Work without a pause is not told that the space is full.
 */
export function limitNewSpace(mostSemiSpace: number): void {
  // Heaps of threads are laid out when they are begun; this one was when the process was.
  setFlagsFromString("--min-semi-space-size=4");
  setFlagsFromString(`--max-semi-space-size=${mostSemiSpace}`);
  // How large it may become is told a heap at its beginning alone, but by how much it grows is asked each time.
  let mayGrow = true;
  const limit = (): void => {
    const isFull = newSpaceBytes() >= 2 * mostSemiSpace * 1_048_576;
    if (isFull !== mayGrow) return;
    mayGrow = !isFull;
    setFlagsFromString(`--semi-space-growth-factor=${mayGrow ? 2 : 1}`);
  };
  new PerformanceObserver(limit).observe({ entryTypes: ["gc"] });
}

/** What both halves of the space for new objects take. */
export function newSpaceBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")?.space_size ?? 0;
}
