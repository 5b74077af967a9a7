/** ADD, ALTER, VALIDATE and DROP CONSTRAINT, with the partitions and children below. */

import {
  type Catalog,
  dependentsOf,
  findRelation,
  relationById,
  withoutRelation,
  withRelation,
} from "../../catalog/catalog.ts";
import { asTainted } from "../../catalog/doubt.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import type { Relation, RelationId, TableConstraint } from "../../catalog/relation.ts";
import type { AlterAction, Constraint } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";
import { inDoubt } from "../doubt.ts";
import { applied, applyEach, type Outcome, type Refusal, regarding, rejected } from "../outcome.ts";
import { viewsOn } from "../queries/columns-read.ts";
import { mayHoldOthers } from "../queries/kept-rows.ts";
import { refuseNulls } from "../queries/known-rows.ts";
import type { AlterSetting } from "./alter-setting.ts";
import { addCheckRecursively } from "./checks.ts";
import { constraintUnsupported } from "./column-definition.ts";
import { keyColumnTwice } from "./columns.ts";
import {
  columnNamed,
  constraintNamed,
  constraintOfIndex,
  primaryKeyOf,
  replaceConstraint,
  tableConstraint,
  withConstraint,
} from "./constraint-shape.ts";
import { refuseBlocked } from "./dependency-refusal.ts";
import { childrenOf, hasChildren } from "./descendants.ts";
import { addForeignKey, withDeferral } from "./foreign-keys.ts";
import { isAbsent, nameTaken, relationInTheWay } from "./lookup.ts";
import { namesNotNull, setNotNull, withoutNotNull } from "./not-null.ts";
import { visibleName } from "./object-description.ts";
import { addKey } from "./unique-keys.ts";

type Action<Kind extends AlterAction["kind"]> = Extract<AlterAction, { kind: Kind }>;

export function addConstraint(catalog: Catalog, action: Action<"add-constraint">, setting: AlterSetting): Outcome {
  const { table, only, context } = setting;
  const { constraint } = action;
  const unsupported = constraintUnsupported(constraint, {
    catalog,
    context,
    table: table.name,
    partitioned: isPartitioned(table),
    partition: false,
    typed: false,
    foreign: table.kind === "foreign-table",
  });
  if (unsupported !== null) return unsupported;
  switch (constraint.type) {
    case "check":
      return addCheckRecursively(catalog, table.id, constraint, only, context);
    case "foreign-key":
      return addForeignKey(catalog, table.id, constraint, only, context);
    case "primary-key":
    case "unique":
    case "exclude":
      if (constraint.usingIndex !== null) {
        const index = findRelation(catalog, { schema: table.schema, name: constraint.usingIndex });
        const added = addUsingIndex(catalog, constraint, constraint.usingIndex, index, setting);
        return index === null ? added : regarding(added, index);
      }
      return keyColumnTwice(constraint) ?? addKey(catalog, table.id, constraint, { alter: true, only }, context);
    case "not-null": {
      const [column] = constraint.columns;
      if (column === undefined) return applied(catalog);
      if (columnNamed(table, column.name) === null && table.knowledge === "full") {
        const message = `column "${column.name}" of relation "${table.name}" does not exist`;
        return refuse("42703", message, column.range);
      }
      const taken = constraint.name === null ? null : constraintNamed(table, constraint.name.name);
      if (taken !== null && taken.type !== "not-null") {
        return refuse("42710", `constraint "${taken.name}" for relation "${table.name}" already exists`, action.range);
      }
      const options = {
        only: only || constraint.noInherit,
        name: constraint.name?.name ?? null,
        range: action.range,
        written: constraint,
      };
      const set = setNotNull(catalog, table.id, column.name, options, context);
      if (set.kind === "rejected" || constraint.notValid) return set;
      return refuseNulls(set.catalog, table, column.name, options.only, action.range, context) ?? set;
    }
    case "null":
    case "default":
    case "generated":
    case "identity":
      return applied(catalog);
  }
}

