/** What hangs on a part goes along to the tables that are made in its place: privileges, comments, policies, triggers, and the like. */

import { belongingsOf, type KeptBelonging, mostBelongings } from "../catalog/belongings.ts";
import type { Relation, TableConstraint } from "../catalog/relation.ts";
import { tablePrivileges } from "../effects/relations/belongings.ts";
import { columnNamed } from "../effects/relations/constraint-shape.ts";
import { identifiersIn, quoteIdentifier } from "../syntax/names.ts";
import { commentedConstraint, commentOn } from "./constraint-comments.ts";
import type { TableReference } from "./division.ts";
import { indexNames } from "./index-names.ts";
import { lock } from "./locks.ts";
import type { LockMode, ScriptStep } from "./script.ts";
import { type WriterContext, writeName } from "./writer.ts";

/** What a new table gets of what hangs on another one. */
export interface Handed {
  /** Behind its columns: how and where its rows are stored. */
  readonly clauses: string;
  /** What it has before rows come and it becomes a part. */
  readonly early: readonly ScriptStep[];
  /** Who may do what with it. */
  readonly grants: readonly ScriptStep[];
  /** That its policies count. Whoever makes it is not bound by them, unless they are forced on its owner, which is of `late`. */
  readonly secured: readonly ScriptStep[];
  /** What waits until it has its rows and its place: triggers would fire for those, and forced row security hide them. */
  readonly late: readonly ScriptStep[];
  /** What no statement gives it, in words. */
  readonly missing: readonly string[];
}

const lateKinds: ReadonlySet<KeptBelonging["kind"]> = new Set([
  "trigger",
  "trigger state",
  "row security",
  "publication",
]);

/** What hangs on the table that a new one is made like. */
export interface Hung {
  readonly belongings: readonly KeptBelonging[];
  /** What no statement gives another one, in words. */
  readonly missing: readonly string[];
}

/** What a table that is made is to be like. */
export interface Likeness {
  /** On which table hang the things that it gets. */
  readonly like: Relation;
  /** The table that its statement names: another one where a script is undone. */
  readonly model: Relation;
}

