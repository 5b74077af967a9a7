/** What the functions that a statement calls do to the catalog: those of the schemes, and those that nobody can read. */

import { type Catalog, findRelation, relationById, withRelation, withUnknownChanges } from "../../catalog/catalog.ts";
import { functionsNamed } from "../../catalog/values/builtins.ts";
import type { FunctionCall } from "../../syntax/expression.ts";
import { unquoteIdentifier } from "../../syntax/names.ts";
import { applied } from "../outcome.ts";
import { descendantsOf } from "../relations/descendants.ts";
import { applySetConfig } from "../relations/settings.ts";
import type { ApplyContext, Outcome } from "../scheme.ts";

/** Applies a call of one of a scheme's functions, or returns null for one that is not its business. */
export type ApplyCall = (catalog: Catalog, call: FunctionCall, context: ApplyContext) => Outcome | null;

/** The schemes that know functions, in the order in which they are asked. */
const callers: readonly ApplyCall[] = [];

/** What one call does. A function that may change the schema, in ways that cannot be read, taints what it is told of. */
export function applyCall(catalog: Catalog, call: FunctionCall, context: ApplyContext): Outcome {
  for (const caller of callers) {
    const outcome = caller(catalog, call, context);
    if (outcome !== null) return outcome;
  }
  const configured = applySetConfig(catalog, call);
  if (configured !== null) return applied(configured);
  if (isHarmless(catalog, call)) return applied(catalog);
  const name = call.name.join(".");
  return applied(tainted(catalog, call), `what function "${name}" does to the schema is not known`);
}

/** Whether a call certainly changes nothing of the schema. */
export function isHarmless(catalog: Catalog, call: FunctionCall): boolean {
  const name = call.name.at(-1) ?? "";
  const schema = call.name.length > 1 ? call.name.at(-2) : undefined;
  if (schema === "pg_catalog") return true;
  const own = catalog.functions.get(name);
  if (own !== undefined) return own.changesSchema === false || own.volatility !== "volatile";
  return schema === undefined && (functionsNamed(name).length > 0 || sqlConstructs.has(name));
}

const sqlConstructs: ReadonlySet<string> = new Set(["coalesce", "greatest", "least", "nullif", "extract", "overlay"]);

/** The relations named by the call's string arguments are no longer known for sure, nor is what else exists. */
function tainted(catalog: Catalog, call: FunctionCall): Catalog {
  let next = withUnknownChanges(catalog);
  for (const argument of call.arguments) {
    const operand = argument.value.kind === "cast" ? argument.value.operand : argument.value;
    if (operand.kind !== "constant" || operand.value.type !== "string") continue;
    const parts = operand.value.text.match(/"(?:[^"]|"")*"|[^.]+/g)?.map((part) => unquoteIdentifier(part)) ?? [];
    const relation = findRelation(next, { schema: parts.at(-2) ?? null, name: parts.at(-1) ?? "" });
    if (relation === null) continue;
    for (const { id } of [relation, ...descendantsOf(next, relation)]) {
      const current = relationById(next, id);
      if (current?.knowledge === "full") next = withRelation(next, { ...current, knowledge: "tainted" });
    }
  }
  return next;
}
