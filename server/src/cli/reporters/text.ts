/** Findings for people: one line each, as compilers print them, and a sum. */

import { lineText } from "../../text/foreign-text.ts";
import { positionAt } from "../../text/line-index.ts";
import type { CheckedFile, Reporter } from "./reporter.ts";

export const textReporter: Reporter = ({ files, summary }) => {
  const lines = files.flatMap(linesOf);
  const { errors, warnings, others } = summary;
  const sum = [counted(errors, "error"), counted(warnings, "warning"), ...(others > 0 ? [`${others} more`] : [])];
  return `${[...lines, ...(lines.length > 0 ? [""] : []), `${sum.join(", ")} in ${counted(summary.files, "file")}`].join("\n")}\n`;
};

function linesOf({ path, lines, findings, remark }: CheckedFile): readonly string[] {
  const printed = findings.map(({ range, severity, rule, message }) => {
    const { line, character } = positionAt(lines, range.start);
    return lineText(`${path}:${line + 1}:${character + 1}: ${severity} ${rule}: ${message}`);
  });
  return remark === null ? printed : [...printed, lineText(`${path}: ${remark}`)];
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
