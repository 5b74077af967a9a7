/** What a hover says of a query's pruning: survivors and pruned, when it is decided, why not fewer, and what would help. */

import type { PruningReason, QualifiedName, RelationVerdict, Verdict } from "../pruning/verdict.ts";
import type { TextRange } from "../text/range.ts";
import { bar, code, icon, lineBreak, type MarkdownOptions, sentence, strong, table, words } from "./markdown.ts";
import { byteWords, type SizeOf, sizesUnknown, sizeWords, sumOf } from "./relation-sizes.ts";
import { counted, leafWord, shortName } from "./spelling.ts";

export interface PruningHoverOptions extends MarkdownOptions {
  /** Rows of partitions before they are only counted. */
  readonly maxPartitions: number;
  /** Who decided, in words: `from this file`, `embedded PostgreSQL 18`; null for a live database. */
  readonly sourceNote: (verdict: RelationVerdict) => string | null;
  /** The bounds of neighbouring partitions together, for people; null where they have none. */
  readonly boundOf: (first: QualifiedName, last: QualifiedName) => string | null;
  /** Rows and sizes in a connected database. */
  readonly sizeOf?: SizeOf | undefined;
  /** What a condition that defeats pruning may be rewritten to, where a rule knows: by the place of the reason. */
  readonly rewriteAt?: ((range: TextRange) => string | null) | undefined;
}

/** The hover for the relations given: what is touched, why not fewer, the partitions. `text` is the statement's. */
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
  return [headline(relation, options), reasonList(relation, text, options), fateTable(relation, options)]
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
        : `${verb} ${atMost}${survivors.length} of ${all} of ${name}${sizeOfAll(relation, survivors, options)}`;
  const note = options.sourceNote(relation);
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

/** `, 1.2 GB of 38 GB`; empty where no database tells it, or the table has one partition. */
function sizeOfAll(
  { leaves }: RelationVerdict,
  survivors: readonly QualifiedName[],
  { sizeOf = sizesUnknown }: PruningHoverOptions,
): string {
  const bytes = (some: readonly QualifiedName[]): number | null => {
    const sizes = some.map(sizeOf);
    return sizes.some((size) => size === null) ? null : sumOf(sizes.flatMap((size) => size ?? [])).bytes;
  };
  const [read, all] = [bytes(survivors), bytes(leaves)];
  return read === null || all === null || leaves.length < 2 ? "" : `, ${byteWords(read)} of ${byteWords(all)}`;
}

/** So many neighbours that survive have a row each; more of them share one, as those do that are pruned. */
const mostSingleSurvivors = 3;

/** A row for each run of neighbours with the same fate. */
function fateTable(relation: RelationVerdict, options: PruningHoverOptions): string {
  if (relation.leaves.length === 0) return "";
  const surviving = relation.survivors === null ? null : namesIn(relation.survivors);
  const sized = options.sizeOf !== undefined && options.sizeOf !== sizesUnknown;
  const rows = runsOf(relation, surviving).flatMap((run): readonly (readonly string[])[] =>
    !run.survives || run.leaves.length > mostSingleSurvivors
      ? [runRow(run, surviving === null, options, sized)]
      : run.leaves.map((leaf) => {
          const isParent = leafWord(relation) === "table" && isSame(leaf, relation.relation);
          const row = runRow({ ...run, leaves: [leaf] }, surviving === null, options, sized);
          return isParent ? row.with(2, "its own rows") : row;
        }),
  );
  const shown = rows.slice(0, options.maxPartitions);
  if (rows.length > shown.length) shown.push(["", `… ${rows.length - shown.length} more`, ""]);
  return table(["", leafWord(relation), "bound", ...(sized ? ["rows · size"] : [])], shown, options);
}

interface Run {
  readonly survives: boolean;
  readonly leaves: readonly QualifiedName[];
}

/** A parent with rows of its own stands alone: it is no neighbour of its children. */
function runsOf(relation: RelationVerdict, surviving: Names | null): readonly Run[] {
  const runs: { survives: boolean; leaves: QualifiedName[]; closed: boolean }[] = [];
  for (const leaf of relation.leaves) {
    const survives = surviving === null || surviving.get(leaf.schema)?.has(leaf.name) === true;
    const isParent = isSame(leaf, relation.relation);
    const last = runs.at(-1);
    if (last === undefined || last.survives !== survives || last.closed || isParent)
      runs.push({ survives, leaves: [leaf], closed: isParent });
    else last.leaves.push(leaf);
  }
  return runs;
}

function runRow(
  { survives, leaves }: Run,
  unknown: boolean,
  options: PruningHoverOptions,
  sized: boolean,
): readonly string[] {
  const [first] = leaves;
  const last = leaves.at(-1);
  if (first === undefined || last === undefined) return [];
  const mark = unknown
    ? icon("question", "?", options)
    : survives
      ? icon("check", "✓", options)
      : icon("circle-slash", "–", options);
  const tone = unknown ? "unknown" : survives ? "survives" : "pruned";
  const name = code(shortName(first), options);
  const names = leaves.length === 1 ? name : `${leaves.length}: ${name} … ${code(shortName(last), options)}`;
  const bound = survives ? options.boundOf(first, last) : null;
  const sizes = leaves.map(options.sizeOf ?? sizesUnknown);
  const size = sizes.some((each) => each === null) ? null : sumOf(sizes.flatMap((each) => each ?? []));
  return [
    `${mark} ${bar(tone, Math.min(leaves.length, 12), options)}`,
    names,
    survives ? (bound === null ? "" : code(bound, options)) : "pruned",
    ...(sized ? [size === null ? "" : words(sizeWords(size), options)] : []),
  ];
}

function reasonList(relation: RelationVerdict, text: string, options: PruningHoverOptions): string {
  if (relation.reasons.length === 0) return "";
  const items = relation.reasons.map((reason) => {
    const source = reason.range === null ? "" : text.slice(reason.range.start, reason.range.end);
    const rewrite = reason.range === null ? null : (options.rewriteAt?.(reason.range) ?? null);
    const advice = adviceFor(reason.kind);
    const help =
      rewrite !== null ? `Write ${code(rewrite, options)}` : advice === null ? null : sentence(advice, options);
    return `- ${words(reason.message, options)}${source === "" ? "" : `: ${code(source, options)}`}${help === null ? "" : `${lineBreak(options)}  ${help}`}`;
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
    case "recurring-part":
      return "Where the rows of one period are meant, add a condition on the key itself.";
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

/** By schema. Names are not put together: there may be tens of thousands. */
type Names = ReadonlyMap<string, ReadonlySet<string>>;

function namesIn(list: readonly QualifiedName[]): Names {
  const names = new Map<string, Set<string>>();
  for (const { schema, name } of list) {
    const known = names.get(schema);
    if (known === undefined) names.set(schema, new Set([name]));
    else known.add(name);
  }
  return names;
}

function isSame(a: QualifiedName, b: QualifiedName): boolean {
  return a.schema === b.schema && a.name === b.name;
}
