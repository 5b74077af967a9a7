/** Chooses among overloaded operators and functions by the types of the arguments, as PostgreSQL's parser does. */

import { greatest } from "../../text/long-lists.ts";
import type { DataType } from "../data-type.ts";
import {
  type BuiltinFunction,
  type BuiltinOperator,
  builtinType,
  builtinTypeName,
  castBetween,
  functionsNamed,
  operatorsNamed,
} from "./builtins.ts";
import { elementOfRange } from "./range.ts";
import { baseType, baseTypeNamed, sameTypeName, withoutModifier } from "./types.ts";

/** The type of an argument: null for an untyped literal. */
export type ArgumentType = DataType | null;

export type Choice<T> =
  | { readonly kind: "found"; readonly found: T; readonly result: DataType | null }
  | { readonly kind: "none" }
  | { readonly kind: "ambiguous" }
  /** A type that is not known, or a rule that is not followed here. */
  | { readonly kind: "unsure" };

/** The operator that stands for the name between (or, with `left` undefined, before) operands of these types. */
export function chooseOperator(
  name: string,
  left: ArgumentType | undefined,
  right: ArgumentType,
): Choice<BuiltinOperator> {
  const given = left === undefined ? [right] : [left, right];
  return remembered(operatorChoices, name, given, () => resolveOperator(name, left === undefined, given));
}

/** The function of `pg_catalog` that a call with arguments of these types stands for. Named arguments are the caller's business. */
export function chooseFunction(name: string, given: readonly ArgumentType[]): Choice<BuiltinFunction> {
  return remembered(functionChoices, name, given, () => resolveFunction(name, given));
}

const operatorChoices = new Map<string, Choice<BuiltinOperator>>();
const functionChoices = new Map<string, Choice<BuiltinFunction>>();

/** The same names and types always lead to the same choice; only types of PostgreSQL's own are remembered. */
function remembered<T>(
  choices: Map<string, Choice<T>>,
  name: string,
  given: readonly ArgumentType[],
  resolve: () => Choice<T>,
): Choice<T> {
  let key = name;
  for (const type of given) {
    if (type !== null && type.kind !== "base") return resolve();
    key += type === null ? " ?" : ` ${type.name}`;
  }
  const known = choices.get(key);
  if (known !== undefined) return known;
  const choice = resolve();
  if (choices.size > 2000) choices.clear();
  choices.set(key, choice);
  return choice;
}

function resolveOperator(name: string, isPrefix: boolean, given: readonly ArgumentType[]): Choice<BuiltinOperator> {
  if (given.some((type) => type !== null && !isKnown(type))) return { kind: "unsure" };
  const candidates = operatorsNamed(name)
    .filter((operator) => (operator.left === null) === isPrefix)
    .map((operator) => ({
      item: operator,
      arguments: operator.left === null ? [operator.right] : [operator.left, operator.right],
      result: operator.result,
    }));
  const exact = exactOperator(candidates, given);
  if (exact !== undefined) return conclude(exact, given);
  return choose(candidates, given);
}

function resolveFunction(name: string, given: readonly ArgumentType[]): Choice<BuiltinFunction> {
  if (given.some((type) => type !== null && !isKnown(type))) return { kind: "unsure" };
  const candidates = functionsNamed(name).flatMap((found) => {
    const accepted = acceptedArguments(found, given.length);
    return accepted === null ? [] : [{ item: found, arguments: accepted, result: found.result }];
  });
  return chooseAmongFunctions(withoutHiddenVariadics(candidates), given);
}

/** Of two that take the same arguments, one of them by repeating its last, only the other is meant. */
function withoutHiddenVariadics(
  candidates: readonly Candidate<BuiltinFunction>[],
): readonly Candidate<BuiltinFunction>[] {
  const plain = new Set(
    candidates.filter(({ item }) => !item.variadic).map((candidate) => candidate.arguments.join(" ")),
  );
  return candidates.filter(({ item, arguments: accepted }) => !item.variadic || !plain.has(accepted.join(" ")));
}

function chooseAmongFunctions(
  candidates: readonly Candidate<BuiltinFunction>[],
  given: readonly ArgumentType[],
): Choice<BuiltinFunction> {
  const names = given.map((type) => (type === null ? null : typeNameOf(type)));
  const exact = candidates.find((candidate) => candidate.arguments.every((type, index) => type === names[index]));
  return exact === undefined ? choose(candidates, given) : conclude(exact, given);
}

