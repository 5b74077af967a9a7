/** What all partitions of a table have alike, and so one that is made beside them gets. */

import { madeInPortions, notedPortions, rememberedPortion } from "../catalog/access.ts";
import { belongingsOf, type KeptBelonging, mostBelongings } from "../catalog/belongings.ts";
import type { Relation } from "../catalog/relation.ts";
import { identifiersIn } from "../syntax/names.ts";
import { itemsOfName, itemsOfPortion } from "../text/portions.ts";
import { type Hung, identityOf, inWords, ruleInWords } from "./belongings.ts";
import type { Division } from "./division.ts";
import type { WriterContext } from "./writer.ts";

/** Not what is said of one alone, such as a comment. */
export function handedBySiblings(division: Division, { catalog }: WriterContext): Hung {
  return rememberedPortion(
    0,
    () => ofSiblings.get(division),
    () => {
      const hung = sharedBySiblings(division, catalog);
      ofSiblings.set(division, hung);
      return hung;
    },
  );
}

/** Their text may name tables. */
const withText: ReadonlySet<KeptBelonging["kind"]> = new Set(["policy", "trigger", "publication"]);

/** A division is of one catalog. */
const ofSiblings = new WeakMap<Division, Hung>();

/** How many of the siblings have something: all are looked at once, and none is held against each of the others. */
interface Tally {
  /** How many siblings have been looked at. */
  seen: number;
  /** By what two have to have alike. */
  readonly identities: Map<string, number>;
  /** By name: what was written of the policy in the first of them, how many have one, and whether one is other. */
  readonly policies: Map<string, { readonly text: string; count: number; isOther: boolean }>;
  readonly rules: Map<string, number>;
  /** Whether more may hang on one than is read. */
  isCut: boolean;
}

function tallied(siblings: readonly Relation[], catalog: WriterContext["catalog"]): Tally {
  const most = Math.ceil(itemsOfPortion / itemsOfName);
  return notedPortions<Tally>((left) => {
    const tally = left ?? { seen: 0, identities: new Map(), policies: new Map(), rules: new Map(), isCut: false };
    const to = Math.min(siblings.length, tally.seen + most);
    const items = (to - tally.seen) * itemsOfName;
    for (const sibling of siblings.slice(tally.seen, to)) add(tally, sibling, belongingsOf(catalog, sibling));
    tally.seen = to;
    return { state: tally, isDone: to === siblings.length, items };
  });
}

function add(tally: Tally, { rules }: Relation, belongings: readonly KeptBelonging[]): void {
  const { identities, policies } = tally;
  for (const identity of new Set(belongings.map(identityOf))) count(identities, identity);
  for (const [name, text] of policiesOf(belongings)) {
    const known = policies.get(name);
    if (known === undefined) policies.set(name, { text, count: 1, isOther: false });
    else {
      known.count++;
      known.isOther ||= known.text !== text;
    }
  }
  for (const rule of new Set(rules)) count(tally.rules, rule);
  tally.isCut ||= belongings.length >= mostBelongings;
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function sharedBySiblings({ parts, table }: Division, catalog: WriterContext["catalog"]): Hung {
  const siblings = parts.flatMap(({ bound, relation }) => (bound.kind === "default" ? [] : [relation]));
  const [first] = siblings;
  if (first === undefined) return { belongings: [], missing: [] };
  const { identities, policies, rules, isCut } = tallied(siblings, catalog);
  const isInAll = (number: number | undefined): boolean => number === siblings.length;
  const kept = belongingsOf(catalog, first).filter(({ kind }) => kind !== "comment");
  const differing = new Set(
    [...policies].flatMap(([name, { count, isOther }]) => (isOther || !isInAll(count) ? [name] : [])),
  );
  const same = kept.filter(
    (each) => isInAll(identities.get(identityOf(each))) && !(each.kind === "policy" && differing.has(ownNameOf(each))),
  );
  // A trigger that they do not have alike has no state for the new one, unless the whole table hands it down.
  const triggers = new Set([
    "*",
    ...same.flatMap(({ kind, name }) => (kind === "trigger" ? [name] : [])),
    ...table.triggers.map(({ name }) => name),
  ]);
  const alike = same.filter(({ kind, name }) => kind !== "trigger state" || triggers.has(name));
  const ofTable = new Set(belongingsOf(catalog, table).map(identityOf));
  const names = new Set(madeInPortions(siblings, 1, ({ name }) => [name]));
  // Indexes and statistics are those of one table, and a text that names a part means that one.
  const ofOne = (each: KeptBelonging): boolean =>
    each.index !== undefined ||
    (each.kind === "statistics" && !ofTable.has(identityOf(each))) ||
    (withText.has(each.kind) && [...identifiersIn(each.sql?.[1] ?? "")].some((word) => names.has(word)));
  const keyOf = (each: KeptBelonging): KeptBelonging | string =>
    each.kind === "policy" || each.kind === "trigger" || each.kind === "trigger state"
      ? `${each.kind.slice(0, 7)} ${ownNameOf(each)}`
      : each;
  const left = new Set(alike.filter(ofOne).map(keyOf));
  const isLeft = (each: KeptBelonging): boolean => left.has(keyOf(each));
  const isSecured = alike.some(({ kind, name }) => kind === "row security" && name === "enabled");
  return {
    belongings: alike.filter((each) => !isLeft(each) && each.kind !== "statistics"),
    missing: [
      ...new Set([
        ...alike.filter((each) => isLeft(each) && each.kind !== "trigger state").map(inWords),
        // Row security without a policy lets nobody pass but the owner.
        ...[...differing]
          .filter((name) => isSecured || isInAll(policies.get(name)?.count))
          .map((name) => `the policy ${name}, which is not alike`),
        ...first.rules.filter((rule) => isInAll(rules.get(rule))).map(ruleInWords),
        ...(isCut ? ["what else hangs on them"] : []),
      ]),
    ],
  };
}

/** By name: what was written of each policy, one statement after the other. */
function policiesOf(belongings: readonly KeptBelonging[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const each of belongings) {
    if (each.kind !== "policy") continue;
    const name = ownNameOf(each);
    found.set(name, `${found.get(name) ?? ""}${identityOf(each)}`);
  }
  return found;
}

/** What ALTER POLICY says goes by the name of the policy. */
function ownNameOf({ name }: KeptBelonging): string {
  return name.split("\0")[0] ?? "";
}
