/** Searches a table's bounds for what conditions on its key say: `gen_prune_steps_from_opexps`, with the steps taken at once. */

import type { ComparisonOperator } from "./clause.ts";
import type { Operand } from "./operand.ts";
import { nowhere, type PartitionedTable, type Places } from "./places.ts";
import { type Datum, matchingPlaces, UndecidedOrder } from "./prune-bounds.ts";

/** What was met on the way. */
export interface Notes {
  /** A condition might be used when the executor starts. */
  mutable: boolean;
  /** One is used then. */
  late: boolean;
  unknownValue: boolean;
  execution: boolean;
  uncertain: boolean;
}

export function nothingMet(): Notes {
  return { mutable: false, late: false, unknownValue: false, execution: false, uncertain: false };
}

/** Adds what was met elsewhere. */
export function addNotes(notes: Notes, met: Notes): void {
  notes.mutable ||= met.mutable;
  notes.late ||= met.late;
  notes.unknownValue ||= met.unknownValue;
  notes.execution ||= met.execution;
  notes.uncertain ||= met.uncertain;
}

/** A usable condition on one column of the key. */
export interface KeyClause {
  readonly key: number;
  readonly operator: ComparisonOperator;
  readonly operand: Operand;
  /** Whether its value is computed when the executor starts. */
  readonly late: boolean;
}

/** Adds the places that the values leave; nothing where that cannot be told. */
export function pushStep(
  result: Places[],
  rel: PartitionedTable,
  notes: Notes,
  operator: ComparisonOperator | null,
  operands: readonly Operand[],
  nullKeys: ReadonlySet<number>,
): void {
  const datums: Datum[] = [];
  for (const operand of operands) {
    const value = operand.kind === "constant" || operand.kind === "run-time" ? operand.value : undefined;
    // A strict operator on NULL is never true.
    if (value === null) {
      result.push(nowhere(rel));
      return;
    }
    if (value === undefined && operand.kind === "run-time" && operand.cause !== "unknown") {
      notes.unknownValue = true;
      return;
    }
    if (value === undefined || operand.type === null) {
      notes.uncertain = true;
      return;
    }
    datums.push({ value, type: operand.type });
  }
  try {
    result.push(matchingPlaces(rel, operator, datums, nullKeys));
  } catch (error) {
    if (!(error instanceof UndecidedOrder)) throw error;
    notes.uncertain = true;
  }
}

/** One search for each way to put the conditions of a prefix of the key together. */
export function pushOperatorSteps(
  result: Places[],
  keyClauses: readonly (readonly KeyClause[])[],
  nullKeys: ReadonlySet<number>,
  rel: PartitionedTable,
  notes: Notes,
): void {
  const { strategy } = rel.key;
  const usable: KeyClause[][] = [];
  for (const [index, list] of keyClauses.entries()) {
    if (strategy === "range" && list.length === 0) break;
    if (strategy === "hash" && list.length === 0 && !nullKeys.has(index)) return;
    usable.push([...list]);
    if (strategy !== "hash" && list.some(({ operator }) => operator === "<" || operator === ">")) break;
  }
  if (strategy === "hash") {
    const present = usable.filter((list) => list.length > 0);
    notes.late ||= present.some((list) => list.some(({ late }) => late));
    for (const choice of choices(present))
      pushStep(
        result,
        rel,
        notes,
        "=",
        choice.map(({ operand }) => operand),
        nullKeys,
      );
    return;
  }
  for (const operator of ["<", "<=", "=", ">=", ">", "<>"] as const) {
    for (const clause of usable.flat().filter((one) => one.operator === operator)) {
      const prefix = usable
        .slice(0, clause.key)
        .map((list) => list.filter((one) => mayPrecede(one.operator, operator)));
      // Without a condition on an earlier column this one is of no use, and neither are those after it.
      if (prefix.some((list) => list.length === 0)) break;
      for (const choice of choices(prefix)) {
        const used = [...choice, clause];
        notes.late ||= used.some(({ late }) => late);
        const operands = used.map(({ operand }) => operand);
        pushStep(result, rel, notes, operator === "<>" ? null : operator, operands, new Set());
      }
    }
  }
}

/** Whether a condition on an earlier key column may stand before one with `operator`. */
function mayPrecede(earlier: ComparisonOperator, operator: ComparisonOperator): boolean {
  if (earlier === "=") return true;
  if (operator === "<" || operator === "<=") return earlier === "<=";
  return (operator === ">" || operator === ">=") && earlier === ">=";
}

/** Every way to take one of each list. */
function choices<T>(lists: readonly (readonly T[])[]): readonly (readonly T[])[] {
  return lists.reduce<readonly (readonly T[])[]>(
    (chosen, list) => chosen.flatMap((before) => list.map((one) => [...before, one])),
    [[]],
  );
}
