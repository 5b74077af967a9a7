/** Follows what is run through functions, views, triggers, rules, types and operators, as far as anybody shows them. */

import { ownExpressions } from "../../catalog/attached-code.ts";
import { type Catalog, dependentsOf, hasDependents, nameKey, relationById } from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import type { Relation, RelationId, TriggerInfo } from "../../catalog/relation.ts";
import { functionsNamed, isBuiltinType, operatorsNamed } from "../../catalog/values/builtins.ts";
import { codeOfText } from "../../syntax/built-sql.ts";
import { anySetting, type SessionChange } from "../../syntax/session-changes.ts";
import {
  type Code,
  mergedReach,
  type Reach,
  type UsedRelation,
  type Uses,
  type WriteEvent,
} from "../../syntax/uses.ts";
import { addAll } from "../../text/long-lists.ts";
import { belowOrSelf, descendantsOf, parentsOf } from "../relations/descendants.ts";
import { isSystemName, lookUpRelation } from "../relations/lookup.ts";
import { isAllInert } from "./inert.ts";
import { isKnownHarmless, isKnownOperator, runsText, testsText } from "./known-functions.ts";

/** What is done to a relation: `rebuild` computes its expressions anew, `refresh` runs a materialized view's query. */
export type UseEvent = WriteEvent | "select" | "rebuild" | "refresh";

/** What may be run, and what comes of it. */
export interface Running {
  readonly reach: Reach;
  /** Relations whose rows code may change. */
  readonly rows: ReadonlySet<RelationId>;
  /** Code changes rows of tables of which not even the names are known. */
  readonly anyRows: boolean;
  /** Why it is not nothing, for the log; null where it is. */
  readonly because: string | null;
  /** What may wait until the transaction ends. */
  readonly pending: readonly Code[];
  /** Settings that decide what later statements mean and that may be others then. */
  readonly settings: readonly SessionChange[];
  /** Whether code may raise an error of its own, which ends the statement and its transaction. */
  readonly raises: boolean;
  /** Whether that code is part of what the statement itself does, or watches it: what it changes may be undone. */
  readonly stops: boolean;
}

export interface Closure {
  readonly uses: (uses: Uses) => void;
  readonly code: (key: string, because: string) => void;
  readonly call: (name: readonly string[]) => void;
  readonly relation: (relation: Relation, event: UseEvent) => void;
  readonly named: (name: UsedRelation, event: UseEvent) => void;
  /** Whatever belongs to any relation. */
  readonly everything: (event: UseEvent) => void;
  readonly stored: (code: Code, because: string) => void;
  readonly anything: (because: string) => void;
  /** Whether what was told since the last time may raise an error of its own; from then on only what is told later counts. */
  readonly takeErrors: () => boolean;
  readonly result: () => Running;
}

/** Follows things one after the other; beyond so many of them anything may be run. */
const mostSteps = 20_000;

