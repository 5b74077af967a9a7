/** The type that a call of a function of the script gives. */

import type { Catalog } from "../catalog.ts";
import type { DataType } from "../data-type.ts";
import { builtinType, functionsNamed } from "./builtins.ts";
import { resolveType } from "./types.ts";

/** null where another function of the name may be meant, or where the arguments decide. */
export function resultOfUser(catalog: Catalog, name: string): DataType | null {
  const user = catalog.functions.get(name);
  const isOnly = user?.overloaded !== true && functionsNamed(name).length === 0;
  if (user?.returns == null || !isOnly) return null;
  const type = resolveType(catalog, user.returns);
  const innermost = type.kind === "array" ? type.element : type;
  return innermost.kind === "base" && builtinType(innermost.name)?.kind === "pseudo" ? null : type;
}
