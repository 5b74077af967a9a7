/** Parts put together anew while others read and write: rows are copied ahead by batches, and a short switch changes places. */

import { printPartitionKey } from "../catalog/print.ts";
import type { Relation } from "../catalog/relation.ts";
import { spellBound } from "../catalog/written-bound.ts";
import { quoteIdentifier } from "../syntax/names.ts";
import {
  alone,
  besides,
  checkName,
  keyHindrance,
  ownersOnly,
  positionOf,
  syncOf,
  takenFunction,
  takenHelper,
} from "./ahead-names.ts";
import { checkOf, conditionOf, elementText, notIn } from "./condition.ts";
import { referencesTo, uncheckedRows } from "./declarative/carry-over.ts";
import type { Division, Failure, KnownPart, Part, TableReference } from "./division.ts";
import { publishedNote, snapshotNote } from "./hand-over-notes.ts";
import { checkHolders } from "./holders.ts";
import { indexNames } from "./index-names.ts";
import { attachLocks, detachLocks, dropLocks, strongest } from "./locks.ts";
import { lateSteps, lockWhole, makeTable, type StepContext, step } from "./part-steps.ts";
import { remadeByAttach } from "./remade-constraints.ts";
import { firedNote, isSame, type Reshaping, readersOf, reshape } from "./reshape.ts";
import { copied, followed } from "./row-copy.ts";
import type { ScriptStep } from "./script.ts";
import { addUnchecked, dropUnchecked } from "./unchecked-constraints.ts";
import { fullName, type WriterContext, writeName } from "./writer.ts";

const unseen = { filled: "unseen" } as const;

/** A result with the table that its rows are copied to, which gets its name in the switch. */
interface Copy {
  readonly part: Part;
  readonly table: TableReference;
}

/**
 * What `reshape` does, without keeping readers and writers waiting. A partitioned table beside the first one routes the rows that
 * are copied; a trigger on the sources repeats there what writers do meanwhile. Rows are copied under a lock of their own
 * (FOR SHARE), so that none comes back that is deleted meanwhile; constraints spare the switch every search.
 */
export function reshapeAhead(
  division: Division,
  sources: readonly KnownPart[],
  results: readonly Part[],
  batch: number | null,
  given: WriterContext,
): Reshaping | Failure {
  const hindrance = hindranceOf(division, given);
  if (hindrance !== null) return hindrance;
  const views = readersOf(sources, given);
  if (views !== null) return views;
  const simple = reshape(division, sources, results, given, false);
  if ("message" in simple) return simple;
  const context: StepContext = { ...given, division };
  const { table } = division;
  const shadow: TableReference = { schema: table.schema, name: besides(table.name, "ahead"), relation: null };
  const copies = results.map((part): Copy => {
    const isTaken = sources.some((source) => isSame(source, part));
    return { part, table: isTaken ? { ...part, name: besides(part.name, "ahead"), relation: null } : part };
  });
  const before = sources
    .filter((source) => results.some((part) => isSame(source, part)))
    .map((source) => ({ schema: source.schema, name: besides(source.name, "before") }));
  const positions = sources.map((source) => positionOf(source, shadow));
  const helpers = [shadow, ...copies.map((copy) => copy.table), ...before, ...positions];
  if (new Set(helpers.map(fullName)).size < helpers.length)
    return {
      message: `the names of the partitions of ${writeName(given.catalog, table)} are too long to tell those of their copies apart: use the simple style`,
      argument: "style",
    };
  const taken = takenHelper(helpers, given);
  if (taken !== null) return { message: taken, argument: "style" };
  const called = takenFunction(shadow, given);
  if (called !== null) return { message: called, argument: "style" };
  return {
    steps: [
      ...prepared(shadow, copies, sources, context),
      ...sources.map((source) => copied(source, shadow, batch, context)),
      ...copies.map((copy) =>
        alone(`ANALYZE ${writeName(given.catalog, copy.table)}`, [copy.table, "SHARE UPDATE EXCLUSIVE"]),
      ),
      ...mirrored(sources, context),
      ...switched(shadow, copies, sources, context),
      ...cleared(shadow, sources, results, context),
      ...indexesNamed(copies, context),
    ],
    undo: simple.undo,
    notes: [
      `Up to the switch nothing of ${writeName(given.catalog, table)} has changed: to give up, DROP FUNCTION ${writeName(given.catalog, syncOf(shadow))}() CASCADE and DROP TABLE ${writeName(given.catalog, shadow)}. A copy that was stopped may be run again.`,
      "TRUNCATE of a partition is not repeated in its copy, nor what transactions in REPEATABLE READ or SERIALIZABLE delete that began before a row was copied: let none run meanwhile.",
      snapshotNote(writeName(given.catalog, table)),
      publishedNote,
      ...simple.notes.filter((note) => !note.startsWith("Each ATTACH searches") && !note.startsWith(firedNote)),
    ],
  };
}

