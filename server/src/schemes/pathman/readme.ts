/** The functions of pg_pathman in the version of its first README, which puts SQL together from names as they are given. */

import { relationById } from "../../catalog/catalog.ts";
import type { PathmanTable } from "../../catalog/pathman.ts";
import { pathmanOf, withLastNumber, withoutPathmanTable, withPathmanTable } from "../../catalog/pathman-config.ts";
import type { Relation } from "../../catalog/relation.ts";
import { passesCheck } from "../../effects/queries/row-values.ts";
import { childrenOf } from "../../effects/relations/descendants.ts";
import { visibleName } from "../../effects/relations/object-description.ts";
import type { BoundCall, CallValue, ExtensionWork } from "../extension.ts";
import { argumentValue, current, integerOf, relationNamed, relationOf, textOf, typedValueOf } from "./arguments.ts";
import { raise } from "./errors.ts";
import { keyNamed, partitionInfo, type RangePartition } from "./partitions.ts";
import {
  dropHashFunctions,
  hashInsertTrigger,
  hashUpdateTrigger,
  rangeInsertTrigger,
  rangeUpdateTrigger,
} from "./readme-triggers.ts";
import { addRows, takeRows } from "./rows.ts";
import { mostPartitions } from "./single-partition.ts";
import { compareTyped, computed, isDateType, moved, printTyped, type Typed } from "./typed.ts";

type Run = (call: BoundCall, work: ExtensionWork) => CallValue;

/** `schema.name` without quotes, of a relation that the text names. */
function validated(work: ExtensionWork, text: string): string {
  const { schema, name } = relationNamed(work, text);
  return `${schema}.${name}`;
}

function nameOf(call: BoundCall, work: ExtensionWork, parameter: string): string {
  return textOf(call, work, parameter) ?? work.decline(`the argument ${parameter} is NULL`);
}

function tableNamed({ catalog }: ExtensionWork, relname: string): PathmanTable | null {
  return pathmanOf(catalog).tables.get(relname) ?? null;
}

function divide(work: ExtensionWork, relname: string, type: "hash" | "range", expression: string): void {
  work.catalog = withPathmanTable(work.catalog, { relation: null, relname, type, expression, interval: null });
}

function createRangePartitions(call: BoundCall, work: ExtensionWork): CallValue {
  const relname = validated(work, nameOf(call, work, "p_relation"));
  const attribute = nameOf(call, work, "p_attribute");
  beginRange(work, relname, attribute);
  const step = typedValueOf(call, work, "p_interval");
  let start = typedValueOf(call, work, "p_start_value");
  const premake = integerOf(call, work, "p_premake");
  if (step === null || start === null || premake === null) return work.decline("an argument is NULL");
  if (premake > mostPartitions) return work.decline("it makes too many partitions");
  // One more than is asked for.
  for (let made = 0; made < premake + 1; made += 1) {
    const end = moved(work, start, "+", step);
    createSingle(work, relname, start, end);
    start = end;
  }
  rangeInsertTrigger(work, relname, attribute);
  return { family: "integer", value: BigInt(Math.max(premake + 1, 0)) };
}

/** As the README describes it; the SQL of its time has no such function yet. */
function createPartitionsFromRange(call: BoundCall, work: ExtensionWork): CallValue {
  const relname = validated(work, nameOf(call, work, "p_relation"));
  const attribute = nameOf(call, work, "p_attribute");
  beginRange(work, relname, attribute);
  const [first, end, step] = ["p_start_value", "p_end_value", "p_interval"].map((name) =>
    typedValueOf(call, work, name),
  );
  if (first == null || end == null || step == null) return work.decline("an argument is NULL");
  let count = 0;
  for (let start = first; compareTyped(work, start, end) <= 0; count += 1) {
    const next = moved(work, start, "+", step);
    if (count >= mostPartitions || compareTyped(work, next, start) <= 0)
      return work.decline("the interval does not lead to the end");
    createSingle(work, relname, start, next);
    start = next;
  }
  rangeInsertTrigger(work, relname, attribute);
  return { family: "integer", value: BigInt(count) };
}

function beginRange(work: ExtensionWork, relname: string, attribute: string): void {
  if (tableNamed(work, relname) !== null) raise(work, `Relation "${relname}" has already been partitioned`);
  work.execute(`DROP SEQUENCE IF EXISTS ${relname}_seq`);
  work.execute(`CREATE SEQUENCE ${relname}_seq START 1`);
  const sequence = relationNamed(work, `${relname}_seq`);
  work.catalog = withLastNumber(work.catalog, sequence.id, 0);
  divide(work, relname, "range", attribute);
}

