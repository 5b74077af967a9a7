/** Table and column constraints. */

import type { Constraint as ConstraintNode, Node } from "@pgsql/types";
import { type Identifier, quoteIdentifier } from "../names.ts";
import type { Constraint } from "../statement.ts";
import { lowerExpression } from "./expressions.ts";
import type { Lowering } from "./lowering.ts";
import { identifierNamed, identifiersInParentheses, relationName } from "./names.ts";
import { allOf, as, items, location, options, strings } from "./node.ts";
import {
  afterGroup,
  findWord,
  isWord,
  type Region,
  rangeOf,
  rangeOfRegion,
  type Source,
  tokenIndexAt,
  word,
} from "./source.ts";

const constraintTypes: Readonly<Partial<Record<NonNullable<ConstraintNode["contype"]>, Constraint["type"]>>> = {
  CONSTR_NULL: "null",
  CONSTR_NOTNULL: "not-null",
  CONSTR_DEFAULT: "default",
  CONSTR_GENERATED: "generated",
  CONSTR_IDENTITY: "identity",
  CONSTR_CHECK: "check",
  CONSTR_PRIMARY: "primary-key",
  CONSTR_UNIQUE: "unique",
  CONSTR_EXCLUSION: "exclude",
  CONSTR_FOREIGN: "foreign-key",
};

/** A table constraint, which fills its region. */
export function lowerTableConstraint(node: ConstraintNode, region: Region, lowering: Lowering): Constraint {
  return lowerConstraint(node, region, true, lowering);
}

/** The constraints of a column, which stand one after the other between its type and the end of its region. */
export function lowerColumnConstraints(
  nodes: readonly Node[] | undefined,
  region: Region,
  lowering: Lowering,
): readonly Constraint[] {
  const { source } = lowering;
  const constraints: Constraint[] = [];
  const all = allOf(nodes, "Constraint");
  all.forEach((node, index) => {
    const next = all[index + 1];
    const last = next === undefined ? region.last : tokenIndexAt(source, location(next)) - 1;
    const first = tokenIndexAt(source, location(node));
    const attribute = attributeOf(node);
    const previous = constraints.pop();
    if (attribute === undefined) {
      if (previous !== undefined) constraints.push(previous);
      constraints.push(lowerConstraint(node, { first, last }, false, lowering));
    } else if (previous !== undefined) {
      // DEFERRABLE, NOT ENFORCED and so on follow the constraint that they belong to.
      const range = { start: previous.range.start, end: rangeOf(source, last).end };
      const enforces = all[index - 1]?.contype?.endsWith("_ENFORCED") === true;
      const again = enforces && attribute.enforced !== undefined ? { enforcedTwice: true as const } : {};
      constraints.push({ ...previous, ...attribute, ...again, range });
    }
  });
  return constraints;
}

function attributeOf({ contype }: ConstraintNode): Partial<Constraint> | undefined {
  switch (contype) {
    case "CONSTR_ATTR_DEFERRABLE":
      return { deferrable: true };
    case "CONSTR_ATTR_DEFERRED":
      return { deferrable: true, initiallyDeferred: true };
    case "CONSTR_ATTR_NOT_DEFERRABLE":
      return { deferrable: false };
    case "CONSTR_ATTR_NOT_ENFORCED":
      return { enforced: false };
    case "CONSTR_ATTR_ENFORCED":
      return { enforced: true };
    case "CONSTR_ATTR_IMMEDIATE":
      return {};
    default:
      return undefined;
  }
}

function lowerConstraint(node: ConstraintNode, region: Region, ofTable: boolean, lowering: Lowering): Constraint {
  const { source } = lowering;
  const start =
    isWord(source, region.first, "constraint") && node.conname !== undefined ? region.first + 2 : region.first;
  const type = constraintTypes[node.contype ?? "CONSTR_NULL"] ?? "null";
  const list = findWord(source, { first: start, last: region.last }, "(");
  const keys = node.keys ?? node.fk_attrs;
  return {
    type,
    name: node.conname === undefined ? null : identifierNamed(node.conname, source, start - 1),
    columns: ofTable && keys !== undefined ? keyColumns(node, start, list, source) : [],
    expression: node.raw_expr === undefined ? null : lowerExpression(node.raw_expr, lowering),
    exclusions: lowerExclusions(node, lowering),
    noInherit: node.is_no_inherit === true,
    notValid: node.skip_validation === true,
    enforced: !isUnenforced(node, region, source),
    generated: node.generated_when === "a" ? "always" : node.generated_when === "d" ? "by-default" : null,
    ...sequenceNameOf(node),
    stored: node.generated_kind === "s",
    references: lowerReferences(node, region, lowering),
    withoutOverlaps: node.without_overlaps === true || node.fk_with_period === true,
    usingIndex: node.indexname ?? null,
    deferrable: node.deferrable === true,
    ...foreignKeyActions(node),
    ...(node.initdeferred === true ? { initiallyDeferred: true } : {}),
    ...(node.access_method === undefined ? {} : { method: node.access_method }),
    ...(node.where_clause === undefined ? {} : { where: lowerExpression(node.where_clause, lowering) }),
    ...(node.nulls_not_distinct === true ? { nullsNotDistinct: true } : {}),
    include: node.including === undefined ? [] : listAfter(source, region, "include"),
    range: rangeOfRegion(source, region),
  };
}

