/** Commands that change nothing of the schema here, and are refused where what they name does not exist: COMMENT, GRANT, VACUUM, … */

import {
  type Catalog,
  effectivePath,
  findRelation,
  knowsEveryObject,
  nameKey,
  withRelation,
} from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import { type Identifier, unquoteIdentifier } from "../../syntax/names.ts";
import type { Other, PlacedStatement, Statement } from "../../syntax/statement.ts";
import { type ApplyContext, applied, type Outcome, type Refusal, regarding, rejected } from "../outcome.ts";
import { cursorMissing, withoutCursor } from "../queries/cursors.ts";
import { withoutPrepared } from "../queries/prepared.ts";
import { taintAll } from "../taint.ts";
import { columnNamed } from "./constraint-shape.ts";
import { displayName, isAbsent, lookUpRelation, relationMissing } from "./lookup.ts";
import { refuseInTransaction } from "./outside-transaction.ts";
import { alterSequence } from "./sequences.ts";
import { discardSettings } from "./settings.ts";
import { withoutTemporary } from "./temporary.ts";

/** Applies a statement of kind `other`; null for any other statement. */
export function applyOther(catalog: Catalog, placed: PlacedStatement, context: ApplyContext): Outcome | null {
  const { statement } = placed;
  if (statement.kind !== "other") return null;
  const range = { start: 0, end: placed.end - placed.start };
  const { outsideOnly } = statement;
  const refusal = outsideOnly === undefined ? null : refuseInTransaction(outsideOnly, range, context);
  if (refusal !== null) return refusal;
  if (needing.has(statement.tag)) {
    const refusal = checkRelations(catalog, statement, context);
    if (refusal.kind === "rejected") return refusal;
    return applied(withPolicy(withMentions(catalog, statement, context.text ?? ""), statement));
  }
  if (statement.tag === "DropOwnedStmt")
    return applied(taintAll(catalog), "what DROP OWNED takes along is not followed");
  if (statement.tag === "DiscardStmt" && /^discard\s+(?:all|temp)/i.test(context.text ?? "")) {
    const isAll = /^discard\s+all/i.test(context.text ?? "");
    const left = withoutTemporary(catalog);
    return applied(isAll ? { ...withoutPrepared(discardSettings(left)), cursors: undefined } : left);
  }
  if (statement.tag === "FetchStmt" || statement.tag === "ClosePortalStmt") {
    const missing = cursorMissing(catalog, context);
    if (missing !== null) return missing;
    return applied(statement.tag === "FetchStmt" ? catalog : withoutCursor(catalog, context.text ?? ""));
  }
  if (statement.tag === "AlterFunctionStmt") return applied(withAlteredFunction(catalog, context.text ?? ""));
  if (statement.tag === "AlterSeqStmt") return alterSequence(catalog, statement);
  if (statement.tag === "AlterDomainStmt") return alterDomain(catalog, statement);
  if (statement.tag === "LockStmt" && !context.inTransaction && !context.inFunction) {
    const message = "LOCK TABLE can only be used in transaction blocks";
    return rejected("statement-rejected", "25P01", message, range);
  }
  if (createsUnkept.has(statement.tag)) return applied({ ...catalog, hasUnkeptObjects: true });
  return namesRelations.has(statement.tag) ? checkRelations(catalog, statement, context) : applied(catalog);
}

/** How volatile the function is from here on, and under which settings it runs, is not followed: that there is one is known. */
function withAlteredFunction(catalog: Catalog, text: string): Catalog {
  const part = String.raw`(?:"(?:[^"]|"")*"|[^\s".(]+)`;
  const altered = new RegExp(String.raw`^alter\s+(?:function|procedure|routine)\s+(?:${part}\s*\.\s*)*(${part})`, "i");
  const name = altered.exec(text)?.[1];
  const functions = name === undefined ? catalog.functions : catalog.functions.without(unquoteIdentifier(name));
  return { ...catalog, functions, hasUnkeptObjects: true };
}

/** What the domain asks for from here on is not followed. */
function alterDomain(catalog: Catalog, statement: Other): Outcome {
  const [name] = statement.relations;
  if (name === undefined) return applied(catalog);
  const schemas = name.schema === null ? effectivePath(catalog) : [name.schema];
  for (const schema of schemas) {
    const key = nameKey(schema, name.name);
    const type = catalog.types.get(key);
    if (type === undefined) continue;
    if (type.kind === "domain") {
      return applied({ ...catalog, types: catalog.types.with(key, { ...type, checks: null, default: null }, true) });
    }
    if (type.kind === "unknown") return applied(catalog);
    return rejected("statement-rejected", "42809", `${displayName(name)} is not a domain`, name.range);
  }
  if (isAbsent(catalog, name) && knowsEveryObject(catalog)) {
    return rejected("unknown-relation", "42704", `type "${displayName(name)}" does not exist`, name.range);
  }
  return applied(catalog);
}

/** Parse nodes that create operators, aggregates, collations, operator classes, casts and the like. */
const createsUnkept: ReadonlySet<string> = new Set([
  "CreateAmStmt",
  "CreateCastStmt",
  "CreateConversionStmt",
  "CreateOpFamilyStmt",
  "DefineStmt",
]);

/** What may need tables and columns that its expressions or lists name. */
const needing: ReadonlySet<string> = new Set([
  "CreatePolicyStmt",
  "AlterPolicyStmt",
  "CreatePublicationStmt",
  "AlterPublicationStmt",
]);

