/** What a rehearsal of a file is made of: the schema in front of it, its statements as its tool runs them, and what undoes it. */

import type { RehearsalInput } from "../rehearsal/rehearse.ts";
import { titleOf } from "../rehearsal/rehearse.ts";
import type { RehearsalStatement } from "../rehearsal/run-script.ts";
import { isRun, type Step } from "../replay/step.ts";
import type { Statement } from "../syntax/statement.ts";
import type { Analysis } from "./analysis.ts";
import { partOf, type ScriptPart, wholeSchema } from "./schema-statements.ts";
import { placeOfStep } from "./step-places.ts";

export interface RehearsalWorld {
  /** The files that run before it. */
  readonly partsBefore: readonly ScriptPart[];
  /** The statements that make a connected database's schema, which then is what the script meets; null without one. */
  readonly databaseSchema: readonly string[] | null;
  /** The file beside it that undoes it; null where there is none. */
  readonly undoFile: { readonly name: string; readonly analysis: Analysis } | null;
  /** Where in the file the script begins, when what stands in front of it is its schema; null for all of the file. */
  readonly from?: number | null | undefined;
}

/** The major of the embedded PostgreSQL: what only later ones know is not rehearsed. */
export const rehearsedMajor = 18;

export function rehearsalInput(
  analysis: Analysis,
  { partsBefore, databaseSchema, undoFile, from = null }: RehearsalWorld,
  mayLose: readonly string[] = [],
): RehearsalInput {
  const own = partOf(analysis);
  const above =
    from === null
      ? []
      : own.steps.filter((step) => placeOfStep(analysis, step).end <= from && step.run.direction === "up");
  const parts = above.length === 0 ? partsBefore : [...partsBefore, { ...own, steps: above }];
  const settings = (above.length === 0 ? analysis.start : (above.at(-1)?.after ?? analysis.start)).settings;
  const down = rehearsedStatements(analysis, "down");
  const beside = undoFile === null ? [] : rehearsed(undoFile.analysis, undoFile.analysis.steps);
  return {
    schema:
      databaseSchema === null
        ? { source: "files", statements: wholeSchema(parts, settings).map(({ sql }) => sql) }
        : { source: "database", statements: databaseSchema },
    script: rehearsedStatements(analysis, "up").filter(({ range }) => from === null || range.end > from),
    undo:
      down.length > 0
        ? { origin: "the part of the file that undoes it", statements: down }
        : undoFile !== null && beside.length > 0
          ? { origin: undoFile.name, statements: beside }
          : null,
    mayLose,
  };
}

/** The statements of a file that do it, or undo it, as its tool runs them. */
export function rehearsedStatements(analysis: Analysis, direction: "up" | "down"): readonly RehearsalStatement[] {
  return rehearsed(
    analysis,
    analysis.steps.filter(({ run }) => run.direction === direction),
  );
}

/** The URI, or the path with slashes, of the file that undoes a migration, as the tools call it; null where there is no such custom. */
export function undoFileName(path: string): string | null {
  for (const [pattern, replacement] of undoNames) {
    if (pattern.test(path)) return path.replace(pattern, replacement);
  }
  return null;
}

const undoNames: readonly (readonly [RegExp, string])[] = [
  [/\.up\.sql$/, ".down.sql"],
  [/(^|\/)up\.sql$/, "$1down.sql"],
  [/(^|\/)deploy\/((?:[^/]+\/)*[^/]+\.sql)$/, "$1revert/$2"],
  [/(^|\/)V(\d[\w.]*__[^/]+\.sql)$/, "$1U$2"],
];

function rehearsed(analysis: Analysis, steps: readonly Step[]): readonly RehearsalStatement[] {
  return steps.flatMap((step) => {
    const { statement, masked } = step.statement;
    // What the script itself leaves out, and what only says how psql goes on.
    if (step.behind.imagined?.afterError === false && !isRun(step) && step.run.direction === "up") return [];
    if (statement.kind === "psql" && statement.command !== "include" && statement.command !== "assign") return [];
    const { start, end } = placeOfStep(analysis, step);
    const text = analysis.document.content.slice(start, end);
    const sql = step.sent ?? text;
    return [
      {
        sql,
        range: { start, end },
        isVerbatim: step.sent === undefined || step.sent === text,
        title: titleOf(sql),
        run: step.run.first,
        inBlock: step.run.transaction === "block" || step.run.transaction === "text",
        goesOn: step.run.program === "psql",
        kind: kindOf(statement, sql),
        skipped: skippedBecause(statement, masked, sql, analysis.options.version),
      },
    ];
  });
}

function kindOf(statement: Statement, sql: string): RehearsalStatement["kind"] {
  switch (statement.kind) {
    case "query":
    case "transaction":
    case "truncate":
      return statement.kind;
    default:
      return isolation.test(sql) ? "transaction" : "other";
  }
}

const isolation = /^\s*set\s+(?:session\s+characteristics\s+as\s+)?transaction\b/i;

/** Why a statement is not run in the embedded server; null where it is. */
function skippedBecause(statement: Statement, masked: boolean, sql: string, version: number): string | null {
  if (masked) return "it holds placeholders, which the program or tool replaces";
  if (isolation.test(sql)) return "there is only one session here: how it is isolated changes nothing";
  switch (statement.kind) {
    case "psql":
      return "what it brings in is not known";
    case "connect":
      return "there is only one database here";
    case "copy":
      return /\b(?:stdin|stdout)\b|\bprogram\b/i.test(sql) ? "the data of COPY do not reach the embedded server" : null;
    case "alter-table":
      return version > rehearsedMajor &&
        statement.actions.some(({ kind }) => kind === "split-partition" || kind === "merge-partitions")
        ? `PostgreSQL ${rehearsedMajor}, which is embedded, does not know it yet`
        : null;
    case "invalid":
      return statement.mayBeTakenBy !== undefined &&
        statement.mayBeTakenBy.to > rehearsedMajor &&
        version > rehearsedMajor
        ? `PostgreSQL ${rehearsedMajor}, which is embedded, does not know it yet`
        : null;
    default:
      return null;
  }
}
