/** CREATE VIEW, CREATE MATERIALIZED VIEW, CREATE TABLE AS, SELECT INTO. */

import { type Catalog, effectivePath, findRelation, relationById, withRelation } from "../../catalog/catalog.ts";
import type { AttachedCode, Column, Relation, RelationId } from "../../catalog/relation.ts";
import { formatType } from "../../catalog/values/types.ts";
import type { RelationName } from "../../syntax/names.ts";
import type { Query, SelectQuery } from "../../syntax/query.ts";
import type { CreateTableAs, CreateView, PlacedStatement, Statement } from "../../syntax/statement.ts";
import { noUses, type Uses } from "../../syntax/uses.ts";
import { inDoubt } from "../doubt.ts";
import { type ApplyContext, applied, type Outcome, type Refusal, regarding, rejected } from "../outcome.ts";
import { cannotFail } from "../queries/cannot-fail.ts";
import { namesOfOutputs, wrongColumnName } from "../queries/column-names.ts";
import { columnsRead } from "../queries/columns-read.ts";
import { withUnknownRows } from "../queries/known-rows.ts";
import { missingRelation } from "../queries/named-relations.ts";
import { yieldsNoRow } from "../queries/no-rows.ts";
import { callsInside, callsOf, relationsOf } from "../queries/query-walk.ts";
import { withoutRowsWritten } from "../queries/written-rows.ts";
import { relationsBoundByCalls } from "./bound-names.ts";
import { columnsOf, isConstantValue } from "./computed-columns.ts";
import { withoutNamesake } from "./dependencies.ts";
import {
  emptyRelation,
  lookUpRelation,
  mayBeMissing,
  nameTaken,
  originHere,
  relationInTheWay,
  relationNamed,
  schemaForNew,
  typeInTheWay,
} from "./lookup.ts";
import { collationsDiffer, typesDiffer } from "./merge-columns.ts";
import { refuseOids } from "./storage-parameters.ts";
import { boundQuery } from "./view-names.ts";

/** Applies CREATE VIEW and CREATE TABLE AS; null for any other statement. */
export function applyCreateView(catalog: Catalog, placed: PlacedStatement, context: ApplyContext): Outcome | null {
  const { statement } = placed;
  if (statement.kind !== "create-view" && statement.kind !== "create-table-as") return null;
  const wrong =
    statement.query === null
      ? null
      : (missingRelation(catalog, statement.query) ??
        (placed.masked ? null : wrongColumnName(catalog, statement.query, context)));
  if (wrong !== null) return wrong;
  const names = statement.query === null ? null : namesOfOutputs(catalog, statement.query, context);
  if (statement.kind === "create-view") {
    const miscalled = wrongOutputs(catalog, names, statement.columns, statement);
    if (miscalled !== null) return miscalled;
    const created = createView(catalog, statement, names, context);
    // Their number may not be NULL, which only its value tells.
    const hasTies = /\bwith\s+ties\b/i.test(context.text ?? "");
    return hasTies ? inDoubt(catalog, created, "whether the rows WITH TIES have a number is not known") : created;
  }
  return createTableAs(catalog, statement, names, context);
}

/** The refusal of columns that a new view or table cannot have: more names than columns (42601), two of one name (42701). */
function wrongOutputs(
  catalog: Catalog,
  outputs: readonly string[] | null,
  written: readonly string[],
  create: Pick<CreateView, "kind" | "replace" | "name"> | Pick<CreateTableAs, "kind" | "name">,
): Refusal | null {
  if (outputs === null) return null;
  const { range } = create.name;
  if (written.length > outputs.length) {
    const message =
      create.kind === "create-view"
        ? "CREATE VIEW specifies more column names than columns"
        : "too many column names were specified";
    return rejected("statement-rejected", "42601", message, range);
  }
  // Of a view that is there already the columns are compared with those before.
  if (create.kind === "create-view" && create.replace && lookUpRelation(catalog, create.name).kind !== "absent")
    return null;
  const names = outputs.map((name, index) => written[index] ?? name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice === undefined) return null;
  return rejected("statement-rejected", "42701", `column "${twice}" specified more than once`, range);
}

