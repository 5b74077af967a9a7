/** What each operation asks, in order, and what it is called. */

import { type Operation, type OperationRequest, operationDetails } from "../../ddl/operation.ts";
import type { OperationResult, Script } from "../../ddl/script.ts";
import { type Asked, attempt, type Choice, pick, type Spec } from "./answers.ts";
import {
  conversion,
  copyCount,
  copyInterval,
  copyModulus,
  copyStart,
  copyValues,
  keyColumn,
  strategy,
  target,
  width,
} from "./convert-questions.ts";
import { mergedWith, partition, splitAt, splitBy, splitInto, splitValues, way } from "./part-questions.ts";
import {
  action,
  archive,
  end,
  gap,
  interval,
  keep,
  listValues,
  lowerBound,
  moduli,
  name,
  number,
  remainder,
  rowsToMove,
  server,
  start,
  tableToAttach,
  upperBound,
} from "./value-questions.ts";

const copiesOnline: OperationResult = { ok: false, problem: { message: "the simple style copies nothing ahead" } };

/** The last question of every operation: how it is written, after which nothing is left to ask. */
const style: Spec = {
  argument: "style",
  ask: ({ answers, context }) => {
    const simple = answers["way"] === "copy" ? copiesOnline : attempt({ ...answers, style: "simple" }, context);
    const online = attempt({ ...answers, style: "online" }, context);
    const choices = [
      ...(simple.ok ? [styleChoice("simple", simple.value)] : []),
      ...(online.ok && !(simple.ok && simple.value.sql === online.value.sql)
        ? [styleChoice("online", online.value)]
        : []),
    ];
    const [only] = choices;
    if (only === undefined) return null;
    const alone = choices.length === 1;
    return pick(
      "style",
      alone ? "Write the script" : "Which way the script goes",
      alone ? [{ ...only, label: "Write the script" }] : choices,
    );
  },
};

/** What waits meanwhile is the script's own second sentence. */
function styleChoice(chosen: OperationRequest["style"], { comment }: Script): Choice {
  const [, meanwhile] = comment;
  return {
    label: chosen === "simple" ? "Simple" : "Online",
    description: chosen === "simple" ? "one transaction" : "several, while others read and write",
    detail: comment.length > 2 ? meanwhile : undefined,
    answers: { style: chosen },
  };
}

const one = (): string => "1";

/** In the order in which they are asked. */
export const questionsOf: Readonly<Record<Operation, readonly Spec[]>> = {
  split: [partition("Which partition is split"), way, splitAt, splitInto, splitBy, splitValues, name, style],
  merge: [partition("Which partition stays, and takes others in"), mergedWith, name, style],
  append: [number("count", "How many partitions", one), name, style],
  prepend: [number("count", "How many partitions", one), name, style],
  fill: [gap, name, style],
  "create-ranges": [start, interval, number("count", "How many partitions", () => "12"), name, style],
  "create-span": [start, interval, end, name, style],
  "create-hashes": [number("modulus", "How many hash partitions", ({ division }) => moduli(division)), style],
  rehash: [number("modulus", "How many hash partitions", ({ division }) => moduli(division)), style],
  "add-default": [name, style],
  "drop-default": [style],
  "move-rows": [rowsToMove, start, interval, end, listValues, name, style],
  attach: [tableToAttach, lowerBound, upperBound, listValues, remainder, style],
  detach: [partition("Which partition is detached"), style],
  drop: [partition("Which partition is dropped"), style],
  retention: [keep, action, archive, style],
  foreign: [lowerBound, upperBound, listValues, remainder, server, name, style],
  "update-triggers": [style],
  disable: [style],
  convert: [
    target,
    keyColumn,
    strategy,
    conversion,
    copyStart,
    copyInterval,
    copyCount,
    copyValues,
    copyModulus,
    width,
    style,
  ],
};

/** What a menu says, in its order: what is wanted most comes first. */
const labels: Readonly<Record<Operation, string>> = {
  split: "Split",
  merge: "Merge",
  append: "Append",
  prepend: "Prepend",
  fill: "Fill gaps",
  "move-rows": "Move rows",
  attach: "Attach",
  detach: "Detach",
  drop: "Drop",
  retention: "Retention",
  "add-default": "Add a default",
  "drop-default": "Drop the default",
  "create-ranges": "Create ranges",
  "create-span": "Create a span",
  "create-hashes": "Create hash partitions",
  rehash: "Rehash",
  foreign: "Foreign partition",
  convert: "Convert",
  "update-triggers": "Update triggers",
  disable: "Disable",
};

export const inMenuOrder = Object.keys(labels) as readonly Operation[];

/** The operation, and in a few words what it does. */
export function wordsOf(operation: Operation): readonly [label: string, does: string] {
  return [labels[operation], operationDetails[operation].does];
}

/** The questions whose arguments are not answered yet. */
export function unanswered({ operation, answers }: Pick<Asked, "operation" | "answers">): readonly Spec[] {
  return questionsOf[operation].filter(({ argument }) => !(argument in answers));
}
