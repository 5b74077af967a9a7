/** What the tests of DDL share: a schema's text replayed, and the script of an operation on it. */

import { type Catalog, emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { partsOf } from "../../server/src/catalog/layout.ts";
import { generate } from "../../server/src/ddl/generate.ts";
import { readOperationRequest } from "../../server/src/ddl/operation.ts";
import type { OperationResult, Script } from "../../server/src/ddl/script.ts";
import { resolveRelation } from "../../server/src/ddl/writer.ts";
import type { PostgresVersion } from "../../server/src/effects/outcome.ts";
import { finalCatalog, replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { typedValuesForTests } from "../support/parser.ts";

const today = "2024-06-01";

/**
 * The catalog after a script that PostgreSQL accepts; throws on what the model says it would refuse. Where the world is not
 * `complete` there may be more than the script makes.
 */
export function replayed(reading: Reading, sql: string, version: PostgresVersion, complete = true): Catalog {
  const start = emptyCatalog({ complete, timeZone: "UTC" });
  const steps = stepsOn(start, reading, sql, version);
  const refused = steps.find(({ rejection }) => rejection !== null)?.rejection;
  if (refused !== undefined && refused !== null) throw new Error(`${refused.sqlstate} ${refused.message}`);
  return finalCatalog(start, steps);
}

/** The steps of a script over a catalog. */
export function stepsOn(start: Catalog, reading: Reading, sql: string, version: PostgresVersion = 18): readonly Step[] {
  const { statements } = parseDocument(sql, reading);
  const options = { version, pathmanVersion: "1.5", today };
  return replay({ file: "test.sql", statements, start, options, previous: [], source: { text: sql, reading } });
}

export function operate(
  reading: Reading,
  schema: string,
  raw: Readonly<Record<string, unknown>>,
  version: PostgresVersion,
): OperationResult {
  return operateOn(replayed(reading, schema, version), reading, raw, version);
}

/** The script of an operation on what a catalog has. */
export function operateOn(
  catalog: Catalog,
  reading: Reading,
  raw: Readonly<Record<string, unknown>>,
  version: PostgresVersion,
): OperationResult {
  const request = readOperationRequest(raw);
  if (!request.ok) return request;
  return generate(request.value, {
    catalog,
    version,
    today,
    inTransaction: false,
    typedValues: typedValuesForTests(reading),
  });
}

/** The script of an operation that can be done. */
export function scriptOf(
  reading: Reading,
  schema: string,
  raw: Readonly<Record<string, unknown>>,
  version: PostgresVersion,
): Script {
  const result = operate(reading, schema, raw, version);
  if (!result.ok) throw new Error(result.problem.message);
  return result.value;
}

/** The names of the parts that our own replay of schema and script gives, in order of names. */
export function promisedParts(
  reading: Reading,
  schema: string,
  script: Script,
  table: string,
  version: PostgresVersion,
): readonly string[] {
  const catalog = replayed(reading, `${schema}\n${script.sql}`, version);
  const parent = resolveRelation(catalog, table);
  if (parent === null) throw new Error(`${table} is gone`);
  if (parent.knowledge !== "full") throw new Error(`${table} is ${parent.knowledge}`);
  return partsOf(catalog, parent)
    .map(({ name }) => name)
    .toSorted();
}

/** The statements of a script, one by one. */
export function statementsOf(reading: Reading, sql: string): readonly string[] {
  return parseDocument(sql, reading).statements.map(({ start, end }) => sql.slice(start, end));
}
