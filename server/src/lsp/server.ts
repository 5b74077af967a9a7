/** Puts the server together: the session of one client, the routes of its requests, and what follows from its notices. */

import {
  type Connection,
  ErrorCodes,
  type InitializeParams,
  type InitializeResult,
  MessageType,
  ResponseError,
  ShowMessageNotification,
} from "vscode-languageserver/node";
import { majorOf } from "../config.ts";
import { analysisOptions } from "../ide/analysis.ts";
import { runsOfFile } from "../ide/chain.ts";
import { partOf } from "../ide/schema-statements.ts";
import { createWorlds } from "../ide/worlds.ts";
import { type Document, startOfStatement } from "../syntax/document.ts";
import { createStatementCache } from "../syntax/statement-cache.ts";
import { typedValueReader } from "../syntax/typed-value.ts";
import type { PatientReading } from "../syntax/units.ts";
import { logText, notificationText } from "../text/foreign-text.ts";
import type { Turns } from "../text/turns.ts";
import { askedClient } from "./asked-client.ts";
import { serverCapabilities } from "./capabilities.ts";
import { createChains } from "./chains.ts";
import { readClientFeatures, readInitializationOptions } from "./client-features.ts";
import { createConfiguration, settingsFileName } from "./configuration.ts";
import { createDatabase } from "./database.ts";
import { createDeclines } from "./declines.ts";
import { createGuard, type Log } from "./guard.ts";
import type { Host } from "./host.ts";
import { embeddedMissing, type Installation, loadInstallation } from "./installation.ts";
import { createLearner } from "./learner.ts";
import { createOpenFiles } from "./open-files.ts";
import { createOtherLanguages, sqlMaker } from "./other-languages.ts";
import { requireShape, shapes } from "./parameters.ts";
import { notifications } from "./protocol.ts";
import { createPublisher } from "./publisher.ts";
import { createRefreshes } from "./refreshes.ts";
import { createRehearsals } from "./rehearsals.ts";
import { foldersOf, linesOf, numberOf } from "./remembered.ts";
import { registerRoutes } from "./routes.ts";
import { createScriptTexts } from "./script-texts.ts";
import type { Session } from "./session.ts";
import { registerTextNotices } from "./text-notices.ts";
import { allInTurns, nextTurn, resultInTurns } from "./turns.ts";
import { createVerdicts } from "./verdicts.ts";
import { registerWorkspaceNotices } from "./workspace-notices.ts";
import { createWorkspaceSchema } from "./workspace-schema.ts";

/** Statements remembered by their text, for all files. */
const charactersRemembered = 250_000;

export function startServer(connection: Connection, host: Host): void {
  const log: Log = {
    error: (message) => connection.console.error(logText(message)),
    warn: (message) => connection.console.warn(logText(message)),
    info: (message) => connection.console.info(logText(message)),
  };
  const installed = loadInstallation(host);
  connection.onInitialize(async (params) => {
    try {
      requireShape("the request", params, shapes.initialization);
    } catch (error) {
      throw new ResponseError(ErrorCodes.InvalidParams, error instanceof Error ? error.message : String(error));
    }
    return initialize(connection, host, log, params, await installed);
  });
  connection.listen();
}

