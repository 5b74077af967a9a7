/** A hash-partitioned table lacks partitions for some remainders. */

import { relationById } from "../catalog/catalog.ts";
import { coverageOf } from "../catalog/coverage.ts";
import { freshName } from "../catalog/partition-names.ts";
import type { Partitioning } from "../catalog/partitioning.ts";
import type { Relation } from "../catalog/relation.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import type { TextRange } from "../text/range.ts";
import type { Rule, RuleFinding, RuleFix, ScriptContext } from "./rule.ts";
import { type BoundInFile, boundInFile, createSibling, placeInFile } from "./support/script-places.ts";
import { lastChange, refusedNames } from "./support/table-history.ts";
import { isKnownAtEnd, lastPlacement } from "./support/whole-tables.ts";

export const hashIncomplete: Rule = {
  id: "hash-incomplete",
  severity: "warning",
  since: 11,
  summary: "A hash-partitioned table has no partition for some remainders.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-OVERVIEW",
  *checkScript(context) {
    for (const table of context.relations.partitioned) {
      if (table.partitioning?.key.strategy === "hash" && isKnownAtEnd(context, table))
        yield* findingFor(context, table, table.partitioning);
    }
  },
};

interface Residue {
  readonly modulus: number;
  readonly remainder: number;
}

const missingByPartitioning = new WeakMap<Partitioning, readonly Residue[]>();

function missingOf(table: Relation, partitioning: Partitioning): readonly Residue[] {
  const missing = missingByPartitioning.get(partitioning) ?? coverageOf(table)?.missingRemainders ?? [];
  missingByPartitioning.set(partitioning, missing);
  return missing;
}

function* findingFor(context: ScriptContext, table: Relation, partitioning: Partitioning): Generator<RuleFinding> {
  const missing = missingOf(table, partitioning);
  const [first] = missing;
  if (first === undefined) return;
  const place =
    partitionByClause(context, table) ?? lastPartition(context, partitioning) ?? lastPlacement(context, table);
  if (place === null) return;
  const share = Math.round((100 * missing.length) / first.modulus);
  yield {
    statement: place.statement,
    range: place.range,
    message: `"${table.name}" has no partition for ${residuesText(missing)}. Rows with that hash, about ${Math.max(1, share)} % of all keys, are refused.`,
    advice: "Create a partition for each remainder.",
    fixes: (script) => creation(script, table, missing, lastPartition(script, partitioning)),
  };
}

function residuesText(missing: readonly Residue[]): string {
  const shown = missing.slice(0, 8).map(({ remainder }) => remainder);
  const more = missing.length - shown.length;
  return `MODULUS ${missing[0]?.modulus}, REMAINDER ${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function partitionByClause(
  context: ScriptContext,
  table: Relation,
): { readonly statement: StatementHandle; readonly range: TextRange } | null {
  const place = placeInFile(context, table.origin);
  const statement = place === null ? undefined : context.stepWith(place.statement)?.statement.statement;
  if (place === null || statement?.kind !== "create-table" || statement.partitionBy === null) return null;
  return { statement: place.statement, range: statement.partitionBy.range };
}

/** The youngest partition that the file gives a bound. */
function lastPartition(context: ScriptContext, { partitions }: Partitioning): BoundInFile | null {
  const indexOf = (place: BoundInFile | null): number => {
    const step = place === null ? null : context.stepWith(place.statement);
    return step === null ? 0 : context.placeOf(step);
  };
  let last: BoundInFile | null = null;
  for (const id of partitions.all.keys()) {
    const partition = relationById(context.final, id);
    const place = partition === null ? null : boundInFile(context, partition);
    if (place !== null && indexOf(place) >= indexOf(last)) last = place;
  }
  return last;
}

const mostPartitions = 256;

function* creation(
  context: ScriptContext,
  table: Relation,
  missing: readonly Residue[],
  like: BoundInFile | null,
): Generator<RuleFix> {
  if (like === null || like.placement === null || missing.length > mostPartitions) return;
  const { statement, placement } = like;
  const behind = lastChange(context, table.id) ?? statement;
  const taken = refusedNames(context);
  const statements = missing.map(({ modulus, remainder }) => {
    const wanted = nameLike(placement.partition.name, placement.bound, remainder) ?? `${table.name}_${remainder}`;
    const name = freshName(context.final, table.schema, wanted, taken);
    taken.add(name);
    const bound = `FOR VALUES WITH (MODULUS ${modulus}, REMAINDER ${remainder})`;
    return createSibling(context, statement, placement, name, bound);
  });
  const title =
    missing.length === 1 ? "Create the missing partition" : `Create the ${missing.length} missing partitions`;
  yield { title, edits: [{ kind: "insert-after", statement: behind, sql: statements.join(";\n") }], preferred: true };
}

/** `h_p03` with remainder 3, or counted from 1 with remainder 2, shows how a remainder is written; null where nothing does. */
function nameLike(
  name: string,
  bound: NonNullable<BoundInFile["placement"]>["bound"],
  remainder: number,
): string | null {
  const digits = /\d+(?=\D*$)/.exec(name);
  if (digits === null || bound.kind !== "hash") return null;
  const offset = Number(digits[0]) - bound.remainder;
  if (offset !== 0 && offset !== 1) return null;
  const width = digits[0].startsWith("0") ? digits[0].length : 1;
  const number = String(remainder + offset).padStart(width, "0");
  return name.slice(0, digits.index) + number + name.slice(digits.index + digits[0].length);
}
