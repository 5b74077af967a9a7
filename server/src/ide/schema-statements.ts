/** What the embedded PostgreSQL has to run before a query of a file, so that it can plan the query there. */

import { type Catalog, findRelation, relationById, type SessionSettings } from "../catalog/catalog.ts";
import { sameRelation } from "../catalog/patch.ts";
import type { Relation } from "../catalog/relation.ts";
import type { SchemaStatement } from "../pruning/planner.ts";
import { queryOf } from "../pruning/statement-queries.ts";
import type { QualifiedName } from "../pruning/verdict.ts";
import { catalogsOfRun, isRun, type Step } from "../replay/step.ts";
import type { StepFacts } from "../replay/step-list.ts";
import { textOfStatement } from "../syntax/document.ts";
import { quoteLiteral } from "../syntax/literals.ts";
import { relationsNamed } from "../syntax/named-relations.ts";
import { quoteIdentifier, type RelationName } from "../syntax/names.ts";
import type { Statement } from "../syntax/statement.ts";
import type { Analysis } from "./analysis.ts";
import { hasOtherRelations, isDefinition, makesOnlyNew, mattersToPlans, objectsChangedBy } from "./schema-objects.ts";
import { relationsOfQuery } from "./statement-relations.ts";

/** A file of the world as far as it goes before the query: its steps, and the text of each. */
export interface ScriptPart {
  readonly start: Catalog;
  /** Made when asked for: of a long file that takes as long as several keys. */
  readonly steps: readonly Step[];
  /** One of them; no others are made. */
  readonly stepAt: (place: number) => Step | undefined;
  /** What is known of each of them without making any. */
  readonly facts: () => Iterable<StepFacts>;
  readonly textOf: (step: Step) => string;
}

/** The file of an analysis. */
export function partOf(analysis: Pick<Analysis, "document" | "start" | "steps" | "stepAt" | "list">): ScriptPart {
  const { document, start, stepAt, list } = analysis;
  return {
    start,
    get steps() {
      return analysis.steps;
    },
    stepAt,
    facts: () => list.facts(),
    textOf: ({ handle }) => textOfStatement(document, handle),
  };
}

/**
 * The statements that make the schema in which the query of the step stands, from the first of `parts` on; the step is
 * one of the last part. Statements behind the query are among them where they do not touch what it names: most queries of
 * a file then need the same schema, and it is made once. null where there are so many that making it would take longer than
 * anybody waits.
 */
export function schemaBefore(parts: readonly ScriptPart[], step: Step): readonly SchemaStatement[] | null {
  const query = queryOf(step.statement.statement, step.before);
  const named = query === null ? [] : relationsOfQuery(query).map((name) => findRelation(step.before, name));
  const roots = new Set(
    named.flatMap((relation) => (relation === null ? [] : rootsOf(step.before, relation).map(keyOf))),
  );
  const script = createScript();
  let passed = false;
  for (const part of parts) {
    script.enter(part.start.settings);
    for (const each of part.steps) {
      passed ||= each === step;
      if (!isRun(each) && isRun(step)) continue;
      // What stands behind the query must not cost it its answer.
      if (passed && (undoes(each) || touches(each, roots, part.textOf) || script.size() >= mostStatements))
        return withinReason(script.statements());
      script.take(each, part.textOf);
    }
  }
  return withinReason(script.statements());
}

/** All that runs before the step, which is one of the last part, and nothing behind it. */
export function schemaUpTo(parts: readonly ScriptPart[], step: Step): readonly SchemaStatement[] {
  const script = createScript();
  for (const part of parts) {
    script.enter(part.start.settings);
    for (const each of part.steps) {
      if (each === step) {
        script.leaveWith(each.before.settings);
        return script.statements();
      }
      if (isRun(each) || !isRun(step)) script.take(each, part.textOf);
    }
  }
  return script.statements();
}

/** All that makes the schema which the parts leave, what no plan depends on (privileges, comments, publications) included. */
export function wholeSchema(parts: readonly ScriptPart[], settings: SessionSettings): readonly SchemaStatement[] {
  const script = createScript(isDefinition);
  for (const part of parts) {
    script.enter(part.start.settings);
    for (const step of part.steps) if (isRun(step)) script.take(step, part.textOf);
  }
  script.leaveWith(settings);
  return script.statements();
}

/** The embedded PostgreSQL takes some milliseconds for each. */
const mostStatements = 1_000;

function withinReason(statements: readonly SchemaStatement[]): readonly SchemaStatement[] | null {
  return statements.length > mostStatements ? null : statements;
}

/** `isNeeded` says which statements are wanted besides those on which plans depend. */
function createScript(isNeeded: (step: Step) => boolean = () => false) {
  const applied: SchemaStatement[] = [];
  let settings: SessionSettings | null = null;
  /** How many there were where a transaction or savepoint began, by what a rollback brings back. */
  const beginnings = new Map<Catalog["relations"], number>();
  let beginning: Catalog | null = null;

  const useSettings = (wanted: SessionSettings): void => {
    if (settings !== null && sameSettings(settings, wanted)) return;
    settings = wanted;
    applied.push({ sql: settingsSql(wanted), roots: [] });
  };
  const noteBeginning = ({ session }: Step["transaction"]): void => {
    const open = session.kind === "autocommit" ? null : (session.savepoint?.catalog ?? session.beginning);
    if (open !== null && open !== beginning) beginnings.set(open.relations, applied.length);
    beginning = open;
  };

  return {
    enter: (wanted: SessionSettings): void => {
      if (applied.length > 0) useSettings(wanted);
    },
    /** Makes the settings those that the step meets. */
    leaveWith: useSettings,
    take: (step: Step, textOf: (step: Step) => string): void => {
      const { before, behind, statement } = step;
      noteBeginning(step.transaction);
      if (undoes(step)) {
        // What came after the state that it returns to has not happened.
        applied.length = Math.min(applied.length, beginnings.get(behind.real.catalog.relations) ?? applied.length);
        settings = null;
        return;
      }
      if (step.rejection !== null || !(mattersToPlans(step) || isNeeded(step))) return;
      useSettings(before.settings);
      const text = step.sent ?? textOf(step);
      const sql = runnable(statement.statement, text);
      applied.push({ sql, roots: rootsChangedBy(step), objects: objectsChangedBy(step, text) });
    },
    size: (): number => applied.length,
    statements: (): readonly SchemaStatement[] => applied,
  };
}

