/** What rules found at the end of an earlier version of a script, for versions that answer all that they asked in the same way. */

import { type Step, sourceBehind, sourceInFront } from "../../replay/step.ts";
import { differing, noSteps, type StepList, stepListOf } from "../../replay/step-list.ts";
import type { Statement } from "../../syntax/statement.ts";
import type { StatementHandle } from "../../syntax/statement-handle.ts";
import { allInPortions } from "../../text/portions.ts";
import type { Turns } from "../../text/turns.ts";
import type { Rule, RuleFinding, ScriptContext, StepMark } from "../rule.ts";
import type { RuleInput } from "./rule-input.ts";

/** What one rule finds at the end of a script, and whether that is known from an earlier version. */
export interface FoundAtEnd {
  readonly found: readonly RuleFinding[];
  readonly kept: boolean;
}

/** What rules found at the end of one version. */
interface Version {
  readonly input: RuleInput;
  readonly relations: ScriptContext["relations"];
  /** By the rule's id. */
  readonly byRule: Map<string, Kept>;
}

interface Kept {
  /** Relative to statements. */
  readonly found: readonly RuleFinding[];
  readonly asked: Asked;
}

/** What a rule asked of a script, beside what is true at its end. */
interface Asked {
  allSteps: boolean;
  readonly kinds: Set<Statement["kind"]>;
  readonly statements: Set<StatementHandle>;
  /** The steps with a mark, and what they are marked with. */
  readonly marks: Map<StepMark<unknown>, readonly KnownMark[]>;
  /** What was answered of later files, by the name asked for. */
  readonly changesLater: Map<string, boolean>;
}

interface KnownMark {
  readonly handle: StatementHandle;
  readonly value: unknown;
}

/** By the steps of the version. */
const versions = new WeakMap<StepList, Version>();

/**
 * Finds with one rule after another at the end of a script, running those whose questions have other answers than before. Pauses after
 * so many findings.
 */
export function createEndFinder(
  input: RuleInput,
  script: ScriptContext,
  most: number,
): (rule: Rule) => Turns<FoundAtEnd> {
  const earlier = versions.get(stepListOf(input.previousSteps ?? noSteps));
  const version: Version = {
    // The steps before that would otherwise stay for as long as this version.
    input: { ...input, previousSteps: undefined },
    relations: script.relations,
    byRule: new Map(),
  };
  if (earlier !== undefined && isSameEnd(earlier, version)) {
    const changed = changedSteps(earlier.input.steps, input.steps);
    for (const [rule, known] of earlier.byRule)
      if (answersTheSame(known.asked, changed, script)) version.byRule.set(rule, known);
  }
  versions.set(stepListOf(input.steps), version);
  return function* (rule) {
    const kept = version.byRule.get(rule.id);
    const { found, asked } = kept ?? (yield* findBy(rule, script, most));
    if (kept === undefined) version.byRule.set(rule.id, { found, asked });
    return { found, kept: kept !== undefined };
  };
}

/** Whether what is true at the end of both is the same, and rules look at it in the same way. */
function isSameEnd({ input: earlier, relations }: Version, { input, relations: now }: Version): boolean {
  return (
    earlier.final === input.final &&
    relations === now &&
    earlier.file === input.file &&
    earlier.reading?.library === input.reading?.library &&
    optionNames.every((name) => earlier.options[name] === input.options[name])
  );
}

const optionNames = ["version", "today", "timeZone", "pathmanVersion", "partmanVersion"] as const;

/** What of a script is other than in the earlier version of it. */
interface Changed {
  readonly kinds: ReadonlySet<Statement["kind"]>;
  readonly statements: ReadonlySet<StatementHandle>;
}

