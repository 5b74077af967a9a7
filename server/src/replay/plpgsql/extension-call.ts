/** Calls of extensions' functions: bound, run as the statements that the extension itself runs, or refused in its own words. */

import { type Catalog, effectivePath, schemaMayExist, withUnknownChanges } from "../../catalog/catalog.ts";
import type { Value } from "../../catalog/value.ts";
import type { Rejection } from "../../effects/outcome.ts";
import { taintRelations } from "../../effects/taint.ts";
import { type Binding, parameterType, printArgumentTypes } from "../../schemes/bind-call.ts";
import type {
  BoundCall,
  CallValue,
  Extension,
  ExtensionFunction,
  ExtensionWork,
  Signature,
} from "../../schemes/extension.ts";
import { extensionFunction, type Owned } from "../../schemes/extensions.ts";
import { allNamed } from "../../schemes/named-relation.ts";
import type { FunctionCall } from "../../syntax/expression.ts";
import { addAll } from "../../text/long-lists.ts";
import type { TextRange } from "../../text/range.ts";
import { bind, type CallForm, givenArgument, versionOf, withVersion } from "./bound-arguments.ts";
import {
  type Argument,
  computed,
  type Machine,
  mayGoOn,
  type Row,
  type Rows,
  type StatementPlace,
  undecided,
} from "./machine.ts";

/**
 * Runs a call of an extension's function: the rows that it gives, null where they are not known or the machine has stopped. A
 * call that is declined leaves doubt about the tables that it names, and about nothing else.
 */
export function callExtension(
  machine: Machine,
  call: FunctionCall,
  given: readonly Argument[],
  form: CallForm,
): Rows | null {
  if (machine.stop !== null) return null;
  const owned = extensionFunction(machine.catalog, call.name);
  if (owned === null) return undecided(machine, `which function "${call.name.join(".")}" is called is not known`);
  const place = placeOf(machine, call.range);
  const [schema] = call.name.length > 1 ? call.name : [];
  if (
    schema !== undefined &&
    !owned.isInstalled &&
    !schemaMayExist(machine.catalog, schema) &&
    !machine.catalog.tainted
  ) {
    const words = { sqlstate: "3F000", message: `schema "${schema}" does not exist`, position: call.range.start };
    return refused(machine, owned, place, words);
  }
  if (owned.isDropped === true) return refusedWithoutExtension(machine, owned, place, call, given, form);
  const { version, isShown } = versionOf(machine, owned, call, given);
  if (!owned.extension.reads.test(version)) {
    leaveInDoubt(machine, machine.catalog, given, `what ${owned.extension.name} ${version} does is not known`);
    return unknownRows(owned.item, call.name.at(-1) ?? "");
  }
  const binding = bind(machine, owned.item, version, given, form);
  if (binding.kind === "bound" && isShown) machine.catalog = withVersion(machine.catalog, owned, version);
  const before = machine.catalog;
  let isDoubtful = false;
  try {
    const bound = boundOrEnd(machine, owned, binding, call, given, version, form);
    isDoubtful =
      before.unread?.includes(owned.extension.name) === true ||
      (owned.extension.knowsDoubt !== true && allNamed(before, given).some(({ knowledge }) => knowledge !== "full"));
    const work = createWork(machine, owned.extension, version, place);
    const value = owned.item.run(bound, work);
    machine.catalog = work.catalog;
    const name = call.name.at(-1) ?? "";
    return rowsOfValue(value, bound.signature, name) ?? unknownRows(owned.item, name);
  } catch (end) {
    if (end instanceof Declined) {
      if (end instanceof NotRun) {
        machine.catalog = before;
        machine.declined.push(end.message);
      } else leaveInDoubt(machine, before, given, end.message);
      return unknownRows(owned.item, call.name.at(-1) ?? "");
    }
    if (!(end instanceof Refused)) throw end;
    // What is not known of its tables may be just what it wants, such as what a call before has done.
    if (isDoubtful) {
      leaveInDoubt(machine, before, given, `whether it is refused is not known: ${end.message}`);
      return unknownRows(owned.item, call.name.at(-1) ?? "");
    }
    machine.catalog = before;
    return refused(machine, owned, place, end.refusal);
  }
}

/** The script has dropped the extension: no function of the name is left, unless somebody else has one. */
function refusedWithoutExtension(
  machine: Machine,
  owned: Owned<ExtensionFunction>,
  place: StatementPlace | null,
  call: FunctionCall,
  given: readonly Argument[],
  form: CallForm,
): Rows | null {
  const words = missingFunction(machine, call, given, form);
  if (machine.catalog.complete && !machine.catalog.tainted && words !== null)
    return refused(machine, owned, place, words);
  machine.declined.push(`${owned.extension.name} is not there any more`);
  return unknownRows(owned.item, call.name.at(-1) ?? "");
}

