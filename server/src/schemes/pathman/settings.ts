/** What is written down of a divided table, changed: interval, parameters, registration; and rows moved at last. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { PathmanParameters } from "../../catalog/pathman.ts";
import {
  pathmanTableOf,
  withoutParameters,
  withoutPathmanTable,
  withParameters,
  withPathmanTable,
} from "../../catalog/pathman-config.ts";
import type { Relation } from "../../catalog/relation.ts";
import { hasChildren } from "../../effects/relations/descendants.ts";
import type { BoundCall, CallValue, ExtensionWork } from "../extension.ts";
import {
  argumentValue,
  booleanOf,
  current,
  integerOf,
  relationNamed,
  relationOf,
  textOf,
  typedValueOf,
} from "./arguments.ts";
import { internal, invalid, raise } from "./errors.ts";
import { moveRows, putUnknownRows } from "./move-rows.ts";
import { keyNamed, partitionInfo } from "./partitions.ts";
import { cookedKey, register } from "./prepare.ts";
import { takeRows } from "./rows.ts";
import { regclassText } from "./single-partition.ts";
import { compareTyped, intervalFrom, isDateType, moved, printTyped, type Typed } from "./typed.ts";
import { dropUpdateTriggers } from "./update-triggers.ts";
import { eraOf, isSince } from "./versions.ts";

/** `set_interval`: NULL takes it away. */
export function setRangeInterval(call: BoundCall, work: ExtensionWork): CallValue {
  const relation = relationOf(call, work, "relation");
  const value = typedValueOf(call, work, "value");
  const table = pathmanTableOf(work.catalog, relation);
  if (table === null || table.type !== "range")
    return raise(work, `table "${regclassText(work, relation)}" is not partitioned by RANGE`);
  const interval = value === null ? null : printTyped(work, value);
  if (interval !== null) refuseTrivial(work, relation, table.expression, interval);
  work.catalog = withPathmanTable(work.catalog, { ...table, interval });
  return null;
}

/** `validate_interval_value`: added to a value it has to make it greater. */
export function refuseTrivial(work: ExtensionWork, relation: Relation, expression: string, interval: string): void {
  const key = keyNamed(relation, expression);
  // Of an expression the type is not known.
  if (key === null) return;
  const step = intervalFrom(work, interval, key.type);
  const from = someValue(work, key.type);
  if (from === null) return;
  const order = compareTyped(work, moved(work, from, "+", step), from);
  if (order === 0) invalid(work, "interval should not be trivial");
  if (order < 0) invalid(work, "interval should not be negative");
}

/** Zero, or today. Types without either are not looked at. */
function someValue(work: ExtensionWork, type: Typed["type"]): Typed | null {
  const isNumber = type.kind === "base" && /^(?:int[248]|float[48]|numeric)$/.test(type.name);
  if (isNumber) return intervalFrom(work, "0", type);
  return isDateType(type) ? { value: today(type), type } : null;
}

/** A day in the middle of a month: whether an interval leads on does not depend on which. */
function today(type: Typed["type"]): Typed["value"] {
  const days = 9_000;
  if (type.kind === "base" && type.name === "date") return { family: "date", days };
  return { family: "timestamp", micros: BigInt(days) * 86_400_000_000n };
}

/** `set_enable_parent`, `set_auto`, and the four functions that were before them. A NULL does nothing. */
export function setParameter(
  name: "enableParent" | "auto",
  fixed?: boolean,
): (call: BoundCall, work: ExtensionWork) => CallValue {
  return (call, work) => {
    const text = textOf(call, work, "relation");
    const value = fixed ?? booleanOf(call, work, "value");
    if (text === null || value === null) return null;
    const changed: Partial<PathmanParameters> = { [name]: value };
    work.catalog = withParameters(work.catalog, relationNamed(work, text).id, changed);
    return null;
  };
}

