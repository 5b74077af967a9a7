/** What every handler works with: the open files, the settings, the verdicts, and what the client can do. */

import type { Origin } from "../catalog/relation.ts";
import type { Settings } from "../config.ts";
import type { Analysis, AnalysisOptions } from "../ide/analysis.ts";
import type { MarkdownOptions } from "../ide/markdown.ts";
import type { Reading } from "../syntax/read-statement.ts";
import type { TypedValueReader } from "../syntax/typed-value.ts";
import type { Turns } from "../text/turns.ts";
import type { AskedClient } from "./asked-client.ts";
import type { ClientFeatures } from "./client-features.ts";
import type { Database } from "./database.ts";
import { RefusedError } from "./guard.ts";
import type { OpenFile, OpenFiles } from "./open-files.ts";
import type { DefinitionPlace } from "./protocol.ts";
import type { Rehearsals } from "./rehearsals.ts";
import { type StatementPlaces, toDefinition } from "./to-proto.ts";
import type { Verdicts } from "./verdicts.ts";
import type { WorkspaceSchema } from "./workspace-schema.ts";

export interface Session {
  readonly features: ClientFeatures;
  /** Why no SQL can be read at all, in a sentence for people; null where it can. */
  readonly unreadable: string | null;
  readonly files: OpenFiles;
  readonly settingsFor: (uri: string) => Settings;
  readonly analysisOptions: (uri: string) => AnalysisOptions;
  /** Resolves when it is known what the file starts from: who asks for that before has to do the work in one piece. */
  readonly prepared: (uri: string) => Promise<void>;
  /** Names the state of a file and of all that its findings depend on; null for a file that is not open. */
  readonly resultId: (uri: string) => string | null;
  /** Where the statements of a file stand that is open or belongs to a chain; null for any other. */
  readonly placesIn: (uri: string) => StatementPlaces | null;
  /** ISO date and time, in UTC. */
  readonly timestamp: () => string;
  readonly typedValues: TypedValueReader;
  /** Reads SQL that stands in no file. */
  readonly reading: Reading;
  /** The result of long work, between whose turns other requests are answered. */
  readonly inTurns: <Result>(work: Turns<Result, unknown>) => Promise<Result>;
  /** What the work gives for each of many items, likewise. */
  readonly allInTurns: <Item, Result>(
    items: readonly Item[],
    work: (item: Item) => Promise<Result>,
    signal: AbortSignal,
  ) => Promise<Result[]>;
  readonly database: Database;
  readonly verdicts: Verdicts;
  readonly schema: WorkspaceSchema;
  readonly rehearsals: Rehearsals;
  /** What every file's analysis depends on is another than before. */
  readonly analyseAnew: () => void;
  /** Whether people trust the workspace: no connection is opened in another. */
  readonly trusted: boolean;
  /** Commands that the client carries out itself. */
  readonly clientCommands: ReadonlySet<string>;
  readonly showMessage: (...lines: readonly string[]) => void;
  /** An answer with the URIs in it as the client spells them. */
  readonly toClient: <Value>(value: Value) => Value;
  /** Null where the client has made the edit, else why not. */
  readonly applyEdit: AskedClient["applyEdit"];
}

/** The file and its analysis, or null where there is none: not open, or too large. */
export async function analysedFile(
  session: Session,
  uri: string,
): Promise<{ readonly file: OpenFile; readonly analysis: Analysis } | null> {
  const analysis = await session.files.analysisOf(uri);
  const file = session.files.get(uri);
  return analysis === null || file === null ? null : { file, analysis };
}

/** As `analysedFile`, for requests that people or tools make on purpose: they are told why there is nothing. */
export async function requiredAnalysis(
  session: Session,
  uri: string,
): Promise<{ readonly file: OpenFile; readonly analysis: Analysis }> {
  const analysed = await analysedFile(session, uri);
  if (analysed !== null) return analysed;
  if (session.unreadable !== null) throw new RefusedError(session.unreadable);
  throw new RefusedError(
    session.files.get(uri) === null
      ? `${uri} is not open`
      : `the file is larger than ${session.settingsFor(uri)["limits.maxFileSizeKb"]} kB, the setting partitionLens.limits.maxFileSizeKb, and is not analysed`,
  );
}

export function definitionOf(session: Session, origin: Origin): DefinitionPlace | null {
  return toDefinition(origin, session.placesIn);
}

export function markdownOptions({ features }: Session): MarkdownOptions {
  return {
    plain: !features.markdownHover,
    html: features.markdownHover && features.html,
    icons: features.markdownHover && features.icons,
  };
}
