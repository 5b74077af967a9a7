/** `partition-lens check`: the findings of files and folders. */

import { diagnosticsOf } from "../../ide/diagnostics.ts";
import { partitionedQuerySteps } from "../../ide/lenses.ts";
import type { Verdict } from "../../pruning/verdict.ts";
import type { Step } from "../../replay/step.ts";
import { positionAt } from "../../text/line-index.ts";
import { type AnalysedFile, type Analyser, withAnalyser } from "../analyse.ts";
import { type Command, exitCodes, formatOption } from "../command.ts";
import type { CheckedFile, CheckResult } from "../reporters/reporter.ts";
import { reporters, reportFormats } from "../reporters/reporters.ts";
import { readSourceFiles } from "../source-files.ts";
import { createVerdicts } from "../verdicts.ts";

export const checkCommand: Command = {
  summary: "Reports what is wrong in SQL files",
  usage: "check [FILE or FOLDER …] [--format text|json]",
  options: {},
  optionHelp: [["--format name", `${reportFormats.join(" or ")}; text is the default`]],
  run: async (context) => {
    const report = reporters[formatOption(context, reportFormats)];
    const sources = await readSourceFiles(context);
    const files = await withAnalyser(context, async (analyser) => {
      const checkedFiles: CheckedFile[] = [];
      for (const source of sources) {
        const analysed = await analyser.analyse(source);
        checkedFiles.push(checked(analysed, await answersOf(analysed, analyser)));
      }
      return checkedFiles;
    });
    const result: CheckResult = { files, summary: summarise(files) };
    context.environment.write(report(result));
    return result.summary.errors + result.summary.warnings > 0 ? exitCodes.findings : exitCodes.clean;
  },
};

/** What a connected database says of the queries; without one the findings rest on the prediction alone, and nobody is asked. */
async function answersOf({ source, analysis }: AnalysedFile, analyser: Analyser): Promise<ReadonlyMap<Step, Verdict>> {
  const answers = new Map<Step, Verdict>();
  if (analyser.database === null || analysis === null) return answers;
  const verdicts = createVerdicts(analyser);
  for (const step of partitionedQuerySteps(analysis))
    answers.set(step, await verdicts.verdictOf(analysis, step, source.settings));
  return answers;
}

function checked({ source, lines, analysis }: AnalysedFile, answers: ReadonlyMap<Step, Verdict>): CheckedFile {
  const { path, uri, settings } = source;
  if (analysis === null) {
    const limit = settings["limits.maxFileSizeKb"];
    return {
      path,
      uri,
      lines,
      findings: [],
      remark: `not analysed: larger than limits.maxFileSizeKb, which is ${limit}`,
    };
  }
  const { shown, omitted } = diagnosticsOf(analysis, {
    enabled: settings["diagnostics.enabled"],
    limit: settings["diagnostics.maxPerFile"],
    answerTo: (step) => answers.get(step) ?? null,
  });
  const remark =
    omitted === null ? null : `line ${positionAt(lines, omitted.range.start).line + 1} and after: ${omitted.message}`;
  return { path, uri, lines, findings: shown, remark };
}

function summarise(files: readonly CheckedFile[]): CheckResult["summary"] {
  const count = (...severities: readonly string[]): number =>
    files.reduce(
      (sum, { findings }) => sum + findings.filter(({ severity }) => severities.includes(severity)).length,
      0,
    );
  return {
    files: files.length,
    errors: count("error"),
    warnings: count("warning"),
    others: count("information", "hint"),
  };
}
