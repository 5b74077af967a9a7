/** Which operator classes an access method has for which types. */

import type { DataType } from "../data-type.ts";
import { builtinType, builtinTypeName, castBetween, type OperatorClass } from "./builtins.ts";
import { baseType } from "./types.ts";

/** Whether an operator class takes a type: `IsBinaryCoercible` to the class's own type. null where it cannot be told. */
export function acceptsType(operatorClass: OperatorClass, type: DataType): boolean | null {
  const base = baseType(type);
  const wanted = operatorClass.type;
  switch (wanted) {
    case "anyarray":
      return base.kind === "unknown" ? null : base.kind === "array" || ["int2vector", "oidvector"].includes(name(base));
    case "anyenum":
      return base.kind === "unknown" ? null : base.kind === "enum";
    case "record":
      return base.kind === "unknown" ? null : base.kind === "composite";
    case "anyrange":
    case "anymultirange": {
      if (base.kind === "unknown") return null;
      return builtinType(name(base))?.kind === (wanted === "anyrange" ? "range" : "multirange");
    }
  }
  if (base.kind === "unknown") return null;
  const own = builtinTypeName(base);
  if (own === null) return false;
  if (own === wanted) return true;
  const cast = castBetween(own, wanted);
  return cast !== null && cast.method === "binary" && cast.level === "implicit";
}

/**
 * Whether an access method other than btree and hash has a default operator class for a type, without extensions: null
 * where it cannot be told.
 */
export function hasDefaultClassOf(method: string, type: DataType): boolean | null {
  const base = baseType(type);
  if (base.kind === "unknown") return null;
  const kind = base.kind === "base" ? builtinType(base.name)?.kind : undefined;
  switch (method) {
    case "gin":
      return base.kind === "array" || ["jsonb", "tsvector"].includes(name(base));
    case "gist":
      return kind === "range" || kind === "multirange" || gistTypes.has(name(base));
    case "spgist":
      return kind === "range" || spgistTypes.has(name(base));
    default:
      return null;
  }
}

function name(type: DataType): string {
  return type.kind === "base" ? type.name : "";
}

const gistTypes: ReadonlySet<string> = new Set(["box", "circle", "point", "polygon", "tsquery", "tsvector"]);
// varchar is text under another name.
const spgistTypes: ReadonlySet<string> = new Set(["box", "point", "polygon", "text", "varchar", "inet", "cidr"]);
