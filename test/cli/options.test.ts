// Options of the command line tool that decide what is read, what is reported, and with which code it ends.
import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bundleForTests } from "../support/bundle.ts";
import { clean, gapAndHint, overlapping, type ToolFolder, toolFolder, withoutEnds } from "./support.ts";

let main: string;
let tool: ToolFolder;
beforeAll(async () => {
  main = await bundleForTests("cli");
});
beforeEach(() => {
  tool = toolFolder(main);
  return () => tool.remove();
});

describe("--fail-on", () => {
  it.each([
    ["error", 0],
    ["warning", 1],
    ["information", 1],
    ["hint", 1],
    ["never", 0],
  ])("%s: a file with a warning and a hint ends with %d", (severity, code) => {
    tool.write("gap.sql", gapAndHint);
    expect(tool.run("check", "gap.sql", "--fail-on", severity, ...withoutEnds).code).toBe(code);
  });

  it("counts hints only where it is told to", () => {
    tool.write("hint.sql", `${clean}SELECT count(*) FROM sales;\n`);
    expect(tool.run("check", "hint.sql", ...withoutEnds)).toMatchObject({
      code: 0,
      out: expect.stringContaining("hint "),
    });
    expect(tool.run("check", "hint.sql", "--fail-on", "hint", ...withoutEnds).code).toBe(1);
  });

  it("never hides that the check could not run", () => {
    expect(tool.run("check", "nothing.sql", "--fail-on", "never").code).toBe(2);
    expect(tool.run("check", ".", "--fail-on", "worse").error).toContain(
      "--fail-on worse is not known here; use error, ",
    );
  });
});

describe("--stdin", () => {
  it("reads SQL from standard input", () => {
    const { code, out } = tool.runWithInput(overlapping, "check", "--stdin", ...withoutEnds);
    expect(code).toBe(1);
    expect(out).toMatch(/^<stdin>:5:\d+: error partition-overlap: /);
    expect(tool.runWithInput(clean, "catalog", "--stdin").out).toContain("sales_2024");
  });

  it("reads no more of standard input than there is room for", () => {
    const endless = Buffer.alloc(65 * 1_048_576, "SELECT 1;\n");
    expect(tool.runWithInput(endless, "check", "--stdin")).toMatchObject({
      code: 0,
      out: expect.stringContaining("<stdin>: not read: longer than 64 MB"),
    });
    expect(tool.runWithInput(endless, "catalog", "--stdin")).toMatchObject({
      code: 2,
      error: expect.stringContaining("<stdin> is not read: longer than 64 MB"),
    });
  });

  it("takes the settings, the chain and the path of the file that it is meant for", () => {
    const [table = "", ...partitions] = clean.split("\n");
    tool.write("db/migrations/V1__sales.sql", table);
    tool.write("db/migrations/V2__years.sql", partitions.join("\n"));
    tool.write("db/migrations/V3__late.sql", "SELECT 1;\n");
    const late = overlapping.split("\n")[4] ?? "";
    const said = /^db\/migrations\/V\d__late\.sql:1:\d+: error partition-overlap: partition "late" would overlap/;
    const check = (name: string, ...args: readonly string[]) =>
      tool.runWithInput(late, "check", "--stdin", "--stdin-filename", name, ...withoutEnds, ...args).out;
    // What is on disk is something else, or nothing yet.
    expect(check("db/migrations/V3__late.sql")).toMatch(said);
    expect(check("db/migrations/V4__late.sql")).toMatch(said);
    tool.write("db/partition-lens.json", JSON.stringify({ rules: { "partition-overlap": "off" } }));
    expect(tool.runWithInput(late, "check", "--stdin-filename", "db/migrations/V4__late.sql").code).toBe(0);
  });

  it("goes with no other file", () => {
    expect(tool.runWithInput("", "check", "a.sql", "--stdin")).toMatchObject({
      code: 2,
      error: "partition-lens: --stdin reads standard input alone: leave out a.sql\n",
    });
  });
});

