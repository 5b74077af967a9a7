/** The steps by which a plain table becomes a partitioned one: made beside, filled, put in its place; and the way back. */

import type { KeptBelonging } from "../../catalog/belongings.ts";
import { dependentsOf, relationById } from "../../catalog/catalog.ts";
import type { Relation, TableConstraint } from "../../catalog/relation.ts";
import { spellBound } from "../../catalog/written-bound.ts";
import { quoteBody, quoteLiteral } from "../../syntax/literals.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import { alone, ownersOnly, positionOf, syncOf } from "../ahead-names.ts";
import { type Handed, handedTo, hungOn } from "../belongings.ts";
import { commentsAgain } from "../constraint-comments.ts";
import { ownerOf, referencesTo, rowColumns, uncheckedRows } from "../declarative/carry-over.ts";
import type { Part, TableReference } from "../division.ts";
import { checkHolders } from "../holders.ts";
import { indexNames } from "../index-names.ts";
import { dropLocks, keyLocks } from "../locks.ts";
import { madeLike, type PartitionColumns } from "../made-like.ts";
import { lockWhole, type Making, makeTable, type StepContext, step } from "../part-steps.ts";
import { foreignKey } from "../reshape.ts";
import { copied, followed } from "../row-copy.ts";
import type { ScriptStep } from "../script.ts";
import { addUnchecked, dropUnchecked } from "../unchecked-constraints.ts";
import { type WriterContext, writeName } from "../writer.ts";

/** What of a table is said of those that hold its rows: a partitioned one has none. */
export const ofLeaves: ReadonlySet<KeptBelonging["kind"]> = new Set([
  "storage parameter",
  "access method",
  "replica identity",
  "clustering",
]);

/** Everything that steps are written for. */
export interface Ahead {
  /** The plain table, before and after. */
  readonly table: Relation;
  /** The partitioned table that is made beside it, under the name that it has until the switch. */
  readonly shadow: TableReference & { readonly relation: Relation };
  /** The same under the name that it takes then. */
  readonly fresh: TableReference;
  /** The plain table under the name that it has from then on. */
  readonly before: TableReference;
  readonly parts: readonly Part[];
  readonly handed: Handed;
  readonly making: Making;
  /** Of its identity columns: what the sequences of old and new are called. */
  readonly sequences: readonly { readonly column: string; readonly old: string | null; readonly made: string | null }[];
  readonly partitioned: PartitionColumns;
  readonly context: StepContext;
}

/** All the steps there, `batch` rows at once, or the usual number. */
export function stepsAhead(ahead: Ahead, batch: number | null): readonly ScriptStep[] {
  const { table, shadow, context } = ahead;
  return [
    ...prepared(ahead),
    copied(table, shadow, batch, context),
    alone(`ANALYZE ${writeName(context.catalog, shadow)}`, [shadow, "SHARE UPDATE EXCLUSIVE"]),
    ...switched(ahead),
    ...cleared(ahead),
  ];
}

/** The sequence behind an identity column, asked of the server; names as SQL has them. */
export function sequenceOf(table: string, column: string): string {
  return `pg_get_serial_sequence(${quoteLiteral(table)}, ${quoteLiteral(column)})`;
}

/**
 * An identity column of a table that was detached gets its own sequence again, which counts as that of the whole table did and goes on
 * behind it. How that one counts is asked of the server: no statement gives one column's sequence to another.
 */
export function identityAgain(
  left: string,
  whole: string,
  column: string,
  identity: "always" | "by-default",
): ScriptStep {
  const kind = identity === "always" ? "ALWAYS" : "BY DEFAULT";
  const alter = `ALTER TABLE ${left} ALTER COLUMN ${quoteIdentifier(column)} ADD GENERATED ${kind} AS IDENTITY (START`;
  const body = [
    "DECLARE",
    "  counted pg_sequence;",
    "BEGIN",
    `  SELECT * INTO counted FROM pg_sequence WHERE seqrelid = ${sequenceOf(whole, column)}::regclass;`,
    `  EXECUTE ${quoteLiteral(alter)} || format(' %s INCREMENT %s MINVALUE %s MAXVALUE %s CACHE %s %s)', counted.seqstart,`,
    "    counted.seqincrement, counted.seqmin, counted.seqmax, counted.seqcache, CASE WHEN counted.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END);",
    `  PERFORM setval(${sequenceOf(left, column)}, nextval(${sequenceOf(whole, column)}), false);`,
    "END",
  ].join("\n");
  return step(`DO ${quoteBody(body)}`);
}

