// The server's heap is held small in the process itself, whoever starts it: what V8 lets it grow to is read from V8.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { mostSemiSpace } from "../../server/src/postgres/heap-limits.ts";

const source = new URL("../../server/src/postgres/heap-limits.ts", import.meta.url);

/** The largest the space for new objects was, in megabytes, while a process made objects of which every tenth lived for a while. */
async function mostNewSpace(isLimited: boolean, isInThread: boolean): Promise<number> {
  const work = `
    const living = [];
    let most = 0;
    for (let turn = 0; turn < 400; turn++) {
      for (let count = 0; count < 20_000; count++) {
        const made = { turn, count, list: [turn, count] };
        if (count % 10 === 0) living.push(made);
      }
      if (living.length > 200_000) living.splice(0, 100_000);
      most = Math.max(most, newSpaceBytes());
      await new Promise(setImmediate);
    }
    const told = Math.round(most / 1_048_576);`;
  const imports = `import { ${isLimited ? "limitHeap, " : ""}newSpaceBytes } from ${JSON.stringify(source.href)};`;
  const thread = `${imports.replace("limitHeap, ", "")} import { parentPort } from "node:worker_threads"; ${work} parentPort.postMessage(told);`;
  const inThread = `
    import { Worker } from "node:worker_threads";
    const url = new URL("data:text/javascript," + encodeURIComponent(${JSON.stringify(thread)}));
    const worker = new Worker(url);
    worker.once("message", (told) => console.log(told));`;
  const script = `${imports} ${isLimited ? "limitHeap();" : ""} ${isInThread ? inThread : `${work} console.log(told);`}`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
  return Number(stdout);
}

describe("the space for new objects", () => {
  it.each([
    ["of the process", false],
    ["of a thread that it begins", true],
  ])("%s stays within its limit", async (_, isInThread) => {
    const [limited, free] = await Promise.all([mostNewSpace(true, isInThread), mostNewSpace(false, isInThread)]);
    // Two halves, and while it is looked through some pages more: 16 to 26 MB.
    expect(limited).toBeLessThanOrEqual(4 * mostSemiSpace);
    // What is measured is what is limited: 128 MB.
    expect(free).toBeGreaterThan(8 * mostSemiSpace);
  });
});
