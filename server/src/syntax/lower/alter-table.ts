/** ALTER TABLE and its relatives: one action for each of its commands, each with its own words. */

import type { AlterTableCmd, AlterTableStmt, AlterTableType } from "@pgsql/types";
import type { TextRange } from "../../text/range.ts";
import type { Identifier } from "../names.ts";
import type { AlterAction, AlterTable } from "../statement.ts";
import { lowerBound } from "./bounds.ts";
import { lowerTableConstraint, sequenceNameOf } from "./constraints.ts";
import { lowerExpression } from "./expressions.ts";
import type { Lowering } from "./lowering.ts";
import { identifierAt, identifierNamed, relationName } from "./names.ts";
import { as, items, location, options, optionText, strings } from "./node.ts";
import { isWord, type Region, rangeOfRegion, splitByCommas, tokenIndexAt, word } from "./source.ts";
import { lowerColumn, storageParameters } from "./tables.ts";
import { lowerTypeName } from "./types.ts";

export function lowerAlterTable(node: AlterTableStmt, lowering: Lowering): AlterTable {
  const { source } = lowering;
  const relation = relationName(node.relation ?? {}, source, "may-be-only");
  let first = tokenIndexAt(source, relation.range.end);
  // `ONLY (t)` and `t *`.
  while (isWord(source, first, "*", ")")) first++;
  const regions = splitByCommas(source, { first, last: source.tokens.length - 1 });
  return {
    kind: "alter-table",
    objectType: objectTypeOf(node),
    relation,
    ifExists: node.missing_ok === true,
    actions: (node.cmds ?? []).flatMap((command, index) => {
      const content = as(command, "AlterTableCmd");
      const region = regions[index];
      return content === undefined || region === undefined ? [] : lowerAction(content, region, lowering);
    }),
  };
}

function objectTypeOf({ objtype }: AlterTableStmt): AlterTable["objectType"] {
  switch (objtype) {
    case "OBJECT_FOREIGN_TABLE":
      return "foreign-table";
    case "OBJECT_INDEX":
      return "index";
    case "OBJECT_VIEW":
      return "view";
    case "OBJECT_MATVIEW":
      return "materialized-view";
    case "OBJECT_SEQUENCE":
      return "sequence";
    case "OBJECT_TYPE":
      return "type";
    default:
      return "table";
  }
}

type Words = {
  readonly node: AlterTableCmd;
  readonly region: Region;
  readonly range: TextRange;
  readonly lowering: Lowering;
};

/** What the command does; `other` for what the catalog does not keep. */
function lowerAction(node: AlterTableCmd, region: Region, lowering: Lowering): AlterAction {
  const range = rangeOfRegion(lowering.source, region);
  const action = actions[node.subtype ?? "AT_AddColumn"]?.({ node, region, range, lowering });
  if (action !== undefined && action !== null) return action;
  const parameters =
    node.subtype === "AT_SetRelOptions" ? storageParameters(items(node.def), lowering.source) : undefined;
  const member = otherMember({ node, region, range, lowering });
  const owner = node.newowner?.roletype === "ROLESPEC_CSTRING" ? node.newowner.rolename : undefined;
  return {
    kind: "other",
    tag: node.subtype ?? "",
    parameters,
    range,
    ...(member === null ? {} : { member }),
    ...(node.subtype === "AT_SetExpression" && node.def !== undefined
      ? { expression: lowerExpression(node.def, lowering) }
      : {}),
    ...(owner === undefined ? {} : { owner }),
  };
}

function otherMember(words: Words): Identifier | null {
  const { node, region, lowering } = words;
  switch (node.subtype) {
    case "AT_SetStatistics":
    case "AT_SetStorage":
    case "AT_SetCompression":
    case "AT_SetOptions":
    case "AT_ResetOptions":
    case "AT_SetExpression":
      return node.name === undefined ? null : memberOf(words);
    case "AT_ClusterOn":
      return identifierAt(lowering.source, region.last);
    case "AT_ReplicaIdentity":
      return as(node.def, "ReplicaIdentityStmt")?.name === undefined
        ? null
        : identifierAt(lowering.source, region.last);
    default:
      return null;
  }
}

