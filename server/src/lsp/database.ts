/** The connection to a user's database, as commands open and close it, and what is known of its server. */

import { type Catalog, findRelation } from "../catalog/catalog.ts";
import { majorOf } from "../config.ts";
import { type SizeOf, sizesFrom, sizesUnknown } from "../ide/relation-sizes.ts";
import { createConnectedPlanner } from "../postgres/connected-planner.ts";
import { answerBytes, createDatabaseConnection, type DatabaseConnection } from "../postgres/connection.ts";
import { readConnectionSettings } from "../postgres/connection-settings.ts";
import {
  changedSchemaInTurns,
  type DatabaseSnapshot,
  databaseSchemaInTurns,
  readDatabase,
  readSchemaStamp,
} from "../postgres/introspect.ts";
import { readRelationSizes } from "../postgres/relation-sizes.ts";
import { readSchemaChanges } from "../postgres/schema-changes.ts";
import { portableStatements } from "../postgres/schema-script.ts";
import { readPlan } from "../pruning/plan.ts";
import type { PlanAnswer, Planner, PlannerProblem } from "../pruning/planner.ts";
import type { ReplayOptions } from "../replay/replay.ts";
import type { Reading } from "../syntax/read-statement.ts";
import type { Log } from "./guard.ts";
import type { ConnectParams, ConnectResult, RefreshResult } from "./protocol.ts";
import { createReconnector } from "./reconnector.ts";
import { nextTurn, resultInTurns } from "./turns.ts";

export interface Database {
  readonly connect: (params: DatabaseParams, signal: AbortSignal) => Promise<ConnectResult>;
  readonly disconnect: () => Promise<void>;
  /** Reads the schema again without asking whether it changed, and connects again where a failure was being waited out. */
  readonly refresh: (signal: AbortSignal) => Promise<RefreshResult>;
  /** null while nobody has connected. */
  readonly current: () => CurrentDatabase | null;
}

export interface DatabaseParams extends ConnectParams {
  /** Whether the settings allow planning to run the database's own functions. */
  readonly planningRunsFunctions?: boolean | undefined;
}

export interface CurrentDatabase {
  readonly name: string;
  readonly connection: DatabaseConnection;
  readonly planner: Planner;
  readonly serverVersion: number;
  /** Its schema as last read; null where that failed. */
  readonly catalog: () => Catalog | null;
  /** Why the schema could not be read the last time; null where it was. */
  readonly unread: () => string | null;
  /** What would make the schema elsewhere; null where it could not be read. */
  readonly schemaStatements: () => readonly string[] | null;
  /** Rows and sizes as they were when the schema was last looked at; another function after each reading. */
  readonly sizes: () => SizeOf;
  /** Looks whether the schema is still the one last read, unless it was looked at a moment ago; then reads it again. */
  readonly checkSchema: () => void;
  /** null where it was read, else why it was not. */
  readonly readSchema: (signal: AbortSignal) => Promise<PlannerProblem | null>;
}

export interface DatabaseOptions {
  readonly reading: Reading;
  /** ISO date. */
  readonly today: () => string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly log: Log;
  readonly onChange: () => void;
  /** The server has ended the connection: what is shown of it is another now. */
  readonly onLost: () => void;
  /** The setting `reconnect`. */
  readonly reconnects: () => boolean;
}

export function createDatabase(options: DatabaseOptions): Database {
  let current: CurrentDatabase | null = null;

  const reconnector = createReconnector({
    isWanted: (connection) => current?.connection === connection && options.reconnects(),
    onOpen: async () => {
      await current?.readSchema(new AbortController().signal);
      options.onChange();
    },
  });

  const disconnect = async (): Promise<void> => {
    reconnector.stop();
    const closing = current;
    current = null;
    if (closing === null) return;
    await closing.connection.close();
    options.onChange();
  };

  return {
    current: () => current,
    disconnect,
    refresh: async (signal) => {
      if (current === null) return { ok: false, message: "no database is connected" };
      const { connection, name, readSchema, catalog } = current;
      const opened = await connection.connect(signal);
      const problem = opened.ok ? await readSchema(signal) : opened.problem;
      options.onChange();
      if (problem !== null) return { ok: false, message: problem.message };
      return { ok: true, name, relations: catalog()?.relations.size ?? 0 };
    },
    connect: async ({ name, connectionString, password, planningRunsFunctions }, signal) => {
      const settings = readConnectionSettings({
        connectionString,
        password: password ?? null,
        environment: options.environment,
      });
      if (!settings.ok) return failed(settings.problem);
      const connection = createDatabaseConnection(settings.value, {
        statementTimeoutMilliseconds: 5_000,
        lockTimeoutMilliseconds: 500,
        idleInTransactionTimeoutMilliseconds: 10_000,
        answerBytes,
        idleCloseMilliseconds: 10 * 60_000,
        firstBackOffMilliseconds: 2_000,
        longestBackOffMilliseconds: 60_000,
        now: options.now,
        log: options.log.info,
        onLost: () => {
          if (current?.connection !== connection) return;
          options.onLost();
          if (options.reconnects()) reconnector.begin(connection);
        },
      });
      const opened = await connection.connect(signal);
      if (!opened.ok) {
        await connection.close();
        return failed(opened.problem);
      }
      const { serverVersion } = opened.value;
      const schema = createSchemaReader(connection, serverVersion, options);
      await schema.read(signal);
      await disconnect();
      const runsFunctions = planningRunsFunctions ?? false;
      const planner = schema.watching(createConnectedPlanner(connection, { runsFunctions }));
      current = {
        name,
        connection,
        planner,
        serverVersion,
        catalog: schema.catalog,
        unread: schema.unread,
        schemaStatements: schema.statements,
        sizes: schema.sizes,
        checkSchema: schema.check,
        readSchema: schema.read,
      };
      options.onChange();
      return { ok: true, name, serverVersion: versionText(serverVersion) };
    },
  };
}