function hindranceOf(division: Division, context: WriterContext): Failure | null {
  const { catalog, version, inTransaction } = context;
  const { table, scheme } = division;
  const fail = (message: string, argument = "style"): Failure => ({ message, argument });
  const name = writeName(catalog, table);
  if (scheme !== "declarative")
    return fail("children are changed one by one: the simple style locks only those that it changes");
  if (version < 12)
    return fail("copying ahead needs foreign keys and indexes of partitioned tables as PostgreSQL 12 has them");
  if (inTransaction) return fail("the steps are transactions of their own, and this script stands inside of one");
  const [remade] = remadeByAttach(table, table, catalog);
  if (remade !== undefined)
    return fail(
      `ATTACH would make ${quoteIdentifier(remade.name)} once more while all wait, for PostgreSQL takes no index for that of such a constraint: use the simple style`,
    );
  const ofKey = keyHindrance(table, context);
  if (ofKey !== null) return fail(ofKey);
  if (referencesTo(table, catalog).length > 0)
    return fail(`foreign keys refer to ${name}: use the simple style, which takes them off and puts them back`);
  return null;
}

/** The partitioned table beside, its partitions with their constraints, and the trigger: nothing waits but for writers, once. */
function prepared(
  shadow: TableReference,
  copies: readonly Copy[],
  sources: readonly KnownPart[],
  context: StepContext,
): readonly ScriptStep[] {
  const { division, catalog } = context;
  const { table, key } = division;
  const [name, beside] = [writeName(catalog, table), writeName(catalog, shadow)];
  const keys = table.constraints.filter(({ type }) => type === "foreign-key");
  return [
    {
      ...step(
        `CREATE TABLE ${beside} (LIKE ${name} INCLUDING ALL EXCLUDING IDENTITY)\n  PARTITION BY ${printPartitionKey(key)}`,
        [table, "ACCESS SHARE"],
      ),
      begins: true,
    },
    ownersOnly(shadow, context),
    ...dropUnchecked(shadow, uncheckedRows(table), context),
    ...copies.flatMap(({ part, table: copy }) => {
      const written = writeName(catalog, copy);
      const check = provenBy(part, copies, sources, context);
      const like = modelOf(part, sources, context);
      return [
        ...makeTable({ ...copy, relation: part.relation }, like, context, unseen),
        ...dropUnchecked(copy, uncheckedRows(like), context),
        ...keys.map(({ name: constraint, columns: from, references }) => {
          const target = references === null ? null : (catalog.relations.get(references.relation) ?? null);
          const to = references?.columns.map(quoteIdentifier).join(", ") ?? "";
          return step(
            `ALTER TABLE ${written} ADD CONSTRAINT ${quoteIdentifier(constraint)} FOREIGN KEY (${from.map(quoteIdentifier).join(", ")}) REFERENCES ${target === null ? "" : writeName(catalog, target)} (${to})${references === null || references.terms.trim() === "" ? "" : ` ${references.terms.trim()}`}`,
            [copy, "SHARE ROW EXCLUSIVE"],
            ...(target === null ? [] : [[target, "SHARE ROW EXCLUSIVE"] as const]),
          );
        }),
        ...(check === null
          ? []
          : [
              step(`ALTER TABLE ${written} ADD CONSTRAINT ${checkName(copy)}\n  CHECK (${check})`, [
                copy,
                "ACCESS EXCLUSIVE",
              ]),
            ]),
        step(`ALTER TABLE ${beside} ATTACH PARTITION ${written}\n  ${spellBound(part.bound, key, catalog.settings)}`, [
          copy,
          "ACCESS EXCLUSIVE",
        ]),
      ];
    }),
    ...followed(shadow, sources, context),
  ];
}

