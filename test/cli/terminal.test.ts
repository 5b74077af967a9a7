// What the command line tool shows on a terminal, in a pseudo-terminal of the system's own `script`.
import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createProgress } from "../../server/src/cli/progress.ts";
import { displayWidth, terminalOf } from "../../server/src/cli/terminal.ts";
import { bundleForTests } from "../support/bundle.ts";
import { overlapping, type ToolFolder, toolFolder, withoutEnds } from "./support.ts";

let main: string;
let tool: ToolFolder;
beforeAll(async () => {
  main = await bundleForTests("cli");
  tool = toolFolder(main);
  tool.write("late.sql", overlapping);
  tool.write("wide.sql", `\t/* 表 */ ${(overlapping.split("\n")[4] ?? "").repeat(1)}\n`);
});
afterAll(() => tool.remove());

/** Runs the tool with a terminal on all of its streams; what progress has shown and cleared is gone, as a reader sees it. */
function onTerminal(
  columns: number,
  environment: Readonly<Record<string, string>>,
  ...args: readonly string[]
): string {
  const words = [process.execPath, main, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  const command = `stty cols ${columns}; ${words}`;
  const script =
    process.platform === "darwin" ? ["-q", "/dev/null", "sh", "-c", command] : ["-qec", command, "/dev/null"];
  const { NO_COLOR: _, ...own } = process.env;
  const { stdout } = spawnSync("script", script, {
    cwd: tool.directory,
    encoding: "utf8",
    env: { ...own, TERM: "xterm", ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  return stdout
    .replaceAll("\r\n", "\n")
    .split("\n")
    .map((line) => line.split(cleared).at(-1))
    .join("\n");
}

/** What progress ends with. */
const cleared = "\r\u001b[K";

const message = /error partition-overlap: partition "late" would overlap partition "sales_2024"/;

describe("check on a terminal", () => {
  it("shows the line of a finding, what is meant in it, and the place that goes with it", () => {
    const lines = onTerminal(100, { NO_COLOR: "1" }, "check", "late.sql", ...withoutEnds).split("\n");
    expect(lines[0]).toMatch(message);
    expect(lines[1]).toBe(` 5 │ ${overlapping.split("\n")[4]}`);
    const column = Number(/^late\.sql:5:(\d+):/.exec(lines[0] ?? "")?.[1]);
    expect(lines[2]).toMatch(/^ {3}│ +\^+$/);
    expect(lines[2]?.indexOf("^")).toBe(column - 1 + " 5 │ ".length);
    expect(lines[3]).toMatch(/^ {3}= late\.sql:3:\d+: /);
    expect(lines[4]).toMatch(/^ {3}= FROM is inclusive and TO is exclusive: /);
    expect(lines.slice(5)).toEqual(["", "", "1 error, 0 warnings in 1 file", ""]);
  });

  it("has colours, but where NO_COLOR or the terminal asks for none", () => {
    const out = (environment: Readonly<Record<string, string>>) =>
      onTerminal(100, environment, "check", "late.sql", ...withoutEnds);
    expect(out({})).toContain("\u001b[31merror partition-overlap\u001b[0m");
    expect(out({ NO_COLOR: "1" })).not.toContain("\u001b");
    expect(out({ TERM: "dumb" })).not.toContain("\u001b");
    expect(out({ NO_COLOR: "" })).toContain("\u001b[31m");
  });

  it("keeps long lines within the terminal, and the underline below what is meant", () => {
    const line = overlapping.split("\n")[4] ?? "";
    tool.write("long.sql", `${overlapping.replace(line, `/*${"-".repeat(300)}*/ ${line} -- ${"+".repeat(300)}`)}`);
    const [, code = "", mark = ""] = onTerminal(60, { NO_COLOR: "1" }, "check", "long.sql", ...withoutEnds).split("\n");
    expect(displayWidth(code)).toBeLessThanOrEqual(60);
    expect(code).toMatch(/│ ….*…$/);
    const [start, end] = [mark.indexOf("^"), mark.lastIndexOf("^") + 1];
    expect(line).toContain(code.slice(start, end).replace(/…$/, ""));
    expect(code.slice(start, end)).toMatch(/^(?:'2024|FROM|FOR|late)/);
  });

  it("measures wide letters and tabs", () => {
    const [, code = "", mark = ""] = onTerminal(
      200,
      { NO_COLOR: "1" },
      "check",
      "wide.sql",
      "--setting",
      "schema.complete=true",
    ).split("\n");
    const before = code.slice(0, code.indexOf("sales FOR"));
    expect(before).toContain("表");
    expect(mark.indexOf("^")).toBe(displayWidth(before));
  });

  it("prints programs' reports as they are in a pipe", () => {
    const args = ["check", "late.sql", "--format", "json", ...withoutEnds];
    expect(onTerminal(40, {}, ...args)).toBe(tool.run(...args).out);
  });
});

it("a file or a pipe is no terminal, and nothing but the report is written to it", () => {
  expect(terminalOf({ isTTY: false, columns: 80 }, {})).toBeNull();
  expect(terminalOf({ isTTY: true, columns: 0 }, {})).toEqual({ columns: 80, colours: true });
  const { out, error } = tool.run("check", "late.sql", ...withoutEnds);
  expect(error).toBe("");
  expect(out.split("\n")).toHaveLength(4);
});

it.each([
  ["a", 1],
  ["表", 2],
  ["e\u0301", 1],
  ["😀", 2],
  ["", 0],
])("%j takes %d columns", (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

describe("progress", () => {
  const shownBy = (times: readonly number[], columns = 30): readonly string[] => {
    let at = 0;
    const written: string[] = [];
    const progress = createProgress({
      total: times.length,
      terminal: { columns, colours: false },
      write: (text) => void written.push(text),
      now: () => at,
    });
    for (const time of times) {
      at = time;
      progress.begin(`migrations/V${time}\u202e.sql`);
    }
    progress.end();
    return written;
  };

  it("says nothing of short work", () => {
    expect(shownBy([0, 10, 300, 699])).toEqual([]);
  });

  it("names the file at work in long work, not more often than is seen, and leaves nothing", () => {
    expect(shownBy([0, 800, 820, 1000], 80)).toEqual([
      "\r\u001b[K2 of 4 · migrations/V800‹U+202E›.sql",
      "\r\u001b[K4 of 4 · migrations/V1000‹U+202E›.sql",
      "\r\u001b[K",
    ]);
  });

  it("keeps to one line", () => {
    expect(shownBy([900], 12)[0]).toBe("\r\u001b[K1 of 1 · mi");
  });

  it("is silent without a terminal", () => {
    const progress = createProgress({
      total: 2,
      terminal: null,
      write: () => expect.unreachable(),
      now: () => 10_000,
    });
    progress.begin("a");
    progress.end();
    expect(progress.end).toBeTypeOf("function");
  });
});
