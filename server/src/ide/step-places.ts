/** Where the steps of an analysis stand in its document, and which of them stands at an offset. */

import type { Step } from "../replay/step.ts";
import { type Document, indexAt, statementAt, statementWith } from "../syntax/document.ts";
import type { PlacedStatement } from "../syntax/statement.ts";

/** A document with the steps of its statements, in their order. */
export interface DocumentWithSteps {
  readonly document: Document;
  readonly steps: readonly Step[];
}

type Place = Pick<PlacedStatement, "start" | "end" | "terminatorEnd">;

/** The place of a step's statement; in front of the text for one that the document has not. */
export function placeOfStep({ document }: Pick<DocumentWithSteps, "document">, step: Pick<Step, "handle">): Place {
  return statementWith(document, step.handle) ?? { start: 0, end: 0, terminatorEnd: 0 };
}

/** The last step whose statement begins at or before the offset; null where none does. */
export function stepBefore({ document, steps }: DocumentWithSteps, offset: number): Step | null {
  return steps[indexAt(document, offset)] ?? null;
}

/** The step whose statement the offset touches, up to what ends it where `within` says so; the first of several; null for none. */
export function stepTouching(
  { document, steps }: DocumentWithSteps,
  offset: number,
  within: "end" | "terminatorEnd" = "end",
): Step | null {
  let found: Step | null = null;
  for (let index = indexAt(document, offset); index >= 0; index--) {
    const place = statementAt(document, index);
    if (place === null || place[within] < offset) break;
    found = steps[index] ?? null;
  }
  return found;
}
