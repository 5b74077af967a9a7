/** What the conditions that a plan prints say of a partition key: whether values that are known later choose among partitions. */

import { type Token, tokenize } from "../syntax/lexer.ts";
import { unquoteIdentifier } from "../syntax/names.ts";

/** When the value that a key is compared with is known: with the plan, when the executor starts, while it runs. */
export type ValueKnown = "planning" | "executor-start" | "execution";

/** A partition key as conditions on one of its leaves spell it. */
export interface PlanKey {
  readonly strategy: "range" | "list" | "hash";
  /** Each column or expression in PostgreSQL's spelling, without a qualifier. */
  readonly elements: readonly string[];
  /** For each, whether it is a time in a zone; null where it is no time. */
  readonly zoned: readonly (boolean | null)[];
}

/** What a condition leaves of a table by one of its keys; null where it leaves all. */
type Restriction = ReadonlyMap<number, { readonly equal: boolean; readonly known: ValueKnown }> | null;

/**
 * When the latest value is known that prunes partitions by the key, from the conditions that a plan has on a leaf whose alias
 * in the plan is `alias`; null where they prune none. `parameters` are the plan's names for the statement's own parameters
 * (`$1`, `(InitPlan 2).col1`), which are known when the executor starts.
 */
export function pruningValue(
  conditions: readonly string[],
  alias: string,
  key: PlanKey,
  parameters: ReadonlySet<string>,
): ValueKnown | null {
  const reader: Reader = { alias, key, parameters, elements: key.elements.map((text) => spelling(text, null)) };
  const restrictions = conditions.map((text) => read(text, tokenize(text), 0, reader));
  const together = both(restrictions);
  return together === null ? null : knownWith(together, key);
}

interface Reader {
  readonly alias: string;
  readonly key: PlanKey;
  readonly parameters: ReadonlySet<string>;
  readonly elements: readonly string[];
}

/** Deeper conditions than this say nothing. */
const deepest = 100;

/** PostgreSQL prints each operator with parentheses around it and its operands, so no precedence has to be known. */
function read(text: string, given: readonly Token[], depth: number, reader: Reader): Restriction {
  const tokens = withoutParentheses(text, given);
  if (depth > deepest) return null;
  for (const [word, combine] of [
    ["OR", either],
    ["AND", both],
  ] as const) {
    const parts = splitAt(text, tokens, word);
    if (parts.length > 1) return combine(parts.map((part) => read(text, part, depth + 1, reader)));
  }
  return readComparison(text, tokens, reader);
}

function readComparison(text: string, tokens: readonly Token[], reader: Reader): Restriction {
  const at = topLevel(text, tokens).find((index) => tokens[index]?.kind === "operator") ?? -1;
  const operator = textOf(text, tokens[at]);
  if (!["=", "<", "<=", ">", ">=", "<>"].includes(operator)) return null;
  const [left, right] = [tokens.slice(0, at), tokens.slice(at + 1)];
  for (const [own, other] of [
    [left, right],
    [right, left],
  ] as const) {
    const element = reader.elements.indexOf(spelling(sliceOf(text, own), reader.alias));
    if (element < 0) continue;
    const known = knownWhen(text, other, reader.key.zoned[element] ?? null, reader);
    const isUsable =
      operator === "=" || (operator === "<>" ? reader.key.strategy === "list" : reader.key.strategy !== "hash");
    return known === null || !isUsable ? null : new Map([[element, { equal: operator === "=", known }]]);
  }
  return null;
}

/** null where the value is another for each row, or cannot prune. */
function knownWhen(text: string, tokens: readonly Token[], zoned: boolean | null, reader: Reader): ValueKnown | null {
  const source = sliceOf(text, tokens);
  const isArray = /^(?:ANY|ALL)\b/.test(source);
  let known: ValueKnown = isComputedAtStart(source, tokens, text, zoned) ? "executor-start" : "planning";
  for (const [index, token] of tokens.entries()) {
    const word = textOf(text, token);
    const next = textOf(text, tokens[index + 1]);
    if (token.kind === "parameter") {
      // An array that is not known when the query is planned never prunes.
      if (isArray) return null;
      known = later(known, reader.parameters.has(word) ? "executor-start" : "execution");
    } else if (word === "SubPlan") {
      // It may be run for each row.
      return null;
    } else if (word === "InitPlan") {
      if (isArray) return null;
      known = later(known, reader.parameters.has(`${word} ${next}`) ? "executor-start" : "execution");
    } else if (isName(token) && next === "." && textOf(text, tokens[index - 1]) !== ".") {
      if (unquoteIdentifier(word) === reader.alias) return null;
      known = later(known, "execution");
    }
  }
  return known;
}

