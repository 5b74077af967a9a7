/** What may go along with types, functions and schemas that are dropped: whatever is not known to be free of them. */

import { ownExpressions } from "../../catalog/attached-code.ts";
import { type Catalog, nameKey, withUnknownChanges } from "../../catalog/catalog.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";
import { functionsNamed, isBuiltinType, operatorsNamed } from "../../catalog/values/builtins.ts";
import type { Uses } from "../../syntax/uses.ts";
import { applied, type Outcome } from "../outcome.ts";
import { viewsOn } from "../queries/columns-read.ts";
import { isKnownHarmless, isKnownOperator } from "../running/known-functions.ts";
import { taintAll, taintRelations } from "../taint.ts";
import { deletionOf } from "./dependencies.ts";

/** What is dropped with CASCADE. */
export interface Dropped {
  /** Names without schema, as expressions are known to use them. */
  readonly types: ReadonlySet<string>;
  readonly functions: ReadonlySet<string>;
  readonly schemas: ReadonlySet<string>;
}

/** All that is dropped, with what goes along that is no relation. */
interface Going extends Dropped {
  readonly operators: ReadonlySet<string>;
  /** Domains that a condition or default of theirs may leave. */
  readonly domains: ReadonlySet<string>;
  /** Something that nothing names, a cast, may go: anything may have used it. */
  readonly anything: boolean;
}

/** The relations with an expression that may use what is dropped. */
export function perhapsUsing(catalog: Catalog, dropped: Dropped): readonly Relation[] {
  const going = goingWith(catalog, dropped);
  return [...catalog.relations.values()].filter((relation) => mayUse(catalog, relation, going));
}

/** The catalog in which all that may have gone along with what is dropped is in doubt. */
export function withPerhapsGone(catalog: Catalog, dropped: Dropped): Outcome {
  const going = goingWith(catalog, dropped);
  const note = "what else goes along with CASCADE is not known";
  if (going.anything) return applied(taintAll(catalog), note);
  const using = [...catalog.relations.values()].filter((relation) => mayUse(catalog, relation, going));
  const next = withoutCertainty(catalog, going);
  if (using.length === 0) return next === catalog ? applied(catalog) : applied(next, note);
  const touched = new Set(using.flatMap((relation) => touchedBy(catalog, relation)));
  const relations = [...touched].map((id) => catalog.relations.get(id)).filter((relation) => relation !== undefined);
  return applied(taintRelations(next, relations), note);
}

/** Those relations whose rows a function, an operator, a cast or a domain takes or gives: it goes along, and so does what uses it. */
export function namesInCode({ functions, code }: Catalog, going: readonly Relation[]): ReadonlySet<string> {
  if (functions.size + code.size === 0) return new Set();
  const used = new Set<string>();
  for (const { needs } of functions.values()) for (const name of needs ?? []) used.add(name);
  for (const stored of code.values())
    for (const each of stored) for (const name of each.code.uses.types) used.add(name);
  return new Set(going.flatMap(({ name, kind }) => (kind !== "sequence" && used.has(name) ? [name] : [])));
}

/** Further rounds would be chains of functions that take the types of others; beyond, anything may go. */
const mostRounds = 50;

