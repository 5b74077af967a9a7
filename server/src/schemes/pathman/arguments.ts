/** The arguments of a call as pg_pathman's functions want them. */

import { findRelation } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { displayName, lookUpRelation } from "../../effects/relations/lookup.ts";
import type { BoundCall, ExtensionWork } from "../extension.ts";
import { readRelationName } from "../named-relation.ts";
import { invalid } from "./errors.ts";
import type { Typed } from "./typed.ts";

/** The value of an argument, null for NULL. Ends the call where it is no constant. */
export function argumentValue(call: BoundCall, work: ExtensionWork, name: string): Value | null {
  const value = call.arguments.get(name);
  return value === undefined ? work.decline(`the argument ${name} is no constant`) : value;
}

/** The same with its type; null for NULL. */
export function typedValueOf(call: BoundCall, work: ExtensionWork, name: string): Typed | null {
  const value = argumentValue(call, work, name);
  const type = call.types.get(name) ?? null;
  if (value === null) return null;
  return type === null ? work.decline(`the type of the argument ${name} is not known`) : { value, type };
}

export function textOf(call: BoundCall, work: ExtensionWork, name: string): string | null {
  const value = argumentValue(call, work, name);
  if (value === null) return null;
  return value.family === "text" ? value.value : work.decline(`the argument ${name} is no text`);
}

export function booleanOf(call: BoundCall, work: ExtensionWork, name: string): boolean | null {
  const value = argumentValue(call, work, name);
  return value?.family === "boolean" ? value.value : null;
}

export function integerOf(call: BoundCall, work: ExtensionWork, name: string): number | null {
  const value = argumentValue(call, work, name);
  return value?.family === "integer" ? Number(value.value) : null;
}

/** Texts of an array; null for NULL. */
export function textsOf(call: BoundCall, work: ExtensionWork, name: string): readonly string[] | null {
  const value = argumentValue(call, work, name);
  if (value?.family !== "array") return null;
  return value.elements.map((element) =>
    element?.family === "text" ? element.value : work.decline(`the argument ${name} has elements that are no texts`),
  );
}

/** The relation that an argument names. NULL is refused as `validate_relname` does. */
export function relationOf(call: BoundCall, work: ExtensionWork, name: string): Relation {
  const text = textOf(call, work, name);
  return text === null
    ? invalid(work, "relation should not be NULL", { detail: "function validate_relname received NULL argument" })
    : relationNamed(work, text);
}

/** The relation that a text names, as a cast to `regclass` finds it. Ends the call where there is none, or none is known. */
export function relationNamed(work: ExtensionWork, text: string): Relation {
  const name = readRelationName(text);
  if (name === null) return work.decline(`"${text}" is not read as a name`);
  const found = lookUpRelation(work.catalog, name);
  if (found.kind === "found") return found.relation;
  if (found.kind === "unknown") return work.decline(`whether there is a relation "${displayName(name)}" is not known`);
  return work.refuse({ sqlstate: "42P01", message: `relation "${displayName(name)}" does not exist` });
}

/** The relation as it is now that the call has got so far; the one given where it is gone. */
export function current(work: ExtensionWork, relation: Relation): Relation {
  return work.catalog.relations.get(relation.id) ?? findRelation(work.catalog, relation) ?? relation;
}
