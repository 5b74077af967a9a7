/** Keeps what the code that statements define does: functions, operators, casts, domains, event triggers, prepared statements. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { StoredCode } from "../../catalog/stored-code.ts";
import { unreadCode } from "../../syntax/body-code.ts";
import type { CreateFunction, Other, QueryStatement, Statement } from "../../syntax/statement.ts";
import { type Code, mergedUses, noUses, type Uses } from "../../syntax/uses.ts";
import type { ApplyContext } from "../outcome.ts";

/** The catalog with the code that an accepted statement defines, or without what it drops. */
export function withStoredCode(catalog: Catalog, statement: Statement, { text = "" }: ApplyContext): Catalog {
  switch (statement.kind) {
    case "create-function":
      return define(catalog, `function ${statement.name.name}`, codeOfFunction(statement));
    case "create-type":
      return defineType(catalog, statement.name.name, statement.definition.kind, statement.uses);
    case "create-operator-class":
      return defineAmbient(catalog, statement.uses);
    case "query":
      return statement.wrapper === "prepare" || statement.wrapper === "cursor"
        ? prepare(catalog, statement, text)
        : catalog;
    case "rename":
      if (statement.target !== "object" || statement.objectType !== "function") return catalog;
      return rename(catalog, statement.relation.name, statement.newName.name);
    case "drop": {
      const [, quoted, plain] =
        /^\s*drop\s+event\s+trigger\s+(?:if\s+exists\s+)?(?:"([^"]+)"|([^\s;"]+))/i.exec(text) ?? [];
      const name = quoted ?? plain?.toLowerCase();
      return name === undefined ? catalog : { ...catalog, code: catalog.code.without(`event-trigger ${name}`) };
    }
    case "other":
      return defineOther(catalog, statement);
    default:
      return catalog;
  }
}

/** The catalog in which code that could not be read may have replaced that of these names, or of all. */
export function withUnreadCode(catalog: Catalog, isTouched: (name: string) => boolean): Catalog {
  let { code } = catalog;
  for (const [key, stored] of code.entries()) {
    const isRead = stored.some((each) => each.code !== unreadCode);
    if (isRead && isTouched(key.slice(key.indexOf(" ") + 1)))
      code = code.with(
        key,
        stored.map((each) => ({ ...each, code: unreadCode })),
        true,
      );
  }
  return code === catalog.code ? catalog : { ...catalog, code };
}

function codeOfFunction(create: CreateFunction & Pick<Statement, "uses">): StoredCode {
  const signature = create.argumentTypes
    .map(({ names, arrayDimensions }) => `${names.at(-1)}${arrayDimensions}`)
    .join();
  const { uses: defaults, body, language } = create;
  const own = internalOr(language, body?.code ?? unreadCode);
  const types = [...create.argumentTypes, ...create.outputTypes, ...(create.returns === null ? [] : [create.returns])];
  const named: Uses = { ...noUses, types: [...new Set(types.map(({ names }) => names.at(-1) ?? ""))] };
  return {
    signature,
    code: { ...own, uses: mergedUses([own.uses, named, ...(defaults === undefined ? [] : [defaults])]) },
  };
}

/** PostgreSQL's own code under another name. */
function internalOr(language: string, code: Code): Code {
  return language === "internal" ? { uses: noUses, reach: { kind: "nothing" } } : code;
}

/** The one of the same signature is replaced; others stay. */
function define(catalog: Catalog, key: string, stored: StoredCode): Catalog {
  const others = (catalog.code.get(key) ?? []).filter(({ signature }) => signature !== stored.signature);
  return { ...catalog, code: catalog.code.with(key, [...others, stored], true) };
}

function passive(uses: Uses | undefined): StoredCode {
  return { signature: "", code: { uses: uses ?? noUses, reach: { kind: "nothing" } } };
}

function defineType(catalog: Catalog, name: string, kind: string, uses: Uses | undefined): Catalog {
  if (kind === "domain" || uses !== undefined) return define(catalog, `type ${name}`, passive(uses));
  return catalog;
}

/** Nothing has to name it for it to run. */
function defineAmbient(catalog: Catalog, uses: Uses | undefined): Catalog {
  if (uses === undefined) return catalog;
  const before = catalog.code.get("ambient")?.[0]?.code.uses;
  return define(catalog, "ambient", passive(before === undefined ? uses : mergedUses([before, uses])));
}

function prepare(
  catalog: Catalog,
  { wrapper, name, uses }: QueryStatement & Pick<Statement, "uses">,
  text: string,
): Catalog {
  const key = `${wrapper === "prepare" ? "prepared" : "cursor"} ${name ?? ""}`;
  const stored = passive(uses);
  const defined = define(catalog, key, stored);
  if (wrapper === "prepare" || uses === undefined || !/\bwith\s+hold\b/i.test(text)) return defined;
  return { ...defined, pending: [...(catalog.pending ?? []), stored.code].slice(-mostPending) };
}

/** More is not kept apart: what is left out was mostly there before. */
const mostPending = 100;

function rename(catalog: Catalog, from: string, to: string): Catalog {
  const stored = catalog.code.get(`function ${from}`);
  return stored === undefined ? catalog : { ...catalog, code: catalog.code.with(`function ${to}`, stored, true) };
}

function defineOther(catalog: Catalog, { tag, object, uses, relations }: Other & Pick<Statement, "uses">): Catalog {
  if (tag === "DeallocateStmt") return catalog;
  if (tag === "AlterDomainStmt" && uses !== undefined) {
    const key = `type ${relations[0]?.name ?? ""}`;
    const before = (catalog.code.get(key) ?? []).map(({ code }) => code.uses);
    return define(catalog, key, passive(mergedUses([...before, uses])));
  }
  if (tag === "CreateCastStmt" || tag === "CreateTransformStmt") return defineAmbient(catalog, uses);
  if (object === undefined) return catalog;
  switch (object.kind) {
    case "aggregate":
      return define(catalog, `function ${object.name}`, {
        ...passive(uses),
        signature: `aggregate ${uses?.calls.join() ?? ""}`,
      });
    case "operator":
      return define(catalog, `operator ${object.name}`, { ...passive(uses), signature: uses?.calls.join() ?? "" });
    case "event-trigger":
      return define(catalog, `event-trigger ${object.name}`, {
        ...passive(uses),
        event: object.event,
        tags: object.tags,
      });
    case "policy":
    case "other":
      return catalog;
  }
}
