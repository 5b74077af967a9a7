/** What a finding is known by when lines above it come and go: its rule, and the text of the line on which it begins. */

import { createHash } from "node:crypto";
import type { Finding } from "../text/finding.ts";
import { lineAt, lineEnd, lineStart } from "../text/line-index.ts";
import { posixPath } from "./paths.ts";
import type { CheckedFile } from "./reporters/reporter.ts";

/** The hash of the line, white space apart: 16 hexadecimal digits. */
export function lineHash({ range }: Finding, { text, lines }: Pick<CheckedFile, "text" | "lines">): string {
  const line = lineAt(lines, range.start);
  const content = text.slice(lineStart(lines, line), lineEnd(lines, line));
  return digest(content.replace(/\s+/g, " ").trim());
}

/** A fingerprint for each finding, different for each of a report: the same line in the same file is counted. */
export function fingerprints(findings: readonly Finding[], file: CheckedFile): ReadonlyMap<Finding, string> {
  const seen = new Map<string, number>();
  const prints = new Map<Finding, string>();
  for (const finding of findings) {
    const base = [posixPath(file.path), finding.rule, lineHash(finding, file)].join("\n");
    const count = seen.get(base) ?? 0;
    seen.set(base, count + 1);
    prints.set(finding, digest(`${base}\n${count}`));
  }
  return prints;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
