/** `partitionLens/schemaSource` and `partitionLens/pickSchema`: whose schema a file starts from, and the choice among several. */

import { lookAtTables } from "../../ide/tables-of-file.ts";
import type { PickSchemaParams, SchemaSourceParams, SchemaSourceResult } from "../protocol.ts";
import type { Session } from "../session.ts";

export async function schemaSource(
  session: Session,
  { textDocument: { uri } }: SchemaSourceParams,
): Promise<SchemaSourceResult> {
  await session.files.analysisOf(uri);
  const document = session.files.documentOf(uri);
  if (document !== null) await session.inTurns(lookAtTables(document));
  return session.schema.sourceOf(uri);
}

export async function pickSchema(session: Session, { folder, key }: PickSchemaParams): Promise<null> {
  session.schema.pick(folder.replace(/\/$/, ""), key);
  session.analyseAnew();
  return null;
}
