/** Whether a range is free. */

import type { Relation } from "../../catalog/relation.ts";
import type { ExtensionWork } from "../extension.ts";
import { internal, raise } from "./errors.ts";
import { partitionInfo } from "./partitions.ts";
import { compareEnds, printTyped, type Typed } from "./typed.ts";
import { eraOf, isSince } from "./versions.ts";

/** `check_range_available`: no range may share a value with it. A table without partitions only gets a warning. */
export function refuseTaken(work: ExtensionWork, parent: Relation, start: Typed | null, end: Typed | null): void {
  const info = partitionInfo(work, parent);
  if (info === null) return;
  if (info.kind !== "range") internal(work, `relation "${parent.name}" is not partitioned by RANGE`);
  else {
    const isTaken = info.ranges.some(
      ({ min, max }) =>
        compareEnds(work, [start, "lower"], [max, "upper"]) < 0 &&
        compareEnds(work, [end, "upper"], [min, "lower"]) > 0,
    );
    if (!isTaken) return;
    if (!isSince(eraOf(work.version), "1.0")) raise(work, "Specified range overlaps with existing partitions");
    const range = `[${printTyped(work, start)}, ${printTyped(work, end)})`;
    internal(work, `specified range ${range} overlaps with existing partitions`);
  }
}
