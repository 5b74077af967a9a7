/** What a rule has to say of one place again and again, as of the tables that a loop makes: said once, with how often it holds. */

import type { Finding } from "../../text/finding.ts";

/** As many findings of one rule at one place are shown one by one. */
const mostAtOnePlace = 3;

/**
 * The findings in their order, which is that of their places and rules; of more than three of one rule at one place only the first, which
 * counts the others.
 */
export function saidOnce(findings: readonly Finding[]): readonly Finding[] {
  const said: Finding[] = [];
  for (let at = 0; at < findings.length; ) {
    const first = findings[at] as Finding;
    let end = at + 1;
    while (end < findings.length && isAtSamePlace(first, findings[end] as Finding)) end++;
    const others = end - at - 1;
    if (others >= mostAtOnePlace) said.push(counting(first, others));
    else for (const each of findings.slice(at, end)) said.push(each);
    at = end;
  }
  return said;
}

function isAtSamePlace(a: Finding, b: Finding): boolean {
  return a.range.start === b.range.start && a.range.end === b.range.end && a.rule === b.rule;
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
