/** ALTER COLUMN … SET DEFAULT, DROP EXPRESSION and the forms of IDENTITY. */

import { type Catalog, dependentsOf, relationById, withoutRelation, withRelation } from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import type { Column, RelationId } from "../../catalog/relation.ts";
import type { AlterAction } from "../../syntax/statement.ts";
import { applied, applyToChildren, type Outcome, rejected } from "../outcome.ts";
import { type AlterSetting, missingColumn } from "./alter-setting.ts";
import { relationsOfDefault } from "./bound-names.ts";
import { checkDefault } from "./column-definition.ts";
import { addSequence } from "./complete-table.ts";
import { columnNamed, notNullOf, replaceColumn, withoutDefault } from "./constraint-shape.ts";
import { childrenOf, hasChildren } from "./descendants.ts";

type Action<Kind extends AlterAction["kind"]> = Extract<AlterAction, { kind: Kind }>;

export function setDefault(catalog: Catalog, action: Action<"set-default">, setting: AlterSetting): Outcome {
  const { table, context, only } = setting;
  const missing = missingColumn(table, action.column, action.range);
  if (missing !== null) return missing;
  const column = columnNamed(table, action.column.name);
  if (column === null) return applied(catalog);
  const { expression } = action;
  const of = `column "${column.name}" of relation "${table.name}"`;
  if (column.identity !== null) {
    const hint = expression === null ? "Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead." : undefined;
    return rejected("statement-rejected", "42601", `${of} is an identity column`, action.range, { hint });
  }
  if (column.generated !== null) {
    const hint =
      expression === null
        ? context.version >= 13
          ? "Use ALTER TABLE ... ALTER COLUMN ... DROP EXPRESSION instead."
          : undefined
        : context.version >= 17
          ? "Use ALTER TABLE ... ALTER COLUMN ... SET EXPRESSION instead."
          : undefined;
    return rejected("statement-rejected", "42601", `${of} is a generated column`, action.range, { hint });
  }
  if (expression !== null) {
    const refusal = checkDefault(expression, column, {
      catalog,
      context,
      table: table.name,
      partitioned: false,
      partition: false,
      typed: false,
      foreign: false,
    });
    if (refusal !== null) return refusal;
  }
  const draws = relationsOfDefault(catalog, expression, column.type);
  return applied(
    changeTree(catalog, table.id, column.name, only, (before) => ({
      ...withoutDefault(before),
      ...(expression === null ? {} : { hasDefault: true, default: expression }),
      ...(draws.length === 0 ? {} : { draws }),
    })),
  );
}

export function dropExpression(catalog: Catalog, action: Action<"drop-expression">, setting: AlterSetting): Outcome {
  const { table, only, context } = setting;
  const missing = missingColumn(table, action.column, action.range);
  if (missing !== null) return missing;
  const column = columnNamed(table, action.column.name);
  if (column === null) return applied(catalog);
  if (only && hasChildren(table)) {
    const message = "ALTER TABLE / DROP EXPRESSION must be applied to child tables too";
    return rejected("inherited-change", "0A000", message, action.range);
  }
  if (column.inheritedFrom > 0) {
    const message = "cannot drop generation expression from inherited column";
    return rejected("inherited-change", "42P16", message, action.range);
  }
  if (column.generated === "virtual") {
    return rejected(
      "statement-rejected",
      "0A000",
      "ALTER TABLE / DROP EXPRESSION is not supported for virtual generated columns",
      action.range,
      { detail: `Column "${column.name}" of relation "${table.name}" is a virtual generated column.` },
    );
  }
  if (column.generated === null) {
    if (action.ifExists || table.knowledge !== "full") return applied(catalog);
    const kind = context.version >= 18 ? "generated column" : "stored generated column";
    const message = `column "${column.name}" of relation "${table.name}" is not a ${kind}`;
    return rejected("statement-rejected", "55000", message, action.range);
  }
  return applied(
    changeTree(catalog, table.id, column.name, false, (before) => ({ ...withoutDefault(before), generated: null })),
  );
}

