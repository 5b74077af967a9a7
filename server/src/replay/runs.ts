/** How a file is run: which parts of it by themselves, whether in a transaction, and whether piece by piece. */

import type { Document } from "../syntax/document.ts";
import type { MigrationTool, OptOut } from "../syntax/migration-tools.ts";
import type { PlacedStatement } from "../syntax/statement.ts";
import {
  type ConfigurationFile,
  flywayPlaceholders,
  type Placeholders,
  samePlaceholders,
} from "./flyway-placeholders.ts";

/** Statements that are run one after the other in a session of their own. */
export interface Run {
  /** The index of the first one in its file; the last one stands before the next run. */
  readonly first: number;
  /** `down` undoes what the file does, and is not run when that is wanted. */
  readonly direction: "up" | "down";
  readonly program: "psql" | "psql-stopping" | "tool";
  /** `block`: inside BEGIN and COMMIT. `text`: several statements sent as one, which share a transaction. `unknown`: perhaps. */
  readonly transaction: "none" | "block" | "text" | "unknown";
  /** Whether PostgreSQL reads all of it before it runs any: the index of the statement at which the grammar then refuses all. */
  readonly refusedAt: number | null;
  /** What the program puts in the place of its placeholders; absent where it has none of its own. */
  readonly placeholders?: Placeholders | undefined;
  /** Whether it is for another database, and PostgreSQL never sees it. */
  readonly isElsewhere?: true | undefined;
}

/** A script that a person gives to psql. */
export const script: Run = {
  first: 0,
  direction: "up",
  program: "psql",
  transaction: "none",
  refusedAt: null,
};

/** Tells the run of each statement; it is asked about in their order, but for a few. */
export function createRunWalk(runs: readonly Run[]): (index: number) => Run {
  let place = 0;
  return (index) => {
    while (place > 0 && (runs[place]?.first ?? 0) > index) place--;
    while ((runs[place + 1]?.first ?? Number.POSITIVE_INFINITY) <= index) place++;
    return runs[place] ?? script;
  };
}

export function sameRun(a: Run, b: Run): boolean {
  return (
    a === b ||
    (a.first === b.first &&
      a.direction === b.direction &&
      a.program === b.program &&
      a.transaction === b.transaction &&
      a.refusedAt === b.refusedAt &&
      a.isElsewhere === b.isElsewhere &&
      samePlaceholders(a.placeholders, b.placeholders))
  );
}

interface Section {
  readonly offset: number;
  readonly direction: Run["direction"];
  /** The line that begins it. */
  readonly line: string;
}

/**
 * The runs of a file. `textBeside` gives the text of another file in its folder, or null where there is none; without a tool it
 * is a script for psql. `configuration` are the files in which the tool has its settings, each before those that count first.
 */
export function runsOf(
  document: Pick<Document, "text" | "statements">,
  tool: MigrationTool | null,
  fileName: string,
  textBeside: (name: string) => string | null,
  configuration: readonly ConfigurationFile[] = noConfiguration,
): readonly Run[] {
  if (tool === null) return [script];
  const placeholders = placeholdersOf(tool, configuration, textBeside(`${fileName}.conf`));
  const { text, statements } = document;
  const runs: Run[] = [];
  for (const { offset, direction, line } of sectionsOf(text, tool)) {
    const first = statements.findIndex(({ start }) => start >= offset);
    const index = first < 0 ? statements.length : first;
    // Of a section without statements there is nothing to run.
    if (runs.at(-1)?.first === index) runs.pop();
    const run = runOf(tool, index, direction, isOptedOut(tool.optOut, { text, line, fileName, textBeside }));
    const own = placeholders === null ? run : { ...run, placeholders };
    runs.push(tool.sections?.notHere?.(line) === true ? { ...own, isElsewhere: true } : own);
  }
  return runs.map((run, place) => withStatements(run, tool, document, runs[place + 1]?.first ?? statements.length));
}

/** null for a tool that has none, or is told to leave them alone. */
function placeholdersOf(
  tool: MigrationTool,
  configuration: readonly ConfigurationFile[],
  ownConfiguration: string | null,
): Placeholders | null {
  if (tool.configuration === undefined) return null;
  if (/^[ \t]*placeholderReplacement[ \t]*=[ \t]*false[ \t]*$/im.test(ownConfiguration ?? "")) return null;
  return flywayPlaceholders(configuration);
}

const noConfiguration: readonly ConfigurationFile[] = [];

/** How many statements come before the first one that undoes. */
export function forwardStatements(runs: readonly Run[], statements: number): number {
  return runs.find(({ direction }) => direction === "down")?.first ?? statements;
}

function sectionsOf(text: string, { sections }: MigrationTool): readonly Section[] {
  const found: Section[] = [{ offset: 0, direction: "up", line: "" }];
  if (sections === undefined) return found;
  for (const { 0: line, index: offset } of text.matchAll(/^[ \t]*--.*$/gm)) {
    if (sections.up?.test(line) === true) found.push({ offset, direction: "up", line });
    else if (sections.down?.test(line) === true) found.push({ offset, direction: "down", line });
  }
  return found;
}

interface Saying {
  readonly text: string;
  readonly line: string;
  readonly fileName: string;
  readonly textBeside: (name: string) => string | null;
}

function isOptedOut(optOut: OptOut | undefined, { text, line, fileName, textBeside }: Saying): boolean {
  if (optOut === undefined) return false;
  const beside = optOut.beside === undefined ? null : textBeside(optOut.beside.name(fileName));
  return (
    optOut.file?.test(text) === true ||
    optOut.section?.test(line) === true ||
    (beside !== null && optOut.beside?.says.test(beside) === true)
  );
}

function runOf({ sends, transaction }: MigrationTool, first: number, direction: Run["direction"], isOut: boolean): Run {
  // Whoever is not known may go on after an error.
  const program = sends === "psql" ? "psql-stopping" : transaction === "unknown" ? "psql" : "tool";
  return { first, direction, program, transaction: isOut ? "none" : transaction, refusedAt: null };
}

/** What the statements of a run say of it; `end` is the index behind its last one. */
function withStatements(
  run: Run,
  { sends, optOut }: MigrationTool,
  { text, statements }: Pick<Document, "text" | "statements">,
  end: number,
): Run {
  const own = statements.slice(run.first, end);
  const alone = optOut?.statement;
  if (alone !== undefined && own.some(({ start }) => alone.test(text.slice(start, start + longestOpening))))
    return { ...run, transaction: "none" };
  if (sends !== "text") return run;
  const refused = own.findIndex(isRefused);
  return {
    ...run,
    transaction: run.transaction === "none" && own.length > 1 ? "text" : run.transaction,
    refusedAt: refused < 0 ? null : run.first + refused,
  };
}

/** As much of a statement as its first words need. */
const longestOpening = 200;

function isRefused({ statement, masked, swallowed }: PlacedStatement): boolean {
  return statement.kind === "invalid" && statement.mayBeTakenBy === undefined && !masked && !swallowed;
}