/** Whether a value of one type is cast to the other without being asked: the names are those of the builtin tables. */
export function coercesImplicitly(from: DataType, to: string): boolean {
  const source = baseType(from);
  if (to === "any" || to === "anyelement" || to === "anycompatible") return true;
  switch (to) {
    case "anyarray":
    case "anycompatiblearray":
      return source.kind === "array" || (source.kind === "base" && /^(?:int2|oid)vector$/.test(source.name));
    case "anynonarray":
    case "anycompatiblenonarray":
      return source.kind !== "array";
    case "anyenum":
      return source.kind === "enum";
    case "anyrange":
    case "anycompatiblerange":
      return source.kind === "base" && builtinType(source.name)?.kind === "range";
    case "anymultirange":
    case "anycompatiblemultirange":
      return source.kind === "base" && builtinType(source.name)?.kind === "multirange";
  }
  if (source.kind === "composite") return to === "record";
  const name = builtinTypeName(source);
  if (name === null) return false;
  if (name === to) return true;
  if (name.startsWith("_") && to.startsWith("_") && source.kind === "array")
    return coercesImplicitly(source.element, to.slice(1));
  return castBetween(name, to)?.level === "implicit";
}

/** Chooses among functions of the script's own by the types that they take; `arguments` are the names of PostgreSQL's own types. */
export function chooseAmong<T>(candidates: readonly Candidate<T>[], given: readonly ArgumentType[]): T | null {
  if (given.some((type) => type !== null && !isKnown(type))) return null;
  const names = given.map((type) => (type === null ? null : typeNameOf(type)));
  const exact = candidates.find((candidate) => candidate.arguments.every((type, index) => type === names[index]));
  if (exact !== undefined) return exact.item;
  const choice = choose(candidates, given);
  return choice.kind === "found" ? choice.found : null;
}

export interface Candidate<T> {
  readonly item: T;
  readonly arguments: readonly string[];
  readonly result: string;
}

function isKnown(type: DataType): boolean {
  const base = baseType(type);
  return base.kind === "array" ? isKnown(base.element) : base.kind !== "unknown" && base.kind !== "composite";
}

/** The name by which candidates know the type; user types have one that no candidate has. */
function typeNameOf(type: DataType): string {
  return builtinTypeName(type) ?? "\0";
}

/** The argument types for that many arguments: without defaults, the variadic ones repeated; null where it takes another number. */
export function acceptedArguments(found: BuiltinFunction, count: number): readonly string[] | null {
  const { arguments: declared, variadic, defaults } = found;
  if (!variadic)
    return count <= declared.length && count >= declared.length - defaults ? declared.slice(0, count) : null;
  const last = declared.at(-1) ?? "";
  const element =
    last === "any"
      ? "any"
      : last === "anyarray"
        ? "anyelement"
        : last === "anycompatiblearray"
          ? "anycompatible"
          : last.replace(/^_/, "");
  const before = declared.slice(0, -1);
  return count <= before.length ? null : [...before, ...Array<string>(count - before.length).fill(element)];
}

/** With one operand untyped, the other's type is tried for both. */
function exactOperator<T>(
  candidates: readonly Candidate<T>[],
  given: readonly ArgumentType[],
): Candidate<T> | undefined {
  const known = given.find((type) => type !== null);
  if (known == null) return undefined;
  const names = given.map((type) => typeNameOf(type ?? known));
  return candidates.find((candidate) => candidate.arguments.every((type, index) => type === names[index]));
}

function choose<T>(all: readonly Candidate<T>[], given: readonly ArgumentType[]): Choice<T> {
  let candidates = all.filter((candidate) =>
    candidate.arguments.every((type, index) => {
      const from = given[index];
      return from == null || coercesImplicitly(from, type);
    }),
  );
  if (candidates.length === 0) return { kind: "none" };
  candidates = withMost(candidates, (candidate) => count(candidate, given, (type, from) => type === typeNameOf(from)));
  candidates = withMost(candidates, (candidate) =>
    count(candidate, given, (type, from) => type === typeNameOf(from) || isPreferredFor(type, from)),
  );
  if (candidates.length > 1 && given.includes(null)) candidates = byUntypedArguments(candidates, given);
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return conclude(only, given);
  // Which of them agree in what stands for `any…` is not followed.
  const isOpen = candidates.some((candidate) => candidate.arguments.some((type) => polymorphic.test(type)));
  return { kind: isOpen ? "unsure" : "ambiguous" };
}

function count<T>(
  candidate: Candidate<T>,
  given: readonly ArgumentType[],
  matches: (type: string, from: DataType) => boolean,
): number {
  let number = 0;
  candidate.arguments.forEach((type, index) => {
    const from = given[index];
    if (from != null && matches(type, from)) number++;
  });
  return number;
}

