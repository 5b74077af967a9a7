/** Analyses the files of a command, as the language server would with the same settings and the same database. */

import { fileURLToPath } from "node:url";
import { defaultPostgresVersion, type Settings } from "../config.ts";
import { type Analysis, analyseAtOnce, analysisOptions } from "../ide/analysis.ts";
import {
  type Chain,
  type ChainInput,
  chainDocument,
  createChain,
  partsBefore,
  partsOfChain,
  runsOfFile,
} from "../ide/chain.ts";
import { learnedChain } from "../ide/learn-chain.ts";
import { createLearnedStore, type LearningOptions, learnNext, wantsLearning } from "../ide/learning.ts";
import { chooseSource } from "../ide/schema-source.ts";
import { partOf, type ScriptPart } from "../ide/schema-statements.ts";
import { createStartOver } from "../ide/start-over.ts";
import { tablesOf } from "../ide/tables-of-file.ts";
import { createWorlds } from "../ide/worlds.ts";
import type { EmbeddedPostgres } from "../postgres/embedded-planner.ts";
import { createInstalledEmbedded, loadParser } from "../postgres/installed-files.ts";
import { learnEffect } from "../postgres/learn.ts";
import type { Learned } from "../replay/learned.ts";
import { type Document, parseDocument, startOfStatement } from "../syntax/document.ts";
import { loadExpressionLibrary } from "../syntax/expression-text.ts";
import type { Reading } from "../syntax/read-statement.ts";
import { createStatementCache } from "../syntax/statement-cache.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import type { OnBug } from "../text/bug.ts";
import { createLineIndex, type LineIndex } from "../text/line-index.ts";
import { atOnce } from "../text/turns.ts";
import { type ChainOnDisk, createChainReader } from "./chains.ts";
import type { CommandContext, SourceFile } from "./command.ts";
import { type CommandDatabase, openDatabase } from "./database.ts";
import { posixPath } from "./paths.ts";

export interface AnalysedFile {
  readonly source: SourceFile;
  readonly lines: LineIndex;
  /** null for a file that is too long. */
  readonly analysis: Analysis | null;
}

/** Why a file has no analysis, as in `dump.sql is not analysed: …`. */
export function whyNotAnalysed({ isUnread, remark, settings }: SourceFile): string {
  if (isUnread && remark !== null) return remark;
  return `not analysed: larger than limits.maxFileSizeKb, which is ${settings["limits.maxFileSizeKb"]}`;
}

export interface Analyser {
  readonly reading: Reading;
  readonly analyse: (source: SourceFile) => Promise<AnalysedFile>;
  /** The files that run before one in its chain. */
  readonly partsBefore: (uri: string) => readonly ScriptPart[];
  /** Of `--connect`; null without. */
  readonly database: CommandDatabase | null;
  /** Not started before it is asked something; null beside a database, and where its files are missing. */
  readonly embedded: EmbeddedPostgres | null;
}

/**
 * Runs the work with an analyser: each file of a chain starts from what goes before it, a file that makes no tables of its own
 * from the schema of its workspace; it is connected where `--connect` says so. What only a run tells of DO blocks is
 * learned in the embedded PostgreSQL, as far as the settings allow it.
 */
export async function withAnalyser<Result>(
  context: CommandContext,
  sources: readonly SourceFile[],
  work: (analyser: Analyser) => Result | Promise<Result>,
): Promise<Result> {
  const [parser, library] = await Promise.all([loadParser(), loadExpressionLibrary()]);
  const onBug: OnBug = (what, error) => context.environment.complain(`${what} failed: ${String(error)}\n`);
  const reading: Reading = { parser, library, cache: createStatementCache(5_000_000), onBug };
  const database = await openDatabase(context, reading);
  const embedded = database === null ? createInstalledEmbedded(() => {}) : null;
  try {
    return await work(await createAnalyser(context, sources, { reading, database, embedded }));
  } finally {
    await Promise.all([database?.close(), embedded?.close()]);
  }
}

