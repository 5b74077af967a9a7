/** Turns partitions listed inside CREATE TABLE, as MySQL and Oracle have them, into statements of their own. */

import type { StatementHandle } from "../../syntax/statement-handle.ts";
import type { TextRange } from "../../text/range.ts";
import type { RuleFix } from "../rule.ts";
import { replace } from "./fixes.ts";

const clause =
  /\bPARTITION\s+BY\s+(?<strategy>RANGE|LIST|HASH)(?:\s+COLUMNS)?\s*\((?<key>[^()]*)\)\s*(?:PARTITIONS\s+(?<count>\d+)|\((?<list>.*)\))\s*$/disu;

const item = {
  RANGE: /^PARTITION\s+(?<name>[\w"]+)\s+VALUES\s+LESS\s+THAN\s*(?:\((?<values>.*)\)|(?<open>MAXVALUE))\s*$/isu,
  LIST: /^PARTITION\s+(?<name>[\w"]+)\s+VALUES\s*(?:IN\s*)?\((?<values>.*)\)\s*$/isu,
} as const;

/** At most so many hash partitions are written out. */
const mostPartitions = 256;

/** The fix, where everything in the clause is understood and the parser stopped in it; else none. */
export function inlinePartitionsFix(text: string, at: TextRange, statement: StatementHandle): readonly RuleFix[] {
  const table = /^CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?<table>[\w".]+)/iu.exec(text)?.groups?.["table"];
  const found = clause.exec(text);
  if (table === undefined || found === null || at.start < found.index) return [];
  const { strategy = "", key = "", count, list = "" } = found.groups ?? {};
  const word = strategy.toUpperCase();
  const partitions =
    count !== undefined ? hashPartitions(table, Number(count)) : word === "HASH" ? null : listed(table, word, list);
  if (partitions === null || partitions.length === 0) return [];
  const range = { start: found.index, end: text.length };
  const edits = [
    replace(statement, range, `PARTITION BY ${word} (${key.trim()})`),
    { kind: "insert-after" as const, statement, sql: partitions.join(";\n") },
  ];
  return [{ title: "Create the partitions as tables of their own", edits, preferred: true }];
}

function hashPartitions(table: string, count: number): readonly string[] | null {
  if (count < 1 || count > mostPartitions) return null;
  const unquoted = table.replace(/^.*\./, "").replaceAll('"', "");
  return Array.from({ length: count }, (_, remainder) =>
    createPartition(`${unquoted}_${remainder}`, table, `FOR VALUES WITH (MODULUS ${count}, REMAINDER ${remainder})`),
  );
}

function listed(table: string, strategy: string, list: string): readonly string[] | null {
  const statements: string[] = [];
  let lower: string | null = null;
  for (const text of splitAtCommas(list)) {
    const groups = (strategy === "RANGE" ? item.RANGE : item.LIST).exec(text)?.groups;
    const name = groups?.["name"];
    const values = groups?.["values"]?.trim() ?? groups?.["open"];
    // Functions such as TO_DAYS('…') belong to a key that is a function, too.
    if (name === undefined || values === undefined || /\(/.test(values)) return null;
    if (strategy === "LIST") {
      const bound = /^DEFAULT$/i.test(values) ? "DEFAULT" : `FOR VALUES IN (${values})`;
      statements.push(createPartition(name, table, bound));
      continue;
    }
    const from: string =
      lower ??
      splitAtCommas(values)
        .map(() => "MINVALUE")
        .join(", ");
    statements.push(createPartition(name, table, `FOR VALUES FROM (${from}) TO (${values})`));
    lower = values;
  }
  return statements;
}

function createPartition(name: string, table: string, bound: string): string {
  return `CREATE TABLE ${name} PARTITION OF ${table} ${bound}`;
}

/** Cuts at the commas outside parentheses and quotes. */
function splitAtCommas(text: string): readonly string[] {
  const parts: string[] = [""];
  let depth = 0;
  for (const [token] of text.matchAll(/'(?:[^']|'')*'|"[^"]*"|[(),]|[^'"(),]+/gsu)) {
    if (token === "(") depth += 1;
    if (token === ")") depth -= 1;
    if (token === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += token;
  }
  return parts.map((part) => part.trim());
}
