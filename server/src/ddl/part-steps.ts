/** The single steps that scripts are made of, for partitions and for inheritance children: made, put in place, taken out. */

import { belongingsOf } from "../catalog/belongings.ts";
import { type Catalog, parentOf } from "../catalog/catalog.ts";
import type { Bound } from "../catalog/partitioning.ts";
import type { Relation, TableConstraint } from "../catalog/relation.ts";
import { spellBound } from "../catalog/written-bound.ts";
import { columnNamed } from "../effects/relations/constraint-shape.ts";
import { quoteIdentifier, truncateIdentifier } from "../syntax/names.ts";
import { type Handed, type Hung, handedTo, hungOn, inWords } from "./belongings.ts";
import { checkOf, conditionOf } from "./condition.ts";
import { commentedConstraint } from "./constraint-comments.ts";
import { ownerOf, sameColumnsAs } from "./declarative/carry-over.ts";
import type { Division, Part, TableReference } from "./division.ts";
import { indexNames } from "./index-names.ts";
import { attachLocks, detachLocks, dropLocks, lock, wholeLocks } from "./locks.ts";
import { remadeByAttach, remadeName } from "./remade-constraints.ts";
import type { LockMode, ScriptStep } from "./script.ts";
import { type WriterContext, writeName } from "./writer.ts";

/** A step inside the transaction, with its locks. */
export function step(
  sql: string,
  ...locks: readonly (readonly [Pick<Relation, "schema" | "name">, LockMode])[]
): ScriptStep {
  return { sql, locks: locks.map(([relation, mode]) => lock(relation, mode)), transaction: "inside" };
}

/** LOCK TABLE: nobody reads or writes the table, and what is below it, from there on. */
export function lockWhole(table: Relation, catalog: Catalog): ScriptStep {
  return {
    sql: `LOCK TABLE ${writeName(catalog, table)} IN ACCESS EXCLUSIVE MODE`,
    locks: wholeLocks(table, "ACCESS EXCLUSIVE", catalog),
    transaction: "inside",
  };
}

/**
 * Constraints and triggers that wait for the end of the transaction are checked at once where any of these tables has such: a table
 * that has checks outstanding for rows that came or went cannot be altered.
 */
export function checkedAtOnce(relations: readonly Relation[], catalog: Catalog): readonly ScriptStep[] {
  const isLate = ({ type, references, index }: TableConstraint): boolean => {
    if (type === "foreign-key") return /(?<!NOT )DEFERRABLE/i.test(references?.terms ?? "");
    const definition = index === null ? undefined : catalog.relations.get(index)?.index?.definition;
    return definition?.deferrable === true || definition?.initiallyDeferred === true;
  };
  const waits = relations.some(
    ({ constraints, triggers }) =>
      [...constraints].some(isLate) || triggers.some(({ deferrable }) => deferrable === true),
  );
  return waits ? [step("SET CONSTRAINTS ALL IMMEDIATE")] : [];
}

/** What steps are written for: the table, and which of its parts is the default at that point of the script. */
export interface StepContext extends WriterContext {
  readonly division: Division;
  /** The script has run already: a part that it has placed has one CHECK where there may have been several. */
  readonly undoing?: true | undefined;
  /** The foreign keys that refer to the table have been dropped by then. */
  readonly withoutReferences?: true | undefined;
}

/** Of what a table is made, besides the table that it is made like. */
export interface Making {
  /** Whose own foreign keys it gets, where it is another one. */
  readonly keysOf?: Relation | null | undefined;
  /** What hangs on it, where that is not what hangs on the part that it is made like. */
  readonly hung?: Hung | undefined;
  /**
   * Rows come before the rest of `lateSteps`, in transactions of their own: who reads it then is held to its policies (`seen`), or
   * may not read it at all (`unseen`).
   */
  readonly filled?: "seen" | "unseen" | undefined;
  /** `PARTITION BY …` */
  readonly partitionBy?: string | undefined;
}

/**
 * A table with the columns, constraints and indexes of another one, its owner and its own foreign keys, and what hangs on it but
 * for what waits until it is a part (`lateSteps`); not yet a part.
 */
