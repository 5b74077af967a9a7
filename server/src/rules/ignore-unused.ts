/** A comment ignores a rule that has nothing to say there. */

import type { Directive } from "../syntax/directives.ts";
import type { DirectiveContext, DirectiveFinding, Rule } from "./rule.ts";

export const ignoreUnused: Rule = {
  id: "ignore-unused",
  severity: "warning",
  summary: "An ignore comment silences nothing.",
  source: "Partition Lens: comments that ignore findings",
  *checkDirectives(context) {
    for (const directive of context.directives) {
      if (directive.kind !== "unreadable") yield* unusedIds(directive, context);
    }
  },
};

function* unusedIds(directive: Directive, context: DirectiveContext): Generator<DirectiveFinding> {
  const where = directive.kind === "ignore-file" ? "in this file" : "of the next statement";
  const used = context.usedFor(directive);
  if (directive.rules.length === 0 && used.size === 0) {
    yield {
      range: directive.range,
      message: `This comment ignores nothing: there is no finding ${where}.`,
      advice: "Remove it, so that it cannot hide a later one.",
      fix: { title: "Remove the comment", range: directive.range, newText: "" },
    };
  }
  const unused = directive.rules.filter(({ id }) => !used.has(id) && context.ruleIds.includes(id));
  for (const { id, range } of unused) {
    yield {
      range,
      message: `"${id}" is ignored, but finds nothing ${where}.`,
      advice: "Remove it, so that it cannot hide a later finding.",
      fix:
        directive.rules.length === 1
          ? { title: "Remove the comment", range: directive.range, newText: "" }
          : { title: `Remove "${id}"`, range: rangeWithComma(directive, id), newText: "" },
    };
  }
}

/** The id with the comma and space that separate it from a neighbour. */
function rangeWithComma(directive: Directive, id: string): { readonly start: number; readonly end: number } {
  const index = directive.rules.findIndex((rule) => rule.id === id);
  const own = directive.rules[index]?.range ?? directive.range;
  const next = directive.rules[index + 1]?.range;
  if (next !== undefined) return { start: own.start, end: next.start };
  return { start: directive.rules[index - 1]?.range.end ?? own.start, end: own.end };
}
