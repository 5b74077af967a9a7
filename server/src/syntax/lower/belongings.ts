/** Reads what statements give to tables that the catalog keeps no field for: privileges, comments, policies, storage parameters, … */

import type { AlterTableCmd, Node, RangeVar, RoleSpec } from "@pgsql/types";
import { type Belonging, type BelongingKind, everyTrigger, everyUserTrigger, type Giving } from "../belonging.ts";
import { quoteLiteral } from "../literals.ts";
import { quoteIdentifier } from "../names.ts";
import type { Statement } from "../statement.ts";
import type { Lowering } from "./lowering.ts";
import { relationName } from "./names.ts";
import { allOf, as, type Dispatch, items, kindOf, options, optionText, strings } from "./node.ts";
import {
  isWord,
  lastTokenBefore,
  type Region,
  type Source,
  tokenIndexAt,
  tokenText,
  wholeRegion,
  word,
} from "./source.ts";

/** What the statement of the node gives and takes; none for most. */
export function givingsOf(node: Node, statement: Statement, { source }: Lowering): readonly Giving[] {
  const read = readers[kindOf(node)] as ((content: unknown, words: Words) => readonly Giving[]) | undefined;
  if (read === undefined) return [];
  const givings = read(as(node, kindOf(node)), { source, statement });
  // What stands for the placeholders is not known here.
  if (source.placeholders.length === 0) return givings;
  return givings.map((giving) => ({ ...giving, belonging: { ...giving.belonging, sql: null, words: undefined } }));
}

interface Words {
  readonly source: Source;
  readonly statement: Statement;
}

type Does = Giving["does"];

function giving(to: Giving["to"], does: Does, belonging: Belonging): Giving {
  return { to, does, belonging };
}