export function makeTable(
  made: TableReference,
  like: Relation,
  context: StepContext,
  making: Making = {},
): readonly ScriptStep[] {
  const { catalog } = context;
  const handed = handedFor(made, like, context, making);
  const [name, source] = [writeName(catalog, made), writeName(catalog, like)];
  const owner = ownerOf(made.relation ?? like, catalog);
  const unlogged = like.persistence === "unlogged" ? "UNLOGGED " : "";
  return [
    step(
      `CREATE ${unlogged}TABLE ${name} (LIKE ${source} ${sameColumnsAs()})${making.partitionBy ?? ""}${handed.clauses}`,
      [like, "ACCESS SHARE"],
    ),
    ...(owner === null
      ? []
      : [step(`ALTER TABLE ${name} OWNER TO ${quoteIdentifier(owner)}`, [made, "ACCESS EXCLUSIVE"])]),
    ...remadeOfCopy(made, like, context).map((constraint) => dropConstraint(made, constraint, context)),
    ...loosened(made, like, context),
    ...handed.early,
    ...(making.filled === undefined ? [] : handed.secured),
    ...(making.filled === "unseen" ? [] : handed.grants),
    ...ownForeignKeys(making.keysOf ?? made.relation ?? like, context).map(
      ({ name: constraint, columns, references }): ScriptStep => {
        const target = references === null ? null : (catalog.relations.get(references.relation) ?? null);
        const written = target === null ? "" : writeName(catalog, target);
        const to = references === null || references.columns.length === 0 ? "" : ` (${list(references.columns)})`;
        return step(
          `ALTER TABLE ${name} ADD CONSTRAINT ${quoteIdentifier(constraint)} FOREIGN KEY (${list(columns)}) REFERENCES ${written}${to}${terms(references?.terms)}`,
          [made, "SHARE ROW EXCLUSIVE"],
          ...(target === null ? [] : [[target, "SHARE ROW EXCLUSIVE"] as const]),
        );
      },
    ),
  ];
}

/** A table that comes back gets no default and no NOT NULL that it did not have, and the one that it is made like has. */
function loosened(made: TableReference, like: Relation, { catalog }: WriterContext): readonly ScriptStep[] {
  const own = made.relation;
  if (own === null || own.id === like.id) return [];
  const actions = like.columns.flatMap((column) => {
    const before = columnNamed(own, column.name);
    if (before === null) return [];
    return [
      ...(column.hasDefault && !before.hasDefault && column.generated === null ? ["DROP DEFAULT"] : []),
      ...(column.notNull && !before.notNull ? ["DROP NOT NULL"] : []),
    ].map((action) => `ALTER COLUMN ${quoteIdentifier(column.name)} ${action}`);
  });
  return actions.length === 0
    ? []
    : [step(`ALTER TABLE ${writeName(catalog, made)} ${actions.join(", ")}`, [made, "ACCESS EXCLUSIVE"])];
}

/** What LIKE copies though ATTACH is to make it: by name. */
function remadeOfCopy(made: TableReference, like: Relation, context: StepContext): readonly string[] {
  const { division, catalog } = context;
  if (division.scheme !== "declarative") return [];
  const own = made.relation ?? like;
  const remade = remadeByAttach(own, division.table, catalog);
  if (remade.length === 0) return [];
  const names = indexNames(made, { like: own, model: like }, context);
  return remade.flatMap(({ name }) => names.get(name) ?? []);
}

function dropConstraint(table: TableReference, constraint: string, { catalog }: WriterContext): ScriptStep {
  return step(`ALTER TABLE ${writeName(catalog, table)} DROP CONSTRAINT ${quoteIdentifier(constraint)}`, [
    table,
    "ACCESS EXCLUSIVE",
  ]);
}

/** Takes off a table that is to be attached what ATTACH makes once more: in one transaction with it, so that nothing slips in. */
export function withoutRemade(part: Part, context: StepContext): readonly ScriptStep[] {
  const { division, catalog } = context;
  if (division.scheme !== "declarative" || part.relation === null) return [];
  return remadeByAttach(part.relation, division.table, catalog).map(({ name }) => dropConstraint(part, name, context));
}

/** Gives what ATTACH has made in the place of that the name which it had, and the mark of CLUSTER. */
export function remadeAsBefore(part: Part, { division, catalog }: StepContext): readonly ScriptStep[] {
  const { relation } = part;
  if (division.scheme !== "declarative" || relation === null) return [];
  const marked = belongingsOf(catalog, relation).find(({ kind }) => kind === "clustering")?.index;
  return remadeByAttach(relation, division.table, catalog).flatMap((constraint) => {
    const made = remadeName(relation, constraint, catalog);
    const name = quoteIdentifier(constraint.name);
    return [
      ...(made === constraint.name
        ? []
        : [step(`ALTER INDEX ${writeName(catalog, { schema: part.schema, name: made })} RENAME TO ${name}`)]),
      ...(marked === constraint.name
        ? [step(`ALTER TABLE ${writeName(catalog, part)} CLUSTER ON ${name}`, [part, "SHARE UPDATE EXCLUSIVE"])]
        : []),
    ];
  });
}

