/** What a rule has to say of one place again and again, as of the tables that a loop makes: said once, with how often it holds. */

import type { Finding } from "../../text/finding.ts";

/** As many findings of one rule at one place are shown one by one. */
const mostAtOnePlace = 3;

/** The findings in their order; of more than three of one rule at one place only the first, which counts the others. */
export function saidOnce(findings: readonly Finding[]): readonly Finding[] {
  const counts = new Map<string, number>();
  for (const finding of findings) counts.set(placeOf(finding), (counts.get(placeOf(finding)) ?? 0) + 1);
  if (counts.size === findings.length) return findings;
  const said = new Set<string>();
  return findings.flatMap((finding) => {
    const place = placeOf(finding);
    const others = (counts.get(place) ?? 1) - 1;
    if (others < mostAtOnePlace) return [finding];
    if (said.has(place)) return [];
    said.add(place);
    return [counting(finding, others)];
  });
}

function placeOf({ rule, range }: Finding): string {
  return `${range.start}:${range.end}:${rule}`;
}

function counting(first: Finding, others: number): Finding {
  const { range, rule, severity, advice, sqlstate, related, unnecessary } = first;
  return {
    range,
    rule,
    severity,
    message: `${first.message} The same is to be said ${others} more times of what this statement makes.`,
    advice,
    sqlstate,
    related,
    // Still made when somebody asks for them.
    get fixes() {
      return first.fixes;
    },
    unnecessary,
  };
}
