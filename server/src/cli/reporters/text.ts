/** Findings for people: one line each, as compilers print them, on a terminal with the line that is meant, and a sum. */

import type { Finding, Severity } from "../../text/finding.ts";
import { lineText } from "../../text/foreign-text.ts";
import { positionAt } from "../../text/line-index.ts";
import { type Colour, coloured, type Terminal } from "../terminal.ts";
import { codeFrame } from "./code-frame.ts";
import type { CheckedFile, CheckSummary, Reporter } from "./reporter.ts";

export const textReporter: Reporter = ({ files, summary }, terminal) => {
  const lines = files.flatMap((file) => linesOf(file, terminal));
  return `${[...lines, ...(lines.length > 0 ? [""] : []), sumOf(summary)].join("\n")}\n`;
};

function sumOf({ errors, warnings, others, files, known }: CheckSummary): string {
  const sum = [counted(errors, "error"), counted(warnings, "warning"), ...(others > 0 ? [`${others} more`] : [])];
  const baseline = known === undefined ? "" : `; the baseline knows ${known} more`;
  return `${sum.join(", ")} in ${counted(files, "file")}${baseline}`;
}

function linesOf(file: CheckedFile, terminal: Terminal | null): readonly string[] {
  const { path, findings, remark } = file;
  const printed = findings.flatMap((finding) => findingLines(finding, file, terminal));
  return remark === null ? printed : [...printed, lineText(`${path}: ${remark}`)];
}

function findingLines(finding: Finding, file: CheckedFile, terminal: Terminal | null): readonly string[] {
  const { range, severity, rule, message, advice } = finding;
  const { line, character } = positionAt(file.lines, range.start);
  const place = lineText(`${file.path}:${line + 1}:${character + 1}`);
  const said = coloured(lineText(`${severity} ${rule}`), colours[severity], terminal);
  const head = `${coloured(place, "bold", terminal)}: ${said}: ${lineText(message)}`;
  // What compilers print is a line for each, which other programs take apart.
  if (terminal === null) return [advice === undefined ? head : `${head} ${lineText(advice)}`];
  return [head, ...codeFrame(finding, file, terminal)];
}

const colours: Readonly<Record<Severity, Colour>> = {
  error: "red",
  warning: "yellow",
  information: "blue",
  hint: "cyan",
};

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