/** @param divided whether the new table is partitioned itself, and so holds no rows */
export function handedTo(
  made: TableReference,
  likeness: Likeness,
  { belongings, missing: ofNone }: Hung,
  context: WriterContext,
  divided = false,
): Handed {
  const { catalog, version } = context;
  const { like } = likeness;
  const name = writeName(catalog, made);
  const stored = new Map<string, string[]>();
  const early: ScriptStep[] = [];
  const secured: ScriptStep[] = [];
  const late: ScriptStep[] = [];
  const missing: string[] = [];
  const granted = new Map<string, { readonly verb: string; readonly behind: string; readonly words: string[] }>();
  const give = (belonging: KeptBelonging, sql: string): void => {
    // Foreign keys come later, and triggers.
    const waits = belonging.kind === "comment" && /^(?:trigger|constraint) /.test(belonging.name);
    const mode = lockOf(belonging);
    const step: ScriptStep = { sql, locks: mode === null ? [] : [lock(made, mode)], transaction: "inside" };
    const isSecurity = belonging.kind === "row security" && belonging.name === "enabled";
    (isSecurity ? secured : waits || lateKinds.has(belonging.kind) ? late : early).push(step);
  };
  const withheld = new Set(
    belongings.flatMap((each) =>
      (each.kind === "policy" || each.kind === "trigger") && sqlFor(each, made, likeness, context) === null
        ? (holderOf(each) ?? [])
        : [],
    ),
  );
  for (const belonging of belongings) {
    const { kind, words } = belonging;
    const whose = holderOf(belonging);
    if (whose !== null && withheld.has(whose)) {
      const isWhole = (kind === "policy" || kind === "trigger") && !belonging.name.includes("\0");
      if (isWhole) missing.push(inWords(belonging));
      continue;
    }
    // LIKE copies them, under names of their own.
    if (kind === "statistics" && likeness.model.id === like.id) continue;
    const constraint = commentedConstraint(belonging, like);
    // It has gone since, or LIKE copies the comment with it (and one that is NOT VALID is added again, without).
    if (constraint === undefined) continue;
    if (
      constraint !== null &&
      constraint.index === null &&
      constraint.type !== "foreign-key" &&
      constraint.validated &&
      likeness.model.id === like.id
    )
      continue;
    const sql = sqlFor(belonging, made, likeness, context);
    if (sql === null) {
      missing.push(inWords(belonging));
    } else if (kind === "storage parameter" || kind === "tablespace" || kind === "access method") {
      if (divided && kind === "storage parameter") continue;
      stored.set(kind, [...(stored.get(kind) ?? []), words ?? ""]);
    } else if (kind === "privilege") {
      const [verb, behind] = belonging.sql ?? ["", ""];
      const together = granted.get(verb + behind) ?? { verb, behind, words: [] };
      granted.set(verb + behind, together);
      together.words.push(words ?? "");
    } else {
      give(belonging, sql);
    }
  }
  const privileges = [...granted.values()].map(({ verb, behind, words }): ScriptStep => {
    const all = tablePrivileges(version);
    const isAll = all.every((each) => words.includes(each));
    const named = isAll ? ["ALL", ...words.filter((each) => !all.includes(each))] : words;
    return { sql: `${verb} ${named.join(", ")} ON ${name}${behind}`, locks: [], transaction: "inside" };
  });
  const [method] = stored.get("access method") ?? [];
  const [tablespace] = stored.get("tablespace") ?? [];
  const parameters = stored.get("storage parameter");
  const clauses = [
    method === undefined ? "" : ` USING ${method}`,
    parameters === undefined ? "" : ` WITH (${parameters.join(", ")})`,
    tablespace === undefined ? "" : ` TABLESPACE ${tablespace}`,
  ];
  return {
    clauses: clauses.join(""),
    early: [...privileges.filter(({ sql }) => !isGrant(sql)), ...early],
    grants: privileges.filter(({ sql }) => isGrant(sql)),
    secured,
    late,
    missing: [...missing, ...ofNone],
  };
}

/** The policy or trigger without which there is none of it: what ALTER POLICY has made of it, its comment, whether it fires. */
function holderOf({ kind, name }: KeptBelonging): string | null {
  switch (kind) {
    case "policy":
      return `policy ${quoteIdentifier(name.split("\0")[0] ?? "")}`;
    case "trigger":
    case "trigger state":
      return `trigger ${quoteIdentifier(name)}`;
    case "comment":
      return name === "" ? null : name;
    default:
      return null;
  }
}

function isGrant(sql: string): boolean {
  return sql.startsWith("GRANT ");
}

/** The statement that gives it to the new table; null where none does, or its text may mean something else there. */
function sqlFor(
  belonging: KeptBelonging,
  made: TableReference,
  { like, model }: Likeness,
  context: WriterContext,
): string | null {
  const { kind, sql, words, columns, searchPath, index } = belonging;
  const { catalog } = context;
  const name = writeName(catalog, made);
  if (columns.some((column) => columnNamed(like, column) === null)) return null;
  if (kind === "storage parameter" || kind === "tablespace" || kind === "access method") return words ?? null;
  if (index !== undefined) {
    const found = indexNames(made, { model, like }, context).get(index);
    if (found === undefined) return null;
    const own = quoteIdentifier(found);
    return kind === "clustering"
      ? `ALTER TABLE ${name} CLUSTER ON ${own}`
      : `ALTER TABLE ${name} REPLICA IDENTITY USING INDEX ${own}`;
  }
  if (sql === null) return null;
  const constraint = commentedConstraint(belonging, like);
  if (constraint != null) {
    const called = constraintName(constraint, made, { like, model }, context);
    return called === null ? null : commentOn(called, name, sql[1]);
  }
  const path = catalog.settings.searchPath;
  const isElsewhere = searchPath.length > 0 && searchPath.join("\0") !== path.join("\0");
  // A table that takes the name is what the text names then.
  const keepsName = made.schema === like.schema && made.name === like.name;
  const ownName = !keepsName && identifiersIn(sql[1]).has(like.name);
  if (kind !== "privilege" && kind !== "comment" && (isElsewhere || ownName)) return null;
  // Its number is in the names of such triggers.
  if (kind === "trigger state" && /_?ConstraintTrigger_/.test(belonging.name)) return null;
  return `${sql[0]}${name}${sql[1]}`;
}

