/** ALTER TABLE and its relatives: who may be altered, and the actions in the passes in which PostgreSQL runs them. */

import { type Catalog, relationById, withRelation } from "../../catalog/catalog.ts";
import { IdMap } from "../../catalog/id-map.ts";
import type { Relation, RelationKind } from "../../catalog/relation.ts";
import type { AlterAction, AlterTable, PlacedStatement } from "../../syntax/statement.ts";
import { pluralOf } from "../declarative/plain-table.ts";
import { inDoubt } from "../doubt.ts";
import { addInheritance, prepareInheritance, removeInheritance } from "../inheritance/alter-inherit.ts";
import { type ApplyContext, andThen, applied, type Outcome, type Refusal, rejected } from "../outcome.ts";
import { mayHoldOthers } from "../queries/kept-rows.ts";
import { refuseNulls } from "../queries/known-rows.ts";
import { addColumn, dropColumn, prepareAddColumn, prepareDropColumn } from "./alter-columns.ts";
import { addConstraint, alterConstraint, dropConstraint, validateConstraint } from "./alter-constraints.ts";
import { type AlterSetting, missingColumn } from "./alter-setting.ts";
import { changeType, prepareChangeType } from "./alter-type.ts";
import { attachIndexPartition } from "./attach-index.ts";
import {
  addIdentity,
  dropExpression,
  dropIdentity,
  setDefault,
  setExpression,
  setIdentity,
} from "./column-attributes.ts";
import { columnNamed, notNullOf, replaceColumn } from "./constraint-shape.ts";
import { descendantsOf } from "./descendants.ts";
import { displayName, lookUpRelation, relationMissing } from "./lookup.ts";
import { dropNotNull, setNotNull } from "./not-null.ts";
import { indexOfTableMissing, refuseClusterIndex } from "./other-commands.ts";
import { setPersistence } from "./persistence.ts";
import { refuseHeldRows } from "./row-types.ts";
import { refuseUnknownParameter } from "./storage-parameters.ts";
import { missingRule, missingTrigger, withRuleSwitched } from "./triggers.ts";
import { becomeTyped, changeOfTypedTables, endBeingTyped } from "./typed-tables.ts";

/** Applies ALTER TABLE, ALTER INDEX, ALTER VIEW, …; null for any other statement. */
export function applyAlterTable(catalog: Catalog, placed: PlacedStatement, context: ApplyContext): Outcome | null {
  const { statement } = placed;
  return statement.kind === "alter-table" ? alterTable(catalog, statement, context) : null;
}

function alterTable(catalog: Catalog, statement: AlterTable, context: ApplyContext): Outcome {
  const found = lookUpRelation(catalog, statement.relation);
  if (found.kind === "absent")
    return statement.ifExists ? applied(catalog) : relationMissing(catalog, statement.relation);
  if (found.kind === "unknown") return alterUnknown(catalog, statement);
  const table = found.relation;
  const wrongType = wrongObjectType(statement, table);
  if (wrongType !== null) return wrongType;
  const typed = changeOfTypedTables(catalog, table);
  if (typed !== null) return typed;
  const setting: AlterSetting = { table, only: statement.relation.only, statement, context };
  for (const action of statement.actions) {
    const refusal = refuseKind(action, table, context) ?? prepare(catalog, action, setting);
    if (refusal !== null) return refusal;
  }
  const inPasses = [...statement.actions].sort((a, b) => passOf(a) - passOf(b));
  const outcome = inPasses.reduce<Outcome>(
    (before, action) => andThen(before, (current) => execute(current, action, setting)),
    applied(catalog),
  );
  return outcome.kind === "rejected" ? outcome : (refuseRewrite(outcome.catalog, statement, table) ?? outcome);
}

/** `ATRewriteTables`: rows that are to get new values may not be held by columns elsewhere. */
function refuseRewrite(catalog: Catalog, statement: AlterTable, table: Relation): Refusal | null {
  const rewriting = catalog.rowHolders.size === 0 ? undefined : statement.actions.find(givesNewValues);
  if (rewriting === undefined) return null;
  for (const { kind, id } of [table, ...descendantsOf(catalog, table)]) {
    const relation = kind === "table" ? relationById(catalog, id) : null;
    const refusal = relation === null ? null : refuseHeldRows(catalog, relation, rewriting.range);
    if (refusal !== null) return refusal;
  }
  return null;
}

