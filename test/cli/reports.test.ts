// The reports of `check` for programs, each read as its reader reads it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Schema, Validator } from "@cfworker/json-schema";
import * as sax from "sax";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rules } from "../../server/src/rules/index.ts";
import { applyEdits } from "../../server/src/text/edit.ts";
import { createLineIndex, offsetAt } from "../../server/src/text/line-index.ts";
import { bundleForTests } from "../support/bundle.ts";
import { gapAndHint, overlapping, type ToolFolder, toolFolder, withoutEnds } from "./support.ts";

let tool: ToolFolder;

/** Names and constants as a hostile file has them, and what XML, workflow commands and JSON give a meaning to. */
const hostile = `CREATE TABLE "<&]]>%0A::error::" (d date NOT NULL) PARTITION BY RANGE (d);
CREATE TABLE "a'b\u0001,x=1\u202e" PARTITION OF "<&]]>%0A::error::" FOR VALUES FROM ('2024-02-01') TO ('2024-01-01');
`;
/** Fixes of several lines, and letters of two code units before a finding. */
const wordy = `SELECT '😀'; ${gapAndHint}`;

beforeAll(async () => {
  tool = toolFolder(await bundleForTests("cli"));
  tool.write("db/a b%.sql", overlapping);
  tool.write("db/gap.sql", wordy);
  tool.write("db/hostile.sql", hostile);
  tool.write("db/ok.sql", "SELECT 1;\n");
});
afterAll(() => tool.remove());

const report = (format: string, ...args: readonly string[]) =>
  tool.run("check", "db", "--format", format, ...withoutEnds, ...args);

/** The findings as the JSON report has them, to which the others are held. */
function findings() {
  const { files } = JSON.parse(report("json").out);
  return files.flatMap(({ path, diagnostics }: { path: string; diagnostics: readonly Diagnostic[] }) =>
    diagnostics.map((diagnostic) => ({ path, ...diagnostic })),
  ) as readonly (Diagnostic & { readonly path: string })[];
}

interface Diagnostic {
  readonly code: string;
  readonly severity: number;
  readonly message: string;
  readonly range: {
    readonly start: { line: number; character: number };
    readonly end: { line: number; character: number };
  };
}

it("the files have findings of every severity that is told apart", () => {
  expect([...new Set(findings().map(({ severity }) => severity))].sort()).toEqual([1, 2, 4]);
});

