/** What a lens above a query says of its pruning, in a few words. */

import type { PruningReason, QualifiedName, RelationVerdict, Verdict } from "../pruning/verdict.ts";
import { titleText } from "../text/foreign-text.ts";
import { counted, leafWord } from "./spelling.ts";

export interface LensTitleOptions {
  /** How many surviving partitions are named before the title only counts them. */
  readonly names: number;
  /** What a verdict that does not come from a live database ends with: `from this file`, `embedded PostgreSQL 18`. */
  readonly sourceNote: (verdict: RelationVerdict) => string | null;
}

/**
 * The title for a statement's verdict. `text` is the statement's text. Never empty: an empty title leaves a blank row in
 * the editor.
 */
export function lensTitle(verdict: Verdict, text: string, options: LensTitleOptions): string {
  const [first, ...others] = distinct(verdict.relations);
  if (first === undefined)
    return unknownPartitions(verdict.problem === null ? "the statement does not run" : "nobody has planned it");
  const parts =
    others.length === 0
      ? [relationTitle(first, text, options)]
      : [first, ...others].map((each) => `${titleText(each.relation.name)}: ${relationTitle(each, text, options)}`);
  // A problem that says that it is a prediction says where the verdict comes from.
  const remark = remarkOn(verdict);
  const note = remark?.startsWith("predicted: ") === true ? null : options.sourceNote(first);
  return [...parts.slice(0, 3), ...(parts.length > 3 ? [`${parts.length - 3} more`] : [])]
    .join("; ")
    .concat(note === null ? "" : ` · ${titleText(note)}`)
    .concat(remark === null ? "" : ` · ${titleText(remark)}`);
}

/** What is said in our own words of why a verdict is no planner's; the errors of servers and networks are for the hover. */
function remarkOn({ problem }: Verdict): string | null {
  return problem !== null && /^(?:predicted: |the connected database (?:does not have|has another) )/.test(problem)
    ? problem
    : null;
}

/** The title for a statement of which nothing can be said. */
export function unknownPartitions(reason: string): string {
  return `${lensIcon("question")}partitions unknown: ${titleText(reason)}`;
}

/** An icon at the start of a lens; the space behind it is one that VS Code does not leave out when it lays out the lens. */
export function lensIcon(name: string): string {
  return `$(${name})\u00a0`;
}

/** The title without the icon names that only VS Code draws. */
export function withoutIcons(title: string): string {
  return title.replace(/\$\([a-z0-9-]+(?:~spin)?\)\s*/g, "");
}

/** `2 of 60 partitions · a, b`, `all 60 partitions: no predicate on dt`, `≤ 60, decided at run time ($1)`, … */
function relationTitle(verdict: RelationVerdict, text: string, options: Pick<LensTitleOptions, "names">): string {
  const shards = shardsText(verdict);
  if (shards !== null && isAlone(verdict)) return titleText(shards);
  const said = whatIsKnown(verdict, text, options);
  if (shards !== null && typeof said === "string") return titleText(`${shards} · ${said}`);
  return typeof said === "string" ? titleText(said) : unknownPartitions(said.unknown);
}

/** `1 of 32 shards`, `1 of 32 shards on worker1:5432`; null for a table that Citus does not divide. */
export function shardsText({ shards }: Pick<RelationVerdict, "shards">): string | null {
  if (shards === undefined) return null;
  const { count, survivors, node } = shards;
  const where = node === undefined ? "" : ` on ${node}`;
  const all = count === 1 ? "1 shard" : `${count} shards`;
  if (survivors === null) return `≤ ${all}`;
  if (survivors.length === 0) return "no shard";
  if (count === 1) return `${all}${where}`;
  return survivors.length === count ? `all ${all}` : `${survivors.length} of ${all}${where}`;
}

/** Whether the table has no others below it. */
function isAlone({ leaves, relation }: RelationVerdict): boolean {
  const [only, ...others] = leaves;
  return others.length === 0 && only?.name === relation.name && only.schema === relation.schema;
}

