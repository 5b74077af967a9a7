/** CREATE TRIGGER and CREATE RULE; row triggers of a partitioned table go to its partitions too. */

import { type Catalog, knowsEveryObject, schemaMayExist, withRelation } from "../../catalog/catalog.ts";
import { asTainted } from "../../catalog/doubt.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import type { Relation, TriggerInfo } from "../../catalog/relation.ts";
import { insideOut } from "../../syntax/expression-walk.ts";
import type { CreateRule, CreateTrigger, PlacedStatement, Statement } from "../../syntax/statement.ts";
import { noUses } from "../../syntax/uses.ts";
import type { TextRange } from "../../text/range.ts";
import { pluralOf } from "../declarative/plain-table.ts";
import { type ApplyContext, applied, type Outcome, type Refusal, rejected } from "../outcome.ts";
import { hasTrigger, triggerTaken, withTrigger } from "./cloned-triggers.ts";
import { columnNamed, isSystemColumn } from "./constraint-shape.ts";
import { descendantsOf } from "./descendants.ts";
import { displayName, lookUpRelation, relationMissing } from "./lookup.ts";

/** Applies CREATE TRIGGER and CREATE RULE; null for any other statement. */
export function applyCreateTrigger(catalog: Catalog, placed: PlacedStatement, context: ApplyContext): Outcome | null {
  const { statement } = placed;
  if (statement.kind === "create-trigger") return createTrigger(catalog, placed, statement, context);
  return statement.kind === "create-rule" ? createRule(catalog, statement, context) : null;
}

function createTrigger(
  catalog: Catalog,
  placed: PlacedStatement,
  create: CreateTrigger & Pick<Statement, "uses">,
  context: ApplyContext,
): Outcome {
  const found = lookUpRelation(catalog, create.relation);
  if (found.kind === "absent") return relationMissing(catalog, create.relation);
  if (found.kind === "unknown" || found.relation.knowledge === "assumed") return applied(catalog);
  const table = found.relation;
  const refusal =
    refuseTrigger(table, create, context) ??
    refuseTiming(create) ??
    refuseOnPart(table, create) ??
    (create.transitionTables ? refuseTransitions(create) : null) ??
    (placed.masked ? null : refuseCondition(table, create));
  if (refusal !== null) return refusal;
  const { name, schema, range } = create.function;
  const isKnown = catalog.functions.has(name) || builtinTriggerFunctions.test(name);
  if (schema !== null && !schemaMayExist(catalog, schema)) {
    return rejected("unknown-relation", "3F000", `schema "${schema}" does not exist`, range);
  }
  if (!isKnown && knowsEveryObject(catalog)) {
    return rejected("statement-rejected", "42883", `function ${displayName({ schema, name })}() does not exist`, range);
  }
  const wrong = refuseResult(catalog, create);
  if (wrong !== null) return wrong;
  if (hasTrigger(table, create.name.name) && !create.replace) {
    return triggerTaken(table, create.name.name, create.name.range);
  }
  const taken = create.row && isPartitioned(table) ? partitionWithTrigger(catalog, table, create) : null;
  if (taken !== null) return triggerTaken(taken, create.name.name, create.name.range);
  const column = refuseColumns(table, create);
  if (column !== null) return column;
  const trigger: TriggerInfo = {
    name: create.name.name,
    row: create.row,
    timing: create.timing,
    events: create.events,
    transitionTables: create.transitionTables,
    mentions: create.mentions,
    function: create.function.name,
    ...(create.uses === undefined ? {} : { uses: create.uses }),
    ...(create.transitionNames === undefined ? {} : { transitionNames: create.transitionNames }),
    ...(create.deferrable === undefined ? {} : { deferrable: create.deferrable }),
  };
  return applied(withTrigger(catalog, table.id, trigger));
}

/** The refusal of a name that no trigger of the table has; null where one has it, or may have it. */
export function missingTrigger(table: Relation, name: string | null, range: TextRange): Refusal | null {
  // Those of foreign keys and deferrable constraints are named after numbers that nobody knows before.
  if (name === null || table.knowledge !== "full" || /_?ConstraintTrigger_/.test(name)) return null;
  return table.triggers.some((trigger) => trigger.name === name) ? null : triggerMissing(table, name, range);
}

export function triggerMissing(table: Relation, name: string, range: TextRange): Refusal {
  const message = `trigger "${name}" for table "${table.name}" does not exist`;
  return rejected("unknown-relation", "42704", message, range);
}

/** The same of a rule. */
export function missingRule(table: Relation, name: string, range: TextRange): Refusal | null {
  if (table.knowledge !== "full" || table.kind === "view" || table.kind === "materialized-view") return null;
  return table.rules.includes(name) ? null : ruleMissing(table, name, range);
}