/** The sequence of an identity column gets a name, which nothing else has by then; whatever PostgreSQL has called it. */
export function sequenceNamed(table: string, column: string, name: string): ScriptStep {
  const body = [
    "DECLARE",
    `  made regclass := ${sequenceOf(table, column)};`,
    "BEGIN",
    `  IF (SELECT relname FROM pg_class WHERE oid = made) <> ${quoteLiteral(name)} THEN`,
    `    EXECUTE format('ALTER SEQUENCE %s RENAME TO %I', made, ${quoteLiteral(name)});`,
    "  END IF;",
    "END",
  ].join("\n");
  return step(`DO ${quoteBody(body)}`);
}

/** The name of the sequence behind a column, as the catalog has it. */
export function sequenceBehind(
  table: Relation,
  column: string,
  { catalog }: Pick<WriterContext, "catalog">,
): string | null {
  const sequences = dependentsOf(catalog, table.id).flatMap((id) => relationById(catalog, id) ?? []);
  return sequences.find(({ kind, ownedByColumn }) => kind === "sequence" && ownedByColumn === column)?.name ?? null;
}

/** The partitioned table beside, its partitions, and the trigger: nothing waits but for writers, once. */
function prepared({ table, shadow, parts, handed, making, context }: Ahead): readonly ScriptStep[] {
  const { catalog, division } = context;
  const { key } = division;
  const [name, beside] = [writeName(catalog, table), writeName(catalog, shadow)];
  const owner = ownerOf(table, catalog);
  const columns = key.elements.map(({ text }) => text).join(", ");
  return [
    {
      ...step(
        `CREATE TABLE ${beside} (LIKE ${name} INCLUDING ALL)\n  PARTITION BY ${key.strategy.toUpperCase()} (${columns})${handed.clauses}`,
        [table, "ACCESS SHARE"],
      ),
      begins: true,
    },
    ...(owner === null ? [] : [step(`ALTER TABLE ${beside} OWNER TO ${quoteIdentifier(owner)}`)]),
    ownersOnly(shadow, context),
    ...dropUnchecked(shadow, uncheckedRows(table), context),
    ...keysOf(table).map((constraint) => {
      const target = targetOf(constraint, context);
      return step(
        `ALTER TABLE ${beside} ADD CONSTRAINT ${quoteIdentifier(constraint.name)} ${foreignKey(constraint, target === null ? "" : writeName(catalog, target))}`,
        [shadow, "SHARE ROW EXCLUSIVE"],
        ...(target === null ? [] : [[target, "SHARE ROW EXCLUSIVE"] as const]),
      );
    }),
    ...parts.flatMap((part) => [
      ...makeTable(part, table, context, making),
      ownersOnly(part, context),
      ...dropUnchecked(part, uncheckedRows(table), context),
      step(
        `ALTER TABLE ${beside} ATTACH PARTITION ${writeName(catalog, part)}\n  ${spellBound(part.bound, key, catalog.settings)}`,
        [part, "ACCESS EXCLUSIVE"],
        ...keysOf(table).flatMap((constraint) => {
          const target = targetOf(constraint, context);
          return target === null ? [] : [[target, "SHARE ROW EXCLUSIVE"] as const];
        }),
      ),
    ]),
    ...followed(shadow, [table], context),
  ];
}

function keysOf({ constraints }: Relation): readonly TableConstraint[] {
  return constraints.filter(({ type }) => type === "foreign-key");
}

function targetOf({ references }: TableConstraint, { catalog }: StepContext): Relation | null {
  return references === null ? null : relationById(catalog, references.relation);
}

/** The keys of other tables that refer to this one, which change places with it. */
function keysTo({ table, context: { catalog } }: Ahead) {
  return referencesTo(table, catalog).flatMap((relation) =>
    relation.constraints
      .filter(({ references, inheritedFrom }) => references?.relation === table.id && inheritedFrom === 0)
      .map((constraint) => ({ relation, constraint })),
  );
}

