/** The key of a partitioned table that nobody creates, as far as the bounds of its partitions show it. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import { emptyPartitionSet, withPartition } from "../../catalog/partition-set.ts";
import type { Bound, KeyElement, Partitioning, PartitionKey, RangeDatum } from "../../catalog/partitioning.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { castValue } from "../../catalog/values/cast.ts";
import { evaluate } from "../../catalog/values/evaluate.ts";
import { readValue } from "../../catalog/values/input.ts";
import { printValue } from "../../catalog/values/print.ts";
import type { ValueContext } from "../../catalog/values/result.ts";
import { baseTypeNamed, sameTypeName } from "../../catalog/values/types.ts";
import type { Expression } from "../../syntax/expression.ts";
import type { BoundSpecification } from "../../syntax/statement.ts";
import { greatest } from "../../text/long-lists.ts";

/** Whether the table's key may still be learned from bounds. */
export function isKeyInferred(parent: Relation): boolean {
  if (!isPartitioned(parent)) return parent.knowledge !== "full";
  const { elements } = parent.partitioning.key;
  return elements.length === 0 || elements.some((element) => element.trust !== "declared");
}

/**
 * The partitioning of `parent` as far as this bound and those before it show it; the bounds of the partitions that are there
 * already are read again where the key's type turns out wider. null where the bound contradicts the ones before it.
 *
 * @param boundOf the bound of a partition of the table
 */
export function inferPartitioning(
  parent: Relation,
  written: BoundSpecification,
  catalog: Catalog,
  version: number,
  boundOf: (partition: RelationId) => Bound | null,
): Partitioning | null {
  const context: ValueContext = { settings: catalog.settings, version, catalog };
  const before = parent.partitioning;
  if (written.kind === "default") return before ?? freshPartitioning({ strategy: "range", elements: [] });
  const known = before === null || before.key.elements.length === 0 ? null : before.key;
  const columns = writtenColumns(written);
  if (known !== null && (known.strategy !== written.kind || columns.length !== known.elements.length)) return null;
  const elements = columns.map((expressions, index) => {
    const element = known?.elements[index] ?? unknownElement;
    return element.trust === "declared" ? element : inferElement(element, expressions, known !== null, context);
  });
  const key: PartitionKey = { strategy: written.kind, elements };
  if (known !== null && before !== null && !known.elements.some((element, index) => element !== elements[index])) {
    return before;
  }
  return before === null ? freshPartitioning(key) : readAgain(before, key, context, boundOf);
}

const unknownElement: KeyElement = {
  column: null,
  expression: null,
  text: "?",
  type: null,
  collation: null,
  comparison: null,
  customOrder: false,
  printedCollation: null,
  operatorClass: null,
  trust: "agreed",
};

function freshPartitioning(key: PartitionKey): Partitioning {
  return { key, partitions: emptyPartitionSet(key) };
}

/** The expressions of a bound by key column; MINVALUE and MAXVALUE show nothing. */
function writtenColumns(written: Exclude<BoundSpecification, { kind: "default" }>): readonly (readonly Expression[])[] {
  switch (written.kind) {
    case "hash":
      return [[]];
    case "list":
      return [written.values];
    case "range":
      return written.from.map((datum, index) =>
        [datum, written.to[index]].flatMap((end) => (end?.kind === "value" ? [end.expression] : [])),
      );
  }
}

type Trust = KeyElement["trust"];

/** What one literal, or all literals so far, can be: null is a type that we do not know. */
interface Reading {
  readonly type: DataType | null;
  readonly trust: Trust;
}

function inferElement(
  element: KeyElement,
  expressions: readonly Expression[],
  hasBounds: boolean,
  context: ValueContext,
): KeyElement {
  let reading: Reading | null = hasBounds && element.type !== null ? element : null;
  // A type that earlier bounds have already ruled out stays unknown.
  if (hasBounds && element.type === null && element.trust === "uncertain") return element;
  for (const expression of expressions) {
    const next = readingOf(expression, context);
    if (next !== null) reading = reading === null ? next : widerReading(reading, next);
  }
  if (reading === null || (sameReadingType(reading.type, element.type) && reading.trust === element.trust))
    return element;
  const isText = reading.type !== null && sameTypeName(reading.type, textType);
  return {
    ...element,
    type: reading.type,
    trust: reading.trust,
    collation: isText ? "default" : null,
    comparison: isText ? "default" : null,
  };
}

