/** What a script that stands nowhere yet would do to the partitions of a table: its SQL, replayed over the catalog. */

import { madeInPortions } from "../../catalog/access.ts";
import { type Catalog, findRelation, relationById } from "../../catalog/catalog.ts";
import { hasParts, partsOf } from "../../catalog/layout.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Script } from "../../ddl/script.ts";
import { replayInTurns, shownCatalog } from "../../replay/replay.ts";
import { parseDocumentInTurns, readingHere } from "../../syntax/document.ts";
import { inPortions, itemsOfWriting } from "../../text/portions.ts";
import { atOnce, type Turns } from "../../text/turns.ts";
import { boundLabel, shortName } from "../spelling.ts";
import type { GuideContext } from "./answers.ts";

/** A partition, by how it fares: it stays as it is, goes (or had this bound), or comes (or has this bound then). */
export interface PartChange {
  readonly change: "stays" | "goes" | "comes";
  readonly name: string;
  readonly bound: string;
}

/** The tables that are parts afterwards and are not before, in bound order; null where the replay does not know. */
export function madeBy(script: Script, table: Relation, context: GuideContext): readonly Relation[] | null {
  const after = atOnce(afterwards(script, table, context));
  if (after === null) return null;
  const known = new Set(partsOf(context.catalog, table).map(({ id, name }) => `${id} ${name}`));
  return partsOf(after.catalog, after.table).filter(({ id, name }) => !known.has(`${id} ${name}`));
}

/** The parts before and after, in bound order; null where what the script leaves is not known. Pauses as the replay does. */
export function* partChanges(
  script: Script,
  table: Relation,
  context: GuideContext,
): Turns<readonly PartChange[] | null, unknown> {
  const after = yield* afterwards(script, table, context);
  if (after === null) return null;
  const before = yield* inPortions(() => rowsOf(context.catalog, table));
  return merged(before, yield* inPortions(() => rowsOf(after.catalog, after.table)));
}

function* afterwards(
  script: Script,
  table: Relation,
  { catalog, reading, version, today, versions }: GuideContext,
): Turns<{ readonly catalog: Catalog; readonly table: Relation } | null, unknown> {
  // Without its transactions, and what only they allow: what a statement may be refused for is not what the script is for.
  const statementsOfSteps = script.steps.map((step) => `${step.sql};\n`).filter((each) => !/^LOCK\b/i.test(each));
  const sql = statementsOfSteps.join("");
  const { statements } = yield* parseDocumentInTurns(sql, readingHere(reading));
  const options = { version, today, ...versions };
  const source = { text: sql, reading };
  const steps = yield* replayInTurns({
    file: "preview.sql",
    statements,
    start: catalog,
    options,
    previous: [],
    source,
  });
  for (const { rejection } of steps.facts()) if (rejection !== null) return null;
  const left = shownCatalog(catalog, steps);
  // A table that is converted leaves its name to another one.
  const found = findRelation(left, table) ?? relationById(left, table.id);
  if (found === null || found.knowledge === "tainted") return null;
  return { catalog: left, table: found };
}

interface Row {
  readonly name: string;
  readonly bound: string;
}

function rowsOf(catalog: Catalog, table: Relation): readonly Row[] {
  return hasParts(table)
    ? madeInPortions(partsOf(catalog, table), itemsOfWriting, (part) => [
        { name: shortName(part), bound: boundLabel(catalog, part) },
      ])
    : [];
}

/** Both lists in one, in the order that both have: what is equal stands once. */
function merged(before: readonly Row[], after: readonly Row[]): readonly PartChange[] {
  const keyOf = ({ name, bound }: Row): string => `${name}\0${bound}`;
  const [inBefore, inAfter] = [new Set(before.map(keyOf)), new Set(after.map(keyOf))];
  const changes: PartChange[] = [];
  let next = 0;
  const come = (until: string | null): void => {
    for (; next < after.length; next += 1) {
      const row = after[next];
      if (row === undefined || keyOf(row) === until) break;
      // What stands elsewhere in the other list is told there.
      if (!inBefore.has(keyOf(row))) changes.push({ change: "comes", ...row });
    }
  };
  for (const row of before) {
    if (!inAfter.has(keyOf(row))) {
      changes.push({ change: "goes", ...row });
      continue;
    }
    come(keyOf(row));
    changes.push({ change: "stays", ...row });
    if (after[next] !== undefined && keyOf(after[next] ?? row) === keyOf(row)) next += 1;
  }
  come(null);
  return changes;
}
