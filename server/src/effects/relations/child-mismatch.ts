/** Whether a table fits under a parent, by ATTACH PARTITION or INHERIT, in the order in which PostgreSQL checks. */

import { type Catalog, relationById, withRelation } from "../../catalog/catalog.ts";
import { NamedList } from "../../catalog/named-list.ts";
import type { Column, Relation, RelationId, TableConstraint } from "../../catalog/relation.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import type { TextRange } from "../../text/range.ts";
import { type ApplyContext, type Outcome, type Refusal, type Rejection, regarding, rejected } from "../outcome.ts";
import { columnNamed, sameCheck } from "./constraint-shape.ts";
import { collationsDiffer, typesDiffer } from "./merge-columns.ts";
import { namesNotNull } from "./not-null.ts";

type As = "partition" | "inheritance-child";

/**
 * `MergeAttributesIntoExisting` and `MergeConstraintsIntoExisting`: each column and CHECK (18: NOT NULL) constraint of the
 * parent must be in the child. Applied, the catalog holds the child with these columns and constraints marked as
 * inherited; the links between parent and child are the caller's, and so is the check for columns that a partition has
 * and its parent has not.
 *
 * @param range what the refusal is about
 */
export function mergeIntoParent(
  catalog: Catalog,
  child: Relation,
  parent: Relation,
  as: As,
  range: TextRange,
  context: ApplyContext,
): Outcome {
  const refuse: Refuse = (sqlstate, message, extra = {}) =>
    regarding(
      rejected("attach-mismatch", sqlstate, message, range, {
        ...extra,
        related: [
          { relation: child.id, origin: child.origin, message: `${quoteIdentifier(child.name)} is created here` },
        ],
      }),
      parent,
    );
  const certain = child.knowledge === "full" && parent.knowledge === "full";
  const columns: Column[] = [...child.columns];
  for (const column of parent.columns) {
    const index = columns.findIndex((candidate) => candidate.name === column.name);
    const own = columns[index];
    if (own === undefined) {
      if (!certain) continue;
      return refuse("42804", `child table is missing column "${column.name}"`);
    }
    const refusal = certain ? columnMismatch(column, own, child, parent, context, refuse) : null;
    if (refusal !== null) return refusal;
    columns[index] = {
      ...own,
      identity: as === "partition" && context.version >= 17 ? column.identity : own.identity,
      local: as === "partition" ? false : own.local,
      inheritedFrom: own.inheritedFrom + 1,
    };
  }
  const merged = mergeConstraints(child, parent, as, certain, refuse);
  if (merged.kind === "rejected") return merged;
  const next = withRelation(catalog, { ...child, columns, constraints: NamedList.of(merged.constraints) });
  const declined = certain
    ? merged.declined
    : [`whether "${child.name}" fits under "${parent.name}" cannot be told`, ...merged.declined];
  return { kind: "applied", catalog: next, declined };
}

/**
 * The child after it has left a parent, by DETACH or NO INHERIT: what it inherited is its own now. The links are the
 * caller's.
 */
export function leaveParent(catalog: Catalog, childId: RelationId, parent: Relation): Catalog {
  const child = relationById(catalog, childId);
  if (child === null) return catalog;
  const columns = child.columns.map((column) => {
    if (column.inheritedFrom === 0 || columnNamed(parent, column.name) === null) return column;
    const left = column.inheritedFrom - 1;
    return { ...column, inheritedFrom: left, local: column.local || left === 0 };
  });
  const constraints = child.constraints.changed((constraint) => {
    const inherits = constraint.type === "check" || constraint.type === "not-null";
    if (!inherits || constraint.inheritedFrom === 0 || matching(constraint, parent.constraints) === undefined) {
      return constraint;
    }
    const left = constraint.inheritedFrom - 1;
    return { ...constraint, inheritedFrom: left, local: constraint.local || left === 0 };
  });
  return withRelation(catalog, { ...child, columns, constraints });
}

type Refuse = (sqlstate: string, message: string, extra?: Partial<Pick<Rejection, "detail">>) => Refusal;

