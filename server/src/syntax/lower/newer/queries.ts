/** Newer syntax of queries: MERGE, common table expressions, grouping, frames, subqueries without names, SQL/JSON. */

import type { WindowDef } from "@pgsql/types";
import { as, type Dispatch, firstLocation, location } from "../node.ts";
import { afterGroup, closing, type Source, tokenIndexAt, word } from "../source.ts";
import { findPattern, type Stops } from "./stops.ts";

export const newerInQueries: Dispatch<Stops, void> = {
  MergeStmt: ({ returningClause }, stops) => {
    stops.words(15, "^merge into");
    if (returningClause !== undefined) stops.words(17, "^returning");
  },
  MergeWhenClause: ({ matchKind }, stops) => {
    if (matchKind === "MERGE_WHEN_NOT_MATCHED_BY_SOURCE") stops.words(17, "matched ^by source");
    stops.words(17, "matched ^by target");
  },
  ReturningClause: ({ options }, stops) => {
    if (options !== undefined) stops.words(18, "returning ^with (");
  },
  CommonTableExpr: (cte, stops) => {
    if (cte.ctematerialized === "CTEMaterializeAlways") stops.words(12, "as ^materialized", location(cte));
    if (cte.ctematerialized === "CTEMaterializeNever") stops.words(12, "as ^not materialized", location(cte));
    if (cte.search_clause !== undefined) stops.words(14, "^search _ first by", location(cte));
    else if (cte.cycle_clause !== undefined) stops.words(14, ") ^cycle", location(cte));
  },
  SelectStmt: ({ groupDistinct, limitOption }, stops) => {
    if (groupDistinct === true) stops.words(14, "group by ^distinct");
    if (limitOption === "LIMIT_OPTION_WITH_TIES") stops.words(13, "^with ties");
  },
  RangeSubselect: ({ alias, subquery }, stops) => {
    if (alias !== undefined) return;
    const index = subqueryStart(stops.source, firstLocation(subquery));
    if (index < 0) return;
    const isValues = as(subquery, "SelectStmt")?.valuesLists !== undefined;
    stops.problem(16, index, {
      sqlstate: "42601",
      message: `${isValues ? "VALUES" : "subquery"} in FROM must have an alias`,
      hint: `For example, FROM (${isValues ? "VALUES" : "SELECT"} ...) [AS] foo.`,
    });
  },
  JoinExpr: ({ join_using_alias }, stops) => {
    if (join_using_alias === undefined) return;
    const using = findPattern(stops.source, "^using (", 0);
    for (let index = using; index >= 0; index = findPattern(stops.source, "^using (", index + 1)) {
      const after = closing(stops.source, index + 1) + 1;
      if (word(stops.source, after) !== "as") continue;
      stops.token(14, after);
      return;
    }
  },
  WindowDef: findInWindow,
  FuncCall: ({ funcname, funcformat, args }, stops) => {
    if (funcformat !== "COERCE_SQL_SYNTAX" || funcname === undefined) return;
    const name = as(funcname.at(-1), "String")?.sval;
    if (name === "timezone" && args?.length === 1) stops.words(17, "at ^local");
  },
  JsonIsPredicate: (_, stops) => {
    stops.words(16, "is ^json");
    stops.words(16, "is not ^json");
  },
  JsonObjectConstructor: (node, stops) => findInJson(16, location(node), stops),
  JsonArrayConstructor: (node, stops) => findInJson(16, location(node), stops),
  JsonArrayQueryConstructor: (node, stops) => findInJson(16, location(node), stops),
  JsonParseExpr: (node, stops) => findInJson(17, location(node), stops),
  JsonSerializeExpr: (node, stops) => findInJson(17, location(node), stops),
  JsonFuncExpr: (node, stops) => findInJson(17, location(node), stops),
  JsonTable: (node, stops) => findInJson(17, location(node), stops),
};

const frameGroups = 0x8;
const frameExcludes = 0x38000;
const frameRange = 0x2;
const frameOffsetsPreceding = 0x1800;
const frameOffsetsFollowing = 0x6000;

function findInWindow(window: WindowDef, stops: Stops): void {
  const options = window.frameOptions ?? 0;
  if ((options & frameGroups) !== 0) stops.words(11, "^groups", location(window));
  if ((options & frameRange) !== 0 && (options & (frameOffsetsPreceding | frameOffsetsFollowing)) !== 0) {
    const which = (options & frameOffsetsPreceding) !== 0 ? "PRECEDING" : "FOLLOWING";
    const index = findPattern(stops.source, "^range", tokenIndexAt(stops.source, location(window)));
    stops.problem(11, index, { sqlstate: "0A000", message: `RANGE ${which} is only supported with UNBOUNDED` });
  }
  if ((options & frameExcludes) !== 0) stops.words(11, "^exclude", location(window));
}

/** The parenthesis before the subquery in which the offset lies. */
function subqueryStart(source: Source, offset: number): number {
  if (offset < 0) return -1;
  const beginnings = ["select", "values", "with", "table", "("];
  for (let index = tokenIndexAt(source, offset); index > 0; index--) {
    if (word(source, index - 1) === "(" && beginnings.includes(word(source, index))) return index - 1;
    if (word(source, index - 1) === ")") index = Math.max(1, (source.partners[index - 1] ?? 0) + 1);
  }
  return -1;
}

/** What no call has behind an argument, and what none has even as its first. */
const jsonWords = wordSet(
  ": value format null absent without passing columns error empty unknown true false as keep omit",
);
const jsonWordsAnywhere = wordSet("returning with select default");

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.split(" "));
}

/** Older majors take it for a function's call, and stop at the first word that no call has. */
function findInJson(since: number, from: number, stops: Stops): void {
  const { source } = stops;
  const open = tokenIndexAt(source, from) + 1;
  if (word(source, open) !== "(") return;
  const last = closing(source, open);
  for (let index = open + 1; index < last; index = afterGroup(source, index)) {
    const isFirst = index === open + 1 || word(source, index - 1) === ",";
    const stopsHere = jsonWordsAnywhere.has(word(source, index)) || (!isFirst && jsonWords.has(word(source, index)));
    if (!stopsHere) continue;
    stops.token(since, index);
    return;
  }
}
