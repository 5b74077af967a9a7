/** Rows copied by batches while others write, and what they write repeated in the copy. */

import { quoteBody } from "../syntax/literals.ts";
import { quoteIdentifier } from "../syntax/names.ts";
import { alone, type Named, ownersOnly, positionOf, primaryKeyOf, qualified, syncOf } from "./ahead-names.ts";
import { rowColumns } from "./declarative/carry-over.ts";
import type { TableReference } from "./division.ts";
import { type StepContext, step } from "./part-steps.ts";
import type { ScriptStep } from "./script.ts";
import { writeName } from "./writer.ts";

/** How many rows a transaction of the copy takes, where nobody says. */
const usualBatch = 10_000;

/** From here on writers of the sources write to the table beside too; and where each copy has got to. */
export function followed(
  shadow: TableReference,
  sources: readonly Named[],
  context: StepContext,
): readonly ScriptStep[] {
  const { catalog, division } = context;
  const columns = rowColumns(division.table);
  const row = (of: string, names: readonly string[]): string => names.map((column) => `${of}.${column}`).join(", ");
  const primary = (primaryKeyOf(division.table) ?? []).map(quoteIdentifier);
  const key = primary.join(", ");
  const sync = writeName(catalog, syncOf(shadow));
  const trigger = quoteIdentifier(syncOf(shadow).name);
  return [
    step(
      // Of the writer it takes neither rights nor search_path, so that operators are those of whoever runs the script.
      `CREATE FUNCTION ${sync}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS ${quoteBody(
        [
          "BEGIN",
          "  IF TG_OP <> 'INSERT' THEN",
          `    DELETE FROM ${qualified(shadow)} WHERE (${key}) = (${row("OLD", primary)});`,
          "  END IF;",
          "  IF TG_OP <> 'DELETE' THEN",
          `    INSERT INTO ${qualified(shadow)} (${columns})${overriding(shadow)} VALUES (${row("NEW", columns.split(", "))});`,
          "  END IF;",
          "  RETURN NULL;",
          "END",
        ].join("\n"),
      )}`,
    ),
    ...sources.flatMap((source) => [
      step(
        `CREATE TRIGGER ${trigger} AFTER INSERT OR UPDATE OR DELETE ON ${writeName(catalog, source)}\n  FOR EACH ROW EXECUTE FUNCTION ${sync}()`,
        [source, "SHARE ROW EXCLUSIVE"],
      ),
      // Also for what logical replication writes.
      step(`ALTER TABLE ${writeName(catalog, source)} ENABLE ALWAYS TRIGGER ${trigger}`, [
        source,
        "SHARE ROW EXCLUSIVE",
      ]),
    ]),
    ...sources.flatMap((source) => [
      step(
        `CREATE TABLE ${writeName(catalog, positionOf(source, shadow))} AS\n  SELECT ${key} FROM ${writeName(catalog, source)} ORDER BY ${key} LIMIT 1`,
        [source, "ACCESS SHARE"],
      ),
      ownersOnly(positionOf(source, shadow), context),
    ]),
  ];
}

/**
 * The rows of one source, by batches in the order of the primary key, each row locked so that it cannot change meanwhile.
 *
 * @param batch how many rows a transaction takes; null for the usual number
 */
export function copied(
  source: Named,
  shadow: TableReference,
  batch: number | null,
  { catalog, division }: StepContext,
): ScriptStep {
  const columns = rowColumns(division.table);
  const primary = (primaryKeyOf(division.table) ?? []).map(quoteIdentifier);
  const key = primary.join(", ");
  const [from, position] = [writeName(catalog, source), writeName(catalog, positionOf(source, shadow))];
  const descending = primary.map((column) => `${column} DESC`).join(", ");
  const set = primary.length === 1 ? `${key} =` : `(${key}) =`;
  // The last row of a batch is the first of the next: one that has no other is the end.
  const body = [
    "BEGIN",
    "  LOOP",
    "    BEGIN",
    // A policy that hides rows is to be an error, for what is not copied is lost.
    "      SET LOCAL row_security = off;",
    `      WITH batch AS (SELECT ${columns} FROM ${from} WHERE (${key}) >= (SELECT ${key} FROM ${position})`,
    `          ORDER BY ${key} LIMIT ${Math.max(2, batch ?? usualBatch)} FOR SHARE),`,
    `        added AS (INSERT INTO ${writeName(catalog, shadow)} (${columns})${overriding(shadow)} SELECT ${columns} FROM batch`,
    `          ON CONFLICT (${key}) DO NOTHING)`,
    `      UPDATE ${position} SET ${set} (SELECT ${key} FROM batch ORDER BY ${descending} LIMIT 1)`,
    "        WHERE (SELECT count(*) FROM batch) > 1;",
    "      EXIT WHEN NOT FOUND;",
    "    EXCEPTION WHEN serialization_failure OR deadlock_detected THEN",
    "      NULL; -- a row has gone to another partition meanwhile: the batch is read again",
    "    END;",
    "    COMMIT;",
    "  END LOOP;",
    "END",
  ].join("\n");
  return alone(`DO ${quoteBody(body)}`, [source, "ROW SHARE"], [shadow, "ROW EXCLUSIVE"]);
}

/** The values of identity columns are copied as they are. */
function overriding({ relation }: TableReference): string {
  return relation?.columns.some(({ identity }) => identity === "always") === true ? " OVERRIDING SYSTEM VALUE" : "";
}
