/** The operations offered where the cursor stands, and where in the file a generated script goes. */

import { type Catalog, findRelation, relationById } from "../catalog/catalog.ts";
import { gapsOf } from "../catalog/coverage.ts";
import { isPartitioned } from "../catalog/layout.ts";
import { printPoint } from "../catalog/print.ts";
import type { Relation } from "../catalog/relation.ts";
import { spellDatum } from "../catalog/written-bound.ts";
import { generate } from "../ddl/generate.ts";
import { newRequest, type Operation, type OperationRequest } from "../ddl/operation.ts";
import { proposedSplit } from "../ddl/operations/split-points.ts";
import type { OperationProblem, Script } from "../ddl/script.ts";
import { fullName, rangePartitions, resolveRelation, type WriterContext, writeName } from "../ddl/writer.ts";
import type { Step } from "../replay/step.ts";
import type { Statement } from "../syntax/statement.ts";
import type { TextEdit } from "../text/edit.ts";
import { touches } from "../text/range.ts";

/** What the offers are made from: the steps of one file, in order, and how its scripts are to be written. */
export interface ActionContext extends Pick<WriterContext, "version" | "today" | "readExpression"> {
  readonly text: string;
  readonly steps: readonly Step[];
  /** The catalog before the first statement. */
  readonly start: Catalog;
  /** What the operations are for, where that is not what the file leaves: the end of its chain. */
  readonly end?: Catalog | undefined;
}

/** An operation that can be had by one choice; `null` as `request.at` asks the person for a value first. */
export interface PartitionAction {
  readonly title: string;
  readonly operation: Operation;
  readonly request: OperationRequest;
  /** For a split at a value still to be asked for: what to propose. */
  readonly proposal: string | null;
}

export interface Insertion {
  readonly script: Script;
  readonly edit: TextEdit;
}

export type InsertionResult =
  | { readonly ok: true; readonly value: Insertion }
  | { readonly ok: false; readonly problem: OperationProblem };

/** The operations on the table or partition whose statement the offset touches; none elsewhere. */
export function partitionActions(context: ActionContext, offset: number): readonly PartitionAction[] {
  const step = context.steps.find(({ statement: { start, terminatorEnd } }) =>
    touches({ start, end: terminatorEnd }, offset),
  );
  if (step === undefined || step.rejection !== null) return [];
  const name = subjectOf(step.statement.statement);
  const created = name === null ? null : findRelation(step.after, name);
  if (created === null) return [];
  const catalog = finalCatalog(context);
  const subject = relationById(catalog, created.id);
  if (subject === null) return [];
  const parent = subject.partitionOf === null ? null : relationById(catalog, subject.partitionOf.parent);
  return [
    ...(parent === null ? [] : actionsOnPartition(subject, parent, catalog)),
    ...(!isPartitioned(subject) ? [] : actionsOnTable(subject, catalog)),
  ];
}

/**
 * The script of an operation, and the edit that puts it into the file: behind the last statement that changes the table or
 * its partitions, where it meets the same catalog that it was written for; at the end where no statement of the file does.
 */
export function insertScript(request: OperationRequest, context: ActionContext): InsertionResult {
  const table = resolveRelation(finalCatalog(context), request.table);
  // What undoes stands behind what is added, and is not run before it.
  const forward = context.steps.filter(({ run }) => run.direction === "up");
  const step = table === null ? undefined : forward.findLast((candidate) => changes(candidate, table));
  const last = behindTransaction(step ?? forward.at(-1), forward);
  const result = generate(request, {
    catalog: last?.after ?? context.start,
    version: context.version,
    today: context.today,
    readExpression: context.readExpression,
    inTransaction:
      last !== undefined && last.transaction.state === "open" && !endsTransaction(last.statement.statement),
  });
  if (!result.ok) return result;
  return { ok: true, value: { script: result.value, edit: insertBehind(last, result.value.sql, context.text) } };
}

/** The COMMIT of the transaction block in which the step stands, if there is one: a script brings a block of its own. */
function behindTransaction(step: Step | undefined, steps: readonly Step[]): Step | undefined {
  if (step === undefined || step.transaction.state !== "open" || endsTransaction(step.statement.statement)) return step;
  const end = steps.find(
    ({ index, run, statement }) => index > step.index && run === step.run && endsTransaction(statement.statement),
  );
  return end?.statement.statement.kind === "transaction" && end.statement.statement.action === "commit" ? end : step;
}