/** For no medium yet: what is known, or why nothing is. */
function whatIsKnown(
  verdict: RelationVerdict,
  text: string,
  options: Pick<LensTitleOptions, "names">,
): string | { readonly unknown: string } {
  const { leaves, survivors } = verdict;
  const [reason] = verdict.reasons;
  if (survivors === null || verdict.certainty === "unknown") {
    if (leaves.length > 0 && verdict.access === "insert")
      return `≤ ${countedLeaves(verdict)}${reason === undefined ? "" : `: ${reason.message}`}`;
    if (leaves.length > 0 && reason !== undefined && decidedLate(verdict))
      return `≤ ${leaves.length}, decided at run time${cause(reason, text)}`;
    return { unknown: reason?.message ?? "it cannot be told from the text" };
  }
  if (leaves.length === 0) return "no partitions yet";
  if (verdict.certainty === "at-most" && decidedLate(verdict)) {
    const count = survivors.length === leaves.length ? `${leaves.length}` : `${survivors.length} of ${leaves.length}`;
    // Of a join the files do not tell how it is run.
    if (reason?.kind === "join" && verdict.source === "predicted") return `≤ ${count}, fewer in a nested loop (join)`;
    return `≤ ${count}, decided at run time${cause(reason, text)}`;
  }
  const atMost = verdict.certainty === "at-most" ? "≤ " : "";
  const names = named(survivors, options.names);
  const late =
    verdict.access !== "insert" && verdict.decided === "executor-start"
      ? `, decided at start${cause(reason, text)}`
      : "";
  if (survivors.length === 0)
    return verdict.access === "insert"
      ? `no ${leafWord(verdict)} takes the row`
      : `no ${leafWord(verdict)} matches${late}`;
  const [only] = leaves;
  if (leaves.length === 1 && only?.name === verdict.relation.name && only.schema === verdict.relation.schema)
    return `${atMost}${only.name} alone${late}`;
  if (survivors.length < leaves.length || leaves.length === 1)
    return `${atMost}${survivors.length} of ${countedLeaves(verdict)}${late}${names}`;
  return `${atMost === "" ? "all " : atMost}${countedLeaves(verdict)}${late}${late === "" && reason !== undefined ? `: ${reason.message}` : ""}`;
}

/** A relation that a statement names twice is told once: what its references touch together. */
function distinct(relations: readonly RelationVerdict[]): readonly RelationVerdict[] {
  const byName = new Map<string, RelationVerdict[]>();
  for (const verdict of relations) {
    const key = nameKey(verdict.relation);
    byName.set(key, [...(byName.get(key) ?? []), verdict]);
  }
  return [...byName.values()].flatMap(together);
}

/** Why not fewer is told of the reference that touches most. */
function together(references: readonly RelationVerdict[]): readonly RelationVerdict[] {
  const [most, ...others] = references.toSorted((a, b) => touched(b) - touched(a));
  if (most === undefined || others.length === 0) return references;
  if (references.some(({ survivors }) => survivors === null)) return [most];
  const all = new Set(references.flatMap(({ survivors }) => survivors ?? []).map(nameKey));
  const survivors = most.leaves.filter((leaf) => all.has(nameKey(leaf)));
  const certainties = references.map(({ certainty }) => certainty);
  const certainty = (["unknown", "at-most"] as const).find((one) => certainties.includes(one)) ?? "exact";
  return [{ ...most, survivors, certainty, ...shardsTogether(references) }];
}

/** The shards that any of the references visits. */
function shardsTogether(references: readonly RelationVerdict[]): Pick<RelationVerdict, "shards"> {
  const all = references.flatMap(({ shards }) => shards ?? []);
  const [first] = all;
  if (first === undefined) return {};
  if (all.some(({ survivors }) => survivors === null)) return { shards: { ...first, survivors: null } };
  const visited = new Set(all.flatMap(({ survivors }) => survivors ?? []));
  const { node, ...rest } = first;
  const survivors = [...visited].sort((a, b) => a - b);
  return {
    shards: survivors.length === 1 && node !== undefined ? { ...rest, node, survivors } : { ...rest, survivors },
  };
}

function touched({ survivors, leaves }: RelationVerdict): number {
  return survivors?.length ?? leaves.length + 1;
}

function nameKey({ schema, name }: QualifiedName): string {
  return `${schema}\0${name}`;
}

function decidedLate(verdict: RelationVerdict): boolean {
  return verdict.decided === "execution" || (verdict.decided === "executor-start" && verdict.certainty !== "exact");
}

/** `3 partitions`; `3 tables` where the table itself is among them, as an inheritance parent is with its own rows. */
function countedLeaves(verdict: RelationVerdict): string {
  return counted(verdict.leaves.length, leafWord(verdict));
}

function named(survivors: readonly QualifiedName[], limit: number): string {
  if (limit === 0) return "";
  const shown = survivors.slice(0, limit).map(({ name }) => name);
  if (survivors.length > limit) shown.push("…");
  return ` · ${shown.join(", ")}`;
}

/** ` ($1)`, ` (now())`, ` (join)`: the shortest thing that tells what the decision waits for. */
function cause(reason: PruningReason | undefined, text: string): string {
  if (reason === undefined) return "";
  switch (reason.kind) {
    case "join":
      return " (join)";
    case "subquery":
      return " (subquery)";
    default: {
      const source = reason.range === null ? "" : text.slice(reason.range.start, reason.range.end);
      const telling = /\$\d+|\b\w+\(\)|\bcurrent_\w+|\blocal(?:time|timestamp)\b/i.exec(source)?.[0] ?? source;
      return telling !== "" && telling.length <= 24 && !telling.includes("\n") ? ` (${telling})` : "";
    }
  }
}
