/** Calls of the script's own functions that none of them takes. */

import type { FunctionCall } from "../../syntax/expression.ts";
import { type Catalog, knowsEveryObject } from "../catalog.ts";
import type { DataType } from "../data-type.ts";
import { isInput, type Routine } from "../routine.ts";
import { builtinType, functionsNamed } from "./builtins.ts";
import { canCast } from "./cast.ts";
import { mayBeOther } from "./unlisted-functions.ts";

/** Whether a schema is known to be there, and to have no function but those that the script creates. */
export function lacksOthers(schema: string, catalog: Catalog, version: number): boolean {
  return schema !== "information_schema" && catalog.schemas.has(schema) && knowsEveryObject(catalog) && version <= 18;
}

/**
 * Whether the script has functions of the name and none takes such a call, whatever the search path: by the number of its
 * arguments, or because one of them has a type that nothing makes that of the parameter. An untyped literal has the type null.
 */
export function fitsNone(
  call: FunctionCall,
  types: readonly (DataType | null)[],
  catalog: Catalog,
  version: number,
): boolean {
  if (!knowsEveryObject(catalog) || version > 18 || !fitsNoneShown(call, types, catalog)) return false;
  const [, schema] = [...call.name].reverse();
  return schema === undefined || lacksOthers(schema, catalog, version);
}

/** The same of those that the script shows; where not all there may be are shown, another may take it. */
export function fitsNoneShown(call: FunctionCall, types: readonly (DataType | null)[], catalog: Catalog): boolean {
  const [name = "", schema, ...more] = [...call.name].reverse();
  const routines = catalog.functions.get(name)?.routines;
  if (routines === undefined || more.length > 0) return false;
  const isPlain = !call.star && !call.aggregateSyntax && call.window === null && !call.distinct;
  if (!isPlain || call.arguments.some((argument) => argument.name !== undefined || argument.variadic)) return false;
  if (schema === undefined ? functionsNamed(name).length > 0 : schema === "pg_catalog") return false;
  if (mayBeOther(call, types, catalog)) return false;
  return !routines.some((routine) => (schema ?? routine.schema) === routine.schema && takes(routine, types));
}

/** Whether PostgreSQL may bring arguments of these types to the parameters. */
function takes({ parameters, procedure }: Routine, types: readonly (DataType | null)[]): boolean {
  // Of a procedure PostgreSQL says other things.
  if (procedure) return true;
  const inputs = parameters.filter(isInput);
  const needed = inputs.filter((parameter) => parameter.default === null).length;
  if (types.length < needed) return false;
  if (inputs.at(-1)?.mode === "variadic") return true;
  if (types.length > inputs.length) return false;
  return types.every((type, index) => {
    const to = inputs[index]?.type;
    if (type === null || to?.kind !== "base" || builtinType(to.name)?.kind !== "base") return true;
    return canCast(type, to, "implicit") !== false;
  });
}
