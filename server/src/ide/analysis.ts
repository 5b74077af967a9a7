/** Everything known of one version of one file: its statements, what each does to the catalog, and the findings. */

import { type Catalog, emptyCatalog, withSettings } from "../catalog/catalog.ts";
import { defaultSettings, type RuleSeverity, type Settings } from "../config.ts";
import type { PostgresVersion } from "../effects/outcome.ts";
import type { Learned } from "../replay/learned.ts";
import { finalCatalog, replayInTurns, shownCatalog } from "../replay/replay.ts";
import type { Run } from "../replay/runs.ts";
import type { Step } from "../replay/step.ts";
import { noSteps, type StepList } from "../replay/step-list.ts";
import { type RuleInput, runRulesInTurns } from "../rules/run.ts";
import type { Document } from "../syntax/document.ts";
import type { Reading } from "../syntax/read-statement.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import type { OnBug } from "../text/bug.ts";
import type { Finding } from "../text/finding.ts";
import { atOnce, type Turns } from "../text/turns.ts";
import { readsAssumed } from "./assumed-reads.ts";

export interface AnalysisOptions {
  readonly version: PostgresVersion;
  /** ISO date, or a moment with its time. */
  readonly today: string;
  /** The session's TimeZone at the start of the file. */
  readonly timeZone: string;
  readonly pathmanVersion: string;
  readonly partmanVersion?: string | undefined;
  readonly severities: Readonly<Record<string, RuleSeverity>>;
}

export interface AnalysisInput {
  /** The id of the file in the world: its URI or path. */
  readonly file: string;
  readonly document: Document;
  /** Reads the statements that DO blocks build. */
  readonly reading: Reading;
  /** What the file's first statement finds. */
  readonly start: Catalog;
  readonly options: AnalysisOptions;
  /** How it is run; as a script for psql where nothing is said. */
  readonly runs?: readonly Run[] | undefined;
  /** Whether the statements stand beside each other, each finding the start, and the file leaves nothing. */
  readonly independent?: boolean | undefined;
  /** What DO blocks and the like did where they were run. */
  readonly learned?: Learned | undefined;
  /** Where a statement of another file of the world begins, or null. */
  readonly startInFile: (file: string, statement: StatementHandle) => number | null;
  /** Whether a later file of its chain may change the table or index of that name. */
  readonly changesLater?: ((relation: string) => boolean) | undefined;
  /** The analysis of an earlier version of the file, also one that was dropped, for what it has in common with this one. */
  readonly previous: EarlierAnalysis | null;
}

export type EarlierAnalysis = Pick<Analysis, "options" | "list" | "learned">;

export interface Analysis {
  readonly file: string;
  readonly document: Document;
  readonly start: Catalog;
  readonly options: AnalysisOptions;
  readonly learned: Learned | undefined;
  /** One for each statement of the document, as lenses and hovers show it. */
  readonly steps: readonly Step[];
  /** One of them; no others are made. */
  readonly stepAt: (place: number) => Step | undefined;
  /** The same as it is known for sure: what errors rest on. */
  readonly replayed: readonly Step[];
  /** The same, of which none is made that nobody asks for. */
  readonly list: StepList;
  /** Who is told of exceptions in what follows from the analysis; without it they are thrown. */
  readonly onBug?: OnBug | undefined;
  /** After the last statement, as if what stands behind an error had been run. */
  readonly final: Catalog;
  /** What the file leaves in the database. */
  readonly left: Catalog;
  /** Sorted by place; worked out when first asked for. */
  readonly findings: () => readonly Finding[];
  /** The same with pauses. */
  readonly findingsInTurns: () => Turns<readonly Finding[]>;
}

/** Analyses a file. At its pauses it gives what would help the next one if it were dropped. Never fails on what a file says. */
export function* analyse(input: AnalysisInput): Turns<Analysis, () => EarlierAnalysis> {
  const { file, document, reading, start, options, startInFile, changesLater, learned } = input;
  const source = { text: document.content, reading };
  const { previous: earlier } = input;
  const previous = earlier !== null && sameReplay(earlier.options, options) ? earlier : null;
  const work = replayInTurns({
    file,
    statements: document,
    start,
    options,
    previous: previous?.list ?? noSteps,
    source,
    learned,
    runs: input.runs,
    independent: input.independent,
    previousLearned: previous?.learned,
  });
  let turn = work.next();
  for (; turn.done !== true; turn = work.next()) {
    const soFar = turn.value;
    yield () => ({ options, list: soFar(), learned });
  }
  const list = turn.value;
  const leaves = input.independent !== true;
  const final = leaves ? shownCatalog(start, list) : start;
  const ruleInput: RuleInput = {
    file,
    document,
    steps: list,
    final,
    options,
    reading,
    severities: options.severities,
    startInFile,
    onBug: reading.onBug,
    changesLater,
  };
  let previousSteps = previous?.list;
  let findings: readonly Finding[] | null = null;
  let assumed: ReadonlyMap<number, Step> | null = null;
  let shown: readonly Step[] | null = null;
  const assumedSteps = (): ReadonlyMap<number, Step> => {
    assumed ??= readsAssumed(start, list);
    return assumed;
  };
  const findingsInTurns = function* (): Turns<readonly Finding[]> {
    findings ??= yield* runRulesInTurns({ ...ruleInput, previousSteps });
    // Nobody needs the catalogs of the earlier version any more.
    previousSteps = undefined;
    return findings;
  };
  return {
    file,
    document,
    start,
    options,
    learned,
    onBug: reading.onBug,
    get steps() {
      const other = assumedSteps();
      shown ??= other.size === 0 ? list.all() : list.all().map((step, place) => other.get(place) ?? step);
      return shown;
    },
    stepAt: (place) => assumedSteps().get(place) ?? list.at(place),
    get replayed() {
      return list.all();
    },
    list,
    final,
    left: leaves ? finalCatalog(start, list) : start,
    findings: () => atOnce(findingsInTurns()),
    findingsInTurns,
  };
}

/** The analysis in one go. */
export function analyseAtOnce(input: AnalysisInput): Analysis {
  return atOnce(analyse(input));
}

/** The catalog that a file meets which nothing goes before. */
export function emptyWorld(
  settings: Pick<Settings, "schema.complete" | "schema.searchPath" | "schema.collation" | "timeZone">,
): Catalog {
  const collation = settings["schema.collation"];
  const empty = emptyCatalog({
    complete: settings["schema.complete"],
    timeZone: settings.timeZone,
    databaseCollation: collation === "" ? undefined : collation,
  });
  const searchPath = settings["schema.searchPath"];
  const isChosen = JSON.stringify(searchPath) !== JSON.stringify(defaultSettings["schema.searchPath"]);
  return withSettings(empty, { searchPath, initialSearchPath: isChosen ? searchPath : undefined });
}

/** What the settings say of an analysis; `version` is the connected server's, `today` the clock's. */
export function analysisOptions(settings: Settings, version: PostgresVersion, today: string): AnalysisOptions {
  return {
    version: settings.postgresVersion === "auto" ? version : settings.postgresVersion,
    today: settings.today === "" ? today : settings.today,
    timeZone: settings.timeZone,
    pathmanVersion: settings.pathmanVersion,
    partmanVersion: settings.partmanVersion,
    severities: settings.rules,
  };
}

function sameReplay(a: AnalysisOptions, b: AnalysisOptions): boolean {
  return (
    a.version === b.version &&
    a.today === b.today &&
    a.pathmanVersion === b.pathmanVersion &&
    a.partmanVersion === b.partmanVersion
  );
}
