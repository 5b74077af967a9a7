/** ALTER INDEX … ATTACH PARTITION: an index of a partition becomes a part of its parent's. */

import { type Catalog, relationById, withRelation } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { AlterAction } from "../../syntax/statement.ts";
import { pluralOf } from "../declarative/plain-table.ts";
import { type ApplyContext, applied, type Outcome, type Refusal, regarding, rejected } from "../outcome.ts";
import { constraintOfIndex } from "./constraint-shape.ts";
import { attachIndex } from "./define-index.ts";
import { childrenOf } from "./descendants.ts";
import { lookUpRelation, relationMissing } from "./lookup.ts";

type AttachIndex = Extract<AlterAction, { kind: "attach-index" }>;

/** `ATExecAttachPartitionIdx` */
export function attachIndexPartition(
  catalog: Catalog,
  parent: Relation,
  action: AttachIndex,
  context: ApplyContext,
): Outcome {
  const { range } = action.index;
  if (parent.index === null) return applied(catalog);
  if (parent.kind !== "partitioned-index") {
    if (context.version < 13 && parent.kind === "index") {
      return rejected("not-partitioned", "42P17", `index "${parent.name}" is not partitioned`, range);
    }
    const modern = context.version >= 15;
    const message = modern
      ? `ALTER action ATTACH PARTITION cannot be performed on relation "${parent.name}"`
      : `"${parent.name}" is not a table or partitioned index`;
    return rejected("not-partitioned", "42809", message, range, {
      detail: modern ? `This operation is not supported for ${pluralOf(parent.kind)}.` : undefined,
    });
  }
  const found = lookUpRelation(catalog, action.index);
  if (found.kind === "absent") return relationMissing(catalog, action.index);
  if (found.kind === "unknown") return applied(catalog, `index "${action.index.name}" is not known`);
  const index = found.relation;
  if (index.index === null) return refuse("42P17", `"${index.name}" is not an index`, action);
  if (index.index.attachedTo === parent.id) return applied(catalog);
  const tables = [parent.index.table, index.index.table].map((id) => relationById(catalog, id));
  const unfit = regarding(mismatch(catalog, parent, index, action), ...tables.filter((table) => table !== null));
  if (unfit !== null) return unfit;
  return applied(validateParent(attachIndex(catalog, index, parent), parent.id));
}

function mismatch(catalog: Catalog, parent: Relation, index: Relation, action: AttachIndex): Refusal | null {
  const message = `cannot attach index "${index.name}" as a partition of index "${parent.name}"`;
  const cannot = (sqlstate: string, detail: string): Refusal =>
    rejected("attach-mismatch", sqlstate, message, action.index.range, { detail });
  if (index.index === null || parent.index === null) return null;
  const parentTable = relationById(catalog, parent.index.table);
  const table = relationById(catalog, index.index.table);
  if (parentTable === null || table === null) return null;
  const other = table.indexes.find((id) => relationById(catalog, id)?.index?.attachedTo === parent.id);
  if (index.index.attachedTo !== null) {
    return cannot("55000", `Index "${index.name}" is already attached to another index.`);
  }
  if (table.partitionOf?.parent !== parentTable.id) {
    return cannot("55000", `Index "${index.name}" is not an index on any partition of table "${parentTable.name}".`);
  }
  const sameDefinition = index.index.unique === parent.index.unique && index.index.text === parent.index.text;
  if (!sameDefinition) return cannot("42P17", "The index definitions do not match.");
  const parentConstraint = constraintOfIndex(parentTable, parent.id);
  if (parentConstraint !== null && constraintOfIndex(table, index.id) === null) {
    return cannot(
      "42P17",
      `The index "${parent.name}" belongs to a constraint in table "${parentTable.name}" but no constraint exists for index "${index.name}".`,
    );
  }
  if (other !== undefined) {
    return cannot("55000", `Another index is already attached for partition "${table.name}".`);
  }
  return null;
}

/** `validatePartitionedIndex`: valid once every partition has an attached index that is valid. */
function validateParent(catalog: Catalog, parentId: number): Catalog {
  const parent = relationById(catalog, parentId);
  const table = parent?.index == null ? null : relationById(catalog, parent.index.table);
  if (parent === null || parent.index === null || parent.index.valid || table === null) return catalog;
  const complete = childrenOf(catalog, table).every((partition) =>
    partition.indexes.some((id) => {
      const part = relationById(catalog, id)?.index;
      return part?.attachedTo === parentId && part.valid;
    }),
  );
  if (!complete) return catalog;
  const next = withRelation(catalog, { ...parent, index: { ...parent.index, valid: true } });
  return parent.index.attachedTo === null ? next : validateParent(next, parent.index.attachedTo);
}

function refuse(sqlstate: string, message: string, action: AttachIndex): Refusal {
  return rejected("statement-rejected", sqlstate, message, action.index.range);
}
