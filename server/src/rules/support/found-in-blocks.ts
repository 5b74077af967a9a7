/** What rules find in single steps, and their marks, kept block by block: what no edit concerns is not looked at step by step. */

import { joinedReads } from "../../catalog/joined-reads.ts";
import type { Step } from "../../replay/step.ts";
import type { StepBlock, StepRow } from "../../replay/step-block.ts";
import type { StepList } from "../../replay/step-list.ts";
import { createStepMemo, isUnchanged, type MadeOf } from "../../replay/step-memo.ts";
import { inPortions } from "../../text/portions.ts";
import type { Turns } from "../../text/turns.ts";
import type { RuleOptions } from "../rule.ts";
import type { Found, FoundInScript } from "./step-marks.ts";

/** A step of which there is something to say or to know. */
interface FoundInStep extends Found {
  /** Its place in its block. */
  readonly at: number;
}

/** Under the options that the entry names. */
interface FoundUnder extends Found {
  readonly options: RuleOptions;
}

/** What was found in a block, and in those that are followed from it: as long as nothing is other that it was made of. */
interface FoundInBlock extends MadeOf {
  readonly options: RuleOptions;
  readonly some: readonly FoundInStep[];
}

const bySteps = createStepMemo<FoundUnder>();
const byRows = new WeakMap<StepRow, FoundInBlock>();

/** Looks with `find` at the steps that are not known; it must hang on nothing but the step and the options. */
export function* findInBlocks(
  steps: StepList,
  options: RuleOptions,
  find: (step: Step) => Found,
): Turns<FoundInScript> {
  const all: { readonly block: StepBlock; readonly some: readonly FoundInStep[] }[] = [];
  for (const block of steps.blocks) {
    const known = knownOf(block, options);
    const some = known ?? (yield* findInBlock(block, options, find));
    if (some.length > 0) all.push({ block, some });
    if (known !== null && all.length % blocksBetweenPauses === 0) yield;
  }
  return {
    *some() {
      for (const { block, some } of all)
        for (const { at, found, marks } of some) yield { found, marks, step: () => block.steps[at] as Step };
    },
  };
}

/** A pause costs more than a look at what is kept. */
const blocksBetweenPauses = 16;
const stepsBetweenPauses = 16;

function knownOf({ base, followed }: StepBlock, options: RuleOptions): readonly FoundInStep[] | null {
  const known = byRows.get(base);
  if (known === undefined || !sameOptions(known.options, options)) return null;
  return isUnchanged(known, followed?.changes ?? null) ? known.some : null;
}

function* findInBlock(
  { base, followed, steps }: StepBlock,
  options: RuleOptions,
  find: (step: Step) => Found,
): Turns<readonly FoundInStep[]> {
  const some: FoundInStep[] = [];
  for (const [at, step] of steps.entries()) {
    const cached = bySteps.known(step);
    const kept = cached !== undefined && sameOptions(cached.options, options) ? cached : null;
    const { found, marks } = kept ?? (yield* inPortions(() => bySteps.make(step, () => ({ options, ...find(step) }))));
    if (found.length > 0 || marks.length > 0) some.push({ at, found, marks });
    if (kept === null || at % stepsBetweenPauses === 0) yield;
  }
  const reads = joinedReads(steps.flatMap((step) => bySteps.readsOf(step) ?? []));
  byRows.set(base, { options, some, reads, change: followed?.changes.isOther ?? null });
  return some;
}

function sameOptions(a: RuleOptions, b: RuleOptions): boolean {
  if (a === b) return true;
  const names = ["version", "today", "timeZone", "pathmanVersion", "partmanVersion"] as const;
  return names.every((name) => a[name] === b[name]);
}
