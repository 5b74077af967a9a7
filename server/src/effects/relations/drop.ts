/** DROP of tables, views, indexes, sequences, types, schemas, triggers, rules, functions and extensions. */

import { type Catalog, relationById, withRelation } from "../../catalog/catalog.ts";
import { mayBeOther } from "../../catalog/doubt.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import { withoutManagersBy } from "../../catalog/managers.ts";
import { withoutPathman } from "../../catalog/pathman-config.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Drop, PlacedStatement } from "../../syntax/statement.ts";
import { inDoubt, withPerhapsKept } from "../doubt.ts";
import { type ApplyContext, applied, type Outcome, type Refusal, regarding, rejected } from "../outcome.ts";
import { viewsOn } from "../queries/columns-read.ts";
import { taintAll } from "../taint.ts";
import { type Deletion, deleteAll, deletionOf } from "./dependencies.ts";
import { type Blocker, dependencyRefusal } from "./dependency-refusal.ts";
import { childrenOf } from "./descendants.ts";
import { dropIndexes } from "./drop-index.ts";
import { dropSchemas } from "./drop-schema.ts";
import { findTargets, type RelationType } from "./drop-targets.ts";
import { dropTypes } from "./drop-type.ts";
import { dropFunctions, functionNeeding } from "./functions.ts";
import { addRowTypes, withoutTypes } from "./goes-along.ts";
import { lookUpRelation, relationMissing } from "./lookup.ts";
import { describeRelation, visibleName } from "./object-description.ts";
import { namesInCode, withPerhapsGone } from "./perhaps-goes-along.ts";
import { describeRowTypeUser, type RowTypeUser, usersOfRowType } from "./row-types.ts";
import { ruleMissing, triggerMissing } from "./triggers.ts";

/** Applies DROP; null for any other statement. */
export function applyDrop(catalog: Catalog, placed: PlacedStatement, context: ApplyContext): Outcome | null {
  const { statement } = placed;
  return statement.kind === "drop" ? drop(catalog, statement, context) : null;
}

function drop(catalog: Catalog, statement: Drop, context: ApplyContext): Outcome {
  switch (statement.objectType) {
    case "table":
    case "foreign-table":
    case "view":
    case "materialized-view":
    case "sequence":
      return dropRelations(catalog, statement);
    case "index":
      return dropIndexes(catalog, statement, context);
    case "schema":
      return dropSchemas(catalog, statement);
    case "type":
    case "domain":
      return dropTypes(catalog, statement);
    case "trigger":
      return dropTrigger(catalog, statement);
    case "rule":
      return dropRule(catalog, statement);
    case "function":
      return dropFunctions(catalog, statement);
    case "extension":
      return dropExtensions(catalog, statement);
    case "role":
    case "database":
      return applied(catalog);
    case "other":
      if (!statement.cascade || !takesRelations.test(context.text ?? "")) return applied(catalog);
      return applied(taintAll(catalog), "what DROP … CASCADE takes along is not followed");
  }
}

/** Objects of which indexes, columns and tables are made. */
const takesRelations =
  /^drop\s+(?:access\s+method|aggregate|cast|collation|foreign\s+data|language|operator|procedural|server|text\s+search)\b/i;

function dropRelations(catalog: Catalog, statement: Drop): Outcome {
  const found = findTargets(catalog, statement, statement.objectType as RelationType);
  if (found.kind === "rejected") return found;
  const { targets } = found;
  for (const target of targets) {
    const required = target.kind === "sequence" ? sequenceRequired(catalog, target, statement) : null;
    if (required !== null) return required;
  }
  const deletion = deletionOf(catalog, targets);
  const held = rowsHeldElsewhere(catalog, deletion);
  const refusal = blocked(
    catalog,
    statement,
    targets,
    [
      ...deletion.blockers,
      ...held.map((user) => ({ line: describeRowTypeUser(catalog, user), relation: user.relation.id })),
      // A view may read a part of such a row.
    ],
    !held.some(({ relation }) => viewsOn(catalog, relation.id).length > 0),
  );
  if (refusal !== null) return refusal;
  const left = deleteAll(found.catalog, deletion);
  const rowTypes = new Set<string>();
  if (held.length > 0) addRowTypes(found.catalog, left, rowTypes);
  let after = held.length === 0 ? left : withoutTypes(left, rowTypes);
  const going = [...deletion.relations].map((id) => relationById(catalog, id)).filter((relation) => relation !== null);
  const needed = [...targets, ...going.filter(({ kind }) => kind === "sequence")];
  const mentioned = needed.find(({ mentionedBy }) => mentionedBy?.elsewhere === true);
  if (statement.cascade && mentioned?.kind === "sequence")
    return applied(taintAll(after), `what goes along with "${mentioned.name}" is not known`);
  const needing = statement.cascade ? undefined : needed.find(({ name }) => functionNeeding(catalog, name) !== null);
  if (needing !== undefined) {
    return inDoubt(catalog, applied(after), `whether a function uses the rows of "${needing.name}" is not known`);
  }
  if (!statement.cascade && mentioned !== undefined) {
    return inDoubt(catalog, applied(after), `whether something else needs "${mentioned.name}" is not known`);
  }
  const rows = statement.cascade ? namesInCode(catalog, going) : noNames;
  if (rows.size > 0) {
    const gone = withPerhapsGone(after, { types: rows, functions: noNames, schemas: noNames });
    if (gone.kind === "rejected") return gone;
    after = gone.catalog;
  }
  if (!going.some(mayBeOther)) return applied(after);
  if (targets.some(mayBeOther) && !statement.cascade) {
    return inDoubt(catalog, applied(after), "whether something depends on it is not known");
  }
  const others = going.filter((relation) => !targets.includes(relation)).map(({ id }) => id);
  return applied(withPerhapsKept(catalog, after, others), "whether all of what goes along does is not known");
}