/** The name that IDENTITY (SEQUENCE NAME …) gives its sequence. */
export function sequenceNameOf(node: ConstraintNode): Pick<Constraint, "sequenceName"> {
  const name = as(options(node.options).get("sequence_name"), "List")?.items;
  return name === undefined ? {} : { sequenceName: strings(name) };
}

/** `NOT NULL a` has its column without parentheses; `b WITHOUT OVERLAPS` and `PERIOD b` have words beside it. */
function keyColumns(node: ConstraintNode, start: number, list: number, source: Source): readonly Identifier[] {
  const names = strings(node.keys ?? node.fk_attrs);
  if (node.contype === "CONSTR_NOTNULL") return names.map((name) => identifierNamed(name, source, start + 2));
  const written = identifiersInParentheses(source, list);
  return names.map((name, index) => ({ name, range: written[index]?.range ?? rangeOf(source, list) }));
}

/** The tree says `is_enforced` only where the grammar thought of it; the words are always there. */
function isUnenforced(node: ConstraintNode, region: Region, source: Source): boolean {
  if (node.is_enforced === true) return false;
  const enforced = findWord(source, region, "enforced");
  return enforced >= 0 && word(source, enforced - 1) === "not";
}

function lowerReferences(node: ConstraintNode, region: Region, lowering: Lowering): Constraint["references"] {
  if (node.pktable === undefined) return null;
  const { source } = lowering;
  const relation = relationName(node.pktable, source, "never-only");
  const list = tokenIndexAt(source, relation.range.end);
  const hasColumns = node.pk_attrs !== undefined && list <= region.last;
  const period = node.pk_with_period === true ? { period: true as const } : {};
  return { relation, columns: hasColumns ? identifiersInParentheses(source, list) : [], ...period };
}

const actionWords: Readonly<Record<string, string>> = {
  r: "RESTRICT",
  c: "CASCADE",
  n: "SET NULL",
  d: "SET DEFAULT",
};

function foreignKeyActions(node: ConstraintNode): Pick<Constraint, "actions"> {
  const match = node.fk_matchtype === "f" ? " MATCH FULL" : "";
  const [onUpdate, onDelete] = [node.fk_upd_action, node.fk_del_action].map((action) => actionWords[action ?? ""]);
  const columns = strings(node.fk_del_set_cols).map(quoteIdentifier).join(", ");
  const deleted = onDelete === undefined ? "" : ` ON DELETE ${onDelete}${columns === "" ? "" : ` (${columns})`}`;
  const actions = `${match}${onUpdate === undefined ? "" : ` ON UPDATE ${onUpdate}`}${deleted}`;
  return actions === "" ? {} : { actions };
}

function lowerExclusions(node: ConstraintNode, lowering: Lowering): Constraint["exclusions"] {
  return (node.exclusions ?? []).flatMap((exclusion) => {
    const [elementNode, operators] = items(exclusion);
    const element = as(elementNode, "IndexElem");
    if (element === undefined) return [];
    return {
      column: element.name ?? null,
      expression: element.expr === undefined ? null : lowerExpression(element.expr, lowering),
      ...(element.collation === undefined ? {} : { collation: strings(element.collation) }),
      ...(element.opclass === undefined ? {} : { operatorClass: strings(element.opclass) }),
      operator: strings(items(operators)).at(-1) ?? "",
    };
  });
}

/** The names in the parentheses after a word: `INCLUDE (a, b)`. */
function listAfter(source: Source, region: Region, keyword: string): readonly Identifier[] {
  for (let index = region.first; index <= region.last; index = afterGroup(source, index)) {
    if (word(source, index) === keyword && word(source, index + 1) === "(")
      return identifiersInParentheses(source, index + 1);
  }
  return [];
}
