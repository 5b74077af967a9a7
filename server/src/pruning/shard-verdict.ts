/** The shards of a mention of a distributed table: what its own conditions leave, and where its rows are put. */

import type { Step } from "../replay/step.ts";
import type { Query } from "../syntax/query.ts";
import type { TableReference } from "./conditions.ts";
import { hasShards, pruneShards, type ShardVerdict } from "./shards.ts";

/** As part of a verdict; nothing for a table that has no shards. */
export function shardsOf(
  { mention, clauses, scope }: TableReference,
  _query: Query,
  step: Step,
): { readonly shards?: ShardVerdict } {
  const { relation, reference } = mention;
  if (!hasShards(relation)) return {};
  return { shards: pruneShards(step.before, { relation, reference, clauses, scope }) };
}