/** ADD CONSTRAINT … USING INDEX: an index of the table becomes a key, under the constraint's name. */
function addUsingIndex(
  catalog: Catalog,
  constraint: Constraint,
  name: string,
  index: Relation | null,
  setting: AlterSetting,
): Outcome {
  const { table, only, context } = setting;
  const { range } = constraint;
  if (index === null) {
    if (!isAbsent(catalog, { schema: table.schema, name })) return applied(catalog, `index "${name}" is not known`);
    const message = `index "${name}" does not exist`;
    return rejected("unknown-relation", "42704", message, range, { position: range.start });
  }
  if (index.index === null) return applied(catalog, `"${name}" is not known as an index`);
  const detail = "Cannot create a primary key or unique constraint using such an index.";
  const owner = relationById(catalog, index.index.table);
  if (owner !== null && constraintOfIndex(owner, index.id) !== null) {
    return refuse("55000", `index "${name}" is already associated with a constraint`, range);
  }
  if (index.index.table !== table.id) {
    return refuse("55000", `index "${name}" does not belong to table "${table.name}"`, range);
  }
  if (!index.index.valid) return refuse("55000", `index "${name}" is not valid`, range);
  if (!index.index.unique)
    return rejected("statement-rejected", "42809", `"${name}" is not a unique index`, range, { detail });
  if (index.index.columns.includes(null)) {
    return rejected("statement-rejected", "42809", `index "${name}" contains expressions`, range, { detail });
  }
  if (index.index.predicate !== null) {
    return rejected("statement-rejected", "42809", `"${name}" is a partial index`, range, { detail });
  }
  if (isPartitioned(table)) {
    const message = "ALTER TABLE / ADD CONSTRAINT USING INDEX is not supported on partitioned tables";
    return refuse("0A000", message, range);
  }
  const primary = constraint.type === "primary-key";
  if (primary && primaryKeyOf(table) !== null) {
    return refuse("42P16", `multiple primary keys for table "${table.name}" are not allowed`, range);
  }
  const newName = constraint.name?.name ?? name;
  const inTheWay = newName === name ? null : relationInTheWay(catalog, table.schema, newName);
  if (inTheWay !== null) return nameTaken(newName, constraint.name?.range ?? range, inTheWay);
  const columns = index.index.columns.filter((column) => column !== null);
  let next = withRelation(catalog, { ...index, name: newName, index: { ...index.index, primary } });
  next = withRelation(
    next,
    withConstraint(
      table,
      tableConstraint(constraint, constraint.type === "unique" ? "unique" : "primary-key", newName, context, {
        columns,
        index: index.id,
        noInherit: true,
        text: `(${columns.join(", ")})`,
      }),
    ),
  );
  if (!primary) return applied(next);
  return applyEach(next, columns, (current, column) => {
    const now = relationById(current, table.id);
    if (now === null || columnNamed(now, column)?.notNull === true) return applied(current);
    return setNotNull(current, table.id, column, { only, name: null, range, forKey: true }, context);
  });
}

export function alterConstraint(catalog: Catalog, action: Action<"alter-constraint">, setting: AlterSetting): Outcome {
  const { table } = setting;
  const constraint = constraintNamed(table, action.name.name);
  if (constraint === null) return table.knowledge === "full" ? constraintMissing(action.name, table) : applied(catalog);
  if (action.noInherit === null && constraint.type !== "foreign-key") {
    const message = `constraint "${constraint.name}" of relation "${table.name}" is not a foreign key constraint`;
    return refuse("42809", message, action.range);
  }
  const changed = {
    ...constraint,
    noInherit: action.noInherit ?? constraint.noInherit,
    enforced: action.enforced ?? constraint.enforced,
  };
  const next = withRelation(catalog, replaceConstraint(table, constraint.name, changed));
  return applied(action.deferral === null ? next : withDeferral(next, table.id, changed, action.deferral));
}