const undefinedTable = "42P01";

/** So long a schema is believed without asking. */
const schemaCheckMilliseconds = 30_000;

function createSchemaReader(connection: DatabaseConnection, serverVersion: number, options: DatabaseOptions) {
  let catalog: Catalog | null = null;
  let unread: string | null = null;
  let snapshot: DatabaseSnapshot | null = null;
  /** Where no more than that something is other can be told: by what. */
  let stamp: string | null = null;
  let sizes: SizeOf = sizesUnknown;
  let checked = Number.NEGATIVE_INFINITY;

  const replayOptions = (): ReplayOptions => ({
    version: majorOf(serverVersion),
    pathmanVersion: "auto",
    today: options.today(),
  });
  const taking = { now: options.now, nextTurn };

  /** What they were stays where they cannot be read: they are an extra. */
  const readSizes = async (signal: AbortSignal): Promise<void> => {
    const counted = await readRelationSizes(connection, signal);
    if (counted.ok) sizes = sizesFrom(counted.value);
    else options.log.info(`the tables' sizes cannot be read: ${counted.problem.message}`);
  };

  const read = async (signal: AbortSignal): Promise<PlannerProblem | null> => {
    checked = options.now();
    const newStamp = snapshot !== null && snapshot.mark !== null ? null : await readSchemaStamp(connection, signal);
    const reading = newStamp === null || newStamp.ok ? await readDatabase(connection, signal) : newStamp;
    if (!reading.ok) {
      options.log.warn(`the database's schema cannot be read: ${reading.problem.message}`);
      unread = reading.problem.message;
      return reading.problem;
    }
    stamp = newStamp?.ok === true ? newStamp.value : null;
    const schema = await resultInTurns(databaseSchemaInTurns(reading.value, options.reading, replayOptions()), taking);
    for (const line of schema.declined) options.log.info(`not taken over from the database: ${line}`);
    [catalog, snapshot, unread] = [schema.catalog, reading.value, null];
    await readSizes(signal);
    return null;
  };

  /** Takes over what others have changed since the last reading. */
  const update = async (signal: AbortSignal): Promise<"same" | "other"> => {
    const [known, before] = [snapshot, catalog];
    const mark = known?.mark ?? null;
    if (known === null || before === null || mark === null) {
      const now = await readSchemaStamp(connection, signal);
      if (!now.ok || now.value === stamp) return "same";
    } else {
      const reading = await readSchemaChanges(connection, { mark, rows: known.rows }, signal);
      // Where it cannot be told, it is asked again the next time.
      if (!reading.ok || reading.value.kind === "same" || snapshot !== known) return "same";
      if (reading.value.kind === "changed") {
        const { changes } = reading.value;
        const work = changedSchemaInTurns(known, before, changes, options.reading, replayOptions());
        const changed = await resultInTurns(work, taking);
        if (changed !== null && snapshot === known) {
          ({ snapshot, catalog } = changed);
          checked = options.now();
          await readSizes(signal);
          return "other";
        }
      }
    }
    await read(signal);
    return "other";
  };

  const check = async (): Promise<void> => {
    const { signal } = new AbortController();
    if ((await update(signal)) === "same") return readSizes(signal);
    options.onChange();
  };

  /** Whether the plan has a relation, or PostgreSQL lacks one, that the schema as it was read does not account for. */
  const isOutdated = (answer: PlanAnswer): boolean => {
    if (catalog === null) return false;
    const known = catalog;
    if (!answer.ok) return answer.problem.sqlstate === undefinedTable;
    const plan = readPlan(answer.plan);
    return [...(plan?.scans ?? []), ...(plan?.targets ?? [])].some(
      ({ schema, name }) =>
        schema !== null && !isSystemSchema(schema) && findRelation(known, { schema, name }) === null,
    );
  };

  return {
    catalog: () => catalog,
    unread: () => unread,
    statements: () => (snapshot === null ? null : portableStatements(snapshot.rows)),
    sizes: () => sizes,
    read,
    /** The planner, behind which the schema is read again at once where an answer shows that it is not the one last read. */
    watching: (planner: Planner): Planner => ({
      ...planner,
      explain: async (request, signal) => {
        const answer = await planner.explain(request, signal);
        if (isOutdated(answer) && (await update(signal)) === "other") {
          options.log.info("the database's schema has changed, so it was read again");
          options.onChange();
        }
        return answer;
      },
    }),
    check: (): void => {
      if (options.now() - checked < schemaCheckMilliseconds) return;
      checked = options.now();
      check().catch((error: unknown) => options.log.error(`checking the schema failed: ${String(error)}`));
    },
  };
}

function isSystemSchema(schema: string): boolean {
  return schema.startsWith("pg_") || schema === "information_schema";
}

/** 180004 → `18.4` */
export function versionText(serverVersion: number): string {
  return `${Math.floor(serverVersion / 10_000)}.${serverVersion % 10_000}`;
}

function failed({ kind, message }: PlannerProblem): ConnectResult {
  return { ok: false, kind, message };
}