/** The columns of other relations that hold rows of what is to go. */
function rowsHeldElsewhere(catalog: Catalog, { relations }: Deletion): readonly RowTypeUser[] {
  if (catalog.rowHolders.size === 0) return [];
  const users = [...relations].flatMap((id) => {
    const relation = relationById(catalog, id);
    return relation === null ? [] : usersOfRowType(catalog, relation);
  });
  return users.filter(({ relation }) => !relations.has(relation.id));
}

/** The sequence of an identity column cannot go alone. */
function sequenceRequired(catalog: Catalog, sequence: Relation, statement: Drop): Refusal | null {
  const [tableId] = sequence.dependsOn;
  const table = tableId === undefined ? null : relationById(catalog, tableId);
  const column = table?.columns.find((candidate) => candidate.name === sequence.ownedByColumn);
  if (table === null || column === undefined || column.identity === null) return null;
  const name = visibleName(catalog, sequence);
  const of = `column ${column.name} of table ${visibleName(catalog, table)}`;
  const [first] = statement.names;
  const range = first?.range ?? { start: 0, end: 0 };
  const message = `cannot drop sequence ${name} because ${of} requires it`;
  const hint = `You can drop ${of} instead.`;
  return regarding(rejected("statement-rejected", "2BP01", message, range, { hint }), table);
}

function blocked(
  catalog: Catalog,
  statement: Drop,
  targets: readonly Relation[],
  blockers: readonly Blocker[],
  isWhole: boolean,
): Refusal | null {
  const [target] = targets;
  if (blockers.length === 0 || statement.cascade || target === undefined) return null;
  const message =
    targets.length === 1
      ? `cannot drop ${describeRelation(catalog, target)} because other objects depend on it`
      : "cannot drop desired object(s) because other objects depend on them";
  return dependencyRefusal(message, blockers, statement, isWhole);
}

function dropTrigger(catalog: Catalog, statement: Drop): Outcome {
  const [name] = statement.names;
  const { member } = statement;
  if (name === undefined || member === null) return applied(catalog);
  const found = lookUpRelation(catalog, name);
  if (found.kind === "absent") return statement.ifExists ? applied(catalog) : relationMissing(catalog, name);
  if (found.kind === "unknown") return applied(catalog);
  const table = found.relation;
  const trigger = table.triggers.find((candidate) => candidate.name === member.name);
  if (trigger === undefined) {
    if (statement.ifExists || table.knowledge !== "full") return applied(catalog);
    return triggerMissing(table, member.name, member.range);
  }
  const parent = table.partitionOf === null ? null : relationById(catalog, table.partitionOf.parent);
  const cloned = trigger.row && parent?.triggers.some((other) => other.name === trigger.name && other.row) === true;
  if (cloned && parent !== null) {
    const of = `trigger ${trigger.name} on table ${visibleName(catalog, parent)}`;
    const message = `cannot drop trigger ${trigger.name} on table ${visibleName(catalog, table)} because ${of} requires it`;
    const hint = `You can drop ${of} instead.`;
    return regarding(rejected("inherited-change", "2BP01", message, member.range, { hint }), parent);
  }
  return applied(withoutTrigger(catalog, table, trigger.name));
}

function withoutTrigger(catalog: Catalog, table: Relation, trigger: string): Catalog {
  const triggers = table.triggers.filter((other) => other.name !== trigger);
  let next = withRelation(catalog, { ...table, triggers });
  if (!isPartitioned(table)) return next;
  for (const partition of childrenOf(next, table)) next = withoutTrigger(next, partition, trigger);
  return next;
}

function dropRule(catalog: Catalog, statement: Drop): Outcome {
  const [name] = statement.names;
  const { member } = statement;
  if (name === undefined || member === null) return applied(catalog);
  const found = lookUpRelation(catalog, name);
  if (found.kind === "absent") return statement.ifExists ? applied(catalog) : relationMissing(catalog, name);
  if (found.kind === "unknown") return applied(catalog);
  const { relation } = found;
  if (!relation.rules.includes(member.name)) {
    if (statement.ifExists || relation.knowledge !== "full" || relation.kind === "view") return applied(catalog);
    return ruleMissing(relation, member.name, member.range);
  }
  const rules = relation.rules.filter((rule) => rule !== member.name);
  const code = relation.code?.filter((each) => each.kind !== "rule" || each.name !== member.name);
  return applied(withRelation(catalog, { ...relation, rules, code }));
}

function dropExtensions(catalog: Catalog, statement: Drop): Outcome {
  let { extensions } = catalog;
  for (const { name, range } of statement.names) {
    if (!extensions.has(name) && catalog.complete && !catalog.tainted && !statement.ifExists && name !== "plpgsql") {
      return rejected("unknown-relation", "42704", `extension "${name}" does not exist`, range);
    }
    extensions = extensions.without(name);
  }
  const gone = statement.names.map(({ name }) => name);
  const before = catalog.droppedExtensions?.filter(({ name }) => !gone.includes(name)) ?? [];
  const now = gone.map((name) => ({ name, schema: catalog.extensions.get(name)?.schema ?? null }));
  const next = withoutManagersBy({ ...catalog, extensions, droppedExtensions: [...before, ...now] }, gone);
  return applied(gone.includes("pg_pathman") ? withoutPathman(next) : next);
}

const noNames: ReadonlySet<string> = new Set();
