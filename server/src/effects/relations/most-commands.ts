/** How many commands of one ALTER TABLE are followed: all of them are one step, which nothing else waits through. */

import type { Catalog } from "../../catalog/catalog.ts";
import { relationsNamed } from "../../syntax/named-relations.ts";
import type { Statement } from "../../syntax/statement.ts";
import { applied, type Outcome } from "../outcome.ts";
import { taintNamed } from "../taint.ts";

/** Somewhat more than the columns that a table may have. */
const mostCommands = 2_000;

/** Declines an ALTER TABLE of more commands; null for all other statements. What it names is in doubt then. */
export function declineManyCommands(catalog: Catalog, statement: Statement): Outcome | null {
  if (statement.kind !== "alter-table" || statement.actions.length <= mostCommands) return null;
  const words = relationsNamed(statement).map(({ name }) => name);
  const next = taintNamed(catalog, { kind: "named", words, beginnings: [] });
  return applied(next, `an ALTER TABLE of more than ${mostCommands} commands is not followed`);
}