/** The steps of the blocks that are others, but for those at their beginning and end that are the same. */
function changedSteps(earlier: RuleInput["steps"], steps: RuleInput["steps"]): Changed {
  const { before, after } = differing(stepListOf(earlier), stepListOf(steps));
  const [old, now] = [before, after].map((blocks) => blocks.flatMap((block) => block.steps)) as [Step[], Step[]];
  const shorter = Math.min(old.length, now.length);
  let first = 0;
  while (first < shorter && isSameStep(now[first], old[first])) first++;
  let behind = 0;
  while (behind < shorter - first && isSameStep(now.at(-1 - behind), old.at(-1 - behind))) behind++;
  const [kinds, statements] = [new Set<Statement["kind"]>(), new Set<StatementHandle>()];
  for (const all of [old, now]) {
    for (const step of all.slice(first, all.length - behind)) {
      kinds.add(step.statement.statement.kind);
      statements.add(step.handle);
    }
  }
  return { kinds, statements };
}

/** Whether the step is the other one, which may only have moved: each statement that is run has a transaction state of its own. */
function isSameStep(step: Step | undefined, other: Step | undefined): boolean {
  return (
    step !== undefined &&
    other !== undefined &&
    (step === other ||
      (step.transaction === other.transaction &&
        sourceInFront(step) === sourceInFront(other) &&
        sourceBehind(step) === sourceBehind(other) &&
        step.handle === other.handle &&
        step.statement.hash === other.statement.hash))
  );
}

function answersTheSame(asked: Asked, changed: Changed, { changesLater, marked }: ScriptContext): boolean {
  if (asked.allSteps && changed.statements.size > 0) return false;
  if (shareOne(changed.kinds, asked.kinds) || shareOne(changed.statements, asked.statements)) return false;
  for (const [mark, known] of asked.marks) {
    const now = marked(mark);
    if (now.length !== known.length) return false;
    for (const [index, { handle, value }] of known.entries())
      if (now[index]?.step.handle !== handle || now[index].value !== value || changed.statements.has(handle))
        return false;
  }
  return [...asked.changesLater].every(([relation, answer]) => changesLater(relation) === answer);
}

function shareOne<T>(some: ReadonlySet<T>, others: ReadonlySet<T>): boolean {
  for (const each of some) if (others.has(each)) return true;
  return false;
}

function* findBy(rule: Rule, script: ScriptContext, most: number): Turns<Kept> {
  const asked: Asked = {
    allSteps: false,
    kinds: new Set(),
    statements: new Set(),
    marks: new Map(),
    changesLater: new Map(),
  };
  const { context, leave } = noting(script, asked);
  const found = yield* allInPortions(() => (rule.checkScript?.(context) ?? [])[Symbol.iterator](), most);
  leave();
  return { found, asked };
}

/** The script with a note of what is asked of it, until it is left: what keeps the findings does not keep the script. */
function noting(script: ScriptContext, asked: Asked): { readonly context: ScriptContext; readonly leave: () => void } {
  let current: ScriptContext | null = script;
  const now = (): ScriptContext => {
    if (current === null) throw new Error("The script that a rule asks for a fix is the one that it is given then.");
    return current;
  };
  const context: ScriptContext = {
    get file() {
      return now().file;
    },
    get steps() {
      asked.allSteps = true;
      return now().steps;
    },
    stepsOf: (kind, isWanted) => {
      asked.kinds.add(kind);
      return now().stepsOf(kind, isWanted);
    },
    marked: (mark) => {
      const found = now().marked(mark);
      asked.marks.set(
        mark,
        found.map(({ step: { handle }, value }) => ({ handle, value })),
      );
      return found;
    },
    get final() {
      return now().final;
    },
    get relations() {
      return now().relations;
    },
    changesLater: (relation) => {
      const answer = now().changesLater(relation);
      asked.changesLater.set(relation, answer);
      return answer;
    },
    get options() {
      return now().options;
    },
    get rewriting() {
      return now().rewriting;
    },
    placeOf: (step) => now().placeOf(step),
    stepWith: (statement) => {
      asked.statements.add(statement);
      return now().stepWith(statement);
    },
    textOf: (statement) => {
      asked.statements.add(statement);
      return now().textOf(statement);
    },
  };
  const leave = (): void => {
    current = null;
  };
  return { context, leave };
}
