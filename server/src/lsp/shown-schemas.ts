/** The schemas that the tree shows and that operations are asked of: the connected database, or those of the workspace's files. */

import type { Catalog } from "../catalog/catalog.ts";
import { rootTables } from "../ide/partition-tree.ts";
import { nothingRefused, type RefusedPlaces, refusedPlacesInTurns } from "../ide/refused-places.ts";
import { partOf, type ScriptPart } from "../ide/schema-statements.ts";
import { fileNameOf } from "../text/uri-name.ts";
import type { Session } from "./session.ts";

export interface ShownSchema {
  /** The `source` by which clients name it. */
  readonly key: string;
  readonly label: string;
  readonly catalog: Catalog;
  /** Where its refused and broken statements belong. */
  readonly refused: () => Promise<RefusedPlaces>;
}

const databaseKey = "database";

/**
 * The connected database; else the schemas of the workspace, and behind them the open files that make partitioned tables of
 * their own. Which file is in front is no matter.
 */
export async function shownSchemas(session: Session): Promise<readonly ShownSchema[]> {
  const database = session.database.current();
  const connected = database?.catalog() ?? null;
  if (database !== null && connected !== null) {
    database.checkSchema();
    return [{ key: databaseKey, label: database.name, catalog: connected, refused: async () => nothingRefused }];
  }
  const ofWorkspace = await session.schema.all();
  const alone = session.files
    .all()
    .filter(({ uri, isProgram }) => !isProgram && !ofWorkspace.some(({ holds }) => holds(uri)))
    .map(({ uri }) => uri)
    .sort();
  const schemas = ofWorkspace.map(
    ({ key, label, catalog, parts }): ShownSchema => ({
      key,
      label,
      catalog,
      refused: () => refusedIn(session, catalog, parts),
    }),
  );
  for (const uri of alone) {
    const analysis = await session.files.analysisOf(uri);
    if (analysis === null) continue;
    const makesItsOwn = rootTables(analysis.final).some(
      ({ origin }) => origin.kind === "statement" && origin.file === uri,
    );
    if (!makesItsOwn) continue;
    const refused = (): Promise<RefusedPlaces> => refusedIn(session, analysis.final, () => [partOf(analysis)]);
    schemas.push({ key: uri, label: fileNameOf(uri), catalog: analysis.final, refused });
  }
  return schemas.filter(({ catalog }) => rootTables(catalog).length > 0);
}

/** The schema of a `source`; null where that is not there any more. */
export async function schemaOfSource(session: Session, source: string): Promise<ShownSchema | null> {
  return (await shownSchemas(session)).find(({ key }) => key === source) ?? null;
}

async function refusedIn(
  session: Session,
  catalog: Catalog,
  parts: () => readonly ScriptPart[],
): Promise<RefusedPlaces> {
  const known = refusedOf.get(catalog);
  if (known !== undefined) return known;
  const { version } = session.analysisOptions("");
  const steps = parts().flatMap((part) => part.steps);
  const refused = await session.inTurns(refusedPlacesInTurns(steps, version));
  refusedOf.set(catalog, refused);
  return refused;
}

const refusedOf = new WeakMap<Catalog, RefusedPlaces>();
