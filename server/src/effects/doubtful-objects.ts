/** What a catalog keeps besides relations, where it may be as before or as after: objects of other kinds, rows, the session. */

import { withBelongingsUntold } from "../catalog/belongings.ts";
import { type Catalog, type SessionSettings, withUnknownChanges } from "../catalog/catalog.ts";
import type { IdMap } from "../catalog/id-map.ts";
import type { RelationId } from "../catalog/relation-id.ts";
import { sameValue } from "../catalog/same-value.ts";
import type { BTree } from "../catalog/sorted-map.ts";
import { unreadCode } from "../syntax/body-code.ts";

/** The catalog `after`, in which all that differs from the one `before`, but for relations, may be as in either. */
export function withDoubtfulObjects(before: Catalog, after: Catalog): Catalog {
  if (before === after) return after;
  const steps = [
    withDoubtfulSchemas,
    withDoubtfulTypes,
    withDoubtfulCode,
    withDoubtfulShared,
    withDoubtfulExtensions,
    withDoubtfulRows,
    withDoubtfulBelongings,
    withDoubtfulSession,
  ];
  return steps.reduce((next, step) => step(before, next), after);
}

/** The keys of what is in one of the maps alone, or another value in each. */
function changedKeys<V>(before: BTree<string, V>, after: BTree<string, V>): readonly string[] {
  if (before === after) return [];
  const changed: string[] = [];
  for (const [key, value] of after.entries()) if (before.get(key) !== value) changed.push(key);
  for (const key of before.keys()) if (!after.has(key)) changed.push(key);
  return changed;
}

/** More relations that differ are found by looking at all. */
const mostOthers = 256;

/** The relations for which the maps have other values; what two runs of a statement have made alike is the same. */
function changedIds<V extends object>(before: IdMap<V>, after: IdMap<V>): readonly RelationId[] {
  const others = after.differences(before, mostOthers) ?? new Set([...before.keys(), ...after.keys()]);
  return [...others].filter((id) => !sameValue(before.get(id), after.get(id)));
}

/** A map without these keys. */
function without<V>(map: BTree<string, V>, keys: readonly string[]): BTree<string, V> {
  return keys.reduce((rest, key) => (rest.has(key) ? rest.without(key) : rest), map);
}

/** A schema that may be there is kept as one that a statement may have failed to make: it neither is there nor is missing for sure. */
function withDoubtfulSchemas(before: Catalog, after: Catalog): Catalog {
  let { schemas, shared } = after;
  for (const name of changedKeys(before.schemas, after.schemas)) {
    schemas = schemas.with(name, true, true);
    shared = shared.with(`schema ${name}`, "perhaps", true);
  }
  return schemas === after.schemas && shared === after.shared ? after : { ...after, schemas, shared };
}

/** Of a type, function or operator class that may be another one nothing is kept, and none is missing for sure. */
function withDoubtfulTypes(before: Catalog, after: Catalog): Catalog {
  const types = changedKeys(before.types, after.types);
  const functions = changedKeys(before.functions, after.functions);
  const classes = changedKeys(before.operatorClasses, after.operatorClasses);
  const isUnkept = before.hasUnkeptObjects !== after.hasUnkeptObjects;
  if (types.length + functions.length + classes.length === 0 && !isUnkept) return after;
  const next = types.length > 0 ? withUnknownChanges(after) : after;
  return {
    ...next,
    types: without(after.types, types),
    functions: without(after.functions, functions),
    operatorClasses: without(after.operatorClasses, classes),
    hasUnkeptObjects: true,
  };
}

/** Code that may be of one body or another may do anything. */
function withDoubtfulCode(before: Catalog, after: Catalog): Catalog {
  let { code } = after;
  for (const key of changedKeys(before.code, after.code)) {
    const known = code.get(key) ?? before.code.get(key) ?? [];
    code = code.with(
      key,
      known.map((each) => ({ ...each, code: unreadCode })),
      true,
    );
  }
  return code === after.code ? after : { ...after, code };
}

function withDoubtfulShared(before: Catalog, after: Catalog): Catalog {
  let { shared } = after;
  for (const key of changedKeys(before.shared, after.shared)) shared = shared.with(key, "perhaps", true);
  return shared === after.shared ? after : { ...after, shared };
}

/** An extension that may be there is not kept, so that it is no reason for a refusal; what any brings may be there. */
function withDoubtfulExtensions(before: Catalog, after: Catalog): Catalog {
  const changed = changedKeys(before.extensions, after.extensions);
  if (changed.length === 0) return after;
  const { droppedExtensions } = before;
  return {
    ...withUnknownChanges(after),
    extensions: without(after.extensions, changed),
    droppedExtensions,
    unread: [...new Set([...(after.unread ?? []), ...changed])],
  };
}

/** Of rows that may have been stored, changed or deleted none is there for sure. */
function withDoubtfulRows(before: Catalog, after: Catalog): Catalog {
  if (before.rows === after.rows) return after;
  let { rows } = after;
  for (const id of changedIds(before.rows, after.rows))
    rows = rows.with(id, { rows: [], complete: false, undecided: true });
  return rows === after.rows ? after : { ...after, rows };
}

/** What hangs on a table is given to no other one where it may not hang there. */
function withDoubtfulBelongings(before: Catalog, after: Catalog): Catalog {
  if (before.belongings === after.belongings) return after;
  return withBelongingsUntold(after, changedIds(before.belongings, after.belongings));
}

/** Settings, prepared statements and cursors. */
function withDoubtfulSession(before: Catalog, after: Catalog): Catalog {
  const inDoubt = new Set([
    ...(after.settings.inDoubt ?? []),
    ...tellingSettings.filter((name) => printed(before.settings[name]) !== printed(after.settings[name])),
  ]);
  const prepared = changedKeys(before.prepared, after.prepared);
  let next = after;
  if (inDoubt.size > 0) next = { ...next, settings: { ...next.settings, inDoubt: [...inDoubt] } };
  if (prepared.length > 0) next = { ...withUnknownChanges(next), prepared: without(next.prepared, prepared) };
  if (before.cursors === after.cursors || after.cursors === undefined) return next;
  let { cursors } = after;
  for (const [name, state] of after.cursors.entries())
    if (before.cursors?.get(name) !== state) cursors = cursors.with(name, "unknown", true);
  return { ...next, cursors };
}

function printed(value: unknown): string {
  return JSON.stringify(value) ?? "";
}

/** Settings that decide what names and values mean, or what the session may do. */
const tellingSettings = [
  "searchPath",
  "timeZone",
  "dateStyle",
  "intervalStyle",
  "transformNullEquals",
  "role",
  "sessionRole",
  "defaultTablespace",
  "defaultReadOnly",
] as const satisfies readonly (keyof SessionSettings)[];
