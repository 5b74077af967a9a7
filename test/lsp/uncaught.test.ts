// An exception that nobody waited for is told in the log, and the server goes on; it ends where its client has gone.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { bundleForTests } from "../support/bundle.ts";
import { startClient } from "./client.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "partition-lens-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The server with more code in its process. */
async function serverWith(code: string): Promise<string> {
  const path = join(folder, "server.cjs");
  writeFileSync(path, `${code}\nrequire(${JSON.stringify(await bundleForTests("lsp"))});\n`);
  return path;
}

it("is told once, and all is answered as before", async () => {
  const server = await serverWith(`
    const fail = (what) => { throw new Error(what); };
    process.on("SIGUSR2", () => {
      for (let time = 0; time < 3; time++) {
        setTimeout(() => fail("a lost exception"));
        setTimeout(async () => fail("a lost promise"));
      }
    });`);
  const client = await startClient("vscode", { server });
  const text =
    "CREATE TABLE t (a int) PARTITION BY RANGE (a);\nCREATE TABLE u PARTITION OF t FOR VALUES FROM (2) TO (1);";
  const uri = await client.open(text);
  expect(await client.diagnostics(uri)).toHaveLength(1);
  const { pid } = client;
  if (pid === undefined) throw new Error("The server has no process.");
  process.kill(pid, "SIGUSR2");
  await client.until(() =>
    ["exception", "promise"].every((what) => client.logged.some((line) => line.includes(`a lost ${what}`))),
  );
  await client.edit(uri, 0, 0, "-- more\n");
  expect(await client.diagnostics(uri)).toHaveLength(1);
  expect(client.logged.filter((line) => line.startsWith("something that nobody waited for failed"))).toHaveLength(2);
  expect(await client.close()).toBe(0);
});

it("ends the server where there is no end of it", async () => {
  const server = await serverWith(`
    const fail = () => { setImmediate(fail); throw new Error("again"); };
    process.on("SIGUSR2", fail);`);
  const client = await startClient("vscode", { server });
  if (client.pid === undefined) throw new Error("The server has no process.");
  process.kill(client.pid, "SIGUSR2");
  expect(await client.ended).toBe(1);
});

it("ends the server where nobody reads what it says", async () => {
  const child = spawn(process.execPath, [await bundleForTests("lsp"), "--stdio"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = once(child, "exit");
  const send = (message: object): void => {
    const json = JSON.stringify({ jsonrpc: "2.0", ...message });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`);
  };
  send({ id: 1, method: "initialize", params: { processId: null, rootUri: null, capabilities: {} } });
  await once(child.stdout, "data");
  child.stdout.destroy();
  child.stdin.on("error", () => {});
  for (let id = 2; id < 20; id++) send({ id, method: "shutdown" });
  expect((await ended)[0]).toBe(1);
});
