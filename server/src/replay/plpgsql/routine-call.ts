/** Calls of the script's own functions and procedures: which one is meant, and what a run of its body gives. */

import { type Catalog, effectivePath } from "../../catalog/catalog.ts";
import { isInput, isOutput, type Routine, type RoutineParameter } from "../../catalog/routine.ts";
import { builtinTypeName, functionsNamed } from "../../catalog/values/builtins.ts";
import { type ArgumentType, type Candidate, chooseAmong, coercesImplicitly } from "../../catalog/values/overload.ts";
import { baseType, resolveType, sameTypeName } from "../../catalog/values/types.ts";
import { settingsBehind } from "../../effects/relations/settings.ts";
import type { Expression, FunctionCall } from "../../syntax/expression.ts";
import { addAll } from "../../text/long-lists.ts";
import type { Frame } from "./frame.ts";
import {
  type Argument,
  checkType,
  computed,
  evaluation,
  type Field,
  type Machine,
  type Row,
  type Rows,
  undecided,
} from "./machine.ts";
import type { Block } from "./program.ts";
import { readProgram } from "./read-program.ts";
import { runBlock } from "./run.ts";
import { runText } from "./run-sql.ts";
import { arrayOf, assignTo, type TypedValue } from "./typed-value.ts";

/** Functions may call each other so deep. */
const mostLevels = 24;

/** Runs the function that a call means: the rows that it gives, null where they are not known or the machine has stopped. */
export function callRoutine(machine: Machine, call: FunctionCall, given: readonly Argument[]): Rows | null {
  if (machine.stop !== null) return null;
  const name = call.name.join(".");
  const chosen = chooseRoutine(machine.catalog, call, given);
  if (chosen === null) return undecided(machine, `which function "${name}" is called is not known`);
  const { routine, values } = chosen;
  if (routine.code === null || routine.settings.some(({ values: to }) => to?.length === 0))
    return undecided(machine, `what function "${name}" does is not known`);
  if (machine.depth >= mostLevels) return undecided(machine, "functions call each other too deep");
  if (routine.strict && values.includes(null))
    return undecided(machine, `whether function "${name}" runs is not known`);
  if (routine.strict && values.some((value) => value !== "default" && value?.value === null))
    return routine.returns?.setOf === true ? [] : [[{ name: routine.name, value: { value: null, type: null } }]];
  const before = machine.catalog.settings;
  enterSettings(machine, routine);
  const entered = machine.catalog.settings;
  machine.depth += 1;
  const rows = runRoutine(machine, routine, values, routine.code);
  machine.depth -= 1;
  if (entered !== before) {
    const names = routine.settings.map(({ name: setting }) => setting);
    const settings = settingsBehind(names, { before, entered, left: machine.catalog.settings });
    machine.catalog = { ...machine.catalog, settings };
  }
  return machine.stop === null ? rows : null;
}

/** What a parameter gets from a call; null for a value that is not known. */
type Given = TypedValue | "default" | null;

interface Chosen {
  readonly routine: Routine;
  /** For each parameter that a call gives a value. */
  readonly values: readonly Given[];
}

function chooseRoutine(catalog: Catalog, call: FunctionCall, given: readonly Argument[]): Chosen | null {
  const name = call.name.at(-1) ?? "";
  const schema = call.name.length > 1 ? call.name.at(-2) : undefined;
  const routines = catalog.functions.get(name)?.routines;
  // One of PostgreSQL's own may be meant as well.
  if (routines === undefined || (schema === undefined && functionsNamed(name).length > 0)) return null;
  const path = schema === undefined ? effectivePath(catalog) : [schema];
  const fitting = path
    .flatMap((each) => routines.filter((routine) => routine.schema === each))
    .flatMap((routine) => matched(routine, given) ?? []);
  const [only, ...others] = distinct(fitting);
  if (only === undefined || others.length === 0) return only ?? null;
  if (given.some(({ value }) => value === null)) return null;
  const candidates = [only, ...others].map(
    (match): Candidate<Match> => ({ item: match, arguments: match.types, result: "void" }),
  );
  const types = given.map(({ value }): ArgumentType => value?.type ?? null);
  return chooseAmong(candidates, types);
}

interface Match extends Chosen {
  /** The types that it takes, in the order of the call. */
  readonly types: readonly string[];
  readonly defaults: number;
}

