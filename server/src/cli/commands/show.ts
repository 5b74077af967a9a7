/** `partition-lens show`: what one stage of the pipeline makes of a file. */

import { type Stage, stages, stageText } from "../../ide/stages.ts";
import { typedValueReader } from "../../syntax/typed-value.ts";
import { pageText } from "../../text/foreign-text.ts";
import { type Analyser, whyNotAnalysed, withAnalyser } from "../analyse.ts";
import { type Command, exitCodes, type SourceFile, UsageError } from "../command.ts";
import { readSourceFile } from "../source-files.ts";
import { createVerdicts } from "../verdicts.ts";

export const showCommand: Command = {
  summary: "Prints what a stage makes of a file: for finding the stage at which something goes wrong",
  usage: `show ${stages.join("|")} FILE`,
  options: {},
  optionHelp: [],
  run: async (context) => {
    const [word, ...files] = context.words;
    const stage = stages.find((each): each is Stage => each === word);
    if (stage === undefined) throw new UsageError(`name a stage: ${stages.join(", ")}`);
    const source = await readSourceFile({ ...context, words: files });
    const text = await withAnalyser(context, [source], (analyser) => printed(analyser, source, stage));
    context.environment.write(pageText(text));
    return exitCodes.clean;
  },
};

async function printed(analyser: Analyser, source: SourceFile, stage: Stage): Promise<string> {
  const { analysis } = await analyser.analyse(source);
  if (analysis === null) throw new UsageError(`${source.path} is ${whyNotAnalysed(source)}`);
  const verdicts = createVerdicts(analyser);
  const actions = {
    document: analysis.document,
    steps: analysis.steps,
    start: analysis.start,
    version: analysis.options.version,
    today: analysis.options.today,
    typedValues: typedValueReader(analyser.reading),
  };
  return stageText(analysis, { stage, offset: null }, actions, (step) =>
    verdicts.verdictOf(analysis, step, source.settings),
  );
}
