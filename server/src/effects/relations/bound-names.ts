/** Relations that expressions name by constants: `nextval('s')`, `'t'::regclass`. They are bound when the expression is stored. */

import { type Catalog, findRelation, withRelation } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { RelationId } from "../../catalog/relation.ts";
import { functionsNamed } from "../../catalog/values/builtins.ts";
import type { Expression, FunctionCall } from "../../syntax/expression.ts";
import { insideOut } from "../../syntax/expression-walk.ts";
import { type RelationName, unquoteIdentifier } from "../../syntax/names.ts";
import type { Statement } from "../../syntax/statement.ts";
import { lookUpRelation } from "./lookup.ts";

/** The relations that the expressions name, each once; a name that is text only when they run (`'s'::text`) binds nothing. */
function relationsBound(catalog: Catalog, expressions: readonly Expression[]): readonly RelationId[] {
  const ids = new Set<RelationId>();
  for (const expression of expressions) {
    for (const part of insideOut(expression)) {
      for (const name of namesIn(catalog, part)) {
        const found = lookUpRelation(catalog, name);
        if (found.kind === "found") ids.add(found.relation.id);
      }
    }
  }
  return [...ids];
}

/** The same of the default of a column, where a text alone may be a name because of the column's type. */
export function relationsOfDefault(
  catalog: Catalog,
  expression: Expression | null | undefined,
  type: DataType,
): readonly RelationId[] {
  if (expression == null) return [];
  if (!(type.kind === "base" && type.name === "regclass")) return relationsBound(catalog, [expression]);
  return nameOf(expression).flatMap((name) => {
    const found = lookUpRelation(catalog, name);
    return found.kind === "found" ? [found.relation.id] : [];
  });
}

/** The same of the calls of a query. */
export function relationsBoundByCalls(catalog: Catalog, calls: readonly FunctionCall[]): readonly RelationId[] {
  return relationsBound(
    catalog,
    calls.filter((call) => call.arguments.some(({ value }) => isText(value) || value.kind === "cast")),
  );
}

function namesIn(catalog: Catalog, part: Expression): readonly RelationName[] {
  if (part.kind === "cast") return part.type.names.at(-1) === "regclass" ? nameOf(part.operand) : [];
  if (part.kind !== "call" || !isBuiltin(catalog, part)) return [];
  const texts = part.arguments.flatMap(({ value, name }, index) =>
    name === undefined && isText(value) ? [{ value, index }] : [],
  );
  if (texts.length === 0) return [];
  const candidates = functionsNamed(part.name.at(-1) ?? "").filter(
    (each) => each.arguments.length === part.arguments.length,
  );
  return texts.flatMap(({ value, index }) =>
    candidates.length > 0 && candidates.every((each) => each.arguments[index] === "regclass") ? nameOf(value) : [],
  );
}

/** One of the same name that the script has made may take a text. */
function isBuiltin(catalog: Catalog, { name }: FunctionCall): boolean {
  const schema = name.at(-2) ?? "pg_catalog";
  return schema === "pg_catalog" && (name.length > 1 || !catalog.functions.has(name.at(-1) ?? ""));
}

function isText(value: Expression): boolean {
  return value.kind === "constant" && value.value.type === "string";
}

function nameOf(operand: Expression): readonly RelationName[] {
  if (operand.kind !== "constant" || operand.value.type !== "string") return [];
  return namesOf(operand.value.text).map((name) => ({ ...name, only: false, range: operand.range }));
}

/** The name in a text, as the input of `regclass` reads it. */
function namesOf(text: string): readonly { readonly schema: string | null; readonly name: string }[] {
  const parts = text.match(/"(?:[^"]|"")*"|[^.\s]+/g)?.map((part) => unquoteIdentifier(part)) ?? [];
  const name = parts.at(-1);
  return name === undefined ? [] : [{ schema: parts.at(-2) ?? null, name }];
}

/** The catalog in which the relations that a rule, a trigger, a domain, a function, a CHECK or the window of a view names by constants are needed by something. */
export function withBoundElsewhere(catalog: Catalog, { kind }: Statement, text: string): Catalog {
  if (
    !bindingCalls.test(text) ||
    !(keepers.has(kind) || checks.test(text) || (viewKinds.has(kind) && windows.test(text)))
  )
    return catalog;
  let next = catalog;
  for (const [, literal = ""] of text.matchAll(/'((?:[^']|'')*)'/g)) {
    const [name] = namesOf(literal.replaceAll("''", "'"));
    const found = name === undefined ? null : findRelation(next, { schema: name.schema, name: name.name });
    if (found === null) continue;
    const mentionedBy = { words: found.mentionedBy?.words ?? new Set<string>(), elsewhere: true };
    next = withRelation(next, { ...found, mentionedBy });
  }
  return next;
}

const bindingCalls = /\b(?:nextval|currval|setval|regclass)\b/i;
const keepers: ReadonlySet<Statement["kind"]> = new Set([
  "create-rule",
  "create-trigger",
  "create-type",
  "create-function",
  "other",
]);
/** Of a view the rest of its query is read (`relationsBoundByCalls`). */
const viewKinds: ReadonlySet<Statement["kind"]> = new Set(["create-view", "create-table-as"]);
const windows = /\b(?:over|window)\b/i;
const checks = /\bcheck\s*\([^;]*\b(?:nextval|currval|setval|regclass)\b/i;