export function validateConstraint(
  catalog: Catalog,
  action: Action<"validate-constraint">,
  setting: AlterSetting,
): Outcome {
  const { table, only, context } = setting;
  const constraint = constraintNamed(table, action.name.name);
  if (constraint === null) {
    return table.knowledge === "full" || setting.table.knowledge === "full"
      ? constraintMissing(action.name, table)
      : applied(catalog);
  }
  const validatable = ["check", "foreign-key", ...(namesNotNull(context) ? ["not-null"] : [])];
  if (!validatable.includes(constraint.type)) {
    const kinds = namesNotNull(context)
      ? "a foreign key, check, or not-null constraint"
      : "a foreign key or check constraint";
    const message = `constraint "${constraint.name}" of relation "${table.name}" is not ${kinds}`;
    return refuse("42809", message, action.range);
  }
  if (!constraint.enforced) return refuse("42809", "cannot validate NOT ENFORCED constraint", action.range);
  if (constraint.validated) return applied(catalog);
  const inherits = constraint.type !== "foreign-key" && !constraint.noInherit;
  if (inherits && only && hasChildren(table)) {
    const message = "constraint must be validated on child tables too";
    return rejected("inherited-change", "42P16", message, action.range);
  }
  const validated = applied(markValidated(catalog, table.id, constraint));
  return mayHoldOthers(catalog, table) ? inDoubt(catalog, validated, "rows may violate the constraint") : validated;
}

function markValidated(catalog: Catalog, tableId: RelationId, constraint: TableConstraint): Catalog {
  const table = relationById(catalog, tableId);
  const own = table?.constraints.find(
    (other) => other.type === constraint.type && other.name === constraint.name && other.text === constraint.text,
  );
  if (table === null || own === undefined) return catalog;
  let next = withRelation(catalog, replaceConstraint(table, own.name, { ...own, validated: true }));
  if (constraint.type === "check" && constraint.noInherit) return next;
  for (const child of childrenOf(next, table)) next = markValidated(next, child.id, constraint);
  return next;
}

/** `ATExecDropConstraint` */
export function dropConstraint(catalog: Catalog, action: Action<"drop-constraint">, setting: AlterSetting): Outcome {
  const { table, only, context } = setting;
  const constraint = constraintNamed(table, action.name.name);
  if (constraint === null) {
    if (action.ifExists || table.knowledge !== "full") return applied(catalog);
    return constraintMissing(action.name, table);
  }
  if (constraint.inheritedFrom > 0) {
    const message = `cannot drop inherited constraint "${constraint.name}" of relation "${table.name}"`;
    return rejected("inherited-change", "42P16", message, action.range);
  }
  if (constraint.type === "not-null") return dropNotNullConstraint(catalog, constraint, action, setting);
  if (context.version <= 17 && isPartitioned(table) && only && !constraint.noInherit && hasChildren(table)) {
    const message = "cannot remove constraint from only the partitioned table when partitions exist";
    return rejected("inherited-change", "42P16", message, action.range, { hint: "Do not specify the ONLY keyword." });
  }
  if (constraint.index !== null) return dropKey(catalog, constraint, action, setting);
  return applied(removeConstraint(catalog, table.id, constraint, only));
}

function dropNotNullConstraint(
  catalog: Catalog,
  constraint: TableConstraint,
  action: Action<"drop-constraint">,
  { table, only, context }: AlterSetting,
): Outcome {
  const [name = ""] = constraint.columns;
  if (primaryKeyOf(table)?.columns.includes(name) === true) {
    return rejected("statement-rejected", "42P16", `column "${name}" is in a primary key`, action.range);
  }
  if (columnNamed(table, name)?.identity != null) {
    const message = `column "${name}" of relation "${table.name}" is an identity column`;
    return rejected("statement-rejected", "42601", message, action.range);
  }
  return applied(withoutNotNull(catalog, table, name, only, context));
}

/** A key goes with its index, and with those of the partitions; foreign keys that need it need CASCADE. */
function dropKey(
  catalog: Catalog,
  constraint: TableConstraint,
  action: Action<"drop-constraint">,
  { table }: AlterSetting,
): Outcome {
  const users = foreignKeysUsing(catalog, table, constraint);
  if (users.length > 0 && !action.cascade) {
    const index = visibleName(catalog, { schema: table.schema, name: constraint.name });
    const blockers = users.map(({ relation, name }) => ({
      line: `constraint ${name} on table ${visibleName(catalog, relation)} depends on index ${index}`,
      relation: relation.id,
    }));
    const message = `cannot drop constraint ${constraint.name} on table ${visibleName(catalog, table)} because other objects depend on it`;
    return refuseBlocked(message, blockers, action.range);
  }
  const grouping = action.cascade ? undefined : viewsOn(catalog, table.id).find(mayGroupByKey);
  if (grouping !== undefined && constraint.index !== null) {
    const dropped = applied(removeIndex(catalog, constraint.index));
    return inDoubt(catalog, dropped, `whether view "${grouping.name}" groups by the key is not known`);
  }
  let next = catalog;
  for (const { relation, name } of users) {
    const now = relationById(next, relation.id);
    if (now !== null) next = withRelation(next, replaceConstraint(now, name, null));
  }
  if (action.cascade) next = withViewsPerhapsGone(next, viewsOn(next, table.id).filter(mayGroupByKey));
  return applied(constraint.index === null ? next : removeIndex(next, constraint.index));
}