/** What a part is made like: the one whose place it takes, else the first whose rows it gets. */
function modelOf(part: Part, sources: readonly KnownPart[], { division }: StepContext): Relation {
  return part.relation ?? sources[0]?.relation ?? division.table;
}

/** The CHECK by which ATTACH sees that it need not search: for a default, that no other part of the table takes its rows. */
function provenBy(
  part: Part,
  copies: readonly Copy[],
  sources: readonly KnownPart[],
  { division }: StepContext,
): string | null {
  const { condition, key, parts } = division;
  if (part.bound.kind === "hash") return null;
  if (part.bound.kind !== "default") return checkOf(part.bound, condition);
  const others = [
    ...parts.filter((each) => !sources.some((source) => isSame(source, each))),
    ...copies.map((copy) => copy.part).filter((each) => each.bound.kind !== "default"),
  ];
  const conditions = others.map(({ bound }) => conditionOf(bound, condition));
  if (conditions.length === 0 || conditions.includes(null) || key.strategy !== "range") return null;
  // Written as PostgreSQL writes the constraint of a default, whose proof is by comparison.
  const notNull = key.elements.map((element) => `${elementText(element)} IS NOT NULL`);
  return `NOT (${notNull.join(" AND ")} AND (${conditions.map((each) => `(${each})`).join(" OR ")}))`;
}

/** That the default partition holds no row of the sources, proved before the switch. */
function mirrored(sources: readonly KnownPart[], context: StepContext): readonly ScriptStep[] {
  const { division, catalog } = context;
  const kept = division.defaultPart;
  if (kept === null || sources.some((source) => isSame(source, kept))) return [];
  const name = writeName(catalog, kept);
  return sources.flatMap((source) => {
    const check = notIn(source.bound, division.condition);
    const constraint = quoteIdentifier(besides(source.name, "elsewhere"));
    if (check === null) return [];
    return [
      alone(`ALTER TABLE ${name} ADD CONSTRAINT ${constraint}\n  CHECK (${check}) NOT VALID`, [
        kept,
        "ACCESS EXCLUSIVE",
      ]),
      alone(`ALTER TABLE ${name} VALIDATE CONSTRAINT ${constraint}`, [kept, "SHARE UPDATE EXCLUSIVE"]),
    ];
  });
}

