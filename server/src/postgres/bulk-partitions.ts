/** The many partitions of a database that differ in their names and bounds alone: made like the first of them, without a statement each. */

import { type Catalog, findRelation, nameKey } from "../catalog/catalog.ts";
import type { Relation } from "../catalog/relation.ts";
import { mayBeRepeated, withPartitionsLike } from "../effects/declarative/partition-alike.ts";
import type { ApplyContext } from "../effects/outcome.ts";
import type { ConstantValue, Expression } from "../syntax/expression.ts";
import type { BoundDatum, BoundSpecification } from "../syntax/statement.ts";

/** A partition of which its parent and its bound say all. */
export interface PlainPartition {
  readonly schema: string;
  readonly name: string;
  /** The parent's. */
  readonly parent: { readonly schema: string; readonly name: string };
  /** As `pg_get_expr` prints it. */
  readonly bound: string;
}

/** Makes partitions like others of their parents that statements have made. */
export interface BulkPartitions {
  /** Whether a statement has made one of the same parent that others may be made like. */
  readonly hasExample: (partition: PlainPartition) => boolean;
  /** Whether no statement has made one of the same parent yet. */
  readonly wantsExample: (partition: PlainPartition) => boolean;
  /** The catalog with the partitions of one parent, but for those that statements have to make: these by their places in the list. */
  readonly added: (
    catalog: Catalog,
    partitions: readonly PlainPartition[],
  ) => { readonly catalog: Catalog; readonly left: readonly number[] };
  /** Tells that a statement has made one. */
  readonly made: (catalog: Catalog, partition: PlainPartition) => void;
}

/** A partition, and its parent as it was when a statement had made it. */
interface Example {
  readonly partition: Relation;
  readonly parent: Relation;
}

export function createBulkPartitions(context: ApplyContext): BulkPartitions {
  /** By the parent's name; null where its first partition is none that others may be made like. */
  const examples = new Map<string, Example | null>();
  const keyOf = ({ parent }: PlainPartition): string => nameKey(parent.schema, parent.name);
  return {
    hasExample: (partition) => (examples.get(keyOf(partition)) ?? null) !== null,
    wantsExample: (partition) => !examples.has(keyOf(partition)),
    added: (catalog, partitions) => {
      const [first] = partitions;
      const example = first === undefined ? null : (examples.get(keyOf(first)) ?? null);
      const parent = first === undefined ? null : findRelation(catalog, first.parent);
      if (example === null || parent === null || !isAsThen(parent, example.parent))
        return { catalog, left: [...partitions.keys()] };
      const wanted = partitions.map((each) => ({ ...each, bound: readPlainBound(each.bound) }));
      return withPartitionsLike(catalog, example.partition, wanted, context);
    },
    made: (catalog, given) => {
      if (examples.has(keyOf(given))) return;
      const [partition, parent] = [findRelation(catalog, given), findRelation(catalog, given.parent)];
      const isExample = partition !== null && parent !== null && mayBeRepeated(parent, partition);
      examples.set(keyOf(given), isExample ? { partition, parent } : null);
    },
  };
}

/** Whether the parent gives to its partitions what it gave then. */
function isAsThen(now: Relation, then: Relation): boolean {
  return (
    now.id === then.id &&
    now.columns === then.columns &&
    now.constraints === then.constraints &&
    now.indexes === then.indexes &&
    now.knowledge === then.knowledge
  );
}

const nowhere = { start: 0, end: 0 } as const;

const datumPattern = String.raw`'(?:[^'\\]|'')*'|-?\d+|MINVALUE|MAXVALUE|true|false|NULL`;
const listPattern = String.raw`\(((?:${datumPattern})(?:, (?:${datumPattern}))*)\)`;
const rangeBound = new RegExp(`^FOR VALUES FROM ${listPattern} TO ${listPattern}$`);
const listBound = new RegExp(`^FOR VALUES IN ${listPattern}$`);
const hashBound = /^FOR VALUES WITH \(modulus (\d{1,9}), remainder (\d{1,9})\)$/;
const datum = new RegExp(datumPattern, "g");

/**
 * The bound that `pg_get_expr` prints as `text`, without the parser; null where it holds more than constants as they mostly are. Longer ones
 * are left to the parser: they are rare, and its time for them is.
 */
export function readPlainBound(text: string): BoundSpecification | null {
  if (text === "DEFAULT") return { kind: "default", location: 0, range: nowhere };
  if (text.length > mostCharacters) return null;
  const range = rangeBound.exec(text);
  if (range !== null) {
    const [from, to] = [datumsOf(range[1] ?? ""), datumsOf(range[2] ?? "")];
    return { kind: "range", location: 0, from, to, fromRange: nowhere, toRange: nowhere, range: nowhere };
  }
  const list = listBound.exec(text);
  if (list !== null) {
    const values = datumsOf(list[1] ?? "").flatMap((each) => (each.kind === "value" ? each.expression : []));
    return list[1]?.includes("VALUE") === true
      ? null
      : { kind: "list", location: 0, values, valuesRange: nowhere, range: nowhere };
  }
  const hash = hashBound.exec(text);
  if (hash === null) return null;
  const [modulus, remainder] = [Number(hash[1]), Number(hash[2])];
  const ranges = { modulusRange: nowhere, remainderRange: nowhere, range: nowhere };
  return { kind: "hash", location: 0, modulus, remainder, ...ranges };
}

const mostCharacters = 2_000;

function datumsOf(text: string): readonly BoundDatum[] {
  return [...text.matchAll(datum)].map(([written]): BoundDatum => {
    if (written === "MINVALUE") return { kind: "minvalue", range: nowhere };
    if (written === "MAXVALUE") return { kind: "maxvalue", range: nowhere };
    return { kind: "value", expression: constant(constantOf(written)), range: nowhere };
  });
}

function constant(value: ConstantValue): Expression {
  return { kind: "constant", value, range: nowhere };
}

function constantOf(written: string): ConstantValue {
  if (written.startsWith("'")) return { type: "string", text: written.slice(1, -1).replaceAll("''", "'") };
  if (written === "true" || written === "false") return { type: "boolean", text: written };
  return written === "NULL" ? { type: "null" } : { type: "integer", text: written };
}