function goingWith(catalog: Catalog, dropped: Dropped): Going {
  const types = new Set(dropped.types);
  const functions = new Set(dropped.functions);
  const operators = new Set<string>();
  const domains = new Set<string>();
  let anything = false;
  const size = (): number => types.size + functions.size + operators.size;
  const uses = (used: Uses): boolean =>
    used.types.some((name) => types.has(name)) ||
    used.calls.some((name) => functions.has(name.at(-1) ?? "")) ||
    used.operators.some((name) => operators.has(name));
  const ranges = new Set([...catalog.types.values()].flatMap((type) => (type.kind === "unknown" ? [type.name] : [])));
  let before = -1;
  for (let round = 0; size() > before; round += 1) {
    if (round === mostRounds) return { ...dropped, types, functions, operators, domains, anything: true };
    before = size();
    for (const [name, { needs }] of catalog.functions.entries()) {
      if (functions.has(name) || needs?.some((each) => types.has(each) || functions.has(each)) !== true) continue;
      functions.add(name);
      // The constructor of a range type over such a type.
      if (ranges.has(name)) types.add(name);
    }
    for (const [key, stored] of catalog.code.entries()) {
      if (key.startsWith("function ") || !stored.some(({ code }) => uses(code.uses))) continue;
      const name = key.slice(key.indexOf(" ") + 1);
      if (key.startsWith("operator ")) operators.add(name);
      else if (key.startsWith("type ")) domains.add(name);
      else if (key === "ambient") anything = true;
    }
  }
  return { ...dropped, types, functions, operators, domains, anything };
}

/** The catalog in which functions and types that may have gone are neither there nor missing, and domains may have lost conditions. */
function withoutCertainty(catalog: Catalog, { types: gone, functions: calls, domains }: Going): Catalog {
  const functions = [...calls].filter((name) => catalog.functions.has(name));
  const names = [...catalog.types.entries()].filter(([, type]) => type.kind === "unknown" && gone.has(type.name));
  let { types } = catalog;
  for (const [key, type] of names.length + domains.size === 0 ? [] : catalog.types.entries()) {
    if (type.kind !== "domain" || !domains.has(type.name)) continue;
    types = types.with(key, { ...type, checks: null, checkNames: undefined, default: null }, true);
  }
  if (functions.length + names.length === 0) return types === catalog.types ? catalog : { ...catalog, types };
  return {
    ...(names.length === 0 ? catalog : withUnknownChanges(catalog)),
    types: types.withoutKeys(names.map(([key]) => key)),
    functions: functions.reduce((rest, name) => rest.without(name), catalog.functions),
    hasUnkeptObjects: true,
  };
}

function mayUse(catalog: Catalog, relation: Relation, going: Going): boolean {
  const uses = (used: Uses): boolean => usesGoing(catalog, used, going);
  const isOpen =
    relation.columns.some(
      ({ type, generated, default: expression }) =>
        (generated !== null && expression === undefined) || (type.kind === "unknown" && going.types.has(type.name)),
    ) || relation.constraints.some(({ type, expression }) => type === "check" && expression === null);
  const code = relation.code ?? [];
  const isUnreadView =
    (relation.kind === "view" || relation.kind === "materialized-view") && !code.some(({ kind }) => kind === "view");
  return (
    isOpen ||
    isUnreadView ||
    uses(ownExpressions(relation, catalog.code)) ||
    code.some((each) => uses(each.uses)) ||
    relation.triggers.some(
      (trigger) =>
        isGoingCall(catalog, [trigger.function ?? ""], going) || (trigger.uses !== undefined && uses(trigger.uses)),
    ) ||
    (going.schemas.size > 0 && (mayHaveOwnClass(catalog, relation) || mayHaveOwnCollation(catalog, relation)))
  );
}

function usesGoing(catalog: Catalog, { calls, types, operators }: Uses, going: Going): boolean {
  return (
    calls.some((name) => isGoingCall(catalog, name, going)) ||
    types.some((name) => isGoingType(catalog, name, going)) ||
    operators.some((name) => isGoingOperator(catalog, name, going))
  );
}

function isGoingCall(catalog: Catalog, name: readonly string[], { functions, schemas }: Going): boolean {
  const last = name.at(-1) ?? "";
  const schema = name.length > 1 ? name.at(-2) : undefined;
  if (schema === "pg_catalog") return false;
  if (functions.has(last) || (schema !== undefined && schemas.has(schema))) return true;
  const known = catalog.functions.get(last);
  if (known === undefined) {
    if (catalog.code.has(`function ${last}`)) return true;
    return functionsNamed(last).length === 0 && !isBuiltinType(last) && !isKnownHarmless(catalog, last);
  }
  if (schema !== undefined || schemas.size === 0) return false;
  return known.routines === undefined || known.routines.some((routine) => schemas.has(routine.schema));
}