async function createAnalyser(
  context: CommandContext,
  sources: readonly SourceFile[],
  means: Pick<Analyser, "reading" | "database" | "embedded">,
): Promise<Analyser> {
  const { reading, database } = means;
  const today = context.environment.today();
  const settingsOptions = (settings: Settings) =>
    analysisOptions(settings, database?.version ?? defaultPostgresVersion, today);
  const worldFor = createWorlds({
    reading,
    databaseCatalog: () => database?.catalog ?? null,
    replayOptions: settingsOptions,
  });
  const learning = createLearning(means, today);
  const reader = createChainReader(context, sources);
  const startOver = createStartOver(reading);
  const chains = new Map<string, Promise<Chain>>();
  /** By the file: the chain that it belongs to, or whose end it starts from. */
  const behind = new Map<string, { readonly chain: Chain; readonly isMember: boolean }>();

  const replayed = async ({ files, ordered, configuration }: ChainOnDisk, settings: Settings): Promise<Chain> => {
    const chainFiles = files.map(({ uri, path, text }) => ({
      file: uri,
      path: posixPath(path),
      document: chainDocument(path, text, reading),
    }));
    const start = worldFor(
      settings,
      chainFiles.map(({ document }) => document),
    );
    const input = { files: chainFiles, ordered, configuration, start, options: settingsOptions(settings), reading };
    return learning.replayedChain(input, settings);
  };
  const chainFor = (chain: ChainOnDisk, settings: Settings): Promise<Chain> => {
    const replaying = chains.get(chain.key) ?? replayed(chain, settings);
    chains.set(chain.key, replaying);
    return replaying;
  };
  /** The chain whose end a file starts from that makes no schema of its own. */
  const schemaFor = async (source: SourceFile, document: Document): Promise<Chain | null> => {
    const { restsOnOthers, used } = tablesOf(document);
    if (!restsOnOthers) return null;
    const sources = (await reader.schemasFor(source)).map((each) => ({
      ...each,
      creates: () => new Set(each.files.flatMap(({ text }) => [...tablesOf(parseDocument(text, reading)).created])),
    }));
    const others = sources.filter(
      ({ files, kind, creates }) =>
        !files.some(({ uri }) => uri === source.uri) && (kind !== "dump" || creates().size > 0),
    );
    const root = posixPath(source.root);
    const chosen = chooseSource(posixPath(fileURLToPath(source.uri)), root, used, others, new Map()).source;
    return chosen === null ? null : chainFor(chosen, source.settings);
  };
  const before = (uri: string): readonly ScriptPart[] => {
    const found = behind.get(uri);
    if (found === undefined) return [];
    return found.isMember ? partsBefore(found.chain, uri) : partsOfChain(found.chain);
  };
  return {
    ...means,
    partsBefore: before,
    analyse: async (source) => {
      const { uri, text, settings } = source;
      const lines = createLineIndex(text);
      if (source.isUnread || text.length > settings["limits.maxFileSizeKb"] * 1024)
        return { source, lines, analysis: null };
      const onDisk = await reader.chainOf(source);
      const own = onDisk === null ? null : await chainFor(onDisk, settings);
      const document = own?.documentOf(uri) ?? parseDocument(text, reading);
      const schema = own?.startOf(uri) == null ? await schemaFor(source, document) : null;
      const chain = schema ?? own;
      if (chain !== null) behind.set(uri, { chain, isMember: schema === null });
      const options = settingsOptions(settings);
      const input = {
        file: uri,
        document,
        reading,
        start:
          schema === null
            ? (own?.startOf(uri) ?? worldFor(settings, [document]))
            : startOver(schema.end(), document, options),
        runs: own?.runsOf(uri) ?? runsOfFile(uri, document),
        options,
        startInFile: (file: string, statement: StatementHandle) =>
          startOfStatement(chain?.documentOf(file) ?? null, statement),
        changesLater: (relation: string) => own?.changesLater(uri, relation) ?? false,
      };
      const analysis = await learning.untilKnown<Analysis>(
        settings,
        (learned, previous) => analyseAtOnce({ ...input, learned, previous }),
        // What the files before it do has been learned with their chain.
        (current) => (current.steps.some(wantsLearning) ? [...before(uri), partOf(current)] : []),
      );
      return { source, lines, analysis };
    },
  };
}

/** What statements do that only a run tells: learned for all files of the command together. */
function createLearning({ embedded, reading }: Pick<Analyser, "reading" | "embedded">, today: string) {
  const store = createLearnedStore();

  /** Whether something of the parts has been learned; never where the settings do not allow it. */
  async function learn(settings: Settings, parts: readonly ScriptPart[]): Promise<boolean> {
    if (embedded === null || !settings["embedded.enabled"]) return false;
    const options: LearningOptions = {
      store,
      run: ({ before, sql }) => learnEffect(embedded, before, sql, reading, new AbortController().signal),
      inTurns: async (work) => atOnce(work),
      clockIsToday: settings.today === "" || settings.today === today,
      stopped: () => false,
      log: () => {},
    };
    return learnNext(parts, options);
  }

  return {
    /** Replays again and again, until there is nothing left to learn. */
    untilKnown: async <Replayed>(
      settings: Settings,
      replayed: (learned: Learned, previous: Replayed | null) => Replayed,
      partsOf: (replayed: Replayed) => readonly ScriptPart[],
    ): Promise<Replayed> => {
      let current = replayed(store.current(), null);
      while (await learn(settings, partsOf(current))) current = replayed(store.current(), current);
      return current;
    },
    replayedChain: (input: Omit<ChainInput, "learned" | "previous">, settings: Settings): Promise<Chain> =>
      learnedChain({
        create: (learned, previous) => createChain({ ...input, learned, previous }),
        learned: store.current,
        learn: (parts) => learn(settings, parts),
      }),
  };
}