/** `create_single_range_partition`. It answers the name of the partition. */
function createSingle(work: ExtensionWork, relname: string, start: Typed | null, end: Typed | null): string {
  const attribute = tableNamed(work, relname)?.expression ?? "";
  const sequence = relationNamed(work, `${relname}_seq`);
  const last = pathmanOf(work.catalog).numbers.get(sequence.id);
  if (last === undefined || last < 0) return work.decline("which number the next partition gets is not known");
  work.catalog = withLastNumber(work.catalog, sequence.id, last + 1);
  const child = `${relname}_${last + 1}`;
  work.execute(`CREATE TABLE ${child} (LIKE ${relname} INCLUDING ALL)`);
  work.execute(`ALTER TABLE ${child} INHERIT ${relname}`);
  const condition = rangeCondition(work, attribute, start, end);
  work.execute(`ALTER TABLE ${child} ADD CONSTRAINT ${checkOf(work, child)} CHECK (${condition})`);
  return child;
}

/** `schema_name_check`, as it is put into the SQL. */
function checkOf(work: ExtensionWork, text: string): string {
  const { schema, name } = relationNamed(work, text);
  return `${schema}_${name}_check`;
}

/** `get_range_condition`: quotes around dates and timestamps only; NULL leaves nothing. */
function rangeCondition(work: ExtensionWork, attribute: string, start: Typed | null, end: Typed | null): string {
  const type = (start ?? end)?.type ?? keyTypeOf(work, attribute);
  const quote = type !== null && isDateType(type) ? "'" : "";
  if (quote === "" && start === null) return syntaxError(work, "AND");
  if (quote === "" && end === null) return syntaxError(work, ")");
  const text = (typed: Typed | null): string => `${quote}${typed === null ? "" : printTyped(work, typed)}${quote}`;
  return `${attribute} >= ${text(start)} AND ${attribute} < ${text(end)}`;
}

/** The type of a key by which a table is divided that has no partitions to take it from. */
function keyTypeOf(work: ExtensionWork, attribute: string): Typed["type"] | null {
  for (const table of pathmanOf(work.catalog).tables.values()) {
    if (table.expression !== attribute || table.relname === null) continue;
    const key = keyNamed(relationNamed(work, table.relname), attribute);
    if (key !== null) return key.type;
  }
  return null;
}

function createHashPartitions(call: BoundCall, work: ExtensionWork): CallValue {
  const relname = validated(work, nameOf(call, work, "relation"));
  const attribute = nameOf(call, work, "attribute");
  const count = integerOf(call, work, "partitions_count") ?? work.decline("the count is NULL");
  // The format of RAISE is that of another function: what stands behind the name is an s.
  if (tableNamed(work, relname) !== null) raise(work, `Relation "${relname}s" has already been partitioned`);
  if (count > mostPartitions) return work.decline("it makes too many partitions");
  for (let index = 0; index < count; index += 1) {
    const child = `${relname}_${index}`;
    work.execute(`CREATE TABLE ${child} (LIKE ${relname} INCLUDING ALL)`);
    work.execute(`ALTER TABLE ${child} INHERIT ${relname}`);
    work.execute(`ALTER TABLE ${child} ADD CHECK (${attribute} % ${count} = ${index})`);
  }
  divide(work, relname, "hash", attribute);
  hashInsertTrigger(work, relname, attribute, count);
  return { family: "integer", value: BigInt(count) };
}

function splitRangePartition(call: BoundCall, work: ExtensionWork): CallValue {
  const text = nameOf(call, work, "p_partition");
  const partition = relationNamed(work, text);
  const value = typedValueOf(call, work, "p_value") ?? work.decline("the value is NULL");
  const [parentId] = partition.inherits;
  const parent = parentId === undefined ? null : relationById(work.catalog, parentId);
  const relname = parent === null ? null : `${parent.schema}.${parent.name}`;
  const table = relname === null ? null : tableNamed(work, relname);
  if (table !== null && table.type !== "range") return raise(work, "Specified partition isn't RANGE partition");
  const range = parent === null || table === null ? null : rangeIn(work, parent, partition);
  if (range === null || relname === null || table === null) return raise(work, "Could not find specified partition");
  const { min, max } = range;
  if (min === null || max === null) return work.decline("the range of the partition is not known");
  if (compareTyped(work, min, value) > 0 || compareTyped(work, max, value) <= 0)
    return raise(
      work,
      `Specified value does not fit into the range [${printTyped(work, min)}, ${printTyped(work, max)})`,
    );
  const made = createSingle(work, relname, value, max);
  moveMatching(work, partition, relationNamed(work, made), (row) => {
    const key = row.get(table.expression.toLowerCase());
    return key != null && compareTyped(work, { value: key, type: min.type }, value) >= 0;
  });
  const place = `${partition.schema}.${partition.name}`;
  replaceCheck(work, place, rangeCondition(work, table.expression, min, value));
  const array = { family: "array", elements: [min.value, max.value] } as const;
  return array;
}

