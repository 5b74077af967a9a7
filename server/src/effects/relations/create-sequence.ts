/** CREATE SEQUENCE. */

import { type Catalog, withRelation } from "../../catalog/catalog.ts";
import type { PlacedStatement } from "../../syntax/statement.ts";
import { type ApplyContext, applied, type Outcome } from "../outcome.ts";
import { withoutNamesake } from "./dependencies.ts";
import { emptyRelation, nameTaken, originHere, relationInTheWay, schemaForNew, typeInTheWay } from "./lookup.ts";

/** Applies CREATE SEQUENCE; null for any other statement. */
export function applyCreateSequence(catalog: Catalog, placed: PlacedStatement, context: ApplyContext): Outcome | null {
  const { statement } = placed;
  if (statement.kind !== "create-sequence") return null;
  const { name } = statement;
  const place = schemaForNew(catalog, name, statement.temporary ? "temporary" : "permanent");
  if (place.kind === "rejected") return place;
  const existing = relationInTheWay(catalog, place.schema, name.name);
  if (existing !== null) {
    return statement.ifNotExists ? applied(catalog) : nameTaken(name.name, name.range, existing);
  }
  const type = typeInTheWay(catalog, place.schema, name);
  if (type !== null) return type;
  const sequence = emptyRelation(catalog.nextId, place.schema, name.name, "sequence");
  return applied(
    withRelation(withoutNamesake(catalog, place.schema, name.name), {
      ...sequence,
      origin: originHere(context, name.range),
    }),
  );
}
