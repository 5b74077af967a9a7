/** Entry of the worker thread that reads long statements: one call of PostgreSQL's parser may take a second for them. */

import { parentPort } from "node:worker_threads";
import { loadParser } from "../postgres/installed-files.ts";
import type { Reading } from "../syntax/read-statement.ts";
import { createStatementCache } from "../syntax/statement-cache.ts";
import { readUnit } from "../syntax/units.ts";
import type { LongStatementReply, LongStatementRequest } from "./long-statement-protocol.ts";
import { sendInParts } from "./value-parts.ts";

/** Statements within long ones, such as those of a function's body, that are remembered. */
const charactersRemembered = 250_000;

async function main(): Promise<void> {
  if (parentPort === null) throw new Error("This file is the entry of a worker thread.");
  const port = parentPort;
  const reply = (message: LongStatementReply): void => port.postMessage(message);
  const onBug = (what: string, error: unknown): void =>
    reply({ kind: "bug", what, stack: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  const reading: Reading = {
    parser: await loadParser(),
    cache: createStatementCache(charactersRemembered),
    onBug,
  };
  port.on("message", ({ unit, parts }: LongStatementRequest) => {
    try {
      sendInParts(readUnit(unit, reading), (part) => parts.postMessage(part));
      reply({ kind: "read" });
    } catch (error) {
      onBug("reading a long statement", error);
      reply({ kind: "unread", why: "the statement cannot be read" });
    } finally {
      parts.close();
    }
  });
  reply({ kind: "ready" });
}

void main();
