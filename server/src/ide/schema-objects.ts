/** What of a schema the embedded PostgreSQL has to be told though it is no table: functions, types, operators, casts. */

import type { Catalog } from "../catalog/catalog.ts";
import { sameRelation } from "../catalog/patch.ts";
import { functionsNamed } from "../catalog/values/builtins.ts";
import { catalogsOfRun, type Step } from "../replay/step.ts";
import { changesNoSchema, isWithoutPlan } from "../syntax/commands.ts";
import { tokenize } from "../syntax/lexer.ts";
import { unquoteIdentifier } from "../syntax/names.ts";
import type { ObjectType, Statement } from "../syntax/statement.ts";

/** Whether a query behind the statement may have another plan than in front of it. */
export function mattersToPlans(step: Step): boolean {
  const { statement } = step.statement;
  // Of most it is told without the catalogs, which are made when asked for.
  if (changesPlans(statement)) return true;
  const { before, after } = catalogsOfRun(step);
  const isOther =
    statement.kind === "transaction" ? hasOtherRelations(before, after) : before.relations !== after.relations;
  if (isOther || before.types !== after.types) return true;
  if (statement.kind === "do" && step.declined.length > 0) return true;
  if (workOfTheSession.has(statement.kind))
    return before.code !== after.code || before.operatorClasses !== after.operatorClasses;
  return statement.kind === "transaction";
}

function changesPlans(statement: Statement): boolean {
  if (statement.kind === "transaction" || workOfTheSession.has(statement.kind)) return false;
  return statement.kind !== "other" || !isWithoutPlan(statement.tag);
}

/**
 * Whether relations are others behind a statement. What a rollback brings back, and what was kept over an edit, are other objects
 * that say the same.
 */
export function hasOtherRelations(before: Catalog, after: Catalog): boolean {
  const ids = after.relations.differences(before.relations, mostCompared);
  return ids === null || [...ids].some((id) => !sameRelation(before, after, id));
}

/** Of more than these some are taken to be others. */
const mostCompared = 10_000;

/** Whether a statement says what there is, and neither what rows there are nor how the session works. */
export function isDefinition({ statement: { statement, masked } }: Step): boolean {
  if (masked || (statement.kind === "other" && changesNoSchema(statement.tag))) return false;
  return !workOfTheSession.has(statement.kind);
}

/**
 * The names, without schemas, of what a statement makes or changes that is no table: functions, types, operators, views. Of statements
 * that do not say it plainly all such names of the catalog that stand in the text, which may be too many.
 */
export function objectsChangedBy(step: Step, text: string): readonly string[] {
  const { before, after } = catalogsOfRun(step);
  const { statement } = step.statement;
  switch (statement.kind) {
    case "create-function":
    case "create-type":
    case "alter-enum":
    case "create-view":
      return [statement.name.name];
    case "rename":
      return relationTypes.has(statement.objectType) ? [] : [statement.relation.name, statement.newName.name];
    case "set-schema":
      return relationTypes.has(statement.objectType) ? [] : [statement.relation.name];
    case "drop":
      return relationTypes.has(statement.objectType)
        ? []
        : [...statement.names.map(({ name }) => name), ...objectsIn(text, before)];
    case "create-operator-class":
    case "other":
      return objectsIn(text, before);
    default:
      return workOfTheSession.has(statement.kind) ? changedNames(before.code, after.code) : [];
  }
}

/** Whether nothing that stands in front of the statement can have meant what it makes. */
export function makesOnlyNew({ before, statement: { statement } }: Step): boolean {
  // Of a view that replaces another the tables tell.
  if (statement.kind === "create-type" || statement.kind === "create-view") return true;
  if (statement.kind !== "create-function") return false;
  const { name } = statement.name;
  return !before.code.has(`function ${name}`) && functionsNamed(name).length === 0;
}

/** What is told by tables and their roots. */
const relationTypes: ReadonlySet<ObjectType> = new Set<ObjectType>([
  "table",
  "foreign-table",
  "index",
  "view",
  "materialized-view",
  "sequence",
  "trigger",
  "rule",
]);

const workOfTheSession: ReadonlySet<Statement["kind"]> = new Set<Statement["kind"]>([
  "call-procedure",
  "connect",
  "copy",
  "deallocate",
  "do",
  "execute",
  "invalid",
  "psql",
  "query",
  "set",
  "transaction",
  "truncate",
]);

/** The names of the catalog's functions, operators and types that stand in the text. */
function objectsIn(text: string, { code, types }: Catalog): readonly string[] {
  const typeNames = namesOfTypes(types);
  const names = new Set<string>();
  for (const { kind, start, end } of tokenize(text)) {
    const token = text.slice(start, end);
    const isName = kind === "word" || kind === "quoted-identifier";
    const name = isName ? unquoteIdentifier(token) : token;
    if (
      isName ? code.has(`function ${name}`) || typeNames.has(name) : kind === "operator" && code.has(`operator ${name}`)
    )
      names.add(name);
  }
  return [...names];
}

function namesOfTypes(types: Catalog["types"]): ReadonlySet<string> {
  const known = typeNamesOf.get(types);
  if (known !== undefined) return known;
  const names = new Set<string>();
  for (const key of types.keys()) names.add(key.slice(key.indexOf("\0") + 1));
  typeNamesOf.set(types, names);
  return names;
}

const typeNamesOf = new WeakMap<Catalog["types"], ReadonlySet<string>>();

/** The names in the keys of `code` whose values differ. */
function changedNames(before: Catalog["code"], after: Catalog["code"]): readonly string[] {
  if (before === after) return [];
  const keys = [...after.keys(), ...before.keys()].filter((key) => before.get(key) !== after.get(key));
  return [...new Set(keys.map((key) => key.slice(key.indexOf(" ") + 1)))];
}