const readers: Dispatch<Words, readonly Giving[]> = {
  GrantStmt: (node) => {
    if (node.objtype !== "OBJECT_TABLE") return [];
    const to =
      node.targtype === "ACL_TARGET_ALL_IN_SCHEMA"
        ? { schemas: strings(node.objects) }
        : { tables: allOf(node.objects, "RangeVar").map(tableOf) };
    const privileges = allOf(node.privileges, "AccessPriv");
    const named = privileges.length === 0 ? [{ priv_name: undefined, cols: undefined }] : privileges;
    const option = node.grant_option === true;
    const verb = node.is_grant === true ? "GRANT" : "REVOKE";
    return allOf(node.grantees, "RoleSpec").flatMap((role) => {
      const grantee = roleText(role);
      return named.flatMap(({ priv_name: name = "all", cols }) => {
        const columns = cols === undefined ? [null] : strings(cols);
        return columns.map((column): Giving => {
          const words = `${name.toUpperCase()}${column === null ? "" : ` (${quoteIdentifier(column)})`}`;
          const behind =
            verb === "GRANT" ? ` TO ${grantee ?? ""}${option ? " WITH GRANT OPTION" : ""}` : ` FROM ${grantee ?? ""}`;
          // REVOKE GRANT OPTION FOR leaves the privilege itself.
          const does = verb === "GRANT" ? "gives" : option ? "renames" : "takes";
          const belonging: Belonging = {
            kind: "privilege",
            name: `${grantee ?? "CURRENT_USER"} ${words}`,
            sql: grantee === null ? null : verb === "REVOKE" && option ? ["GRANT", ` TO ${grantee}`] : [verb, behind],
            words,
          };
          return giving(to, does, belonging);
        });
      });
    });
  },
  CommentStmt: ({ objtype, object, comment }) => {
    const names = strings(items(object));
    const own = commented[objtype ?? ""] ?? null;
    if (own === null && objtype !== "OBJECT_TABLE") return [];
    const path = own === null ? names : names.slice(0, -1);
    const table = { schema: path.at(-2) ?? null, name: path.at(-1) ?? "" };
    const what = own === null ? "" : `${own} ${quoteIdentifier(names.at(-1) ?? "")}`;
    const before = own === null ? "COMMENT ON TABLE " : `COMMENT ON ${what} ON `;
    const does = comment === undefined ? "takes" : "gives";
    const sql = [before, ` IS ${quoteLiteral(comment ?? "")}`] as const;
    return [
      giving({ tables: [table] }, does, {
        kind: "comment",
        name: own === null ? "" : commentOn(own, names.at(-1)),
        sql,
      }),
    ];
  },
  CreatePolicyStmt: ({ table, policy_name: name }, words) => written("policy", name ?? "", table, words),
  AlterPolicyStmt: ({ table, policy_name: name }, words) =>
    written("policy", `${name ?? ""}\0${textOf(words.source, wholeRegion(words.source))}`, table, words),
  CreateTrigStmt: ({ relation, trigname }, words) => written("trigger", trigname ?? "", relation, words),
  DropStmt: ({ removeType, objects }) => {
    if (removeType === "OBJECT_PUBLICATION")
      return strings(objects).map((name) => giving("all", "takes", bare("publication", name)));
    if (removeType === "OBJECT_STATISTIC_EXT")
      return (objects ?? []).map((name) =>
        giving("all", "takes", bare("statistics", strings(items(name)).at(-1) ?? "")),
      );
    const kind = removeType === "OBJECT_POLICY" ? "policy" : removeType === "OBJECT_TRIGGER" ? "trigger" : null;
    if (kind === null) return [];
    return (objects ?? []).flatMap((object) => {
      const names = strings(items(object));
      const tables = [{ schema: names.at(-3) ?? null, name: names.at(-2) ?? "" }];
      const name = names.at(-1) ?? "";
      const kinds: readonly BelongingKind[] = kind === "trigger" ? ["trigger", "trigger state"] : ["policy"];
      return [
        ...kinds.map((each) => giving({ tables }, "takes", bare(each, name))),
        giving({ tables }, "takes", bare("comment", commentOn(kind, name))),
      ];
    });
  },
  RenameStmt: ({ renameType, relation, subname = "", newname = "" }) => {
    if (renameType === "OBJECT_TABCONSTRAINT" && relation !== undefined) {
      const to = { tables: [tableOf(relation)], only: relation.inh !== true };
      return [giving(to, "renames", { ...bare("comment", commentOn("constraint", subname)), words: newname })];
    }
    const kind = renameType === "OBJECT_POLICY" ? "policy" : renameType === "OBJECT_TRIGGER" ? "trigger" : null;
    if (kind === null || relation === undefined) return [];
    const to = { tables: [tableOf(relation)], only: relation.inh !== true };
    const kinds: readonly BelongingKind[] = kind === "trigger" ? ["trigger", "trigger state"] : ["policy"];
    return [
      ...kinds.map((each) => giving(to, "renames", { ...bare(each, subname), words: newname })),
      giving(to, "renames", { ...bare("comment", commentOn(kind, subname)), words: newname }),
    ];
  },
  CreatePublicationStmt: ({ pubname = "", pubobjects }, words) => published(pubname, pubobjects, "gives", words),
  AlterPublicationStmt: ({ pubname = "", pubobjects, action }, words) => {
    if (action === "AP_DropObjects") return published(pubname, pubobjects, "takes", words);
    const gone = action === "AP_SetObjects" ? [giving("all", "takes", bare("publication", pubname))] : [];
    return [...gone, ...published(pubname, pubobjects, "gives", words)];
  },
  CreateStatsStmt: ({ defnames, relations }, words) => {
    const [table] = allOf(relations, "RangeVar");
    return written("statistics", strings(defnames).at(-1) ?? "", table, words);
  },
  ClusterStmt: ({ relation, indexname }) =>
    relation === undefined || indexname === undefined
      ? []
      : [giving({ tables: [tableOf(relation)] }, "gives", { ...bare("clustering", ""), index: indexname })],
  AlterTableStmt: ({ relation, cmds, objtype }, { source, statement }) => {
    if (relation === undefined || (objtype !== "OBJECT_TABLE" && objtype !== "OBJECT_FOREIGN_TABLE")) return [];
    const to = { tables: [tableOf(relation)], only: relation.inh !== true };
    const actions = statement.kind === "alter-table" ? statement.actions : [];
    return (cmds ?? []).flatMap((command, index) => {
      const content = as(command, "AlterTableCmd");
      const range = actions[index]?.range;
      if (content === undefined || range === undefined || actions.length !== cmds?.length) return [];
      const region = { first: tokenIndexAt(source, range.start), last: lastTokenBefore(source, range.end) };
      return byAction(content, to, textOf(source, region));
    });
  },
  CreateStmt: ({ options: parameters, tablespacename, accessMethod }) =>
    created(parameters, tablespacename, accessMethod),
  CreateTableAsStmt: ({ into }) => created(into?.options, into?.tableSpaceName, into?.accessMethod),
};

