/** Types and collations that certainly do not exist. */

import type { TypeName } from "../../syntax/expression.ts";
import { type Catalog, knowsEveryObject, nameKey } from "../catalog.ts";
import { problem, type ValueProblem } from "./result.ts";
import { resolveType } from "./types.ts";

/** PostgreSQL's refusal (42704) of a type that neither it, nor an extension, nor the database can bring; else null. */
export function absentType(catalog: Catalog, typeName: TypeName): ValueProblem | null {
  const type = resolveType(catalog, typeName);
  const innermost = type.kind === "array" ? type.element : type;
  if (innermost.kind !== "unknown") return null;
  // A type whose definition could not be read is in the catalog as it is.
  const registered = innermost.schema !== null && catalog.types.has(nameKey(innermost.schema, innermost.name));
  if (registered || !knowsEveryObject(catalog) || mayBeSystemName(typeName.names)) return null;
  const shown = `${typeName.names.join(".")}${"[]".repeat(typeName.arrayDimensions)}`;
  return problem("42704", `type "${shown}" does not exist`);
}

/** The refusal (42704) of a collation that is neither PostgreSQL's own nor named as operating systems and ICU name theirs. */
export function absentCollation(catalog: Catalog, names: readonly string[]): ValueProblem | null {
  if (isServerCollation(names.at(-1) ?? "") || !knowsEveryObject(catalog)) return null;
  return problem("42704", `collation "${names.join(".")}" for encoding "UTF8" does not exist`);
}

/** Whether a collation may be one that a server brings. */
export function isServerCollation(name: string): boolean {
  return isDeterministic(name) || /^[a-z]{2,3}(_[A-Z]{2})?(\.[\w-]+)?(@\w+)?$/i.test(name);
}

/** Whether different texts are never equal under the collation: those that servers bring are so, and a user's `ci` is named as these may be. */
export function isDeterministic(name: string): boolean {
  const own = ["default", "C", "POSIX", "ucs_basic", "unicode", "pg_c_utf8", "pg_unicode_fast"];
  return own.includes(name) || /-x-icu$/.test(name) || /^[a-z]{2,3}_[A-Z]{2}(\.[\w-]+)?$/.test(name);
}

function mayBeSystemName(names: readonly string[]): boolean {
  const [name = "", schema] = [...names].reverse();
  if (schema === undefined) return name.startsWith("pg_");
  return schema === "pg_catalog" || schema === "information_schema" || schema.startsWith("pg_toast");
}
