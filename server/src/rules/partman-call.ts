/** A call of pg_partman is refused, by pg_partman or by PostgreSQL for what it runs. */

import { quoteConstant } from "../catalog/values/print.ts";
import { extensions, toldVersion } from "../schemes/extensions.ts";
import type { CallArgument, FunctionCall } from "../syntax/expression.ts";
import type { Statement } from "../syntax/statement.ts";
import type { RejectionContext, Rule, RuleFix } from "./rule.ts";
import { presentRejection } from "./support/present.ts";

export const partmanCall: Rule = {
  id: "partman-call",
  severity: "error",
  summary: "A call of pg_partman is refused, by pg_partman or by PostgreSQL for what it runs.",
  source: "https://github.com/pgpartman/pg_partman/blob/development/doc/pg_partman.md",
  present: (context) => {
    const other = callForVersion(context);
    return presentRejection(context, {
      advice: other?.advice ?? context.rejection.hint ?? "Nothing of the call is done.",
      fixes: other === null ? [] : [other.fix],
    });
  },
};

interface OtherCall {
  readonly advice: string;
  readonly fix: RuleFix;
}

/** Where the arguments are those of the other major version: the same call as this version takes it. */
function callForVersion(context: RejectionContext): OtherCall | null {
  const { step, rejection, text, options } = context;
  const call = callAt(step.statement.statement, rejection.range.start);
  if (call === null || !creating.has(call.name.at(-1) ?? "")) return null;
  const replay = { ...options, file: step.file, statement: step.handle, inTransaction: false, inFunction: false };
  const { pg_partman: partman } = extensions;
  const version = toldVersion(partman, step.before, replay) ?? partman.versions[0];
  const isFour = version.startsWith("4");
  const argumentTexts = isFour ? forFour(call, text) : forFive(call, text);
  if (argumentTexts === null) return null;
  const newText = `${text.slice(call.nameRange.start, call.nameRange.end)}(${argumentTexts.join(", ")})`;
  const advice = `These are the arguments of pg_partman ${isFour ? "5" : "4"}; ${isFour ? "4" : "5"} takes "${newText}".`;
  const edits = [{ kind: "replace" as const, statement: step.handle, range: call.range, newText }];
  return { advice, fix: { title: `Write the call for pg_partman ${isFour ? "4" : "5"}`, edits, preferred: true } };
}

const creating: ReadonlySet<string> = new Set(["create_parent", "create_partition", "create_sub_parent"]);

/** The call in a statement that begins at a place; null where none does. */
function callAt(statement: Statement, start: number): FunctionCall | null {
  const waiting: unknown[] = [statement];
  while (waiting.length > 0) {
    const part = waiting.pop();
    if (typeof part !== "object" || part === null) continue;
    if ("kind" in part && part.kind === "call" && "nameRange" in part) {
      const call = part as FunctionCall;
      if (call.range.start === start) return call;
    }
    for (const each of Object.values(part)) waiting.push(each);
  }
  return null;
}

const words: Readonly<Record<string, string>> = {
  yearly: "1 year",
  quarterly: "3 months",
  monthly: "1 month",
  weekly: "1 week",
  daily: "1 day",
  hourly: "1 hour",
  "half-hour": "30 minutes",
  "quarter-hour": "15 minutes",
};

const renamed: Readonly<Record<string, string>> = { p_native_check: "p_declarative_check" };

/** 4's arguments as 5 takes them; null where they are not 4's, or where 5 has nothing for one of them. */
function forFive({ arguments: given }: FunctionCall, text: string): readonly string[] | null {
  const type = given.find(({ name }) => name === "p_type") ?? given[2];
  const isOfFour =
    ["native", "partman"].includes(constantOf(type) ?? "") || words[constantOf(intervalOf(given)) ?? ""] !== undefined;
  if (!isOfFour || constantOf(type) === "partman") return null;
  const result: string[] = [];
  for (const [index, argument] of given.entries()) {
    const { name } = argument;
    if (name === undefined && index > 3) return null;
    if (name === undefined ? index === 2 && constantOf(type) === "native" : dropped.has(name)) continue;
    result.push(`${name === undefined ? "" : `${renamed[name] ?? name} => `}${valueText(argument, text)}`);
  }
  return result;
}

const dropped: ReadonlySet<string> = new Set(["p_type", "p_inherit_fk", "p_upsert", "p_trigger_return_null"]);

function intervalOf(given: readonly CallArgument[]): CallArgument | undefined {
  return given.find(({ name }) => name === "p_interval") ?? given[3];
}

function valueText(argument: CallArgument, text: string): string {
  const word = words[constantOf(argument) ?? ""];
  return word === undefined ? text.slice(argument.value.range.start, argument.value.range.end) : quoteConstant(word);
}

function constantOf(argument: CallArgument | undefined): string | null {
  const value = argument?.value;
  return value?.kind === "constant" && value.value.type === "string" ? value.value.text : null;
}

/** 5's arguments as 4 takes them; null where they are not 5's. */
function forFour({ arguments: given }: FunctionCall, text: string): readonly string[] | null {
  const type = given.find(({ name }) => name === "p_type");
  const isNamed = given.some(({ name }) => name === "p_interval");
  const isOfFive = type === undefined ? isNamed || given.length === 3 : constantOf(type) === "range";
  if (!isOfFive || given.some(({ name }) => name !== undefined && onlyInFive.has(name))) return null;
  const result: string[] = [];
  for (const [index, { name, value }] of given.entries()) {
    if (name === undefined && index === 2) result.push("'native'");
    if (name === undefined && index > 2) return null;
    if (name === "p_type") continue;
    if (name === "p_interval") result.push("p_type => 'native'");
    result.push(`${name === undefined ? "" : `${name} => `}${text.slice(value.range.start, value.range.end)}`);
  }
  return result;
}

const onlyInFive: ReadonlySet<string> = new Set([
  "p_default_table",
  "p_control_not_null",
  "p_time_encoder",
  "p_time_decoder",
  "p_offset_id",
  "p_declarative_check",
]);