/** A statement about one table, as it is written but for the table's name. */
function written(kind: BelongingKind, name: string, table: RangeVar | undefined, { source }: Words): readonly Giving[] {
  if (table === undefined) return [];
  const { range } = relationName(table, source, "never-only");
  const first = tokenIndexAt(source, range.start);
  const behind = tokenIndexAt(source, range.end);
  const sql = [
    `${textOf(source, { first: 0, last: first - 1 })} `,
    ` ${textOf(source, { first: behind, last: source.tokens.length - 1 })}`,
  ] as const;
  return [giving({ tables: [tableOf(table)] }, "gives", { kind, name, sql })];
}

/** The tokens with the space that people put between them, whatever stands there: without comments, which may be of that table alone. */
function textOf(source: Source, { first, last }: Region): string {
  let text = "";
  for (let index = first; index <= last; index++) {
    const [before, own] = [tokenText(source, index - 1), tokenText(source, index)];
    const isCall = own === "(" && /^["\w]/.test(before) && !beforeParenthesis.has(before.toLowerCase());
    const isClose =
      index === first || [",", ")", "]", ".", "::", "["].includes(own) || ["(", "[", ".", "::"].includes(before);
    text += `${isCall || isClose ? "" : " "}${own}`;
  }
  return text;
}

/** The words that are no functions in front of a parenthesis. */
const beforeParenthesis: ReadonlySet<string> = new Set(
  "all and any as by check from in not on or over set some using values when where".split(" "),
);

/** The tables that a publication names, each with its columns and its condition. */
function published(
  name: string,
  objects: readonly Node[] | undefined,
  does: Does,
  { source }: Words,
): readonly Giving[] {
  return allOf(objects, "PublicationObjSpec").flatMap(({ pubtable }) => {
    const relation = pubtable?.relation;
    if (relation === undefined) return [];
    const { range } = relationName(relation, source, "never-only");
    let last = tokenIndexAt(source, range.end);
    while (isWord(source, last, "*", ")")) last++;
    const first = last;
    if (word(source, last) === "(") last = (source.partners[last] ?? last) + 1;
    if (isWord(source, last, "where")) last = (source.partners[last + 1] ?? last) + 1;
    const tail = last > first ? ` ${textOf(source, { first, last: last - 1 })}` : "";
    const to = { tables: [tableOf(relation)], only: relation.inh !== true };
    const sql = [`ALTER PUBLICATION ${quoteIdentifier(name)} ADD TABLE `, tail] as const;
    return [giving(to, does, { kind: "publication", name, sql })];
  });
}

function byAction(command: AlterTableCmd, to: Giving["to"], text: string): readonly Giving[] {
  const { subtype, name = "", def } = command;
  const give = (kind: BelongingKind, of: string): readonly Giving[] => [
    giving(to, "gives", { kind, name: of, sql: ["ALTER TABLE ", ` ${text}`] }),
  ];
  const take = (kind: BelongingKind, of: string): readonly Giving[] => [
    giving(to, "takes", { kind, name: of, sql: ["ALTER TABLE ", ` ${text}`] }),
  ];
  const fires = (words: string, of: string): Giving =>
    giving(to, "gives", { kind: "trigger state", name: of, sql: ["ALTER TABLE ", ` ${text}`], words });
  const column = name === "" ? String(command.num ?? "") : name;
  switch (subtype) {
    case "AT_SetRelOptions":
      return parametersOf(items(def), to);
    case "AT_ResetRelOptions":
      return allOf(items(def), "DefElem").map((option) =>
        giving(to, "takes", bare("storage parameter", parameterName(option.defnamespace, option.defname))),
      );
    case "AT_DropConstraint":
      return [giving(to, "takes", bare("comment", commentOn("constraint", name)))];
    case "AT_SetTableSpace":
      return placed("tablespace", name, to);
    case "AT_SetAccessMethod":
      return placed("access method", name, to);
    case "AT_SetStatistics":
      return give("column setting", `${column} statistics`);
    case "AT_SetOptions":
    case "AT_ResetOptions":
      // One after the other they leave what they have left here.
      return give("column setting", `${column} ${text}`);
    case "AT_EnableRowSecurity":
      return give("row security", "enabled");
    case "AT_DisableRowSecurity":
      return take("row security", "enabled");
    case "AT_ForceRowSecurity":
      return give("row security", "forced");
    case "AT_NoForceRowSecurity":
      return take("row security", "forced");
    case "AT_ReplicaIdentity": {
      const { identity_type: type, name: index } = as(def, "ReplicaIdentityStmt") ?? {};
      if (type === "d") return take("replica identity", "");
      if (index === undefined) return give("replica identity", "");
      return [giving(to, "gives", { ...bare("replica identity", ""), index })];
    }
    case "AT_ClusterOn":
      return [giving(to, "gives", { ...bare("clustering", ""), index: name })];
    case "AT_DropCluster":
      return take("clustering", "");
    case "AT_EnableTrig":
      return [fires("ENABLE", name)];
    case "AT_EnableTrigAll":
      return [fires("ENABLE", everyTrigger)];
    case "AT_EnableTrigUser":
      return [fires("ENABLE", everyUserTrigger)];
    case "AT_DisableTrigAll":
      return [fires("DISABLE", everyTrigger)];
    case "AT_DisableTrigUser":
      return [fires("DISABLE", everyUserTrigger)];
    case "AT_DisableTrig":
      return [fires("DISABLE", name)];
    case "AT_EnableAlwaysTrig":
      return [fires("ENABLE ALWAYS", name)];
    case "AT_EnableReplicaTrig":
      return [fires("ENABLE REPLICA", name)];
    default:
      return [];
  }
}

/** What CREATE TABLE says behind the columns. */
function created(
  parameters: readonly Node[] | undefined,
  tablespace: string | undefined,
  method: string | undefined,
): readonly Giving[] {
  return [
    ...parametersOf(parameters, "created"),
    ...(tablespace === undefined || tablespace === "" ? [] : placed("tablespace", tablespace, "created")),
    ...(method === undefined || method === "" ? [] : placed("access method", method, "created")),
  ];
}

function placed(kind: "tablespace" | "access method", name: string, to: Giving["to"]): readonly Giving[] {
  const usual = kind === "tablespace" ? "pg_default" : "heap";
  const isUsual = name === "" || name === usual;
  return [giving(to, isUsual ? "takes" : "gives", { ...bare(kind, ""), words: quoteIdentifier(name) })];
}

function parametersOf(list: readonly Node[] | undefined, to: Giving["to"]): readonly Giving[] {
  const written = [...options(list).keys()];
  // `WITH (OIDS)` is none.
  return allOf(list, "DefElem")
    .filter(({ defname }) => defname !== "oids" && written.length > 0)
    .map(({ defnamespace, defname, arg }) => {
      const name = parameterName(defnamespace, defname);
      const value = optionText(arg);
      const words = arg === undefined ? name : `${name} = ${/^[\w.+-]+$/.test(value) ? value : quoteLiteral(value)}`;
      return giving(to, "gives", { ...bare("storage parameter", name), words });
    });
}

function parameterName(space: string | undefined, name: string | undefined): string {
  return `${space === undefined ? "" : `${quoteIdentifier(space)}.`}${quoteIdentifier(name ?? "")}`;
}

/** What has a comment of its own on a table. */
const commented: Readonly<Record<string, string>> = {
  OBJECT_TRIGGER: "TRIGGER",
  OBJECT_POLICY: "POLICY",
  OBJECT_TABCONSTRAINT: "CONSTRAINT",
};

/** By what the comment on a policy, trigger or constraint is told from the others that hang on its table. */
function commentOn(kind: string, name = ""): string {
  return `${kind.toLowerCase()} ${quoteIdentifier(name)}`;
}

function bare(kind: BelongingKind, name: string): Belonging {
  return { kind, name, sql: null };
}

function tableOf({ schemaname, relname }: RangeVar): { readonly schema: string | null; readonly name: string } {
  return { schema: schemaname ?? null, name: relname ?? "" };
}

/** null for whoever runs the statement, who may be somebody else next time. */
function roleText({ roletype, rolename }: RoleSpec): string | null {
  if (roletype === "ROLESPEC_PUBLIC") return "PUBLIC";
  return rolename === undefined ? null : quoteIdentifier(rolename);
}
