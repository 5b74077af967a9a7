/** Verdicts as outsiders are told them: names as `schema.name`, one entry for each relation of a statement. */

import type { QualifiedName, RelationVerdict, Verdict } from "../pruning/verdict.ts";

export interface RelationSurvivors {
  readonly relation: string;
  readonly leaves: readonly string[];
  readonly survivors: readonly string[] | null;
  readonly decided: RelationVerdict["decided"];
  readonly certainty: RelationVerdict["certainty"];
  readonly source: RelationVerdict["source"];
  /** Of a table that Citus divides: how many shards it has, and which are visited, by ascending minimum; null where unknown. */
  readonly shards?: { readonly count: number; readonly survivors: readonly number[] | null } | undefined;
  readonly reason?: string | undefined;
}

export function survivorsOf(verdict: Verdict): readonly RelationSurvivors[] {
  return verdict.relations.map((relation) => {
    const reasons = [
      ...relation.reasons.map(({ message }) => message),
      ...(verdict.problem === null ? [] : [verdict.problem]),
    ];
    return {
      relation: nameOf(relation.relation),
      leaves: relation.leaves.map(nameOf),
      survivors: relation.survivors?.map(nameOf) ?? null,
      decided: relation.decided,
      certainty: relation.certainty,
      source: relation.source,
      ...(relation.shards === undefined
        ? {}
        : { shards: { count: relation.shards.count, survivors: relation.shards.survivors } }),
      ...(reasons.length === 0 ? {} : { reason: reasons.join("; ") }),
    };
  });
}

/** For each leaf, in order, whether it survives; null where that cannot be told. */
export function fatesOf(
  relation: RelationSurvivors,
): readonly { readonly name: string; readonly survives: boolean | null }[] {
  const survivors = relation.survivors === null ? null : new Set(relation.survivors);
  return relation.leaves.map((name) => ({ name, survives: survivors === null ? null : survivors.has(name) }));
}

function nameOf({ schema, name }: QualifiedName): string {
  return `${schema}.${name}`;
}
