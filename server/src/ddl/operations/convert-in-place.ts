/** A table becomes the default partition of a new one with its name, and its children partitions: no row is copied, and nothing is lost. */

import { belongingsOf, type KeptBelonging } from "../../catalog/belongings.ts";
import { withRelation } from "../../catalog/catalog.ts";
import { layoutOf } from "../../catalog/layout.ts";
import { freshName } from "../../catalog/partition-names.ts";
import type { Relation, TableConstraint } from "../../catalog/relation.ts";
import { spellBound } from "../../catalog/written-bound.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import { besides } from "../ahead-names.ts";
import { type Hung, handedTo, hungOn, inWords } from "../belongings.ts";
import { conditionOf, elementText } from "../condition.ts";
import { commentedConstraint } from "../constraint-comments.ts";
import { ownerOf, referencesTo, rowColumns, uncheckedRows } from "../declarative/carry-over.ts";
import { type Division, type TableReference, undivided } from "../division.ts";
import { cutNote, identityNote, listed, publicationNote, statisticsNote, unreadNote } from "../hand-over-notes.ts";
import { checkHolders } from "../holders.ts";
import { indexNames } from "../index-names.ts";
import { keyLocks, lock, strongest } from "../locks.ts";
import { madeLike, type PartitionColumns } from "../made-like.ts";
import { moveRows } from "../moved-rows.ts";
import { analyze, checkedAtOnce, lockWhole, type StepContext, step } from "../part-steps.ts";
import { assembleScript } from "../print.ts";
import { foreignKey, referencingKeys } from "../reshape.ts";
import { actingKey, firingNote } from "../row-losses.ts";
import type { OperationResult, ScriptStep } from "../script.ts";
import { addUnchecked, dropUnchecked } from "../unchecked-constraints.ts";
import { unfitChild } from "../unfit-child.ts";
import { failed, problem, type WriterContext, writeName } from "../writer.ts";
import { identityAgain, ofLeaves, ownedSequences, sequenceBehind, sequenceNamed, sequenceOf } from "./convert-steps.ts";
import { isOfTriggers, mayRoute, reachesRows, triggersAgain } from "./convert-triggers.ts";

export interface Conversion {
  readonly key: { readonly text: string } & PartitionColumns;
  /** null for a plain table. */
  readonly found: Division | null;
  readonly withoutIndexes: boolean;
  /** Takes the table out of the hands of an extension. */
  readonly letGo: readonly ScriptStep[];
}

