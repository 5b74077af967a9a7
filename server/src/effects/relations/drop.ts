/** DROP of tables, views, indexes, sequences, types, schemas, triggers, rules, functions and extensions. */

import {
  type Catalog,
  effectivePath,
  nameKey,
  relationById,
  schemaMayExist,
  withRelation,
} from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import { withoutManagersBy } from "../../catalog/managers.ts";
import { withoutPathman } from "../../catalog/pathman-config.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { RelationName } from "../../syntax/names.ts";
import type { Drop, PlacedStatement } from "../../syntax/statement.ts";
import { inDoubt, withPerhapsKept } from "../doubt.ts";
import { type ApplyContext, applied, type Outcome, type Refusal, regarding, rejected } from "../outcome.ts";
import { viewsOn } from "../queries/columns-read.ts";
import { taintAll } from "../taint.ts";
import { foreignKeysUsing, removeIndex } from "./alter-constraints.ts";
import { constraintOfIndex } from "./constraint-shape.ts";
import { type Deletion, deleteAll, deletionOf } from "./dependencies.ts";
import { type Blocker, dependencyRefusal } from "./dependency-refusal.ts";
import { childrenOf } from "./descendants.ts";
import { dropSchemas } from "./drop-schema.ts";
import { dropTypes } from "./drop-type.ts";
import { dropFunctions, functionNeeding } from "./functions.ts";
import { addRowTypes, withoutTypes } from "./goes-along.ts";
import { lookUpRelation, relationMissing } from "./lookup.ts";
import { describeRelation, visibleName } from "./object-description.ts";
import { refuseInTransaction } from "./outside-transaction.ts";
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

type RelationType = "table" | "foreign-table" | "view" | "materialized-view" | "sequence" | "index";

const nouns: Readonly<Record<RelationType, string>> = {
  table: "table",
  "foreign-table": "foreign table",
  view: "view",
  "materialized-view": "materialized view",
  sequence: "sequence",
  index: "index",
};

/** The relations named that exist, or the first refusal. */
function findTargets(
  catalog: Catalog,
  statement: Drop,
  type: RelationType,
):
  | {
      readonly kind: "targets";
      readonly targets: readonly Relation[];
      /** The catalog in which names that PostgreSQL would have dropped if there were any are known to be absent. */
      readonly catalog: Catalog;
    }
  | Refusal {
  const targets: Relation[] = [];
  let next = catalog;
  for (const name of statement.names) {
    const found = lookUpRelation(catalog, name);
    if (found.kind === "found") {
      const wrong = wrongType(found.relation, type, name);
      if (wrong !== null) return wrong;
      targets.push(found.relation);
      continue;
    }
    if (found.kind === "absent" && !statement.ifExists) return targetMissing(catalog, name, type);
    if (found.kind === "unknown") next = withKnownAbsent(next, name);
  }
  return { kind: "targets", targets: [...new Set(targets)], catalog: next };
}

function withKnownAbsent(catalog: Catalog, name: RelationName): Catalog {
  const schemas = name.schema === null ? effectivePath(catalog) : [name.schema];
  const [schema] = schemas;
  // With several schemas on the path it is open which of them has lost its relation.
  if (schema === undefined || schemas.length > 1) return catalog;
  return { ...catalog, knownAbsent: catalog.knownAbsent.with(nameKey(schema, name.name), true) };
}

function targetMissing(catalog: Catalog, name: RelationName, type: RelationType): Refusal {
  if (name.schema !== null && !schemaMayExist(catalog, name.schema)) {
    return rejected("unknown-relation", "3F000", `schema "${name.schema}" does not exist`, name.range);
  }
  const sqlstate = type === "index" ? "42704" : "42P01";
  return rejected("unknown-relation", sqlstate, `${nouns[type]} "${name.name}" does not exist`, name.range);
}