/** ENABLE, DISABLE and REPLICA alike: whether the rule fires is followed no further. */
export function withRuleSwitched(catalog: Catalog, table: Relation, name: string): Catalog {
  const code = table.code?.map((each) =>
    each.kind === "rule" && each.name === name ? { ...each, returning: undefined } : each,
  );
  return withRelation(catalog, { ...table, code });
}

export function ruleMissing(table: Relation, name: string, range: TextRange): Refusal {
  const message = `rule "${name}" for relation "${table.name}" does not exist`;
  return rejected("unknown-relation", "42704", message, range);
}

const builtinTriggerFunctions =
  /^(?:ri_fkey_\w+|suppress_redundant_updates_trigger|tsvector_update_trigger(?:_column)?|unique_key_recheck)$/i;

/** A partition with a trigger of its own under the name that is to be cloned to it. */
function partitionWithTrigger(catalog: Catalog, table: Relation, create: CreateTrigger): Relation | null {
  if (create.replace) return null;
  return descendantsOf(catalog, table).find((partition) => hasTrigger(partition, create.name.name)) ?? null;
}

/** The checks of `CreateTriggerFiringOn` by the relation's kind, in its order. */
function refuseTrigger(table: Relation, create: CreateTrigger, context: ApplyContext): Refusal | null {
  const { version } = context;
  const refuse = (sqlstate: string, message: string, detail?: string): Refusal =>
    rejected("statement-rejected", sqlstate, message, create.relation.range, { detail });
  const isA = (noun: string, detail: string): Refusal => refuse("42809", `"${table.name}" is ${noun}`, detail);
  switch (table.kind) {
    case "table":
    case "foreign-table":
      if (create.timing === "instead-of") {
        const noun = table.kind === "table" ? "a table" : "a foreign table";
        const detail = `${table.kind === "table" ? "Tables" : "Foreign tables"} cannot have INSTEAD OF triggers.`;
        return isA(noun, detail);
      }
      break;
    case "partitioned-table":
      if (create.timing === "instead-of") return isA("a table", "Tables cannot have INSTEAD OF triggers.");
      if (create.row && version === 10) {
        return isA("a partitioned table", "Partitioned tables cannot have ROW triggers.");
      }
      if (create.row && create.timing === "before" && version <= 12) {
        return isA("a partitioned table", "Partitioned tables cannot have BEFORE / FOR EACH ROW triggers.");
      }
      if (create.row && create.transitionTables) {
        const detail = "ROW triggers with transition tables are not supported on partitioned tables.";
        return refuse("0A000", `"${table.name}" is a partitioned table`, detail);
      }
      break;
    case "view":
      if (create.timing !== "instead-of" && create.row) {
        return isA("a view", "Views cannot have row-level BEFORE or AFTER triggers.");
      }
      if (create.events.includes("truncate")) return isA("a view", "Views cannot have TRUNCATE triggers.");
      break;
    default:
      return null;
  }
  return null;
}

/** What goes with TRUNCATE and INSTEAD OF. */
function refuseTiming({ row, events, timing, when, columns, relation }: CreateTrigger): Refusal | null {
  const refuse = (message: string): Refusal => rejected("statement-rejected", "0A000", message, relation.range);
  if (row && events.includes("truncate")) return refuse("TRUNCATE FOR EACH ROW triggers are not supported");
  if (timing !== "instead-of") return null;
  if (!row) return refuse("INSTEAD OF triggers must be FOR EACH ROW");
  if (when !== null) return refuse("INSTEAD OF triggers cannot have WHEN conditions");
  return columns.length > 0 ? refuse("INSTEAD OF triggers cannot have column lists") : null;
}

function refuseOnPart(table: Relation, { row, transitionTables, relation }: CreateTrigger): Refusal | null {
  if (!row || !transitionTables) return null;
  const refuse = (message: string): Refusal => rejected("statement-rejected", "0A000", message, relation.range);
  if (table.partitionOf !== null) return refuse("ROW triggers with transition tables are not supported on partitions");
  return table.inherits.length > 0
    ? refuse("ROW triggers with transition tables are not supported on inheritance children")
    : null;
}

/** What WHEN names: the row before and the row after, as far as the trigger has them. */
function refuseCondition(table: Relation, { when, row, events, timing }: CreateTrigger): Refusal | null {
  for (const part of when === null ? [] : insideOut(when)) {
    if (part.kind !== "column") continue;
    const [which = "", column] = part.names;
    const refuse = (sqlstate: string, message: string, detail?: string): Refusal =>
      rejected("statement-rejected", sqlstate, message, part.range, { detail, position: part.range.start });
    if ((which !== "old" && which !== "new") || column === undefined || part.names.length > 2) continue;
    const isKnown = table.knowledge !== "full" || columnNamed(table, column) !== null || isSystemColumn(column);
    if (!isKnown) return refuse("42703", `column ${which}.${column} does not exist`);
    if (!row) return refuse("42P17", "statement trigger's WHEN condition cannot reference column values");
    if (which === "old" && events.includes("insert")) {
      return refuse("42P17", "INSERT trigger's WHEN condition cannot reference OLD values");
    }
    if (which === "new" && events.includes("delete")) {
      return refuse("42P17", "DELETE trigger's WHEN condition cannot reference NEW values");
    }
    if (which === "old" || timing !== "before") continue;
    if (isSystemColumn(column)) {
      return refuse("0A000", "BEFORE trigger's WHEN condition cannot reference NEW system columns");
    }
    if (columnNamed(table, column)?.generated != null) {
      const message = "BEFORE trigger's WHEN condition cannot reference NEW generated columns";
      return refuse("42P17", message, `Column "${column}" is a generated column.`);
    }
  }
  return null;
}

