/** LIKE on constants. */

import type { Expression } from "../../syntax/expression.ts";
import type { Value } from "../value.ts";

/** Whether the pattern is one of LIKE itself, with its own escapes. */
export function isPlainLike({ variant, pattern }: Extract<Expression, { kind: "like" }>): boolean {
  // With ESCAPE the pattern is a call.
  return variant === "like" && pattern.kind !== "call";
}

/** LIKE by characters, as it is under every deterministic collation; undefined where that cannot be told. */
export function likeValue(
  text: Value | null | undefined,
  pattern: Value | null | undefined,
  negated: boolean,
): Value | null | undefined {
  if (text === undefined || pattern === undefined) return undefined;
  if (text === null || pattern === null) return null;
  if (text.family !== "text" || pattern.family !== "text" || pattern.value.length > 100) return undefined;
  // At most so many wildcards keep the search short.
  const wildcards = pattern.value.match(/%/g)?.length ?? 0;
  if (wildcards > 3 || /(?:^|[^\\])(?:\\\\)*\\$/.test(pattern.value)) return undefined;
  const source = pattern.value.replace(/\\([\s\S])|%|_|[\\^$.*+?()[\]{}|/]/g, (part, escaped?: string) => {
    if (escaped !== undefined) return escaped.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
    return part === "%" ? "[^]*" : part === "_" ? "[^]" : `\\${part}`;
  });
  return { family: "boolean", value: new RegExp(`^${source}$`, "u").test(text.value) !== negated };
}