/** `set_init_callback`: without a function, none is called any more. */
export function setInitCallback(call: BoundCall, work: ExtensionWork): CallValue {
  const text = textOf(call, work, "relation");
  const callback = argumentValue(call, work, "callback");
  if (text === null || callback === null) return null;
  const name = callback.family === "text" && callback.value !== "0" && callback.value !== "-" ? callback.value : null;
  const named = name === null ? null : name.replace(/\s*\(.*$/s, "");
  work.catalog = withParameters(work.catalog, relationNamed(work, text).id, { callback: named });
  return null;
}

/** `disable_pathman_for`: what is written down of the table goes, its partitions stay. */
export function disablePathmanFor(call: BoundCall, work: ExtensionWork): CallValue {
  const relation = relationOf(call, work, "parent_relid");
  work.catalog = withoutParameters(withoutTable(work.catalog, relation), relation.id);
  return null;
}

/** `disable_partitioning` of 0.1, which takes the update triggers away too. */
export function disablePartitioning(call: BoundCall, work: ExtensionWork): CallValue {
  const relation = relationOf(call, work, "relation");
  const isDivided = pathmanTableOf(work.catalog, relation) !== null;
  work.catalog = withoutTable(work.catalog, relation);
  if (isDivided) dropUpdateTriggers(work, relation);
  return null;
}

function withoutTable(catalog: Catalog, relation: Relation): Catalog {
  const table = pathmanTableOf(catalog, relation);
  return table === null ? catalog : withoutPathmanTable(catalog, table);
}

/** `partition_data` since 0.1. How many rows it has moved is not told. */
export function partitionData(call: BoundCall, work: ExtensionWork): CallValue {
  const name = call.arguments.has("parent_relid") ? "parent_relid" : "p_parent";
  if (textOf(call, work, name) === null) return null;
  moveRows(work, relationOf(call, work, name));
  return undefined;
}

/** `partition_table_concurrently`: a background worker moves the rows, one after the other. */
export function partitionTableConcurrently(call: BoundCall, work: ExtensionWork): CallValue {
  const relation = relationOf(call, work, "relation");
  const batch = integerOf(call, work, "batch_size");
  const sleep = argumentValue(call, work, "sleep_time");
  if (batch === null || sleep === null) return null;
  if (batch < 1 || batch > 10_000) return invalid(work, "'batch_size' should not be less than 1 or greater than 10000");
  if (sleep.family === "float" && sleep.value < 0.5) return invalid(work, "'sleep_time' should not be less than 0.5");
  if (partitionInfo(work, relation) === null) return internal(work, `relation "${relation.name}" has no partitions`);
  // When it is done, which rows are where is anyone's guess.
  const { rows, complete } = takeRows(work, relation);
  if (rows.length > 0 || !complete) putUnknownRows(work, current(work, relation));
  return null;
}

/** `add_to_pathman_config`: a table whose partitions are there already. */
export function addToPathmanConfig(call: BoundCall, work: ExtensionWork): CallValue {
  const relation = relationOf(call, work, "parent_relid");
  const expression = textOf(call, work, call.arguments.has("expression") ? "expression" : "attname");
  if (expression === null) return invalid(work, "'expression' should not be NULL");
  const key = cookedKey(work, relation, expression);
  const isRange =
    call.arguments.has("range_interval") && (isSince(eraOf(work.version), "1.4") || call.given.has("range_interval"));
  const interval = isRange ? textOf(call, work, "range_interval") : null;
  if (pathmanTableOf(work.catalog, relation) !== null)
    return work.refuse({
      sqlstate: "23505",
      message: 'duplicate key value violates unique constraint "pathman_config_pkey"',
    });
  register(work, relation, { type: isRange ? "range" : "hash", expression: key.text, interval });
  if (hasChildren(relation)) partitionInfo(work, relation);
  return { family: "boolean", value: true };
}

/** Functions that change nothing that is known here: of the cache, of background workers. */
export function nothing(): CallValue {
  return null;
}
