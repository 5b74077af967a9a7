/** Arrays in PL/pgSQL: elements, lengths, and the functions by which scripts put lists together and take them apart. */

import type { DataType } from "../../catalog/data-type.ts";
import type { EvaluateContext } from "../../catalog/values/evaluate.ts";
import { baseTypeNamed } from "../../catalog/values/types.ts";
import { largestValue, mayCompute, sizeOf } from "../../catalog/values/work.ts";
import { joinedLength } from "./builders.ts";
import { arrayOf, assignTo, elementsOf, type TypedValue, textOf } from "./typed-value.ts";

/** What the function gives for values; undefined where it is none of arrays, or not known. */
export function arrayFunction(
  name: string,
  values: readonly TypedValue[],
  context: EvaluateContext,
): TypedValue | undefined {
  const compute = functions.get(name);
  if (compute === undefined || values.some(({ late }) => late !== undefined)) return undefined;
  const result = compute(values, context);
  const isTooLarge = result !== undefined && ((elementCount(result) ?? 0) > mostElements || !mayHold(result, context));
  return isTooLarge ? undefined : result;
}

export function isArrayFunction(name: string): boolean {
  return functions.has(name);
}

/** `array[i]`; NULL where there is no such element. */
export function elementAt(array: TypedValue, index: TypedValue): TypedValue | undefined {
  const elements = elementsOf(array);
  if (array.type?.kind !== "array" || index.value?.family !== "integer") return undefined;
  if (array.value === null) return { value: null, type: array.type.element };
  return elements === null
    ? undefined
    : (elements[Number(index.value.value) - 1] ?? { value: null, type: array.type.element });
}

/** `array || element`, `element || array`, `array || array`; undefined for what is no array, or not known. */
export function joinArrays(left: TypedValue, right: TypedValue, context: EvaluateContext): TypedValue | undefined {
  const isArray = (value: TypedValue): boolean => value.type?.kind === "array";
  if (isArray(left) && isArray(right)) return arrayFunction("array_cat", [left, right], context);
  // An untyped literal beside an array is read as an array.
  if (isArray(left) && right.type !== null) return arrayFunction("array_append", [left, right], context);
  return isArray(right) && left.type !== null ? arrayFunction("array_prepend", [left, right], context) : undefined;
}

function mayHold({ value }: TypedValue, { work }: EvaluateContext): boolean {
  return mayCompute(sizeOf(value), work);
}

/** Scripts build no longer lists than this by themselves. */
const mostElements = 20_000;

type Compute = (values: readonly TypedValue[], context: EvaluateContext) => TypedValue | undefined;

const functions: ReadonlyMap<string, Compute> = new Map<string, Compute>([
  [
    "array_append",
    ([array, element], context) => withElement(array, element, context, (items, item) => [...items, item]),
  ],
  [
    "array_prepend",
    ([element, array], context) => withElement(array, element, context, (items, item) => [item, ...items]),
  ],
  ["array_cat", ([left, right]) => concatenated(left, right)],
  ["array_length", ([array, dimension]) => (isOne(dimension) ? lengthOf(array) : undefined)],
  ["array_upper", ([array, dimension]) => (isOne(dimension) ? lengthOf(array) : undefined)],
  ["array_lower", ([array, dimension]) => (isOne(dimension) && elementCount(array) ? integer(1) : undefined)],
  ["cardinality", ([array]) => integer(elementCount(array))],
  [
    "string_to_array",
    ([text, separator, nothing], context) => (nothing === undefined ? cut(text, separator, context) : undefined),
  ],
  [
    "array_to_string",
    ([array, separator, nothing], context) => (nothing === undefined ? joined(array, separator, context) : undefined),
  ],
]);

function isOne(value: TypedValue | undefined): boolean {
  return value?.value?.family === "integer" && value.value.value === 1n;
}

function integer(value: number | null): TypedValue | undefined {
  return value === null
    ? undefined
    : { value: { family: "integer", value: BigInt(value) }, type: baseTypeNamed("int4") };
}

function elementCount(array: TypedValue | undefined): number | null {
  return array === undefined ? null : (elementsOf(array)?.length ?? null);
}

/** An empty array has no length. */
function lengthOf(array: TypedValue | undefined): TypedValue | undefined {
  const size = elementCount(array);
  return size === 0 ? { value: null, type: baseTypeNamed("int4") } : integer(size);
}

function withElement(
  array: TypedValue | undefined,
  element: TypedValue | undefined,
  context: EvaluateContext,
  add: (items: readonly TypedValue[], item: TypedValue) => readonly TypedValue[],
): TypedValue | undefined {
  if (array?.type?.kind !== "array" || element === undefined) return undefined;
  const item = assignTo(element, array.type.element, context);
  const items = array.value === null ? [] : elementsOf(array);
  return item === null || items === null ? undefined : arrayOf(add(items, item), array.type.element);
}

function concatenated(left: TypedValue | undefined, right: TypedValue | undefined): TypedValue | undefined {
  if (left?.type?.kind !== "array" || right?.type?.kind !== "array") return undefined;
  if (left.value === null) return right;
  if (right.value === null) return left;
  const items = [elementsOf(left), elementsOf(right)];
  return items.includes(null)
    ? undefined
    : arrayOf(
        items.flatMap((each) => each ?? []),
        left.type.element,
      );
}

const text: DataType = baseTypeNamed("text");

function cut(
  value: TypedValue | undefined,
  separator: TypedValue | undefined,
  context: EvaluateContext,
): TypedValue | undefined {
  const [whole, by] = [value, separator].map((each) => (each === undefined ? undefined : textOf(each, context)));
  if (typeof whole !== "string" || typeof by !== "string") return undefined;
  const parts = whole === "" ? [] : by === "" ? [whole] : whole.split(by, mostElements + 1);
  return arrayOf(
    parts.map((part) => ({ value: { family: "text", value: part }, type: text })),
    text,
  );
}

/** NULLs are left out. */
function joined(
  array: TypedValue | undefined,
  separator: TypedValue | undefined,
  context: EvaluateContext,
): TypedValue | undefined {
  const items = array === undefined ? null : elementsOf(array);
  const by = separator === undefined ? undefined : textOf(separator, context);
  const texts = items?.map((item) => textOf(item, context));
  if (texts === undefined || typeof by !== "string" || texts.includes(undefined)) return undefined;
  const known = texts.filter((each) => typeof each === "string");
  if (joinedLength(known, by) > largestValue) return undefined;
  return { value: { family: "text", value: known.join(by) }, type: text };
}