/** What a constraint of the one table is called in the other; null where nobody knows, or ATTACH brings it. */
function constraintName(
  { name, type, index, inheritedFrom }: TableConstraint,
  made: TableReference,
  { like, model }: Likeness,
  context: WriterContext,
): string | null {
  // One that takes the place of the other has got the names of its indexes by then.
  const takesPlace = made.schema === like.schema && made.name === like.name;
  if (index === null || takesPlace) return type === "foreign-key" && inheritedFrom > 0 ? null : name;
  const own = context.catalog.relations.get(index)?.name;
  return indexNames(made, { model, like }, context).get(own ?? name) ?? null;
}

function lockOf({ kind, sql }: KeptBelonging): LockMode | null {
  switch (kind) {
    case "privilege":
      return null;
    case "comment":
    case "publication":
    case "statistics":
    case "clustering":
    case "column setting":
      return sql?.[0].startsWith("COMMENT ON TABLE") === false ? null : "SHARE UPDATE EXCLUSIVE";
    case "trigger":
    case "trigger state":
      return "SHARE ROW EXCLUSIVE";
    default:
      return "ACCESS EXCLUSIVE";
  }
}

/** For people: `the policy p`, `SELECT to app`. */
export function inWords({ kind, name, words, sql, index }: KeptBelonging): string {
  const own = name.split("\0")[0] ?? "";
  switch (kind) {
    case "privilege":
      if (sql?.[0].startsWith("REVOKE") === true)
        return `that ${words ?? ""} was taken${sql[1].replace(/^ FROM/, " from")}`;
      return sql === null ? `the privilege ${words ?? name}` : `the privilege ${words ?? ""}${sql[1]}`;
    case "comment":
      return own === "" ? "its comment" : `the comment on the ${own}`;
    case "storage parameter":
      return `the storage parameter ${own}`;
    case "column setting":
      return `the setting of the column ${own.split(" ")[0] ?? ""}`;
    case "row security":
      return `row level security (${own})`;
    case "trigger state":
      return `the state of the trigger ${own}`;
    case "replica identity":
      return index === undefined ? "its replica identity" : `its replica identity (the index ${index})`;
    case "clustering":
      return `the mark of CLUSTER on ${index ?? ""}`;
    case "tablespace":
    case "access method":
      return `the ${kind} ${words ?? ""}`;
    default:
      return `the ${kind} ${own}`;
  }
}

/** All that hangs on one table. */
export function hungOn(relation: Relation, { catalog }: WriterContext): Hung {
  const belongings = belongingsOf(catalog, relation);
  const isCut = belongings.length >= mostBelongings;
  return { belongings, missing: [...relation.rules.map(ruleInWords), ...(isCut ? ["what else hangs on it"] : [])] };
}

export function ruleInWords(rule: string): string {
  return `the rule ${rule}`;
}

/** What two have to have alike to be the same, on tables of any name. */
export function identityOf({ kind, name, sql, words, index }: KeptBelonging): string {
  // What PostgreSQL or somebody calls statistics and indexes of one table is no matter.
  if (kind === "statistics") return JSON.stringify([kind, sql?.[0].replace(/^.*?(?=\(| on )/i, ""), sql?.[1]]);
  return JSON.stringify([kind, name, sql, words, index === undefined ? null : kind]);
}