/** The arguments put to the parameters of a routine; null where they do not fit by number, name and type. */
function matched(routine: Routine, given: readonly Argument[]): Match | null {
  const takes = routine.parameters.filter(
    (parameter) => isInput(parameter) || (routine.procedure && isOutput(parameter)),
  );
  const values: (Given | undefined)[] = takes.map(() => undefined);
  const types: string[] = [];
  for (const [index, { name, value, variadic }] of given.entries()) {
    const at = name === undefined ? index : takes.findIndex((parameter) => parameter.name === name);
    const parameter = takes[at];
    if (parameter?.mode === "variadic" && !variadic && name === undefined) {
      const element = parameter.type.kind === "array" ? parameter.type.element : parameter.type;
      const rest = given.slice(index);
      if (!rest.every((each) => takesType(element, each.value))) return null;
      addAll(
        types,
        rest.map(() => typeName(element)),
      );
      values[at] =
        arrayOf(
          rest.map((each) => each.value),
          null,
        ) ?? null;
      break;
    }
    if (parameter === undefined || values[at] !== undefined || !takesType(parameter.type, value)) return null;
    types.push(typeName(parameter.type));
    values[at] = value;
  }
  let defaults = 0;
  const complete = values.map((value, index): Given | undefined => {
    if (value !== undefined) return value;
    if (takes[index]?.default == null) return undefined;
    defaults += 1;
    return "default";
  });
  if (complete.includes(undefined)) return null;
  return { routine, values: complete.map((value) => value ?? null), types, defaults };
}

/**
 * Whether a call brings the argument to the type: without a cast that is written, PostgreSQL brings neither a timestamp to a date nor
 * `1` to a smallint, and does not find the function. What is not known of types is no reason.
 */
function takesType(type: RoutineParameter["type"], argument: TypedValue | null): boolean {
  if (argument?.type == null) return true;
  const [to, from] = [baseType(type), baseType(argument.type)];
  if (to.kind === "unknown" || to.kind === "composite" || from.kind === "unknown") return true;
  return sameTypeName(from, to) || coercesImplicitly(from, typeName(to));
}

/** No user's type is among the names that the choice knows. */
function typeName(type: RoutineParameter["type"]): string {
  return builtinTypeName(baseType(type)) ?? "\0";
}

/** Of several that take the same, the one that is found first in the path, or has the fewest defaults to fill in. */
function distinct(matches: readonly Match[]): readonly Match[] {
  const best = new Map<string, Match>();
  for (const match of matches) {
    const key = match.types.join(" ");
    const other = best.get(key);
    if (other === undefined || (other.routine.schema === match.routine.schema && match.defaults < other.defaults))
      best.set(key, match);
  }
  return [...best.values()];
}

/** Puts the settings of the function in force. */
function enterSettings(machine: Machine, { settings }: Routine): void {
  for (const setting of settings) {
    const next = machine.host.configure(machine.catalog, setting);
    if (next === null) undecided(machine, "a setting of a function is refused");
    else machine.catalog = next;
  }
}

function runRoutine(machine: Machine, routine: Routine, values: readonly Given[], code: string): Rows | null {
  const frame = frameOf(machine, routine, values);
  if (machine.stop !== null) return null;
  switch (routine.language) {
    case "plpgsql":
      return runPlpgsql(frame, routine, code);
    case "sql":
      return runSql(frame, routine, code);
    default:
      return undecided(machine, `functions in ${routine.language} are not followed`);
  }
}

function frameOf(machine: Machine, routine: Routine, values: readonly Given[]): Frame {
  const { parameters, name } = routine;
  const output = parameters.filter(isOutput).flatMap((parameter) => parameter.name ?? []);
  const frame: Frame = {
    machine,
    variables: new Map([["found", { value: { family: "boolean", value: false }, type: null }]]),
    types: new Map(),
    rows: [],
    output,
    ofCatalogs: new Set(),
    expressions: compiledOf(routine).expressions,
  };
  let next = 0;
  for (const parameter of parameters) {
    checkType(machine, parameter.type);
    const isGiven = isInput(parameter) || (routine.procedure && isOutput(parameter));
    const given = isGiven ? (values[next] ?? null) : nullValue;
    if (isGiven) next += 1;
    const value = given === "default" ? defaultOf(machine, parameter) : given;
    const isOpen = parameter.type.kind === "base" && parameter.type.name.startsWith("any");
    const typed = value === null || isOpen ? value : assignTo(value, parameter.type, evaluation(machine));
    const type =
      parameter.type.kind === "unknown" || parameter.type.kind === "composite" || isOpen ? null : parameter.type;
    const names = [
      ...(isGiven ? [`$${next}`] : []),
      ...(parameter.name === null ? [] : [parameter.name, `${name}.${parameter.name}`]),
    ];
    for (const each of names) {
      frame.variables.set(each, typed);
      frame.types.set(each, type);
    }
  }
  return frame;
}