/** The script of it, and of the way back. */
export function convertInPlace(table: Relation, conversion: Conversion, context: WriterContext): OperationResult {
  const { key, found, withoutIndexes, letGo } = conversion;
  const { catalog, version } = context;
  const name = writeName(catalog, table);
  const division = found ?? undivided(table, context);
  const steps: StepContext = { ...context, division };
  const old = {
    schema: table.schema,
    name: freshName(catalog, table.schema, besides(table.name, "default"), new Set()),
    relation: table,
  };
  const oldName = writeName(catalog, old);
  const children = found?.parts.filter(({ bound }) => bound.kind !== "unknown") ?? [];
  if (children.length < (found?.parts.length ?? 0))
    return problem(
      `not all children of ${name} have a bound: give each of them a CHECK constraint on the key`,
      "table",
    );
  const unfit = found === null ? null : unfitChild(found, withoutIndexes, context);
  if (unfit !== null) return problem(unfit, "table");
  const referring = referencesTo(table, catalog);
  if (version < 12 && referring.length > 0)
    return problem(
      `PostgreSQL 11 has no foreign keys to partitioned tables: ${listed(referring.map((each) => writeName(catalog, each)))} refers to ${name}`,
      "table",
    );
  const carried = carriedOver(table, old, conversion, steps);
  if ("message" in carried) return failed(carried);
  const { handed, moved, routing, indexes, sequences, keys: own } = carried;
  const columns = rowColumns(table);
  const nullable = division.key.elements.filter(
    ({ column }) => column === null || table.columns.some(({ name: own, notNull }) => own === column && !notNull),
  );
  // A child's CHECK lets NULL pass, and a range does not take it.
  const nulls = nullable.map((element) => `${elementText(element)} IS NULL`).join(" OR ");
  const withStrays = children.filter(
    ({ bound }) => nulls !== "" && !(bound.kind === "list" && bound.values.includes(null)),
  );
  const acting = withStrays.flatMap(({ relation }) => actingKey(relation, context) ?? [])[0];
  if (acting !== undefined)
    return problem(`rows whose key is NULL go to ${oldName}, and ${acting}; or give the key NOT NULL`, "table");
  // With the triggers that it keeps.
  const gone = new Set([...routing, ...moved]);
  const left: Relation = { ...table, triggers: table.triggers.filter(({ name: trigger }) => !gone.has(trigger)) };
  const strays = withStrays.map((part) => moveRows(part, { ...old, relation: left }, nulls, columns, context));
  const sorted = children.map((part) =>
    moveRows(old, part, conditionOf(part.bound, division.condition) ?? "false", columns, context),
  );
  const owner = ownerOf(table, catalog);
  // The table that gets the name.
  const fresh: TableReference = { schema: table.schema, name: table.name, relation: null };
  const keys = referencingKeys(steps);
  const inherit = (verb: string, parent: string): readonly ScriptStep[] =>
    children.map((part) =>
      step(`ALTER TABLE ${writeName(catalog, part)} ${verb} ${parent}`, [part, "ACCESS EXCLUSIVE"]),
    );
  const bounds = children.map((part) => ({ part, bound: spellBound(part.bound, division.key, catalog.settings) }));
  const named = (each: string): string => writeName(catalog, { schema: table.schema, name: each });
  const rename = (verb: string, from: string, to: string): readonly ScriptStep[] =>
    from === to ? [] : [step(`ALTER ${verb} ${named(from)} RENAME TO ${quoteIdentifier(to)}`)];
  const without = withoutIndexes ? " EXCLUDING INDEXES" : "";
  const owned = ownedSequences(table, catalog);
  const ownedBy = (of: string): readonly ScriptStep[] =>
    owned.map((sequence) =>
      step(
        `ALTER SEQUENCE ${writeName(catalog, sequence)} OWNED BY ${of}.${quoteIdentifier(sequence.ownedByColumn ?? "")}`,
      ),
    );
  const targets = own.flatMap(({ references }) => catalog.relations.get(references?.relation ?? -1) ?? []);
  // Triggers that fire for rows come to the partition too.
  const ofPart = lock(old, "SHARE ROW EXCLUSIVE");
  const title = `Convert ${name} to a table partitioned by ${key.strategy} (${key.text})`;
  const forward: readonly ScriptStep[] = [
    lockWhole(table, catalog),
    ...(children.length === 0 ? [] : checkedAtOnce([table, ...children.map(({ relation }) => relation)], catalog)),
    ...letGo,
    ...keys.drop,
    ...[...routing, ...moved].map((trigger) =>
      step(`DROP TRIGGER ${quoteIdentifier(trigger)} ON ${name}`, [table, "ACCESS EXCLUSIVE"]),
    ),
    ...inherit("NO INHERIT", name),
    checkHolders([table], context),
    step(`ALTER TABLE ${name} RENAME TO ${quoteIdentifier(old.name)}`, [table, "ACCESS EXCLUSIVE"]),
    step(
      `CREATE TABLE ${name} (LIKE ${oldName} INCLUDING ALL${without})\n  PARTITION BY ${key.strategy.toUpperCase()} (${key.text})${handed.clauses}`,
    ),
    ...(owner === null ? [] : [step(`ALTER TABLE ${name} OWNER TO ${quoteIdentifier(owner)}`)]),
    ...handed.early,
    ...dropUnchecked(fresh, uncheckedRows(table), context),
    ...addUnchecked(fresh, uncheckedRows(table), context),
    ...sequences.flatMap(({ column, old: before, made }) => [
      step(`SELECT setval(${sequenceOf(name, column)}, nextval(${sequenceOf(oldName, column)}), false)`),
      step(`ALTER TABLE ${oldName} ALTER COLUMN ${quoteIdentifier(column)} DROP IDENTITY`, [old, "ACCESS EXCLUSIVE"]),
      ...(before === null || made === null ? [] : rename("SEQUENCE", made, before)),
    ]),
    ...ownedBy(name),
    ...indexes.flatMap(({ own: wanted, left, made }) => [
      ...rename("INDEX", wanted, left),
      ...rename("INDEX", made, wanted),
    ]),
    ...own.map((constraint) => {
      const target = catalog.relations.get(constraint.references?.relation ?? -1);
      return {
        ...step(
          `ALTER TABLE ${name} ADD CONSTRAINT ${quoteIdentifier(constraint.name)} ${foreignKey(constraint, target === undefined ? "" : writeName(catalog, target))}`,
        ),
        locks: target === undefined ? [] : keyLocks(target, target, "SHARE ROW EXCLUSIVE", catalog),
      };
    }),
    ...strays,
    ...bounds.map(({ part, bound }) =>
      step(`ALTER TABLE ${name} ATTACH PARTITION ${writeName(catalog, part)}\n  ${bound}`, [part, "ACCESS EXCLUSIVE"]),
    ),
    ...sorted,
    {
      ...step(`ALTER TABLE ${name} ATTACH PARTITION ${oldName} DEFAULT`, [old, "ACCESS EXCLUSIVE"]),
      locks: strongest([
        lock(old, "ACCESS EXCLUSIVE"),
        // A key that the table has becomes that of the new one, and its triggers go.
        ...targets.flatMap((target) => keyLocks(target, target, "ACCESS EXCLUSIVE", catalog)),
      ]),
    },
    ...handed.grants,
    ...handed.secured,
    ...handed.late.map((each) =>
      reachesRows(each, table, moved) ? { ...each, locks: [...each.locks, ofPart] } : each,
    ),
    ...keys.add.map((each) =>
      each.locks.length === 0 ? each : { ...each, locks: [...each.locks, lock(old, "SHARE ROW EXCLUSIVE")] },
    ),
    // Nobody else does: autovacuum leaves partitioned tables out. What is below it is looked at too.
    ...analyze([fresh], context).map((each) => ({
      ...each,
      locks: [fresh, old, ...children].map((relation) => lock(relation, "SHARE UPDATE EXCLUSIVE")),
    })),
  ];
  const triggers = triggersAgain(table, [...routing, ...moved], context);
  const undo: readonly ScriptStep[] | null =
    letGo.length > 0 || triggers === null
      ? null
      : [
          step(`LOCK TABLE ${name} IN ACCESS EXCLUSIVE MODE`),
          ...keys.drop,
          step(`ALTER TABLE ${name} DETACH PARTITION ${oldName}`),
          ...children.map((part) => step(`ALTER TABLE ${name} DETACH PARTITION ${writeName(catalog, part)}`)),
          ...ownedBy(oldName),
          ...table.columns.flatMap(({ name: column, identity }) =>
            identity === null ? [] : [identityAgain(oldName, name, column, identity)],
          ),
          step(`DROP TABLE ${name}`),
          step(`ALTER TABLE ${oldName} RENAME TO ${quoteIdentifier(table.name)}`),
          ...sequences.flatMap(({ column, old: before }) =>
            before === null ? [] : [sequenceNamed(name, column, before)],
          ),
          ...indexes.flatMap(({ own: wanted, left }) => rename("INDEX", left, wanted)),
          ...inherit("INHERIT", name),
          ...triggers,
          ...keys.add,
        ];
  const refer = referring.map((relation) => writeName(catalog, relation));
  return {
    ok: true,
    value: assembleScript(
      {
        title,
        comment: [
          `${title}. The table as it is becomes the default partition ${oldName}; ${children.length > 0 ? `rows of it that belong to a child go there.` : "no row is copied."}`,
          `${name} is locked (ACCESS EXCLUSIVE) up to COMMIT${children.length > 0 ? ", while ATTACH makes the indexes that children lack, and searches those without NOT NULL on the key" : ", which is soon"}.`,
          undo === null
            ? "There is no undo by script: what trigger or extension was there does not come back by itself."
            : `Undo: detach, drop the empty table, and give the old one its name back${children.length > 0 ? "; indexes and keys that ATTACH has given to the children stay with them" : ""}.`,
        ],
        steps: forward,
        notes: [
          `Then move the rows that are in ${oldName} to partitions of their own: move-rows with create.`,
          identityNote(name, oldName),
          unreadNote(name, oldName, table),
          ...(withoutIndexes
            ? [
                `Unique constraints that lack the key stay on the single partitions: across all of them nothing checks them any more. So the new ${name} is made without indexes: create those that partitions to come are to have.`,
              ]
            : []),
          ...(routing.length > 0
            ? [`PostgreSQL routes the rows now: the trigger ${routing.join(", ")} is dropped.`]
            : []),
          ...(children.length === 0 ? [] : firingNote(table, children, [...routing, ...moved])),
          ...(refer.length > 0
            ? [`Foreign keys of ${refer.join(", ")} are checked anew, which reads those tables.`]
            : []),
          ...(handed.missing.length > 0
            ? [`The new ${name} does not get, and ${oldName} keeps: ${listed(handed.missing)}.`]
            : []),
          ...statisticsNote([table], context),
          ...publicationNote(belongingsOf(catalog, table)),
          ...cutNote(context),
          ...(table.origin.kind === "database"
            ? []
            : [
                "Privileges, policies, triggers and the like are copied as far as these files show them: connect to a database for all of them.",
              ]),
        ],
        undo,
      },
      context.inTransaction,
    ),
  };
}

