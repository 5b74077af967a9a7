/** SELECT, INSERT, UPDATE, DELETE, MERGE: from parse nodes to plain data. */

import type {
  CommonTableExpr,
  DeleteStmt,
  InsertStmt,
  MergeMatchKind,
  MergeStmt,
  Node,
  ReturningClause,
  ReturningOptionKind,
  SelectStmt,
  UpdateStmt,
  WithClause,
} from "@pgsql/types";
import type { Expression } from "../expression.ts";
import type {
  CommonTableExpression,
  DeleteQuery,
  InsertQuery,
  MergeQuery,
  Query,
  RowNames,
  SelectQuery,
  UpdateQuery,
} from "../query.ts";
import { lowerExpression, lowerExpressions } from "./expressions.ts";
import { lowerFromItem, lowerFromItems } from "./from-items.ts";
import type { Lowering } from "./lowering.ts";
import { lowerWhen, overriding } from "./merge.ts";
import { identifierNamed, relationName } from "./names.ts";
import { allOf, as, type Dispatch, dispatch, items, location, sortDirections } from "./node.ts";
import { lowerAssignments, lowerOnConflict } from "./on-conflict.ts";
import {
  closing,
  endOfName,
  findWord,
  insideParentheses,
  isWord,
  type Region,
  rangeOfRegion,
  type Source,
  tokenIndexAt,
  word,
} from "./source.ts";

const queryKinds: Dispatch<{ readonly region: Region; readonly lowering: Lowering }, Query | null> = {
  SelectStmt: (node, { region, lowering }) => lowerSelect(node, region, lowering),
  InsertStmt: (node, { region, lowering }) => lowerInsert(node, region, lowering),
  UpdateStmt: (node, { region, lowering }) => lowerUpdate(node, region, lowering),
  DeleteStmt: (node, { region, lowering }) => lowerDelete(node, region, lowering),
  MergeStmt: (node, { region, lowering }) => lowerMerge(node, region, lowering),
};

/** The query of a node, which stands in `region`; null where the node is no query. */
export function lowerQuery(node: Node | undefined, region: Region, lowering: Lowering): Query | null {
  if (node === undefined) return null;
  return dispatch(queryKinds, node, { region: withoutParentheses(lowering.source, region), lowering }, () => null);
}

/** A SELECT, VALUES or TABLE, with or without parentheses around it. */
export function lowerSelect(node: SelectStmt, outerRegion: Region, lowering: Lowering): SelectQuery {
  const { source } = lowering;
  const region = withoutParentheses(source, outerRegion);
  return {
    kind: "select",
    range: rangeOfRegion(source, region),
    with: lowerWith(node.withClause, lowering),
    targets: allOf(node.targetList, "ResTarget").flatMap(({ val, name }) =>
      val === undefined ? [] : { expression: lowerExpression(val, lowering), name: name ?? null },
    ),
    from: lowerFromItems(node.fromClause, lowering),
    where: optional(node.whereClause, lowering),
    groupBy: lowerExpressions(node.groupClause, lowering),
    commonGroups: hasGroupingSets(node.groupClause) ? commonGroups(node.groupClause ?? [], lowering) : null,
    having: optional(node.havingClause, lowering),
    distinct: node.distinctClause !== undefined,
    distinctOn: lowerDistinctOn(node.distinctClause, lowering),
    windows: allOf(node.windowClause, "WindowDef").map((window) => ({
      name: window.name ?? "",
      base: window.refname ?? null,
      partitionBy: lowerExpressions(window.partitionClause, lowering),
    })),
    orderBy: allOf(node.sortClause, "SortBy").flatMap((sort) =>
      sort.node === undefined ? [] : lowerExpression(sort.node, lowering),
    ),
    directions: sortDirections(node.sortClause),
    hasLimit: node.limitCount !== undefined || node.limitOffset !== undefined,
    limit: optional(node.limitCount, lowering),
    offset: optional(node.limitOffset, lowering),
    locks: node.lockingClause !== undefined,
    values: node.valuesLists?.map((row) => lowerExpressions(items(row), lowering)) ?? null,
    setOperation: lowerSetOperation(node, region, lowering),
    into: node.intoClause?.rel === undefined ? null : relationName(node.intoClause.rel, source, "never-only"),
  };
}