/** What a table that was made gets once it is a part: triggers, row security, a place in publications. */
export function lateSteps(
  made: TableReference,
  like: Relation,
  context: StepContext,
  making: Making = {},
): readonly ScriptStep[] {
  const { grants, secured, late } = handedFor(made, like, context, making);
  return [...(making.filled === undefined ? secured : []), ...late, ...(making.filled === "unseen" ? grants : [])];
}

/**
 * What a partition loses by DETACH though it is attached again: the triggers that the whole table hands down come anew, and with
 * them whether they fire.
 */
export function statesAgain(part: Part, context: StepContext): readonly ScriptStep[] {
  const { catalog, division } = context;
  if (division.scheme !== "declarative" || part.relation === null) return [];
  const handedDown = new Set(division.table.triggers.filter(({ row }) => row).map(({ name }) => name));
  const states = belongingsOf(catalog, part.relation).filter(({ kind }) => kind === "trigger state");
  // What was said of all of them is said again with what was said of some of them since.
  const isOfAll = handedDown.size > 0 && states.some(({ name }) => name === "*");
  const again = states.filter(({ name }) => isOfAll || handedDown.has(name));
  const hung = { belongings: again, missing: [] };
  return handedTo(part, { like: part.relation, model: part.relation }, hung, context).late;
}

/** What hangs on the part that a table is made like, or has been made like before the script that is undone. */
export function handedFor(made: TableReference, like: Relation, context: StepContext, making: Making = {}): Handed {
  const whose = made.relation ?? like;
  const isPart = whose.id !== context.division.table.id;
  const hung = making.hung ?? (isPart ? withoutMarks(whose, hungOn(whose, context), context) : nothingHung);
  return handedTo(made, { like: whose, model: like }, hung, context, making.partitionBy !== undefined);
}

const nothingHung: Hung = { belongings: [], missing: [] };

/** What says of an index that it is the one by which rows are sorted is of no use where ATTACH is yet to make that index. */
function withoutMarks(whose: Relation, hung: Hung, { division, catalog }: StepContext): Hung {
  if (division.scheme !== "declarative") return hung;
  const remade = new Set(remadeByAttach(whose, division.table, catalog).map(({ name }) => name));
  const marks = hung.belongings.filter(({ index }) => index !== undefined && remade.has(index));
  // The note on such constraints tells of their comments.
  const comments = hung.belongings.filter((each) => remade.has(commentedConstraint(each, whose)?.name ?? ""));
  if (marks.length + comments.length === 0) return hung;
  return {
    belongings: hung.belongings.filter((each) => !marks.includes(each) && !comments.includes(each)),
    missing: [...hung.missing, ...marks.map(inWords)],
  };
}

/** The part bounds its rows no more: it is detached, or without the constraint that tells it from its siblings. */
export function release(part: Part, context: StepContext, hasDefault: boolean): readonly ScriptStep[] {
  const { division, catalog } = context;
  const name = writeName(catalog, part);
  if (division.scheme === "declarative") {
    const isDefault = part.bound.kind === "default";
    // A default partition that is taken out is locked as one.
    const locks = detachLocks(division.table, part, isDefault || hasDefault ? division.defaultPart : null, context);
    return [
      {
        sql: `ALTER TABLE ${writeName(catalog, division.table)} DETACH PARTITION ${name}`,
        locks,
        transaction: "inside",
      },
    ];
  }
  const checks = boundChecks(part, division);
  const placed = context.undoing === true ? [checks[0] ?? newCheckName(part, division)] : checks;
  return placed.map((constraint) =>
    step(`ALTER TABLE ${name} DROP CONSTRAINT ${quoteIdentifier(constraint)}`, [part, "ACCESS EXCLUSIVE"]),
  );
}

/** The table becomes the part with the bound; with `joins` it is no child of the table yet. */
export function place(part: Part, context: StepContext, hasDefault: boolean, joins: boolean): readonly ScriptStep[] {
  const { division, catalog } = context;
  const [name, table] = [writeName(catalog, part), writeName(catalog, division.table)];
  if (division.scheme === "declarative") {
    const bound = spellBound(part.bound, division.key, catalog.settings);
    const locks = attachLocks(division.table, part, hasDefault ? division.defaultPart : null, context);
    return [{ sql: `ALTER TABLE ${table} ATTACH PARTITION ${name}\n  ${bound}`, locks, transaction: "inside" }];
  }
  const [constraint = newCheckName(part, division)] = boundChecks(part, division);
  return [
    ...addCheck(part, constraint, context),
    ...(joins
      ? [
          step(
            `ALTER TABLE ${name} INHERIT ${table}`,
            [part, "ACCESS EXCLUSIVE"],
            [division.table, "SHARE UPDATE EXCLUSIVE"],
          ),
        ]
      : []),
  ];
}

