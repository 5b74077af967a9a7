/** RENAME of relations, columns, constraints, schemas, types and triggers. */

import { type Catalog, effectivePath, nameKey, relationById, withRelation } from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import type { Relation, RelationId, TableConstraint } from "../../catalog/relation.ts";
import type { PlacedStatement, Rename } from "../../syntax/statement.ts";
import { type ApplyContext, applied, type Outcome, type Refusal, regarding, rejected } from "../outcome.ts";
import { isPerhapsShared } from "../running/shared-objects.ts";
import { columnNamed, constraintNamed, constraintOfIndex, replaceConstraint } from "./constraint-shape.ts";
import { withoutLabels } from "./create-type.ts";
import { withoutNamesake } from "./dependencies.ts";
import { childrenOf, descendantsOf, hasChildren, parentsOf } from "./descendants.ts";
import {
  displayName,
  hasRowType,
  isAbsent,
  lookUpRelation,
  nameTaken,
  relationInTheWay,
  relationMissing,
  rowTypeInTheWay,
} from "./lookup.ts";
import { withRenamedColumn } from "./rename-column.ts";
import { only, withRowTypeRenamed, withTypesRenamed } from "./renamed-types.ts";
import { triggerMissing } from "./triggers.ts";
import { changeOfTypedTables } from "./typed-tables.ts";

/** Applies ALTER … RENAME; null for any other statement. */
export function applyRename(catalog: Catalog, placed: PlacedStatement, context: ApplyContext): Outcome | null {
  const { statement } = placed;
  if (statement.kind !== "rename") return null;
  switch (statement.objectType) {
    case "schema":
      return renameSchema(catalog, statement);
    case "domain":
      if (statement.target === "constraint") return renameDomainConstraint(catalog, statement);
      return renameType(catalog, statement, context);
    case "type":
      return statement.target === "object"
        ? renameType(catalog, statement, context)
        : renameMember(catalog, statement, context);
    case "trigger":
      return renameTrigger(catalog, statement, context);
    case "table":
    case "foreign-table":
    case "index":
    case "view":
    case "materialized-view":
    case "sequence":
      return statement.target === "object"
        ? renameRelation(catalog, statement, context)
        : renameMember(catalog, statement, context);
    case "function":
      return applied(withRenamedFunction(catalog, statement));
    case "rule":
      return renameRule(catalog, statement);
    case "extension":
    case "role":
    case "database":
    case "other":
      return applied(catalog);
  }
}

/** Of several functions of a name one has the new name, and nobody knows which. */
function withRenamedFunction(catalog: Catalog, { relation, newName }: Rename): Catalog {
  const known = catalog.functions.get(relation.name);
  if (known === undefined) return catalog;
  const others = catalog.functions.get(newName.name);
  const calledBy = [...new Set([...(known.calledBy ?? []), ...(others?.calledBy ?? []), relation.name])];
  const moved = {
    ...known,
    routines: undefined,
    calledBy,
    ...(others === undefined ? {} : { overloaded: true as const }),
  };
  const functions = catalog.functions.with(newName.name, moved, true);
  return { ...catalog, functions: known.overloaded === true ? functions : functions.without(relation.name) };
}

type Found =
  | { readonly kind: "relation"; readonly relation: Relation }
  | { readonly kind: "outcome"; readonly outcome: Outcome };

function find(catalog: Catalog, rename: Rename): Found {
  const found = lookUpRelation(catalog, rename.relation);
  if (found.kind === "absent") {
    return { kind: "outcome", outcome: rename.ifExists ? applied(catalog) : relationMissing(catalog, rename.relation) };
  }
  if (found.kind === "unknown") {
    const note = `"${displayName(rename.relation)}" is not known: its new name is not followed`;
    return { kind: "outcome", outcome: applied(catalog, note) };
  }
  return { kind: "relation", relation: found.relation };
}

function wrongType(relation: Relation, rename: Rename): Refusal | null {
  const { kind } = relation;
  const noun = {
    "foreign-table": "a foreign table",
    index: "an index",
    view: "a view",
    "materialized-view": "a materialized view",
    sequence: "a sequence",
  } as const;
  const { objectType } = rename;
  if (objectType === "table" && kind === "composite-type") {
    return rejected("statement-rejected", "42809", `"${relation.name}" is a composite type`, rename.relation.range, {
      hint: "Use ALTER TYPE instead.",
    });
  }
  // ALTER TABLE and ALTER INDEX rename whatever has the name.
  if (objectType === "table" || objectType === "index" || !(objectType in noun)) return null;
  if (kind === objectType || relation.knowledge === "assumed") return null;
  const message = `"${relation.name}" is not ${noun[objectType as keyof typeof noun]}`;
  return rejected("statement-rejected", "42809", message, rename.relation.range);
}