export function createClosure(catalog: Catalog): Closure {
  const seen = new Set<string>();
  const waiting: (() => void)[] = [];
  const reaches: Reach[] = [];
  const rows = new Set<RelationId>();
  const transitions = new Set<string>();
  const pending: Code[] = [];
  const settings = new Map<string, SessionChange>();
  let anyRows = false;
  let because: string | null = null;
  let open = false;
  let raises = false;

  /** Runs the step once for each key. */
  const once = (key: string, step: () => void): void => {
    if (open || seen.has(key)) return;
    seen.add(key);
    waiting.push(step);
  };
  const setting = (change: SessionChange): void => void settings.set(`${change.name} ${change.local}`, change);
  const anything = (reason: string): void => {
    open = true;
    because ??= reason;
  };
  const uses = (used: Uses): void => {
    for (const name of used.calls) {
      if (testsText(name.at(-1) ?? ""))
        for (const text of used.texts) stored(codeOfText(text), `what ${text} runs is not known`);
      else call(name);
    }
    used.operators.forEach(operator);
    used.types.forEach(type);
    for (const relation of used.reads) named(relation, "select");
    for (const { relation, events } of used.writes) for (const event of events) named(relation, event);
    for (const key of used.executes) once(key, () => execute(key));
    used.settings?.forEach(setting);
  };
  const stored = ({ uses: used, reach, writesUnnamed, raises: own }: Code, reason: string): void => {
    raises ||= own === true;
    used.settings?.forEach(setting);
    if (reach.kind === "anything") {
      anything(reason);
      return;
    }
    if (reach.kind === "named") {
      reaches.push(reach);
      because ??= reason;
    }
    if (writesUnnamed === true) {
      anyRows = true;
      everything("insert");
    }
    uses(used);
  };
  const all = (key: string, reason: string): boolean => {
    const codes = catalog.code.get(key);
    for (const { code: each } of codes ?? []) stored(each, reason);
    return codes !== undefined;
  };
  const code = (key: string, reason: string): void => once(key, () => all(key, reason));
  const call = (name: readonly string[]): void => once(`call ${name.join(".")}`, () => follow(name));
  const follow = (name: readonly string[]): void => {
    const last = name.at(-1) ?? "";
    const schema = name.length > 1 ? name.at(-2) : undefined;
    const reason = `what function "${name.join(".")}" does to the schema is not known`;
    if (schema !== "pg_catalog" && all(`function ${last}`, reason)) return;
    if (runsText(last)) {
      anything(reason);
      return;
    }
    if (schema === "pg_catalog" || schema === "information_schema" || catalog.functions.has(last)) return;
    if (schema === undefined && functionsNamed(last).length > 0) return;
    if (isBuiltinType(last)) return;
    const isType = catalog.code.has(`type ${last}`) || catalog.types.has(nameKey(schema ?? "public", last));
    if (isType) type(last);
    else if (!isKnownHarmless(catalog, last)) {
      setting(anySetting);
      anything(reason);
    }
  };
  const operator = (name: string): void => {
    const symbol = name === "!=" ? "<>" : name;
    once(`operator ${symbol}`, () => {
      const reason = `what operator ${symbol} runs is not known`;
      if (all(`operator ${symbol}`, reason) || operatorsNamed(symbol).length > 0 || isKnownOperator(symbol)) return;
      anything(reason);
    });
  };
  const type = (name: string): void => code(`type ${name}`, `what type "${name}" runs is not known`);
  const execute = (key: string): void => {
    if (!all(key, `what ${key} runs is not known`)) anything(`what ${key} runs is not known`);
  };
  const named = (name: UsedRelation, event: UseEvent): void =>
    once(`${event} of ${name.schema ?? ""}.${name.name}`, () => {
      if (name.name === "pg_settings" && event === "update") setting(anySetting);
      if (isSystemName(name) || (name.schema === null && transitions.has(name.name))) return;
      const found = lookUpRelation(catalog, name);
      if (found.kind === "found") relation(found.relation, event);
      else if (found.kind === "unknown") anything(unknownUse(name.name));
    });
  const relation = (used: Relation, event: UseEvent): void =>
    once(`${event} ${used.id}`, () => {
      if (used.kind === "sequence" || used.kind === "composite-type") return;
      if (event !== "select" && event !== "rebuild" && event !== "refresh") rows.add(used.id);
      if (used.kind === "view" || (used.kind === "materialized-view" && event === "refresh")) viewUsed(used, event);
      if (!isAllInert(catalog)) attachedTo(used, event);
      if (event === "delete" || event === "update" || event === "truncate") referring(used, event);
    });
  const viewUsed = (view: Relation, event: UseEvent): void => {
    const query = (view.code ?? []).filter(({ kind }) => kind === "view");
    if (query.length === 0) anything(`what the query of view "${view.name}" runs is not known`);
    for (const each of query) uses(each.uses);
    for (const id of view.dependsOn) {
      const below = relationById(catalog, id);
      if (below !== null) relation(below, event === "refresh" ? "select" : event);
    }
  };
  /** The code of the relation, of those above and below it, and of their indexes. */
  const attachedTo = (used: Relation, event: UseEvent): void => {
    const isBelow = belowOrSelf(catalog, used);
    const above = new Set(ancestorsOf(catalog, used).map(({ id }) => id));
    for (const [id] of catalog.attached.entries()) {
      if (open) return;
      const holder = relationById(catalog, id);
      const owner = holder?.index == null ? holder : relationById(catalog, holder.index.table);
      if (holder === null || owner === null || !(above.has(owner.id) || isBelow(owner))) continue;
      runAttached(holder, event);
    }
  };
  const runAttached = (holder: Relation, event: UseEvent): void => {
    // What DDL computes anew of a table is hardly ever code with effects; of tables that show none it is taken to be none.
    if (event !== "rebuild" && (holder.touched === true || holder.knowledge === "assumed")) {
      anything(`what the use of "${holder.name}" runs is not known`);
      return;
    }
    for (const trigger of holder.triggers) if (fires(trigger, holder, event)) fire(trigger);
    for (const each of holder.code ?? []) {
      const isOnEvent = each.kind === "rule" ? each.event === event : each.kind === "policy" && event !== "rebuild";
      if (isOnEvent) uses(each.uses);
    }
    const isVirtual = event === "select" && holder.columns.some(({ generated }) => generated === "virtual");
    if (event === "insert" || event === "update" || event === "rebuild" || isVirtual)
      uses(ownExpressions(holder, catalog.code));
  };
  const fire = (trigger: TriggerInfo): void => {
    for (const name of trigger.transitionNames ?? []) transitions.add(name);
    if (trigger.uses !== undefined) uses(trigger.uses);
    const name = trigger.function ?? "";
    call([name]);
    if (trigger.deferrable === true)
      for (const { code: each } of catalog.code.get(`function ${name}`) ?? []) pending.push(each);
  };
  /** Foreign keys with an action change the rows that refer, which fires triggers there. */
  const referring = (used: Relation, event: WriteEvent): void => {
    if (!hasDependents(catalog)) return;
    for (const target of [used, ...ancestorsOf(catalog, used), ...descendantsOf(catalog, used)]) {
      for (const id of dependentsOf(catalog, target.id)) {
        const other = relationById(catalog, id);
        for (const { references } of other?.constraints ?? []) {
          if (other === null || references === null || references.relation !== target.id) continue;
          const terms = references.terms.toUpperCase();
          if (event === "truncate") relation(other, "truncate");
          else if (event === "delete" && terms.includes("ON DELETE CASCADE")) relation(other, "delete");
          else if (event === "delete" && terms.includes("ON DELETE SET")) relation(other, "update");
          else if (event === "update" && terms.includes("ON UPDATE")) relation(other, "update");
        }
      }
    }
  };
  const everything = (event: UseEvent): void =>
    once(`${event} of all`, () => {
      if (!catalog.complete) {
        anything("what the tables that are written run is not known");
        return;
      }
      for (const [id] of catalog.attached.entries()) {
        const holder = relationById(catalog, id);
        if (holder === null) continue;
        runAttached(holder, "update");
        if (event !== "rebuild") for (const trigger of holder.triggers) fire(trigger);
        for (const each of event === "rebuild" ? [] : (holder.code ?? [])) uses(each.uses);
      }
    });
  const finish = (): void => {
    for (let steps = 0, next = waiting.shift(); next !== undefined && !open; next = waiting.shift()) {
      next();
      steps += 1;
      if (steps > mostSteps) anything("what is run cannot be followed to its end");
    }
  };
  const takeErrors = (): boolean => {
    finish();
    const taken = raises;
    // Who raised them is looked at again where it is told again.
    if (taken) seen.clear();
    raises = false;
    return taken;
  };
  const result = (): Running => {
    finish();
    return {
      reach: open ? { kind: "anything" } : mergedReach(reaches),
      rows,
      anyRows,
      because,
      pending,
      settings: [...settings.values()],
      raises,
      stops: false,
    };
  };
  return { uses, code, call, relation, named, everything, stored, anything, takeErrors, result };
}

/** Why nothing is known any more behind the use of a relation that nobody shows: it may be a view, or have triggers, and run anything. */
function unknownUse(name: string): string {
  return `what the use of "${name}" runs is not known`;
}

/** Whether that is the reason. */
export function isUnknownUse(reason: string): boolean {
  return /^what the use of ".*" runs is not known$/s.test(reason);
}

function ancestorsOf(catalog: Catalog, relation: Relation): readonly Relation[] {
  const found = new Map<RelationId, Relation>();
  const pending = parentsOf(catalog, relation);
  for (let at = 0; at < pending.length; at += 1) {
    const next = pending[at];
    if (next === undefined || found.has(next.id)) continue;
    found.set(next.id, next);
    addAll(pending, parentsOf(catalog, next));
  }
  return [...found.values()];
}

/** Rows of a partitioned table that are updated may move, which deletes them in one partition and inserts them in another. */
function fires({ events }: TriggerInfo, holder: Relation, event: UseEvent): boolean {
  if (event === "select" || event === "rebuild" || event === "refresh") return false;
  if (events.includes(event)) return true;
  const moves = event === "update" && (holder.partitionOf !== null || isPartitioned(holder));
  return moves && events.some((each) => each !== "truncate");
}
