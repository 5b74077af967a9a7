/** Findings as SARIF 2.1.0, the format of code scanning, as OASIS has published it. */

import { projectPage, rulePage } from "../../ide/rule-page.ts";
import { rules } from "../../rules/index.ts";
import type { Rule } from "../../rules/rule.ts";
import type { TextEdit } from "../../text/edit.ts";
import { type Finding, type Fix, findingText, type Severity } from "../../text/finding.ts";
import { lineText } from "../../text/foreign-text.ts";
import type { LineIndex } from "../../text/line-index.ts";
import { fingerprints } from "../fingerprint.ts";
import { posixPath } from "../paths.ts";
import { type CheckedFile, type CheckResult, type Reporter, regionOf } from "./reporter.ts";

export const sarifReporter: Reporter = (result) =>
  `${JSON.stringify({ $schema: schema, version: "2.1.0", runs: [runOf(result)] }, null, 2)}\n`;

const schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

function runOf({ files, version }: CheckResult): unknown {
  const used = new Set(files.flatMap(({ findings }) => findings.map(({ rule }) => rule)));
  const listed = rules.filter(({ id }) => used.has(id));
  const remarks = files.flatMap((file) => (file.remark === null ? [] : [notification(file, file.remark)]));
  return {
    tool: { driver: { name: "partition-lens", version, informationUri: projectPage, rules: listed.map(ruleObject) } },
    columnKind: "utf16CodeUnits",
    invocations: [{ executionSuccessful: true, toolExecutionNotifications: remarks }],
    results: files.flatMap((file) => resultsOf(file, listed)),
  };
}

function ruleObject({ id, summary, severity }: Rule): unknown {
  return {
    id,
    shortDescription: { text: summary },
    helpUri: rulePage(id),
    defaultConfiguration: { level: levels[severity] },
  };
}

const levels: Readonly<Record<Severity, string>> = {
  error: "error",
  warning: "warning",
  information: "note",
  hint: "note",
};

function resultsOf(file: CheckedFile, listed: readonly Rule[]): readonly unknown[] {
  const prints = fingerprints(file.findings, file);
  return file.findings.map((finding) => {
    const related = finding.related.filter(({ place }) => place.file === file.uri);
    const ruleIndex = listed.findIndex(({ id }) => id === finding.rule);
    return {
      ruleId: finding.rule,
      ...(ruleIndex < 0 ? {} : { ruleIndex }),
      level: levels[finding.severity],
      message: { text: findingText(finding) },
      locations: [{ physicalLocation: physicalLocation(file, finding) }],
      ...(related.length === 0
        ? {}
        : {
            relatedLocations: related.map(({ place, message }, id) => ({
              id,
              message: { text: lineText(message) },
              physicalLocation: physicalLocation(file, place),
            })),
          }),
      partialFingerprints: { "partitionLens/v1": prints.get(finding) ?? "" },
      ...(finding.fixes.length === 0 ? {} : { fixes: finding.fixes.map((fix) => fixObject(fix, file)) }),
      ...(finding.sqlstate === undefined ? {} : { properties: { sqlstate: finding.sqlstate } }),
    };
  });
}

function physicalLocation(file: CheckedFile, { range }: Pick<Finding, "range">): unknown {
  return { artifactLocation: artifact(file), region: regionOf(file.lines, range) };
}

/** Relative to the working directory, as code scanning takes paths to be relative to the repository; absolute outside of it. */
function artifact({ path, uri }: CheckedFile): unknown {
  const relative = posixPath(path);
  const isAbsolute = relative.startsWith("/") || /^[A-Za-z]:/.test(relative);
  return { uri: isAbsolute ? uri : relative.split("/").map(encodeURIComponent).join("/") };
}

function notification(file: CheckedFile, remark: string): unknown {
  return {
    level: "note",
    message: { text: lineText(remark) },
    locations: [{ physicalLocation: { artifactLocation: artifact(file) } }],
  };
}

function fixObject({ title, edits }: Fix, file: CheckedFile): unknown {
  return {
    description: { text: lineText(title) },
    artifactChanges: [
      { artifactLocation: artifact(file), replacements: edits.map((edit) => replacement(edit, file.lines)) },
    ],
  };
}

function replacement({ range, newText }: TextEdit, lines: LineIndex): unknown {
  return { deletedRegion: regionOf(lines, range), insertedContent: { text: newText } };
}