/** 42883 for a call; null where the types of its arguments are not known. */
function missingFunction(
  machine: Machine,
  call: FunctionCall,
  given: readonly Argument[],
  form: CallForm,
): Refusal | null {
  const types = printArgumentTypes(given.map(givenArgument), effectivePath(machine.catalog));
  if (types === null) return null;
  const kind = form === "call" ? "procedure" : "function";
  return {
    sqlstate: "42883",
    message: `${kind} ${call.name.join(".")}(${types}) does not exist`,
    hint: `No ${kind} matches the given name and argument types. You might need to add explicit type casts.`,
    position: call.range.start,
    missing: call.name.at(-1),
  };
}

function refused(
  machine: Machine,
  { extension }: Owned<ExtensionFunction>,
  place: StatementPlace | null,
  refusal: Refusal,
): null {
  const isDirect = machine.depth === 0 && machine.at === null;
  const rejection: Rejection = {
    related: [],
    ...refusal,
    rule: refusal.rule ?? extension.rule,
    range: machine.host.rangeOf(place),
    position: isDirect ? refusal.position : undefined,
    assumption: refusal.assumption ?? null,
  };
  machine.stop ??= { kind: "refused", rejection };
  return null;
}

type Refusal = Pick<Rejection, "sqlstate" | "message" | "detail" | "hint"> & Partial<Rejection>;

/** Thrown inside a call to end it, and caught there. */
class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

class Declined extends Error {}

/** Whatever PostgreSQL says, nothing is run. */
class NotRun extends Declined {}

function refuse(refusal: Refusal): never {
  throw new Refused(refusal);
}

function decline(why: string): never {
  throw new Declined(why);
}

/** Where the call stands, as the statements that it runs are told it. */
function placeOf({ depth, at }: Machine, { start, end }: TextRange): StatementPlace | null {
  if (depth > 0) return null;
  if (at === null) return { range: { start, end }, dynamic: true };
  if (at.dynamic) return { range: at.range, dynamic: true };
  return { range: { start: at.range.start + start, end: at.range.start + end }, dynamic: true };
}

function boundOrEnd(
  machine: Machine,
  owned: Owned<ExtensionFunction>,
  binding: Binding,
  call: FunctionCall,
  given: readonly Argument[],
  version: string,
  form: CallForm,
): BoundCall {
  const { start } = call.range;
  switch (binding.kind) {
    case "bound": {
      const { signature, values, types, given: names } = binding;
      return { name: call.name.at(-1) ?? "", signature, arguments: values, types, given: names, range: call.range };
    }
    case "problem":
      return refuse(binding.problem);
    case "unsure":
      return decline(binding.reason);
    case "none": {
      const [open] = owned.item.isOpen === true && form !== "call" ? owned.item.signatures : [];
      if (open !== undefined) {
        const name = call.name.at(-1) ?? "";
        return { name, signature: open, arguments: new Map(), types: new Map(), given: new Set(), range: call.range };
      }
      const isOther = bindsAs(machine, owned.item, version, given, form === "call" ? "expression" : "call");
      // With the extension or without it, there is no function of the name that could be called so.
      const isWrongForm = isOther && machine.catalog.complete && !machine.catalog.tainted;
      if (!isWrongForm && !owned.isInstalled && owned.extension.isInUse?.(machine.catalog) !== true) {
        const why = `"${call.name.join(".")}" takes no such arguments`;
        // Where the schema is known whole, nobody else has a function of that name.
        if (machine.catalog.complete && !machine.catalog.tainted) throw new NotRun(why);
        return decline(why);
      }
      const types = printArgumentTypes(given.map(givenArgument), effectivePath(machine.catalog));
      if (types === null) return decline("the types of the arguments are not known");
      const other = form === "call" ? "function" : "procedure";
      const name = call.name.join(".");
      if (isOther)
        return refuse({
          sqlstate: "42809",
          message: `${name}(${types}) is ${form === "call" ? "not a procedure" : "a procedure"}`,
          hint: `To call a ${other}, use ${other === "function" ? "SELECT" : "CALL"}.`,
          position: start,
        });
      const words = missingFunction(machine, call, given, form);
      return words === null ? decline("the types of the arguments are not known") : refuse(words);
    }
  }
}

