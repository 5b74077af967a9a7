/** CREATE SEQUENCE, and the column to which a sequence belongs: it goes with that. */

import { type Catalog, findRelation, relationById, withRelation } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Other, PlacedStatement, SequenceOwner } from "../../syntax/statement.ts";
import { inDoubt } from "../doubt.ts";
import { type ApplyContext, applied, type Outcome, regarding, rejected } from "../outcome.ts";
import { columnNamed, isSystemColumn } from "./constraint-shape.ts";
import { withoutNamesake } from "./dependencies.ts";
import {
  doubtOfPart,
  emptyRelation,
  lookUpRelation,
  nameTaken,
  originHere,
  relationInTheWay,
  relationMissing,
  schemaForNew,
  typeInTheWay,
} from "./lookup.ts";

/** Applies CREATE SEQUENCE; null for any other statement. */
export function applyCreateSequence(catalog: Catalog, placed: PlacedStatement, context: ApplyContext): Outcome | null {
  const { statement } = placed;
  if (statement.kind !== "create-sequence") return null;
  const { name, ownedBy } = statement;
  const place = schemaForNew(catalog, name, statement.temporary ? "temporary" : "permanent");
  if (place.kind === "rejected") return place;
  const existing = relationInTheWay(catalog, place.schema, name.name);
  if (existing !== null) {
    return statement.ifNotExists ? applied(catalog) : nameTaken(name.name, name.range, existing);
  }
  const type = typeInTheWay(catalog, place.schema, name);
  if (type !== null) return type;
  const sequence: Relation = {
    ...emptyRelation(catalog.nextId, place.schema, name.name, "sequence"),
    origin: originHere(context, name.range),
  };
  return withOwner(catalog, withoutNamesake(catalog, place.schema, name.name), sequence, ownedBy);
}

/** Gives the sequence that ALTER SEQUENCE names to a column, or takes it from one; other options change nothing here. */
export function alterSequence(catalog: Catalog, { relations: [name], ownedBy }: Other): Outcome {
  const sequence = name === undefined ? null : findRelation(catalog, name);
  if (sequence === null || sequence.kind !== "sequence") return applied(catalog);
  return withOwner(catalog, catalog, sequence, ownedBy);
}

/** `process_owned_by`: the sequence belongs to the column; what PostgreSQL asks of the two that is not known is in doubt. */
function withOwner(
  before: Catalog,
  catalog: Catalog,
  sequence: Relation,
  ownedBy: SequenceOwner | "none" | undefined,
): Outcome {
  if (ownedBy === undefined) return applied(withRelation(catalog, sequence));
  const [ownerId] = sequence.dependsOn;
  const owner = ownerId === undefined ? undefined : relationById(catalog, ownerId)?.columns;
  if (owner?.find(({ name }) => name === sequence.ownedByColumn)?.identity != null)
    return inDoubt(before, applied(catalog), "the sequence of an identity column stays with it");
  if (ownedBy === "none")
    return applied(withRelation(catalog, { ...sequence, dependsOn: [], ownedByColumn: undefined }));
  const { table: name, column } = ownedBy;
  const found = lookUpRelation(catalog, name);
  if (found.kind === "absent") return relationMissing(catalog, name);
  const table = found.kind === "found" ? found.relation : null;
  const isKnown = table !== null && (columnNamed(table, column.name) !== null || isSystemColumn(column.name));
  if (table !== null && !isKnown && table.knowledge === "full" && tableKinds.has(table.kind)) {
    const message = `column "${column.name}" of relation "${table.name}" does not exist`;
    return regarding(rejected("statement-rejected", "42703", message, column.range), table);
  }
  if (!isKnown || !tableKinds.has(table.kind) || table.schema !== sequence.schema)
    return inDoubt(
      before,
      applied(withRelation(catalog, sequence)),
      "whether the sequence may belong to the column is not known",
    );
  const doubt = sequence.knowledge === "full" ? doubtOfPart(table) : {};
  const owned = { ...sequence, ...doubt, dependsOn: [table.id], ownedByColumn: column.name };
  return applied(withRelation(catalog, owned));
}

const tableKinds: ReadonlySet<string> = new Set(["table", "partitioned-table", "foreign-table"]);
