/** Findings as JUnit's XML: a suite for each file, a test case for each finding, and one that passes for a file without any. */

import type { Finding } from "../../text/finding.ts";
import { lineText } from "../../text/foreign-text.ts";
import { posixPath } from "../paths.ts";
import { type CheckedFile, type CheckResult, fails, messageOf, type Reporter, regionOf } from "./reporter.ts";

export const junitReporter: Reporter = (result) => {
  const suites = result.files.map((file) => suiteOf(file, result));
  const sums = counts(
    suites.reduce((sum, { tests }) => sum + tests, 0),
    suites.reduce((sum, { failures }) => sum + failures, 0),
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="partition-lens" ${sums} errors="0">`,
    ...suites.flatMap(({ lines }) => lines),
    "</testsuites>",
    "",
  ].join("\n");
};

interface Suite {
  readonly tests: number;
  readonly failures: number;
  readonly lines: readonly string[];
}

function suiteOf(file: CheckedFile, { failOn }: CheckResult): Suite {
  const { findings, remark } = file;
  const path = xml(posixPath(file.path));
  const tests = Math.max(1, findings.length);
  const failures = findings.filter(({ severity }) => fails(severity, failOn)).length;
  const cases =
    findings.length === 0
      ? [`    <testcase classname="${path}" name="no findings" />`]
      : findings.flatMap((finding) => caseOf(finding, file, fails(finding.severity, failOn)));
  const said = remark === null ? [] : [`    <system-out>${xml(remark)}</system-out>`];
  return {
    tests,
    failures,
    lines: [
      `  <testsuite name="${path}" ${counts(tests, failures)} errors="0" skipped="0">`,
      ...cases,
      ...said,
      "  </testsuite>",
    ],
  };
}

/** A finding that does not make the check fail is told by a test case that passes. */
function caseOf(finding: Finding, file: CheckedFile, failed: boolean): readonly string[] {
  const path = posixPath(file.path);
  const { startLine, startColumn } = regionOf(file.lines, finding.range);
  const message = xml(messageOf(finding));
  const place = xml(`${path}:${startLine}:${startColumn}: ${finding.severity} ${finding.rule}`);
  const name = xml(`${finding.rule} at ${startLine}:${startColumn}`);
  return [
    `    <testcase classname="${xml(path)}" name="${name}" file="${xml(path)}" line="${startLine}">`,
    failed
      ? `      <failure type="${xml(finding.rule)}" message="${message}">${place}: ${message}</failure>`
      : `      <system-out>${place}: ${message}</system-out>`,
    "    </testcase>",
  ];
}

function counts(tests: number, failures: number): string {
  return `tests="${tests}" failures="${failures}"`;
}

/** What XML 1.0 cannot hold at all is written out by `lineText`, but for two code points. */
function xml(text: string): string {
  return lineText(text)
    .replace(/[\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};
