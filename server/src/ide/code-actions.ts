/** The operations offered where the cursor stands, and where in the file a generated script goes. */

import { type Catalog, findRelation, relationById } from "../catalog/catalog.ts";
import { samePartitions } from "../catalog/patch.ts";
import type { Relation } from "../catalog/relation.ts";
import { sameBut } from "../catalog/same-value.ts";
import { generate } from "../ddl/generate.ts";
import type { OperationRequest } from "../ddl/operation.ts";
import type { OperationProblem, Script } from "../ddl/script.ts";
import { resolveRelation, type WriterContext } from "../ddl/writer.ts";
import { catalogsOfRun, type Step } from "../replay/step.ts";
import type { Document } from "../syntax/document.ts";
import type { Statement } from "../syntax/statement.ts";
import type { TextEdit } from "../text/edit.ts";
import { atOnce, type Turns } from "../text/turns.ts";
import { offeredOperations, type PartitionAction } from "./offered-operations.ts";
import { isPlaceRefused, refusedPlacesInTurns } from "./refused-places.ts";
import { placeOfStep, stepTouching } from "./step-places.ts";

/** What the offers are made from: the steps of one file, in order, and how its scripts are to be written. */
export interface ActionContext extends Pick<WriterContext, "version" | "today" | "typedValues" | "stale"> {
  readonly document: Document;
  readonly steps: readonly Step[];
  /** The catalog before the first statement. */
  readonly start: Catalog;
  /** What the operations are for, where that is not what the file leaves: the end of its chain. */
  readonly end?: Catalog | undefined;
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
  return atOnce(partitionActionsInTurns(context, offset));
}

/** The same, pausing now and then. */
export function* partitionActionsInTurns(context: ActionContext, offset: number): Turns<readonly PartitionAction[]> {
  const subject = subjectAt(context, offset);
  if (subject === null) return [];
  const catalog = finalCatalog(context);
  const { steps, version, today, typedValues } = context;
  const writing: WriterContext = { catalog, version, today, typedValues, inTransaction: false };
  const refused = yield* refusedPlacesInTurns(steps, version);
  return offeredOperations(subject, writing).filter(({ operation, request }) => {
    const table = resolveRelation(catalog, request.table);
    return table !== null && !isPlaceRefused(operation, table, writing, refused);
  });
}

/** The table or partition whose statement the offset touches, as it is at the end; null elsewhere, and where it is refused. */
export function subjectAt(context: ActionContext, offset: number): Relation | null {
  const step = stepTouching(context, offset, "terminatorEnd");
  if (step === null || step.rejection !== null) return null;
  const name = subjectOf(step.statement.statement);
  const created = name === null ? null : findRelation(step.after, name);
  return created === null ? null : relationById(finalCatalog(context), created.id);
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
    typedValues: context.typedValues,
    stale: context.stale,
    inTransaction:
      last !== undefined && last.transaction.state === "open" && !endsTransaction(last.statement.statement),
  });
  if (!result.ok) return result;
  return { ok: true, value: { script: result.value, edit: insertBehind(last, result.value.sql, context) } };
}

/** The COMMIT of the transaction block in which the step stands, if there is one: a script brings a block of its own. */
function behindTransaction(step: Step | undefined, steps: readonly Step[]): Step | undefined {
  if (step === undefined || step.transaction.state !== "open" || endsTransaction(step.statement.statement)) return step;
  const end = steps
    .slice(steps.indexOf(step) + 1)
    .find(({ run, statement }) => run === step.run && endsTransaction(statement.statement));
  return end?.statement.statement.kind === "transaction" && end.statement.statement.action === "commit" ? end : step;
}

/** The relation that a statement is about, where it creates, attaches or alters one. */
function subjectOf(statement: Statement): { readonly schema: string | null; readonly name: string } | null {
  if (statement.kind === "create-table") return statement.name;
  if (statement.kind !== "alter-table") return null;
  const attached = statement.actions.find((action) => action.kind === "attach-partition");
  return attached?.kind === "attach-partition" ? attached.partition : statement.relation;
}

/** Whether the statement made the table, or its set of partitions, another than it was. */
function changes(step: Step, { id }: Relation): boolean {
  const { before, after } = catalogsOfRun(step);
  if (step.rejection !== null || before === after) return false;
  const [old, now] = [relationById(before, id), relationById(after, id)];
  if (old === null || now === null || !sameBut(old, now, "partitioning")) return old !== now;
  return !samePartitions(before, after, id);
}

function finalCatalog({ steps, start, end }: ActionContext): Catalog {
  return end ?? steps.findLast(({ run }) => run.direction === "up")?.after ?? start;
}

function endsTransaction(statement: Statement): boolean {
  return statement.kind === "transaction" && (statement.action === "commit" || statement.action === "rollback");
}

/** On lines of its own, with a blank line on both sides. */
function insertBehind(step: Step | undefined, sql: string, context: ActionContext): TextEdit {
  const { text } = context.document;
  const place = step === undefined ? null : placeOfStep(context, step);
  const at = place === null ? text.length : endOfLine(text, place.terminatorEnd);
  const terminated = place === null || place.terminatorEnd > place.end;
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
