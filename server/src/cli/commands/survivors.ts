/** `partition-lens survivors`: which partitions each query of a file touches. */

import { lensTitle, withoutIcons } from "../../ide/lens-title.ts";
import { partitionedQuerySteps } from "../../ide/lenses.ts";
import { sourceNoteOf } from "../../ide/prediction-source.ts";
import { placeOfStep } from "../../ide/step-places.ts";
import { type RelationSurvivors, survivorsOf } from "../../ide/survivors.ts";
import type { Verdict } from "../../pruning/verdict.ts";
import { lineText } from "../../text/foreign-text.ts";
import { type LinePosition, positionAt } from "../../text/line-index.ts";
import { atOnce } from "../../text/turns.ts";
import { type AnalysedFile, type Analyser, withAnalyser } from "../analyse.ts";
import { type Command, exitCodes, formatOption, type SourceFile } from "../command.ts";
import { readSourceFiles } from "../source-files.ts";
import { type CommandVerdicts, createVerdicts } from "../verdicts.ts";

interface StatementAnswer {
  readonly range: { readonly start: LinePosition; readonly end: LinePosition };
  readonly relations: readonly RelationSurvivors[];
}

interface FileAnswer {
  readonly path: string;
  readonly statements: readonly (StatementAnswer & { readonly title: string })[];
}

export const survivorsCommand: Command = {
  summary: "Says which partitions each query touches",
  usage: "survivors [FILE or FOLDER …] [--format text|json]",
  options: {},
  optionHelp: [["--format name", "text or json; text is the default"]],
  run: async (context) => {
    const format = formatOption(context, ["text", "json"]);
    const sources = await readSourceFiles(context);
    const files = await withAnalyser(context, sources, (analyser) => answers(analyser, sources));
    context.environment.write(format === "json" ? `${JSON.stringify(asJson(files), null, 2)}\n` : asText(files));
    return exitCodes.clean;
  },
};

async function answers(analyser: Analyser, sources: readonly SourceFile[]): Promise<readonly FileAnswer[]> {
  const verdicts = createVerdicts(analyser);
  const files: FileAnswer[] = [];
  for (const source of sources) files.push(await answerFor(await analyser.analyse(source), verdicts));
  return files;
}

async function answerFor({ source, lines, analysis }: AnalysedFile, verdicts: CommandVerdicts): Promise<FileAnswer> {
  const statements = [];
  for (const step of analysis === null ? [] : atOnce(partitionedQuerySteps(analysis))) {
    if (analysis === null) break;
    const verdict: Verdict = await verdicts.verdictOf(analysis, step, source.settings);
    if (verdict.relations.length === 0) continue;
    const { start, end } = placeOfStep(analysis, step);
    const title = lensTitle(verdict, source.text.slice(start, end), {
      names: source.settings["codeLens.names"],
      sourceNote: sourceNoteOf(step, analysis.file, verdicts.sourceNote),
    });
    const range = { start: positionAt(lines, start), end: positionAt(lines, end) };
    statements.push({ range, relations: survivorsOf(verdict), title: withoutIcons(title) });
  }
  return { path: source.path, statements };
}

/** One file answers as the language server does; several, each under its path. */
function asJson(files: readonly FileAnswer[]): unknown {
  const shaped = files.map(({ path, statements }) => ({
    path,
    statements: statements.map(({ range, relations }): StatementAnswer => ({ range, relations })),
  }));
  const [only] = shaped;
  return shaped.length === 1 && only !== undefined ? { statements: only.statements } : { files: shaped };
}

function asText(files: readonly FileAnswer[]): string {
  const lines = files.flatMap(({ path, statements }) =>
    statements.map(({ range, title }) =>
      lineText(`${path}:${range.start.line + 1}:${range.start.character + 1}: ${title}`),
    ),
  );
  return lines.length === 0 ? "no statement touches a partitioned table\n" : `${lines.join("\n")}\n`;
}
