/** Newer syntax of tables: columns, constraints, partitions, indexes. */

import type { AlterTableCmd, Constraint, PartitionBoundSpec } from "@pgsql/types";
import { as, type Dispatch, firstLocation, location } from "../node.ts";
import { afterGroup, closing, findWord, isWord, type Region, type Source, tokenIndexAt, word } from "../source.ts";
import { findPattern, type Stops } from "./stops.ts";

export const newerInTables: Dispatch<Stops, void> = {
  CreateStmt: ({ accessMethod }, stops) => {
    if (accessMethod !== undefined) stops.words(12, `^using ${word(stops.source, lastUsing(stops.source) + 1)}`);
  },
  IntoClause: ({ accessMethod }, stops) => {
    if (accessMethod !== undefined) stops.words(12, "^using");
  },
  TableLikeClause: ({ relation }, stops) => {
    const { source } = stops;
    for (let index = tokenIndexAt(source, relation?.location ?? 0); index < source.tokens.length; index++) {
      if (word(source, index) === "," || word(source, index) === ")") return;
      if (word(source, index - 1) !== "including" && word(source, index - 1) !== "excluding") continue;
      if (word(source, index) === "generated") stops.token(12, index);
      if (word(source, index) === "compression") stops.token(14, index);
    }
  },
  ColumnDef: (column, stops) => {
    if (column.compression !== undefined) stops.words(14, "^compression", location(column));
    if (column.storage_name !== undefined) stops.words(16, "^storage", location(column));
  },
  Constraint: findInConstraint,
  PartitionBoundSpec: findInBound,
  IndexStmt: (index, stops) => {
    if (index.relation?.inh !== true) stops.words(11, "on ^only");
    if (index.indexIncludingParams !== undefined) stops.words(11, ") ^include (");
    stops.words(15, "^nulls not distinct");
    stops.words(15, ") ^nulls distinct");
  },
  IndexElem: (element, stops) => {
    if (element.opclassopts === undefined) return;
    // The options stand in parentheses right before the first of them.
    const option = tokenIndexAt(stops.source, firstLocation(element.opclassopts));
    if (word(stops.source, option - 1) === "(") stops.token(13, option - 1);
  },
  AlterTableStmt: ({ objtype, cmds }, stops) => {
    if (objtype !== "OBJECT_INDEX") return;
    for (const each of cmds ?? []) {
      const command = as(each, "AlterTableCmd");
      if (command?.subtype === "AT_AttachPartition") stops.words(11, "^attach partition");
      if (command?.subtype === "AT_SetStatistics" && command.num !== undefined)
        stops.words(11, "column ^_ set statistics");
    }
  },
  AlterTableCmd: findInAlteration,
  ATAlterConstraint: ({ alterEnforceability, alterInheritability, noinherit }, stops) => {
    if (alterEnforceability === true) stops.words(18, "^enforced");
    if (alterInheritability !== true) return;
    if (noinherit !== true) stops.words(18, "constraint _ ^inherit");
    else {
      const index = findPattern(stops.source, "^no inherit", 0);
      const problem = { sqlstate: "0A000", withoutPosition: true } as const;
      const tail = "constraints cannot be marked NO INHERIT";
      stops.problem(13, index, { ...problem, message: `ALTER CONSTRAINT statement ${tail}` });
      stops.problem(18, index, { ...problem, from: 13, message: `FOREIGN KEY ${tail}` });
    }
  },
};

/** The last USING outside of parentheses: that of an access method. */
function lastUsing(source: Source): number {
  let last = -1;
  for (let index = 0; index < source.tokens.length; index = afterGroup(source, index)) {
    if (word(source, index) === "using") last = index;
  }
  return last;
}

function findInAlteration({ subtype, name, def }: AlterTableCmd, stops: Stops): void {
  switch (subtype) {
    case "AT_SetExpression":
      stops.words(17, "set ^expression");
      break;
    case "AT_DropExpression":
      stops.words(13, "drop ^expression");
      break;
    case "AT_SetCompression":
      stops.words(14, "set ^compression");
      break;
    case "AT_SetStorage":
      stops.words(16, "set storage ^default");
      break;
    case "AT_SetStatistics":
      if (def === undefined) stops.words(17, "set statistics ^default");
      break;
    case "AT_SetAccessMethod":
      stops.words(15, "set ^access method");
      if (name === undefined) stops.words(17, "set access method ^default");
      break;
    case "AT_DetachPartition":
      if (as(def, "PartitionCmd")?.concurrent === true) lastWord(stops, "concurrently");
      break;
    case "AT_DetachPartitionFinalize":
      lastWord(stops, "finalize");
      break;
    default:
  }
}

