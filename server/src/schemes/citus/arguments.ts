/** The arguments of a call as Citus takes them: tables, texts, numbers; what is no constant ends the call undecided. */

import type { Relation } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import type { IntervalValue } from "../../catalog/values/interval.ts";
import { lookUpRelation } from "../../effects/relations/lookup.ts";
import type { BoundCall, ExtensionWork } from "../extension.ts";
import { readRelationName } from "../named-relation.ts";
import type { Change, Colocation } from "./distribute.ts";
import type { Fault } from "./fault.ts";

/** A table that a call names; null for NULL. Ends the call where no such relation exists, or where it is not known for sure. */
export function tableArgument(call: BoundCall, name: string, work: ExtensionWork): Relation | null {
  const text = textArgument(call, name, work);
  if (text === null) return null;
  const found = findTable(text, work);
  if ("sqlstate" in found) return work.refuse(found);
  if (found.knowledge !== "full") return work.decline(`"${found.name}" is not created here, or not known for sure`);
  return found;
}

function findTable(text: string, work: ExtensionWork): Relation | Fault {
  const name = readRelationName(text);
  if (name === null) return work.decline(`"${text}" is no name of a relation`);
  const found = lookUpRelation(work.catalog, name);
  if (found.kind === "found") return found.relation;
  if (found.kind === "unknown") return work.decline(`"${text}" is not known`);
  const shown = name.schema === null ? name.name : `${name.schema}.${name.name}`;
  if (name.schema !== null && !work.catalog.schemas.has(name.schema))
    return { sqlstate: "3F000", message: `schema "${name.schema}" does not exist` };
  return { sqlstate: "42P01", message: `relation "${shown}" does not exist` };
}

/** `colocate_with`; null for NULL. */
export function colocationArgument(call: BoundCall, work: ExtensionWork): Colocation | null {
  const text = textArgument(call, "colocate_with", work);
  if (text === null) return null;
  const word = text.toLowerCase();
  if (word === "default" || word === "none") return { kind: word };
  const found = findTable(text, work);
  if ("sqlstate" in found) return { kind: "missing", fault: found };
  if (found.knowledge !== "full") return work.decline(`"${found.name}" is not created here, or not known for sure`);
  return { kind: "table", table: found };
}

/** A text, or the text of a name; null for NULL. */
export function textArgument(call: BoundCall, name: string, work: ExtensionWork): string | null {
  const value = known(call, name, work);
  if (value === null) return null;
  return value.family === "text" ? value.value : work.decline(`what "${name}" is, is not known`);
}

export function integerArgument(call: BoundCall, name: string, work: ExtensionWork): number | null {
  const value = known(call, name, work);
  if (value === null) return null;
  return value.family === "integer" ? Number(value.value) : work.decline(`what "${name}" is, is not known`);
}

export function booleanArgument(call: BoundCall, name: string, work: ExtensionWork): boolean | null {
  const value = known(call, name, work);
  if (value === null) return null;
  return value.family === "boolean" ? value.value : work.decline(`what "${name}" is, is not known`);
}

export function intervalArgument(call: BoundCall, name: string, work: ExtensionWork): IntervalValue {
  const value = known(call, name, work);
  return value?.family === "interval" ? value : work.decline(`what "${name}" is, is not known`);
}

/** A moment in microseconds since 2000 (UTC). */
export function momentArgument(call: BoundCall, name: string, work: ExtensionWork): bigint {
  const value = known(call, name, work);
  return value?.family === "timestamp" && typeof value.micros === "bigint"
    ? value.micros
    : work.decline(`what "${name}" is, is not known`);
}

function known(call: BoundCall, name: string, work: ExtensionWork): Value | null {
  const value = call.arguments.get(name);
  return value === undefined ? work.decline(`"${name}" is no constant`) : value;
}

/** Takes over what a change leaves, or ends the call with its fault. */
export function take(change: Change, work: ExtensionWork): void {
  if (change.kind === "refused") work.refuse(change.fault);
  else work.catalog = change.catalog;
}
