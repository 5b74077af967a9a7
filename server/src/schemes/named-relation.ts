/** The relation that a text names, as the input of `regclass` reads it. */

import { type Catalog, findRelation } from "../catalog/catalog.ts";
import type { Relation } from "../catalog/relation.ts";
import type { Value } from "../catalog/value.ts";
import { unquoteIdentifier } from "../syntax/names.ts";

/** Schema (null where none is written) and name in a text such as `public.t` or `"S".t`; null where it is no such name. */
export function readRelationName(text: string): { readonly schema: string | null; readonly name: string } | null {
  const parts = /^\s*(?:("(?:[^"]|"")+"|[^\s".]+)\s*\.\s*)?("(?:[^"]|"")+"|[^\s".]+)\s*$/.exec(text);
  const name = parts?.[2];
  if (parts === null || name === undefined) return null;
  return { schema: parts[1] === undefined ? null : unquoteIdentifier(parts[1]), name: unquoteIdentifier(name) };
}

/** The relation of that name in the catalog; null where there is none, or where the text is no name. */
export function findNamed(catalog: Catalog, text: string): Relation | null {
  const name = readRelationName(text);
  return name === null ? null : findRelation(catalog, name);
}

interface Argument {
  /** null where it is not known. */
  readonly value: { readonly value: Value | null } | null;
}

/** The relations that the arguments of a call name, as `findNamed` finds them. */
export function allNamed(catalog: Catalog, given: readonly Argument[]): readonly Relation[] {
  return given.flatMap(({ value: known }) => {
    const value = known?.value ?? null;
    return value?.family === "text" ? (findNamed(catalog, value.value) ?? []) : [];
  });
}