const actions: { readonly [Type in AlterTableType]?: (words: Words) => AlterAction | null } = {
  AT_AttachPartition: ({ node, range, lowering }) => {
    const { name, bound } = as(node.def, "PartitionCmd") ?? {};
    if (name === undefined) return null;
    if (bound === undefined)
      return { kind: "attach-index", index: relationName(name, lowering.source, "never-only"), range };
    const partition = relationName(name, lowering.source, "never-only");
    return { kind: "attach-partition", partition, bound: lowerBound(bound, lowering), range };
  },
  AT_DetachPartition: (words) => lowerDetach(words, false),
  AT_DetachPartitionFinalize: (words) => lowerDetach(words, true),
  AT_AddInherit: ({ node, range, lowering }) => {
    const parent = as(node.def, "RangeVar");
    return parent === undefined
      ? null
      : { kind: "inherit", parent: relationName(parent, lowering.source, "never-only"), range };
  },
  AT_DropInherit: ({ node, range, lowering }) => {
    const parent = as(node.def, "RangeVar");
    return parent === undefined
      ? null
      : { kind: "no-inherit", parent: relationName(parent, lowering.source, "never-only"), range };
  },
  AT_AddColumn: ({ node, region, range, lowering }) => {
    const column = as(node.def, "ColumnDef");
    if (column === undefined) return null;
    const first = afterNoise(lowering, region, "add", "attribute", "column", "if", "not", "exists");
    const definition = lowerColumn(column, { first, last: region.last }, lowering);
    return { kind: "add-column", column: definition, ifNotExists: node.missing_ok === true, range };
  },
  AT_DropColumn: (words) => ({
    kind: "drop-column",
    column: memberOf(words),
    ifExists: words.node.missing_ok === true,
    cascade: words.node.behavior === "DROP_CASCADE",
    range: words.range,
  }),
  AT_AlterColumnType: (words) => {
    const { node, range, lowering } = words;
    const definition = as(node.def, "ColumnDef");
    if (definition?.typeName === undefined) return null;
    return {
      kind: "alter-type",
      column: memberOf(words),
      type: lowerTypeName(definition.typeName, lowering.source),
      collation: definition.collClause === undefined ? null : strings(definition.collClause.collname),
      using: definition.raw_default === undefined ? null : lowerExpression(definition.raw_default, lowering),
      range,
    };
  },
  AT_SetNotNull: (words) => ({ kind: "set-not-null", column: memberOf(words), range: words.range }),
  AT_DropNotNull: (words) => ({ kind: "drop-not-null", column: memberOf(words), range: words.range }),
  AT_ColumnDefault: (words) => ({
    kind: "set-default",
    column: memberOf(words),
    expression: words.node.def === undefined ? null : lowerExpression(words.node.def, words.lowering),
    range: words.range,
  }),
  AT_DropExpression: (words) => ({
    kind: "drop-expression",
    column: memberOf(words),
    ifExists: words.node.missing_ok === true,
    range: words.range,
  }),
  AT_AddIdentity: (words) => ({
    kind: "add-identity",
    column: memberOf(words),
    generated: as(words.node.def, "Constraint")?.generated_when === "d" ? "by-default" : "always",
    ...sequenceNameOf(as(words.node.def, "Constraint") ?? {}),
    range: words.range,
  }),
  AT_SetIdentity: (words) => {
    const generated = options(as(words.node.def, "List")?.items).get("generated");
    const code = generated === undefined ? null : Number(optionText(generated));
    return {
      kind: "set-identity",
      column: memberOf(words),
      // The codes of the letters `a` and `d`.
      generated: code === null ? null : code === 100 ? "by-default" : "always",
      range: words.range,
    };
  },
  AT_DropIdentity: (words) => ({
    kind: "drop-identity",
    column: memberOf(words),
    ifExists: words.node.missing_ok === true,
    range: words.range,
  }),
  AT_AddConstraint: ({ node, region, range, lowering }) => {
    const constraint = as(node.def, "Constraint");
    if (constraint === undefined) return null;
    const first = tokenIndexAt(lowering.source, location(constraint));
    return {
      kind: "add-constraint",
      constraint: lowerTableConstraint(constraint, { first, last: region.last }, lowering),
      range,
    };
  },
  AT_AlterConstraint: ({ node, region, range, lowering }) => {
    const change = as(node.def, "ATAlterConstraint");
    if (change === undefined) return null;
    return {
      kind: "alter-constraint",
      name: identifierNamed(change.conname ?? "", lowering.source, region.first + 2),
      noInherit: change.alterInheritability === true ? change.noinherit === true : null,
      enforced: change.alterEnforceability === true ? change.is_enforced === true : null,
      deferral:
        change.alterDeferrability === true
          ? { deferrable: change.deferrable === true, initiallyDeferred: change.initdeferred === true }
          : null,
      range,
    };
  },
  AT_ValidateConstraint: (words) => ({ kind: "validate-constraint", name: memberOf(words), range: words.range }),
  AT_DropConstraint: (words) => ({
    kind: "drop-constraint",
    name: memberOf(words),
    ifExists: words.node.missing_ok === true,
    cascade: words.node.behavior === "DROP_CASCADE",
    range: words.range,
  }),
  AT_SetLogged: ({ range }) => ({ kind: "set-logged", logged: true, range }),
  AT_SetUnLogged: ({ range }) => ({ kind: "set-logged", logged: false, range }),
  AT_EnableTrig: (words) => lowerTrigger(words, true),
  AT_EnableAlwaysTrig: (words) => lowerTrigger(words, true),
  AT_EnableReplicaTrig: (words) => lowerTrigger(words, true),
  AT_EnableTrigAll: (words) => lowerTrigger(words, true),
  AT_EnableTrigUser: (words) => lowerTrigger(words, true),
  AT_DisableTrig: (words) => lowerTrigger(words, false),
  AT_DisableTrigAll: (words) => lowerTrigger(words, false),
  AT_DisableTrigUser: (words) => lowerTrigger(words, false),
  AT_EnableRule: lowerRule,
  AT_EnableAlwaysRule: lowerRule,
  AT_EnableReplicaRule: lowerRule,
  AT_DisableRule: lowerRule,
  AT_AddOf: ({ node, range, lowering }) => {
    const type = as(node.def, "TypeName");
    return type === undefined ? null : { kind: "of-type", type: lowerTypeName(type, lowering.source), range };
  },
  AT_DropOf: ({ range }) => ({ kind: "not-of-type", range }),
};

