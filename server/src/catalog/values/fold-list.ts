/** Folds IN, `= ANY (ARRAY[…])` and BETWEEN: one operand compared with several others. */

import type { TextRange } from "../../text/range.ts";
import type { Value } from "../value.ts";
import { commonType } from "./fold-choice.ts";
import { foldOperator } from "./fold-operator.ts";
import { coerceFolded, type Fold, type FoldContext, type Folded, mixed, unsureType, withoutFailure } from "./folded.ts";
import { baseTypeNamed } from "./types.ts";

/** The SQL NULL is null; undefined is not known. */
type Known = Value | null | undefined;

interface WrittenList {
  readonly operator: string;
  /** Whether an array gives the items their type, without regard to the operand. */
  readonly isArray: boolean;
  /** Whether all comparisons must hold, as for `<> ALL`. */
  readonly all: boolean;
  readonly negated: boolean;
  readonly operand: TextRange;
  readonly items: readonly TextRange[];
  readonly range: TextRange;
}

/** The items are brought to one type, if there is one for them and the operand; else each is compared on its own. */
export function foldList(left: Folded, items: readonly Folded[], written: WrittenList, context: FoldContext): Fold {
  const { range } = written;
  const constants = items.filter((part) => part.depends !== "row");
  const types = items.map((part) => part.type);
  const isList = written.isArray || (items.length > 1 && constants.length === items.length);
  const common = isList ? commonType(written.isArray ? types : [left.type, ...types]) : unsureType;
  const isOneType = !("mismatch" in common) && common !== unsureType;
  const compared: Folded[] = [];
  for (const [index, part] of items.entries()) {
    const itemRange = written.items[index] ?? range;
    const read = isOneType ? coerceFolded(part, common, "implicit", context) : undefined;
    if (read?.kind === "problem" && part.type === null) return { ...read, range: itemRange };
    const value = read?.kind === "value" ? read.value : read?.kind === "null" ? null : undefined;
    const right: Folded = isOneType ? { ...part, type: common, value } : part;
    const operator = { name: written.operator, range, operands: [written.operand, itemRange] };
    const result = foldOperator(operator, left, right, context);
    if (result.kind === "problem") return result;
    compared.push(result);
  }
  const value = conjunction(
    compared.map((part) => part.value),
    !written.all,
  );
  const parts = mixed([left, ...items, ...compared].map(withoutFailure), "immutable");
  return { ...parts, type: boolean, value: written.negated ? negated(value) : value };
}

/** `left BETWEEN low AND high` */
export function foldBetween(
  left: Folded,
  items: readonly Folded[],
  written: Pick<WrittenList, "negated" | "operand" | "items" | "range"> & { readonly symmetric: boolean },
  context: FoldContext,
): Fold {
  const { range } = written;
  const compared: Folded[] = [];
  for (const [index, name] of [">=", "<="].entries()) {
    const right = items[index];
    if (right === undefined) continue;
    const operator = { name, range, operands: [written.operand, written.items[index] ?? range] };
    const result = foldOperator(operator, left, right, context);
    if (result.kind === "problem") return result;
    compared.push(result);
  }
  const value = conjunction(
    compared.map((part) => part.value),
    false,
  );
  const parts = mixed(compared.map(withoutFailure), "immutable");
  return { ...parts, type: boolean, value: written.symmetric ? undefined : written.negated ? negated(value) : value };
}

export function negated(value: Known): Known {
  return value?.family === "boolean" ? { family: "boolean", value: !value.value } : value === null ? null : undefined;
}

/** AND, or with `deciding` true OR: one deciding value is enough, else all must be known. */
export function conjunction(values: readonly Known[], deciding: boolean): Known {
  if (values.some((value) => value?.family === "boolean" && value.value === deciding))
    return { family: "boolean", value: deciding };
  if (values.includes(undefined)) return undefined;
  return values.includes(null) ? null : { family: "boolean", value: !deciding };
}

const boolean = baseTypeNamed("bool");

/** `IS [NOT] TRUE | FALSE | UNKNOWN`; undefined where the value is not known. */
export function testedValue(
  value: Value | null | undefined,
  test: { readonly value: "true" | "false" | "unknown"; readonly negated: boolean },
): Value | undefined {
  if (value === undefined || (value !== null && value.family !== "boolean")) return undefined;
  const found = value === null ? "unknown" : String(value.value);
  return { family: "boolean", value: (found === test.value) !== test.negated };
}