function switched(
  shadow: TableReference,
  copies: readonly Copy[],
  sources: readonly KnownPart[],
  context: StepContext,
): readonly ScriptStep[] {
  const { division, catalog } = context;
  const { table, key, defaultPart } = division;
  const name = writeName(catalog, table);
  const stays = defaultPart !== null && !sources.some((source) => isSame(source, defaultPart)) ? defaultPart : null;
  const isDefault = ({ bound }: Part): boolean => bound.kind === "default";
  const defaultsFirst = [...sources].sort((a, b) => Number(isDefault(b)) - Number(isDefault(a)));
  const defaultsLast = [...copies].sort((a, b) => Number(isDefault(a.part)) - Number(isDefault(b.part)));
  const rename = (from: TableReference, to: string): ScriptStep =>
    step(`ALTER TABLE ${writeName(catalog, from)} RENAME TO ${quoteIdentifier(to)}`, [from, "ACCESS EXCLUSIVE"]);
  return [
    { ...lockWhole(table, catalog), begins: true },
    checkHolders(sources, context),
    ...defaultsFirst.map(
      (source): ScriptStep => ({
        sql: `ALTER TABLE ${name} DETACH PARTITION ${writeName(catalog, source)}`,
        locks: detachLocks(table, source, isDefault(source) ? source : stays, context),
        transaction: "inside",
      }),
    ),
    ...copies.map(({ table: copy }) =>
      step(`ALTER TABLE ${writeName(catalog, shadow)} DETACH PARTITION ${writeName(catalog, copy)}`, [
        shadow,
        "ACCESS EXCLUSIVE",
      ]),
    ),
    ...copies.flatMap(({ part, table: copy }) =>
      part.name === copy.name ? [] : [rename(part, besides(part.name, "before")), rename(copy, part.name)],
    ),
    ...copies.flatMap(({ part }) => addUnchecked(part, uncheckedRows(modelOf(part, sources, context)), context)),
    ...defaultsLast.flatMap(({ part, table: copy }): ScriptStep[] => [
      {
        sql: `ALTER TABLE ${name} ATTACH PARTITION ${writeName(catalog, part)}\n  ${spellBound(part.bound, key, catalog.settings)}`,
        locks: attachLocks(table, withKeys(part, table), stays, context),
        transaction: "inside",
      },
      ...(provenBy(part, copies, sources, context) === null
        ? []
        : [
            step(`ALTER TABLE ${writeName(catalog, part)} DROP CONSTRAINT ${checkName(copy)}`, [
              part,
              "ACCESS EXCLUSIVE",
            ]),
          ]),
    ]),
    ...copies.flatMap(({ part }) => lateSteps(part, modelOf(part, sources, context), context, unseen)),
  ];
}

/** A part that has the table's foreign keys before it is attached. */
function withKeys(part: Part, table: Relation): Part {
  return { ...part, relation: part.relation ?? table };
}

/** The indexes of a copy are called as those were whose place they take, once these are gone. */
function indexesNamed(copies: readonly Copy[], context: StepContext): readonly ScriptStep[] {
  const { catalog } = context;
  return copies.flatMap(({ part, table: copy }) => {
    if (part.relation === null || part.name === copy.name) return [];
    const names = [...indexNames(copy, { like: part.relation, model: part.relation }, context)];
    return names.map(([name, copied]) =>
      step(
        `ALTER INDEX ${writeName(catalog, { schema: copy.schema, name: copied })} RENAME TO ${quoteIdentifier(name)}`,
      ),
    );
  });
}

/** The tables that are dropped in the end, under the names that they have from the switch on. */
function droppedOf(sources: readonly KnownPart[], results: readonly Part[]): readonly KnownPart[] {
  return sources.map((source) =>
    results.some((result) => isSame(result, source)) ? { ...source, name: besides(source.name, "before") } : source,
  );
}

function cleared(
  shadow: TableReference,
  sources: readonly KnownPart[],
  results: readonly Part[],
  context: StepContext,
): readonly ScriptStep[] {
  const { catalog, division } = context;
  const kept = division.defaultPart;
  const before = droppedOf(sources, results);
  const tables = [...before, shadow, ...sources.map((source) => positionOf(source, shadow))];
  const mirrors = mirrored(sources, context).length > 0 && kept !== null ? sources : [];
  return [
    // Before the tables: dropping their foreign keys locks what these refer to.
    ...mirrors.map((source) =>
      alone(
        `ALTER TABLE ${writeName(catalog, kept ?? source)} DROP CONSTRAINT ${quoteIdentifier(besides(source.name, "elsewhere"))}`,
        [kept ?? source, "ACCESS EXCLUSIVE"],
      ),
    ),
    {
      sql: `DROP TABLE ${tables.map((each) => writeName(catalog, each)).join(", ")}`,
      locks: strongest(before.flatMap((source) => dropLocks(source, source.relation, catalog))),
      transaction: "inside",
      begins: true,
    },
    step(`DROP FUNCTION ${writeName(catalog, syncOf(shadow))}()`),
  ];
}
