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

/** How often in a row a batch may find rows locked, or end in a deadlock, before the copy gives up: about five minutes. */
const mostFailures = 500;

/** From here on writers of the sources write to the table beside too; and where each copy has got to. */
export function followed(
  shadow: TableReference,
  sources: readonly Named[],
  context: StepContext,
): readonly ScriptStep[] {
  const { catalog, division } = context;
  const primary = (primaryKeyOf(division.table) ?? []).map(quoteIdentifier);
  const key = primary.join(", ");
  const sync = writeName(catalog, syncOf(shadow));
  const trigger = quoteIdentifier(syncOf(shadow).name);
  const argument = (index: number): string => (sources.length === 1 ? "" : `'${index}'`);
  return [
    step(
      // Of the writer it takes neither rights nor search_path, so that operators are those of whoever runs the script.
      `CREATE FUNCTION ${sync}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET row_security = off AS ${quoteBody(syncBody(shadow, sources, context))}`,
    ),
    // Nobody else is to fire it by a table of his own.
    step(`REVOKE ALL ON FUNCTION ${sync}() FROM PUBLIC`),
    ...sources.flatMap((source, index) => [
      step(
        `CREATE TRIGGER ${trigger} AFTER INSERT OR UPDATE OR DELETE ON ${writeName(catalog, source)}\n  FOR EACH ROW EXECUTE FUNCTION ${sync}(${argument(index)})`,
        [source, "SHARE ROW EXCLUSIVE"],
      ),
      // Also for what logical replication writes.
      step(`ALTER TABLE ${writeName(catalog, source)} ENABLE ALWAYS TRIGGER ${trigger}`, [
        source,
        "SHARE ROW EXCLUSIVE",
      ]),
    ]),
    // A policy that hides rows is to be an error, while nothing has changed yet: what is not seen is not copied.
    step("SET LOCAL row_security = off"),
    ...sources.flatMap((source) => {
      const position = positionOf(source, shadow);
      return [
        step(
          `CREATE TABLE ${writeName(catalog, position)} AS\n  SELECT ${key} FROM ${writeName(catalog, source)} ORDER BY ${key} LIMIT 1`,
          [source, "ACCESS SHARE"],
        ),
        ownersOnly(position, context),
        // Where all tables are published, only a table whose rows can be told apart is updated.
        step(`ALTER TABLE ${writeName(catalog, position)} REPLICA IDENTITY FULL`, [position, "ACCESS EXCLUSIVE"]),
      ];
    }),
  ];
}

/**
 * What the trigger does: rows with the keys of the event are in the copy as they are in the source by now. What the event says
 * itself may be out of date, where another trigger has changed the same row since.
 */
function syncBody(shadow: TableReference, sources: readonly Named[], { division }: StepContext): string {
  const columns = rowColumns(division.table);
  const primary = (primaryKeyOf(division.table) ?? []).map(quoteIdentifier);
  const key = primary.join(", ");
  const copy = qualified(shadow);
  const row = (of: string): string => `(${primary.map((column) => `${of}.${column}`).join(", ")})`;
  const again = (of: string): readonly string[] => {
    const insert = (source: Named): string =>
      `INSERT INTO ${copy} (${columns})${overriding(shadow)} SELECT ${columns} FROM ${qualified(source)} AS source WHERE (${key}) = ${row(of)};`;
    const [only] = sources;
    return [
      `    DELETE FROM ${copy} WHERE (${key}) = ${row(of)};`,
      ...(sources.length === 1 && only !== undefined
        ? [`    ${insert(only)}`]
        : [
            ...sources.flatMap((source, index) => [
              `    ${index === 0 ? "IF" : "ELSIF"} TG_ARGV[0] = '${index}' THEN`,
              `      ${insert(source)}`,
            ]),
            "    END IF;",
          ]),
    ];
  };
  return [
    // Columns may be called as variables are.
    "#variable_conflict use_column",
    "BEGIN",
    "  IF TG_OP <> 'INSERT' THEN",
    ...again("OLD"),
    "  END IF;",
    `  IF TG_OP = 'INSERT' OR TG_OP = 'UPDATE' AND ${row("OLD")} IS DISTINCT FROM ${row("NEW")} THEN`,
    ...again("NEW"),
    "  END IF;",
    "  RETURN NULL;",
    "END",
  ].join("\n");
}

/**
 * The rows of one source, by batches in the order of the primary key, each row locked so that it cannot change meanwhile. Which
 * keys make a batch is read without locks: a row that has got another key while its lock was waited for must not move the
 * position, and is in the copy by the trigger.
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
    "#variable_conflict use_column",
    "DECLARE",
    "  failures int := 0;",
    "BEGIN",
    "  LOOP",
    "    BEGIN",
    // A policy that hides rows is to be an error, for what is not copied is lost.
    "      SET LOCAL row_security = off;",
    "      -- less than deadlock_timeout, so that no writer is aborted for the copy's sake",
    "      SET LOCAL lock_timeout = '500ms';",
    `      WITH keys AS MATERIALIZED (SELECT ${key} FROM ${from} WHERE (${key}) >= (SELECT ${key} FROM ${position})`,
    `          ORDER BY ${key} LIMIT ${Math.max(2, batch ?? usualBatch)}),`,
    `        batch AS (SELECT ${columns} FROM ${from} WHERE (${key}) IN (SELECT ${key} FROM keys) FOR SHARE),`,
    `        added AS (INSERT INTO ${writeName(catalog, shadow)} (${columns})${overriding(shadow)} SELECT ${columns} FROM batch`,
    `          ON CONFLICT (${key}) DO NOTHING)`,
    `      UPDATE ${position} SET ${set} (SELECT ${key} FROM keys ORDER BY ${descending} LIMIT 1)`,
    "        WHERE (SELECT count(*) FROM keys) > 1;",
    "      EXIT WHEN NOT FOUND;",
    "      failures := 0;",
    "    EXCEPTION WHEN serialization_failure OR deadlock_detected OR lock_not_available THEN",
    "      -- a row is locked, or has gone to another partition meanwhile: the batch is read again",
    "      failures := failures + 1;",
    `      IF failures >= ${mostFailures} THEN`,
    "        RAISE;",
    "      END IF;",
    "      PERFORM pg_sleep(0.1);",
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