function initialize(
  connection: Connection,
  host: Host,
  log: Log,
  params: InitializeParams,
  { parser, library, unreadable }: Installation,
): InitializeResult {
  const features = readClientFeatures(params);
  const options = readInitializationOptions(params);
  const client = askedClient(connection);
  const clientCommands = new Set(options.clientCommands);
  const guard = createGuard(log);
  host.onUncaught((error) => guard.reportOnce("something that nobody waited for", error));
  const inTurns = <Result>(work: Turns<Result, unknown>) => resultInTurns(work, { now: host.now, nextTurn });
  const longStatements = host.createLongStatements({ log: log.info, onBug: guard.reportOnce });
  const reading: PatientReading = {
    parser,
    library,
    cache: createStatementCache(charactersRemembered),
    onBug: guard.reportOnce,
    elsewhere: unreadable === null ? longStatements.read : undefined,
  };

  const disk = host.createWorkspaceFiles(log.info);
  const configuration = createConfiguration({
    initialSettings: options.settings,
    askClient: features.configuration ? client.configuration : null,
    onLateAnswer: () => configuredLate(),
    readSettingsFile: (folder) => disk.readFile(`${folder}/${settingsFileName}`),
    log,
  });
  configuration.setFolders(foldersOf(params));

  /** Raised whenever something changes that every file's analysis depends on. */
  let stamp = 0;
  const database = createDatabase({
    environment: host.environment,
    reading,
    today: host.today,
    now: host.now,
    log,
    onChange: () => changed(),
    onLost: () => refreshes.answersSoon(),
    reconnects: () => configuration.settingsFor("").reconnect,
  });
  const embedded = host.createEmbedded(log.info);
  const verdicts = createVerdicts({
    unreadable,
    database,
    embedded,
    embeddedEnabled: (uri) => configuration.settingsFor(uri)["embedded.enabled"],
    partsBefore: (uri) => schema.partsBefore(uri),
    refreshes: features.refreshesLenses,
    now: host.now,
    inTurns,
    onChange: () => refreshes.answersSoon(),
    onContradiction: () => refreshes.findingsSoon(),
  });
  const learner = createLearner({
    embedded,
    reading,
    enabled: (uri) => database.current() === null && configuration.settingsFor(uri)["embedded.enabled"],
    partsOf: (analysis) => [...schema.partsBefore(analysis.file), partOf(analysis)],
    today: host.today,
    inTurns,
    onLearned: () => analyseAnew(),
    log: log.info,
    onError: (error) => guard.report("learning what a statement does", error),
  });
  const declines = createDeclines({
    log: log.info,
    onError: (error) => guard.report("saying what is not decided", error),
    now: host.now,
    nextTurn,
  });
  const serverMajor = () => majorOf(database.current()?.serverVersion ?? null);
  const worldFor = createWorlds({
    reading,
    databaseCatalog: () => database.current()?.catalog() ?? null,
    replayOptions: (settings) => analysisOptions(settings, serverMajor(), host.today()),
  });

  const chains = createChains({
    reading,
    folders: configuration.folders,
    settingsFor: configuration.settingsFor,
    analysisOptions: (folder) => analysisOptions(configuration.settingsFor(folder), serverMajor(), host.today()),
    worldFor,
    learned: learner.learned,
    findFiles: disk.findFiles,
    readTexts: createScriptTexts(disk, log.info),
    readFile: disk.readFile,
    inTurns,
    log: log.info,
    openDocument: (uri) => files.documentOf(uri),
    openFiles: () => files.all(),
  });
  const schema = createWorkspaceSchema({
    chains,
    reading,
    folders: configuration.folders,
    settingsFor: configuration.settingsFor,
    replayOptions: (settings) => analysisOptions(settings, serverMajor(), host.today()),
    worldFor,
    findFiles: disk.findFiles,
    readFile: disk.readFile,
    picks: options.schemaPicks ?? {},
    documentRead: (uri) => files.get(uri)?.document ?? null,
    inTurns,
    log: log.info,
  });
  const trusted = options.trusted !== false;
  const otherLanguages = createOtherLanguages({ client, features, configuration, trusted, disk });
  const prepareStart = (uri: string): Promise<void> | null => chains.prepare(uri) ?? schema.prepare(uri);
  const files = createOpenFiles({
    reading,
    sqlOf: (uri, language) => sqlMaker(configuration.settingsFor(uri), uri, language),
    sizeLimit: (uri) => (unreadable === null ? configuration.settingsFor(uri)["limits.maxFileSizeKb"] * 1024 : -1),
    surroundings: (uri) => {
      const settings = configuration.settingsFor(uri);
      const chain = chains.chainOf(uri);
      const own = files.documentOf(uri);
      const documentOf = (file: string): Document | null =>
        files.documentOf(file) ?? schema.chainBehind(uri)?.documentOf(file) ?? null;
      return {
        start: schema.startOf(uri, own),
        runs: chain?.runsOf(uri) ?? (own === null ? undefined : runsOfFile(uri, own)),
        options: analysisOptions(settings, serverMajor(), host.today()),
        startInFile: (file, statement) => startOfStatement(documentOf(file), statement),
        changesLater: (relation) => chain?.changesLater(uri, relation) ?? false,
        learned: learner.learned(),
        stamp,
      };
    },
    prepare: prepareStart,
    nextTurn,
    now: host.now,
    onAnalysis: (analysis) => {
      otherLanguages.consider(analysis.final);
      if (files.get(analysis.file)?.isProgram === true) return;
      learner.consider(analysis);
      declines.consider(analysis);
    },
    onNewCatalog: (uri) => refreshes.tell(notifications.treeChanged, { uri }),
  });
  const show = (type: MessageType, lines: readonly string[]): void =>
    void connection.sendNotification(ShowMessageNotification.type, {
      type,
      message: lines.map(notificationText).join("\n"),
    });
  const rehearsals = createRehearsals({
    sandboxes: host.sandboxes(),
    reading,
    partsBefore: (uri) => schema.partsBefore(uri),
    databaseSchema: () => database.current()?.schemaStatements() ?? null,
    readFile: disk.readFile,
    onChange: () => refreshes.answersSoon(),
  });
  const session: Session = {
    features,
    rehearsals,
    unreadable,
    files,
    verdicts,
    schema,
    analyseAnew: () => analyseAnew(),
    database,
    clientCommands,
    timestamp: host.timestamp,
    trusted,
    settingsFor: configuration.settingsFor,
    analysisOptions: (uri) => analysisOptions(configuration.settingsFor(uri), serverMajor(), host.today()),
    prepared: async (uri) => {
      await prepareStart(uri);
    },
    resultId: (uri) => {
      const file = files.get(uri);
      // Not by its version, which some clients leave out or use again: each text has lines of its own.
      return file === null
        ? null
        : `${numberOf(file.lines)}.${stamp}.${verdicts.revision()}.${numberOf(schema.startOf(uri, file.document))}`;
    },
    placesIn: (uri) => {
      const own = files.documentOf(uri);
      const document = own ?? chains.documentOf(uri);
      const file = files.get(uri);
      // What was read last stands at the lines of its own text.
      const lines = file?.document === document ? file?.lines : undefined;
      return document === null ? null : { uri, lines: lines ?? linesOf(document), document };
    },
    typedValues: typedValueReader(reading),
    reading,
    inTurns,
    allInTurns: (items, work, signal) => allInTurns(items, work, signal, { now: host.now, nextTurn }),
    showMessage: (...lines) => show(MessageType.Info, lines),
    toClient: host.spellings.toClient,
    applyEdit: (edit, signal) => client.applyEdit(host.spellings.toClient(edit), signal),
  };
  let configured = (): void => {};
  const ready = new Promise<void>((resolve) => {
    configured = resolve;
  });
  const publisher = createPublisher(session, {
    ready,
    send: (diagnostics) => connection.sendDiagnostics(host.spellings.toClient(diagnostics)),
    onError: (error) => guard.report("sending diagnostics", error),
  });

  const refreshes = createRefreshes({
    connection,
    client,
    features,
    isOwnClient: options.clientCommands !== undefined,
    toClient: host.spellings.toClient,
    status: () => verdicts.status(),
    publishAll: () => {
      for (const { uri } of files.all()) publisher.schedule(uri);
    },
  });
  const changed = (): void => {
    verdicts.forget();
    files.reread();
    analyseAnew();
  };
  const analyseAnew = (): void => {
    stamp++;
    refreshes.everything();
  };
  /** The files that come after this one in its chain, or rest on it, start from something else now. */
  const publishChain = (uri: string): void => {
    const others = files.all().filter((other) => other.uri !== uri && schema.restsOn(other.uri, uri));
    for (const other of others) publisher.schedule(other.uri);
    if (others.length > 0) refreshes.answersSoon();
  };

  registerTextNotices(connection, { files, publisher, guard, publishChain, onClosed: rehearsals.forget });
  const { configuredLate } = registerWorkspaceNotices(connection, {
    features,
    client,
    configuration,
    chains,
    schema,
    guard,
    changed,
    configured: () => configured(),
    begin: async () => {
      refreshes.answers();
      for (const missing of missingParts()) show(MessageType.Warning, [missing]);
      await otherLanguages.look();
    },
  });
  registerRoutes(connection, session, guard, ready);
  connection.onShutdown(async () => {
    publisher.stop();
    learner.stop();
    declines.stop();
    refreshes.stop();
    await Promise.all([database.disconnect(), verdicts.close(), longStatements.close()]);
  });

  /** What does not work here, once, for the person at the editor. */
  const missingParts = (): readonly string[] => {
    if (unreadable !== null) return [unreadable];
    return embedded === null && configuration.settingsFor("")["embedded.enabled"] ? [embeddedMissing] : [];
  };

  return {
    capabilities: serverCapabilities(features, clientCommands),
    serverInfo: { name: "partition-lens" },
  };
}