function renameRelation(catalog: Catalog, rename: Rename, context: ApplyContext): Outcome {
  const found = find(catalog, rename);
  if (found.kind === "outcome") return found.outcome;
  const { relation } = found;
  const wrong = wrongType(relation, rename);
  if (wrong !== null) return wrong;
  const { name, range } = rename.newName;
  const inTheWay = relationInTheWay(catalog, relation.schema, name);
  if (inTheWay !== null) return nameTaken(name, range, inTheWay);
  if (hasRowType(relation, context) && catalog.types.has(nameKey(relation.schema, name))) return typeTaken(rename);
  return applied(withName(catalog, relation, name));
}

/** The relation under its new name, and the constraint in front of an index with it; the old name is absent then. */
function withName(catalog: Catalog, relation: Relation, name: string): Catalog {
  const oldKey = nameKey(relation.schema, relation.name);
  const { schema } = relation;
  const free = withRowTypeRenamed(withoutNamesake(catalog, schema, name), relation, { schema, name });
  let next = withRelation(free, { ...(relationById(free, relation.id) ?? relation), name });
  next = { ...next, knownAbsent: next.knownAbsent.with(oldKey, true) };
  const table = relation.index === null ? null : relationById(next, relation.index.table);
  const constraint = table === null ? null : constraintOfIndex(table, relation.id);
  if (table === null || constraint === null) return next;
  return withRelation(next, replaceConstraint(table, constraint.name, { ...constraint, name }));
}

function renameMember(catalog: Catalog, rename: Rename, context: ApplyContext): Outcome {
  const found = find(catalog, rename);
  if (found.kind === "outcome") return found.outcome;
  const { relation } = found;
  const wrong = wrongType(relation, rename);
  if (wrong !== null) return wrong;
  if (rename.member === null) return applied(catalog);
  const typed = changeOfTypedTables(catalog, relation);
  if (typed !== null) return typed;
  return rename.target === "column"
    ? renameColumn(catalog, relation, rename, context)
    : renameConstraint(catalog, relation, rename);
}

/** `renameatt`: the column here and in all tables below, none of which may have it from elsewhere too. */
function renameColumn(catalog: Catalog, relation: Relation, rename: Rename, context: ApplyContext): Outcome {
  const { only } = rename.relation;
  const old = rename.member?.name ?? "";
  const { range } = rename.member ?? rename.relation;
  if (relation.ofType) return rejected("statement-rejected", "42809", "cannot rename column of typed table", range);
  if (relation.index !== null && rename.objectType !== "index") return applied(catalog);
  if (only && hasChildren(relation)) {
    const message = `inherited column "${old}" must be renamed in child tables too`;
    return rejected("inherited-change", "42P16", message, range);
  }
  let next = catalog;
  const below = descendantsOf(catalog, relation);
  for (const table of [...below, relation]) {
    const refusal = refuseRename(table, rename, numberOfParents(catalog, table, relation, below));
    if (refusal !== null) return regarding(refusal, table);
    next = withRenamedColumn(next, table.id, old, rename.newName.name, context);
  }
  return applied(next);
}

function refuseRename(table: Relation, rename: Rename, expectedParents: number): Refusal | null {
  const old = rename.member?.name ?? "";
  const { range } = rename.member ?? rename.relation;
  const column = columnNamed(table, old);
  if (column === null) {
    if (systemColumns.has(old)) {
      return rejected("statement-rejected", "0A000", `cannot rename system column "${old}"`, range);
    }
    if (table.knowledge !== "full") return null;
    return rejected("statement-rejected", "42703", `column "${old}" does not exist`, range);
  }
  if (column.inheritedFrom > expectedParents) {
    return rejected("inherited-change", "42P16", `cannot rename inherited column "${old}"`, range);
  }
  return newNameTaken(table, rename);
}

/** How many parents of a table are among those whose column or constraint is renamed as well. */
function numberOfParents(catalog: Catalog, table: Relation, top: Relation, below: readonly Relation[]): number {
  if (table.id === top.id) return 0;
  const inside = new Set([top.id, ...below.map((other) => other.id)]);
  return parentsOf(catalog, table).filter((parent) => inside.has(parent.id)).length;
}

const systemColumns: ReadonlySet<string> = new Set(["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"]);

function newNameTaken(relation: Relation, rename: Rename): Refusal | null {
  const { name, range } = rename.newName;
  if (systemColumns.has(name)) {
    const message = `column name "${name}" conflicts with a system column name`;
    return rejected("statement-rejected", "42701", message, range);
  }
  if (columnNamed(relation, name) === null) return null;
  const message = `column "${name}" of relation "${relation.name}" already exists`;
  return rejected("statement-rejected", "42701", message, range);
}

