// How long an opened file waits for its first answer from the embedded PostgreSQL, over standard input and output, against the built server: `node scripts/with-toolchain.mjs test/bench/first-answer.mjs`.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from "vscode-languageserver-protocol/node";

const runs = Number(process.argv[2] ?? 5);
const server = new URL("../../dist/server.js", import.meta.url).pathname;

/** Twelve partitions and a query; and what the last answer costs where DDL and queries take turns. */
const months = Array.from({ length: 12 }, (_, month) => [month + 1, month + 2]);
const made = months.map(
  ([from, to]) => `CREATE TABLE sales_${from} PARTITION OF sales FOR VALUES FROM (${from}) TO (${to});`,
);
const small = `CREATE TABLE sales (k int, n int) PARTITION BY RANGE (k);\n${made.join("\n")}\nSELECT * FROM sales WHERE k = 3;\n`;
const turns = Array.from(
  { length: 100 },
  (_, index) => `ALTER TABLE sales ADD COLUMN c${index} int;\nSELECT * FROM sales WHERE k = ${(index % 12) + 1};\n`,
);

/** Milliseconds of processor time that a process has used, of all its threads; NaN where there is no /proc. */
function processorTime(pid) {
  try {
    const [user, system] = readFileSync(`/proc/${pid}/stat`, "utf8")
      .split(") ")[1]
      .split(" ")
      .slice(11, 13)
      .map(Number);
    return (user + system) * 10;
  } catch {
    return Number.NaN;
  }
}

async function measure(text) {
  const child = spawn(process.execPath, [server, "--stdio"], { stdio: ["pipe", "pipe", "ignore"] });
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.onRequest((method, params) =>
    method === "workspace/configuration" ? params.items.map(() => null) : null,
  );
  connection.listen();
  await connection.sendRequest("initialize", { processId: process.pid, rootUri: null, capabilities: {} });
  await connection.sendNotification("initialized", {});
  const uri = "file:///bench/first.sql";
  const [began, before] = [performance.now(), processorTime(child.pid)];
  await connection.sendNotification("textDocument/didOpen", {
    textDocument: { uri, languageId: "sql", version: 1, text },
  });
  const { statements } = await connection.sendRequest("partitionLens/survivors", { textDocument: { uri } });
  const [took, cost] = [performance.now() - began, processorTime(child.pid) - before];
  const sources = new Set(statements.flatMap(({ relations }) => relations.map(({ source }) => source)));
  await connection.sendRequest("shutdown");
  await connection.sendNotification("exit");
  connection.dispose();
  child.kill();
  return { took, cost, sources: [...sources].join(", ") };
}

for (const [name, text] of [
  ["first answer", small],
  ["100 queries between DDL", small + turns.join("")],
]) {
  const all = [];
  for (let run = 0; run < runs; run += 1) all.push(await measure(text));
  const said = ["took", "cost"].map((what) => {
    const times = all.map((one) => Math.round(one[what])).sort((a, b) => a - b);
    return `${times[times.length >> 1]} ms (${times[0]} to ${times.at(-1)})`;
  });
  process.stdout.write(`${name}: ${said[0]}, of which processor ${said[1]}, answered by ${all[0].sources}\n`);
}
