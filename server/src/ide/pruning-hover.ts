/** What a hover says of a query's pruning: survivors and pruned, when it is decided, why not fewer, and what would help. */

import type { PruningReason, QualifiedName, RelationVerdict, Verdict } from "../pruning/verdict.ts";
import { bar, code, icon, lineBreak, type MarkdownOptions, strong, table, words } from "./markdown.ts";
import { counted, leafWord, shortName } from "./spelling.ts";

export interface PruningHoverOptions extends MarkdownOptions {
  /** Rows of partitions before they are only counted. */
  readonly maxPartitions: number;
  /** Who decided, in words: `from this file`, `embedded PostgreSQL 18`; null for a live database. */
  readonly sourceNote: (source: RelationVerdict["source"]) => string | null;
  /** A partition's bound for people; null where it has none. */
  readonly boundOf: (partition: QualifiedName) => string | null;
}

/** The hover for the relations given; `text` is the statement's. */
export function pruningMarkdown(
  verdict: Verdict,
  relations: readonly RelationVerdict[],
  text: string,
  options: PruningHoverOptions,
): string {
  const parts = relations.map((relation) => relationMarkdown(relation, text, options));
  if (verdict.problem !== null) parts.push(`${icon("warning", "⚠", options)} ${words(verdict.problem, options)}`);
  return parts.join("\n\n---\n\n");
}

function relationMarkdown(relation: RelationVerdict, text: string, options: PruningHoverOptions): string {
  return [headline(relation, options), fateTable(relation, options), reasonList(relation, text, options)]
    .filter((part) => part !== "")
    .join("\n\n");
}

function headline(relation: RelationVerdict, options: PruningHoverOptions): string {
  const { leaves, survivors, certainty } = relation;
  const name = code(shortName(relation.relation), options);
  const all = counted(leaves.length, leafWord(relation));
  const atMost = certainty === "at-most" ? "at most " : "";
  const verb = relation.access === "insert" ? "Goes to" : relation.access === "select" ? "Reads" : "Touches";
  const count =
    survivors === null
      ? `${verb} some of ${all} of ${name}: which, cannot be told`
      : survivors.length === 0
        ? `No ${leafWord(relation)} of ${name} (${leaves.length})`
        : `${verb} ${atMost}${survivors.length} of ${all} of ${name}`;
  const note = options.sourceNote(relation.source);
  return `${strong(count, options)}${lineBreak(options)}${decidedText(relation)}${note === null ? "" : ` · ${words(note, options)}`}`;
}

function decidedText(relation: RelationVerdict): string {
  switch (relation.decided) {
    case "planning":
      return "decided when the statement is planned";
    case "executor-start":
      return "decided when the statement starts to run";
    case "execution":
      return "decided while the statement runs";
  }
}

/** Neighbours with the same fate share a row when they are pruned. */
function fateTable(relation: RelationVerdict, options: PruningHoverOptions): string {
  if (relation.leaves.length === 0) return "";
  const surviving = relation.survivors === null ? null : new Set(relation.survivors.map(keyOf));
  const rows: (readonly string[])[] = [];
  let pruned: QualifiedName[] = [];
  const closeRun = (): void => {
    const [first] = pruned;
    const last = pruned.at(-1);
    if (first === undefined || last === undefined) return;
    const names =
      pruned.length === 1
        ? code(shortName(first), options)
        : `${pruned.length}: ${code(shortName(first), options)} … ${code(shortName(last), options)}`;
    rows.push([
      `${icon("circle-slash", "–", options)} ${bar("pruned", Math.min(pruned.length, 12), options)}`,
      names,
      "pruned",
    ]);
    pruned = [];
  };
  for (const leaf of relation.leaves) {
    if (surviving !== null && !surviving.has(keyOf(leaf))) {
      pruned.push(leaf);
      continue;
    }
    closeRun();
    const mark = surviving === null ? icon("question", "?", options) : icon("check", "✓", options);
    const bound = options.boundOf(leaf);
    const isParent = leafWord(relation) === "table" && keyOf(leaf) === keyOf(relation.relation);
    rows.push([
      `${mark} ${bar(surviving === null ? "unknown" : "survives", 1, options)}`,
      code(shortName(leaf), options),
      isParent ? "its own rows" : bound === null ? "" : code(bound, options),
    ]);
  }
  closeRun();
  const shown = rows.slice(0, options.maxPartitions);
  if (rows.length > shown.length) shown.push(["", `… ${rows.length - shown.length} more`, ""]);
  return table(["", leafWord(relation), "bound"], shown, options);
}

function reasonList(relation: RelationVerdict, text: string, options: MarkdownOptions): string {
  if (relation.reasons.length === 0) return "";
  const items = relation.reasons.map((reason) => {
    const source = reason.range === null ? "" : text.slice(reason.range.start, reason.range.end);
    const advice = adviceFor(reason.kind);
    return `- ${words(reason.message, options)}${source === "" ? "" : `: ${code(source, options)}`}${advice === null ? "" : `${lineBreak(options)}  ${advice}`}`;
  });
  return `${strong("Why not fewer", options)}\n\n${items.join("\n")}`;
}

/** What a person can do about it, in one sentence of Markdown; null where nothing helps or the message says it. */
function adviceFor(kind: PruningReason["kind"]): string | null {
  switch (kind) {
    case "no-predicate":
      return "Compare the partition key with a constant or a parameter.";
    case "key-wrapped":
      return "Let the key stand alone on its side of the comparison; a half-open range of values does what the function does.";
    case "type-mismatch":
      return "Write the constant in the key's own type.";
    case "collation":
      return "Compare under the key's own collation.";
    case "row-comparison":
      return "Compare column by column.";
    case "key-prefix":
      return "Compare the leading columns of the key too.";
    case "hash-needs-equality":
      return "Hash partitions are found by `=` on every column of the key.";
    case "boolean-key-not-first":
      return "PostgreSQL prunes on a boolean column only where it comes first in the key; `key = true` is no way round it.";
    case "or-without-key":
      return "Give every branch of the OR a condition on the key, or use UNION ALL.";
    case "condition-above":
      return "Put the condition into the subquery, or the column into its PARTITION BY or DISTINCT ON.";
    case "inequality":
      return "`<>` excludes at most a list partition of that one value; name the values or ranges wanted.";
    case "stable-expression":
      return "The plan lists all of them, and those that do not match are skipped when it starts.";
    case "parameter":
      return "A plan made for the value leaves the others out; a generic plan lists all of them and skips them when it starts.";
    case "join":
      return "Only a nested loop with this table inside skips partitions while it runs; a hash or merge join reads all of them.";
    case "subquery":
      return "A subquery that gives one value lets the plan skip partitions while it runs; of a set of values it reads all.";
    case "volatile-expression":
      return "Compute the value before and pass it as a parameter.";
    case "constraint-exclusion":
    case "setting-off":
    case "default-partition":
    case "not-modelled":
    case "no-source":
      return null;
  }
}

function keyOf({ schema, name }: QualifiedName): string {
  return `${schema}\0${name}`;
}