/** DETACH PARTITION ends with the word, which may also be the partition's name. */
function lastWord(stops: Stops, wanted: string): void {
  for (let index = stops.source.tokens.length - 1; index >= 0; index--) {
    if (word(stops.source, index) !== wanted) continue;
    stops.token(14, index);
    return;
  }
}

function findInConstraint(constraint: Constraint, stops: Stops): void {
  const { source } = stops;
  const region = regionOf(source, tokenIndexAt(source, location(constraint)));
  const at = (since: number, ...words: readonly string[]): void => {
    const index = findWord(source, region, ...words);
    if (index >= 0) stops.token(since, index);
  };
  switch (constraint.contype) {
    case "CONSTR_GENERATED": {
      const as = findWord(source, region, "as");
      if (as < 0) break;
      stops.token(12, as + 1);
      if (constraint.generated_kind === "v") stops.token(18, closing(source, as + 1) + 1);
      break;
    }
    case "CONSTR_NOTNULL":
      if (constraint.keys !== undefined) at(18, "not");
      else if (constraint.is_no_inherit === true) at(18, "no");
      break;
    case "CONSTR_ATTR_NOT_ENFORCED":
    case "CONSTR_ATTR_ENFORCED":
      at(18, "enforced");
      break;
    case "CONSTR_CHECK":
    case "CONSTR_FOREIGN": {
      for (let index = region.first; index <= region.last; index = afterGroup(source, index)) {
        if (!isWord(source, index, "enforced") || isWord(source, index - 1, "constraint", "references", ".")) continue;
        stops.token(18, index);
        break;
      }
      break;
    }
    default:
  }
  if (constraint.contype === "CONSTR_UNIQUE") at(15, "nulls");
  if (constraint.including !== undefined) at(11, "include");
  if (constraint.without_overlaps === true) stops.words(18, "^without overlaps", location(constraint));
  if (constraint.fk_with_period === true || constraint.pk_with_period === true) {
    // PERIOD is taken for a column's name; the next one comes as a surprise.
    const period = findPattern(source, "^period", region.first);
    if (period >= 0) stops.token(18, period + 1);
  }
  if (constraint.fk_del_set_cols !== undefined) stops.words(15, "on delete set _ ^(", location(constraint));
}

/** From a token to the comma or parenthesis that ends the element it begins. */
function regionOf(source: Source, first: number): Region {
  let index = first;
  while (index < source.tokens.length && word(source, index) !== "," && word(source, index) !== ")") {
    index = afterGroup(source, index);
  }
  return { first, last: index - 1 };
}

function findInBound(bound: PartitionBoundSpec, stops: Stops): void {
  const { source } = stops;
  const place = tokenIndexAt(source, location(bound));
  if (bound.is_default === true || bound.strategy === "h") stops.token(11, place);
  else findInValues(source, place + 1, stops);
  if (bound.strategy === "r") findInValues(source, closing(source, place + 1) + 2, stops);
}

/**
 * Up to 11 a bound takes constants alone: strings, numbers, NULL, TRUE and FALSE; a range MINVALUE and MAXVALUE too.
 *
 * @param parenthesis the one that begins the values
 */
export function findInValues(source: Source, parenthesis: number, stops: Stops): void {
  const last = closing(source, parenthesis);
  const ends = word(source, parenthesis - 1) === "in" ? [] : ["minvalue", "maxvalue"];
  let index = parenthesis + 1;
  while (index < last) {
    if (isWord(source, index, "-", "+")) {
      if (isNumber(source, ++index)) index += 1;
      else break;
    } else if (isConstant(source, index) || isWord(source, index, ...ends)) index += 1;
    else break;
    if (isWord(source, index, "uescape")) index += 2;
    if (word(source, index) !== ",") break;
    index += 1;
  }
  if (index < last) stops.token(12, index);
}

function isNumber(source: Source, index: number): boolean {
  return source.tokens[index]?.kind === "number";
}

function isConstant(source: Source, index: number): boolean {
  const kind = source.tokens[index]?.kind;
  if (kind === "string") return !/^[bxn]/i.test(source.text[source.tokens[index]?.start ?? 0] ?? "");
  if (kind === "number") return true;
  return ["null", "true", "false"].includes(word(source, index));
}