function replaceCheck(work: ExtensionWork, place: string, condition: string): void {
  const check = checkOf(work, place);
  work.execute(`ALTER TABLE ${place} DROP CONSTRAINT ${check}`);
  work.execute(`ALTER TABLE ${place} ADD CONSTRAINT ${check} CHECK (${condition})`);
}

/** The range of a partition as the cache has it; null where it has none of it. */
function rangeIn(work: ExtensionWork, parent: Relation, partition: Relation): RangePartition | null {
  const info = partitionInfo(work, parent);
  if (info === null || info.kind !== "range") return null;
  return info.ranges.find(({ relation }) => relation.id === partition.id) ?? null;
}

function moveMatching(
  work: ExtensionWork,
  from: Relation,
  to: Relation,
  matches: (row: ReadonlyMap<string, Typed["value"] | null>) => boolean,
): void {
  const { rows, complete } = takeRows(work, current(work, from));
  addRows(
    work,
    current(work, from),
    rows.filter((row) => !matches(row)),
    complete,
  );
  addRows(work, current(work, to), rows.filter(matches), complete);
}

function mergeRangePartitions(call: BoundCall, work: ExtensionWork): CallValue {
  const [first, second] = ["p_partition1", "p_partition2"].map((name) => relationNamed(work, nameOf(call, work, name)));
  if (first === undefined || second === undefined) return work.decline("a partition is not known");
  if (first.id === second.id) return raise(work, "Cannot merge partition to itself");
  const [one, other] = [first.inherits[0], second.inherits[0]];
  if (one !== undefined && other !== undefined && one !== other)
    return raise(work, "Cannot merge partitions having different parents");
  const parent = one === undefined ? null : relationById(work.catalog, one);
  const table = parent === null ? null : tableNamed(work, `${parent.schema}.${parent.name}`);
  if (table !== null && table.type !== "range") return raise(work, "Specified partitions aren't RANGE partitions");
  if (parent === null || table === null) return syntaxError(work, ")");
  const ranges = [first, second].flatMap((part) => rangeIn(work, parent, part) ?? []);
  const [a, b] = ranges;
  if (a !== undefined && b !== undefined && !meets(work, a, b) && !meets(work, b, a))
    return raise(work, "Merge failed. Partitions must be adjacent");
  const [min, max] = [extreme(work, ranges, "min"), extreme(work, ranges, "max")];
  const place = visibleName(work.catalog, first);
  replaceCheck(work, place, rangeCondition(work, table.expression, min, max));
  moveMatching(work, second, first, () => true);
  work.execute(`DROP TABLE ${visibleName(work.catalog, second)}`);
  return null;
}

function meets(work: ExtensionWork, a: RangePartition, b: RangePartition): boolean {
  return a.max !== null && b.min !== null && compareTyped(work, a.max, b.min) === 0;
}

function extreme(work: ExtensionWork, ranges: readonly RangePartition[], side: "min" | "max"): Typed | null {
  let found: Typed | null = null;
  for (const range of ranges) {
    const end = range[side];
    if (end === null) continue;
    const order = found === null ? 0 : compareTyped(work, end, found);
    if (found === null || (side === "min" ? order < 0 : order > 0)) found = end;
  }
  return found;
}

/** `append_partition` and `prepend_partition`: as long as the last range, or the first, in days. */
function addAtEnd(direction: "+" | "-"): Run {
  return (call, work) => {
    const relname = validated(work, nameOf(call, work, "p_relation"));
    if (tableNamed(work, relname) === null) return syntaxError(work, ")");
    const parent = relationNamed(work, relname);
    const info = partitionInfo(work, parent);
    const range = info?.kind === "range" ? info.ranges.at(direction === "+" ? -1 : 0) : undefined;
    const [min, max] = [range?.min ?? null, range?.max ?? null];
    if (min === null || max === null) {
      createSingle(work, relname, null, null);
      return null;
    }
    const length = computed(work, max, "-", min);
    if (direction === "+") createSingle(work, relname, max, moved(work, max, "+", length));
    else createSingle(work, relname, moved(work, min, "-", length), min);
    return null;
  };
}