function createView(
  catalog: Catalog,
  create: CreateView & Pick<Statement, "uses">,
  outputs: readonly string[] | null,
  context: ApplyContext,
): Outcome {
  const read = relationsRead(catalog, create.query);
  const through = rowsOfFunctions(catalog, create.query).filter((id) => !read.includes(id));
  const bound = relationsBoundByCalls(catalog, callsInside(create.query));
  const temporary = create.temporary || read.some((id) => relationById(catalog, id)?.persistence === "temporary");
  const place = schemaForNew(catalog, create.name, create.temporary ? "temporary" : "permanent");
  if (place.kind === "rejected") return place;
  const schema = temporary && create.name.schema === null ? "pg_temp" : place.schema;
  const existing = relationInTheWay(catalog, schema, create.name.name);
  if (existing !== null && !create.replace) return nameTaken(create.name.name, create.name.range, existing);
  if (existing !== null && existing.kind !== "view") {
    return rejected("statement-rejected", "42809", `"${existing.name}" is not a view`, create.name.range);
  }
  const type = existing === null ? typeInTheWay(catalog, schema, create.name) : null;
  if (type !== null) return type;
  const columns = namedColumns(
    columnsOf(catalog, create.query, readsKnown(catalog, create.query) ? outputs : null, context),
    create.columns,
  );
  const names = outputs?.map((name, index) => create.columns[index] ?? name) ?? null;
  const changed = existing === null ? null : changedOutputs(existing, columns, names, create, context);
  if (changed !== null) return changed;
  const free = existing === null ? withoutNamesake(catalog, schema, create.name.name) : catalog;
  // One of which less is known may be there, or be of other types: then PostgreSQL may refuse.
  const before = create.replace ? relationNamed(catalog, schema, create.name.name) : null;
  const isSettled = before === null || (before === existing && before.knowledge === "full");
  const base = existing ?? emptyRelation(catalog.nextId, schema, create.name.name, "view");
  return applied(
    withRelation(free, {
      ...base,
      columns: columns ?? [],
      dependsOn: [...new Set([...read, ...through, ...bound])],
      reads:
        create.query.kind === "select"
          ? [
              ...(columnsRead(catalog, create.query, read, context.text) ?? []),
              ...through.map((relation) => ({ relation, columns: null })),
            ]
          : undefined,
      view:
        create.query.kind === "select"
          ? boundQuery(catalog, create.query, create.columns, effectivePath(catalog))
          : undefined,
      code: [...(base.code ?? []).filter(({ kind }) => kind !== "view"), queryCode(create.uses)],
      // Whether OR REPLACE is taken rests on the outputs.
      ...knowledgeOf(
        isSettled ? columns : null,
        isSettled && existing === null && readsKnown(catalog, create.query) ? names : null,
      ),
      origin: originHere(context, create.name.range),
    }),
  );
}

/**
 * What is known of what a query has made. `names`: those of its outputs, where that it is there does not rest on the types of these;
 * else null.
 */
function knowledgeOf(
  columns: readonly Column[] | null,
  names: readonly string[] | null,
): Pick<Relation, "knowledge" | "outputsUnknown" | "outputs"> {
  if (columns !== null) return { knowledge: "full", outputsUnknown: undefined, outputs: undefined };
  if (names === null) return { knowledge: "tainted", outputsUnknown: undefined, outputs: undefined };
  return { knowledge: "tainted", outputsUnknown: true, outputs: names };
}

/** Whether all that a query reads is there for sure. */
function readsKnown(catalog: Catalog, query: Query): boolean {
  for (const { name } of relationsOf(query)) {
    const found = lookUpRelation(catalog, name);
    if (found.kind !== "found" || mayBeMissing(catalog, found.relation)) return false;
  }
  return true;
}

