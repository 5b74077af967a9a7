/** Whether two values of a catalog say the same, also where they were made by two runs of the same statement. */

import { IdMap } from "./id-map.ts";
import { NamedList } from "./named-list.ts";

/** Parts of larger values are not compared: they count as different. */
const mostParts = 20_000;

/** false where it is not known. What is absent and what is undefined are the same. */
export function sameValue(a: unknown, b: unknown): boolean {
  return sameWithin(a, b, { left: mostParts });
}

function sameWithin(a: unknown, b: unknown, budget: { left: number }): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null || budget.left-- <= 0) return false;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((part, index) => sameWithin(part, b[index], budget));
  if (a instanceof IdMap) return b instanceof IdMap && a.differences(b, 0) !== null;
  if (a instanceof NamedList)
    return b instanceof NamedList && a.length === b.length && sameWithin([...a], [...b], budget);
  if (a instanceof Set) return b instanceof Set && a.size === b.size && [...a].every((part) => b.has(part));
  if (a instanceof Map)
    return (
      b instanceof Map &&
      a.size === b.size &&
      [...a].every(([name, part]) => b.has(name) && sameWithin(part, b.get(name), budget))
    );
  if (!isPlain(a) || !isPlain(b)) return false;
  return sameFields(a, b, [], budget);
}

/** The same of two objects of named parts, but for the parts `apart`. */
export function sameBut(a: object, b: object, ...apart: readonly string[]): boolean {
  return sameFields(a as Fields, b as Fields, apart, { left: mostParts });
}

type Fields = Readonly<Record<string, unknown>>;

function sameFields(a: Fields, b: Fields, apart: readonly string[], budget: { left: number }): boolean {
  for (const name in a) if (!apart.includes(name) && !sameWithin(a[name], b[name], budget)) return false;
  for (const name in b) if (!apart.includes(name) && b[name] !== undefined && !(name in a)) return false;
  return true;
}

function isPlain(value: object): value is Fields {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