/** Plain DISTINCT is a list with one empty node. */
function lowerDistinctOn(nodes: readonly Node[] | undefined, lowering: Lowering): SelectQuery["distinctOn"] {
  const written = (nodes ?? []).filter((node) => Object.keys(node).length > 0);
  return written.length === 0 ? null : lowerExpressions(written, lowering);
}

function hasGroupingSets(nodes: readonly Node[] | undefined): boolean {
  return allOf(nodes, "GroupingSet").length > 0;
}

/** What every grouping set of a GROUP BY holds: the sets of its items are combined, each with each. */
function commonGroups(nodes: readonly Node[], lowering: Lowering): readonly Expression[] {
  return nodes.flatMap((node): readonly Expression[] => {
    const set = as(node, "GroupingSet");
    if (set === undefined) return [lowerExpression(node, lowering)].flatMap(groupedTogether);
    // ROLLUP and CUBE have the empty set among theirs.
    if (set.kind !== "GROUPING_SET_SETS") return [];
    const [first = [], ...others] = (set.content ?? []).map((item) => commonGroups([item], lowering));
    const texts = others.map((other) => new Set(other.map((one) => textOf(one, lowering))));
    return first.filter((one) => texts.every((other) => other.has(textOf(one, lowering))));
  });
}

/** `(a, b)` groups by both. */
function groupedTogether(expression: Expression): readonly Expression[] {
  return expression.kind === "row" ? expression.items : [expression];
}

function textOf({ range }: Expression, { source }: Lowering): string {
  return source.text.slice(range.start, range.end).replaceAll(/\s+/g, " ");
}

function lowerSetOperation(node: SelectStmt, region: Region, lowering: Lowering): SelectQuery["setOperation"] {
  if (node.larg === undefined || node.rarg === undefined) return null;
  const { source } = lowering;
  const operator = node.op === "SETOP_INTERSECT" ? "intersect" : node.op === "SETOP_EXCEPT" ? "except" : "union";
  const at = lastWord(source, region, operator === "intersect" ? ["intersect"] : ["union", "except"]);
  const right = at + (isWord(source, at + 1, "all", "distinct") ? 2 : 1);
  const clauses = findWord(source, { first: right, last: region.last }, "order", "limit", "offset", "fetch", "for");
  return {
    operator,
    all: node.all === true,
    left: lowerSelect(node.larg, { first: region.first, last: at - 1 }, lowering),
    right: lowerSelect(node.rarg, { first: right, last: clauses < 0 ? region.last : clauses - 1 }, lowering),
  };
}

/** The last of the words outside parentheses: set operations nest to the left. */
function lastWord(source: Source, region: Region, words: readonly string[]): number {
  let last = region.first;
  for (let at = region.first; at >= 0; at = findWord(source, { first: at + 1, last: region.last }, ...words)) last = at;
  return last;
}

function lowerInsert(node: InsertStmt, region: Region, lowering: Lowering): InsertQuery {
  const { source } = lowering;
  const target = relationName(node.relation ?? {}, source, "never-only");
  const afterTarget: Region = { first: tokenIndexAt(source, target.range.end), last: region.last };
  return {
    kind: "insert",
    range: rangeOfRegion(source, region),
    with: lowerWith(node.withClause, lowering),
    target,
    alias: node.relation?.alias?.aliasname ?? null,
    columns: allOf(node.cols, "ResTarget").map((column) =>
      identifierNamed(column.name ?? "", source, tokenIndexAt(source, location(column))),
    ),
    hasParts: allOf(node.cols, "ResTarget").some((column) => (column.indirection ?? []).length > 0),
    source: lowerInsertSource(node, afterTarget, lowering),
    onConflict: node.onConflictClause === undefined ? null : lowerOnConflict(node.onConflictClause, region, lowering),
    overriding: overriding(node.override),
    ...lowerReturning(node.returningClause, lowering),
  };
}