/** `checkViewColumns`, as far as it can be told: OR REPLACE may only add columns at the end. */
function changedOutputs(
  existing: Relation,
  columns: readonly Column[] | null,
  names: readonly string[] | null,
  create: CreateView,
  context: ApplyContext,
): Refusal | null {
  if (existing.knowledge === "full" && columns !== null) return changedColumns(existing, columns, create, context);
  const before = outputNamesOf(existing);
  const after = columns?.map(({ name }) => name) ?? names;
  if (before === null || after === null) return null;
  if (after.length < before.length) return regarding(columnsDropped(create), existing);
  const index = before.findIndex((name, at) => name !== after[at]);
  const [from, to] = [before[index], after[index]];
  return from === undefined || to === undefined ? null : regarding(columnRenamed(create, from, to, context), existing);
}

/** null where the names are not known for sure. */
function outputNamesOf({ knowledge, columns, outputsUnknown, outputs }: Relation): readonly string[] | null {
  if (knowledge === "full") return columns.map(({ name }) => name);
  return (outputsUnknown === true ? outputs : null) ?? null;
}

function changedColumns(
  existing: Relation,
  columns: readonly Column[],
  create: CreateView,
  context: ApplyContext,
): Refusal | null {
  if (columns.length < existing.columns.length) return columnsDropped(create);
  const refuse = (message: string): Refusal => rejected("statement-rejected", "42P16", message, create.name.range);
  for (const [index, before] of existing.columns.entries()) {
    const after = columns[index];
    if (after === undefined) return null;
    if (before.name !== after.name) return columnRenamed(create, before.name, after.name, context);
    if (typesDiffer(before.type, after.type)) {
      const change = `from ${formatType(before.type)} to ${formatType(after.type)}`;
      return refuse(`cannot change data type of view column "${before.name}" ${change}`);
    }
    if (collationsDiffer(before.collation, after.collation)) {
      const change = `from "${before.collation}" to "${after.collation}"`;
      return refuse(`cannot change collation of view column "${before.name}" ${change}`);
    }
  }
  return null;
}

function columnsDropped({ name }: CreateView): Refusal {
  return rejected("statement-rejected", "42P16", "cannot drop columns from view", name.range);
}

function columnRenamed({ name }: CreateView, from: string, to: string, { version }: ApplyContext): Refusal {
  const message = `cannot change name of view column "${from}" to "${to}"`;
  const hint = version < 13 ? undefined : "Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.";
  return rejected("statement-rejected", "42P16", message, name.range, { hint });
}

/** What the query of a view runs. */
function queryCode(uses: Uses = noUses): AttachedCode {
  return { kind: "view", name: "", uses };
}

