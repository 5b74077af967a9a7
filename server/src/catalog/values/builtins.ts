/** Looks up PostgreSQL's own types, functions, operators, casts and operator classes, as the reference version 18 has them. */

import type { DataType } from "../data-type.ts";
import {
  builtinCasts,
  builtinFunctions,
  builtinOperatorClasses,
  builtinOperatorFamilies,
  builtinOperators,
  builtinTypes,
} from "./builtins.generated.ts";

export type Volatility = "immutable" | "stable" | "volatile";

/** Types go by their internal names, arrays with an underscore before the element's: `int4`, `_int4`. */
export interface BuiltinType {
  readonly name: string;
  /** One letter: N numbers, S strings, D dates, T intervals, B booleans, P pseudo-types, … */
  readonly category: string;
  /** The type that the others of the category are rather cast to. */
  readonly preferred: boolean;
  readonly kind: "base" | "pseudo" | "range" | "multirange";
}

export interface BuiltinFunction {
  readonly name: string;
  readonly arguments: readonly string[];
  readonly result: string;
  readonly volatility: Volatility;
  readonly kind: "function" | "aggregate" | "window" | "procedure";
  /** Gives NULL whenever an argument is NULL. */
  readonly strict: boolean;
  readonly returnsSet: boolean;
  readonly variadic: boolean;
  /** How many of the last arguments may be left out. */
  readonly defaults: number;
}

export interface BuiltinOperator {
  readonly name: string;
  /** null for a prefix operator. */
  readonly left: string | null;
  readonly right: string;
  readonly result: string;
  readonly volatility: Volatility;
}

export interface BuiltinCast {
  readonly level: "implicit" | "assignment" | "explicit";
  readonly method: "function" | "binary" | "text";
  readonly volatility: Volatility;
}

export interface OperatorClass {
  readonly name: string;
  readonly family: string;
  readonly type: string;
  readonly isDefault: boolean;
}

export type AccessMethod = "btree" | "hash";

/** Whether PostgreSQL itself has a type of that internal name in `pg_catalog`: `int4`, `timestamptz`, `point`. */
export function isBuiltinType(name: string): boolean {
  return types().has(name);
}

export function builtinType(name: string): BuiltinType | null {
  return types().get(name) ?? null;
}

/** The name under which the tables here know a type; null for enums, composites and types that are not PostgreSQL's own. */
export function builtinTypeName(type: DataType): string | null {
  switch (type.kind) {
    case "base":
      return type.name;
    case "domain":
      return builtinTypeName(type.base);
    case "array": {
      const element = builtinTypeName(type.element);
      return element === null ? null : `_${element}`;
    }
    case "enum":
    case "composite":
    case "unknown":
      return null;
  }
}

/** The overloads of a function in `pg_catalog`; empty where there is none of that name. */
export function functionsNamed(name: string): readonly BuiltinFunction[] {
  return functions(name);
}

/** The operators of a name; those with the left type null are prefix operators. */
export function operatorsNamed(name: string): readonly BuiltinOperator[] {
  return operators(name);
}

/** The cast that `pg_cast` has between two types. */
export function castBetween(source: string, target: string): BuiltinCast | null {
  return casts(source).get(target) ?? null;
}

/** The operator class of that name, among PostgreSQL's own; null where there is none. */
export function operatorClass(method: AccessMethod, name: string): OperatorClass | null {
  return operatorClasses().get(`${method} ${name}`) ?? null;
}

/** The name of the type's default operator class; null where it has none, undefined where the type is not known. */
export function defaultOperatorClass(method: AccessMethod, type: DataType): string | null | undefined {
  switch (type.kind) {
    case "unknown":
      return undefined;
    case "domain":
      return defaultOperatorClass(method, type.base);
    case "enum":
      return "enum_ops";
    case "composite":
      return "record_ops";
    case "array":
      return "array_ops";
    case "base": {
      const kind = builtinType(type.name)?.kind;
      if (kind === "range") return "range_ops";
      if (kind === "multirange") return "multirange_ops";
      // An array of its own, which PostgreSQL takes for one here.
      if (type.name === "int2vector") return "array_ops";
      const own = defaultClasses().get(`${method} ${type.name}`);
      if (own !== undefined) return own;
      // A type that is another one under a different name takes that one's class: varchar, cidr.
      for (const [target, cast] of casts(type.name)) {
        const borrowed =
          cast.method === "binary" && cast.level === "implicit"
            ? defaultClasses().get(`${method} ${target}`)
            : undefined;
        if (borrowed !== undefined) return borrowed;
      }
      return null;
    }
  }
}

/** Whether the operator family of the key's default class compares these two types: `int4` with `int8`, `date` with `timestamp`. */
export function comparesInFamily(method: AccessMethod, left: string, right: string): boolean {
  return familyPairs().has(`${method} ${left},${right}`);
}

function lazily<T>(create: () => T): () => T {
  let created: { readonly value: T } | null = null;
  return () => {
    created ??= { value: create() };
    return created.value;
  };
}

/** Parses what a name has when it is asked for first. */
function byName<T>(
  table: string,
  parse: (name: string, entries: readonly string[]) => T,
  none: T,
): (name: string) => T {
  const lines = lazily(() => {
    const found = new Map<string, string>();
    for (const line of table.split("\n")) {
      const space = line.indexOf(" ");
      found.set(line.slice(0, space), line.slice(space + 1));
    }
    return found;
  });
  const parsed = new Map<string, T>();
  return (name) => {
    const known = parsed.get(name);
    if (known !== undefined) return known;
    const line = lines().get(name);
    if (line === undefined) return none;
    const created = parse(name, line.split(" "));
    parsed.set(name, created);
    return created;
  };
}