/** Sequences of columns that are no identity: they stay, and belong to the column of the new table. */
export function ownedSequences(table: Relation, catalog: WriterContext["catalog"]): readonly Relation[] {
  return dependentsOf(catalog, table.id).flatMap((id) => {
    const relation = relationById(catalog, id);
    const column = table.columns.find(({ name }) => name === relation?.ownedByColumn);
    return relation?.kind === "sequence" && column?.identity === null ? [relation] : [];
  });
}

function switched(ahead: Ahead): readonly ScriptStep[] {
  const { table, shadow, fresh, before, parts, handed, sequences, context } = ahead;
  const { catalog } = context;
  const [name, old] = [writeName(catalog, table), writeName(catalog, before)];
  const keys = keysTo(ahead);
  return [
    { ...lockWhole(table, catalog), begins: true },
    ...keys.map(
      ({ relation, constraint }): ScriptStep => ({
        sql: `ALTER TABLE ${writeName(catalog, relation)} DROP CONSTRAINT ${quoteIdentifier(constraint.name)}`,
        locks: keyLocks(relation, table, "ACCESS EXCLUSIVE", catalog),
        transaction: "inside",
      }),
    ),
    checkHolders([table], context),
    step(`DROP TRIGGER ${quoteIdentifier(syncOf(shadow).name)} ON ${name}`, [table, "ACCESS EXCLUSIVE"]),
    step(`ALTER TABLE ${name} RENAME TO ${quoteIdentifier(before.name)}`, [table, "ACCESS EXCLUSIVE"]),
    step(`ALTER TABLE ${writeName(catalog, shadow)} RENAME TO ${quoteIdentifier(table.name)}`, [
      shadow,
      "ACCESS EXCLUSIVE",
    ]),
    ...sequences.map(({ column }) =>
      step(`SELECT setval(${sequenceOf(name, column)}, nextval(${sequenceOf(old, column)}), false)`),
    ),
    ...ownedSequences(table, catalog).map((sequence) =>
      step(
        `ALTER SEQUENCE ${writeName(catalog, sequence)} OWNED BY ${name}.${quoteIdentifier(sequence.ownedByColumn ?? "")}`,
      ),
    ),
    ...addUnchecked(fresh, uncheckedRows(table), context),
    ...handed.early,
    ...(handed.secured.length > 0
      ? []
      : [fresh, ...parts].map((each) =>
          step(`ALTER TABLE ${writeName(catalog, each)} DISABLE ROW LEVEL SECURITY`, [each, "ACCESS EXCLUSIVE"]),
        )),
    ...handed.grants,
    ...handed.late,
    // Held against all rows later: those that are there were held against the same ones.
    ...keys.flatMap(({ relation, constraint }): readonly ScriptStep[] => [
      {
        sql: `ALTER TABLE ${writeName(catalog, relation)} ADD CONSTRAINT ${quoteIdentifier(constraint.name)} ${foreignKey({ ...constraint, validated: false }, name)}`,
        locks: keyLocks(relation, relation, "SHARE ROW EXCLUSIVE", catalog),
        transaction: "inside",
      },
      ...commentsAgain(relation, [constraint], writeName(catalog, relation), catalog),
    ]),
  ];
}

/** The old table goes, with what was for the copy only; then names are free that are the old ones'. */
function cleared(ahead: Ahead): readonly ScriptStep[] {
  const { table, shadow, before, sequences, context } = ahead;
  const { catalog } = context;
  const named = (name: string): string => writeName(catalog, { schema: table.schema, name });
  const indexes = [...indexNames(shadow, { like: table, model: table }, context)];
  const renamed = (verb: string, from: string | null, to: string | null): readonly ScriptStep[] =>
    from === null || to === null || from === to
      ? []
      : [step(`ALTER ${verb} ${named(from)} RENAME TO ${quoteIdentifier(to)}`)];
  return [
    {
      sql: `DROP TABLE ${writeName(catalog, before)}, ${writeName(catalog, positionOf(table, shadow))}`,
      locks: dropLocks(before, table, catalog),
      transaction: "inside",
      begins: true,
    },
    step(`DROP FUNCTION ${writeName(catalog, syncOf(shadow))}()`),
    ...indexes.flatMap(([name, made]) => renamed("INDEX", made, name)),
    ...sequences.flatMap(({ old, made }) => renamed("SEQUENCE", made, old)),
    ...commentsAgain(
      table,
      [...table.constraints].filter(({ index }) => index !== null),
      writeName(catalog, table),
      catalog,
    ),
    ...keysTo(ahead)
      .filter(({ constraint: { validated, enforced } }) => validated && enforced)
      .map(({ relation, constraint }) =>
        alone(
          `ALTER TABLE ${writeName(catalog, relation)} VALIDATE CONSTRAINT ${quoteIdentifier(constraint.name)}`,
          [relation, "SHARE UPDATE EXCLUSIVE"],
          [table, "ROW SHARE"],
        ),
      ),
  ];
}

