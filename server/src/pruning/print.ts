/** Verdicts as text, for snapshots and for looking at a stage. */

import type { QualifiedName, RelationVerdict, Verdict } from "./verdict.ts";

/** One paragraph for each relation; the same verdict always gives the same text. */
export function printVerdict(verdict: Verdict): string {
  const parts = verdict.relations.map(printRelation);
  if (verdict.problem !== null) parts.push(`problem: ${verdict.problem}`);
  return parts.length === 0 ? "touches no partitioned table" : parts.join("\n");
}

function printRelation(verdict: RelationVerdict): string {
  const { survivors, leaves } = verdict;
  const count = survivors === null ? `? of ${leaves.length}` : `${survivors.length} of ${leaves.length}`;
  const lines = [
    `${verdict.access} ${nameOf(verdict.relation)}: ${count}, ${verdict.decided}, ${verdict.certainty}, ${verdict.source}`,
    ...(survivors ?? []).map((name) => `  ${nameOf(name)}`),
    ...verdict.reasons.map(({ kind, message, range }) => {
      const place = range === null ? "" : ` [${range.start}, ${range.end})`;
      return `  ${kind}${place}: ${message}`;
    }),
  ];
  return lines.join("\n");
}

function nameOf({ schema, name }: QualifiedName): string {
  return `${schema}.${name}`;
}
