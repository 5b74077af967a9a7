/** A comment addresses Partition Lens with a rule or a word that it does not know. */

import type { Rule } from "./rule.ts";

export const ignoreUnknown: Rule = {
  id: "ignore-unknown",
  severity: "warning",
  summary: "An ignore comment names a rule that does not exist, or cannot be read.",
  source: "Partition Lens: comments that ignore findings",
  *checkDirectives({ directives, ruleIds }) {
    for (const { kind, range, rules } of directives) {
      if (kind === "unreadable") {
        yield {
          range,
          message: "This comment silences nothing.",
          advice:
            'Write "-- partition-lens: ignore rule-id: reason" above a statement, or "-- partition-lens: ignore-file rule-id: reason" above the first one.',
        };
      }
      for (const rule of rules.filter(({ id }) => !ruleIds.includes(id))) {
        const similar = nearest(rule.id, ruleIds);
        yield {
          range: rule.range,
          message: `There is no rule "${rule.id}", so this ignores nothing.`,
          advice: similar === null ? undefined : `Did you mean "${similar}"?`,
          fix: similar === null ? undefined : { title: `Change to "${similar}"`, range: rule.range, newText: similar },
        };
      }
    }
  },
};

/** The known id that differs least, if it differs in no more than a third of its letters. */
function nearest(id: string, known: readonly string[]): string | null {
  let best: { readonly id: string; readonly distance: number } | null = null;
  for (const candidate of known) {
    const distance = editDistance(id.toLowerCase(), candidate);
    if (distance <= candidate.length / 3 && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) {
      best = { id: candidate, distance };
    }
  }
  return best?.id ?? null;
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, substitution));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
