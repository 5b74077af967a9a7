/** How deeply a statement nests, estimated from its tokens, so that none reaches a recursive parser that would overflow. */

import { tokenize } from "./lexer.ts";

/** One pair of parentheses, brackets or CASE … END, while it is open. */
interface Level {
  /** Operators since the last separator: `a + b + c` nests to the left, one level for each. */
  chain: number;
  /** The deepest thing inside since the last separator. */
  inner: number;
  /** The deepest segment so far. */
  deepest: number;
  /** Joins and set operations, which nest to the left across separators. */
  links: number;
}

/** What begins a sibling rather than a deeper level. */
const separators = new Set(["and", "or", "when", "then", "else", "select", "from", "where", "on", "values", "set"]);
const links = new Set(["join", "union", "intersect", "except"]);
const prefixes = new Set(["not", "is", "in", "between", "like", "ilike", "similar", "collate", "at"]);

/** A text shorter than this cannot nest deeply enough to do harm. */
const harmlessLength = 2_000;

/** Whether the syntax tree of `text` might be deeper than `limit`; errs on the side of yes. */
export function nestsDeeperThan(text: string, limit: number): boolean {
  return text.length > harmlessLength && estimateNesting(text) > limit;
}

/** An upper estimate of the depth of the tree. */
function estimateNesting(text: string): number {
  let level: Level = { chain: 0, inner: 0, deepest: 0, links: 0 };
  const outer: Level[] = [];
  const open = (): void => {
    outer.push(level);
    level = { chain: 0, inner: 0, deepest: 0, links: 0 };
  };
  const separate = (): void => {
    level.deepest = Math.max(level.deepest, level.chain + level.inner);
    level.chain = 0;
    level.inner = 0;
  };
  const close = (): void => {
    separate();
    const depth = level.deepest + level.links + 1;
    const parent = outer.pop();
    if (parent === undefined) level = { chain: 0, inner: depth, deepest: 0, links: 0 };
    else {
      parent.inner = Math.max(parent.inner, depth);
      level = parent;
    }
  };
  for (const { kind, start, end } of tokenize(text)) {
    const word = kind === "string" || kind === "quoted-identifier" ? "" : text.slice(start, end).toLowerCase();
    if (word === "(" || word === "[" || word === "case") open();
    else if (word === ")" || word === "]" || word === "end") close();
    else if (word === "," || word === ";" || separators.has(word)) separate();
    else if (links.has(word)) {
      separate();
      level.links++;
    } else if (kind === "operator" || word === "::" || prefixes.has(word)) level.chain++;
  }
  while (outer.length > 0) close();
  separate();
  return level.deepest + level.links;
}