function bindsAs(
  machine: Machine,
  item: ExtensionFunction,
  version: string,
  given: readonly Argument[],
  form: CallForm,
): boolean {
  return bind(machine, item, version, given, form).kind !== "none";
}

/** What a call works with; also the change of a configuration row. */
export function createWork(
  machine: Machine,
  extension: Extension,
  version: string,
  place: StatementPlace | null,
): ExtensionWork {
  const { host } = machine;
  const run = (sql: string, isCaught: boolean): Rejection | null => {
    for (const placed of host.read(sql)) {
      if (!mayGoOn(machine)) return decline("it runs for too long to be followed");
      const outcome = host.apply(work.catalog, placed, sql, place, isCaught || machine.handlers > 0);
      if (outcome.kind === "rejected") return outcome.rejection;
      work.catalog = outcome.catalog;
      addAll(machine.declined, outcome.declined);
    }
    return null;
  };
  const work: ExtensionWork = {
    catalog: machine.catalog,
    context: host.context,
    version,
    schema: extension.schema ?? machine.catalog.extensions.get(extension.name)?.schema ?? null,
    doubt: (tables, why) => {
      work.catalog = withUnknownChanges(taintRelations(work.catalog, tables));
      machine.declined.push(`${extension.name}: ${why}`);
    },
    isAtomic: host.inTransaction || machine.depth > 0 || machine.handlers > 0,
    execute: (sql) => {
      const rejection = run(sql, false);
      if (rejection !== null) refuse({ ...rejection, rule: extension.rule });
    },
    attempt: (sql) => {
      const before = work.catalog;
      const declined = machine.declined.length;
      const rejection = run(sql, true);
      if (rejection === null) return null;
      work.catalog = before;
      machine.declined.length = declined;
      return rejection;
    },
    evaluate: (sql) => {
      const [placed] = host.read(`SELECT ${sql}`);
      const query = placed?.statement.kind === "query" ? placed.statement.query : null;
      const expression = query?.kind === "select" ? query.targets[0]?.expression : undefined;
      if (expression === undefined) return undefined;
      machine.depth += 1;
      const value = computed(machine, expression, { variables: new Map(), ctes: new Map() });
      machine.depth -= 1;
      // What it comes to is not known; the call itself may go on.
      if (machine.stop?.kind === "undecided") machine.stop = null;
      return value === null || value.late !== undefined ? undefined : value.value;
    },
    within: (part) => {
      const before = work.catalog;
      const declined = machine.declined.length;
      const end = endOf(part);
      if (end === null) return null;
      work.catalog = before;
      machine.declined.length = declined;
      return "refusal" in end ? { kind: "refused", ...end } : { kind: "declined", why: end.declined };
    },
    refuse,
    decline: (why) => decline(`${extension.name}: ${why}`),
  };
  return work;
}

/** What a call that is not known may have changed: the tables that it names. Without a name that is known, anything. */
function leaveInDoubt(machine: Machine, before: Catalog, given: readonly Argument[], why: string): void {
  machine.catalog = before;
  const named = allNamed(before, given);
  if (named.length === 0 && given.some(({ value }) => value === null)) {
    undecided(machine, why);
    return;
  }
  machine.catalog = withUnknownChanges(taintRelations(before, named));
  machine.declined.push(why);
}

/** One value that is not known; of a set nothing is. */
function unknownRows({ returnsSet }: ExtensionFunction, name: string): Rows | null {
  return returnsSet === true ? null : [[{ name, value: null }]];
}

/** Runs the work of an extension's own; whatever ends it is told as for a call. */
export function endOf(work: () => void): { readonly refusal: Refusal } | { readonly declined: string } | null {
  try {
    work();
    return null;
  } catch (end) {
    if (end instanceof Declined) return { declined: end.message };
    if (end instanceof Refused) return { refusal: end.refusal };
    throw end;
  }
}

function rowsOfValue(value: CallValue, { returns }: Signature, name: string): Rows | null {
  if (value === undefined) return null;
  if (Array.isArray(value)) {
    const rows = value as readonly (readonly (Value | null)[])[];
    return rows.map((fields): Row => fields.map((each, at) => fieldOf(each, returns, at, name)));
  }
  return [[fieldOf(value as Value | null, returns, 0, name)]];
}

function fieldOf(value: Value | null, returns: Signature["returns"], at: number, name: string): Row[number] {
  if (returns === undefined || typeof returns === "string")
    return { name, value: { value, type: returns === undefined ? null : parameterType(returns) } };
  const column = returns[at];
  return {
    name: column?.name ?? name,
    value: { value, type: column === undefined ? null : parameterType(column.type) },
  };
}
