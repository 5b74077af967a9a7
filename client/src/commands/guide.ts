/** Generate…: asks step by step what an operation needs, shows what comes of it while it is asked, and writes the script. */

import * as vscode from "vscode";
import {
  commands,
  type GenerateResult,
  type GuideAnswers,
  type GuideParams,
  type GuideResult,
  requests,
  type SchemaTreeParams,
  type SchemaTreeResult,
  type SchemaTreeRow,
} from "../../../server/src/lsp/protocol.ts";
import { notificationText, titleText } from "../../../server/src/text/foreign-text.ts";
import type { CommandContext } from "../command-table.ts";
import { isSql } from "../settings.ts";
import { createScriptPreview } from "../views/script-preview.ts";
import { ask } from "./ask.ts";
import { writePlanned, writeUntitled } from "./write-script.ts";

/** Given a row of the tree, or the beginning of a guide, goes on from there; else from the cursor. Answers whether it wrote something. */
export async function guide(context: CommandContext, given?: unknown): Promise<boolean> {
  try {
    const start = await startOf(context, given);
    return start !== null && (await guideFrom(context, start));
  } catch (error) {
    void vscode.window.showErrorMessage(notificationText(error instanceof Error ? error.message : String(error)));
    return false;
  }
}

async function guideFrom(context: CommandContext, start: GuideParams): Promise<boolean> {
  const { server } = context;
  const preview = createScriptPreview();
  const step = (params: GuideParams): Promise<GuideResult> => server.request<GuideResult>(requests.guide, params);
  // What is meant can be widened: from one table to all of them.
  const earlier: GuideParams[] = "subject" in start.answers || start.position !== undefined ? [widened(start)] : [];
  let params = start;
  try {
    for (;;) {
      const result = await step(params);
      const { question, problem } = result;
      await preview.show(result);
      if (question === null && problem === null) {
        await preview.close();
        return await write(context, params, result);
      }
      if (question === null) {
        const before = earlier.pop();
        if (before === undefined) throw new Error(problem?.message);
        // Nothing that was answered before it is lost.
        void vscode.window.showWarningMessage(notificationText(problem?.message ?? ""));
        params = before;
        continue;
      }
      const answered = (answers: GuideAnswers): GuideParams => ({
        ...params,
        answers: { ...result.answers, ...answers },
      });
      const target = question.argument === "style" ? result.preview?.target : null;
      const reply = await ask({
        title: ["Generate", ...result.trail].join(" › "),
        question: target == null ? question : { ...question, prompt: `${question.prompt}: it goes to ${target}` },
        canGoBack: earlier.length > 0,
        tryOut: (answers) => step(answered(answers)),
        narrow: (narrowed) => step({ ...params, answers: result.answers, narrowed }),
        onResult: (looked) => void preview.show(looked),
      });
      if (reply === null) return false;
      if (reply.kind === "back") params = earlier.pop() ?? params;
      else {
        earlier.push(params);
        params = answered(reply.answers);
      }
    }
  } finally {
    await preview.close();
    preview.dispose();
  }
}

/** Into the document, where there is one; of the tree's schemas beside. */
async function write({ server }: CommandContext, params: GuideParams, result: GuideResult): Promise<boolean> {
  const { operation = "", table = "" } = result.arguments;
  const request = { ...result.arguments, operation, table };
  if (params.textDocument !== undefined) return writePlanned(server, { ...request, textDocument: params.textDocument });
  const { sql } = await server.execute<GenerateResult>(commands.generate, { ...request, source: params.source });
  await writeUntitled(sql);
  return true;
}

function widened({ textDocument, source }: GuideParams): GuideParams {
  return { textDocument, source, answers: {} };
}

async function startOf(context: CommandContext, given: unknown): Promise<GuideParams | null> {
  if (typeof given === "object" && given !== null) {
    if ("answers" in given) return given as GuideParams;
    if ("kind" in given && "source" in given) return startOfRow(given as SchemaTreeRow);
  }
  return (await startInEditor(context)) ?? startInTree(context);
}

function startOfRow({ source, kind, table, partition, generate }: SchemaTreeRow): GuideParams {
  if (generate !== undefined) {
    const { source: _, textDocument: __, ...answers } = generate;
    return { source, answers };
  }
  return { source, answers: kind === "source" ? {} : { subject: partition ?? table } };
}

/** At the cursor of a SQL file that knows tables to work on; null elsewhere. */
async function startInEditor({ server }: CommandContext): Promise<GuideParams | null> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || !isSql(editor.document)) return null;
  const whole: GuideParams = { textDocument: { uri: server.toServerUri(editor.document.uri) }, answers: {} };
  for (const params of [{ ...whole, position: editor.selection.active }, whole]) {
    // A file that is not read has no tables.
    const { question } = await server.request<GuideResult>(requests.guide, params).catch(() => ({ question: null }));
    if (question !== null) return params;
  }
  return null;
}

/** In the schema that the tree shows, or the one of them that is picked. */
async function startInTree({ server }: CommandContext): Promise<GuideParams | null> {
  const { rows } = await server.request<SchemaTreeResult>(requests.schemaTree, {} satisfies SchemaTreeParams);
  const sources = new Map(rows.map((row) => [row.source, row]));
  const [first, ...others] = [...sources.values()];
  if (first === undefined) {
    void vscode.window.showInformationMessage(
      "There is no partitioned table here yet: open a SQL file that has one, or connect to a database.",
    );
    return null;
  }
  if (others.length === 0) return { source: first.source, answers: {} };
  const picked = await vscode.window.showQuickPick(
    [first, ...others].map(({ label, description, source }) => ({
      label: titleText(label),
      description: titleText(description),
      source,
    })),
    { title: "Generate", placeHolder: "In which schema" },
  );
  return picked === undefined ? null : { source: picked.source, answers: {} };
}
