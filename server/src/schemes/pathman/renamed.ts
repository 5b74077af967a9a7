/** What a function of pg_pathman is called in other versions, or what does its work there. */

import { hasSignature } from "../extensions.ts";
import { pathmanSignatures } from "./signatures.ts";
import { eraOf, pathmanEras } from "./versions.ts";

/** Names that stand for the same, the older ones first. */
const renamed: readonly (readonly string[])[] = [
  ["append_partition", "append_range_partition"],
  ["prepend_partition", "prepend_range_partition"],
  ["disable_partitioning", "disable_pathman_for"],
  ["drop_hash_partitions", "drop_partitions"],
  ["drop_range_partitions", "drop_partitions"],
  ["create_hash_update_trigger", "create_update_triggers"],
  ["create_range_update_trigger", "create_update_triggers"],
  ["enable_parent", "set_enable_parent"],
  ["disable_parent", "set_enable_parent"],
  ["enable_auto", "set_auto"],
  ["disable_auto", "set_auto"],
  ["partition_data", "partition_table_concurrently"],
];

/** What is known of a function that a version does not have, or has in another form. */
export interface OtherVersion {
  /** The function that the version has in its place; null where it has none that is known. */
  readonly instead: string | null;
  /** Whether the version has the function itself, with other parameters: those of each of its forms. */
  readonly forms: readonly string[];
  /** The versions that have the function. */
  readonly within: readonly string[];
}

/** Looks for a function in all versions; null where pg_pathman never had it. */
export function inOtherVersions(name: string, version: string): OtherVersion | null {
  const signatures = pathmanSignatures[name];
  if (signatures === undefined) return null;
  const era = eraOf(version);
  const forms = signatures
    .filter((each) => hasSignature(each, era))
    .map(({ parameters }) => parameters.map((each) => `${each.name} ${each.type}`).join(", "));
  const within = pathmanEras.filter((each) => signatures.some((one) => hasSignature(one, each)));
  const others = renamed.flatMap((names) => (names.includes(name) ? names.filter((each) => each !== name) : []));
  const instead = others.find((each) => (pathmanSignatures[each] ?? []).some((one) => hasSignature(one, era))) ?? null;
  return { instead, forms, within };
}
