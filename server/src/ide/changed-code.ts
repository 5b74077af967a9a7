/** Whether the files have other code than a database behind what a query calls: functions, operators, casts, directly or through views. */

import { type Catalog, findRelation, relationById } from "../catalog/catalog.ts";
import type { Relation } from "../catalog/relation.ts";
import type { Routine, UserFunction } from "../catalog/routine.ts";
import { sameValue } from "../catalog/same-value.ts";
import type { Statement } from "../syntax/statement.ts";
import type { Uses } from "../syntax/uses.ts";

/** More is not followed: then it is taken to be other code. */
const mostFollowed = 2_000;

/**
 * What the statement calls that `files` and `database` have otherwise, for people: `function f`, `operator ===`; null where there is
 * nothing of the kind. Both catalogs stand above the same database, `files` behind the statements of the files.
 */
export function changedCode(statement: Statement, files: Catalog, database: Catalog): string | null {
  if (files.code === database.code && files.functions === database.functions && files.relations === database.relations)
    return null;
  const seen = new Set<string>();
  const left: (() => string | null)[] = [];
  const once = (key: string, step: () => string | null): void => {
    if (seen.has(key)) return;
    seen.add(key);
    left.push(step);
  };
  const follow = (uses: Uses): void => {
    for (const name of uses.calls) stored("function", name.at(-1) ?? "");
    for (const name of uses.operators) stored("operator", name);
    for (const name of uses.types) stored("type", name);
    for (const name of uses.reads) {
      const relation = findRelation(files, name);
      if (relation !== null) read(relation);
    }
  };
  const stored = (kind: "function" | "operator" | "type" | "ambient", name: string): void =>
    once(`${kind} ${name}`, () => {
      const key = kind === "ambient" ? kind : `${kind} ${name}`;
      const code = files.code.get(key);
      if (!sameValue(code, database.code.get(key))) return kind === "ambient" ? "a cast" : key;
      if (kind === "function" && !sameFunction(files.functions.get(name), database.functions.get(name))) return key;
      for (const { code: each } of code ?? []) follow(each.uses);
      return null;
    });
  const read = (relation: Relation): void =>
    once(`relation ${relation.id}`, () => {
      for (const { uses } of relation.code ?? []) follow(uses);
      for (const id of relation.dependsOn) {
        const below = relationById(files, id);
        if (below !== null) read(below);
      }
      return null;
    });
  if (statement.uses !== undefined) follow(statement.uses);
  stored("ambient", "");
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const changed = next();
    if (changed !== null) return changed;
    if (seen.size > mostFollowed) return "code";
  }
  return null;
}

/** Whether calls give the same: by the bodies, and by what is declared of them. */
function sameFunction(a: UserFunction | undefined, b: UserFunction | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  return (
    a.volatility === b.volatility && sameValue(a.routines?.map(contentOf).sort(), b.routines?.map(contentOf).sort())
  );
}

/** All that decides what a call gives, and nothing of where it was written. */
function contentOf({ schema, procedure, language, parameters, strict, settings, code }: Routine): string {
  const taken = parameters.map(({ mode, name, type }) => [mode, name, type]);
  return JSON.stringify([
    schema,
    procedure,
    language,
    taken,
    strict,
    settings.map(({ name, values }) => [name, values]),
    code,
  ]);
}