/** The only function of the name must be one for triggers. */
function refuseResult(catalog: Catalog, { function: { name, schema, range } }: CreateTrigger): Refusal | null {
  const routines = catalog.functions.get(name)?.routines;
  const [routine] = routines ?? [];
  if (routine === undefined || routines?.length !== 1 || routine.procedure || routine.parameters.length > 0)
    return null;
  const result = routine.returns?.names.at(-1);
  if (result === undefined || result === "trigger") return null;
  const message = `function ${displayName({ schema, name })} must return type trigger`;
  return rejected("statement-rejected", "42P17", message, range);
}

/** The columns of UPDATE OF. */
function refuseColumns(table: Relation, { columns, relation }: CreateTrigger): Refusal | null {
  const refuse = (sqlstate: string, message: string): Refusal =>
    rejected("statement-rejected", sqlstate, message, relation.range);
  for (const [index, column] of columns.entries()) {
    if (table.knowledge === "full" && columnNamed(table, column) === null) {
      return refuse("42703", `column "${column}" of relation "${table.name}" does not exist`);
    }
    if (columns.indexOf(column) < index) return refuse("42701", `column "${column}" specified more than once`);
  }
  return null;
}

/** What REFERENCING may not be given for, in the order of `CreateTriggerFiringOn`. */
function refuseTransitions(create: CreateTrigger): Refusal | null {
  const refuse = (sqlstate: string, message: string): Refusal =>
    rejected("statement-rejected", sqlstate, message, create.name.range);
  const { events } = create;
  const fires = (...of: readonly CreateTrigger["events"][number][]): boolean =>
    events.some((each) => of.includes(each));
  if (create.timing !== "after") {
    return refuse("42P17", "transition table name can only be specified for an AFTER trigger");
  }
  if (fires("truncate")) return refuse("0A000", "TRUNCATE triggers with transition tables are not supported");
  if (events.length > 1) {
    return refuse("0A000", "transition tables cannot be specified for triggers with more than one event");
  }
  if (create.columns.length > 0) {
    return refuse("0A000", "transition tables cannot be specified for triggers with column lists");
  }
  for (const [index, which] of create.transitions.entries()) {
    const word = `${which.toUpperCase()} TABLE`;
    const wanted = which === "new" ? (["insert", "update"] as const) : (["delete", "update"] as const);
    if (!fires(...wanted)) {
      const kinds = which === "new" ? "an INSERT or UPDATE" : "a DELETE or UPDATE";
      return refuse("42P17", `${word} can only be specified for ${kinds} trigger`);
    }
    if (create.transitions.indexOf(which) < index) {
      return refuse("42P17", `${word} cannot be specified multiple times`);
    }
  }
  return null;
}

function createRule(catalog: Catalog, create: CreateRule & Pick<Statement, "uses">, context: ApplyContext): Outcome {
  const found = lookUpRelation(catalog, create.relation);
  if (found.kind === "absent") return relationMissing(catalog, create.relation);
  if (found.kind === "unknown") return applied(catalog);
  const { relation } = found;
  if (create.event === "select" && relation.kind !== "view" && relation.kind !== "materialized-view") {
    // Before 16 an empty table became a view by such a rule.
    const view: Relation = { ...asTainted(relation), kind: "view" };
    if (context.version < 16) return applied(withRelation(catalog, view), `"${relation.name}" may be a view now`);
    const message = `relation "${relation.name}" cannot have ON SELECT rules`;
    return rejected("statement-rejected", "42809", message, create.relation.range, {
      detail: `This operation is not supported for ${pluralOf(relation.kind)}.`,
    });
  }
  const { name } = create.name;
  const { event, instead, returning, uses = noUses } = create;
  const isThere = relation.rules.includes(name);
  const others = (relation.code ?? []).filter((each) => each.kind !== "rule" || each.name !== name);
  const code: Relation["code"] = [...others, { kind: "rule", name, event, instead, returning, uses }];
  const rules = isThere ? relation.rules : [...relation.rules, name];
  return applied(withRelation(catalog, { ...relation, rules, code }));
}