const typeKinds: Readonly<Record<string, BuiltinType["kind"]>> = {
  b: "base",
  p: "pseudo",
  r: "range",
  m: "multirange",
};
const functionKinds: Readonly<Record<string, BuiltinFunction["kind"]>> = {
  a: "aggregate",
  w: "window",
  p: "procedure",
};
const castLevels: Readonly<Record<string, BuiltinCast["level"]>> = { i: "implicit", a: "assignment", e: "explicit" };

const types = lazily(() => {
  const found = new Map<string, BuiltinType>();
  for (const line of builtinTypes.split("\n")) {
    const [name = "", marks = ""] = line.split(" ");
    const kind = typeKinds[marks.charAt(1)] ?? "base";
    found.set(name, { name, category: marks.charAt(0), preferred: marks.endsWith("!"), kind });
  }
  return found;
});

const typeOrder = lazily(() => [...types().keys()]);

function typeOfCode(code: string): string {
  if (code.startsWith("_")) return `_${typeOfCode(code.slice(1))}`;
  return typeOrder()[Number.parseInt(code, 36)] ?? "";
}

const functions = byName<readonly BuiltinFunction[]>(
  builtinFunctions,
  (name, entries) => entries.map((entry) => readFunction(name, entry)),
  [],
);

function readFunction(name: string, entry: string): BuiltinFunction {
  const [signature = "", flags = ""] = entry.split(":");
  const [result = "", ...argumentTypes] = signature.split(",").map(typeOfCode);
  const kind = /[awp]/.exec(flags)?.[0];
  return {
    name,
    arguments: argumentTypes,
    result,
    volatility: volatilityOf(flags),
    kind: kind === undefined ? "function" : (functionKinds[kind] ?? "function"),
    strict: !flags.includes("n"),
    returnsSet: flags.includes("r"),
    variadic: flags.includes("m"),
    defaults: Number(/\d+/.exec(flags)?.[0] ?? 0),
  };
}

const operators = byName<readonly BuiltinOperator[]>(
  builtinOperators,
  (name, entries) =>
    entries.map((entry) => {
      const [signature = "", flags = ""] = entry.split(":");
      const [result = "", left = "", right = ""] = signature.split(",");
      return {
        name,
        left: left === "-" ? null : typeOfCode(left),
        right: typeOfCode(right),
        result: typeOfCode(result),
        volatility: volatilityOf(flags),
      };
    }),
  [],
);

const noCasts: ReadonlyMap<string, BuiltinCast> = new Map();
const castsByCode = byName<ReadonlyMap<string, BuiltinCast>>(
  builtinCasts,
  (_, entries) =>
    new Map(
      entries.map((entry) => {
        const [target = "", flags = ""] = entry.split(":");
        const rest = flags.slice(1);
        const cast: BuiltinCast = {
          level: castLevels[flags.charAt(0)] ?? "explicit",
          method: rest.startsWith("b") ? "binary" : rest.startsWith("i") ? "text" : "function",
          volatility: rest.endsWith("s") ? "stable" : "immutable",
        };
        return [typeOfCode(target), cast] as const;
      }),
    ),
  noCasts,
);

const typeCodes = lazily(() => new Map(typeOrder().map((name, index) => [name, index.toString(36)])));

function casts(source: string): ReadonlyMap<string, BuiltinCast> {
  const code = typeCodes().get(source);
  return code === undefined ? noCasts : castsByCode(code);
}

const operatorClasses = lazily(() => {
  const found = new Map<string, OperatorClass>();
  for (const line of builtinOperatorClasses.split("\n")) {
    const [method = "", name = "", family = "", type = ""] = line.split(" ");
    const isDefault = type.endsWith("!");
    const known = found.get(`${method} ${name}`);
    // A name may stand for several types; the default one counts.
    if (known === undefined || isDefault)
      found.set(`${method} ${name}`, { name, family, type: typeOfCode(type.replace("!", "")), isDefault });
  }
  return found;
});

const defaultClasses = lazily(() => {
  const found = new Map<string, string>();
  for (const line of builtinOperatorClasses.split("\n")) {
    const [method = "", name = "", , type = ""] = line.split(" ");
    if (type.endsWith("!")) found.set(`${method} ${typeOfCode(type.slice(0, -1))}`, name);
  }
  return found;
});

/** Pairs of types that a family compares which is the family of the left type's default class. */
const familyPairs = lazily(() => {
  const families = new Map<string, string>();
  for (const line of builtinOperatorClasses.split("\n")) {
    const [method = "", , family = "", type = ""] = line.split(" ");
    if (type.endsWith("!")) families.set(`${method} ${typeOfCode(type.slice(0, -1))}`, family);
  }
  const pairs = new Set<string>();
  for (const line of builtinOperatorFamilies.split("\n")) {
    const [key = "", ...entries] = line.split(" ");
    const [method = "", family = ""] = key.split("/");
    for (const entry of entries) {
      const [left = "", right = ""] = entry.split(",").map(typeOfCode);
      if (families.get(`${method} ${left}`) === family) pairs.add(`${method} ${left},${right}`);
    }
  }
  return pairs;
});

function volatilityOf(flags: string): Volatility {
  return flags.includes("s") ? "stable" : flags.includes("v") ? "volatile" : "immutable";
}