function createTableAs(
  catalog: Catalog,
  create: CreateTableAs & Pick<Statement, "uses">,
  outputs: readonly string[] | null,
  context: ApplyContext,
): Outcome {
  const place = schemaForNew(catalog, create.name, create.persistence);
  if (place.kind === "rejected") return place;
  const existing = relationInTheWay(catalog, place.schema, create.name.name);
  if (existing !== null && !create.ifNotExists) return nameTaken(create.name.name, create.name.range, existing);
  const there = create.ifNotExists ? relationNamed(catalog, place.schema, create.name.name) : null;
  if (there !== null && there.knowledge !== "assumed") return applied(catalog);
  const written = create.columns.map((column) => column.name);
  const miscalled = wrongOutputs(catalog, outputs, written, create);
  if (miscalled !== null) return miscalled;
  const type = typeInTheWay(catalog, place.schema, create.name);
  if (type !== null) return type;
  const oids = refuseOids(create.storageParameters, context);
  if (oids !== null) return oids;
  const kind = create.materializedView ? "materialized-view" : "table";
  const names = outputs?.map((name, index) => written[index] ?? name) ?? null;
  // What is computed may fail, and then there is no table.
  const computed = create.query !== null && isCertain(catalog, create.query, context) ? outputs : null;
  const columns =
    create.query === null ? null : namedColumns(columnsOf(catalog, create.query, computed, context), written);
  const read = create.materializedView && create.query !== null ? relationsRead(catalog, create.query) : [];
  const bound =
    create.materializedView && create.query !== null ? relationsBoundByCalls(catalog, callsInside(create.query)) : [];
  const free = withoutNamesake(catalog, place.schema, create.name.name);
  const relation: Relation = {
    ...emptyRelation(catalog.nextId, place.schema, create.name.name, kind),
    persistence: create.persistence,
    columns: columns ?? [],
    view:
      create.materializedView && create.query?.kind === "select"
        ? boundQuery(catalog, create.query, written, effectivePath(catalog))
        : undefined,
    ...(create.materializedView ? { code: [queryCode(create.uses)] } : {}),
    dependsOn: [...new Set([...read, ...bound])],
    reads: create.query?.kind === "select" ? columnsRead(catalog, create.query, read, context.text) : undefined,
    ...knowledgeOf(columns, create.query !== null && cannotFail(catalog, create.query) ? names : null),
    // A table may be given more.
    ...(create.materializedView ? {} : { outputs: undefined }),
    origin: originHere(context, create.name.range),
    ...(create.onCommit === "drop" ? { dropOnCommit: true } : {}),
    ...(create.onCommit === "delete-rows" ? { emptiedOnCommit: true } : {}),
  };
  const created = withRelation(create.query === null ? free : withoutRowsWritten(free, create.query), relation);
  const isEmpty = create.query !== null && yieldsNoRow(catalog, create.query);
  return applied(isEmpty ? created : withUnknownRows(created, relation.id));
}

/** The table that SELECT … INTO creates, like CREATE TABLE AS. */
export function createTableInto(
  catalog: Catalog,
  query: SelectQuery,
  into: RelationName,
  context: ApplyContext,
): Outcome {
  return createTableAs(
    catalog,
    {
      kind: "create-table-as",
      name: into,
      persistence: "permanent",
      ifNotExists: false,
      storageParameters: [],
      materializedView: false,
      columns: [],
      query: { ...query, into: null },
      onCommit: "none",
    },
    namesOfOutputs(catalog, query, context),
    context,
  );
}

/** Whether a query fails for no row, constants aside that are known to be none that fail. */
function isCertain(catalog: Catalog, query: Query, context: ApplyContext): boolean {
  if (query.kind !== "select") return false;
  const targets = query.targets.filter(({ expression }) => !isConstantValue(expression, catalog, context));
  return cannotFail(catalog, { ...query, targets });
}

function relationsRead(catalog: Catalog, query: Query): readonly RelationId[] {
  const ids = new Set<RelationId>();
  for (const { name } of relationsOf(query)) {
    const found = lookUpRelation(catalog, name);
    if (found.kind === "found") ids.add(found.relation.id);
  }
  return [...ids];
}

/** The tables whose rows the functions of a FROM list return: a query may read columns of those. */
function rowsOfFunctions(catalog: Catalog, query: Query): readonly RelationId[] {
  const ids = new Set<RelationId>();
  for (const call of callsOf(query)) {
    const returns = catalog.functions.get(call.name.at(-1) ?? "")?.returns;
    if (returns == null) continue;
    const found = findRelation(catalog, { schema: returns.names.at(-2) ?? null, name: returns.names.at(-1) ?? "" });
    if (found !== null) ids.add(found.id);
  }
  return [...ids];
}

function namedColumns(columns: readonly Column[] | null, names: readonly string[]): readonly Column[] | null {
  if (columns === null || names.length > columns.length) return null;
  return columns.map((column, index) => ({ ...column, name: names[index] ?? column.name }));
}
