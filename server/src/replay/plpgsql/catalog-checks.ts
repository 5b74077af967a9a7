/** Checks that ask PostgreSQL's system catalogs and only refuse by what they find: where nothing else is done, whether they do changes nothing. */

import { isSystemName } from "../../effects/relations/lookup.ts";
import type { Expression, FunctionCall } from "../../syntax/expression.ts";
import type { SelectQuery } from "../../syntax/query.ts";
import { addAll } from "../../text/long-lists.ts";
import { evaluateSnippet, expressionOf, type Frame } from "./frame.ts";
import { isOwnCall, mayChange, truth } from "./machine.ts";
import type { Command, Snippet } from "./program.ts";

/**
 * Whether what a query or an expression gives rests on nothing but the system catalogs, on variables that do so, and on what is
 * the same wherever the script runs. What the catalogs hold is known here in part only.
 */
function asksCatalogs(frame: Frame, asked: SelectQuery | Expression): boolean {
  const { machine, variables, ofCatalogs } = frame;
  let asks = false;
  const { relations, calls, commonTables, columns } = partsOf(asked);
  for (const { schema, name } of relations) {
    if (schema === null && commonTables.has(name)) continue;
    if (!isSystemName({ schema, name })) return false;
    asks = true;
  }
  for (const names of columns) {
    const [name = ""] = names;
    const held = variables.get(names.join(".")) ?? variables.get(name);
    if (held !== null) continue;
    if (!ofCatalogs.has(name)) return false;
    asks = true;
  }
  return asks && calls.every((call) => !isOwnCall(machine.catalog, call) && !mayChange(machine, call));
}

/**
 * Whether a condition depends on what is known of the system catalogs in part only, while an error ends the whole: what is behind a
 * check that refuses by it is run where it has let it pass, and if that changes nothing it makes no difference.
 */
export function mayPass(frame: Frame, condition: Snippet): boolean {
  if (!endsAll(frame) || !isOfCatalogs(frame, condition)) return false;
  const value = evaluateSnippet(frame, condition);
  if (frame.machine.stop !== null || (value !== null && truth(value) !== null)) return false;
  frame.machine.passed = true;
  return true;
}

/** Whether an expression depends on the system catalogs and on nothing else that may be otherwise. */
export function isOfCatalogs(frame: Frame, snippet: Snippet): boolean {
  const expression = expressionOf(frame, snippet.text);
  return expression !== null && asksCatalogs(frame, expression);
}

/** Whether a text is one query, and asks the system catalogs. */
export function readsCatalogs(frame: Frame, sql: string): boolean {
  if (!/\bpg_|\binformation_schema\b/i.test(sql)) return false;
  const [statement, ...more] = frame.machine.host.read(sql);
  const query = statement?.statement.kind === "query" ? statement.statement.query : null;
  return query?.kind === "select" && query.into === null && more.length === 0 && asksCatalogs(frame, query);
}

/**
 * The variables that the commands set, where they do nothing else but raise errors and messages; null where they do more.
 * `refuses`: they end with an error whenever they are run.
 */
export function harmless(
  frame: Frame,
  commands: readonly Command[],
): { readonly sets: readonly string[]; readonly refuses: boolean } | null {
  const sets: string[] = [];
  for (const command of commands) {
    switch (command.kind) {
      case "nothing":
        break;
      case "raise":
        if (!command.parameters.every((each) => isCalm(frame, each))) return null;
        if (command.exception) return { sets, refuses: true };
        break;
      case "assign":
        if (!isCalm(frame, command.value)) return null;
        sets.push(command.variable);
        break;
      case "if": {
        const branches = command.branches.map(({ condition, body }) =>
          condition === null || isCalm(frame, condition) ? harmless(frame, body) : null,
        );
        for (const branch of branches) {
          if (branch === null) return null;
          addAll(sets, branch.sets);
        }
        const isWhole = command.branches.at(-1)?.condition === null;
        if (isWhole && branches.every((branch) => branch?.refuses === true)) return { sets, refuses: true };
        break;
      }
      default:
        return null;
    }
  }
  return { sets, refuses: false };
}

/** Whether an error that is raised here ends the whole statement, and takes back all that it has done. */
export function endsAll({ machine }: Frame): boolean {
  return machine.handlers === 0 && !machine.committed;
}

/** Whether computing it changes nothing. */
function isCalm(frame: Frame, snippet: Snippet): boolean {
  const expression = expressionOf(frame, snippet.text);
  if (expression === null) return false;
  return partsOf(expression).calls.every(
    (call) => !isOwnCall(frame.machine.catalog, call) && !mayChange(frame.machine, call),
  );
}

interface Parts {
  readonly relations: readonly { readonly schema: string | null; readonly name: string }[];
  readonly calls: readonly FunctionCall[];
  readonly commonTables: ReadonlySet<string>;
  /** Names of columns and variables, part by part. */
  readonly columns: readonly (readonly string[])[];
}

/** Everything inside, also in subqueries and common tables. A query that changes rows reads a relation that is nobody's. */
function partsOf(asked: object): Parts {
  const known = found.get(asked);
  if (known !== undefined) return known;
  const relations: Parts["relations"][number][] = [];
  const calls: FunctionCall[] = [];
  const commonTables = new Set<string>();
  const columns: (readonly string[])[] = [];
  const waiting: unknown[] = [asked];
  while (waiting.length > 0) {
    const part = waiting.pop();
    if (typeof part !== "object" || part === null) continue;
    const node = part as Readonly<Record<string, unknown>>;
    switch (node["kind"]) {
      case "relation":
        relations.push(node["relation"] as Parts["relations"][number]);
        break;
      case "call":
        if ("arguments" in node) calls.push(part as FunctionCall);
        break;
      case "column":
        columns.push(node["names"] as readonly string[]);
        break;
      case "insert":
      case "update":
      case "delete":
      case "merge":
        relations.push({ schema: "", name: "" });
        break;
    }
    if ("materialized" in node && "recursive" in node)
      commonTables.add((node["name"] as { readonly name: string }).name);
    addAll(waiting, Object.values(node));
  }
  const parts = { relations, calls, commonTables, columns };
  found.set(asked, parts);
  return parts;
}

/** Of expressions that loops evaluate again and again. */
const found = new WeakMap<object, Parts>();