function givesNewValues(action: AlterAction): boolean {
  if (action.kind === "alter-type" || action.kind === "set-logged") return true;
  if (action.kind !== "add-column") return false;
  return action.column.constraints.some(({ type, expression }) => {
    const isNull = expression?.kind === "constant" && expression.value.type === "null";
    return type === "identity" || type === "generated" || (type === "default" && !isNull);
  });
}

/** The database may have it; ATTACH alone tells something about it. */
function alterUnknown(catalog: Catalog, statement: AlterTable): Outcome {
  return applied(
    catalog,
    `"${displayName(statement.relation)}" is not known: what the statement changes is not followed`,
  );
}

/** The refusal when ALTER INDEX names a table, ALTER VIEW something else, and so on. */
function wrongObjectType(statement: AlterTable, table: Relation): Refusal | null {
  const { kind } = table;
  const refuse = (message: string, hint?: string): Refusal =>
    rejected("statement-rejected", "42809", message, statement.relation.range, { hint });
  if (table.knowledge === "assumed") return null;
  switch (statement.objectType) {
    case "index":
      return isIndex(kind) ? null : refuse(`"${table.name}" is not an index`);
    case "view":
      return kind === "view" ? null : refuse(`"${table.name}" is not a view`);
    case "materialized-view":
      return kind === "materialized-view" ? null : refuse(`"${table.name}" is not a materialized view`);
    case "sequence":
      return kind === "sequence" ? null : refuse(`"${table.name}" is not a sequence`);
    case "foreign-table":
      return kind === "foreign-table" ? null : refuse(`"${table.name}" is not a foreign table`);
    case "type":
      return kind === "composite-type" ? null : refuse(`"${table.name}" is not a composite type`);
    case "table":
      return kind === "composite-type"
        ? refuse(`"${table.name}" is a composite type`, "Use ALTER TYPE instead.")
        : null;
  }
}

function isIndex(kind: RelationKind): boolean {
  return kind === "index" || kind === "partitioned-index";
}

/** `ATSimplePermissions`: the action on a relation of a kind that does not have it. */
function refuseKind(action: AlterAction, table: Relation, context: ApplyContext): Refusal | null {
  const rule = action.kind === "other" ? otherKindRules[action.tag] : kindRules[action.kind];
  if (rule === undefined || table.knowledge === "assumed") return null;
  const allowed: readonly RelationKind[] = [
    ...rule.kinds,
    // Before 18 a partitioned table counted as a table.
    ...(context.version < 18 && rule.kinds.includes("table") ? (["partitioned-table"] as const) : []),
  ];
  if (allowed.includes(table.kind)) return null;
  if (context.version < 15) {
    const kinds = rule.oldWording;
    return rejected("statement-rejected", "42809", `"${table.name}" is not ${kinds}`, action.range);
  }
  const label = action.kind === "set-logged" && !action.logged ? "SET UNLOGGED" : rule.label;
  const message = `ALTER action ${label} cannot be performed on relation "${table.name}"`;
  return rejected("statement-rejected", "42809", message, action.range, {
    detail: `This operation is not supported for ${pluralOf(table.kind)}.`,
  });
}

interface KindRule {
  readonly kinds: readonly RelationKind[];
  readonly label: string;
  readonly oldWording: string;
}

const tables: readonly RelationKind[] = ["table", "partitioned-table", "foreign-table"];
const tablesAndTypes: readonly RelationKind[] = [...tables, "composite-type"];
const tablesAndViews: readonly RelationKind[] = [...tables, "view"];

