/** Findings as annotations of a GitHub Actions run: a workflow command for each, with the rule as the title. */

import { type Finding, findingText, type Severity } from "../../text/finding.ts";
import { lineText } from "../../text/foreign-text.ts";
import { posixPath } from "../paths.ts";
import { type CheckedFile, type Reporter, regionOf } from "./reporter.ts";

export const githubReporter: Reporter = ({ files }) => files.flatMap(commandsOf).join("");

function commandsOf(file: CheckedFile): readonly string[] {
  const commands = file.findings.map((finding) =>
    workflowCommand(commandNames[finding.severity], placeOf(finding, file), findingText(finding)),
  );
  if (file.remark === null) return commands;
  const place = { file: posixPath(file.path), title: "partition-lens" };
  return [...commands, workflowCommand("notice", place, lineText(file.remark))];
}

const commandNames: Readonly<Record<Severity, string>> = {
  error: "error",
  warning: "warning",
  information: "notice",
  hint: "notice",
};

/** Columns are for places inside one line only. */
function placeOf({ range, rule }: Finding, { path, lines }: CheckedFile): Readonly<Record<string, string | number>> {
  const { startLine, startColumn, endLine, endColumn } = regionOf(lines, range);
  const columns = startLine === endLine ? { col: startColumn, endColumn } : {};
  return { file: posixPath(path), line: startLine, endLine, ...columns, title: `partition-lens ${rule}` };
}

function workflowCommand(name: string, properties: Readonly<Record<string, string | number>>, message: string): string {
  const words = Object.entries(properties).map(([key, value]) => `${key}=${escapedProperty(String(value))}`);
  return `::${name} ${words.join(",")}::${escapedMessage(message)}\n`;
}

/** As the runner takes them apart, https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands */
function escapedMessage(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapedProperty(text: string): string {
  return escapedMessage(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
