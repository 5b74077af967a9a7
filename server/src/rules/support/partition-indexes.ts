/** The indexes of the partitions that an index ON ONLY their parent asks for. */

import { type Catalog, relationById } from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import { partitionsInBoundOrder } from "../../catalog/partition-set.ts";
import type { Relation } from "../../catalog/relation.ts";
import { quoteIdentifier, quoteQualifiedName, truncateIdentifier } from "../../syntax/names.ts";

export interface IndexOnParent {
  readonly name: string;
  readonly unique: boolean;
  /** What follows the table's name in CREATE INDEX, with a space in front. */
  readonly definition: string;
}

/** The statements that index every partition below the parent CONCURRENTLY and attach each index to the one above it. */
export function* indexesBelow(catalog: Catalog, parent: Relation, index: IndexOnParent): Generator<string> {
  if (!isPartitioned(parent)) return;
  const indexOnParent = nameIn(catalog, parent.schema, index.name);
  for (const id of partitionsInBoundOrder(parent.partitioning.partitions)) {
    const partition = relationById(catalog, id);
    if (partition === null) continue;
    const name = truncateIdentifier(`${partition.name}_${index.name}`);
    const isLeaf = !isPartitioned(partition);
    const create = `CREATE ${index.unique ? "UNIQUE " : ""}INDEX ${isLeaf ? "CONCURRENTLY " : ""}${quoteIdentifier(name)}`;
    const table = nameIn(catalog, partition.schema, partition.name);
    yield `${create} ON ${isLeaf ? "" : "ONLY "}${table}${index.definition}`;
    yield* indexesBelow(catalog, partition, { ...index, name });
    yield `ALTER INDEX ${indexOnParent} ATTACH PARTITION ${nameIn(catalog, partition.schema, name)}`;
  }
}

function nameIn(catalog: Catalog, schema: string, name: string): string {
  return quoteQualifiedName(catalog.settings.searchPath[0] === schema ? null : schema, name);
}
