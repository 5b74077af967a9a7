/** The report of a rehearsal for people: a page of plain text. */

import { lineText } from "../text/foreign-text.ts";
import { greatest } from "../text/long-lists.ts";
import {
  count,
  fatePhrase,
  isUntouched,
  nameList,
  outcomePhrase,
  partitionPhrase,
  shortName,
  statementPhrases,
} from "./phrases.ts";
import type { RehearsalReport, StatementReport } from "./report.ts";

export interface PrintedFile {
  /** As people see it. */
  readonly name: string;
  /** The line, from 1, in which an offset of the document stands. */
  readonly lineOf: (offset: number) => number;
  /** The major for which the file is checked. */
  readonly version: number;
}

interface Page {
  readonly title: string;
  readonly opening: readonly string[];
  readonly statements: readonly {
    readonly line: number;
    readonly title: string;
    readonly phrases: readonly string[];
  }[];
  readonly sections: readonly { readonly title: string; readonly lines: readonly string[] }[];
}

export function reportText(report: RehearsalReport, file: PrintedFile): string {
  const { title, opening, statements, sections } = pageOf(report, file);
  const width = greatest(
    statements.map(({ line }) => String(line).length),
    1,
  );
  const lines = [
    title,
    ...opening,
    "",
    ...statements.flatMap((statement) => [
      `${String(statement.line).padStart(width)}  ${statement.title}`,
      ...statement.phrases.map((phrase) => `${" ".repeat(width + 4)}${phrase}`),
    ]),
    ...sections.flatMap((section) => ["", section.title, ...section.lines.map((line) => `  ${line}`)]),
  ];
  return `${lines.map(lineText).join("\n")}\n`;
}

function pageOf(report: RehearsalReport, file: PrintedFile): Page {
  const phrased = (statements: readonly StatementReport[], lineOf: (offset: number) => number) =>
    statements.map((statement) => ({
      line: lineOf(
        statement.result.kind === "refused" ? (statement.result.at ?? statement.range.start) : statement.range.start,
      ),
      title: statement.title,
      phrases: statementPhrases(statement, (index) => {
        const named = statements[index];
        return named === undefined ? "its end" : `${named.title} in line ${lineOf(named.range.start)}`;
      }),
    }));
  const { failures, source, statements: schemaStatements } = report.schema;
  return {
    title: `Rehearsal of ${file.name}`,
    opening: [
      outcomePhrase(report),
      `The schema before it: ${source === "database" ? "of the connected database" : "of the files"}, ${count(schemaStatements, "statement")}. Nothing was run anywhere but in an embedded PostgreSQL.`,
      ...(report.rows.made === 0 && report.ended === null
        ? [
            "No rows were made: there are no tables in front of it. Begin it further down in its file to have those above as its schema.",
          ]
        : []),
      ...(file.version === Math.floor(report.serverVersion / 10_000)
        ? []
        : [
            `The file is meant for PostgreSQL ${file.version}: what it takes, locks and rewrites there may be otherwise.`,
          ]),
    ],
    statements: phrased(report.statements, file.lineOf),
    sections: [
      ...section("Rows", rowLines(report)),
      ...report.partitions.map(({ relation, before, after }) => ({
        title: `Partitions of ${shortName(relation)}`,
        lines: partitionLines(before.map(partitionPhrase), after.map(partitionPhrase)),
      })),
      ...undoSections(report),
      ...section(
        "Without rows",
        report.rows.empty.map(({ relation, reason }) => `${shortName(relation)}: ${reason}`),
      ),
      ...section(
        "Not there",
        failures.map(({ sql, message }) => `${lineText(sql).slice(0, 80)}: ${message}`),
      ),
    ],
  };
}

function section(title: string, lines: readonly string[]): Page["sections"] {
  return lines.length === 0 ? [] : [{ title, lines }];
}

function rowLines({ tables }: RehearsalReport): readonly string[] {
  if (tables === null) return ["not compared"];
  const untouched = tables.filter(isUntouched);
  return [
    ...tables.filter((fate) => !isUntouched(fate)).map((fate) => `${shortName(fate.relation)}: ${fatePhrase(fate)}`),
    ...tables.flatMap(({ relation, examples }) => examples.map((row) => `lost from ${shortName(relation)}: ${row}`)),
    ...(untouched.length > 0
      ? [`the same rows as before: ${nameList(untouched.map(({ relation }) => relation))}`]
      : []),
  ];
}

/** What is gone and what came, marked as in the preview of a script, and how many are as they were. */
function partitionLines(before: readonly string[], after: readonly string[]): readonly string[] {
  const [was, now] = [new Set(before), new Set(after)];
  const gone = before.filter((line) => !now.has(line));
  const come = after.filter((line) => !was.has(line));
  const same = after.length - come.length;
  const changed = [...gone.map((line) => `- ${line}`), ...come.map((line) => `+ ${line}`)];
  if (changed.length === 0) return [`${count(same, "partition")} as before`];
  return same === 0 ? changed : [...changed, `${count(same, "other")} as before`];
}

function undoSections({ undo, outcome }: RehearsalReport): Page["sections"] {
  if (undo === null)
    return outcome === "error" || outcome === "unfinished"
      ? []
      : [{ title: "The way back", lines: ["the file says none"] }];
  const errors = undo.statements.flatMap((statement) =>
    statement.result.kind === "ran"
      ? []
      : [`${statement.title}: ${statementPhrases(statement, () => "its end").join("; ")}`],
  );
  const result =
    undo.restored === true
      ? ["tables, partitions and rows are as they were before"]
      : undo.restored === false
        ? undo.differences
        : ["it does not run to its end", ...undo.differences];
  return [{ title: `The way back (${undo.origin})`, lines: [...errors, ...result] }];
}
