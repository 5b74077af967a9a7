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
      turn = turn.then(async () => reply(await answer({ instance, scratch }, request, reply)));
    });
    reply({ kind: "ready", serverVersion: Number(rows[0]?.server_version_num) });
  } catch (error) {
    reply({ kind: "start-failed", message: error instanceof Error ? error.message : String(error) });
  }
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
): Promise<WorkerReply> {
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
