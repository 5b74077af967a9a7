/** What to do about a syntax error: other products' forms, and common slips, each with PostgreSQL's form. */

import type { StatementHandle } from "../../syntax/statement-handle.ts";
import type { TextRange } from "../../text/range.ts";
import type { RuleFix } from "../rule.ts";
import { replacement } from "./fixes.ts";
import { inlinePartitionsFix } from "./inline-partitions.ts";
import { type Found, fullRange, relationPattern as name, type OtherForm } from "./other-form.ts";
import { productForms } from "./other-products.ts";

export interface SyntaxHint {
  readonly advice: string;
  readonly fixes: readonly RuleFix[];
}

const simpleValue = String.raw`(?:'[^']*'|-?[\d.]+|MINVALUE|MAXVALUE)`;

const forms: readonly OtherForm[] = [
  {
    pattern: String.raw`^DELIMITER\b`,
    advice:
      "DELIMITER is a command of MySQL's client, and PostgreSQL takes it for a part of the next statement: leave it out, a body in dollar quotes ($$) needs none.",
  },
  ...productForms,
  {
    pattern: String.raw`\b(?:UPDATE|INTO)\s+(?<table>${name})\s+PARTITION\s*\(\s*(?<partition>${name})\s*\)`,
    advice: "Partitions are tables: name the partition itself.",
    fix: ({ group, range }) => [
      `Name ${group("partition")} itself`,
      { start: range("table").start, end: range("partition").end + 1 },
      group("partition"),
    ],
  },
  {
    pattern: String.raw`\bPARTITION\s+BY\s+(?:RANGE|LIST|HASH)\s+(?<column>(?!\()[\w"$]+)\s*$`,
    advice: "The key stands in parentheses.",
    fix: ({ group, range }) => ["Add parentheses", range("column"), `(${group("column")})`],
  },
  {
    // Longer ones are nobody's key.
    pattern: String.raw`\bPARTITION\s+BY\s+(?:RANGE|LIST|HASH)\s*\(\s*(?<key>[^\s(](?:[^;]{0,300}?[^\s;])?)\s*\)\s*$`,
    stopsIn: "key",
    advice: "An expression in a partition key stands in parentheses of its own, unless it is a call of a function.",
    fix: ({ group, range }) =>
      isOneExpression(group("key")) ? ["Add parentheses", range("key"), `(${group("key")})`] : null,
  },
  {
    pattern: String.raw`\bFOR\s+VALUES\s+FROM\s+(?<from>${simpleValue})\s+TO\s+(?<to>${simpleValue})`,
    advice: "The values stand in parentheses.",
    fix: ({ group, range }) => [
      "Add parentheses",
      { start: range("from").start, end: range("to").end },
      `(${group("from")}) TO (${group("to")})`,
    ],
  },
  {
    pattern: String.raw`\bFOR\s+VALUES\s+IN\s+(?<value>${simpleValue})\s*$`,
    advice: "The values stand in parentheses.",
    fix: ({ group, range }) => ["Add parentheses", range("value"), `(${group("value")})`],
  },
  {
    pattern: String.raw`\bPARTITION\s+OF\s+${name}\s+(?<values>VALUES)\s+(?:FROM|IN|WITH)\b`,
    advice: "The bound begins with FOR VALUES.",
    fix: ({ range }) => ["Write FOR VALUES", range("values"), "FOR VALUES"],
  },
  {
    pattern: String.raw`\b(?<words>FOR\s+VALUES\s+(?:IN\s+)?\(?\s*DEFAULT\s*\)?)\s*$`,
    advice: "A default partition has the one word DEFAULT for its bound.",
    fix: ({ range }) => ["Change to DEFAULT", range("words"), "DEFAULT"],
  },
  {
    pattern: String.raw`\bPARTITION\s+OF\s+${name}\s*$`,
    advice: "A partition needs a bound: FOR VALUES FROM … TO, IN or WITH, or DEFAULT.",
  },
  {
    pattern: String.raw`\bATTACH\s+PARTITION\s+${name}\s*$`,
    advice: "The partition needs a bound: FOR VALUES FROM … TO, IN or WITH, or DEFAULT.",
  },
  {
    pattern: String.raw`\bPARTITION\s+OF\s+${name}\s*\(\s*[\w"]+\s+(?!WITH\b|CONSTRAINT\b|NOT\b|NULL\b|DEFAULT\b|CHECK\b|PRIMARY\b|UNIQUE\b|REFERENCES\b|GENERATED\b)\w+`,
    advice:
      "A partition has the columns of its parent: in its list stand names with constraints and defaults, no types.",
  },
];

/**
 * What to do about a syntax error, where the statement has a form that is known; `at` is the token at which PostgreSQL's
 * parser stopped, `statement` the index for the fix.
 */
export function hintForSyntax(text: string, at: TextRange, statement: StatementHandle): SyntaxHint | null {
  for (const { pattern, advice, stopsIn, fix } of forms) {
    const match = new RegExp(pattern, "disu").exec(text);
    if (match === null) continue;
    const found: Found = {
      group: (group) => match.groups?.[group] ?? "",
      range: (group) => {
        const [start, end] = match.indices?.groups?.[group] ?? [0, 0];
        return { start, end };
      },
    };
    if (stopsIn !== undefined) {
      const inside = found.range(stopsIn);
      if (at.start < inside.start || at.start >= inside.end) continue;
    }
    const change = fix?.(found) ?? null;
    const fixes = change === null ? inlinePartitionsFix(text, at, statement) : [fixOf(change, text, statement)];
    return { advice, fixes };
  }
  return null;
}

/** Whether there is an operator or a CASE in a key, and no comma outside of parentheses and quotes, nor a word for the order. */
function isOneExpression(key: string): boolean {
  const bare = key.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, "x");
  let depth = 0;
  for (const character of bare) {
    if (character === "(") depth += 1;
    else if (character === ")") depth -= 1;
    if (depth < 0 || (depth === 0 && character === ",")) return false;
  }
  return depth === 0 && /[-+*/%|:<>=]|^CASE\b|\bAT\s+TIME\s+ZONE\b/i.test(bare);
}

function fixOf(
  [title, range, newText]: readonly [string, TextRange, string],
  text: string,
  statement: StatementHandle,
): RuleFix {
  return replacement(title, statement, range === fullRange ? { start: 0, end: text.length } : range, newText, {
    preferred: true,
  });
}
