/** What statements did where they were really run, because their text does not tell it: DO blocks and calls of functions. */

import { withBelongingsUntold } from "../catalog/belongings.ts";
import { type Catalog, findRelation } from "../catalog/catalog.ts";
import { type ApplyContext, applyEach, type Outcome } from "../effects/outcome.ts";
import { withSettingsInDoubt } from "../effects/relations/settings.ts";
import { outcomeAfter } from "../effects/running/apply-running.ts";
import { whatChangedRowsRun } from "../effects/running/what-runs.ts";
import type { PlacedStatement, ReadStatement, Statement } from "../syntax/statement.ts";
import { applyInside } from "./do-block.ts";

export interface LearnedEffect {
  /**
   * Statements that have the same effect on the schema: `CREATE TABLE … PARTITION OF …` for each partition that was left, `DROP
   * TABLE` for what was gone afterwards. The places in them are of no interest.
   */
  readonly statements: readonly PlacedStatement[];
  /** The tables whose rows may be others, by their names behind the statement. */
  readonly written: readonly { readonly schema: string; readonly name: string }[];
  /** The settings that are others, perhaps only until the transaction ends. */
  readonly sets: readonly string[];
}

/** All that has been learned. A replay goes on with it; another value means that more is known. */
export interface Learned {
  /** What the statement did in front of this very catalog; null where it was not run there, or could not be followed. */
  readonly effectOf: (before: Catalog, statement: ReadStatement) => LearnedEffect | null;
}

/** What came of running a statement. */
export type LearnAnswer =
  | { readonly kind: "learned"; readonly effect: LearnedEffect }
  /** Why nothing is said of the statement, for the log. `cancelled`: nobody waited for it, so that it may be asked again. */
  | { readonly kind: "declined"; readonly reason: string; readonly cancelled?: true };

/** Whether statements of the kind may do what their text does not tell. */
export function mayBeLearned({ kind }: Statement): boolean {
  return kind === "do" || kind === "query" || kind === "call-procedure";
}

/** The effect, with the whole statement as its place. A refusal says only that the model does not follow it. */
export function applyLearned(
  catalog: Catalog,
  placed: PlacedStatement,
  effect: LearnedEffect,
  context: ApplyContext,
): Outcome {
  const whole = { start: 0, end: placed.end - placed.start };
  const inside: ApplyContext = { ...context, inFunction: true };
  const outcome = applyEach(catalog, effect.statements, (current, statement) =>
    applyInside(current, statement, () => whole, inside),
  );
  if (outcome.kind === "rejected") return outcome;
  const sets = effect.sets.map((name) => ({ name, local: false }));
  const changed = withSettingsInDoubt(withBelongingsUnknown(catalog, outcome.catalog), sets);
  const written = effect.written.flatMap((name) => findRelation(changed, name) ?? []);
  // Where it ran there were no rows for which triggers would have fired.
  return outcomeAfter({ ...outcome, catalog: changed }, whatChangedRowsRun(changed, written), new Set());
}

/** What hung on tables before: nobody has looked whether the statement took it away, so it is given to no other table. */
function withBelongingsUnknown(before: Catalog, after: Catalog): Catalog {
  const asBefore = [...before.belongings.entries()].filter(([id, kept]) => after.belongings.get(id) === kept);
  return withBelongingsUntold(
    after,
    asBefore.map(([id]) => id),
  );
}
