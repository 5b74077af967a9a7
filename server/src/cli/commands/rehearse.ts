/** `partition-lens rehearse`: runs a file in an embedded PostgreSQL with made rows, and reports what it locks, rewrites and loses. */

import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { type RehearsalWorld, rehearsalInput, undoFileName } from "../../ide/rehearsal-input.ts";
import { createInstalledSandboxes } from "../../postgres/installed-files.ts";
import { reportText } from "../../rehearsal/print.ts";
import { rehearsalLimits, rehearse } from "../../rehearsal/rehearse.ts";
import type { RehearsalReport } from "../../rehearsal/report.ts";
import { type LineIndex, lineAt, lineCount, lineStart, positionAt } from "../../text/line-index.ts";
import { type Analyser, whyNotAnalysed, withAnalyser } from "../analyse.ts";
import {
  type Command,
  type CommandContext,
  exitCodes,
  formatOption,
  type SourceFile,
  textOption,
  UsageError,
} from "../command.ts";
import { createProgress } from "../progress.ts";
import { readSourceFile, readSourceFileAt } from "../source-files.ts";

export const rehearseCommand: Command = {
  summary: "Runs a migration in an embedded PostgreSQL with made rows: locks, rewrites, rows lost, the way back",
  usage: "rehearse FILE [--schema path] [--from-line N] [--may-lose TABLE …] [--format text|json]",
  options: { "may-lose": { type: "string", multiple: true }, "from-line": { type: "string" } },
  optionHelp: [
    ["--from-line number", "the line in which the script begins: what stands above it in the file is its schema"],
    ["--may-lose table", "a table, as schema.name, whose rows the file is meant to remove; may be repeated"],
    ["--format name", "text or json; text is the default"],
  ],
  run: async (context) => {
    const format = formatOption(context, ["text", "json"]);
    const source = await readSourceFile(context);
    const { report, lines, version } = await withAnalyser(context, [source], (analyser) =>
      rehearsed(analyser, source, context),
    );
    const file = { name: source.path, lineOf: (offset: number) => lineAt(lines, offset) + 1, version };
    context.environment.write(
      format === "json" ? `${JSON.stringify(asJson(report, source.path, lines), null, 2)}\n` : reportText(report, file),
    );
    switch (report.outcome) {
      case "clean":
        return exitCodes.clean;
      case "error":
      case "lost-rows":
        return exitCodes.findings;
      case "unfinished":
        return exitCodes.couldNotRun;
    }
  },
};

async function rehearsed(analyser: Analyser, source: SourceFile, context: CommandContext) {
  const sandboxes = createInstalledSandboxes();
  if (sandboxes === null) throw new UsageError("the embedded PostgreSQL is not installed: its files are missing");
  const { analysis, lines } = await analyser.analyse(source);
  if (analysis === null) throw new UsageError(`${source.path} is ${whyNotAnalysed(source)}`);
  const world: RehearsalWorld = {
    partsBefore: analyser.partsBefore(source.uri),
    databaseSchema: analyser.database?.schemaStatements() ?? null,
    undoFile: await undoFileOf(analyser, source, context),
    from: fromLine(context, lines),
  };
  const input = rehearsalInput(analysis, world, tablesOf(context.options["may-lose"]));
  const controller = new AbortController();
  const opened = await sandboxes(controller.signal);
  if (!opened.ok) throw new UsageError(opened.problem.message);
  const { complaintTerminal: terminal, complain, now } = context.environment;
  const line = createProgress({ total: null, terminal, write: complain, now });
  try {
    const report = await rehearse(input, opened.value, rehearsalLimits, (what, done, of) =>
      line.begin(`${what}: ${done} of ${of}`),
    );
    return { report, lines, version: analysis.options.version };
  } finally {
    line.end();
    await opened.value.close();
  }
}

function fromLine(context: CommandContext, lines: LineIndex): number | null {
  const given = textOption(context, "from-line");
  if (given === undefined) return null;
  const line = /^\d+$/.test(given) ? Number(given) - 1 : -1;
  if (line < 0 || line >= lineCount(lines))
    throw new UsageError(`--from-line ${given}: the file has ${lineCount(lines)} lines`);
  return lineStart(lines, line);
}

/** `measurement` is `public.measurement`. */
function tablesOf(given: CommandContext["options"][string]): readonly string[] {
  if (!Array.isArray(given)) return [];
  return given.map((table) => (String(table).includes(".") ? String(table) : `public.${String(table)}`));
}

/** The file beside it by which its tool undoes it. */
async function undoFileOf(
  analyser: Analyser,
  source: SourceFile,
  context: CommandContext,
): Promise<RehearsalWorld["undoFile"]> {
  const uri = undoFileName(source.uri);
  const path = uri === null ? null : fileURLToPath(uri);
  if (path === null || (await stat(path).catch(() => null))?.isFile() !== true) return null;
  const { analysis } = await analyser.analyse(await readSourceFileAt(path, source, context));
  return analysis === null ? null : { name: basename(path), analysis };
}

/** With lines and characters beside the offsets, both from 0 as in the language server. */
function asJson(report: RehearsalReport, path: string, lines: LineIndex) {
  const placed = (statements: RehearsalReport["statements"]) =>
    statements.map((statement) => ({
      ...statement,
      range: { start: positionAt(lines, statement.range.start), end: positionAt(lines, statement.range.end) },
      result:
        statement.result.kind === "refused"
          ? { ...statement.result, at: statement.result.at === null ? null : positionAt(lines, statement.result.at) }
          : statement.result,
    }));
  return { path, ...report, statements: placed(report.statements) };
}