/** The rows come after the column list; a parenthesis there may also open the query. */
function lowerInsertSource(node: InsertStmt, rest: Region, lowering: Lowering): SelectQuery | null {
  const { source } = lowering;
  const select = as(node.selectStmt, "SelectStmt");
  if (select === undefined) return null;
  let first = rest.first;
  if (isWord(source, first, "as")) first += 2;
  else if (node.relation?.alias !== undefined) first++;
  if (node.cols !== undefined && word(source, first) === "(") first = closing(source, first) + 1;
  if (isWord(source, first, "overriding")) first += 3;
  const conflict = node.onConflictClause === undefined ? -1 : tokenIndexAt(source, location(node.onConflictClause));
  const end = conflict < 0 ? findWord(source, { first, last: rest.last }, "returning") : conflict;
  return lowerSelect(select, { first, last: end < 0 ? rest.last : end - 1 }, lowering);
}

function lowerUpdate(node: UpdateStmt, region: Region, lowering: Lowering): UpdateQuery {
  const { source } = lowering;
  return {
    kind: "update",
    range: rangeOfRegion(source, region),
    with: lowerWith(node.withClause, lowering),
    target: relationName(node.relation ?? {}, source, "may-be-only"),
    alias: node.relation?.alias?.aliasname ?? null,
    assignments: lowerAssignments(node.targetList, lowering),
    from: lowerFromItems(node.fromClause, lowering),
    where: optional(node.whereClause, lowering),
    ...lowerReturning(node.returningClause, lowering),
  };
}

function lowerDelete(node: DeleteStmt, region: Region, lowering: Lowering): DeleteQuery {
  return {
    kind: "delete",
    range: rangeOfRegion(lowering.source, region),
    with: lowerWith(node.withClause, lowering),
    target: relationName(node.relation ?? {}, lowering.source, "may-be-only"),
    alias: node.relation?.alias?.aliasname ?? null,
    using: lowerFromItems(node.usingClause, lowering),
    where: optional(node.whereClause, lowering),
    ...lowerReturning(node.returningClause, lowering),
  };
}

function lowerMerge(node: MergeStmt, region: Region, lowering: Lowering): MergeQuery | null {
  if (node.sourceRelation === undefined || node.joinCondition === undefined) return null;
  return {
    kind: "merge",
    range: rangeOfRegion(lowering.source, region),
    with: lowerWith(node.withClause, lowering),
    target: relationName(node.relation ?? {}, lowering.source, "may-be-only"),
    alias: node.relation?.alias?.aliasname ?? null,
    source: lowerFromItem(node.sourceRelation, lowering),
    on: lowerExpression(node.joinCondition, lowering),
    whens: allOf(node.mergeWhenClauses, "MergeWhenClause").map((when) => lowerWhen(when, lowering)),
    ...lowerReturning(node.returningClause, lowering),
    notMatchedBySource: hasWhen(node, "MERGE_WHEN_NOT_MATCHED_BY_SOURCE"),
    notMatchedByTarget: hasWhen(node, "MERGE_WHEN_NOT_MATCHED_BY_TARGET"),
  };
}

/** Whether something is done with such rows: not for DO NOTHING. */
function hasWhen({ mergeWhenClauses }: MergeStmt, kind: MergeMatchKind): boolean {
  return allOf(mergeWhenClauses, "MergeWhenClause").some(
    ({ matchKind, commandType }) => matchKind === kind && commandType !== "CMD_NOTHING",
  );
}

function lowerWith(node: WithClause | undefined, lowering: Lowering): readonly CommonTableExpression[] {
  return allOf(node?.ctes, "CommonTableExpr").flatMap((cte) => {
    const lowered = lowerCommonTable(cte, node?.recursive === true, lowering);
    return lowered === null ? [] : lowered;
  });
}

