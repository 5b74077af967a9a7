/** A call of pg_pathman is refused, by pg_pathman itself or by what it runs. */

import { toldVersion } from "../schemes/extensions.ts";
import { pathman } from "../schemes/pathman/extension.ts";
import { inOtherVersions } from "../schemes/pathman/renamed.ts";
import type { RejectionContext, Rule, RuleFix } from "./rule.ts";
import { replacement } from "./support/fixes.ts";
import { presentRejection } from "./support/present.ts";

export const pathmanCall: Rule = {
  id: "pathman-call",
  severity: "error",
  summary: "A call of pg_pathman is refused, by pg_pathman itself or by what it runs.",
  source: "https://github.com/postgrespro/pg_pathman#available-functions",
  present: (context) => {
    const missing = missingFunction(context);
    if (missing !== null) return presentRejection(context, missing);
    const advice = advices.find(([words]) => words.test(context.rejection.message))?.[1];
    return presentRejection(context, { advice: advice ?? "pg_pathman refuses the call, and nothing of it is done." });
  },
};

/** What to do, by the words of the refusal. */
const advices: readonly (readonly [RegExp, string])[] = [
  [
    /(?:has already been|is already) partitioned/,
    "Grow it with append_range_partition, or take pg_pathman off with disable_pathman_for first.",
  ],
  [
    /not enough partitions to fit|start value is greater than min/,
    "Begin at or below the least key in the table, and make enough partitions for the greatest.",
  ],
  [
    /overlaps with existing partitions/,
    "Choose a range that no partition has; pathman_partition_list shows those that there are.",
  ],
  [
    /failed to analyze partitioning expression/,
    "The key is a column, or since 1.4 an expression over columns, that is set NOT NULL.",
  ],
  [
    /is not partitioned|has no partitions/,
    "Divide the table first, with create_range_partitions or create_hash_partitions.",
  ],
  [
    /cannot spawn|no suitable partition|Cannot find partition/,
    "Make the partition before the row comes: append_range_partition, prepend_range_partition or add_range_partition.",
  ],
  [
    /must have the same structure|incompatible tuple/,
    "Make the table as the parent is: CREATE TABLE … (LIKE parent INCLUDING ALL).",
  ],
];

function missingFunction(context: RejectionContext): { advice: string; fixes?: readonly RuleFix[] } | null {
  const { rejection, step, options, text } = context;
  const name = rejection.missing;
  if (name === undefined) return null;
  const version = toldVersion(pathman, step.before, options) ?? pathman.versions[0];
  const known = inOtherVersions(name, version);
  if (known === null) return null;
  const shown = version === "readme" ? "the version of its first README" : version;
  if (known.forms.length > 0) return { advice: `In ${shown} of pg_pathman it takes (${known.forms.join(") or (")}).` };
  const within = known.within.map((each) => (each === "readme" ? "its first README" : each)).join(", ");
  if (known.instead === null) return { advice: `pg_pathman has it in ${within}, and not in ${shown}.` };
  const { range } = rejection;
  const at = range.start + text.slice(range.start, range.end).indexOf(name);
  const fix = replacement(`Call ${known.instead}`, step.handle, { start: at, end: at + name.length }, known.instead, {
    preferred: false,
  });
  return {
    advice: `pg_pathman has it in ${within}; in ${shown} it is "${known.instead}".`,
    fixes: text.slice(at, at + name.length) === name ? [fix] : [],
  };
}