/** A rollback that takes something back, or an error that ends the session. */
function undoes({ statement, before, rejection, behind }: Step): boolean {
  const mayUndo = statement.statement.kind === "transaction" || rejection !== null;
  return mayUndo && hasOtherRelations(before, behind.real.catalog);
}

/** The same change of the schema inside one transaction and without rows. */
function runnable(statement: Statement, text: string): string {
  switch (statement.kind) {
    case "create-table-as":
      return statement.query === null || /\bwith\s+(?:no\s+)?data\s*$/i.test(text) ? text : `${text}\nWITH NO DATA`;
    case "alter-table":
      return statement.actions.some((action) => action.kind === "detach-partition" && action.concurrently)
        ? withoutConcurrently(text)
        : text;
    case "create-index":
    case "drop":
      return statement.concurrently ? withoutConcurrently(text) : text;
    default:
      return text;
  }
}

/** What may not run in a transaction does the same without the word. */
function withoutConcurrently(text: string): string {
  return text.replace(/\bconcurrently\b/i, "");
}

/** Whether the statement may change what a query in front of it names. */
function touches(step: Step, roots: ReadonlySet<string>, textOf: (step: Step) => string): boolean {
  if (step.rejection !== null || !mattersToPlans(step)) return false;
  if (rootsChangedBy(step).some((root) => roots.has(keyOf(root)))) return true;
  return !makesOnlyNew(step) && objectsChangedBy(step, step.sent ?? textOf(step)).length > 0;
}

/**
 * The tables at the top of the trees that the statement's relations belong to, before and after it: those that it names, and those
 * that it changed, as calls, blocks and CASCADE do without naming them.
 */
function rootsChangedBy(step: Step): readonly QualifiedName[] {
  const known = changedRoots.get(step);
  if (known !== undefined) return known;
  const { before, after, statement } = step;
  const roots = new Map<string, QualifiedName>();
  const add = (root: QualifiedName): void => void roots.set(keyOf(root), { schema: root.schema, name: root.name });
  for (const catalog of [before, after])
    for (const name of relationsNamed(statement.statement)) for (const root of rootsOfName(catalog, name)) add(root);
  // Between catalogs that are made anew after an edit more objects are others than the statement has changed.
  const run = catalogsOfRun(step);
  const ids = run.after.relations.differences(run.before.relations, mostChanged) ?? after.relations.keys();
  for (const id of ids) {
    // What a rollback brings back are other objects that may say the same.
    if (statement.statement.kind === "transaction" && sameRelation(run.before, run.after, id)) continue;
    for (const catalog of [before, after]) {
      const relation = relationById(catalog, id);
      if (relation !== null) for (const root of rootsOf(catalog, relation)) add(root);
    }
  }
  const found = [...roots.values()];
  changedRoots.set(step, found);
  return found;
}

const changedRoots = new WeakMap<Step, readonly QualifiedName[]>();

/** Of more changes than that of one statement, all tables are taken to be changed. */
const mostChanged = 10_000;

function rootsOfName(catalog: Catalog, name: RelationName): readonly QualifiedName[] {
  const relation = findRelation(catalog, name);
  return relation === null ? [] : rootsOf(catalog, relation);
}

function rootsOf(catalog: Catalog, relation: Relation): readonly QualifiedName[] {
  const parents = relation.partitionOf === null ? relation.inherits : [relation.partitionOf.parent];
  const found = parents.map((id) => relationById(catalog, id)).filter((parent) => parent !== null);
  const read = relation.kind === "view" ? relation.dependsOn.map((id) => relationById(catalog, id)) : [];
  const below = [...found, ...read.filter((each) => each !== null)];
  return below.length === 0 ? [relation] : below.flatMap((parent) => rootsOf(catalog, parent));
}

function keyOf({ schema, name }: QualifiedName): string {
  return `${schema}\0${name}`;
}

function sameSettings(a: SessionSettings, b: SessionSettings): boolean {
  return a === b || settingsSql(a) === settingsSql(b);
}

/** The settings that change what DDL means. */
function settingsSql({ searchPath, timeZone, dateStyle, intervalStyle, ...more }: SessionSettings): string {
  const settings = [
    ["search_path", searchPath.map(quoteIdentifier).join(", ")],
    ["TimeZone", timeZone],
    ["DateStyle", `${dateStyle.output}, ${dateStyle.order}`],
    ["IntervalStyle", intervalStyle ?? "postgres"],
    ["transform_null_equals", more.transformNullEquals === true ? "on" : "off"],
  ] as const;
  return `SELECT ${settings.map(([name, value]) => `set_config('${name}', ${quoteLiteral(value)}, false)`).join(", ")}`;
}