describe("SARIF", () => {
  const schema: Schema = JSON.parse(
    readFileSync(join(import.meta.dirname, "../fixtures/cli/sarif-2.1.0.schema.json"), "utf8"),
  );
  const validator = new Validator(schema, "4", false);
  const log = () => JSON.parse(report("sarif").out);

  it("is valid by the published schema, which tells a wrong log", () => {
    expect(validator.validate(log()).errors).toEqual([]);
    expect(validator.validate({ ...log(), version: "2.0.0" }).valid).toBe(false);
    const empty = JSON.parse(tool.run("check", "db/ok.sql", "--format", "sarif").out);
    expect(validator.validate(empty).errors).toEqual([]);
    expect(empty.runs[0].results).toEqual([]);
  });

  it("holds every finding at its place, relative to the working directory", () => {
    const results = log().runs[0].results as readonly {
      ruleId: string;
      locations: readonly {
        physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number; startColumn: number } };
      }[];
    }[];
    const places = results.map(({ ruleId, locations: [location] }) => [
      ruleId,
      decodeURIComponent(location?.physicalLocation.artifactLocation.uri ?? ""),
      location?.physicalLocation.region.startLine,
      location?.physicalLocation.region.startColumn,
    ]);
    expect(places).toEqual(
      findings().map(({ code, path, range: { start } }) => [code, path, start.line + 1, start.character + 1]),
    );
    expect(results[0]?.locations[0]?.physicalLocation.artifactLocation.uri).toBe("db/a%20b%25.sql");
  });

  it("describes each rule that it names, and no other", () => {
    const [{ tool: made, results }] = log().runs;
    const named: readonly { id: string; shortDescription: { text: string }; helpUri: string }[] = made.driver.rules;
    expect(named.map(({ id }) => id)).toEqual([...new Set(findings().map(({ code }) => code))].sort());
    for (const { ruleId, ruleIndex } of results) expect(named[ruleIndex]?.id).toBe(ruleId);
    for (const { id, shortDescription, helpUri } of named) {
      expect(shortDescription.text).toBe(rules.find((rule) => rule.id === id)?.summary);
      expect(helpUri).toContain(`/docs/rules/${id}.md`);
    }
  });

  it("has fixes that a reader can apply by lines and columns", () => {
    const result = log().runs[0].results.find((each: { fixes?: unknown }) => each.fixes !== undefined);
    const change = result.fixes[0].artifactChanges[0];
    const name = decodeURIComponent(change.artifactLocation.uri);
    const text = readFileSync(join(tool.directory, name), "utf8");
    const lines = createLineIndex(text);
    const at = (line: number, column: number) => offsetAt(lines, { line: line - 1, character: column - 1 });
    const edits = change.replacements.map(
      ({ deletedRegion: { startLine, startColumn, endLine, endColumn }, insertedContent }: SarifReplacement) => ({
        range: { start: at(startLine, startColumn), end: at(endLine, endColumn) },
        newText: insertedContent.text,
      }),
    );
    tool.write("db/repaired.sql", applyEdits(text, edits));
    const after = JSON.parse(tool.run("check", "db/repaired.sql", "--format", "json", ...withoutEnds).out);
    tool.write("db/repaired.sql", "");
    expect(after.files[0].diagnostics.map(({ code }: Diagnostic) => code)).not.toContain(result.ruleId);
  });

  it("gives a finding the same fingerprint when lines come before it", () => {
    const fingerprints = () =>
      log().runs[0].results.map(({ partialFingerprints }: { partialFingerprints: object }) => partialFingerprints);
    const before = fingerprints();
    tool.write("db/gap.sql", `\n-- more\n${wordy}`);
    const after = fingerprints();
    tool.write("db/gap.sql", wordy);
    expect(after).toEqual(before);
    expect(new Set(after.map((print: object) => JSON.stringify(print))).size).toBe(after.length);
  });

  it("names a file outside of the working directory by its whole address", () => {
    const log = JSON.parse(
      tool.run("check", join(import.meta.dirname, "../../sample/mistakes.sql"), "--format", "sarif").out,
    );
    expect(validator.validate(log).errors).toEqual([]);
    const [{ locations }] = log.runs[0].results;
    expect(fileURLToPath(locations[0].physicalLocation.artifactLocation.uri)).toMatch(/sample.mistakes\.sql$/);
  });
});

interface SarifReplacement {
  readonly deletedRegion: { startLine: number; startColumn: number; endLine: number; endColumn: number };
  readonly insertedContent: { readonly text: string };
}

describe("GitHub", () => {
  it("is one workflow command for each finding, which the runner takes apart again", () => {
    const { out } = report("github");
    const commands = out.trimEnd().split("\n").map(runnerCommand);
    expect(commands).toEqual(
      findings().map(({ path, code, severity, message, range: { start, end } }) => ({
        command: severity === 1 ? "error" : severity === 2 ? "warning" : "notice",
        properties: {
          file: path,
          line: String(start.line + 1),
          endLine: String(end.line + 1),
          ...(start.line === end.line
            ? { col: String(start.character + 1), endColumn: String(end.character + 1) }
            : {}),
          title: `partition-lens ${code}`,
        },
        message: expect.stringContaining(message.slice(0, 10)),
      })),
    );
  });
});

