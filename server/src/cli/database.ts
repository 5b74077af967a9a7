/** The database that `--connect` names, with its schema. */

import type { Catalog } from "../catalog/catalog.ts";
import { majorOf } from "../config.ts";
import type { PostgresVersion } from "../effects/outcome.ts";
import { createConnectedPlanner } from "../postgres/connected-planner.ts";
import { answerBytes, createDatabaseConnection } from "../postgres/connection.ts";
import { readConnectionSettings } from "../postgres/connection-settings.ts";
import { databaseSchema, readDatabase } from "../postgres/introspect.ts";
import { portableStatements } from "../postgres/schema-script.ts";
import type { Planner } from "../pruning/planner.ts";
import type { Reading } from "../syntax/read-statement.ts";
import { type CommandContext, textOption, UsageError } from "./command.ts";

export interface CommandDatabase {
  readonly planner: Planner;
  readonly catalog: Catalog;
  /** What would make its schema elsewhere. */
  readonly schemaStatements: () => readonly string[];
  readonly version: PostgresVersion;
  readonly close: () => Promise<void>;
}

/** Connects and reads the schema; null without `--connect`. Throws UsageError where it fails. */
export async function openDatabase(context: CommandContext, reading: Reading): Promise<CommandDatabase | null> {
  const connectionString = textOption(context, "connect");
  if (connectionString === undefined) return null;
  const { variables, today } = context.environment;
  const settings = readConnectionSettings({ connectionString, password: null, environment: variables });
  if (!settings.ok) throw new UsageError(settings.problem.message);
  const connection = createDatabaseConnection(settings.value, {
    statementTimeoutMilliseconds: 10_000,
    lockTimeoutMilliseconds: 1_000,
    idleInTransactionTimeoutMilliseconds: 20_000,
    answerBytes,
    idleCloseMilliseconds: 60_000,
    firstBackOffMilliseconds: 1_000,
    longestBackOffMilliseconds: 1_000,
    now: () => performance.now(),
    log: () => {},
  });
  const snapshot = await readDatabase(connection, new AbortController().signal);
  if (!snapshot.ok) {
    await connection.close();
    throw new UsageError(snapshot.problem.message);
  }
  const version = majorOf(snapshot.value.serverVersion);
  const { catalog } = databaseSchema(snapshot.value, reading, { version, pathmanVersion: "auto", today: today() });
  return {
    planner: createConnectedPlanner(connection, { runsFunctions: context.options["planning-runs-functions"] === true }),
    catalog,
    schemaStatements: () => portableStatements(snapshot.value.rows),
    version,
    close: () => connection.close(),
  };
}