function wrongType(relation: Relation, type: RelationType, name: RelationName): Refusal | null {
  const actual = relationType(relation);
  if (actual === null || actual === type || relation.knowledge === "assumed") return null;
  const message = `"${relation.name}" is not ${type === "index" ? "an" : "a"} ${nouns[type]}`;
  const article = actual === "index" ? "an" : "a";
  return rejected("statement-rejected", "42809", message, name.range, {
    hint: `Use DROP ${nouns[actual].toUpperCase()} to remove ${article} ${nouns[actual]}.`,
  });
}

function relationType({ kind }: Relation): RelationType | null {
  switch (kind) {
    case "partitioned-table":
      return "table";
    case "partitioned-index":
      return "index";
    case "composite-type":
      return null;
    default:
      return kind;
  }
}

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
  const isDoubtful = (relation: Relation): boolean => relation.knowledge === "tainted";
  if (!going.some(isDoubtful)) return applied(after);
  if (targets.some(isDoubtful) && !statement.cascade) {
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

function dropIndexes(catalog: Catalog, statement: Drop, context: ApplyContext): Outcome {
  const [first] = statement.names;
  const range = first?.range ?? { start: 0, end: 0 };
  if (statement.concurrently) {
    const refusal = refuseInTransaction("DROP INDEX CONCURRENTLY", range, context);
    if (refusal !== null) return refusal;
    if (statement.names.length > 1) {
      const message = "DROP INDEX CONCURRENTLY does not support dropping multiple objects";
      return rejected("statement-rejected", "0A000", message, range);
    }
    if (statement.cascade) {
      return rejected("statement-rejected", "0A000", "DROP INDEX CONCURRENTLY does not support CASCADE", range);
    }
  }
  const found = findTargets(catalog, statement, "index");
  if (found.kind === "rejected") return found;
  let next = found.catalog;
  for (const index of found.targets) {
    // On temporary tables the word has no effect.
    if (statement.concurrently && index.kind === "partitioned-index" && index.persistence !== "temporary") {
      const message = `cannot drop partitioned index "${index.name}" concurrently`;
      return rejected("index-concurrently-partitioned", "0A000", message, range);
    }
    const refusal = indexRequired(catalog, index, statement);
    if (refusal !== null) return refusal;
    next = removeIndex(next, index.id);
  }
  return applied(next);
}

function indexRequired(catalog: Catalog, index: Relation, statement: Drop): Refusal | null {
  const range = statement.names.find((name) => name.name === index.name)?.range ?? { start: 0, end: 0 };
  const name = visibleName(catalog, index);
  const cannot = (by: string): Refusal =>
    rejected("inherited-change", "2BP01", `cannot drop index ${name} because ${by} requires it`, range, {
      hint: `You can drop ${by} instead.`,
    });
  if (index.index === null) return null;
  if (index.index.attachedTo !== null) {
    const parent = relationById(catalog, index.index.attachedTo);
    if (parent !== null) return regarding(cannot(describeRelation(catalog, parent)), parent);
  }
  const table = relationById(catalog, index.index.table);
  if (table === null) return null;
  const constraint = constraintOfIndex(table, index.id);
  if (constraint !== null) {
    return regarding(cannot(`constraint ${constraint.name} on table ${visibleName(catalog, table)}`), table);
  }
  if (!index.index.unique || statement.cascade) return null;
  const columns = index.index.columns.filter((column) => column !== null);
  const users = foreignKeysUsing(catalog, table, {
    type: "unique",
    name: index.name,
    columns,
    expression: null,
    text: "",
    validated: true,
    enforced: true,
    noInherit: true,
    local: true,
    inheritedFrom: 0,
    index: index.id,
    references: null,
    origin: index.origin,
  });
  // With another key on the same columns it is open which of them a foreign key rests on.
  const alternatives = table.constraints.some(
    (other) =>
      other.index !== null &&
      other.columns.length === columns.length &&
      columns.every((column) => other.columns.includes(column)),
  );
  if (users.length === 0 || alternatives) return null;
  const lines = users.map((user) => ({
    line: `constraint ${user.name} on table ${visibleName(catalog, user.relation)} depends on index ${name}`,
    relation: user.relation.id,
  }));
  return dependencyRefusal(`cannot drop index ${name} because other objects depend on it`, lines, statement);
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
