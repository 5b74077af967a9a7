/** The text of a preview: the partitions before and after as a comment, and the script as it would be written. */

import type { GuidePreview } from "../../../server/src/lsp/protocol.ts";
import { lineText } from "../../../server/src/text/foreign-text.ts";

export interface PreviewText {
  readonly text: string;
  /** Line numbers, from 0, of partitions that go, and of those that come. */
  readonly goes: readonly number[];
  readonly comes: readonly number[];
}

/** Of more changes the rest is counted. */
const mostChanges = 40;

/** Names are cut to so much, so that the bounds behind them stand in one column. */
const widestName = 40;

type Part = NonNullable<GuidePreview["parts"]>[number];

const opening = "-- A preview: nothing is written yet.";

const marks = { stays: " ", goes: "-", comes: "+" } as const;

export function previewText({ sql, parts }: Pick<GuidePreview, "sql" | "parts">): PreviewText {
  const lines = [opening, "--"];
  const [goes, comes]: [number[], number[]] = [[], []];
  if (parts === null) lines.push("-- The partitions afterwards are not known here.");
  else if (parts.every(({ change }) => change === "stays")) lines.push("-- The partitions stay as they are.");
  else {
    const shown = shownOf(parts);
    const widths = shown.map((part) => (typeof part === "number" ? 0 : lineText(part.name).length));
    const width = Math.min(widestName, Math.max(...widths));
    for (const part of shown) {
      if (typeof part === "number") {
        lines.push(`--     … ${part} more`);
        continue;
      }
      if (part.change === "goes") goes.push(lines.length);
      if (part.change === "comes") comes.push(lines.length);
      lines.push(`--   ${marks[part.change]} ${lineText(part.name).padEnd(width)}   ${lineText(part.bound)}`.trimEnd());
    }
  }
  return { text: `${lines.join("\n")}\n\n${sql}`, goes, comes };
}

/** Where nothing comes of the answers yet: why, or that more is to be said. */
export function noPreview(problem: string | null): PreviewText {
  return { text: `${opening}\n--\n-- ${lineText(problem ?? "More is to be said first.")}\n`, goes: [], comes: [] };
}

/** The changes, each with the neighbours that stay; the others are counted. */
function shownOf(parts: readonly Part[]): readonly (Part | number)[] {
  const shown: (Part | number)[] = [];
  let left = 0;
  let changes = 0;
  for (const [index, part] of parts.entries()) {
    if (part.change !== "stays") changes += 1;
    const near = [parts[index - 1], part, parts[index + 1]].some(
      (each) => each !== undefined && each.change !== "stays",
    );
    if (!near || changes > mostChanges) left += 1;
    else {
      if (left > 0) shown.push(left);
      left = 0;
      shown.push(part);
    }
  }
  return left > 0 ? [...shown, left] : shown;
}
