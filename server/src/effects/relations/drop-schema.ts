/** DROP SCHEMA, with all that is in it and what outside of it cannot be without that. */

import { type Catalog, effectivePath, nameKey, relationById } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import type { Drop } from "../../syntax/statement.ts";
import { addAll } from "../../text/long-lists.ts";
import { withDoubtfulChanges } from "../doubt.ts";
import { applied, type Outcome, rejected, withDeclined } from "../outcome.ts";
import { taintAll } from "../taint.ts";
import { deleteAll, deletionOf } from "./dependencies.ts";
import { dependencyRefusal } from "./dependency-refusal.ts";
import { withoutUsers } from "./function-users.ts";
import { addRowTypes, withoutTypes } from "./goes-along.ts";
import { mayBeMissing } from "./lookup.ts";
import { describeRelation } from "./object-description.ts";
import { type Dropped, withPerhapsGone } from "./perhaps-goes-along.ts";

/** Applies DROP SCHEMA. */
export function dropSchemas(catalog: Catalog, statement: Drop): Outcome {
  let next = catalog;
  const declined: string[] = [];
  for (const { name, range } of statement.names) {
    if (!next.schemas.has(name)) {
      const certain = next.complete || next.knownAbsent.has(name);
      if (certain && !statement.ifExists && !catalog.tainted) {
        return rejected("unknown-relation", "3F000", `schema "${name}" does not exist`, range);
      }
    }
    const contents = relationsOfSchema(next, name);
    const typeCount = [...next.types.keys(nameKey(name, ""))].filter((key) => key.startsWith(nameKey(name, ""))).length;
    const roots = contents.filter((relation) => !goesAlong(next, relation) && !mayBeMissing(next, relation));
    if (!statement.cascade && (roots.length > 0 || typeCount > 0)) {
      const blockers = roots.map((relation) => ({
        line: `${describeRelation(next, relation)} depends on schema ${quoteIdentifier(name)}`,
        relation: relation.id,
      }));
      const message =
        statement.names.length === 1
          ? `cannot drop schema ${quoteIdentifier(name)} because other objects depend on it`
          : "cannot drop desired object(s) because other objects depend on them";
      // Types and functions stand between the relations in an order that is not kept.
      const isOrdered =
        typeCount === 0 && next.functions.size === 0 && deletionOf(next, contents).blockers.length === 0;
      return dependencyRefusal(message, blockers, statement, isOrdered);
    }
    const gone = new Set([...next.types.keys()].filter((key) => key.startsWith(nameKey(name, ""))));
    const left = deleteAll(next, deletionOf(next, contents));
    addRowTypes(next, left, gone);
    const without = withoutTypes(left, gone);
    const bare = {
      ...without,
      schemas: without.schemas.without(name),
      knownAbsent: without.knownAbsent.with(name, true),
    };
    if (!statement.cascade) {
      const note = `whether something is in schema "${name}" is not known`;
      if (!next.tainted && contents.length === 0 && !mayHoldOthers(next, name)) next = bare;
      else {
        next = withDoubtfulChanges(next, bare);
        declined.push(note);
      }
      continue;
    }
    const holdsExtension = [...catalog.extensions.values()].some(({ schema }) =>
      schema === null ? effectivePath(catalog).includes(name) : schema === name,
    );
    const outcome = holdsExtension
      ? applied(taintAll(bare), `what goes along with the extension in schema "${name}" is not known`)
      : withDropped(bare, droppedWith(next, name, gone));
    if (outcome.kind === "rejected") return outcome;
    next = outcome.catalog;
    addAll(declined, outcome.declined);
  }
  return withDeclined(applied(next), declined);
}

/** Whether functions may be in it, or what of a catalog is not kept. */
function mayHoldOthers(catalog: Catalog, schema: string): boolean {
  if (catalog.hasUnkeptObjects === true || catalog.operatorClasses.size > 0) return true;
  return functionsIn(catalog, schema).length > 0;
}

/** The functions that are, or may be, in the schema. */
function functionsIn(catalog: Catalog, schema: string): readonly string[] {
  return [...catalog.functions.entries()].flatMap(([name, { routines }]) =>
    routines === undefined || routines.some((routine) => routine.schema === schema) ? [name] : [],
  );
}

/** What calls a function that is in it for sure goes along for sure. */
function withDropped(catalog: Catalog, dropped: Dropped): Outcome {
  return withPerhapsGone([...dropped.functions].reduce(withoutUsers, catalog), dropped);
}

function droppedWith(catalog: Catalog, schema: string, types: ReadonlySet<string>): Dropped {
  const names = [...types].map((key) => key.slice(key.indexOf("\0") + 1));
  const functions = [...catalog.functions.entries()].flatMap(([name, { routines }]) =>
    routines?.every((routine) => routine.schema === schema) === true ? [name] : [],
  );
  return { types: new Set(names), functions: new Set(functions), schemas: new Set([schema]) };
}

/** The relations of a schema but indexes, in order of creation. */
export function relationsOfSchema(catalog: Catalog, schema: string): readonly Relation[] {
  const found: Relation[] = [];
  for (const [, id] of catalog.names.entries(nameKey(schema, ""))) {
    const relation = relationById(catalog, id);
    if (relation !== null && relation.index === null) found.push(relation);
  }
  return found.sort((a, b) => a.id - b.id);
}

/** Partitions whose parent is in the same schema, and owned sequences, are not reported on their own. */
function goesAlong(catalog: Catalog, relation: Relation): boolean {
  const ownerId = relation.partitionOf?.parent ?? (relation.kind === "sequence" ? relation.dependsOn[0] : undefined);
  const owner = ownerId === undefined ? null : relationById(catalog, ownerId);
  return owner !== null && owner.schema === relation.schema;
}
