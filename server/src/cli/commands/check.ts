/** `partition-lens check`: the findings of files and folders. */

import { diagnosticsOf } from "../../ide/diagnostics.ts";
import { partitionedQuerySteps } from "../../ide/lenses.ts";
import type { Verdict } from "../../pruning/verdict.ts";
import type { Step } from "../../replay/step.ts";
import type { Finding, Severity } from "../../text/finding.ts";
import { positionAt } from "../../text/line-index.ts";
import { atOnce } from "../../text/turns.ts";
import { type AnalysedFile, type Analyser, whyNotAnalysed, withAnalyser } from "../analyse.ts";
import { type Baseline, readBaseline, writeBaseline } from "../baseline.ts";
import {
  type Command,
  type CommandContext,
  choiceOption,
  type ExitCode,
  exitCodes,
  formatOption,
  type SourceFile,
  textOption,
  UsageError,
} from "../command.ts";
import { createProgress } from "../progress.ts";
import { type CheckedFile, type CheckSummary, fails, severityOrder } from "../reporters/reporter.ts";
import { reporters, reportFormats } from "../reporters/reporters.ts";
import { readSourceFiles } from "../source-files.ts";
import { createVerdicts } from "../verdicts.ts";
import { toolVersion } from "../version.ts";

const thresholds = [...severityOrder, "never"] as const;

export const checkCommand: Command = {
  summary: "Reports what is wrong in SQL files",
  usage: `check [FILE or FOLDER …] [--format ${reportFormats.join("|")}] [--fail-on ${thresholds.join("|")}]`,
  options: {
    "fail-on": { type: "string" },
    baseline: { type: "string" },
    "write-baseline": { type: "string" },
  },
  optionHelp: [
    ["--format name", `${reportFormats.join(", ")}; text is the default`],
    ["--fail-on severity", `exit with 1 from this severity on: ${thresholds.join(", ")}; warning is the default`],
    ["--baseline file", "report only what is not in this file"],
    ["--write-baseline file", "write what is found now into this file, for --baseline"],
  ],
  run: async (context) => {
    const format = formatOption(context, reportFormats);
    const failOn = failOnOption(context);
    const { cwd, write, terminal } = context.environment;
    const [known, written] = [textOption(context, "baseline"), textOption(context, "write-baseline")];
    if (known !== undefined && written !== undefined)
      throw new UsageError("--write-baseline writes all findings: leave out --baseline");
    const baseline = known === undefined ? null : await readBaseline(cwd, known);
    const sources = await readSourceFiles(context);
    if (written !== undefined) return writeFound(context, sources, written);
    const checked = await checkAll(context, sources, (file) => limited(file, baseline));
    const files = checked.map(({ file }) => file);
    const summary = summarise(checked, baseline !== null);
    const report = reporters[format]({ files, summary, failOn, version: toolVersion() }, terminal);
    write(report);
    const failed = files.some(({ findings }) => findings.some(({ severity }) => fails(severity, failOn)));
    return failed ? exitCodes.findings : exitCodes.clean;
  },
};

function failOnOption(context: CommandContext): Severity | null {
  const asked = choiceOption(context, "fail-on", thresholds) ?? "warning";
  return asked === "never" ? null : asked;
}

/** An analysed file with what a connected database says of its queries. */
interface AnsweredFile extends AnalysedFile {
  readonly answers: ReadonlyMap<Step, Verdict>;
}

interface Checked {
  readonly file: CheckedFile;
  /** How many findings the baseline knows. */
  readonly known: number;
}

/** One file after the other, so that only one of them is held with all of its steps. */
async function checkAll<Result>(
  context: CommandContext,
  sources: readonly SourceFile[],
  finish: (file: AnsweredFile) => Result,
): Promise<readonly Result[]> {
  const { complain, complaintTerminal, now } = context.environment;
  const progress = createProgress({ total: sources.length, terminal: complaintTerminal, write: complain, now });
  try {
    return await withAnalyser(context, sources, async (analyser) => {
      const results: Result[] = [];
      for (const source of sources) {
        progress.begin(source.path);
        const analysed = await analyser.analyse(source);
        results.push(finish({ ...analysed, answers: await answersOf(analysed, analyser) }));
      }
      return results;
    });
  } finally {
    progress.end();
  }
}

/** What a connected database says of the queries; without one the findings rest on the prediction alone, and nobody is asked. */
async function answersOf({ source, analysis }: AnalysedFile, analyser: Analyser): Promise<ReadonlyMap<Step, Verdict>> {
  const answers = new Map<Step, Verdict>();
  if (analyser.database === null || analysis === null) return answers;
  const verdicts = createVerdicts(analyser);
  for (const step of atOnce(partitionedQuerySteps(analysis)))
    answers.set(step, await verdicts.verdictOf(analysis, step, source.settings));
  return answers;
}

/** The findings that the baseline does not know, and of them no more than `diagnostics.maxPerFile`. */
function limited(answered: AnsweredFile, baseline: Baseline | null): Checked {
  const { source, lines, analysis, answers } = answered;
  const { path, uri, text, settings } = source;
  if (analysis === null) {
    const remark = source.isUnread ? source.remark : joined([source.remark, whyNotAnalysed(source)]);
    return { file: { path, uri, text, lines, findings: [], remark }, known: 0 };
  }
  let known = 0;
  const choose = (findings: readonly Finding[]): readonly Finding[] => {
    const unknown = baseline?.unknownOf(findings, { uri, text, lines }) ?? findings;
    known = findings.length - unknown.length;
    return unknown;
  };
  const { shown, omitted } = diagnosticsOf(analysis, {
    enabled: settings["diagnostics.enabled"],
    limit: settings["diagnostics.maxPerFile"],
    answerTo: (step) => answers.get(step) ?? null,
    choose,
  });
  const more =
    omitted === null ? null : `line ${positionAt(lines, omitted.range.start).line + 1} and after: ${omitted.message}`;
  return { file: { path, uri, text, lines, findings: shown, remark: joined([source.remark, more]) }, known };
}

function joined(remarks: readonly (string | null)[]): string | null {
  const said = remarks.filter((remark) => remark !== null);
  return said.length === 0 ? null : said.join("; ");
}

/** Writes the baseline, and says so. */
async function writeFound(context: CommandContext, sources: readonly SourceFile[], file: string): Promise<ExitCode> {
  const found = await checkAll(context, sources, ({ source, lines, analysis, answers }) => {
    const options = {
      enabled: source.settings["diagnostics.enabled"],
      limit: Number.POSITIVE_INFINITY,
      answerTo: (step: Step) => answers.get(step) ?? null,
    };
    const findings = analysis === null ? [] : diagnosticsOf(analysis, options).shown;
    return { uri: source.uri, text: source.text, lines, findings };
  });
  await writeBaseline(context.environment.cwd, file, found);
  const count = found.reduce((sum, { findings }) => sum + findings.length, 0);
  context.environment.write(
    `${count} finding${count === 1 ? "" : "s"} written; \`check --baseline ${file}\` reports what is new\n`,
  );
  return exitCodes.clean;
}

function summarise(checked: readonly Checked[], hasBaseline: boolean): CheckSummary {
  const count = (...severities: readonly Severity[]): number =>
    checked.reduce(
      (sum, { file }) => sum + file.findings.filter(({ severity }) => severities.includes(severity)).length,
      0,
    );
  return {
    files: checked.length,
    errors: count("error"),
    warnings: count("warning"),
    others: count("information", "hint"),
    ...(hasBaseline ? { known: checked.reduce((sum, { known }) => sum + known, 0) } : {}),
  };
}