function lowerCommonTable(node: CommonTableExpr, recursive: boolean, lowering: Lowering): CommonTableExpression | null {
  const { source } = lowering;
  const name = tokenIndexAt(source, location(node));
  const as_ = findWord(source, { first: name + 1, last: source.tokens.length - 1 }, "as");
  const parenthesis = findWord(source, { first: as_, last: source.tokens.length - 1 }, "(");
  const query = lowerQuery(node.ctequery, insideParentheses(source, parenthesis), lowering);
  if (query === null) return null;
  const hasColumns = node.aliascolnames !== undefined;
  const { search_clause: search, cycle_clause: cycle } = node;
  const added = [search?.search_seq_column, cycle?.cycle_mark_column, cycle?.cycle_path_column].filter(
    (column) => column !== undefined,
  );
  return {
    name: identifierNamed(node.ctename ?? "", source, name),
    columns: hasColumns ? columnsInParentheses(source, name + 1, node.aliascolnames ?? []) : [],
    query,
    materialized: materialization(node),
    recursive,
    ...(added.length > 0 ? { added } : {}),
  };
}

function columnsInParentheses(
  source: Source,
  parenthesis: number,
  names: readonly Node[],
): CommonTableExpression["columns"] {
  // A plain list: the names stand at every second token.
  return allOf(names, "String").map(({ sval }, index) =>
    identifierNamed(sval ?? "", source, parenthesis + 1 + 2 * index),
  );
}

function materialization({ ctematerialized }: CommonTableExpr): boolean | null {
  if (ctematerialized === "CTEMaterializeAlways") return true;
  return ctematerialized === "CTEMaterializeNever" ? false : null;
}

function lowerReturning(
  node: ReturningClause | undefined,
  lowering: Lowering,
): { readonly returning: readonly Expression[]; readonly rowNames?: RowNames } {
  const returning = allOf(node?.exprs, "ResTarget").flatMap(({ val }) =>
    val === undefined ? [] : lowerExpression(val, lowering),
  );
  const options = allOf(node?.options, "ReturningOption");
  if (options.length === 0) return { returning };
  const named = (option: ReturningOptionKind, otherwise: string): string =>
    options.find((each) => each.option === option)?.value ?? otherwise;
  return {
    returning,
    rowNames: { old: named("RETURNING_OPTION_OLD", "old"), new: named("RETURNING_OPTION_NEW", "new") },
  };
}

function optional(node: Node | undefined, lowering: Lowering): Expression | null {
  return node === undefined ? null : lowerExpression(node, lowering);
}

/** A query may stand in parentheses, several times over. */
export function withoutParentheses(source: Source, { first, last }: Region): Region {
  let region: Region = { first, last };
  while (
    word(source, region.first) === "(" &&
    source.partners[region.first] === region.last &&
    region.first < region.last
  ) {
    region = { first: region.first + 1, last: region.last - 1 };
  }
  return region;
}

/** The parenthesis that opens the query which holds the token: the innermost one that a query's first word follows. */
export function enclosingQuery(source: Source, index: number): number {
  let found = -1;
  let depth = 0;
  for (let at = index - 1; at >= 0; at--) {
    if (word(source, at) === ")") depth++;
    else if (word(source, at) === "(") {
      if (depth > 0) depth--;
      else if (
        found < 0 ? isWord(source, at + 1, "select", "with", "values", "table") : extendsQuery(source, at, found)
      ) {
        found = at;
      } else if (found >= 0) return found;
    }
  }
  return found;
}

/** Whether the query goes on after the inner parenthesis: `((SELECT …) UNION SELECT …)`, `((SELECT …))`. */
function extendsQuery(source: Source, outer: number, inner: number): boolean {
  if (inner !== outer + 1) return false;
  return isWord(
    source,
    closing(source, inner) + 1,
    ")",
    "union",
    "intersect",
    "except",
    "order",
    "limit",
    "offset",
    "fetch",
  );
}

/** The last token of a relation's name that begins at `first`, with `*` behind it. */
export function endOfRelation(source: Source, first: number): number {
  const last = endOfName(source, first);
  return word(source, last + 1) === "*" ? last + 1 : last;
}