function lowerDetach({ node, range, lowering }: Words, finalize: boolean): AlterAction | null {
  const command = as(node.def, "PartitionCmd");
  if (command?.name === undefined) return null;
  const partition = relationName(command.name, lowering.source, "never-only");
  return { kind: "detach-partition", partition, concurrently: command.concurrent === true, finalize, range };
}

function lowerTrigger({ node, range }: Words, enable: boolean): AlterAction {
  return { kind: "trigger", enable, name: node.name ?? null, range };
}

function lowerRule({ node, range }: Words): AlterAction {
  return { kind: "rule", name: node.name ?? "", range };
}

/** The column or constraint that the command is about: the first token after its opening words. */
function memberOf({ node, region, lowering }: Words): Identifier {
  const index = afterNoise(
    lowering,
    region,
    "alter",
    "drop",
    "validate",
    "attribute",
    "column",
    "constraint",
    "if",
    "exists",
  );
  const written = identifierAt(lowering.source, index);
  return { name: node.name ?? written.name, range: written.range };
}

/** Past each of the words that stands there, in this order; a column may bear such a word as its name. */
function afterNoise({ source }: Lowering, region: Region, ...words: readonly string[]): number {
  let index = region.first;
  for (const noise of words) {
    if (word(source, index) === noise && index < region.last) index++;
  }
  return index;
}