function columnMismatch(
  column: Column,
  own: Column,
  child: Relation,
  parent: Relation,
  context: ApplyContext,
  refuse: Refuse,
): Refusal | null {
  const { name } = column;
  if (typesDiffer(column.type, own.type)) {
    return refuse("42804", `child table "${child.name}" has different type for column "${name}"`);
  }
  if (collationsDiffer(column.collation, own.collation)) {
    return refuse("42P21", `child table "${child.name}" has different collation for column "${name}"`);
  }
  if (column.notNull && !own.notNull && !isNotNullWithoutInherit(parent, name)) {
    return refuse("42804", mustBeNotNull(name, child, context));
  }
  if (column.generated !== null && own.generated === null) {
    return refuse("42804", `column "${name}" in child table must be a generated column`);
  }
  if (column.generated === null && own.generated !== null && context.version >= 17) {
    return refuse("42804", `column "${name}" in child table must not be a generated column`);
  }
  if (column.generated !== null && own.generated !== null && column.generated !== own.generated) {
    const kind = { stored: "STORED", virtual: "VIRTUAL" } as const;
    return refuse("42804", `column "${name}" inherits from generated column of different kind`, {
      detail: `Parent column is ${kind[column.generated]}, child column is ${kind[own.generated]}.`,
    });
  }
  return null;
}

function isNotNullWithoutInherit(parent: Relation, column: string): boolean {
  return parent.constraints.some(
    (constraint) => constraint.type === "not-null" && constraint.columns[0] === column && constraint.noInherit,
  );
}

function mustBeNotNull(column: string, child: Relation, context: ApplyContext): string {
  return namesNotNull(context)
    ? `column "${column}" in child table "${child.name}" must be marked NOT NULL`
    : `column "${column}" in child table must be marked NOT NULL`;
}

function mergeConstraints(
  child: Relation,
  parent: Relation,
  as: As,
  certain: boolean,
  refuse: Refuse,
):
  | {
      readonly kind: "merged";
      readonly constraints: readonly TableConstraint[];
      readonly declined: readonly string[];
    }
  | Refusal {
  const constraints = [...child.constraints];
  const declined: string[] = [];
  // PostgreSQL reads the parent's constraints through an index by name.
  const byName = [...parent.constraints].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  for (const constraint of byName) {
    if ((constraint.type !== "check" && constraint.type !== "not-null") || constraint.noInherit) continue;
    const own = matching(constraint, constraints);
    if (own === undefined) {
      if (!certain || constraint.type === "not-null" || constraint.doubtful === true) continue;
      return refuse("42804", `child table is missing constraint "${constraint.name}"`);
    }
    const same = constraint.type === "check" ? sameCheck(constraint, own) : true;
    if (same === null)
      declined.push(`whether constraint "${constraint.name}" is the same in both tables cannot be told`);
    const refusal = certain ? constraintMismatch(constraint, own, same !== false, child, refuse) : null;
    if (refusal !== null) return refusal;
    constraints[constraints.indexOf(own)] = {
      ...own,
      inheritedFrom: own.inheritedFrom + 1,
      local: as === "partition" ? false : own.local,
    };
  }
  return { kind: "merged", constraints, declined };
}

/** The child's counterpart of a parent's constraint: CHECKs go by name, NOT NULLs by column. */
function matching(
  constraint: TableConstraint,
  candidates: Pick<readonly TableConstraint[] | Relation["constraints"], "find">,
): TableConstraint | undefined {
  return candidates.find((candidate) => {
    if (candidate.type !== constraint.type) return false;
    return constraint.type === "check"
      ? candidate.name === constraint.name
      : candidate.columns[0] === constraint.columns[0];
  });
}

function constraintMismatch(
  constraint: TableConstraint,
  own: TableConstraint,
  same: boolean,
  child: Relation,
  refuse: Refuse,
): Refusal | null {
  if (!same) {
    const message = `child table "${child.name}" has different definition for check constraint "${constraint.name}"`;
    return refuse("42804", message);
  }
  const conflict = (kind: string): Refusal =>
    refuse("42P17", `constraint "${own.name}" conflicts with ${kind} constraint on child table "${child.name}"`);
  if (own.noInherit) return conflict("non-inherited");
  if (constraint.validated && own.enforced && !own.validated) return conflict("NOT VALID");
  if (constraint.enforced && !own.enforced) return conflict("NOT ENFORCED");
  return null;
}
