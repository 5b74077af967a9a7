/** The statements by which rows go from one table to another; where a trigger or rule may keep some out, they count, and fail before a row is lost. */

import { belongingsOf } from "../catalog/belongings.ts";
import type { Relation } from "../catalog/relation.ts";
import { quoteBody, quoteLiteral } from "../syntax/literals.ts";
import { rowColumns } from "./declarative/carry-over.ts";
import type { TableReference } from "./division.ts";
import { type StepContext, step } from "./part-steps.ts";
import type { ScriptStep } from "./script.ts";
import { fullName, type WriterContext, writeName } from "./writer.ts";

/**
 * Whether something of a table is asked before a row comes in: a trigger BEFORE INSERT that is not disabled and not handed down by
 * `whole`, which is gone while the table is detached, or a rule. What its function does is for the script to find out.
 */
export function mayKeepRowsOut(relation: Relation | null, whole: Relation | null, context: WriterContext): boolean {
  if (relation === null) return false;
  return hasInsertRule(relation) || guardsOf(relation, whole, context).length > 0;
}

/** The triggers that a row has to pass before it comes into a table. */
export function guardsOf(relation: Relation, whole: Relation | null, { catalog }: WriterContext): readonly string[] {
  const disabled = new Set(
    belongingsOf(catalog, relation).flatMap(({ kind, name, sql }) =>
      kind === "trigger state" && /DISABLE/.test(sql?.join(" ") ?? "") ? [name] : [],
    ),
  );
  return relation.triggers
    .filter(
      ({ name, row, timing, events }) =>
        row &&
        timing === "before" &&
        events.includes("insert") &&
        whole?.triggers.some((trigger) => trigger.name === name) !== true &&
        !["*", name].some((each) => disabled.has(each)),
    )
    .map(({ name }) => name);
}

function hasInsertRule({ code, rules }: Relation): boolean {
  const known = (code ?? []).filter((each) => each.kind === "rule");
  return known.some(({ event }) => event === "insert") || known.length < rules.length;
}

/** Rows from one table into another, which nobody else writes meanwhile; all of them where there is no condition. */
export function copyRows(
  from: TableReference,
  to: TableReference,
  condition: string | null,
  context: StepContext,
): ScriptStep {
  const { catalog, division } = context;
  const columns = rowColumns(from.relation ?? division.table);
  const [source, target] = [writeName(catalog, from), writeName(catalog, to)];
  const where = condition === null ? "" : ` WHERE ${condition}`;
  const copy = `INSERT INTO ${target}${columns === "*" ? "" : ` (${columns})`}\n  SELECT ${columns} FROM ${source}${where}`;
  const whole = division.scheme === "declarative" ? division.table : null;
  const isProved = mayKeepRowsOut(to.relation, whole, context);
  const sql = isProved ? `DO ${quoteBody(provedCopy(copy, `${source}${where}`, target))}` : copy;
  return step(sql, [to, "ROW EXCLUSIVE"], [from, "ACCESS SHARE"]);
}

/** Rows are counted in the table itself: a rule may send them elsewhere, and ROW_COUNT say that they came. */
function provedCopy(copy: string, source: string, target: string): string {
  return [
    "DECLARE",
    "  wanted bigint; before bigint; came bigint;",
    "BEGIN",
    `  SELECT count(*) INTO wanted FROM ${source};`,
    `  SELECT count(*) INTO before FROM ONLY ${target};`,
    `  ${copy.replaceAll("\n", "\n  ")};`,
    `  SELECT count(*) - before INTO came FROM ONLY ${target};`,
    ...raised(target),
    "END",
  ].join("\n");
}

function raised(target: string): readonly string[] {
  return [
    "  IF came <> wanted THEN",
    `    RAISE EXCEPTION '% of % rows came into %: a trigger or rule keeps the others out', came, wanted, ${quoteLiteral(target)} USING ERRCODE = '27000';`,
    "  END IF;",
  ];
}

/** Rows that the one table itself holds go to the other: each is at every moment in exactly one of both. */
export function moveRows(
  from: TableReference,
  to: TableReference,
  condition: string,
  columns: string,
  context: WriterContext,
): ScriptStep {
  const deletion = `DELETE FROM ONLY ${writeName(context.catalog, from)} WHERE ${condition} RETURNING ${columns}`;
  const insertion = insertionInto(to, columns, context);
  if (!mayKeepRowsOut(to.relation, null, context))
    return moving(`WITH moved AS (${deletion})\n${insertion}`, from, to, "inside");
  const body = [
    "DECLARE",
    "  wanted bigint; came bigint;",
    "BEGIN",
    ...countedMove([deletion], insertion, "  "),
    ...raised(writeName(context.catalog, to)),
    "END",
  ].join("\n");
  return moving(`DO ${quoteBody(body)}`, from, to, "inside");
}

/** The same by so many rows in each transaction. */
export function moveRowsByBatches(
  from: TableReference,
  to: TableReference,
  condition: string,
  columns: string,
  { size, ...context }: WriterContext & { readonly size: number },
): ScriptStep {
  const parent = writeName(context.catalog, from);
  const deletion = [
    `DELETE FROM ONLY ${parent} WHERE ctid = ANY (ARRAY(`,
    `  SELECT ctid FROM ONLY ${parent} WHERE ${condition} LIMIT ${size} FOR UPDATE))`,
    `RETURNING ${columns}`,
  ];
  const insertion = insertionInto(to, columns, context);
  const isProved = mayKeepRowsOut(to.relation, null, context);
  const body = [
    ...(isProved ? ["DECLARE", "  wanted bigint; came bigint;"] : []),
    "BEGIN",
    "  LOOP",
    ...(isProved
      ? [
          ...countedMove(deletion, insertion, "    "),
          ...raised(writeName(context.catalog, to)).map((line) => `  ${line}`),
          "    EXIT WHEN wanted = 0;",
        ]
      : [
          "    WITH moved AS (",
          ...deletion.map((line, index) => `      ${line}${index === deletion.length - 1 ? ")" : ""}`),
          `    ${insertion};`,
          "    EXIT WHEN NOT FOUND;",
        ]),
    "    COMMIT;",
    "  END LOOP;",
    "END",
  ].join("\n");
  return moving(`DO ${quoteBody(body)}`, from, to, "outside");
}

function countedMove(deletion: readonly string[], insertion: string, indent: string): readonly string[] {
  return [
    "WITH moved AS (",
    ...deletion.map((line, index) => `  ${line}${index === deletion.length - 1 ? ")," : ""}`),
    `arrived AS (${insertion} RETURNING 1)`,
    "SELECT (SELECT count(*) FROM moved), (SELECT count(*) FROM arrived) INTO wanted, came;",
  ].map((line) => `${indent}${line}`);
}

function insertionInto(to: TableReference, columns: string, { catalog }: WriterContext): string {
  return `INSERT INTO ${writeName(catalog, to)}${columns === "*" ? "" : ` (${columns})`} SELECT ${columns} FROM moved`;
}

function moving(
  sql: string,
  from: TableReference,
  to: TableReference,
  transaction: ScriptStep["transaction"],
): ScriptStep {
  const locks = [from, to].map((table) => ({ relation: fullName(table), mode: "ROW EXCLUSIVE" as const }));
  return { sql, locks, transaction };
}