function partitionData(call: BoundCall, work: ExtensionWork): CallValue {
  const text = nameOf(call, work, "p_parent");
  const none = { family: "integer", value: 0n } as const;
  // The row is looked for by what is given, which is not what it keeps unless the schema stands in front.
  if (tableNamed(work, text) === null) return none;
  const parent = relationNamed(work, text);
  for (const child of childrenOf(work.catalog, parent)) {
    for (const { type, expression } of child.constraints) {
      if (type !== "check" || expression === null) continue;
      const target = relationNamed(work, child.name);
      moveMatching(
        work,
        parent,
        target,
        (row) => passesCheck(work.catalog, parent, expression, row, work.context) === true,
      );
    }
  }
  return none;
}

function disablePartitioning(call: BoundCall, work: ExtensionWork): CallValue {
  const text = nameOf(call, work, "relation");
  const table = tableNamed(work, text);
  if (table !== null) work.catalog = withoutPathmanTable(work.catalog, table);
  if (text.endsWith('"')) return syntaxError(work, "_insert_trigger_func");
  const relation = relationNamed(work, text);
  if (pathmanOf(work.catalog).routers.get(relation.id)?.type === "range") dropRangeTriggers(work, text);
  work.execute(`DROP FUNCTION IF EXISTS ${text}_insert_trigger_func() CASCADE`);
  relationNamed(work, text);
  return null;
}

function dropAll(prepare: (work: ExtensionWork, relname: string) => void): Run {
  return (call, work) => {
    const relname = validated(work, nameOf(call, work, "relation"));
    const relation = relationNamed(work, relname);
    prepare(work, relname);
    for (const child of childrenOf(work.catalog, relation))
      work.execute(`DROP TABLE ${visibleName(work.catalog, child)}`);
    const table = tableNamed(work, relname);
    if (table !== null) work.catalog = withoutPathmanTable(work.catalog, table);
    return null;
  };
}

function dropRangeTriggers(work: ExtensionWork, relname: string): void {
  const { schema, name } = relationNamed(work, relname);
  work.execute(`DROP TRIGGER IF EXISTS ${schema}_${name}_insert_trigger ON ${relname} CASCADE`);
}

function dropHashTriggers(work: ExtensionWork, relname: string): void {
  dropHashFunctions(work, relationNamed(work, relname));
}

/** What PostgreSQL says of SQL that was put together with nothing where a name should be. */
function syntaxError(work: ExtensionWork, token: string): never {
  return work.refuse({ sqlstate: "42601", message: `syntax error at or near "${token}"` });
}

/** The cache reads the children's CHECKs anew; until then it does not know what was done by hand. */
function readAgain(call: BoundCall, work: ExtensionWork): CallValue {
  if (argumentValue(call, work, "relid")?.family === "text") relationOf(call, work, "relid");
  return null;
}

export const readmeFunctions: Readonly<Record<string, Run>> = {
  create_range_partitions: createRangePartitions,
  create_partitions_from_range: createPartitionsFromRange,
  create_hash_partitions: createHashPartitions,
  partition_data: partitionData,
  create_hash_update_trigger: (call, work) => {
    const relname = validated(work, nameOf(call, work, "relation"));
    relationNamed(work, relname);
    const table = tableNamed(work, relname);
    if (table === null) return syntaxError(work, "%");
    hashUpdateTrigger(work, relname);
    return null;
  },
  create_range_update_trigger: (call, work) => {
    const text = nameOf(call, work, "relation");
    const relation = relationNamed(work, text);
    rangeUpdateTrigger(work, text, relation, tableNamed(work, text) !== null);
    return null;
  },
  split_range_partition: splitRangePartition,
  merge_range_partitions: mergeRangePartitions,
  append_partition: addAtEnd("+"),
  prepend_partition: addAtEnd("-"),
  drop_hash_partitions: dropAll(dropHashTriggers),
  drop_range_partitions: dropAll(dropRangeTriggers),
  disable_partitioning: disablePartitioning,
  on_create_partitions: readAgain,
  on_update_partitions: readAgain,
  on_remove_partitions: readAgain,
};