/** What CASCADE takes along if the views need the key: these and those that read them may be there or not. */
function withViewsPerhapsGone(catalog: Catalog, views: readonly Relation[]): Catalog {
  let next = catalog;
  const seen = new Set<RelationId>();
  for (const waiting = [...views]; waiting.length > 0; ) {
    const view = waiting.pop() as Relation;
    if (seen.has(view.id)) continue;
    seen.add(view.id);
    next = withRelation(next, asTainted(view));
    for (const reader of viewsOn(catalog, view.id)) waiting.push(reader);
  }
  return next;
}

/** A view that groups by a primary key may show other columns of the table, and then needs the key. */
function mayGroupByKey({ view }: Relation): boolean {
  return view === undefined || view.query.setOperation !== null || view.query.groupBy.length > 0;
}

/** Removes an index, the constraint in front of it, and its parts on partitions. */
export function removeIndex(catalog: Catalog, indexId: RelationId): Catalog {
  const index = relationById(catalog, indexId);
  if (index === null || index.index === null) return catalog;
  const table = relationById(catalog, index.index.table);
  let next = withoutRelation(catalog, indexId);
  if (table === null) return next;
  next = withRelation(next, {
    ...table,
    indexes: table.indexes.filter((id) => id !== indexId),
    constraints: table.constraints.kept((constraint) => constraint.index !== indexId),
  });
  for (const child of !isPartitioned(table) ? [] : childrenOf(next, table)) {
    const part = child.indexes.find((id) => relationById(next, id)?.index?.attachedTo === indexId);
    if (part !== undefined) next = removeIndex(next, part);
  }
  return next;
}

/** The foreign keys of other tables (or of this one) that refer to the columns of a key. */
export function foreignKeysUsing(
  catalog: Catalog,
  table: Relation,
  key: TableConstraint,
): readonly { readonly relation: Relation; readonly name: string }[] {
  const found: { readonly relation: Relation; readonly name: string }[] = [];
  for (const id of [table.id, ...dependentsOf(catalog, table.id)]) {
    const relation = relationById(catalog, id);
    for (const constraint of relation?.constraints ?? []) {
      const { references } = constraint;
      const uses =
        references?.relation === table.id &&
        constraint.inheritedFrom === 0 &&
        references.columns.length === key.columns.length &&
        references.columns.every((column) => key.columns.includes(column));
      if (relation !== null && uses) found.push({ relation, name: constraint.name });
    }
  }
  return found;
}

function removeConstraint(catalog: Catalog, tableId: RelationId, constraint: TableConstraint, only: boolean): Catalog {
  const table = relationById(catalog, tableId);
  if (table === null) return catalog;
  let next = withRelation(catalog, replaceConstraint(table, constraint.name, null));
  if (constraint.type === "check" && constraint.noInherit) return next;
  for (const child of childrenOf(next, table)) {
    const inherited = child.constraints.find(
      (other) => other.type === constraint.type && other.name === constraint.name && other.inheritedFrom > 0,
    );
    if (inherited === undefined) continue;
    const left = inherited.inheritedFrom - 1;
    next =
      left === 0 && !inherited.local && !only
        ? removeConstraint(next, child.id, inherited, false)
        : withRelation(
            next,
            replaceConstraint(child, inherited.name, {
              ...inherited,
              inheritedFrom: left,
              local: inherited.local || only,
            }),
          );
  }
  return next;
}

function constraintMissing(name: { readonly name: string; readonly range: TextRange }, table: Relation): Refusal {
  return refuse("42704", `constraint "${name.name}" of relation "${table.name}" does not exist`, name.range);
}

function refuse(sqlstate: string, message: string, range: TextRange): Refusal {
  return rejected("statement-rejected", sqlstate, message, range);
}
