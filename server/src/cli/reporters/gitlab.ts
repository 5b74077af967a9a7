/** Findings as GitLab's code quality report, a subset of Code Climate's format. */

import type { Finding, Severity } from "../../text/finding.ts";
import { fingerprints } from "../fingerprint.ts";
import { posixPath } from "../paths.ts";
import { type CheckedFile, messageOf, type Reporter, regionOf } from "./reporter.ts";

export const gitlabReporter: Reporter = ({ files }) => `${JSON.stringify(files.flatMap(issuesOf), null, 2)}\n`;

function issuesOf(file: CheckedFile): readonly unknown[] {
  const prints = fingerprints(file.findings, file);
  return file.findings.map((finding) => issueOf(finding, file, prints.get(finding) ?? ""));
}

function issueOf(finding: Finding, { path, lines }: CheckedFile, fingerprint: string): unknown {
  const { startLine, endLine } = regionOf(lines, finding.range);
  return {
    type: "issue",
    check_name: finding.rule,
    description: messageOf(finding),
    categories: ["Bug Risk"],
    severity: severities[finding.severity],
    fingerprint,
    location: { path: posixPath(path), lines: { begin: startLine, end: endLine } },
  };
}

const severities: Readonly<Record<Severity, string>> = {
  error: "critical",
  warning: "major",
  information: "minor",
  hint: "info",
};