const kindRules: { readonly [Kind in AlterAction["kind"]]?: KindRule } = {
  "add-column": { kinds: tablesAndTypes, label: "ADD COLUMN", oldWording: "a table, composite type, or foreign table" },
  "drop-column": {
    kinds: tablesAndTypes,
    label: "DROP COLUMN",
    oldWording: "a table, composite type, or foreign table",
  },
  "alter-type": {
    kinds: tablesAndTypes,
    label: "ALTER COLUMN ... SET DATA TYPE",
    oldWording: "a table, composite type, or foreign table",
  },
  "set-not-null": { kinds: tables, label: "ALTER COLUMN ... SET NOT NULL", oldWording: "a table or foreign table" },
  "drop-not-null": { kinds: tables, label: "ALTER COLUMN ... DROP NOT NULL", oldWording: "a table or foreign table" },
  "set-default": {
    kinds: tablesAndViews,
    label: "ALTER COLUMN ... SET DEFAULT",
    oldWording: "a table, view, or foreign table",
  },
  "drop-expression": {
    kinds: tables,
    label: "ALTER COLUMN ... DROP EXPRESSION",
    oldWording: "a table or foreign table",
  },
  "add-identity": {
    kinds: tablesAndViews,
    label: "ALTER COLUMN ... ADD IDENTITY",
    oldWording: "a table, view, or foreign table",
  },
  "add-constraint": { kinds: tables, label: "ADD CONSTRAINT", oldWording: "a table or foreign table" },
  "drop-constraint": { kinds: tables, label: "DROP CONSTRAINT", oldWording: "a table or foreign table" },
  "validate-constraint": { kinds: tables, label: "VALIDATE CONSTRAINT", oldWording: "a table or foreign table" },
  "alter-constraint": { kinds: ["table", "partitioned-table"], label: "ALTER CONSTRAINT", oldWording: "a table" },
  "set-logged": { kinds: ["table", "sequence"], label: "SET LOGGED", oldWording: "a table" },
  inherit: { kinds: tables, label: "INHERIT", oldWording: "a table or foreign table" },
  "no-inherit": { kinds: tables, label: "NO INHERIT", oldWording: "a table or foreign table" },
  "of-type": { kinds: ["table", "partitioned-table"], label: "OF", oldWording: "a table" },
  "not-of-type": { kinds: ["table", "partitioned-table"], label: "NOT OF", oldWording: "a table" },
};

const withOptions: Omit<KindRule, "label"> = {
  kinds: [...tablesAndViews, "materialized-view", "index"],
  oldWording: "a table, view, materialized view, or index",
};

/** Those of actions that the catalog does not keep, by PostgreSQL's name for them. */
const otherKindRules: { readonly [tag: string]: KindRule | undefined } = {
  AT_SetRelOptions: { ...withOptions, label: "SET" },
  AT_ResetRelOptions: { ...withOptions, label: "RESET" },
};

/** `ATPrepCmd`: what is refused before any action of the statement runs. */
function prepare(catalog: Catalog, action: AlterAction, setting: AlterSetting): Refusal | null {
  switch (action.kind) {
    case "add-column":
      return prepareAddColumn(action, setting);
    case "drop-column":
      return prepareDropColumn(action, setting);
    case "alter-type":
      return prepareChangeType(catalog, action, setting);
    case "inherit":
    case "no-inherit":
      return prepareInheritance(action, setting);
    default:
      return null;
  }
}

/** The order of the passes of `ATRewriteCatalogs`; within a pass the actions run as written. */
function passOf(action: AlterAction): number {
  switch (action.kind) {
    case "drop-column":
    case "drop-not-null":
    case "drop-constraint":
    case "drop-expression":
    case "drop-identity":
      return 0;
    case "alter-type":
      return 1;
    case "add-column":
      return 2;
    case "set-not-null":
    case "add-identity":
    case "set-identity":
      return 3;
    case "add-constraint":
      switch (action.constraint.type) {
        case "not-null":
          return 3;
        case "primary-key":
        case "unique":
        case "exclude":
          return 4;
        default:
          return 5;
      }
    case "set-default":
      return action.expression === null ? 0 : 5;
    default:
      return 6;
  }
}

function execute(catalog: Catalog, action: AlterAction, setting: AlterSetting): Outcome {
  const table = relationById(catalog, setting.table.id);
  if (table === null) return applied(catalog);
  const { only, context } = setting;
  const now: AlterSetting = { ...setting, table };
  switch (action.kind) {
    case "attach-partition":
    case "detach-partition":
    case "split-partition":
    case "merge-partitions":
      // A command on partitions stands alone in its statement: declarative/partition-command.ts has it.
      return applied(catalog);
    case "attach-index":
      return attachIndexPartition(catalog, table, action, context);
    case "inherit":
      return addInheritance(catalog, action, now);
    case "no-inherit":
      return removeInheritance(catalog, action, now);
    case "add-column":
      return addColumn(catalog, action, now);
    case "drop-column":
      return dropColumn(catalog, action, now);
    case "alter-type":
      return changeType(catalog, action, now);
    case "set-not-null": {
      const missing = missingColumn(table, action.column, action.range);
      if (missing !== null) return missing;
      const options = { only, name: null, range: action.range };
      const column = columnNamed(table, action.column.name);
      const set = setNotNull(catalog, table.id, action.column.name, options, context);
      if (set.kind === "rejected") return set;
      const refused = refuseNulls(set.catalog, table, action.column.name, only, action.range, context);
      const isSet = notNullOf(table, action.column.name)?.validated === true || column?.notNull === true;
      const isOpen = !isSet && mayHoldOthers(catalog, table);
      return refused ?? (isOpen ? inDoubt(catalog, set, "rows may hold NULL") : set);
    }
    case "drop-not-null": {
      const missing = missingColumn(table, action.column, action.range);
      if (missing !== null) return missing;
      return dropNotNull(catalog, table.id, action.column.name, { only, range: action.range }, context);
    }
    case "set-default":
      return setDefault(catalog, action, now);
    case "drop-expression":
      return dropExpression(catalog, action, now);
    case "add-identity":
      return addIdentity(catalog, action, now);
    case "set-identity":
      return setIdentity(catalog, action, now);
    case "drop-identity":
      return dropIdentity(catalog, action, now);
    case "add-constraint":
      return addConstraint(catalog, action, now);
    case "alter-constraint":
      return alterConstraint(catalog, action, now);
    case "validate-constraint":
      return validateConstraint(catalog, action, now);
    case "drop-constraint":
      return dropConstraint(catalog, action, now);
    case "set-logged":
      return setPersistence(catalog, action, now);
    case "trigger":
      return missingTrigger(table, action.name, action.range) ?? applied(catalog);
    case "rule":
      return missingRule(table, action.name, action.range) ?? applied(withRuleSwitched(catalog, table, action.name));
    case "of-type":
      return becomeTyped(catalog, table, action, context);
    case "not-of-type":
      return endBeingTyped(catalog, table, action.range);
    case "other":
      return otherAction(catalog, action, now);
  }
}

