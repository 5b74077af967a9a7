/** What was found at the end of an earlier version of a script, for versions in which nothing but places has changed. */

import type { Step } from "../../replay/step.ts";
import type { RuleFinding } from "../rule.ts";
import type { RuleInput } from "./rule-input.ts";

export interface FoundAtEnd {
  readonly input: RuleInput;
  /** By the rule's id, as rules give them: relative to statements. */
  readonly found: Map<string, readonly RuleFinding[]>;
  /** What was answered of later files when rules asked. */
  readonly answers: Map<string, boolean>;
}

/** By the steps of the version. */
const foundAtEnd = new WeakMap<readonly Step[], FoundAtEnd>();

/** What is known of the end of this version: what was found in the earlier one, where rules could find nothing else now. */
export function startOfFindings(input: RuleInput): FoundAtEnd {
  const earlier = foundAtEnd.get(input.previousSteps ?? []);
  const kept = earlier !== undefined && isSameScript(earlier, input) ? earlier : null;
  const known = {
    // The steps before that would otherwise stay for as long as this version.
    input: { ...input, previousSteps: undefined },
    found: kept?.found ?? new Map<string, readonly RuleFinding[]>(),
    answers: kept?.answers ?? new Map<string, boolean>(),
  };
  foundAtEnd.set(input.steps, known);
  return known;
}

function isSameScript({ input: earlier, answers }: FoundAtEnd, input: RuleInput): boolean {
  const { steps, final, file, options, reading, changesLater = () => false } = input;
  return (
    earlier.final === final &&
    earlier.file === file &&
    earlier.reading?.library === reading?.library &&
    optionNames.every((name) => earlier.options[name] === options[name]) &&
    earlier.steps.length === steps.length &&
    steps.every((step, index) => isSameStep(step, earlier.steps[index])) &&
    [...answers].every(([relation, answer]) => changesLater(relation) === answer)
  );
}

const optionNames = ["version", "today", "timeZone", "pathmanVersion", "partmanVersion"] as const;

/** Whether the step is the other one, which may only have moved: each statement that is run has a transaction state of its own. */
function isSameStep(step: Step, other: Step | undefined): boolean {
  return (
    other !== undefined &&
    step.transaction === other.transaction &&
    step.before === other.before &&
    step.after === other.after &&
    step.handle === other.handle &&
    step.statement.hash === other.statement.hash
  );
}
