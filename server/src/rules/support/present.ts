/** Turns a rejection into a finding: PostgreSQL's own words first, then what to do about it. */

import type { TextRange } from "../../text/range.ts";
import type { RejectionContext, RuleFinding, RuleFix } from "../rule.ts";

export interface Presentation {
  /** What it means and what to do, in one or two sentences. */
  readonly advice: string;
  /** A better range than the rejection's own. */
  readonly range?: TextRange | undefined;
  readonly fixes?: readonly RuleFix[] | undefined;
}

/** The finding for a rejection; the message begins with the primary message, word for word, then DETAIL; the advice stands apart. */
export function presentRejection(context: RejectionContext, presentation: Presentation): RuleFinding {
  const { step, rejection } = context;
  return {
    statement: step.handle,
    range: presentation.range ?? rejection.range,
    severity: rejection.assumption === null ? "error" : "warning",
    message: [rejection.message, rejection.detail ?? "", rejection.assumption ?? ""]
      .filter((part) => part !== "")
      .map(asSentence)
      .join(" "),
    advice: presentation.advice === "" ? undefined : asSentence(presentation.advice),
    sqlstate: rejection.sqlstate,
    related: rejection.related.map(({ origin, message }) => ({ origin, message })),
    fixes: presentation.fixes ?? [],
  };
}

/** The text with a full stop at its end. */
export function asSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
