/** Statements that lock a partitioned table in use, where others do the same and let it be read and written. */

import { type Catalog, findRelation, relationById } from "../catalog/catalog.ts";
import { isPartitioned } from "../catalog/layout.ts";
import type { Relation } from "../catalog/relation.ts";
import type { Step } from "../replay/step.ts";
import type { TextRange } from "../text/range.ts";
import type { Rule, RuleEdit, RuleFinding, RuleFix, ScriptContext, StepMark } from "./rule.ts";
import { attachInstead, detachBefore, indexEachPartition } from "./support/lock-recipes.ts";
import { placementsOf } from "./support/placements.ts";

/** What a statement locks that may be in use; `top` is the table on top of that one. */
const locking: StepMark<readonly (Omit<Locking, "step"> & { readonly top: string })[]> = {
  statements: ["create-table", "drop", "create-index"],
  of: (step) => {
    const found = step.rejection === null ? [...lockingsOf(step)] : [];
    return found.length === 0 ? null : found;
  },
};

export const ddlLocks: Rule = {
  id: "ddl-locks",
  severity: "information",
  since: 12,
  summary: "A statement locks a partitioned table that exists already, and another way would not.",
  source: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES",
  marks: [locking],
  *checkScript(context) {
    const found = new Map<string, Locking[]>();
    for (const each of lockings(context)) {
      const key = `${each.kind} ${each.table.id}`;
      const others = found.get(key);
      if (others === undefined) found.set(key, [each]);
      else others.push(each);
    }
    for (const alike of found.values()) yield* findingFor(alike);
  },
};

/** A statement that takes a lock which readers or writers of a partitioned table wait for. */
interface Locking {
  readonly kind: "create-partition" | "drop-partition" | "create-index";
  readonly step: Step;
  readonly table: Relation;
  readonly range: TextRange;
}

function* lockings(context: ScriptContext): Generator<Locking> {
  for (const { step, value } of context.marked(locking)) {
    for (const { top, ...each } of value) {
      // The statement that creates it may be refused, and is here all the same.
      if (!createdNames(context).has(top)) yield { ...each, step };
    }
  }
}

function* lockingsOf(step: Step): Generator<Omit<Locking, "step"> & { readonly top: string }> {
  const { statement } = step.statement;
  switch (statement.kind) {
    case "create-table":
      for (const { parent, partition } of placementsOf(statement)) {
        const used = tableInUse(step, findRelation(step.after, parent));
        // Skipped where it exists, and then nothing waits.
        if (used !== null && findRelation(step.before, partition) === null)
          yield { kind: "create-partition", range: parent.range, ...used };
      }
      break;
    case "drop": {
      if (statement.objectType !== "table" || step.before === step.after) break;
      const dropped = statement.names.flatMap((name) => findRelation(step.before, name) ?? []);
      for (const [index, partition] of dropped.entries()) {
        const parent = partition.partitionOf?.parent;
        if (parent === undefined || dropped.some(({ id }) => id === parent)) continue;
        const used = tableInUse(step, relationById(step.before, parent));
        const range = statement.names[index]?.range;
        if (used !== null && range !== undefined) yield { kind: "drop-partition", range, ...used };
      }
      break;
    }
    case "create-index": {
      if (statement.relation.only || statement.concurrently) break;
      const used = tableInUse(step, findRelation(step.before, statement.relation));
      if (used !== null) yield { kind: "create-index", range: statement.relation.range, ...used };
      break;
    }
    default:
  }
}

/** The table if it is partitioned and may be in use, and the name of the one on top: a file that creates it locks nobody out. */
function tableInUse(step: Step, table: Relation | null): { readonly table: Relation; readonly top: string } | null {
  if (table === null || !isPartitioned(table)) return null;
  const { origin, name } = root(step.after, table);
  return origin.kind === "statement" && origin.file === step.file ? null : { table, top: name };
}

const namesByContext = new WeakMap<ScriptContext, ReadonlySet<string>>();

/** Of the tables that the file creates, or tries to. */
function createdNames(context: ScriptContext): ReadonlySet<string> {
  const known = namesByContext.get(context);
  if (known !== undefined) return known;
  const names = new Set(
    context
      .stepsOf("create-table")
      .flatMap(({ statement: { statement } }) =>
        statement.kind === "create-table" && statement.partitionOf === null ? [statement.name.name] : [],
      ),
  );
  // One that the parser refuses is to be mended, and then creates its table.
  for (const { statement } of context.stepsOf("invalid"))
    if (statement.statement.kind === "invalid" && statement.statement.beginning === "create-table")
      for (const { name } of statement.statement.relations.slice(0, 1)) names.add(name);
  namesByContext.set(context, names);
  return names;
}

function root(catalog: Catalog, table: Relation): Relation {
  const above = table.partitionOf === null ? null : relationById(catalog, table.partitionOf.parent);
  return above === null ? table : root(catalog, above);
}

const locks: Readonly<Record<Locking["kind"], string>> = {
  "create-partition": "CREATE TABLE … PARTITION OF takes an ACCESS EXCLUSIVE lock on",
  "drop-partition": "DROP TABLE of a partition takes an ACCESS EXCLUSIVE lock on",
  "create-index": "CREATE INDEX keeps writers out, for as long as all indexes take to build, of",
};

const remedies: Readonly<Record<Locking["kind"], string>> = {
  "create-partition": "A table of its own that is attached then (ATTACH PARTITION) lets it be read and written.",
  "drop-partition": "DETACH PARTITION … CONCURRENTLY first lets it be read and written.",
  "create-index":
    "An index ON ONLY the table, one CONCURRENTLY on each partition, and ALTER INDEX … ATTACH PARTITION let it be written.",
};

const titles: Readonly<Record<Locking["kind"], string>> = {
  "create-partition": "Create the table by itself and attach it",
  "drop-partition": "Detach it concurrently first",
  "create-index": "Index each partition concurrently and attach",
};

/** One finding for a table and a kind of statement, at the first of them. */
function* findingFor(alike: readonly Locking[]): Generator<RuleFinding> {
  const [first] = alike;
  if (first === undefined) return;
  const { kind, step, table, range } = first;
  const more = alike.length > 1 ? `, here and again by ${alike.length - 1} later` : "";
  const waiting =
    kind === "create-index" ? "" : ": it waits for whoever reads the table, and everybody else waits behind it";
  yield {
    statement: step.handle,
    range,
    message: `${locks[kind]} "${table.name}"${more}${waiting}.`,
    advice: remedies[kind],
    fixes: (script) => fixesFor(script, alike, titles[kind]),
  };
}

/** All of them in the other way, or none. */
function* fixesFor(script: ScriptContext, alike: readonly Locking[], title: string): Generator<RuleFix> {
  const edits = alike.map((each) => editsFor(script, each));
  if (!edits.includes(null)) yield { title, edits: edits.flatMap((some) => some ?? []), preferred: false };
}

function editsFor(context: ScriptContext, { kind, step, table }: Locking): readonly RuleEdit[] | null {
  const text = context.textOf(step.handle);
  switch (kind) {
    case "create-partition":
      return attachInstead(step, text);
    case "drop-partition":
      return context.options.version < 14 ? null : detachBefore(step, text);
    case "create-index":
      return indexEachPartition(step, text, table);
  }
}
