/** Makes a script that shows a difference as short as it can be. */

import type { Client } from "pg";
import type { PostgresVersion } from "../../server/src/effects/outcome.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { emptyScore, type Miss } from "../oracle/score.ts";
import { compareScript } from "./compare.ts";
import type { Script } from "./generator.ts";
import { record } from "./record.ts";

/** The script without the statements that the difference does not need. */
export async function shrink(
  client: Client,
  script: Script,
  miss: Miss,
  version: PostgresVersion,
  reading: Reading,
): Promise<Script> {
  const differs = async (statements: readonly string[], routes: readonly string[]): Promise<boolean> => {
    const score = emptyScore();
    compareScript(score, await record(client, { ...script, statements, routes }), version, reading);
    return score.misses.some(
      (each) =>
        each.about === miss.about &&
        each.sql === miss.sql &&
        each.expected === miss.expected &&
        each.actual === miss.actual,
    );
  };
  let { statements } = script;
  let routes = script.routes.filter((sql) => miss.about.startsWith("route") && sql === miss.sql);
  if (!(await differs(statements, routes))) routes = [...script.routes];
  // What comes after a statement does not matter to it, unless the difference is in the end.
  if (miss.statement !== null && !miss.about.startsWith("route")) {
    const upTo = statements.slice(0, miss.statement + 1);
    if (await differs(upTo, routes)) statements = upTo;
  }
  for (let size = Math.ceil(statements.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = statements.length - size; start > -size; start -= size) {
      const rest = statements.filter((_, index) => index < start || index >= start + size);
      if (rest.length < statements.length && (await differs(rest, routes))) statements = rest;
    }
  }
  return { ...script, statements, routes };
}