/** What matters of the actions that the catalog does not keep. */
function otherAction(
  catalog: Catalog,
  action: Extract<AlterAction, { kind: "other" }>,
  setting: AlterSetting,
): Outcome {
  const { table, context } = setting;
  if (action.owner !== undefined)
    return applied({ ...catalog, givenTo: (catalog.givenTo ?? IdMap.empty<string>()).with(table.id, action.owner) });
  if (action.tag === "AT_SetRelOptions" && table.kind === "partitioned-table" && context.version <= 15) {
    const parameter = action.parameters?.[0]?.name ?? "";
    return rejected("statement-rejected", "22023", `unrecognized parameter "${parameter}"`, action.range);
  }
  if (action.tag === "AT_SetRelOptions" && table.kind === "partitioned-table") {
    const message = "cannot specify storage parameters for a partitioned table";
    return rejected("statement-rejected", "42809", message, action.range, {
      hint: "Specify storage parameters for its leaf partitions instead.",
    });
  }
  if (action.tag === "AT_SetRelOptions" && table.kind === "table") {
    return refuseUnknownParameter(catalog, action.parameters ?? [], context) ?? applied(catalog);
  }
  if (action.tag === "AT_SetAccessMethod" && table.kind === "partitioned-table" && context.version <= 16) {
    const message = "cannot change access method of a partitioned table";
    return rejected("statement-rejected", "42809", message, action.range);
  }
  const { member, tag } = action;
  const isClustering = tag === "AT_ClusterOn" || tag === "AT_DropCluster";
  if (tag === "AT_ClusterOn" || tag === "AT_ReplicaIdentity") {
    const missing = member === undefined ? null : indexOfTableMissing(catalog, table, member.name, member.range);
    if (missing !== null) return missing;
  }
  const unfit = tag === "AT_ClusterOn" && member !== undefined ? refuseClusterIndex(catalog, table, member) : null;
  if (unfit !== null) return unfit;
  if (isClustering && table.kind === "partitioned-table" && context.version >= 11) {
    const message = "cannot mark index clustered in partitioned table";
    return rejected("statement-rejected", "0A000", message, action.range);
  }
  if (tag === "AT_ReplicaIdentity") return applied(withRelation(catalog, { ...table, replicaIdentity: true }));
  if (isClustering || member === undefined || table.index !== null) return applied(catalog);
  const missing = missingColumn(table, member, action.range);
  if (missing !== null) return missing;
  if (tag === "AT_SetCompression") {
    return applied(
      withRelation(
        catalog,
        replaceColumn(table, member.name, (before) => ({ ...before, compression: undefined })),
      ),
    );
  }
  const column = columnNamed(table, member.name);
  if (tag === "AT_SetExpression" && context.version >= 17 && column?.generated === null && table.knowledge === "full") {
    const message = `column "${column.name}" of relation "${table.name}" is not a generated column`;
    return rejected("statement-rejected", "55000", message, action.range);
  }
  if (action.expression !== undefined) return applied(setExpression(catalog, table.id, member.name, action.expression));
  return applied(catalog);
}
