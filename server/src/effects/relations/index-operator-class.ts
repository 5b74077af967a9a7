/** The operator classes of indexes: those that are named, and the defaults that types have. */

import { type Catalog, knowsEveryObject } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { IndexDefinition, IndexItem } from "../../catalog/relation.ts";
import { defaultOperatorClass, operatorClass } from "../../catalog/values/builtins.ts";
import { acceptsType, hasDefaultClassOf } from "../../catalog/values/operator-classes.ts";
import { formatTypeName } from "../../catalog/values/types.ts";
import { type ApplyContext, type Refusal, rejected } from "../outcome.ts";
import { hasOwnDefaultClass, hasOwnOperatorClass } from "./operator-classes.ts";

/** PostgreSQL's own access methods for indexes. */
export const knownMethods: ReadonlySet<string> = new Set(["btree", "hash", "gist", "gin", "spgist", "brin"]);

/** `ResolveOpClass`: whether the access method has the class that is named, or one for the type. */
export function wrongOperatorClass(
  item: IndexItem,
  type: DataType | null,
  definition: IndexDefinition,
  catalog: Catalog,
  context: ApplyContext,
): Refusal | null {
  const { method, range } = definition;
  if (!knownMethods.has(method) || type === null) return null;
  const shown = formatTypeName(type, catalog.settings.searchPath);
  if (item.operatorClass === null) {
    const has =
      method === "btree" || method === "hash"
        ? defaultOperatorClass(method, type) !== null
        : hasDefaultClassOf(method, type) !== false;
    if (has || hasOwnDefaultClass(catalog, method) || (method !== "btree" && !knowsEveryObject(catalog))) return null;
    // Before 14 records could not be hashed; that they can is not worth a claim.
    if (method === "hash" && context.version < 14) return null;
    return rejected(
      "statement-rejected",
      "42704",
      `data type ${shown} has no default operator class for access method "${method}"`,
      range,
      {
        hint: "You must specify an operator class for the index or define a default operator class for the data type.",
      },
    );
  }
  if (method !== "btree" && method !== "hash") return null;
  const written = item.operatorClass.join(".");
  const known = operatorClass(method, item.operatorClass.at(-1) ?? "");
  if (known === null) {
    if (!knowsEveryObject(catalog) || hasOwnOperatorClass(catalog, method, item.operatorClass.at(-1) ?? ""))
      return null;
    const message = `operator class "${written}" does not exist for access method "${method}"`;
    return rejected("statement-rejected", "42704", message, range);
  }
  if (acceptsType(known, type) !== false) return null;
  return rejected(
    "statement-rejected",
    "42804",
    `operator class "${written}" does not accept data type ${shown}`,
    range,
  );
}