describe("--baseline", () => {
  const late = "CREATE TABLE late PARTITION OF sales FOR VALUES FROM ('2024-06-01') TO ('2024-07-01');\n";
  const check = (...args: readonly string[]) => tool.run("check", ...args, ...withoutEnds);

  it("leaves what is in it, and tells what is new", () => {
    tool.write("db/a.sql", overlapping);
    expect(check("db", "--write-baseline", "known.json")).toEqual({
      code: 0,
      out: "1 finding written; `check --baseline known.json` reports what is new\n",
      error: "",
    });
    expect(check("db", "--baseline", "known.json")).toMatchObject({
      code: 0,
      out: "0 errors, 0 warnings in 1 file; the baseline knows 1 more\n",
    });
    // Lines move and the old finding with them; a second one on a line like it is new.
    tool.write("db/a.sql", `-- a line\n${overlapping}\n${late}`);
    const { code, out } = check("db", "--baseline", "known.json");
    expect(code).toBe(1);
    expect(out.match(/error partition-overlap/g)).toHaveLength(1);
    expect(out).toMatch(/^db\/a\.sql:8:/);
  });

  it("is the same from another working directory, and knows files by their paths", () => {
    tool.write("db/a.sql", overlapping);
    check("db", "--write-baseline", "db/known.json");
    const { files } = JSON.parse(readFileSync(join(tool.directory, "db/known.json"), "utf8"));
    expect(Object.keys(files)).toEqual(["a.sql"]);
    expect(check("db", "--baseline", "db/known.json").code).toBe(0);
    renameSync(join(tool.directory, "db/a.sql"), join(tool.directory, "db/b.sql"));
    expect(check("db", "--baseline", "db/known.json").code).toBe(1);
  });

  it("keeps what it knows of files that were not looked at, and forgets those that are gone", () => {
    for (const name of ["a", "b", "c"]) tool.write(`db/${name}.sql`, overlapping);
    check("db", "--write-baseline", "known.json");
    tool.write("db/a.sql", clean);
    renameSync(join(tool.directory, "db/c.sql"), join(tool.directory, "gone.sql"));
    check("db/a.sql", "--write-baseline", "known.json");
    const { files } = JSON.parse(readFileSync(join(tool.directory, "known.json"), "utf8"));
    expect(Object.keys(files)).toEqual(["db/b.sql"]);
  });

  it("is asked before diagnostics.maxPerFile counts", () => {
    const many = Array.from({ length: 5 }, (_, at) => late.replace("late", `late_${at}`)).join("");
    tool.write("a.sql", `${clean}${many}`);
    const limit = ["--setting", "diagnostics.maxPerFile=2"];
    expect(check("a.sql", "--write-baseline", "known.json", ...limit).out).toMatch(/^5 findings written/);
    tool.write("a.sql", `${clean}${many}${late.replace("late", "new_one")}`);
    expect(check("a.sql", "--baseline", "known.json", ...limit).out).toContain('partition "new_one" would overlap');
  });

  it("counts in reports for programs", () => {
    tool.write("a.sql", overlapping);
    check("a.sql", "--write-baseline", "known.json");
    const { files, summary } = JSON.parse(check("a.sql", "--baseline", "known.json", "--format", "json").out);
    expect(files[0].diagnostics).toEqual([]);
    expect(summary).toEqual({ files: 1, errors: 0, warnings: 0, others: 0, known: 1 });
  });

  it.each([
    [["--baseline", "none.json"], "--baseline none.json: no such file; --write-baseline none.json writes it"],
    [["--baseline", "a.sql"], "--baseline a.sql: this is not a baseline"],
    [["--write-baseline", "none/known.json"], "--write-baseline none/known.json: "],
    [["--baseline", "x", "--write-baseline", "y"], "--write-baseline writes all findings: leave out --baseline"],
  ])("%j cannot be done", (args, message) => {
    tool.write("a.sql", clean);
    const { code, error } = check("a.sql", ...args);
    expect(code).toBe(2);
    expect(error).toContain(message);
  });
});

