/** What a rehearsal found, in phrases: plain text, which every medium escapes in its own way. */

import { lockModes } from "../ddl/script.ts";
import type { PartitionState, RehearsalReport, StatementReport, TakenLock } from "./report.ts";
import type { RowFate } from "./row-comparison.ts";

/** How a statement is named elsewhere: `COMMIT in line 12`. */
export type NameStatement = (index: number) => string;

/** `schema.name`, without the schema where it is `public`. */
export function shortName(name: string): string {
  return name.startsWith("public.") ? name.slice("public.".length) : name;
}

const mostNamed = 4;

export function nameList(names: readonly string[]): string {
  const shown = names.slice(0, mostNamed).map(shortName).join(", ");
  return names.length > mostNamed ? `${shown} and ${names.length - mostNamed} more` : shown;
}

/** Of one statement, in order of weight; empty where it did nothing that others would notice. */
export function statementPhrases(statement: StatementReport, nameOf: NameStatement): readonly string[] {
  const { result } = statement;
  switch (result.kind) {
    case "not-run":
      return [`not run: ${result.reason}`];
    case "not-rehearsed":
      return [`not rehearsed: ${result.reason}`];
    case "refused":
      return [
        `${result.atCommit ? "error at COMMIT" : "error"} ${result.sqlstate}: ${result.message}`,
        ...(result.detail === null ? [] : [`detail: ${result.detail}`]),
        ...(result.hint === null ? [] : [`hint: ${result.hint}`]),
      ];
    case "ran":
      return [
        ...wayPhrases(statement),
        ...lockPhrases(statement, nameOf),
        ...(statement.rewritten.length > 0 ? [`rewrites ${nameList(statement.rewritten)}`] : []),
        ...readPhrases(statement),
        ...rowPhrases(statement),
      ];
  }
}

function wayPhrases({ inTheWay }: StatementReport): readonly string[] {
  if (inTheWay === null) return [];
  const { sqlstate, message, rows, examples } = inTheWay;
  return [
    `runs only without rows such as ${examples[0] ?? "these"} (${sqlstate}: ${message}); ${count(rows, "made row")} taken away`,
  ];
}

/** Strongest first; those that only keep a table from being dropped or rewritten are no news. */
export function lockPhrases({ locks, index }: StatementReport, nameOf: NameStatement): readonly string[] {
  if (locks === null) return ["locks not measured: it runs in transactions of its own"];
  const groups = new Map<string, TakenLock[]>();
  for (const lock of locks) {
    if (lock.mode === "ACCESS SHARE") continue;
    const key = `${lock.mode}\0${lock.until}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [lock]);
    else known.push(lock);
  }
  return [...groups.values()]
    .map((group) => {
      const { mode, until } = group[0] as TakenLock;
      const end =
        until === null ? " until the end of the transaction" : until === index ? "" : ` until ${nameOf(until)}`;
      return { mode, text: `${mode} on ${nameList(group.map(({ relation }) => relation))}${end}` };
    })
    .sort((a, b) => lockModes.indexOf(b.mode) - lockModes.indexOf(a.mode))
    .map(({ text }) => text);
}

function readPhrases({ readWhole, rewritten }: StatementReport): readonly string[] {
  const read = (readWhole ?? []).filter((name) => !rewritten.includes(name));
  return read.length > 0 ? [`reads ${nameList(read)} whole`] : [];
}

function rowPhrases({ rows }: StatementReport): readonly string[] {
  const changed = rows.filter(({ same }) => !same);
  const shown = changed
    .slice(0, mostNamed)
    .map(({ relation, before, after }) =>
      before === after
        ? `${shortName(relation)}: ${count(after, "row")}, some changed`
        : `${shortName(relation)}: ${before} → ${count(after, "row")}`,
    );
  const kept = rows.filter(({ same, before }) => same && before > 0);
  return [
    ...shown,
    ...(changed.length > mostNamed ? [`and ${changed.length - mostNamed} tables more`] : []),
    ...(changed.length === 0 && kept.length > 0
      ? [`rows unchanged: ${nameList(kept.map(({ relation }) => relation))}`]
      : []),
  ];
}

/** `12 rows before, 9 after: 3 lost` */
export function fatePhrase(fate: RowFate): string {
  const parts = [
    ...(fate.lost > 0 ? [`${fate.lost} lost`] : []),
    ...(fate.doubled > 0 ? [`${fate.doubled} doubled`] : []),
    ...fate.moved.map(({ to, rows }) => `${rows} now in ${shortName(to)}`),
    ...(fate.arrived > 0 ? [`${fate.arrived} from other tables`] : []),
    ...(fate.changed > 0 ? [`${fate.changed} changed`] : []),
    ...(fate.added - fate.doubled > 0 ? [`${fate.added - fate.doubled} added`] : []),
  ];
  const after = fate.after === null ? "no such table after" : `${fate.after} after`;
  const same = fate.kept === fate.before && parts.length === 0;
  return `${count(fate.before, "row")} before, ${after}: ${same ? "the same rows" : parts.join(", ") || "nothing to compare"}`;
}

export function isUntouched({ before, kept, after }: RowFate): boolean {
  return kept === before && after === before;
}

export function partitionPhrase({ name, bound, rows }: PartitionState): string {
  return [
    shortName(name),
    ...(bound === null ? [] : [bound.replace(/^FOR VALUES /, "")]),
    ...(rows === null ? [] : [`(${count(rows, "row")})`]),
  ].join(" ");
}

/** The first line of a report. */
export function outcomePhrase({ outcome, ended, tables, statements, serverVersion, rows }: RehearsalReport): string {
  const where = `in PostgreSQL ${Math.floor(serverVersion / 10_000)} with ${count(rows.made, "made row")}`;
  switch (outcome) {
    case "clean": {
      const left = statements.filter(({ result }) => result.kind === "not-rehearsed").length;
      return `${left === 0 ? "It runs" : `What could be rehearsed runs, ${count(left, "statement")} could not`}, ${where}.`;
    }
    case "error":
      return `PostgreSQL refuses it, ${where}.`;
    case "lost-rows": {
      const lost = (tables ?? []).filter((fate) => fate.lost > 0);
      return `Rows are lost: ${lost.map(({ relation, lost: some }) => `${some} of ${shortName(relation)}`).join(", ")}, ${where}.`;
    }
    case "unfinished":
      return ended === null
        ? `It runs, ${where}; its rows were not compared, they are too many.`
        : `It was not rehearsed to its end: ${ended.message}.`;
  }
}

export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