/** The CHECK by which a child is told from its siblings, and by which ATTACH sees that it need not search the table. */
export function addCheck(part: Part, constraint: string, context: StepContext): readonly ScriptStep[] {
  const { division, catalog } = context;
  const check = checkText(part.bound, division);
  return check === null
    ? []
    : [
        step(
          `ALTER TABLE ${writeName(catalog, part)} ADD CONSTRAINT ${quoteIdentifier(constraint)}\n  CHECK (${check})`,
          [part, "ACCESS EXCLUSIVE"],
        ),
      ];
}

/**
 * What the CHECK of a part says. It does not keep NULL out of a child where those that are there do not: rows with NULL may be in
 * them, and constraint exclusion does not mind.
 */
export function checkText(bound: Bound, division: Division): string | null {
  const takesNull =
    division.scheme === "inheritance" &&
    !division.parts.some((part) => {
      const names = boundChecks(part, division);
      return part.relation.constraints.some(({ name, text }) => names.includes(name) && /IS NOT NULL/i.test(text));
    });
  return takesNull ? conditionOf(bound, division.condition) : checkOf(bound, division.condition);
}

export function deleteRows(from: TableReference, condition: string | null, context: StepContext): ScriptStep {
  const where = condition === null ? "" : ` WHERE ${condition}`;
  return step(`DELETE FROM ${writeName(context.catalog, from)}${where}`, [from, "ROW EXCLUSIVE"]);
}

export function dropTable(table: TableReference, context: StepContext): ScriptStep {
  const { catalog, division, withoutReferences } = context;
  return {
    sql: `DROP TABLE ${writeName(catalog, table)}`,
    locks: dropLocks(
      table,
      table.relation ?? division.table,
      catalog,
      withoutReferences === true ? division.table : null,
    ),
    transaction: "inside",
  };
}

/** ANALYZE of tables whose rows have moved: behind the transaction, so that no lock is kept longer for it. */
export function analyze(tables: readonly TableReference[], context: WriterContext): readonly ScriptStep[] {
  const { catalog, inTransaction, version } = context;
  const groups = version >= 11 ? [tables] : tables.map((table) => [table]);
  return groups
    .filter((group) => group.length > 0)
    .map((group) => ({
      sql: `ANALYZE ${group.map((table) => writeName(catalog, table)).join(", ")}`,
      locks: group.map((table) => lock(table, "SHARE UPDATE EXCLUSIVE")),
      transaction: inTransaction ? "inside" : "outside",
    }));
}

/** The CHECK constraints by which a child is told from its siblings. */
export function boundChecks(part: TableReference, { key, scheme }: Division): readonly string[] {
  if (scheme === "declarative" || part.relation === null) return [];
  const keys = new Set(key.elements.flatMap(({ column }) => column ?? []));
  return part.relation.constraints
    .filter(({ type, columns, inheritedFrom }) => {
      return type === "check" && inheritedFrom === 0 && columns.length > 0 && columns.every((each) => keys.has(each));
    })
    .map(({ name }) => name);
}

/** `child_key_check`, as PostgreSQL would name it. */
export function newCheckName(part: TableReference, { key, table }: Division): string {
  const [element] = key.elements;
  const base = truncateIdentifier(`${part.name.slice(0, 40)}_${(element?.column ?? "key").slice(0, 16)}_check`);
  const taken = new Set([...table.constraints, ...(part.relation?.constraints ?? [])].map(({ name }) => name));
  let name = base;
  for (let number = 1; taken.has(name); number += 1) name = `${base}${number}`;
  return name;
}

/** Foreign keys that LIKE does not copy, and ATTACH does not bring: those that the table's parent does not have. */
function ownForeignKeys(like: Relation, { catalog }: StepContext): readonly TableConstraint[] {
  const isPartition = like.partitionOf !== null || parentOf(catalog, like) !== null;
  if (!isPartition) return [];
  return like.constraints.filter(({ type, inheritedFrom }) => type === "foreign-key" && inheritedFrom === 0);
}

function list(columns: readonly string[]): string {
  return columns.map(quoteIdentifier).join(", ");
}

function terms(text: string | undefined): string {
  return text === undefined || text === "" ? "" : ` ${text.trim()}`;
}
