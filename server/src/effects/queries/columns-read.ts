/** Which columns of a relation a view reads: what DROP COLUMN and ALTER COLUMN … TYPE run into. */

import { notedPortion } from "../../catalog/access.ts";
import { type Catalog, dependentsOf, findRelation, relationById } from "../../catalog/catalog.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";
import type { Expression } from "../../syntax/expression.ts";
import { insideOut } from "../../syntax/expression-walk.ts";
import type { FromItem, SelectQuery } from "../../syntax/query.ts";
import { itemsIn } from "../../text/portions.ts";
import { expressionsOfSelect, subqueriesOf } from "./query-walk.ts";

/** The views that read a relation directly, oldest first. */
export function viewsOn(catalog: Catalog, id: RelationId): readonly Relation[] {
  return dependentsOf(catalog, id)
    .map((dependent) => relationById(catalog, dependent))
    .filter((relation) => relation?.kind === "view" || relation?.kind === "materialized-view")
    .filter((relation) => relation !== null)
    .sort((a, b) => a.id - b.id);
}

/** Whether the view reads the column of the relation; null where that cannot be told. */
export function readsColumn(view: Relation, target: Relation, column: string): boolean | null {
  const columns = view.reads?.find(({ relation }) => relation === target.id)?.columns ?? null;
  return columns === null ? null : columns.includes(column);
}

/** The columns that a new view reads of each relation. A star stands for the columns of that moment. */
export function columnsRead(
  catalog: Catalog,
  query: SelectQuery,
  ids: readonly RelationId[],
  text: string | undefined,
): Relation["reads"] {
  const words = text === undefined ? null : new Set(text.toLowerCase().match(word));
  const isWritten = (name: string): boolean => words === null || !isWord.test(name) || words.has(name.toLowerCase());
  const items = itemsIn(query.range.end - query.range.start);
  return ids.map((id) => {
    const target = relationById(catalog, id);
    if (target === null || target.knowledge !== "full") return { relation: id, columns: null };
    const columns: string[] = [];
    for (const { name } of target.columns) {
      const mentions = notedPortion(items, () => mentionsColumn(catalog, query, target, name));
      const { reads, isOrdered } = mentions;
      // How a window is sorted is not kept: a name that stands nowhere does not stand there.
      if (reads === null || (!reads && isOrdered && isWritten(name))) return { relation: id, columns: null };
      if (reads) columns.push(name);
    }
    return { relation: id, columns };
  });
}

const word = /[\p{L}_][\p{L}\p{N}_$]*/gu;
const isWord = /^[\p{L}_][\p{L}\p{N}_$]*$/u;

interface Mentions {
  readonly reads: boolean | null;
  /** Whether windows or aggregates may name columns besides those that are seen. */
  readonly isOrdered: boolean;
}

function mentionsColumn(catalog: Catalog, query: SelectQuery, target: Relation, column: string): Mentions {
  const reader: Reader = { catalog, target: target.id, column, read: false, unsure: false, ordered: false };
  readSelect(reader, query, [], new Set());
  return { reads: reader.read ? true : reader.unsure ? null : false, isOrdered: reader.ordered };
}

interface Reader {
  readonly catalog: Catalog;
  readonly target: RelationId;
  readonly column: string;
  read: boolean;
  unsure: boolean;
  ordered: boolean;
}

/** Something that column names may come from; `relation` null for a subquery, a function, a common table expression. */
interface Source {
  readonly alias: string | null;
  readonly relation: Relation | null;
}

function readSelect(
  reader: Reader,
  query: SelectQuery,
  outer: readonly Source[],
  outerNames: ReadonlySet<string>,
): void {
  const names = new Set(outerNames);
  for (const expression of query.with) {
    if (expression.query.kind === "select") readSelect(reader, expression.query, outer, names);
    else reader.unsure = true;
    names.add(expression.name.name);
  }
  if (query.setOperation !== null) {
    readSelect(reader, query.setOperation.left, outer, names);
    readSelect(reader, query.setOperation.right, outer, names);
    return;
  }
  const sources = query.from.flatMap((item) => sourcesOf(reader, item, outer, names));
  const visible = [...sources, ...outer];
  if (query.windows.length > 0) reader.ordered = true;
  for (const expression of [...expressionsOfSelect(query), ...(query.distinctOn ?? [])])
    readExpression(reader, expression, sources, visible, names);
}

function readExpression(
  reader: Reader,
  expression: Expression,
  own: readonly Source[],
  visible: readonly Source[],
  names: ReadonlySet<string>,
): void {
  for (const part of insideOut(expression)) {
    if (part.kind === "column") readReference(reader, part, own, visible);
    if (part.kind === "call" && (part.aggregateSyntax || part.window !== null)) reader.ordered = true;
  }
  for (const subquery of subqueriesOf(expression)) readSelect(reader, subquery, visible, names);
}

function readReference(
  reader: Reader,
  reference: Extract<Expression, { kind: "column" }>,
  own: readonly Source[],
  visible: readonly Source[],
): void {
  const qualifiers = reference.star ? reference.names : reference.names.slice(0, -1);
  const qualifier = qualifiers.at(-1);
  const sources = (reference.star ? own : visible).filter(
    ({ alias }) => qualifier === undefined || alias === qualifier,
  );
  const hitsTarget = sources.some(({ relation }) => relation?.id === reader.target);
  if (!hitsTarget) {
    // `(t).a` or a whole row: the name of a source stands where a column's is looked for.
    const name = reference.names.at(-1);
    if (visible.some(({ alias, relation }) => alias === name && relation?.id === reader.target)) reader.unsure = true;
    return;
  }
  if (reference.star) {
    reader.read = true;
    return;
  }
  if (reference.names.at(-1) === reader.column) {
    const nearer = qualifier === undefined && sources.some(({ relation }) => relation === null);
    if (nearer) reader.unsure = true;
    else reader.read = true;
  }
}

function sourcesOf(
  reader: Reader,
  item: FromItem,
  outer: readonly Source[],
  names: ReadonlySet<string>,
): readonly Source[] {
  switch (item.kind) {
    case "relation": {
      const { relation: name, alias } = item;
      if (name.schema === null && names.has(name.name)) return [{ alias: alias ?? name.name, relation: null }];
      const relation = findRelation(reader.catalog, name);
      if (relation?.id === reader.target && item.columnAliases.length > 0) reader.unsure = true;
      return [{ alias: alias ?? name.name, relation }];
    }
    case "join": {
      if (item.natural) reader.unsure = true;
      const sources = [...sourcesOf(reader, item.left, outer, names), ...sourcesOf(reader, item.right, outer, names)];
      const isTarget = sources.some(({ relation }) => relation?.id === reader.target);
      if (isTarget && item.using.includes(reader.column)) reader.read = true;
      return sources;
    }
    case "subquery":
      readSelect(reader, item.query, item.lateral ? outer : [], names);
      return [{ alias: item.alias, relation: null }];
    case "function":
    case "other":
      return [{ alias: item.alias, relation: null }];
  }
}
