/** `textDocument/codeAction`: the fixes of findings, and the partition operations that fit where the cursor stands. */

import {
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  type Diagnostic,
  type WorkspaceEdit,
} from "vscode-languageserver/node";
import { type OperationRequest, readOperationRequest } from "../../ddl/operation.ts";
import type { Analysis } from "../../ide/analysis.ts";
import { partitionActionsInTurns } from "../../ide/code-actions.ts";
import { type IgnoreAction, ignoreActions } from "../../ide/ignore-actions.ts";
import { inLineEndsOf, type TextEdit } from "../../text/edit.ts";
import type { Finding, Fix } from "../../text/finding.ts";
import { titleText } from "../../text/foreign-text.ts";
import { addAll } from "../../text/long-lists.ts";
import { intersects, type TextRange } from "../../text/range.ts";
import type { Turns } from "../../text/turns.ts";
import { fromRange } from "../from-proto.ts";
import { RefusedError } from "../guard.ts";
import type { OpenFile } from "../open-files.ts";
import { InvalidParametersError } from "../parameters.ts";
import {
  commands,
  type GuideParams,
  guideCommand,
  type InsertScriptArguments,
  writeScriptCommand,
} from "../protocol.ts";
import { requiredAnalysis, type Session } from "../session.ts";
import { toRange } from "../to-proto.ts";
import { toDiagnostic } from "./diagnostics.ts";
import { actionContext, additionOf, writingEdit } from "./write-script.ts";

/** Of an action whose text is built when it is chosen. */
interface ActionData {
  readonly uri: string;
  readonly request: OperationRequest;
}

export const partitionActionKind = "refactor.rewrite.partition";

export async function codeActions(
  session: Session,
  { textDocument: { uri }, range, context }: CodeActionParams,
): Promise<CodeAction[]> {
  const analysis = await session.files.checkedAnalysisOf(uri);
  const file = session.files.get(uri);
  if (analysis === null || file === null || file.isProgram || !session.features.codeActionLiterals) return [];
  const asked = fromRange(file.lines, range);
  const wanted = (kind: string): boolean =>
    context.only === undefined || context.only.some((only) => kind === only || kind.startsWith(`${only}.`));
  const findings = wanted(CodeActionKind.QuickFix)
    ? analysis.findings().filter(({ range: place }) => meets(place, asked))
    : [];
  const told = findings.slice(0, mostFindings);
  return [
    ...(await session.inTurns(quickFixes(session, file, analysis, told))),
    ...(await session.inTurns(ignoring(session, file, analysis, told))),
    ...(await session.inTurns(operations(session, file, analysis, asked))).filter(({ kind = "" }) => wanted(kind)),
  ];
}

export async function resolveCodeAction(session: Session, action: CodeAction): Promise<CodeAction> {
  const data = action.data as ActionData | undefined;
  if (data === undefined) return action;
  const request = readOperationRequest(data.request);
  if (!request.ok) throw new InvalidParametersError(`the request: params.data.request: ${request.problem.message}`);
  const { file, analysis } = await requiredAnalysis(session, data.uri);
  const edit = await session.inTurns(writingEdit(session, file, analysis, request.value));
  const given: InsertScriptArguments = { ...request.value, textDocument: { uri: data.uri } };
  return edit === null ? commanded(action, commands.insertScript, given) : { ...action, edit };
}

function commanded(action: CodeAction, command: string, given: InsertScriptArguments): CodeAction {
  return { ...action, command: { command, title: action.title, arguments: [given] } };
}

/** Of more findings in what somebody has selected the first ones can be repaired from there: nobody reads a longer list. */
const mostFindings = 1_000;

function* quickFixes(
  session: Session,
  file: OpenFile,
  analysis: Analysis,
  findings: readonly Finding[],
): Turns<readonly CodeAction[]> {
  const actions: CodeAction[] = [];
  for (const finding of findings) {
    for (const fix of finding.fixes)
      actions.push({
        title: titleText(fix.title),
        kind: CodeActionKind.QuickFix,
        diagnostics: [toDiagnostic(session, file, finding)],
        isPreferred: fix.preferred,
        ...carriedOut(session, file, analysis, fix),
      });
    yield;
  }
  return actions;
}

/** For every finding two comments that silence it, behind all that repairs; each rule is named once. */
function* ignoring(
  session: Session,
  file: OpenFile,
  analysis: Analysis,
  findings: readonly Finding[],
): Turns<readonly CodeAction[]> {
  const actions = new Map<string, CodeAction & { readonly diagnostics: Diagnostic[] }>();
  for (const finding of findings) {
    for (const action of ignoreActions(analysis.document, finding)) {
      const diagnostics = actions.get(action.title)?.diagnostics ?? [];
      diagnostics.push(toDiagnostic(session, file, finding));
      const edit = ignoringEdit(session, file, action);
      actions.set(action.title, { title: action.title, kind: CodeActionKind.QuickFix, diagnostics, edit });
    }
    yield;
  }
  return [...actions.values()].sort(
    (a, b) => Number(/ in this file$/.test(a.title)) - Number(/ in this file$/.test(b.title)),
  );
}

