/** Which leaf partitions a statement of a script touches: predicted at once, or asked from a planner. */

import type { Catalog } from "../catalog/catalog.ts";
import { relationById } from "../catalog/catalog.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
import type { EvaluateContext } from "../catalog/values/evaluate.ts";
import type { Step } from "../replay/step.ts";
import type { PostgresVersion } from "../schemes/scheme.ts";
import type { Query } from "../syntax/query.ts";
import type { PlacedStatement } from "../syntax/statement.ts";
import { shiftRange } from "../text/range.ts";
import type { TableReference } from "./conditions.ts";
import { hasTree, leavesOf } from "./leaves.ts";
import { predict } from "./predict.ts";
import { referencesOf } from "./references.ts";
import type { QualifiedName, RelationVerdict, Verdict } from "./verdict.ts";

export interface VerdictOptions {
  readonly version: PostgresVersion;
}

/** What our own rules say, without asking anybody. */
export function predictedVerdict(step: Step, options: VerdictOptions): Verdict {
  return { relations: queriesOf(step).flatMap((query) => predictQuery(query, step.before, options)), problem: null };
}

/** A query that running a statement runs, with where it stands in the statement. */
interface PlacedQuery {
  readonly query: Query;
  readonly offset: number;
}

/** The queries of a statement that does run: nothing runs in an aborted transaction. */
function queriesOf(step: Step): readonly PlacedQuery[] {
  if (step.transaction.state === "aborted") return [];
  return queriesIn(step.statement, 0);
}

function queriesIn(placed: PlacedStatement, offset: number): readonly PlacedQuery[] {
  const { statement } = placed;
  switch (statement.kind) {
    case "query":
    case "create-table-as":
    case "copy":
      return statement.query === null ? [] : [{ query: statement.query, offset }];
    case "do":
      return statement.body.statements.flatMap((inner) => queriesIn(inner, inner.start));
    default:
      return [];
  }
}

function predictQuery(placed: PlacedQuery, catalog: Catalog, options: VerdictOptions): readonly RelationVerdict[] {
  const context: EvaluateContext = {
    settings: catalog.settings,
    version: options.version,
    catalog,
    // What the clock will say is not known; who asks a planner learns it.
    today: null,
  };
  const references = referencesOf(placed.query, { catalog, context, commonTables: new Map(), outer: null });
  return references
    .filter(({ mention }) => hasTree(mention.relation))
    .map((reference) => predictReference(reference, placed, catalog));
}

function predictReference(reference: TableReference, placed: PlacedQuery, catalog: Catalog): RelationVerdict {
  const { mention, scope, clauses } = reference;
  const { relation, access, only } = mention;
  const leaves = leavesOf(catalog, relation).map(nameOf);
  const base = {
    relation: nameOf(relation),
    relationId: relation.id,
    range: shiftRange(mention.range, placed.offset),
    access,
    leaves,
    source: "predicted",
  } as const;
  if (access === "insert") {
    return { ...base, survivors: null, decided: "execution", certainty: "unknown", reasons: [] };
  }
  const writes = access !== "select";
  const prediction = predict(catalog, { relation, reference: mention.reference, only, writes, clauses, scope });
  const { survivors, decided } = prediction;
  const certainty = reference.incomplete ? "at-most" : prediction.certainty;
  return { ...base, survivors: namesOf(catalog, survivors), decided, certainty, reasons: [] };
}

function namesOf(catalog: Catalog, ids: readonly RelationId[]): readonly QualifiedName[] {
  return ids.flatMap((id) => {
    const relation = relationById(catalog, id);
    return relation === null ? [] : [nameOf(relation)];
  });
}

function nameOf(relation: Relation): QualifiedName {
  return { schema: relation.schema, name: relation.name };
}
