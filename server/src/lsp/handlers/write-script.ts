/** Where generated DDL is written: as a plan for clients of ours, as an edit or a text for the others. */

import { type TextDocumentEdit, TextEdit, type WorkspaceEdit } from "vscode-languageserver/node";
import { type OperationRequest, readOperationRequest } from "../../ddl/operation.ts";
import type { Analysis } from "../../ide/analysis.ts";
import type { ActionContext } from "../../ide/code-actions.ts";
import { planAddition, planScript, type TargetContext, type WritingPlan } from "../../ide/script-target.ts";
import { inLineEndsOf } from "../../text/edit.ts";
import type { Fix } from "../../text/finding.ts";
import { inPortions } from "../../text/portions.ts";
import type { Turns } from "../../text/turns.ts";
import { fileNameOf } from "../../text/uri-name.ts";
import { RefusedError } from "../guard.ts";
import type { OpenFile } from "../open-files.ts";
import type { InsertScriptArguments, ScriptPlan } from "../protocol.ts";
import { requiredAnalysis, type Session } from "../session.ts";
import { staleness } from "../staleness.ts";
import { toRange } from "../to-proto.ts";

/** `partitionLens.planScript`. Rejects with a sentence for the person where the operation cannot be done. */
export async function scriptPlan(session: Session, given: InsertScriptArguments): Promise<ScriptPlan> {
  const { file, analysis } = await requiredAnalysis(session, given.textDocument.uri);
  const request = requestFrom(given);
  return toPlan(file, await session.inTurns(inPortions(() => planned(session, file, analysis, request))));
}

/** `partitionLens.insertScript`. Rejects likewise, and where the editor does not say that it has made the edit. */
export async function insertGeneratedScript(
  session: Session,
  given: InsertScriptArguments,
  signal: AbortSignal,
): Promise<null> {
  const { file, analysis } = await requiredAnalysis(session, given.textDocument.uri);
  const request = requestFrom(given);
  const plan = await session.inTurns(inPortions(() => planned(session, file, analysis, request)));
  const edit = editOf(session, file, plan);
  if (edit === null) {
    session.showMessage(...textToSave(plan));
    return null;
  }
  const problem = await session.applyEdit(edit, signal);
  if (problem !== null) throw new RefusedError(problem);
  if (plan.note !== null) session.showMessage(plan.note);
  return null;
}

/** For editors that cannot create files: which files people have to make, and what they hold. */
function textToSave({ files, note }: WritingPlan): readonly string[] {
  const texts = files.flatMap((each) => {
    if (each.kind !== "create") return [];
    const folder = fileNameOf(each.file.slice(0, each.file.lastIndexOf("/")));
    return [
      `-- Save this as ${folder}/${fileNameOf(each.file)}: this editor lets nobody else create files.`,
      each.text,
    ];
  });
  return note === null ? texts : [...texts, `-- ${note}`];
}

/**
 * The edit that writes a script, made in portions; null where the editor cannot create the file that it is for. Refuses as `scriptPlan`
 * does.
 */
export function* writingEdit(
  session: Session,
  file: OpenFile,
  analysis: Analysis,
  request: OperationRequest,
): Turns<WorkspaceEdit | null> {
  return editOf(session, file, yield* inPortions(() => planned(session, file, analysis, request)));
}

/** What the operations are made from. */
export function actionContext(session: Session, file: OpenFile, analysis: Analysis): ActionContext {
  const { version, today } = analysis.options;
  const chain = session.schema.memberOf(file.uri);
  const isOlder = chain !== null && chain.forward.at(-1)?.file !== file.uri;
  return {
    document: analysis.document,
    steps: analysis.steps,
    start: analysis.start,
    end: isOlder ? chain.end() : undefined,
    version,
    today,
    typedValues: session.typedValues,
    stale: staleness(session),
  };
}

function requestFrom(given: InsertScriptArguments): OperationRequest {
  const request = readOperationRequest(given);
  if (!request.ok) throw new RefusedError(request.problem.message, request.problem.argument);
  return request.value;
}

function planned(session: Session, file: OpenFile, analysis: Analysis, request: OperationRequest): WritingPlan {
  if (file.isProgram) throw new RefusedError("scripts are not written into programs");
  const plan = planScript(request, targetContext(session, file, analysis));
  if (!plan.ok) throw new RefusedError(plan.problem.message, plan.problem.argument);
  return plan.value;
}

function targetContext(session: Session, file: OpenFile, analysis: Analysis): TargetContext {
  const chain = session.schema.memberOf(file.uri);
  return { ...actionContext(session, file, analysis), file: file.uri, chain, now: session.timestamp() };
}

/** What a fix that adds statements to an older migration does instead: the new file; null where it is to be made as it is. */
export function additionOf(
  session: Session,
  file: OpenFile,
  analysis: Analysis,
  fix: Fix,
): { readonly plan: ScriptPlan; readonly edit: WorkspaceEdit | null } | null {
  const plan = planAddition(fix, targetContext(session, file, analysis));
  return plan === null ? null : { plan: toPlan(file, plan), edit: editOf(session, file, plan) };
}

function toPlan(file: OpenFile, { files, note }: WritingPlan): ScriptPlan {
  return {
    files: files.map((each) =>
      each.kind === "create"
        ? { uri: each.file, range: null, newText: each.text }
        : {
            uri: each.file,
            range: toRange(file.lines, each.edit.range),
            newText: inLineEndsOf(file.text, each.edit.newText),
          },
    ),
    note,
  };
}

function editOf(session: Session, file: OpenFile, { files }: WritingPlan): WorkspaceEdit | null {
  const changes: Record<string, TextEdit[]> = {};
  const created: NonNullable<WorkspaceEdit["documentChanges"]> = [];
  for (const each of files) {
    if (each.kind === "edit") {
      const newText = inLineEndsOf(file.text, each.edit.newText);
      changes[each.file] = [{ range: toRange(file.lines, each.edit.range), newText }];
      continue;
    }
    const edit: TextDocumentEdit = {
      textDocument: { uri: each.file, version: null },
      edits: [TextEdit.insert({ line: 0, character: 0 }, each.text)],
    };
    created.push({ kind: "create", uri: each.file }, edit);
  }
  if (created.length === 0) return { changes };
  return session.features.createsFiles ? { documentChanges: created } : null;
}
