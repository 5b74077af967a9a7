/** Entry of the worker thread in which the embedded PostgreSQL runs: it computes synchronously, and can only be stopped from outside. */

import { readFile } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { createEmbeddedInstance, DeadInstanceError, type EmbeddedInstance, failureOf } from "./embedded-instance.ts";
import type { EmbeddedWorkerData, WorkerReply, WorkerRequest } from "./embedded-protocol.ts";
import { createScratchSession, type ScratchSession } from "./scratch-session.ts";

/** Starts PostgreSQL, says so, and answers requests in turn. */
async function main(): Promise<void> {
  if (parentPort === null) throw new Error("This file is the entry of a worker thread.");
  const port = parentPort;
  const reply = (message: WorkerReply): void => port.postMessage(message);
  try {
    const database = await start(workerData as EmbeddedWorkerData);
    const { rows } = await database.query<{ server_version_num: string }>("SHOW server_version_num");
    const instance = createEmbeddedInstance(database);
    const scratch = createScratchSession(database);
    let turn: Promise<void> = Promise.resolve();
    port.on("message", (request: WorkerRequest) => {
      turn = turn.then(async () => reply(deliverable(await answer({ instance, scratch }, request, reply))));
    });
    reply({ kind: "ready", serverVersion: Number(rows[0]?.server_version_num) });
  } catch (error) {
    reply({ kind: "start-failed", message: error instanceof Error ? error.message : String(error) });
  }
}

/**
 * A value that nests too deeply (a constant of type json may, and a plan) would overflow the stack of the thread that takes it, which
 * then hears nothing: it says so instead.
 */
function deliverable(message: WorkerReply & { readonly id: number }): WorkerReply {
  if (!isDeep(message)) return message;
  if (message.kind === "ran") return { ...message, rows: [] };
  return { kind: "refused", id: message.id, sqlstate: tooComplex, message: "the answer nests too deeply to be read" };
}

/** PostgreSQL's `statement_too_complex`. */
const tooComplex = "54001";

/** A plan takes two levels for each of its own. */
const mostLevels = 1_000;

function isDeep(value: unknown): boolean {
  let level: readonly object[] = [value].filter(isObject);
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > mostLevels) return true;
    level = level.flatMap((each) => Object.values(each).filter(isObject));
  }
  return false;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !ArrayBuffer.isView(value);
}

async function start(files: EmbeddedWorkerData): Promise<PGlite> {
  const [wasm, data, snapshot] = await Promise.all([
    readFile(files.wasm).then((bytes) => WebAssembly.compile(bytes)),
    readFile(files.data),
    readFile(files.snapshot),
  ]);
  return PGlite.create({
    pgliteWasmModule: wasm,
    fsBundle: new Blob([data]),
    loadDataDir: new Blob([snapshot]),
    // Thousands of partitions in one transaction need as many locks; the rest keeps the memory small.
    postgresqlconf: ["max_locks_per_transaction = 4096", "max_connections = 10", "shared_buffers = 32MB"],
  });
}

async function answer(
  { instance, scratch }: { readonly instance: EmbeddedInstance; readonly scratch: ScratchSession },
  request: WorkerRequest,
  reply: (message: WorkerReply) => void,
): Promise<WorkerReply & { readonly id: number }> {
  const { id } = request;
  try {
    switch (request.kind) {
      case "replay": {
        const progress = (done: number): void => reply({ kind: "progress", id, done });
        return { kind: "replayed", id, failures: await instance.replay(request.keep, request.statements, progress) };
      }
      case "explain":
        return {
          kind: "explained",
          id,
          plan: await instance.explain(request.sql, request.execution, request.settings),
        };
      case "read":
        return { kind: "rows", id, results: await instance.read(request.queries) };
      case "learn":
        return { kind: "learned", id, ...(await instance.learn(request.sql, request.queries)) };
      case "run":
        return { id, ...(await scratch.run(request.sql)) };
      case "try-each": {
        const progress = (done: number): void => reply({ kind: "progress", id, done });
        return { kind: "tried", id, errors: await scratch.tryEach(request.statements, progress) };
      }
    }
  } catch (error) {
    const failure = failureOf(error);
    if (error instanceof DeadInstanceError || failure.sqlstate === undefined)
      return { kind: "dead", id, message: failure.message };
    return { kind: "refused", id, ...failure };
  }
}

void main();