/** What goes over to the new table, and what is called otherwise on the way. */
interface CarriedOver {
  readonly handed: ReturnType<typeof handedTo>;
  /** Triggers that go from the one to the other. */
  readonly moved: readonly string[];
  /** Triggers that have sent rows to children, for which PostgreSQL does it now. */
  readonly routing: readonly string[];
  /** An index of the table, what it is called from then on, and what the one of the new table is called that gets its name. */
  readonly indexes: readonly { readonly own: string; readonly left: string; readonly made: string }[];
  /** Of identity columns: the sequence that goes, and the one that takes its name. */
  readonly sequences: readonly { readonly column: string; readonly old: string | null; readonly made: string | null }[];
  /** Its foreign keys, which the new one gets too. */
  readonly keys: readonly TableConstraint[];
}

function carriedOver(
  table: Relation,
  old: TableReference,
  { key, found, withoutIndexes }: Conversion,
  context: StepContext,
): CarriedOver | { readonly message: string; readonly argument: string } {
  const { catalog, version } = context;
  const fresh: TableReference = { schema: table.schema, name: table.name, relation: null };
  // As things are called when the new one is made.
  const model: Relation = { ...table, name: old.name };
  const then: StepContext = { ...context, catalog: withRelation(catalog, model) };
  const copy = withoutIndexes ? null : madeLike(fresh, model, key, then);
  if (copy !== null && "message" in copy) return { message: copy.message, argument: "key" };
  const hung = hungOn(table, context);
  const routing =
    layoutOf(table)?.routedBy === "trigger"
      ? table.triggers.filter((trigger) => mayRoute(trigger, context)).map(({ name }) => name)
      : [];
  const staying = table.triggers
    .filter(({ row, timing, transitionTables }) =>
      // Of a table with children they are fired by its own rows alone; of a partitioned one by those of all partitions.
      row ? found !== null || transitionTables || (timing === "before" && version < 13) : false,
    )
    .map(({ name }) => name);
  const kept = new Set([...staying, ...routing]);
  const stayingKeys = keysOf(table).filter(({ validated, enforced }) => found !== null || !(validated && enforced));
  const goingKeys = keysOf(table).filter((constraint) => !stayingKeys.includes(constraint));
  const goesOver = (each: KeptBelonging): boolean => {
    if (ofLeaves.has(each.kind) || isOfTriggers(each, kept)) return false;
    const constraint = commentedConstraint(each, table);
    // Keys to itself get theirs when they are added, behind all that is handed over.
    if (
      constraint != null &&
      (constraint.type === "foreign-key"
        ? !goingKeys.includes(constraint)
        : withoutIndexes && constraint.index !== null)
    )
      return false;
    return each.kind !== "publication" || (version >= 13 && !isByCondition(each));
  };
  const stays: Hung = {
    belongings: hung.belongings.filter(goesOver),
    missing: [
      ...hung.missing,
      ...(withoutIndexes ? indexesOf(table, context).map((name) => `the index ${quoteIdentifier(name)}`) : []),
      ...staying.filter((name) => !routing.includes(name)).map((name) => `the trigger ${name}`),
      ...stayingKeys.map(({ name }) => `the foreign key ${name}`),
      ...hung.belongings.filter((each) => each.kind === "publication" && !goesOver(each)).map(inWords),
    ],
  };
  const handed = handedTo(fresh, { like: table, model: table }, stays, context, true);
  const told = new Set(stays.belongings.flatMap(({ kind, name }) => (kind === "trigger" ? [name] : [])));
  const moved = table.triggers
    .map(({ name }) => name)
    .filter((name) => told.has(name) && !handed.missing.includes(`the trigger ${name}`));
  const names = withoutIndexes ? new Map<string, string>() : indexNames(fresh, { like: table, model }, then);
  const lefts = indexNames(old, { like: table, model: table }, context);
  const taken = new Set([...names.values()]);
  const indexes = [...names].map(([own, made]) => {
    const left = freshName(catalog, table.schema, lefts.get(own) ?? besides(own, "default"), taken);
    taken.add(left);
    return { own, left, made };
  });
  const sequences = table.columns.flatMap(({ name, identity }) =>
    identity === null
      ? []
      : [
          {
            column: name,
            old: sequenceBehind(table, name, context),
            made: copy === null ? null : sequenceBehind(copy.table, name, copy),
          },
        ],
  );
  return {
    handed: {
      ...handed,
      missing: [
        ...handed.missing,
        ...table.triggers
          .map(({ name }) => name)
          .filter((name) => !told.has(name) && !kept.has(name))
          .map((name) => `the trigger ${name}`),
      ],
    },
    moved,
    routing,
    indexes,
    sequences,
    keys: goingKeys,
  };
}

function indexesOf({ constraints, indexes }: Relation, { catalog }: WriterContext): readonly string[] {
  const behind = [...constraints].flatMap(({ index }) => index ?? []);
  return [...new Set([...behind, ...indexes])].flatMap((id) => catalog.relations.get(id)?.name ?? []);
}

/** Its foreign keys; those to itself change places as those of others do. */
function keysOf({ id, constraints }: Relation): readonly TableConstraint[] {
  return constraints.filter(({ type, references }) => type === "foreign-key" && references?.relation !== id);
}

/** Of a partitioned table only publish_via_partition_root allows it. */
function isByCondition({ sql }: KeptBelonging): boolean {
  return / WHERE /i.test(sql?.[1] ?? "");
}
