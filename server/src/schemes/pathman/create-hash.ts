/** Dividing a table by hash, and putting another table in the place of a hash partition. */

import type { DataType } from "../../catalog/data-type.ts";
import { pathmanTableOf } from "../../catalog/pathman-config.ts";
import { chooseFunction } from "../../catalog/values/overload.ts";
import { baseType, formatTypeName } from "../../catalog/values/types.ts";
import { constraintDefinition, constraintNamed } from "../../effects/relations/constraint-shape.ts";
import { quoteIdentifier, quoteQualifiedName } from "../../syntax/names.ts";
import type { BoundCall, CallValue, ExtensionWork } from "../extension.ts";
import { booleanOf, current, integerOf, relationOf, textOf, textsOf } from "./arguments.ts";
import { refuseOtherTuple } from "./attach.ts";
import { invalid, raise } from "./errors.ts";
import { moveRows } from "./move-rows.ts";
import { dividingCheck, keyOf, parentOfPartition } from "./partitions.ts";
import { enableParent, prepareTable, register } from "./prepare.ts";
import { createPartition, mostPartitions, namedPartition, regclassText } from "./single-partition.ts";
import { checkNameOf, eraOf, isSince } from "./versions.ts";

/** `create_hash_partitions` since 0.1. */
export function createHashPartitions(call: BoundCall, work: ExtensionWork): CallValue {
  const has = (name: string): boolean => call.arguments.has(name);
  const parent = relationOf(call, work, has("parent_relid") ? "parent_relid" : "relation");
  const key = prepareTable(work, parent, textOf(call, work, has("expression") ? "expression" : "attribute"));
  const count = integerOf(call, work, "partitions_count") ?? work.decline("the count is NULL");
  if (count > mostPartitions) return work.decline("it makes too many partitions");
  const hash = hashFunction(work, key.type);
  const table = register(work, parent, { type: "hash", expression: key.text, interval: null });
  const names = has("partition_names") ? textsOf(call, work, "partition_names") : null;
  const tablespaces = has("tablespaces") ? textsOf(call, work, "tablespaces") : null;
  refuseCount(work, "partition_names", names, count);
  refuseCount(work, "tablespaces", tablespaces, count);
  for (let index = 0; index < count; index += 1) {
    const text = names?.[index];
    const place =
      text === undefined
        ? { schema: parent.schema, name: `${parent.name}_${index}` }
        : namedPartition(work, text, parent);
    const divides = isSince(eraOf(work.version), "1.0") ? "get_hash_part_idx" : "get_hash";
    const hashed = `${hash}(${quoteIdentifier(key.column)})`;
    const condition = `${schemaPrefix(work)}${divides}(${hashed}, ${count}) = ${index}`;
    createPartition(work, parent, table, place, condition, tablespaces?.[index] ?? null);
  }
  const moves = has("partition_data") ? booleanOf(call, work, "partition_data") === true : true;
  enableParent(work, parent, !moves);
  if (moves) moveRows(work, current(work, parent));
  return { family: "integer", value: BigInt(count) };
}

function refuseCount(work: ExtensionWork, name: string, texts: readonly string[] | null, count: number): void {
  if (texts !== null && texts.length !== count)
    invalid(work, `size of array '${name}' must be equal to 'partitions_count'`);
}

/** The schema of the extension, in front of its own functions. */
function schemaPrefix({ catalog }: ExtensionWork): string {
  const schema = catalog.extensions.get("pg_pathman")?.schema ?? "public";
  return `${quoteIdentifier(schema)}.`;
}

/**
 * The function of the type's default hash operator class, which is called by its name: a type that shares the class of another
 * has none that takes it.
 */
function hashFunction(work: ExtensionWork, type: DataType): string {
  const base = baseType(type);
  const name = base.kind === "base" ? hashFunctions[base.name] : base.kind === "enum" ? "hashenum" : undefined;
  if (name === undefined) return work.decline("the hash function of the key's type is not known");
  if (base.kind === "enum" || (base.kind === "base" && base.name === "name")) return name;
  const choice = chooseFunction(name, [base]);
  if (choice.kind !== "none") return name;
  return work.refuse({
    sqlstate: "42883",
    message: `function ${name}(${formatTypeName(base)}) does not exist`,
    hint: "No function matches the given name and argument types. You might need to add explicit type casts.",
  });
}

/** By type: support function 1 of its default hash operator class, without those of types that are never keys. */
const hashFunctions: Readonly<Record<string, string>> = {
  int2: "hashint2",
  int4: "hashint4",
  int8: "hashint8",
  oid: "hashoid",
  date: "hashint4",
  bool: "hashchar",
  char: "hashchar",
  float4: "hashfloat4",
  float8: "hashfloat8",
  numeric: "hash_numeric",
  text: "hashtext",
  varchar: "hashtext",
  bpchar: "hashbpchar",
  name: "hashname",
  uuid: "uuid_hash",
  timestamp: "timestamp_hash",
  timestamptz: "timestamp_hash",
  time: "time_hash",
  timetz: "timetz_hash",
  interval: "interval_hash",
  inet: "hashinet",
  cidr: "hashinet",
  macaddr: "hashmacaddr",
  jsonb: "jsonb_hash",
};

/** `replace_hash_partition`: another table takes the place, and the CHECK, of a partition. */
export function replaceHashPartition(call: BoundCall, work: ExtensionWork): CallValue {
  const old = relationOf(call, work, "old_partition");
  const replacement = relationOf(call, work, "new_partition");
  const parent = parentOfPartition(work, old) ?? invalid(work, `"${old.name}" is not a partition`);
  const name = regclassText(work, replacement);
  if (replacement.persistence === "temporary")
    return raise(work, `temporary table "${name}" cannot be used as a partition`);
  refuseOtherTuple(work, parent, replacement);
  const table = pathmanTableOf(work.catalog, parent);
  if (table === null) return raise(work, `table "${regclassText(work, parent)}" is not partitioned`);
  const key = keyOf(work, parent, table);
  const check = dividingCheck(work, old, key);
  const wanted = checkNameOf(eraOf(work.version), replacement.name, key.attribute);
  if (check === null || wanted === null) return work.decline("the CHECK of the partition is not known");
  const definition = constraintDefinition(constraintNamed(old, check.name) ?? check);
  const [from, to, above] = [old, replacement, parent].map((each) => quoteQualifiedName(each.schema, each.name));
  work.execute(`ALTER TABLE ${from} NO INHERIT ${above}`);
  work.execute(`ALTER TABLE ${from} DROP CONSTRAINT ${quoteIdentifier(check.name)}`);
  work.execute(`ALTER TABLE ${to} INHERIT ${above}`);
  work.execute(`ALTER TABLE ${to} ADD CONSTRAINT ${quoteIdentifier(wanted)} ${definition}`);
  return { family: "text", value: name };
}
