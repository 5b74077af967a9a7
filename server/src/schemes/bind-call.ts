/** Binds a call to the signature that PostgreSQL would choose, and its arguments to the parameters. */

import type { DataType } from "../catalog/data-type.ts";
import type { Value } from "../catalog/value.ts";
import { coerceConstant, type EvaluateContext } from "../catalog/values/evaluate.ts";
import { type Candidate, chooseAmong, coercesImplicitly, dataTypeOf } from "../catalog/values/overload.ts";
import type { ValueProblem } from "../catalog/values/result.ts";
import { baseType, baseTypeNamed, formatTypeName, sameTypeName } from "../catalog/values/types.ts";
import { smallest } from "../text/long-lists.ts";
import type { Parameter, Signature } from "./extension.ts";

/** An argument as the call gives it. */
export interface GivenArgument {
  readonly name: string | undefined;
  /** undefined where it is no constant. */
  readonly value: Value | null | undefined;
  /** null for an untyped literal, undefined where it is not known. */
  readonly type: DataType | null | undefined;
  readonly variadic: boolean;
}

export type Binding =
  | {
      readonly kind: "bound";
      readonly signature: Signature;
      readonly values: ReadonlyMap<string, Value | null | undefined>;
      readonly types: ReadonlyMap<string, DataType | null>;
      readonly given: ReadonlySet<string>;
    }
  /** No signature takes these arguments. */
  | { readonly kind: "none" }
  /** An argument cannot be read as one of its parameter's type. */
  | { readonly kind: "problem"; readonly problem: ValueProblem }
  | { readonly kind: "unsure"; readonly reason: string };

/** What a default is worth, which is an SQL expression; undefined where that is not known. */
export type ReadDefault = (sql: string, type: DataType) => Value | null | undefined;

/** Chooses among the signatures, all of which the version has, and brings the arguments to the types of the parameters. */
export function bindCall(
  signatures: readonly Signature[],
  given: readonly GivenArgument[],
  context: EvaluateContext,
  readDefault: ReadDefault,
): Binding {
  const fitting = signatures.flatMap((signature) => arrange(signature, given) ?? []);
  const taken = fitting.filter((each) => takes(each, given));
  const [first, ...others] = taken;
  if (first === undefined) return { kind: "none" };
  const arranged = others.length === 0 ? first : chosen(taken, given);
  if (arranged === null) return { kind: "unsure", reason: "which of its forms is called is not known" };
  return bound(arranged, given, context, readDefault);
}

/** The types of the arguments as PostgreSQL's messages print them: `unknown, p_premake => integer`; null where one is not known. */
export function printArgumentTypes(given: readonly GivenArgument[], path: readonly string[]): string | null {
  if (given.some(({ type }) => type === undefined)) return null;
  return given
    .map(({ name, type }) => {
      const printed = type == null ? "unknown" : formatTypeName(type, path);
      return name === undefined ? printed : `${name} => ${printed}`;
    })
    .join(", ");
}

/** The type that a parameter's type is the name of; null for one that stands for any. */
export function parameterType(type: string): DataType | null {
  const name = internalName(type);
  return name.startsWith("any") || isPseudo(name) ? null : dataTypeOf(name);
}

interface Arranged {
  readonly signature: Signature;
  /** For each argument, the parameter that takes it. */
  readonly parameters: readonly Parameter[];
  /** How many arguments from the end on are the elements of a VARIADIC parameter; 0 where they are none. */
  readonly elements: number;
}

/** Puts the arguments to the parameters by position and name; null where they do not fit by number and name. */
function arrange(signature: Signature, given: readonly GivenArgument[]): Arranged | null {
  const { parameters } = signature;
  const taken: Parameter[] = [];
  let elements = 0;
  for (const [index, { name, variadic }] of given.entries()) {
    const last = parameters.at(-1);
    const isElement = last?.variadic === true && name === undefined && !variadic && index >= parameters.length - 1;
    const parameter = isElement
      ? last
      : name === undefined
        ? parameters[index]
        : parameters.find((each) => each.name === name);
    if (parameter === undefined || (!isElement && taken.includes(parameter))) return null;
    if (variadic && parameter.variadic !== true) return null;
    if (isElement) elements += 1;
    taken.push(parameter);
  }
  const isComplete = parameters.every((each) => each.default !== null || taken.includes(each));
  return isComplete ? { signature, parameters: taken, elements } : null;
}

/** The internal name of the type that an argument is brought to. */
function wantedType({ parameters, elements }: Arranged, index: number): string {
  const type = internalName(parameters[index]?.type ?? "");
  if (elements === 0 || index < parameters.length - elements) return type;
  return type === "anyarray" ? "anyelement" : type.replace(/^_/, "");
}

function takes(arranged: Arranged, given: readonly GivenArgument[]): boolean {
  const fits = given.every(({ type }, index) => type == null || fitsType(type, wantedType(arranged, index)));
  if (!fits) return false;
  const open = given.flatMap(({ type }, index) =>
    type != null && wantedType(arranged, index) === "anyelement" ? baseType(type) : [],
  );
  const [first] = open;
  return first === undefined || open.every((type) => sameTypeName(type, first));
}