export function addIdentity(catalog: Catalog, action: Action<"add-identity">, setting: AlterSetting): Outcome {
  const { table, context } = setting;
  const partition = partitionRefusal("add identity to a column of", action.range, setting);
  if (partition !== null) return partition;
  const missing = missingColumn(table, action.column, action.range);
  if (missing !== null) return missing;
  const column = columnNamed(table, action.column.name);
  if (column === null) return applied(catalog);
  const of = `column "${column.name}" of relation "${table.name}"`;
  const refuse = (message: string): Outcome => rejected("statement-rejected", "55000", message, action.range);
  if (!column.notNull && table.knowledge === "full") {
    return refuse(`${of} must be declared NOT NULL before identity can be added`);
  }
  const invalid = notNullOf(table, column.name);
  if (invalid?.validated === false) {
    const message = `incompatible NOT VALID constraint "${invalid.name}" on relation "${table.name}"`;
    const hint = "You might need to validate it using ALTER TABLE ... VALIDATE CONSTRAINT.";
    return rejected("statement-rejected", "55000", message, action.range, { hint });
  }
  if (column.identity !== null) return refuse(`${of} is already an identity column`);
  if (column.hasDefault) return refuse(`${of} already has a default value`);
  const next = changeTree(catalog, table.id, column.name, !isPartitioned(table), (before) => ({
    ...before,
    identity: action.generated,
  }));
  return applied(addSequence(next, table.id, column.name, action.range, context));
}

export function setIdentity(catalog: Catalog, action: Action<"set-identity">, setting: AlterSetting): Outcome {
  const { table } = setting;
  const partition = partitionRefusal("change identity column of", action.range, setting);
  if (partition !== null) return partition;
  const missing = missingColumn(table, action.column, action.range);
  if (missing !== null) return missing;
  const column = columnNamed(table, action.column.name);
  if (column !== null && column.identity === null && table.knowledge === "full") {
    const message = `column "${column.name}" of relation "${table.name}" is not an identity column`;
    return rejected("statement-rejected", "55000", message, action.range);
  }
  const { generated } = action;
  if (generated === null) return applied(catalog);
  return applied(
    changeTree(catalog, table.id, action.column.name, !isPartitioned(table), (before) => ({
      ...before,
      identity: generated,
    })),
  );
}

export function dropIdentity(catalog: Catalog, action: Action<"drop-identity">, setting: AlterSetting): Outcome {
  const { table } = setting;
  const partition = partitionRefusal("drop identity from a column of", action.range, setting);
  if (partition !== null) return partition;
  const missing = missingColumn(table, action.column, action.range);
  if (missing !== null) return missing;
  const column = columnNamed(table, action.column.name);
  if (column === null) return applied(catalog);
  if (column.identity === null) {
    if (action.ifExists || table.knowledge !== "full") return applied(catalog);
    const message = `column "${column.name}" of relation "${table.name}" is not an identity column`;
    return rejected("statement-rejected", "55000", message, action.range);
  }
  let next = changeTree(catalog, table.id, column.name, !isPartitioned(table), (before) => ({
    ...before,
    identity: null,
  }));
  for (const id of dependentsOf(next, table.id)) {
    if (relationById(next, id)?.ownedByColumn === column.name) next = withoutRelation(next, id);
  }
  return applied(next);
}

/** Since 17 an identity belongs to a whole partition tree, and is changed at its root only. */
function partitionRefusal(
  verb: string,
  range: AlterAction["range"],
  { table, only, context }: AlterSetting,
): Outcome | null {
  if (context.version < 17) return null;
  if (table.partitionOf !== null) {
    return rejected("inherited-change", "42P16", `cannot ${verb} a partition`, range);
  }
  if (isPartitioned(table) && only) {
    return rejected("inherited-change", "42P16", `cannot ${verb} only the partitioned table`, range, {
      hint: "Do not specify the ONLY keyword.",
    });
  }
  return null;
}

function changeTree(
  catalog: Catalog,
  tableId: RelationId,
  column: string,
  only: boolean,
  change: (column: Column) => Column,
): Catalog {
  const table = relationById(catalog, tableId);
  if (table === null) return catalog;
  const next = withRelation(catalog, replaceColumn(table, column, change));
  if (only) return next;
  const below = applyToChildren(next, childrenOf(next, table), (current, child) =>
    applied(changeTree(current, child.id, column, false, change)),
  );
  return below.kind === "applied" ? below.catalog : next;
}
