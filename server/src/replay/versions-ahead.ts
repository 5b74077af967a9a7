/** Which version of an extension a file means, told by the calls in it that only some versions have. */

import type { Catalog } from "../catalog/catalog.ts";
import type { Extension, VersionSettings } from "../schemes/extension.ts";
import { extensions, hasSignature, toldVersion } from "../schemes/extensions.ts";
import type { ReadStatements } from "../syntax/document.ts";
import type { ReadStatement } from "../syntax/statement.ts";
import { commonEnds } from "../text/common-ends.ts";

/**
 * The catalog at the start of a file, with the versions that its calls show: where the usual version lacks a function that the
 * file calls, the newest one that has all functions of the extension that it calls. The same catalog for the same answer.
 */
export function withVersionsAhead(start: Catalog, statements: ReadStatements, options: VersionSettings): Catalog {
  let shown: Readonly<Record<string, string>> = {};
  for (const extension of Object.values(extensions)) {
    if (extension.tellsAhead !== true || toldVersion(extension, start, options) !== null) continue;
    const version = versionAhead(extension, start, statements);
    if (version !== null) shown = { ...shown, [extension.name]: version };
  }
  return Object.keys(shown).length === 0 ? start : startWith(start, shown);
}

/** What was told of the last version of a file. */
interface Told {
  readonly statements: WeakRef<ReadStatements>;
  readonly version: string | null;
}

const lastTold = new WeakMap<Catalog, Map<Extension, Told>>();

/** Of another version of a file it is told anew where statements that call or make functions are others. */
function versionAhead(extension: Extension, start: Catalog, statements: ReadStatements): string | null {
  const told = lastTold.get(start) ?? new Map<Extension, Told>();
  lastTold.set(start, told);
  const last = told.get(extension);
  const earlier = last?.statements.deref();
  const isKnown = last !== undefined && earlier !== undefined && callsAlike(earlier, statements);
  const version = isKnown ? last.version : findVersion(extension, start, statements);
  told.set(extension, { statements: new WeakRef(statements), version });
  return version;
}

/** Whether all statements that call or make functions are the same objects in both. */
function callsAlike(earlier: ReadStatements, statements: ReadStatements): boolean {
  const { first, last } = commonEnds(earlier, statements);
  return [earlier, statements].every((all) => all.slice(first, all.length - last).every(callsNothing));
}

function callsNothing({ statement }: ReadStatement): boolean {
  return statement.kind !== "create-function" && (statement.uses?.calls.length ?? 0) === 0;
}

function findVersion(extension: Extension, start: Catalog, statements: ReadStatements): string | null {
  const called = new Set<string>();
  for (const { statement } of statements) {
    for (const name of statement.uses?.calls ?? []) {
      const last = name.at(-1) ?? "";
      if (extension.functions.has(last) && !start.functions.has(last)) called.add(last);
    }
    if (statement.kind === "create-function") called.delete(statement.name.name);
  }
  const has = (version: string): boolean =>
    [...called].every((name) => extension.functions.get(name)?.signatures.some((each) => hasSignature(each, version)));
  const [usual] = extension.versions;
  return called.size === 0 || has(usual) ? null : (extension.versions.find(has) ?? null);
}

const starts = new WeakMap<Catalog, Map<string, Catalog>>();

/** What was replayed before counts only from the very same catalog. */
function startWith(start: Catalog, shown: Readonly<Record<string, string>>): Catalog {
  const known = starts.get(start) ?? new Map<string, Catalog>();
  starts.set(start, known);
  const key = JSON.stringify(shown);
  const catalog = known.get(key) ?? { ...start, shownVersions: { ...start.shownVersions, ...shown } };
  known.set(key, catalog);
  return catalog;
}
