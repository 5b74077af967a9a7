// Steps as a part of a script, as the file of an analysis is one.
import type { Catalog } from "../../server/src/catalog/catalog.ts";
import type { ScriptPart } from "../../server/src/ide/schema-statements.ts";
import type { Step } from "../../server/src/replay/step.ts";

export function partOfSteps(start: Catalog, steps: readonly Step[], textOf: ScriptPart["textOf"]): ScriptPart {
  return { start, steps, stepAt: (place) => steps[place], facts: () => steps, textOf };
}