function actionsOnPartition(partition: Relation, parent: Relation, catalog: Catalog): readonly PartitionAction[] {
  const bound = partition.partitionOf?.bound;
  const key = parent.partitioning?.key;
  if (bound?.kind !== "range" || key === undefined || isPartitioned(partition)) return actionsOnTable(parent, catalog);
  const name = writeName(catalog, partition);
  const actions: PartitionAction[] = [];
  const middle = proposedSplit(parent, bound, { catalog });
  const request = requestOn(parent);
  if (middle !== null) {
    const at = spellDatum({ kind: "value", value: middle }, 0, key, catalog.settings);
    actions.push({
      title: `Split ${name} at ${at}`,
      operation: "split",
      request: request({ operation: "split", partition: fullName(partition), at }),
      proposal: null,
    });
    actions.push({
      title: `Split ${name} at a value…`,
      operation: "split",
      request: request({ operation: "split", partition: fullName(partition) }),
      proposal: at,
    });
  }
  const all = rangePartitions(parent, catalog);
  const place = all.findIndex(({ relation }) => relation.id === partition.id);
  for (const neighbour of [all[place - 1], all[place + 1]]) {
    if (neighbour === undefined || isPartitioned(neighbour.relation)) continue;
    const other = neighbour.relation;
    const adjacent =
      printPoint(neighbour.entry.upper, key, catalog.settings) === printPoint(bound.lower, key, catalog.settings) ||
      printPoint(neighbour.entry.lower, key, catalog.settings) === printPoint(bound.upper, key, catalog.settings);
    if (!adjacent) continue;
    actions.push({
      title: `Merge ${writeName(catalog, other)} into ${name}`,
      operation: "merge",
      request: request({ operation: "merge", partitions: [fullName(partition), fullName(other)] }),
      proposal: null,
    });
  }
  return [...actions, ...actionsOnTable(parent, catalog)];
}

function actionsOnTable(table: Relation, catalog: Catalog): readonly PartitionAction[] {
  const { partitioning } = table;
  if (partitioning?.key.strategy !== "range" || partitioning.partitions.ranges.size === 0) return [];
  const name = writeName(catalog, table);
  const { key, partitions } = partitioning;
  const request = requestOn(table);
  const offers: readonly (readonly [Operation, string, boolean])[] = [
    ["append", `Append the next partition of ${name}`, opens(partitions.ranges.maxKey(), partitions, "upper")],
    ["prepend", `Prepend the previous partition of ${name}`, opens(partitions.ranges.minKey(), partitions, "lower")],
    [
      "fill",
      `Fill the gaps of ${name}`,
      gapsOf(key, partitions).some(({ below, above }) => below !== null && above !== null),
    ],
  ];
  return offers
    .filter(([, , possible]) => possible)
    .map(([operation, title]) => ({ title, operation, request: request({ operation }), proposal: null }));
}

/** Whether the outermost range ends at a value, beyond which there is room. */
function opens(
  lower: Parameters<NonNullable<Relation["partitioning"]>["partitions"]["ranges"]["get"]>[0] | undefined,
  { ranges }: NonNullable<Relation["partitioning"]>["partitions"],
  side: "lower" | "upper",
): boolean {
  const entry = lower === undefined ? undefined : ranges.get(lower);
  return entry?.[side][0]?.kind === "value";
}

function requestOn(
  table: Relation,
): (given: Partial<OperationRequest> & Pick<OperationRequest, "operation">) => OperationRequest {
  return (given) => newRequest({ table: fullName(table), ...given });
}

/** The relation that a statement is about, where it creates, attaches or alters one. */
function subjectOf(statement: Statement): { readonly schema: string | null; readonly name: string } | null {
  if (statement.kind === "create-table") return statement.name;
  if (statement.kind !== "alter-table") return null;
  const attached = statement.actions.find((action) => action.kind === "attach-partition");
  return attached?.kind === "attach-partition" ? attached.partition : statement.relation;
}

/** Whether the statement made the table, or its set of partitions, another than it was. */
function changes({ before, after, rejection }: Step, table: Relation): boolean {
  return rejection === null && before !== after && relationById(before, table.id) !== relationById(after, table.id);
}

function finalCatalog({ steps, start, end }: ActionContext): Catalog {
  return end ?? steps.findLast(({ run }) => run.direction === "up")?.after ?? start;
}

function endsTransaction(statement: Statement): boolean {
  return statement.kind === "transaction" && (statement.action === "commit" || statement.action === "rollback");
}

/** On lines of its own, with a blank line on both sides. */
function insertBehind(step: Step | undefined, sql: string, text: string): TextEdit {
  const at = step === undefined ? text.length : endOfLine(text, step.statement.terminatorEnd);
  const terminated = step === undefined || step.statement.terminatorEnd > step.statement.end;
  const before =
    text.slice(0, at).trim() === ""
      ? ""
      : `${terminated ? "" : ";"}${text.slice(0, at).endsWith("\n") ? "\n" : "\n\n"}`;
  const rest = text.slice(at);
  const after = rest.trim() === "" || /^\r?\n\s*\r?\n/.test(rest) ? "" : "\n";
  return { range: { start: at, end: at }, newText: `${before}${sql.trimEnd()}${rest.trim() === "" ? "\n" : after}` };
}

/** Behind a comment that stands on the statement's last line, if nothing else does. */
function endOfLine(text: string, offset: number): number {
  const line = /^[ \t]*(?:--[^\n]*)?(?=\r?\n|$)/.exec(text.slice(offset, offset + 500));
  return offset + (line?.[0].length ?? 0);
}
