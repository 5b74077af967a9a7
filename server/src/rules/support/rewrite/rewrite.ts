/** The door to the rewrites: a condition in which the key does not stand alone, written so that it does, with the same meaning. */

import type { Expr } from "pgsql-ast-parser";
import { baseType } from "../../../catalog/values/types.ts";
import { type ExpressionTools, printExpression, rewriteExpression } from "../../../syntax/expression-text.ts";
import type { TextRange } from "../../../text/range.ts";
import { columnOf, comparisonsOf, conditionOn, type KeyColumn, type Limit, type Ranges } from "./condition.ts";
import { type DateKey, fieldOf, limitsOfCalendar, limitsOfDate } from "./dates.ts";
import { type IntegerKey, limitsOfInteger } from "./integers.ts";
import { readLocalTime } from "./local-time.ts";

export interface RewriteRequest {
  /** The condition's text, or that of the ANDs in which it stands. */
  readonly text: string;
  /** The part of the text that is to be rewritten; null for whatever can be. */
  readonly part: TextRange | null;
  readonly key: KeyColumn;
  /** ISO date. */
  readonly today: string;
}

/**
 * The text with conditions on the key in a form that prunes, null where there is none that is known to mean the same: for
 * every row, in the session's time zone. All else of the text stays as it is; what changes is a tree that `pgsql-ast-parser`
 * prints, and that PostgreSQL's own parser reads as it was meant.
 */
export function rewriteCondition({ text, part, key, today }: RewriteRequest, tools: ExpressionTools): string | null {
  const rangesOf = rangesFor(key, today);
  if (rangesOf === null || text.length > longestCondition) return null;
  const isMeant = ({ _location: range }: Expr): boolean =>
    part === null || (range !== undefined && range.start < part.end && part.start < range.end);
  let months: ReadonlyMap<Expr, Ranges> = new Map();
  const choose = (node: Expr): string | null => {
    if (node.type === "binary" && node.op === "AND") {
      const calendar = calendarIn(node, key, today);
      if (calendar === null || !calendar.fields.some(isMeant)) return null;
      if (calendar.isWhole) return printed(node, calendar.ranges, key, tools);
      months = new Map([...months, ...calendar.years.map((year) => [year, calendar.ranges] as const)]);
      return null;
    }
    const month = months.get(node);
    if (month === undefined && !isMeant(node)) return null;
    return printed(node, month ?? rangesOf(node), key, tools);
  };
  const rewritten = rewriteExpression(text, choose, tools);
  return rewritten === text ? null : rewritten;
}

/** The library's time grows with more than the length of what it reads. */
const longestCondition = 2_000;

function printed(node: Expr, ranges: Ranges | null, key: KeyColumn, tools: ExpressionTools): string | null {
  const column = ranges === null ? null : columnOf(node, key.name);
  const condition = ranges === null || column === null ? null : conditionOn(column, ranges);
  return condition === null ? null : printExpression(condition, tools);
}

/** What a condition says of the key; null for a type of key, or a condition, that is not read. */
function rangesFor(key: KeyColumn, today: string): ((node: Expr) => Ranges | null) | null {
  const dateKey = dateKeyOf(key, today);
  const base = baseType(key.type);
  const integer = base.kind === "base" ? integerTypes[base.name] : undefined;
  const limitsOf =
    dateKey !== null
      ? (compared: Parameters<typeof limitsOfDate>[0]) => limitsOfDate(compared, dateKey)
      : integer !== undefined
        ? (compared: Parameters<typeof limitsOfInteger>[0]) => limitsOfInteger(compared, { ...key, base: integer })
        : null;
  if (limitsOf === null) return null;
  return (node) => {
    const alternatives = comparisonsOf(node, key.name);
    if (alternatives === null || alternatives.length === 0) return null;
    const ranges: (readonly Limit[])[] = [];
    for (const comparisons of alternatives) {
      const limits = comparisons.map(limitsOf);
      if (limits.some((each) => each === null)) return null;
      ranges.push(limits.flatMap((each) => each ?? []));
    }
    return ranges;
  };
}

const integerTypes: Readonly<Record<string, IntegerKey["base"]>> = {
  int2: "smallint",
  smallint: "smallint",
  int4: "integer",
  integer: "integer",
  int8: "bigint",
  bigint: "bigint",
};

function dateKeyOf(key: KeyColumn, today: string): DateKey | null {
  const base = baseType(key.type);
  if (base.kind !== "base") return null;
  const { name } = base;
  return name === "date" || name === "timestamp" || name === "timestamptz"
    ? { ...key, base: name, today: readLocalTime(today.slice(0, 10)) ?? 0 }
    : null;
}

interface Calendar {
  readonly ranges: Ranges;
  /** All conditions on parts of the date. */
  readonly fields: readonly Expr[];
  /** The conditions on the year, in whose place the range may stand. */
  readonly years: readonly Expr[];
  /** Whether the ANDs hold nothing but the year, the month and perhaps the day. */
  readonly isWhole: boolean;
}

/** `extract(year …) = 2024 AND extract(month …) = 3`, in any order and with other conditions between. */
function calendarIn(node: Expr, key: KeyColumn, today: string): Calendar | null {
  const dateKey = dateKeyOf(key, today);
  if (dateKey === null) return null;
  const fields = new Map<string, number>();
  const operands: Expr[] = [];
  const years: Expr[] = [];
  let others = 0;
  for (const operand of operandsOf(node)) {
    const [[compared] = []] = comparisonsOf(operand, key.name) ?? [];
    const field = compared === undefined ? null : fieldOf(compared, key.name);
    if (field === null || !["year", "month", "day"].includes(field.field) || fields.has(field.field)) {
      others++;
      continue;
    }
    fields.set(field.field, field.value);
    operands.push(operand);
    if (field.field === "year") years.push(operand);
  }
  const limits = fields.has("month") ? limitsOfCalendar(fields, dateKey) : null;
  return limits === null ? null : { ranges: [limits], fields: operands, years, isWhole: others === 0 };
}

function operandsOf(node: Expr): readonly Expr[] {
  return node.type === "binary" && node.op === "AND" ? [...operandsOf(node.left), ...operandsOf(node.right)] : [node];
}