const nullValue: TypedValue = { value: null, type: null };

function defaultOf(machine: Machine, parameter: RoutineParameter): TypedValue | null {
  if (parameter.default === null) return null;
  return computed(machine, parameter.default, { variables: new Map(), ctes: new Map() });
}

interface Compiled {
  /** undefined until it is read, null where it cannot be. */
  program: Block | null | undefined;
  readonly expressions: Map<string, Expression | null>;
}

/** As long as somebody holds the routine. */
const compiled = new WeakMap<Routine, Compiled>();

function compiledOf(routine: Routine): Compiled {
  const known = compiled.get(routine) ?? { program: undefined, expressions: new Map() };
  compiled.set(routine, known);
  return known;
}

function runPlpgsql(frame: Frame, routine: Routine, code: string): Rows | null {
  const { machine } = frame;
  const compiledBody = compiledOf(routine);
  if (compiledBody.program === undefined) compiledBody.program = readProgram(code);
  if (compiledBody.program === null) return undecided(machine, "a function holds something that is not followed");
  const end = runBlock(frame, compiledBody.program);
  if (machine.stop !== null) return null;
  if (routine.returns?.setOf === true) return setRows(frame, routine);
  if (frame.output.length > 0) return [outputRow(frame)];
  if (routine.procedure || routine.returns?.names.at(-1) === "void")
    return [[{ name: routine.name, value: nullValue }]];
  if (end.kind !== "return") return undecided(machine, "a function ends without RETURN");
  return [[{ name: routine.name, value: returned(frame, routine, end.value) }]];
}

/** RETURNS TABLE names its columns, a set of values has the function's name. */
function setRows({ rows, output }: Frame, routine: Routine): Rows | null {
  if (rows === null) return null;
  return rows.map((row) =>
    row.map(
      (field, index): Field => ({ ...field, name: output[index] ?? (row.length === 1 ? routine.name : field.name) }),
    ),
  );
}

function outputRow({ variables, output }: Frame): Row {
  return output.map((name) => ({ name, value: variables.get(name) ?? null }));
}

function returned({ machine }: Frame, { returns }: Routine, value: TypedValue | null): TypedValue | null {
  if (value === null || returns === null) return value;
  const type = resolveType(machine.catalog, returns);
  checkType(machine, type);
  if (type.kind === "unknown" || type.kind === "composite") return null;
  return type.kind === "base" && type.name.startsWith("any") ? value : assignTo(value, type, evaluation(machine));
}

/** The last statement gives the result. */
function runSql(frame: Frame, routine: Routine, code: string): Rows | null {
  const { machine, output } = frame;
  const sql = code.replace(/^\s*return\b/i, " SELECT");
  const scope = { variables: frame.variables, ctes: new Map() };
  const rows = runText(machine, { sql, range: { start: 0, end: 0 }, dynamic: true }, scope, true);
  if (machine.stop !== null) return null;
  if (routine.procedure || routine.returns?.names.at(-1) === "void")
    return [[{ name: routine.name, value: nullValue }]];
  if (rows === null) return null;
  const isSet = routine.returns?.setOf === true;
  const kept = isSet ? rows : rows.slice(0, 1);
  const named = kept.map((row) =>
    row.map(
      (field, index): Field => ({
        name: output[index] ?? (row.length === 1 ? routine.name : field.name),
        value: row.length === 1 && output.length === 0 ? returned(frame, routine, field.value) : field.value,
      }),
    ),
  );
  return named.length === 0 && !isSet ? [[{ name: routine.name, value: nullValue }]] : named;
}