function withMost<T>(candidates: readonly Candidate<T>[], score: (candidate: Candidate<T>) => number): Candidate<T>[] {
  const scores = candidates.map(score);
  const most = greatest(scores);
  return candidates.filter((_, index) => scores[index] === most);
}

function isPreferredFor(type: string, from: DataType): boolean {
  const info = builtinType(type);
  return info?.preferred === true && info.category === categoryOf(from);
}

function categoryOf(type: DataType): string {
  const base = baseType(type);
  if (base.kind === "base") return builtinType(base.name)?.category ?? "U";
  return base.kind === "enum" ? "E" : base.kind === "array" ? "A" : "U";
}

function categoryOfName(name: string): string {
  return name.startsWith("_") ? "A" : (builtinType(name)?.category ?? "U");
}

/** Strings where a candidate takes one, else the category that all agree on; then the type of the typed arguments. */
function byUntypedArguments<T>(candidates: Candidate<T>[], given: readonly ArgumentType[]): Candidate<T>[] {
  const wanted: ({ readonly category: string; readonly preferred: boolean } | null)[] = [];
  let isResolved = true;
  given.forEach((from, index) => {
    if (from !== null || !isResolved) {
      wanted.push(null);
      return;
    }
    const names = candidates.map((candidate) => candidate.arguments[index] ?? "");
    const categories = names.map(categoryOfName);
    const category = categories.includes("S") ? "S" : (categories[0] ?? "");
    if (category !== "S" && categories.some((other) => other !== category)) isResolved = false;
    const preferred = names.some((name, at) => categories[at] === category && builtinType(name)?.preferred === true);
    wanted.push({ category, preferred });
  });
  let left = candidates;
  if (isResolved) {
    const fitting = candidates.filter((candidate) =>
      wanted.every((wish, index) => {
        if (wish === null) return true;
        const name = candidate.arguments[index] ?? "";
        return categoryOfName(name) === wish.category && (!wish.preferred || builtinType(name)?.preferred === true);
      }),
    );
    if (fitting.length > 0) left = fitting;
    if (left.length === 1) return left;
  }
  const typed = given.filter((type) => type !== null);
  const [first] = typed;
  if (first === undefined || typed.some((type) => typeNameOf(type) !== typeNameOf(first))) return left;
  const alike = left.filter((candidate) => candidate.arguments.every((type) => coercesImplicitly(first, type)));
  return alike.length === 1 ? alike : left;
}

/** The result type, with polymorphic ones bound to the arguments; null in it where that cannot be told. */
function conclude<T>(candidate: Candidate<T>, given: readonly ArgumentType[]): Choice<T> {
  const result = resultType(candidate, given);
  if (result === "mismatch") return { kind: "unsure" };
  return { kind: "found", found: candidate.item, result };
}

const polymorphic = /^any/;

function resultType<T>(candidate: Candidate<T>, given: readonly ArgumentType[]): DataType | null | "mismatch" {
  let element: DataType | null = null;
  let range: DataType | null = null;
  for (const [index, type] of candidate.arguments.entries()) {
    if (!polymorphic.test(type) || type === "any") continue;
    const from = given[index];
    if (from == null) continue;
    const base = baseType(from);
    if (type === "anyrange") {
      if (range !== null && !sameTypeName(range, base)) return "mismatch";
      range = base;
    }
    const bound = boundElement(type, base);
    if (bound === null) return "mismatch";
    if (element !== null && !sameTypeName(element, bound)) return "mismatch";
    element = withoutModifier(bound);
  }
  const { result } = candidate;
  if (!polymorphic.test(result)) return dataTypeOf(result);
  if (result === "anyrange") return range;
  if (element === null || result.includes("range")) return null;
  return result.endsWith("array") && !result.endsWith("nonarray") ? { kind: "array", element } : element;
}

/** What stands for `anyelement` where an argument has this type; null where that is not followed. */
function boundElement(declared: string, given: DataType): DataType | null {
  if (declared.endsWith("array") && !declared.endsWith("nonarray"))
    return given.kind === "array" ? given.element : null;
  if (declared === "anyrange") {
    const held = given.kind === "base" ? elementOfRange(given.name) : null;
    return held === null ? null : baseTypeNamed(held);
  }
  return declared.includes("range") ? null : given;
}

/** A type of the builtin tables. */
export function dataTypeOf(name: string): DataType {
  return name.startsWith("_") ? { kind: "array", element: dataTypeOf(name.slice(1)) } : baseTypeNamed(name);
}