/** The catalog in which the use of a policy's table runs what its conditions do. */
function withPolicy(catalog: Catalog, { relations, object, uses }: Other & Pick<Statement, "uses">): Catalog {
  const [name] = relations;
  const table = name === undefined ? null : findRelation(catalog, name);
  if (table === null || object?.kind !== "policy" || uses === undefined) return catalog;
  // What a policy says after ALTER is put beside what it said before.
  const code = [...(table.code ?? []), { kind: "policy", name: object.name, uses } as const];
  return withRelation(catalog, { ...table, code });
}

/** The catalog in which every relation that the text names is known to be mentioned by it. */
function withMentions(catalog: Catalog, { tag, relations }: Other, text: string): Catalog {
  const words = new Set(text.match(/[\p{L}_][\p{L}\p{N}_$]*/gu)?.flatMap((word) => [word, word.toLowerCase()]));
  const own = new Set(relations.map((name) => findRelation(catalog, name)?.id));
  let next = catalog;
  for (const word of words) {
    const relation = findRelation(next, { schema: null, name: word });
    if (relation === null) continue;
    const before = relation.mentionedBy;
    const elsewhere = before?.elsewhere === true || (tag.includes("Policy") && !own.has(relation.id));
    next = withRelation(next, {
      ...relation,
      mentionedBy: { words: new Set([...(before?.words ?? []), ...words]), elsewhere },
    });
  }
  return next;
}

/** Parse nodes whose relations PostgreSQL looks up, without IF EXISTS. */
const namesRelations: ReadonlySet<string> = new Set([
  "ClusterStmt",
  "CommentStmt",
  "CreateStatsStmt",
  "GrantStmt",
  "LockStmt",
  "RefreshMatViewStmt",
  "ReindexStmt",
  "VacuumStmt",
]);

function checkRelations(catalog: Catalog, statement: Other, { version }: ApplyContext): Outcome {
  for (const name of statement.relations) {
    const found = lookUpRelation(catalog, name);
    if (found.kind === "absent") return relationMissing(catalog, name);
    const refusal =
      found.kind === "found"
        ? (refusePartitionedCluster(statement, found.relation, version) ??
          checkMember(catalog, statement, found.relation))
        : null;
    if (refusal !== null) return refusal;
  }
  return applied(catalog);
}

function checkMember(catalog: Catalog, { tag, member }: Other, relation: Relation): Refusal | null {
  if (member === undefined || relation.knowledge !== "full") return null;
  const { name, range } = member;
  if (tag === "CommentStmt") {
    if (columnNamed(relation, name) !== null || relation.index !== null) return null;
    const message = `column "${name}" of relation "${relation.name}" does not exist`;
    return rejected("statement-rejected", "42703", message, range);
  }
  const missing = indexOfTableMissing(catalog, relation, name, range);
  return missing ?? (tag === "ClusterStmt" ? refuseClusterIndex(catalog, relation, member) : null);
}

/** What CLUSTER refuses of a partitioned table: before 15 all of them, later one without an index, for none is remembered of those. */
function refusePartitionedCluster(
  { tag, member, relations }: Other,
  { kind, name }: Relation,
  version: number,
): Refusal | null {
  const range = relations[0]?.range ?? { start: 0, end: 0 };
  if (tag !== "ClusterStmt" || kind !== "partitioned-table") return null;
  if (version < 15) return rejected("statement-rejected", "0A000", "cannot cluster a partitioned table", range);
  if (member !== undefined) return null;
  const message = `there is no previously clustered index for table "${name}"`;
  return rejected("statement-rejected", "42704", message, range);
}

/** `check_index_is_clusterable`: the refusal of an index by whose order the rows of the table cannot be stored, or null. */
export function refuseClusterIndex(
  catalog: Catalog,
  table: Relation,
  { name, range }: Pick<Identifier, "name" | "range">,
): Refusal | null {
  const found = lookUpRelation(catalog, { schema: table.schema, name });
  if (found.kind !== "found" || table.knowledge !== "full" || found.relation.knowledge !== "full") return null;
  const { relation } = found;
  const { index } = relation;
  const refuse = (sqlstate: string, message: string): Refusal =>
    regarding(rejected("statement-rejected", sqlstate, message, range), relation);
  if (index === null) return refuse("42809", `"${name}" is not an index`);
  if (index.table !== table.id) return refuse("42809", `"${name}" is not an index for table "${table.name}"`);
  const method = index.definition?.method;
  if (method !== undefined && ownMethods.has(method))
    return refuse("0A000", `cannot cluster on index "${name}" because access method does not support clustering`);
  if (index.predicate !== null) return refuse("0A000", `cannot cluster on partial index "${name}"`);
  return index.valid ? null : refuse("0A000", `cannot cluster on invalid index "${name}"`);
}

/** Those of PostgreSQL's own access methods that keep no order of rows. */
const ownMethods: ReadonlySet<string> = new Set(["hash", "gin", "brin", "spgist"]);

/** The refusal of an index that its table does not have (CLUSTER, REPLICA IDENTITY), or null. */
export function indexOfTableMissing(
  catalog: Catalog,
  table: Relation,
  name: string,
  range: Refusal["rejection"]["range"],
): Refusal | null {
  const found = lookUpRelation(catalog, { schema: table.schema, name });
  if (table.knowledge !== "full" || found.kind !== "absent") return null;
  return rejected("unknown-relation", "42704", `index "${name}" for table "${table.name}" does not exist`, range);
}