function isGoingType(catalog: Catalog, name: string, { types }: Going): boolean {
  if (types.has(name)) return true;
  if (isBuiltinType(name)) return false;
  return ![...catalog.schemas.keys()].some((schema) => {
    const key = nameKey(schema, name);
    return catalog.types.has(key) || catalog.names.has(key);
  });
}

function isGoingOperator(catalog: Catalog, name: string, { operators, schemas }: Going): boolean {
  if (operators.has(name)) return true;
  if (catalog.code.has(`operator ${name}`)) return schemas.size > 0;
  return operatorsNamed(name === "!=" ? "<>" : name).length === 0 && !isKnownOperator(name);
}

/** Whether an index or a key is made with an operator class of the script. */
function mayHaveOwnClass({ operatorClasses }: Catalog, { index, partitioning }: Relation): boolean {
  if (operatorClasses.size === 0) return false;
  const isKey = partitioning?.key.elements.some(({ operatorClass }) => operatorClass !== null) === true;
  return isKey || index?.definition?.items.some(({ operatorClass }) => operatorClass !== null) === true;
}

/** Whether a collation stands in it that may be one of the script, of which nothing is kept. */
function mayHaveOwnCollation({ hasUnkeptObjects }: Catalog, relation: Relation): boolean {
  if (hasUnkeptObjects !== true) return false;
  const { columns, constraints, partitioning, index, view } = relation;
  return (
    columns.some(({ collation, type }) => isOwnCollation(collation) || type.kind === "domain") ||
    partitioning?.key.elements.some(({ collation }) => isOwnCollation(collation)) === true ||
    index?.definition?.items.some(({ collation }) => isOwnCollation(collation?.at(-1) ?? null)) === true ||
    mentionsCollation([
      columns.map((column) => column.default),
      constraints.map(({ expression }) => expression),
      partitioning?.key.elements.map(({ expression }) => expression),
      index?.definition,
      view?.query,
    ])
  );
}

function isOwnCollation(name: string | null): boolean {
  return name !== null && !ownOfPostgres.test(name);
}

const ownOfPostgres = /^(?:default|C|POSIX|C\.utf-?8|ucs_basic|unicode|pg_c_utf8|pg_unicode_fast|.*-x-icu)$/i;

/** Whether plain data holds a COLLATE, however deep. */
function mentionsCollation(data: unknown): boolean {
  if (Array.isArray(data)) return data.some(mentionsCollation);
  if (typeof data !== "object" || data === null) return false;
  const { kind, collation } = data as { readonly kind?: unknown; readonly collation?: unknown };
  if (kind === "collate" && Array.isArray(collation) && isOwnCollation(String(collation.at(-1)))) return true;
  return Object.values(data).some(mentionsCollation);
}

/** What may go or change when expressions of the relation go: itself, its indexes, what reads a column that is computed. */
function touchedBy(catalog: Catalog, relation: Relation): readonly RelationId[] {
  const { id, index, indexes, columns, partitioning, kind } = relation;
  if (index !== null) {
    const isOfConstraint = catalog.relations.get(index.table)?.constraints.some((each) => each.index === id) === true;
    return isOfConstraint ? [id, index.table] : [id];
  }
  const mayGo = kind === "view" || kind === "materialized-view" || partitioning !== null;
  const computes = columns.some(({ generated }) => generated !== null);
  const going = mayGo ? [relation] : computes ? viewsOn(catalog, id) : [];
  const { relations, foreignKeys } = deletionOf(catalog, going);
  const ids = [id, ...relations, ...foreignKeys.map(({ table }) => table)];
  return [...ids, ...ids.flatMap((each) => catalog.relations.get(each)?.indexes ?? []), ...indexes];
}
