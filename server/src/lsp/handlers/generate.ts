/** `partitionLens.generate` and `partitionLens.insertScript`: the SQL of an operation, as an answer or as an edit; it is never run. */

import { emptyCatalog } from "../../catalog/catalog.ts";
import { generate } from "../../ddl/generate.ts";
import { readOperationRequest } from "../../ddl/operation.ts";
import { RefusedError } from "../guard.ts";
import type { GenerateArguments, GenerateResult, InsertScriptArguments } from "../protocol.ts";
import { requiredAnalysis, type Session } from "../session.ts";
import { insertionEdit } from "./code-actions.ts";

export async function generateScript(session: Session, given: GenerateArguments): Promise<GenerateResult> {
  const request = readOperationRequest(given);
  if (!request.ok) throw new RefusedError(request.problem.message);
  const uri = given.textDocument?.uri ?? session.files.all().at(-1)?.uri;
  const analysis = uri === undefined ? null : (await requiredAnalysis(session, uri)).analysis;
  const options = session.analysisOptions(uri ?? "");
  const result = generate(request.value, {
    catalog: analysis?.final ?? emptyCatalog({ complete: false, timeZone: options.timeZone }),
    version: options.version,
    today: options.today,
    inTransaction: false,
    readExpression: session.readExpression,
  });
  if (!result.ok) throw new RefusedError(result.problem.message);
  const { sql, steps, notes } = result.value;
  return { sql, steps, notes };
}

/** Rejects with a sentence for the person where the operation cannot be done, or the editor does not take the edit. */
export async function insertGeneratedScript(session: Session, given: InsertScriptArguments): Promise<null> {
  const request = readOperationRequest(given);
  if (!request.ok) throw new RefusedError(request.problem.message);
  const { file, analysis } = await requiredAnalysis(session, given.textDocument.uri);
  const edit = insertionEdit(session, file, analysis, request.value);
  if (!(await session.applyEdit(edit))) throw new RefusedError("the editor did not take the edit");
  return null;
}