/** A plain table again, in one transaction: made like the partitioned one, with all that the first one had. */
export function stepsBack(ahead: Ahead): readonly ScriptStep[] {
  const { table, before, sequences, context } = ahead;
  const { catalog } = context;
  const [name, plain] = [writeName(catalog, table), writeName(catalog, before)];
  const owner = ownerOf(table, catalog);
  const columns = rowColumns(table);
  const likeness = { like: table, model: table };
  const hung = hungOn(table, context);
  const handed = handedTo({ ...before, name: table.name }, likeness, hung, context);
  const keys = keysTo(ahead);
  const indexes = [...indexNames(before, likeness, context)];
  const named = (own: string): string => writeName(catalog, { schema: table.schema, name: own });
  // What identity columns of a new table call their sequences: only LIKE for a partitioned one is made with them.
  const again = madeLike(before, table, ahead.partitioned, context);
  const override = table.columns.some(({ identity }) => identity === "always") ? " OVERRIDING SYSTEM VALUE" : "";
  return [
    step(`LOCK TABLE ${name} IN ACCESS EXCLUSIVE MODE`),
    step(
      `CREATE ${table.persistence === "unlogged" ? "UNLOGGED " : ""}TABLE ${plain} (LIKE ${name} INCLUDING ALL)${handed.clauses}`,
    ),
    ...(owner === null ? [] : [step(`ALTER TABLE ${plain} OWNER TO ${quoteIdentifier(owner)}`)]),
    ...dropUnchecked(before, uncheckedRows(table), context),
    step("SET LOCAL row_security = off"),
    step(`INSERT INTO ${plain} (${columns})${override}\n  SELECT ${columns} FROM ${name}`),
    ...addUnchecked(before, uncheckedRows(table), context),
    ...keysOf(table).map((constraint) => {
      const target = targetOf(constraint, context);
      return step(
        `ALTER TABLE ${plain} ADD CONSTRAINT ${quoteIdentifier(constraint.name)} ${foreignKey(constraint, target === null ? "" : writeName(catalog, target))}`,
      );
    }),
    ...sequences.map(({ column }) =>
      step(`SELECT setval(${sequenceOf(plain, column)}, nextval(${sequenceOf(name, column)}), false)`),
    ),
    ...ownedSequences(table, catalog).map((each) =>
      step(`ALTER SEQUENCE ${writeName(catalog, each)} OWNED BY ${plain}.${quoteIdentifier(each.ownedByColumn ?? "")}`),
    ),
    ...keys.map(({ relation, constraint }) =>
      step(`ALTER TABLE ${writeName(catalog, relation)} DROP CONSTRAINT ${quoteIdentifier(constraint.name)}`),
    ),
    step(`DROP TABLE ${name}`),
    step(`ALTER TABLE ${plain} RENAME TO ${quoteIdentifier(table.name)}`),
    ...indexes.flatMap(([wanted, made]) =>
      made === wanted ? [] : [step(`ALTER INDEX ${named(made)} RENAME TO ${quoteIdentifier(wanted)}`)],
    ),
    ...sequences.flatMap(({ column, old }) => {
      const from = "message" in again ? null : sequenceBehind(again.table, column, again);
      return old === null || from === null
        ? []
        : [step(`ALTER SEQUENCE ${named(from)} RENAME TO ${quoteIdentifier(old)}`)];
    }),
    ...handed.early,
    ...handed.grants,
    ...handed.secured,
    ...handed.late,
    ...keys.flatMap(({ relation, constraint }) => [
      step(
        `ALTER TABLE ${writeName(catalog, relation)} ADD CONSTRAINT ${quoteIdentifier(constraint.name)} ${foreignKey(constraint, name)}`,
      ),
      ...commentsAgain(relation, [constraint], writeName(catalog, relation), catalog),
    ]),
  ];
}