function chosen(taken: readonly Arranged[], given: readonly GivenArgument[]): Arranged | null {
  if (given.some(({ type }) => type === undefined)) return null;
  const candidates = taken.map(
    (each): Candidate<Arranged> => ({
      item: each,
      arguments: given.map((_, index) => wantedType(each, index)),
      result: "void",
    }),
  );
  const types = given.map(({ type }) => type ?? null);
  return chooseAmong(candidates, types) ?? fewestDefaults(taken);
}

function fitsType(type: DataType, wanted: string): boolean {
  return isPseudo(wanted) || coercesImplicitly(type, wanted);
}

/** `"any"`, whose arguments need not be of one type, and may be of none. */
function isPseudo(wanted: string): boolean {
  return wanted === '"any"';
}

/** Of several that take the same, the one that has the fewest parameters left. */
function fewestDefaults(taken: readonly Arranged[]): Arranged | null {
  const fewest = smallest(taken.map(({ signature }) => signature.parameters.length));
  const [only, ...others] = taken.filter(({ signature }) => signature.parameters.length === fewest);
  return others.length === 0 ? (only ?? null) : null;
}

function bound(
  arranged: Arranged,
  given: readonly GivenArgument[],
  context: EvaluateContext,
  readDefault: ReadDefault,
): Binding {
  const { signature, elements } = arranged;
  const values = new Map<string, Value | null | undefined>();
  const types = new Map<string, DataType | null>();
  const open = openType(arranged, given);
  const lists = new Map<string, (Value | null | undefined)[]>();
  for (const [index, argument] of given.entries()) {
    const parameter = arranged.parameters[index];
    if (parameter === undefined) continue;
    const wanted = wantedType(arranged, index);
    const type = isPseudo(wanted)
      ? (argument.type ?? null)
      : wanted === "anyarray"
        ? arrayOf(open)
        : wanted.startsWith("any")
          ? open
          : dataTypeOf(wanted);
    if (type === null && argument.type === null && argument.value !== null && wanted.startsWith("any"))
      return { kind: "problem", problem: undetermined };
    const read = type === null ? argument.value : brought(argument, type, context);
    if (isProblem(read)) return { kind: "problem", problem: read };
    types.set(parameter.name, type);
    if (elements === 0 || index < given.length - elements) values.set(parameter.name, read);
    else lists.set(parameter.name, [...(lists.get(parameter.name) ?? []), read]);
  }
  for (const [name, items] of lists) values.set(name, arrayValue(items));
  const isGiven = new Set(values.keys());
  for (const parameter of signature.parameters) {
    if (isGiven.has(parameter.name)) continue;
    const type = parameterType(parameter.type);
    types.set(parameter.name, type ?? open);
    values.set(parameter.name, parameter.default === null ? null : readDefault(parameter.default, type ?? text));
  }
  return { kind: "bound", signature, values, types, given: isGiven };
}

const text = baseTypeNamed("text");

const undetermined: ValueProblem = {
  kind: "problem",
  sqlstate: "42804",
  message: "could not determine polymorphic type because input has type unknown",
};

/** The type that the arguments for `anyelement` have; null where none of them has one. */
function openType(arranged: Arranged, given: readonly GivenArgument[]): DataType | null {
  for (const [index, { type }] of given.entries()) {
    if (type == null || !wantedType(arranged, index).startsWith("any")) continue;
    const own = baseType(type);
    return wantedType(arranged, index) === "anyarray" && own.kind === "array" ? own.element : own;
  }
  return null;
}

function arrayOf(element: DataType | null): DataType | null {
  return element === null ? null : { kind: "array", element };
}

function arrayValue(items: readonly (Value | null | undefined)[]): Value | undefined {
  const known = items.filter((item) => item !== undefined);
  return known.length < items.length ? undefined : { family: "array", elements: known };
}

function brought(
  { value, type }: GivenArgument,
  to: DataType,
  context: EvaluateContext,
): Value | null | undefined | ValueProblem {
  if (value == null) return value;
  // The text of a name stays as it is: whoever runs the call looks it up.
  if (to.kind === "base" && to.name.startsWith("reg")) return value.family === "text" ? value : undefined;
  if (type === undefined) return undefined;
  if (type?.kind === "base" && (type.name.startsWith("reg") || (type.name === "oid" && value.family === "text")))
    return value.family === "text" ? value : undefined;
  const result = coerceConstant({ kind: "constant", value, type }, to, "implicit", context);
  switch (result.kind) {
    case "value":
      return result.value;
    case "null":
      return null;
    case "problem":
      return result;
    default:
      return undefined;
  }
}

function isProblem(read: Value | null | undefined | ValueProblem): read is ValueProblem {
  return read != null && "kind" in read;
}

/** `timestamp with time zone` as `timestamptz`, `text[]` as `_text`. */
function internalName(type: string): string {
  if (type.endsWith("[]")) return `_${internalName(type.slice(0, -2))}`;
  return internalNames.get(type) ?? type;
}

const internalNames: ReadonlyMap<string, string> = new Map([
  ["smallint", "int2"],
  ["integer", "int4"],
  ["bigint", "int8"],
  ["boolean", "bool"],
  ["real", "float4"],
  ["double precision", "float8"],
  ["character varying", "varchar"],
  ["character", "bpchar"],
  ["timestamp without time zone", "timestamp"],
  ["timestamp with time zone", "timestamptz"],
  ["time without time zone", "time"],
  ["time with time zone", "timetz"],
]);
