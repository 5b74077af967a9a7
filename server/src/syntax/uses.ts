/** What a statement names whose use may run code that stands elsewhere: functions, operators, types, relations. */

import type { SessionChange } from "./session-changes.ts";

/** A relation as a statement names it. */
export interface UsedRelation {
  readonly schema: string | null;
  readonly name: string;
}

export type WriteEvent = "insert" | "update" | "delete" | "truncate";

/** Names in what a statement runs or, where it only defines something, stores to be run; each once. */
export interface Uses {
  /** Functions as written: `["mk"]`, `["public", "mk"]`. */
  readonly calls: readonly (readonly string[])[];
  /** Operators without their schema. */
  readonly operators: readonly string[];
  /** Types without their schema; for expressions of PL/pgSQL all words that may be types. */
  readonly types: readonly string[];
  /** Relations that are read; names of common table expressions are none. */
  readonly reads: readonly UsedRelation[];
  /** Relations whose rows are changed, and which triggers and rules that fires. */
  readonly writes: readonly { readonly relation: UsedRelation; readonly events: readonly WriteEvent[] }[];
  /** Prepared statements that are executed and cursors that are read: `prepared p`, `cursor c`. */
  readonly executes: readonly string[];
  /** String constants that functions are given: some run them. */
  readonly texts: readonly string[];
  /** Settings that it changes and that decide what later statements mean; absent where there are none. */
  readonly settings?: readonly SessionChange[] | undefined;
}

export const noUses: Uses = { calls: [], operators: [], types: [], reads: [], writes: [], executes: [], texts: [] };

/**
 * What code may change of the schema, by its own text: nothing, the relations that have one of these names or a name that
 * begins like one of them, or anything.
 */
export type Reach =
  | { readonly kind: "nothing" }
  | { readonly kind: "named"; readonly words: readonly string[]; readonly beginnings: readonly string[] }
  | { readonly kind: "anything" };

/** Code that is stored to be run later, as far as its text can be read. */
export interface Code {
  readonly uses: Uses;
  readonly reach: Reach;
  /** Whether it changes rows of tables whose names are built when it runs. */
  readonly writesUnnamed?: true | undefined;
  /** Whether it may raise an error of its own: by RAISE, or by ASSERT. */
  readonly raises?: true | undefined;
}

/** Collects names, each once. */
export interface UsesCollector {
  readonly call: (name: readonly string[]) => void;
  readonly operator: (name: string) => void;
  readonly type: (name: string) => void;
  readonly read: (relation: UsedRelation) => void;
  readonly write: (relation: UsedRelation, ...events: readonly WriteEvent[]) => void;
  readonly execute: (name: string) => void;
  readonly text: (text: string) => void;
  readonly setting: (change: SessionChange) => void;
  readonly all: (uses: Uses) => void;
  /** null where nothing was collected. */
  readonly collected: () => Uses | null;
}

export function createUsesCollector(): UsesCollector {
  // Made when there is something to put into it: of most statements there is not, and each of a long file has a collector.
  let made: Collected | null = null;
  const into = (): Collected => {
    made ??= emptyCollected();
    return made;
  };
  const collector: UsesCollector = {
    call: (name) => into().calls.set(name.join("\0"), name),
    operator: (name) => into().operators.add(name),
    type: (name) => into().types.add(name),
    read: ({ schema, name }) => into().reads.set(keyOf({ schema, name }), { schema, name }),
    write: ({ schema, name }, ...events) => {
      const { writes } = into();
      const key = keyOf({ schema, name });
      const known = writes.get(key) ?? { relation: { schema, name }, events: new Set() };
      for (const event of events) known.events.add(event);
      writes.set(key, known);
    },
    execute: (name) => into().executes.add(name),
    text: (text) => {
      const { texts } = into();
      if (texts.size < mostTexts) texts.add(text);
    },
    setting: (change) => into().settings.set(`${change.name} ${change.local}`, change),
    all: (uses) => {
      uses.calls.forEach(collector.call);
      uses.operators.forEach(collector.operator);
      uses.types.forEach(collector.type);
      uses.reads.forEach(collector.read);
      for (const { relation, events } of uses.writes) collector.write(relation, ...events);
      uses.executes.forEach(collector.execute);
      uses.texts.forEach(collector.text);
      uses.settings?.forEach(collector.setting);
    },
    collected: () => (made === null ? null : usesIn(made)),
  };
  return collector;
}

interface Collected {
  readonly calls: Map<string, readonly string[]>;
  readonly operators: Set<string>;
  readonly types: Set<string>;
  readonly reads: Map<string, UsedRelation>;
  readonly writes: Map<string, { readonly relation: UsedRelation; readonly events: Set<WriteEvent> }>;
  readonly executes: Set<string>;
  readonly texts: Set<string>;
  readonly settings: Map<string, SessionChange>;
}

function emptyCollected(): Collected {
  return {
    ...{ calls: new Map(), reads: new Map(), writes: new Map(), settings: new Map() },
    ...{ operators: new Set(), types: new Set(), executes: new Set(), texts: new Set() },
  };
}

function usesIn({ calls, operators, types, reads, writes, executes, texts, settings }: Collected): Uses {
  return {
    calls: [...calls.values()],
    operators: [...operators],
    types: [...types],
    reads: [...reads.values()],
    writes: [...writes.values()].map(({ relation, events }) => ({ relation, events: [...events] })),
    executes: [...executes],
    texts: [...texts],
    ...(settings.size > 0 ? { settings: [...settings.values()] } : {}),
  };
}

function keyOf({ schema, name }: UsedRelation): string {
  return `${schema ?? ""}\0${name}`;
}

/** Longer lists are given to nothing that runs them. */
const mostTexts = 32;

/** The uses of several things as those of one. */
export function mergedUses(all: readonly Uses[]): Uses {
  const [only] = all;
  if (only === undefined) return noUses;
  if (all.length === 1) return only;
  const collector = createUsesCollector();
  all.forEach(collector.all);
  return collector.collected() ?? noUses;
}

/** What several pieces of code may change together. */
export function mergedReach(all: readonly Reach[]): Reach {
  if (all.some(({ kind }) => kind === "anything")) return { kind: "anything" };
  const named = all.filter((reach) => reach.kind === "named");
  const [only] = named;
  if (only === undefined) return { kind: "nothing" };
  if (named.length === 1) return only;
  return {
    kind: "named",
    words: [...new Set(named.flatMap(({ words }) => words))],
    beginnings: [...new Set(named.flatMap(({ beginnings }) => beginnings))],
  };
}
