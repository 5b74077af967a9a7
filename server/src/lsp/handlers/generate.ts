/** `partitionLens.generate`: the SQL of an operation as an answer; it is never run. */

import { type Catalog, emptyCatalog } from "../../catalog/catalog.ts";
import { generate } from "../../ddl/generate.ts";
import { readOperationRequest } from "../../ddl/operation.ts";
import { inPortions } from "../../text/portions.ts";
import { RefusedError } from "../guard.ts";
import type { GenerateArguments, GenerateResult } from "../protocol.ts";
import { requiredAnalysis, type Session } from "../session.ts";
import { schemaOfSource } from "../shown-schemas.ts";
import { staleness } from "../staleness.ts";

export async function generateScript(session: Session, given: GenerateArguments): Promise<GenerateResult> {
  const request = readOperationRequest(given);
  if (!request.ok) throw new RefusedError(request.problem.message, request.problem.argument);
  const uri = given.textDocument?.uri ?? session.files.all().at(-1)?.uri;
  const options = session.analysisOptions(uri ?? "");
  const context = {
    catalog: (await catalogMeant(session, given, uri)) ?? emptyCatalog({ complete: false, timeZone: options.timeZone }),
    version: options.version,
    today: options.today,
    inTransaction: false,
    typedValues: session.typedValues,
    stale: staleness(session),
  };
  const result = await session.inTurns(inPortions(() => generate(request.value, context)));
  if (!result.ok) {
    const { message, argument } = result.problem;
    throw new RefusedError(argument === "table" ? `${message}${unreadSchema(session)}` : message, argument);
  }
  const { sql, steps, notes, undo } = result.value;
  return { sql, steps, notes, undo };
}

/** Why a table of the connected database is not known; empty where none is connected, or its schema was read. */
function unreadSchema({ database }: Session): string {
  const connected = database.current();
  const unread = connected === null || connected.catalog() !== null ? null : connected.unread();
  return unread === null ? "" : ` (the schema of ${connected?.name} cannot be read: ${unread})`;
}

async function catalogMeant(
  session: Session,
  { source, textDocument }: GenerateArguments,
  uri: string | undefined,
): Promise<Catalog | null> {
  if (source !== undefined && textDocument === undefined) {
    const schema = await schemaOfSource(session, source);
    if (schema === null) throw new RefusedError("the schema that the tree showed is gone");
    return schema.catalog;
  }
  return uri === undefined ? null : (await requiredAnalysis(session, uri)).analysis.final;
}