/** The planner computes what it can: a function that is left depends on the session, as does a time without its zone. */
function isComputedAtStart(source: string, tokens: readonly Token[], text: string, zoned: boolean | null): boolean {
  if (zoned === false && source.includes("::timestamp with time zone")) return true;
  if (zoned === true && /::(?:date|timestamp without time zone)\b/.test(source)) return true;
  return tokens.some((token, index) => {
    const word = textOf(text, token);
    if (/^(?:CURRENT_|LOCALTIME)/.test(word)) return true;
    const isCall = isName(token) && textOf(text, tokens[index + 1]) === "(" && !/^(?:ANY|ALL)$/.test(word);
    // `::numeric(6,2)`
    return isCall && textOf(text, tokens[index - 1]) !== "::";
  });
}

/** What the clauses leave together: the most that each says of its column. */
function both(restrictions: readonly Restriction[]): Restriction {
  const together = new Map<number, { readonly equal: boolean; readonly known: ValueKnown }>();
  for (const [element, one] of restrictions.flatMap((restriction) => [...(restriction ?? [])])) {
    const other = together.get(element);
    together.set(
      element,
      other === undefined ? one : { equal: one.equal || other.equal, known: later(one.known, other.known) },
    );
  }
  return together.size === 0 ? null : together;
}

/** One arm that leaves all partitions leaves them all. */
function either(restrictions: readonly Restriction[]): Restriction {
  return restrictions.includes(null) ? null : both(restrictions);
}

/** Of a hash key all columns must be fixed, of a range key those before the first that is not. */
function knownWith(restriction: NonNullable<Restriction>, { strategy, elements }: PlanKey): ValueKnown | null {
  if (strategy === "hash" && elements.some((_, index) => restriction.get(index)?.equal !== true)) return null;
  let known: ValueKnown | null = null;
  for (const index of elements.keys()) {
    const one = restriction.get(index);
    if (one === undefined) break;
    known = later(known ?? "planning", one.known);
    if (!one.equal) break;
  }
  return known;
}

const order: readonly ValueKnown[] = ["planning", "executor-start", "execution"];

function later(a: ValueKnown, b: ValueKnown): ValueKnown {
  return order.indexOf(a) > order.indexOf(b) ? a : b;
}

/** The text without space, outer parentheses, the alias before columns, and casts between kinds of text, which cost nothing. */
function spelling(source: string, alias: string | null): string {
  let tokens: readonly Token[] = withoutParentheses(source, tokenize(source));
  const [cast, type] = [tokens.at(-2), tokens.at(-1)];
  if (alias !== null && textOf(source, cast) === "::" && /^(?:text|bpchar)$/.test(textOf(source, type)))
    tokens = withoutParentheses(source, tokens.slice(0, -2));
  return tokens
    .filter((token, index) => alias === null || !isQualifier(source, tokens, index, token, alias))
    .map((token) => (isName(token) ? unquoteIdentifier(textOf(source, token)) : textOf(source, token)))
    .join(" ");
}

/** The alias and the dot behind it. */
function isQualifier(source: string, tokens: readonly Token[], index: number, token: Token, alias: string): boolean {
  if (textOf(source, token) === ".") return isAlias(source, tokens[index - 1], alias);
  return textOf(source, tokens[index + 1]) === "." && isAlias(source, token, alias);
}

function isAlias(source: string, token: Token | undefined, alias: string): boolean {
  return token !== undefined && isName(token) && unquoteIdentifier(textOf(source, token)) === alias;
}

function isName(token: Token): boolean {
  return token.kind === "word" || token.kind === "quoted-identifier";
}

function withoutParentheses(text: string, tokens: readonly Token[]): readonly Token[] {
  let inner = tokens;
  while (inner.length > 2 && textOf(text, inner[0]) === "(" && closing(text, inner, 0) === inner.length - 1)
    inner = inner.slice(1, -1);
  return inner;
}

function splitAt(text: string, tokens: readonly Token[], word: string): readonly (readonly Token[])[] {
  const parts: (readonly Token[])[] = [];
  let start = 0;
  for (const index of topLevel(text, tokens)) {
    if (textOf(text, tokens[index]) !== word) continue;
    parts.push(tokens.slice(start, index));
    start = index + 1;
  }
  return [...parts, tokens.slice(start)];
}

/** The tokens outside all parentheses and brackets. */
function topLevel(text: string, tokens: readonly Token[]): readonly number[] {
  const found: number[] = [];
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    const word = textOf(text, token);
    if (word === "(" || word === "[") depth++;
    else if (word === ")" || word === "]") depth--;
    else if (depth === 0) found.push(index);
  }
  return found;
}

function closing(text: string, tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let index = open; index < tokens.length; index++) {
    const word = textOf(text, tokens[index]);
    if (word === "(") depth++;
    else if (word === ")" && --depth === 0) return index;
  }
  return -1;
}

function textOf(text: string, token: Token | undefined): string {
  return token === undefined ? "" : text.slice(token.start, token.end);
}

function sliceOf(text: string, tokens: readonly Token[]): string {
  const [first, last] = [tokens[0], tokens.at(-1)];
  return first === undefined || last === undefined ? "" : text.slice(first.start, last.end);
}