/** The reason is filled in where the editor can take somebody there. */
function ignoringEdit(
  session: Session,
  file: OpenFile,
  { offset, before, reason, after }: IgnoreAction,
): WorkspaceEdit {
  const range = toRange(file.lines, { start: offset, end: offset });
  if (!session.features.snippetEdits)
    return { changes: { [file.uri]: [{ range, newText: `${before}${reason}${after}` }] } };
  const escaped = (text: string): string => text.replace(/[\\$}]/g, "\\$&");
  const snippet = { kind: "snippet" as const, value: `${escaped(before)}\${1:${escaped(reason)}}${escaped(after)}` };
  return { documentChanges: [{ textDocument: { uri: file.uri, version: file.version }, edits: [{ range, snippet }] }] };
}

/** A repair is an edit in place; what is added to an older migration goes into a new one. */
function carriedOut(
  session: Session,
  file: OpenFile,
  analysis: Analysis,
  fix: Fix,
): Pick<CodeAction, "command" | "edit"> {
  const addition = additionOf(session, file, analysis, fix);
  if (addition === null) return { edit: workspaceEdit(file, fix.edits) };
  if (session.clientCommands.has(writeScriptCommand)) {
    const title = titleText(fix.title);
    return { command: { command: writeScriptCommand, title, arguments: [addition.plan] } };
  }
  // An editor that cannot create files shows the edit where the finding is.
  return { edit: addition.edit ?? workspaceEdit(file, fix.edits) };
}

function* operations(
  session: Session,
  file: OpenFile,
  analysis: Analysis,
  asked: TextRange,
): Turns<readonly CodeAction[]> {
  const context = actionContext(session, file, analysis);
  const actions = yield* partitionActionsInTurns(context, asked.start);
  const offered: CodeAction[] = [];
  for (const { title, operation, request, proposal } of actions) {
    const action: CodeAction = { title: titleText(title), kind: `${partitionActionKind}.${operation}` };
    const given: InsertScriptArguments = { ...request, textDocument: { uri: file.uri } };
    const data: ActionData = { uri: file.uri, request };
    if (proposal !== null) {
      const { table, partition } = request;
      addAll(offered, guided(session, file, action, { answers: { operation, table, partition, way: "at" } }));
    } else if (session.clientCommands.has(writeScriptCommand))
      offered.push(commanded(action, writeScriptCommand, given));
    else if (session.features.resolvesCodeActions) offered.push({ ...action, data });
    else {
      const edit = yield* editWhereTaken(session, file, analysis, request);
      if (edit === "refused") continue;
      offered.push(edit === null ? commanded(action, commands.insertScript, given) : { ...action, edit });
    }
  }
  const more: CodeAction = { title: "More operations…", kind: `${partitionActionKind}.more` };
  const position = toRange(file.lines, asked).start;
  return offered.length === 0 ? [] : [...offered, ...guided(session, file, more, { position, answers: {} })];
}

function* editWhereTaken(
  session: Session,
  file: OpenFile,
  analysis: Analysis,
  request: OperationRequest,
): Turns<WorkspaceEdit | null | "refused"> {
  try {
    return yield* writingEdit(session, file, analysis, request);
  } catch (error) {
    if (error instanceof RefusedError) return "refused";
    throw error;
  }
}

/** What is still to be asked for needs a client that asks. */
function guided(
  session: Session,
  file: OpenFile,
  action: CodeAction,
  given: Pick<GuideParams, "position" | "answers">,
): readonly CodeAction[] {
  if (!session.clientCommands.has(guideCommand)) return [];
  const params: GuideParams = { ...given, textDocument: { uri: file.uri } };
  return [{ ...action, command: { command: guideCommand, title: action.title, arguments: [params] } }];
}

function workspaceEdit(file: OpenFile, edits: readonly TextEdit[]): WorkspaceEdit {
  const written = edits.map(({ range, newText }) => ({
    range: toRange(file.lines, range),
    newText: inLineEndsOf(file.text, newText),
  }));
  return { changes: { [file.uri]: written } };
}

function meets(range: TextRange, asked: TextRange): boolean {
  return (
    intersects(range, asked) || range.start === asked.start || range.end === asked.start || range.start === asked.end
  );
}
