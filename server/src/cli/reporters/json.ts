/** Findings for programs: diagnostics in the shape that the language server sends them. */

import { type Finding, findingText, type Severity } from "../../text/finding.ts";
import { type LineIndex, positionAt } from "../../text/line-index.ts";
import type { TextRange } from "../../text/range.ts";
import type { CheckedFile, Reporter } from "./reporter.ts";

export const jsonReporter: Reporter = ({ files, summary }) =>
  `${JSON.stringify({ files: files.map(fileObject), summary }, null, 2)}\n`;

/** As the Language Server Protocol numbers them. */
const severities: Readonly<Record<Severity, number>> = { error: 1, warning: 2, information: 3, hint: 4 };

function fileObject(file: CheckedFile): unknown {
  const diagnostics = file.findings.map((finding) => diagnosticObject(finding, file));
  return { path: file.path, uri: file.uri, diagnostics, ...(file.remark === null ? {} : { remark: file.remark }) };
}

function diagnosticObject(finding: Finding, { uri, lines }: CheckedFile): unknown {
  const related = finding.related
    .filter(({ place }) => place.file === uri)
    .map(({ place, message }) => ({ location: { uri, range: lineRange(lines, place.range) }, message }));
  return {
    range: lineRange(lines, finding.range),
    severity: severities[finding.severity],
    source: "partition-lens",
    code: finding.rule,
    message: findingText(finding),
    ...(finding.sqlstate === undefined ? {} : { data: { sqlstate: finding.sqlstate } }),
    ...(related.length === 0 ? {} : { relatedInformation: related }),
  };
}

function lineRange(lines: LineIndex, range: TextRange) {
  return { start: positionAt(lines, range.start), end: positionAt(lines, range.end) };
}