/** As the runner reads a line: `ActionCommand.TryParseV2` of github.com/actions/runner, with its table of escapes. */
function runnerCommand(line: string) {
  const [, head = "", data = ""] = /^::(.*?)::(.*)$/.exec(line) ?? [];
  const space = head.indexOf(" ");
  const pairs = head
    .slice(space + 1)
    .split(",")
    .map((pair) => pair.split("="));
  const unescaped = (text: string) => text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");
  const properties = pairs.map(([key = "", value = ""]) => [
    key,
    unescaped(value.replaceAll("%3A", ":").replaceAll("%2C", ",")),
  ]);
  return { command: head.slice(0, space), properties: Object.fromEntries(properties), message: unescaped(data) };
}

describe("GitLab", () => {
  it("has what the code quality widget asks for, and a fingerprint of its own for each finding", () => {
    const issues: readonly GitlabIssue[] = JSON.parse(report("gitlab").out);
    const known = findings();
    expect(issues.map(({ check_name, location }) => [check_name, location.path, location.lines.begin])).toEqual(
      known.map(({ code, path, range }) => [code, path, range.start.line + 1]),
    );
    for (const { description, severity, fingerprint, location } of issues) {
      expect(description.length).toBeGreaterThan(10);
      expect(["info", "minor", "major", "critical", "blocker"]).toContain(severity);
      expect(fingerprint).toMatch(/^[0-9a-f]{16}$/);
      expect(location.path).not.toMatch(/^\.?\//);
    }
    expect(new Set(issues.map(({ fingerprint }) => fingerprint)).size).toBe(known.length);
  });

  it("is an empty list where nothing is found", () => {
    expect(JSON.parse(tool.run("check", "db/ok.sql", "--format", "gitlab").out)).toEqual([]);
  });
});

interface GitlabIssue {
  readonly check_name: string;
  readonly description: string;
  readonly severity: string;
  readonly fingerprint: string;
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

describe("JUnit", () => {
  it("is well-formed, and its sums are those of its cases", () => {
    const tags = read(report("junit").out);
    const suites = tags.filter(({ name }) => name === "testsuite");
    expect(suites.map(({ attributes }) => attributes["name"])).toEqual([
      "db/a b%.sql",
      "db/gap.sql",
      "db/hostile.sql",
      "db/ok.sql",
      ...suites.slice(4).map(({ attributes }) => attributes["name"]),
    ]);
    const sum = (name: string) => suites.reduce((total, { attributes }) => total + Number(attributes[name]), 0);
    const count = (name: string) => tags.filter((tag) => tag.name === name).length;
    expect(sum("tests")).toBe(count("testcase"));
    expect(sum("failures")).toBe(count("failure"));
    const [whole] = tags;
    expect(whole).toMatchObject({
      name: "testsuites",
      attributes: { tests: String(sum("tests")), failures: String(sum("failures")), errors: "0" },
    });
  });

  it("fails for what makes the check fail", () => {
    const failures = (...args: readonly string[]) =>
      read(report("junit", ...args).out).filter(({ name }) => name === "failure").length;
    const graver = (severity: number) => findings().filter((finding) => finding.severity <= severity).length;
    expect(failures()).toBe(graver(2));
    expect(failures("--fail-on", "error")).toBe(graver(1));
    expect(failures("--fail-on", "hint")).toBe(graver(4));
    expect(failures("--fail-on", "never")).toBe(0);
  });

  it("has a case that passes for a file without findings", () => {
    const tags = read(tool.run("check", "db/ok.sql", "--format", "junit").out);
    expect(tags.map(({ name }) => name)).toEqual(["testsuites", "testsuite", "testcase"]);
  });
});

/** The tags of a document, in order; throws where it is not well-formed XML. */
function read(xml: string): readonly sax.Tag[] {
  const tags: sax.Tag[] = [];
  const parser = sax.parser(true);
  parser.onerror = (error) => {
    throw error;
  };
  parser.onopentag = (tag) => void tags.push(tag);
  parser.write(xml).close();
  return tags;
}