describe("files that are stored otherwise than psql reads them", () => {
  it.each([
    ["UTF-16, little end first", Buffer.from(`\ufeff${overlapping}`, "utf16le")],
    ["UTF-16, big end first", Buffer.from(`\ufeff${overlapping}`, "utf16le").swap16()],
  ])("%s is read, with a note", (_, bytes) => {
    tool.write("a.sql", bytes);
    const { code, out } = tool.run("check", "a.sql", ...withoutEnds);
    expect(code).toBe(1);
    expect(out).toMatch(/^a\.sql:5:\d+: error partition-overlap/);
    expect(out).toContain("\na.sql: this is UTF-16, which psql does not read: save it as UTF-8\n");
  });

  it("a byte order mark is no part of the first line", () => {
    tool.write("a.sql", `\ufeff${overlapping.split("\n")[4]}\n`);
    tool.write("b.sql", `${overlapping.split("\n")[4]}\n`);
    const first = (file: string) => tool.run("check", file, "--setting", "schema.complete=true").out.split("\n")[0];
    expect(first("a.sql")).toMatch(/^a\.sql:1:\d+: error/);
    expect(first("a.sql")?.slice(1)).toBe(first("b.sql")?.slice(1));
  });

  it("a binary file is named as one", () => {
    tool.write("picture.sql", Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(3000)]));
    const { code, out } = tool.run("check", "picture.sql");
    expect(code).toBe(1);
    expect(out).toContain("\npicture.sql: this looks like a binary file: byte 9 is a NUL\n");
    expect(out).toMatch(/^[\n -~\u00a0-\uffff]*$/);
  });

  it.each([["\r\n"], ["\r"]])("lines that end with %j are counted", (end) => {
    tool.write("a.sql", overlapping.replaceAll("\n", end));
    expect(tool.run("check", "a.sql", ...withoutEnds).out).toMatch(/^a\.sql:5:\d+: error partition-overlap/);
  });
});

describe("messages name options as they are typed", () => {
  it.each([
    [["generate", "append", "a.sql"], "--table must name the partitioned table"],
    [["generate", "append", "a.sql", "--table", "sales", "--count", "many"], "--count must be a whole number"],
    [["generate", "merge", "a.sql", "--table", "sales"], "--partition must name two or more neighbours"],
    [["generate", "split", "a.sql", "--table", "sales"], "--partition must name the partition to split"],
    [["check", "a.sql", "--setting", "postgresVersion=9"], '--setting postgresVersion=9: "postgresVersion" must be'],
    [["check", "a.sql", "--format", "xml"], "--format xml is not known here; use text, json, sarif, github"],
    [["check", "a.sql", "--fail-on"], "'--fail-on <value>' argument missing"],
  ])("%j", (args, message) => {
    tool.write("a.sql", clean);
    const { code, error } = tool.run(...args);
    expect(code).toBe(2);
    expect(error).toContain(message);
  });
});

it.each([
  ["check", "a.sql"],
  ["survivors", "a.sql"],
  ["catalog", "a.sql"],
  ["show", "steps", "a.sql"],
  ["show", "catalog", "a.sql"],
  ["show", "statements", "empty.sql"],
  ["generate", "append", "a.sql", "--table", "sales"],
  ["check", "a.sql", "--format", "sarif"],
])("%s %s ends with a line break, and with one", (...args) => {
  tool.write("a.sql", clean);
  tool.write("empty.sql", "");
  const { out } = tool.run(...args, "--setting", "embedded.enabled=false");
  expect(out === "" || /[^\n]\n$/.test(out)).toBe(true);
});

it("help names every command, and only what works", () => {
  const { out } = tool.run("--help");
  const commands = [...out.matchAll(/^ {2}(\w+) {2,}/gm)].map(([, name = ""]) => name);
  expect(commands).toEqual(["check", "survivors", "catalog", "generate", "rehearse", "show", "lsp"]);
  for (const command of commands) expect(tool.run(command, "--help").code).toBe(0);
  expect(tool.run("map", "a.sql").error).toContain("there is no command map");
  expect(out).not.toContain("not available");
});

it("stops quietly when its reader does", () => {
  tool.write("a.sql", overlapping.repeat(200));
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const { stderr } = spawnSync("sh", ["-c", `"${process.execPath}" "${main}" check a.sql | head -n 1`], {
    cwd: tool.directory,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
});
