/** CREATE FUNCTION, CREATE PROCEDURE and DO, with the text of their bodies. */

import type { CreateFunctionStmt, DoStmt, Node, FunctionParameter as ParameterNode } from "@pgsql/types";
import { decodeString } from "../literals.ts";
import type { Body, CreateFunction, DoBlock, FunctionParameter, SetVariable } from "../statement.ts";
import { lowerSetVariable } from "./commands.ts";
import { lowerExpression } from "./expressions.ts";
import type { BodyText, Lowering } from "./lowering.ts";
import { relationNameOfStrings } from "./names.ts";
import { allOf, as, isOn, items, options, optionText, strings } from "./node.ts";
import { findWord, rangeOf, type Source, tokenText, wholeRegion } from "./source.ts";
import { lowerTypeName } from "./types.ts";

export function lowerCreateFunction(node: CreateFunctionStmt, lowering: Lowering): CreateFunction {
  const { source } = lowering;
  const chosen = options(node.options);
  const what = findWord(source, wholeRegion(source), "function", "procedure");
  const language = chosen.has("language") ? optionText(chosen.get("language")).toLowerCase() : "sql";
  return {
    kind: "create-function",
    name: relationNameOfStrings(strings(node.funcname), source, what + 1),
    procedure: node.is_procedure === true,
    replace: node.replace === true,
    language,
    volatility: volatilityOf(chosen.get("volatility")),
    argumentTypes: typesOf(node, (isOutput) => !isOutput, source),
    parameters: parametersOf(node, lowering),
    strict: chosen.has("strict") && isOn(chosen.get("strict")),
    settings: settingsOf(node),
    outputTypes: typesOf(node, (isOutput) => isOutput, source),
    returns: node.returnType === undefined ? null : lowerTypeName(node.returnType, source),
    body: functionBody(node, language, chosen.get("as"), lowering),
    atomic: node.sql_body !== undefined,
  };
}

function typesOf(
  node: CreateFunctionStmt,
  isMeant: (isOutput: boolean) => boolean,
  source: Source,
): CreateFunction["argumentTypes"] {
  return allOf(node.parameters, "FunctionParameter").flatMap(({ mode, argType }) => {
    const isOutput = mode === "FUNC_PARAM_OUT" || mode === "FUNC_PARAM_TABLE";
    return argType !== undefined && isMeant(isOutput) ? lowerTypeName(argType, source) : [];
  });
}

function parametersOf(node: CreateFunctionStmt, lowering: Lowering): readonly FunctionParameter[] {
  return allOf(node.parameters, "FunctionParameter").flatMap(({ mode, name, argType, defexpr }) =>
    argType === undefined
      ? []
      : {
          mode: parameterModes[mode ?? "FUNC_PARAM_DEFAULT"],
          name: name === undefined || name === "" ? null : name,
          type: lowerTypeName(argType, lowering.source),
          default: defexpr === undefined ? null : lowerExpression(defexpr, lowering),
        },
  );
}

const parameterModes: Readonly<Record<NonNullable<ParameterNode["mode"]>, FunctionParameter["mode"]>> = {
  FUNC_PARAM_DEFAULT: "in",
  FUNC_PARAM_IN: "in",
  FUNC_PARAM_OUT: "out",
  FUNC_PARAM_INOUT: "inout",
  FUNC_PARAM_VARIADIC: "variadic",
  FUNC_PARAM_TABLE: "table",
};

/** Several `SET` may stand there, each an option of its own. */
function settingsOf(node: CreateFunctionStmt): readonly SetVariable[] {
  return allOf(node.options, "DefElem").flatMap(({ defname, arg }) => {
    const set = defname === "set" ? as(arg, "VariableSetStmt") : undefined;
    const lowered = set === undefined ? null : lowerSetVariable(set);
    if (lowered?.kind !== "set") return [];
    return set?.kind === "VAR_SET_CURRENT" ? { ...lowered, values: [] } : lowered;
  });
}

export function lowerDo(node: DoStmt, lowering: Lowering): DoBlock {
  const chosen = options(node.args);
  const language = chosen.has("language") ? optionText(chosen.get("language")).toLowerCase() : "plpgsql";
  const body = quotedBody(lowering.source, language, 0) ?? {
    language,
    range: { start: 0, end: 0 },
    verbatim: false,
    value: "",
  };
  return { kind: "do", body: lowering.readBody(body) };
}

function volatilityOf(option: Node | undefined): CreateFunction["volatility"] {
  const text = option === undefined ? "" : optionText(option);
  return text === "immutable" || text === "stable" ? text : "volatile";
}

function functionBody(
  node: CreateFunctionStmt,
  language: string,
  text: Node | undefined,
  lowering: Lowering,
): Body | null {
  const { source } = lowering;
  if (node.sql_body !== undefined) return lowering.readBody(sqlBody(source));
  // `AS 'object file', 'symbol'` of C functions holds no statements.
  if (text === undefined || items(text).length !== 1) return null;
  const as_ = lastAs(source);
  const body = as_ < 0 ? null : quotedBody(source, language, as_ + 1);
  return body === null ? null : lowering.readBody(body);
}

/** The AS before the body; parameters and RETURNS TABLE stand in parentheses. */
function lastAs(source: Source): number {
  let found = -1;
  for (let at = findWord(source, wholeRegion(source), "as"); at >= 0; ) {
    if (source.tokens[at + 1]?.kind === "string") found = at;
    at = findWord(source, { first: at + 1, last: source.tokens.length - 1 }, "as");
  }
  return found;
}

/** The first string from `first` on; its text stands there as it is unless quotes are doubled or escaped in it. */
function quotedBody(source: Source, language: string, first: number): BodyText | null {
  const index = source.tokens.findIndex(({ kind }, at) => at >= first && kind === "string");
  const token = source.tokens[index];
  if (token === undefined) return null;
  const written = tokenText(source, index);
  const value = decodeString(written);
  const start = token.start + (written.startsWith("$") ? written.indexOf("$", 1) + 1 : written.indexOf("'") + 1);
  const range = { start, end: start + value.length };
  return { language, range, verbatim: source.text.slice(range.start, range.end) === value, value };
}

/** `BEGIN ATOMIC … END`, or `RETURN expression` as one statement. */
function sqlBody(source: Source): BodyText {
  const last = source.tokens.length - 1;
  const begin = findWord(source, wholeRegion(source), "begin");
  const range =
    begin < 0
      ? rangeOf(source, findWord(source, wholeRegion(source), "return"), last)
      : rangeOf(source, begin + 2, last - 1);
  return { language: "sql", range, verbatim: true, value: source.text.slice(range.start, range.end) };
}