/** `rename_constraint_internal`; CHECK and NOT NULL constraints are renamed in the tables below as well. */
function renameConstraint(catalog: Catalog, relation: Relation, rename: Rename): Outcome {
  const { only } = rename.relation;
  const old = rename.member?.name ?? "";
  const { range } = rename.member ?? rename.relation;
  const constraint = constraintNamed(relation, old);
  if (constraint === null) {
    if (relation.knowledge !== "full" || rename.objectType === "domain") return applied(catalog);
    const message = `constraint "${old}" for table "${relation.name}" does not exist`;
    return rejected("statement-rejected", "42704", message, range);
  }
  const inherits = (constraint.type === "check" || constraint.type === "not-null") && !constraint.noInherit;
  if (!inherits) return renameOwnConstraint(catalog, relation, constraint, rename);
  if (only && hasChildren(relation)) {
    const message = `inherited constraint "${old}" must be renamed in child tables too`;
    return rejected("inherited-change", "42P16", message, range);
  }
  let next = catalog;
  const below = descendantsOf(catalog, relation);
  for (const table of [...below, relation]) {
    const inherited = constraintNamed(table, old);
    if (inherited === null) continue;
    if (inherited.inheritedFrom > numberOfParents(catalog, table, relation, below)) {
      return rejected("inherited-change", "42P16", `cannot rename inherited constraint "${old}"`, range);
    }
    const outcome = regarding(renameOwnConstraint(next, table, inherited, rename), table);
    if (outcome.kind === "rejected") return outcome;
    next = outcome.catalog;
  }
  return applied(next);
}

function renameOwnConstraint(
  catalog: Catalog,
  relation: Relation,
  constraint: TableConstraint,
  rename: Rename,
): Outcome {
  const { name, range } = rename.newName;
  const index = constraint.index === null ? null : relationById(catalog, constraint.index);
  if (index !== null) {
    const inTheWay = relationInTheWay(catalog, index.schema, name);
    return inTheWay === null ? applied(withName(catalog, index, name)) : nameTaken(name, range, inTheWay);
  }
  if (constraintNamed(relation, name) !== null) {
    const message = `constraint "${name}" for relation "${relation.name}" already exists`;
    return rejected("name-taken", "42710", message, range);
  }
  const current = relationById(catalog, relation.id) ?? relation;
  return applied(withRelation(catalog, replaceConstraint(current, constraint.name, { ...constraint, name })));
}

function renameSchema(catalog: Catalog, rename: Rename): Outcome {
  const from = rename.relation.name;
  const { name, range } = rename.newName;
  if (!catalog.schemas.has(from)) {
    const absent = (catalog.complete && !catalog.tainted) || catalog.knownAbsent.has(from);
    if (!absent) return applied(catalog, `schema "${from}" is not known`);
    return rejected("unknown-relation", "3F000", `schema "${from}" does not exist`, rename.relation.range);
  }
  const isTaken = catalog.schemas.has(name) && !isPerhapsShared(catalog, { kind: "schema", name });
  if (isTaken) return rejected("name-taken", "42P06", `schema "${name}" already exists`, range);
  if (name.startsWith("pg_")) {
    return rejected("statement-rejected", "42939", `unacceptable schema name "${name}"`, range, {
      detail: 'The prefix "pg_" is reserved for system schemas.',
    });
  }
  let next: Catalog = { ...catalog, schemas: catalog.schemas.without(from).with(name, true, true) };
  for (const [, id] of catalog.names.entries(nameKey(from, ""))) {
    const relation = relationById(next, id);
    if (relation !== null) next = withRelation(next, { ...relation, schema: name });
  }
  next = withTypesRenamed(next, (type) => (type.schema === from ? { schema: name, name: type.name } : null));
  for (const [own, known] of next.functions.entries()) {
    if (known.routines?.some((routine) => routine.schema === from) !== true) continue;
    const routines = known.routines.map((routine) =>
      routine.schema === from ? { ...routine, schema: name } : routine,
    );
    next = { ...next, functions: next.functions.with(own, { ...known, routines }, true) };
  }
  return applied({ ...next, knownAbsent: next.knownAbsent.with(from, true) });
}

/** ALTER DOMAIN … RENAME CONSTRAINT: what the conditions of the domain are called is not followed. */
function renameDomainConstraint(catalog: Catalog, rename: Rename): Outcome {
  const { schema, name } = rename.relation;
  const schemas = schema === null ? effectivePath(catalog) : [schema];
  const key = schemas.map((candidate) => nameKey(candidate, name)).find((candidate) => catalog.types.has(candidate));
  if (key === undefined) return typeMissing(catalog, rename) ?? applied(catalog);
  const type = catalog.types.get(key);
  if (type?.kind !== "domain") return applied(catalog);
  return applied({ ...catalog, types: catalog.types.with(key, { ...type, checkNames: undefined }, true) });
}