const textType = baseTypeNamed("text");
const [bigint, numeric, date, timestamp, timestamptz, uuid, boolean] = [
  "int8",
  "numeric",
  "date",
  "timestamp",
  "timestamptz",
  "uuid",
  "bool",
].map(baseTypeNamed);

const isoTime = /^\d{4,5}-\d\d-\d\d( \d\d:\d\d(:\d\d(\.\d{1,6})?)?([+-]\d\d(:?\d\d)?)?)?$/;
const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** null where the expression shows nothing of the type (NULL). */
function readingOf(expression: Expression, context: ValueContext): Reading | null {
  if (expression.kind !== "constant") {
    const evaluated = evaluate(expression, { ...context, today: null });
    const type = "type" in evaluated ? evaluated.type : null;
    return { type, trust: type === null ? "uncertain" : "agreed" };
  }
  const { value } = expression;
  switch (value.type) {
    case "null":
      return null;
    case "boolean":
      return { type: boolean ?? null, trust: "agreed" };
    case "integer":
      return { type: bigint ?? null, trust: "agreed" };
    case "decimal":
      return { type: numeric ?? null, trust: "agreed" };
    case "bits":
      return { type: null, trust: "uncertain" };
    case "string":
      return readingOfString(value.text, context);
  }
}

function readingOfString(text: string, context: ValueContext): Reading {
  if (/^[-+]?\d{1,18}$/.test(text)) return { type: bigint ?? null, trust: "unless-text" };
  if (/^[-+]?\d+(\.\d+)?$/.test(text)) return { type: numeric ?? null, trust: "unless-text" };
  if (uuidForm.test(text)) return { type: uuid ?? null, trust: "agreed" };
  const time = isoTime.exec(text);
  const type = time === null ? date : time[4] !== undefined ? timestamptz : time[1] !== undefined ? timestamp : date;
  const readable = type !== undefined && readValue(text, type, context).kind === "value";
  // Other spellings of dates sort as texts in another way than as dates.
  return readable ? { type, trust: time === null ? "uncertain" : "agreed" } : { type: null, trust: "uncertain" };
}

const trustOrder: readonly Trust[] = ["declared", "agreed", "unless-text", "uncertain"];

function widerReading(a: Reading, b: Reading): Reading {
  const trust = trustOrder[Math.max(trustOrder.indexOf(a.trust), trustOrder.indexOf(b.trust))] ?? "uncertain";
  if (sameReadingType(a.type, b.type)) return { type: a.type, trust };
  for (const ladder of [
    [bigint, numeric],
    [date, timestamp, timestamptz],
  ]) {
    const ranks = [a.type, b.type].map((type) =>
      ladder.findIndex((step) => type !== null && step !== undefined && sameTypeName(type, step)),
    );
    if (ranks.every((rank) => rank >= 0)) return { type: ladder[greatest(ranks)] ?? null, trust };
  }
  return { type: null, trust: "uncertain" };
}

function sameReadingType(a: DataType | null, b: DataType | null): boolean {
  return a === null || b === null ? a === b : sameTypeName(a, b);
}

/** The partitions there are, their values brought to the types of the new key. */
function readAgain(
  before: Partitioning,
  key: PartitionKey,
  context: ValueContext,
  boundOf: (partition: RelationId) => Bound | null,
): Partitioning {
  let partitions = emptyPartitionSet(key);
  for (const id of before.partitions.all.keys()) {
    const bound = boundOf(id);
    if (bound !== null) partitions = withPartition(partitions, key, convertBound(bound, before.key, key, context), id);
  }
  return { key, partitions };
}

/** A bound with its values brought from the types of one key to those of another. */
export function convertBound(bound: Bound, from: PartitionKey, to: PartitionKey, context: ValueContext): Bound {
  const convert = (value: Value, index: number): Value => {
    const [before, after] = [from.elements[index]?.type ?? null, to.elements[index]?.type ?? null];
    if (before === null || sameReadingType(before, after)) return value;
    const result = after === null ? null : castValue(value, before, after, context, "assignment");
    if (result?.kind === "value") return result.value;
    return { family: "opaque", text: printValue(value, before, context.settings) };
  };
  const convertDatum = (datum: RangeDatum, index: number): RangeDatum =>
    datum.kind === "value" ? { kind: "value", value: convert(datum.value, index) } : datum;
  switch (bound.kind) {
    case "list":
      return { kind: "list", values: bound.values.map((value) => (value === null ? null : convert(value, 0))) };
    case "range":
      return { kind: "range", lower: bound.lower.map(convertDatum), upper: bound.upper.map(convertDatum) };
    default:
      return bound;
  }
}