/** The refusal to rename what no file and no extension can have created. */
function typeMissing(catalog: Catalog, { relation: written }: Rename): Outcome | null {
  if (!catalog.complete || catalog.extensions.size > 0 || !isAbsent(catalog, written)) return null;
  const message = `type "${displayName(written)}" does not exist`;
  return rejected("unknown-relation", "42704", message, written.range);
}

function renameType(catalog: Catalog, rename: Rename, context: ApplyContext): Outcome {
  const { relation: written, newName } = rename;
  const schemas = written.schema === null ? effectivePath(catalog) : [written.schema];
  const schema = schemas.find((candidate) => catalog.types.has(nameKey(candidate, written.name)));
  if (schema === undefined) {
    const found = lookUpRelation(catalog, written);
    if (found.kind === "found" && found.relation.kind === "composite-type")
      return renameRelation(catalog, rename, context);
    return (found.kind === "absent" ? typeMissing(catalog, rename) : null) ?? applied(catalog);
  }
  const type = catalog.types.get(nameKey(schema, written.name));
  if (type === undefined) return applied(catalog);
  const row = rowTypeInTheWay(catalog, schema, newName.name, context);
  if (row !== null) return regarding(typeTaken(rename), row);
  if (catalog.types.has(nameKey(schema, newName.name))) return typeTaken(rename);
  const before = nameKey(schema, written.name);
  const next = withTypesRenamed(catalog, only({ schema, name: written.name }, { schema, name: newName.name }));
  const { newLabels } = withoutLabels(catalog, before);
  // Whether the transaction has made it is not known under the new name: then nothing is said of its labels.
  const labels = newLabels === undefined ? undefined : new Set([...newLabels, nameKey(schema, newName.name)]);
  return applied({ ...next, newLabels: labels });
}

function typeTaken({ newName: { name, range } }: Rename): Refusal {
  return rejected("name-taken", "42710", `type "${name}" already exists`, range);
}

function renameTrigger(catalog: Catalog, rename: Rename, context: ApplyContext): Outcome {
  const found = find(catalog, rename);
  if (found.kind === "outcome") return found.outcome;
  const { relation: table } = found;
  const old = rename.member?.name ?? "";
  const { name, range } = rename.newName;
  if (table.knowledge !== "full") return applied(catalog);
  const trigger = table.triggers.find((candidate) => candidate.name === old);
  if (trigger === undefined) {
    return triggerMissing(table, old, rename.member?.range ?? range);
  }
  const parent = table.partitionOf === null ? null : relationById(catalog, table.partitionOf.parent);
  const cloned = trigger.row && parent?.triggers.some((other) => other.row && other.name === old) === true;
  if (cloned && parent !== null && context.version >= 15) {
    const message = `cannot rename trigger "${old}" on table "${table.name}"`;
    const hint = `Rename the trigger on the partitioned table "${parent.name}" instead.`;
    const sqlstate = context.version >= 18 ? "0A000" : "XX000";
    return regarding(rejected("inherited-change", sqlstate, message, range, { hint }), parent);
  }
  if (table.triggers.some((other) => other.name === name)) {
    const message = `trigger "${name}" for relation "${table.name}" already exists`;
    return rejected("name-taken", "42710", message, range);
  }
  return applied(withRenamedTrigger(catalog, table.id, old, name));
}

function renameRule(catalog: Catalog, rename: Rename): Outcome {
  const found = find(catalog, rename);
  if (found.kind === "outcome") return found.outcome;
  const { relation: table } = found;
  const old = rename.member?.name ?? "";
  const { name } = rename.newName;
  if (!table.rules.includes(old)) return applied(catalog);
  const rules = table.rules.map((rule) => (rule === old ? name : rule));
  const code = table.code?.map((each) => (each.kind === "rule" && each.name === old ? { ...each, name } : each));
  return applied(withRelation(catalog, { ...table, rules, ...(code === undefined ? {} : { code }) }));
}

function withRenamedTrigger(catalog: Catalog, id: RelationId, from: string, to: string): Catalog {
  const table = relationById(catalog, id);
  if (table === null) return catalog;
  const triggers = table.triggers.map((trigger) => (trigger.name === from ? { ...trigger, name: to } : trigger));
  let next = withRelation(catalog, { ...table, triggers });
  if (!isPartitioned(table)) return next;
  for (const partition of childrenOf(next, table)) next = withRenamedTrigger(next, partition.id, from, to);
  return next;
}
