/** What SQL that PL/pgSQL builds from strings may change: the names that its strings spell, or anything. */

import { tokenize } from "./lexer.ts";
import { decodeString } from "./literals.ts";
import { isWord, type Region, type Source, tokenText, word } from "./lower/source.ts";
import { anySetting, changesByCalls, changesByCommand } from "./session-changes.ts";
import { type Code, createUsesCollector, noUses, type Reach, type UsesCollector } from "./uses.ts";

/** What the EXECUTE statements of a body, and its queries with EXECUTE, may do; null where it has none. */
export function readBuiltSql(source: Source, regions: readonly Region[]): Code | null {
  const executed = source.tokens.flatMap((_, index) =>
    isWord(source, index, "execute") && !isWord(source, index + 1, "function", "procedure") ? [index] : [],
  );
  if (executed.length === 0) return null;
  if (!executed.every((index) => isBuiltHere(source, index + 1))) return anything;
  const raised = regions.filter(({ first }) => isWord(source, first, "raise"));
  const strings = source.tokens.flatMap(({ kind }, index) => {
    const isRaised = raised.some(({ first, last }) => first <= index && index <= last);
    if (kind !== "string" || isRaised) return [];
    return [{ text: decodeString(tokenText(source, index)), goesOn: isWord(source, index + 1, "||") }];
  });
  const collector = createUsesCollector();
  for (const { text } of strings) collectCalls(text, collector);
  const uses = collector.collected() ?? noUses;
  const opens = strings.flatMap(({ text, goesOn }) => placesOfNames(text, goesOn));
  const writesUnnamed = opens.includes("rows") ? { writesUnnamed: true as const } : {};
  if (!strings.some(({ text }) => definition.test(text))) {
    const isRead = strings.some(({ text }) => query.test(text));
    return isRead ? { uses, reach: { kind: "nothing" }, ...writesUnnamed } : anything;
  }
  if (strings.some(({ text, goesOn }) => beginsOpen.test(text) || (goesOn && text.trim() === ""))) return anything;
  if (opens.includes("relation") || strings.some(({ text }) => cascades.test(text))) return anyRelation;
  return { uses, reach: namedIn(strings), ...writesUnnamed };
}

/** The names that a text of SQL, and the strings in it, spell in full or begin. */
export function reachOfText(text: string): Reach {
  if (cascades.test(text)) return { kind: "anything" };
  const words = text.match(identifiers)?.flatMap((name) => [name, name.toLowerCase()]) ?? [];
  return { kind: "named", words: [...new Set(words)], beginnings: words.filter(isBeginning) };
}

/** What a text of SQL that is run as it stands does, as far as its words tell. */
export function codeOfText(text: string): Code {
  const collector = createUsesCollector();
  collectCalls(text, collector);
  for (const change of [...changesByCalls(text), ...changesByCommand(text)]) collector.setting(change);
  const reach: Reach = definition.test(text) ? reachOfText(text) : { kind: "nothing" };
  return { uses: collector.collected() ?? noUses, reach };
}

const anyRelation: Code = { uses: noUses, reach: { kind: "anything" } };
/** Not even the command is known. */
const anything: Code = { uses: { ...noUses, settings: [anySetting] }, reach: { kind: "anything" } };
const beginsOpen = /^\s*%/;
const identifiers = /[\p{L}_][\p{L}\p{N}_$]*/gu;

function isBeginning(name: string): boolean {
  return name.length > 1 && name.endsWith("_");
}

/** Words that begin or continue SQL which may change the schema. */
const definition =
  /\b(?:create|alter|drop|attach|detach|do|call|execute|import|reassign|load|rename|inherit|discard|set\s+schema)\b/i;

/** What begins SQL that does not. */
const query =
  /^\s*\(?\s*(?:select|with|values|table|insert|update|delete|merge|copy|truncate|analyze|vacuum|lock|set|reset|grant|revoke|comment|notify|refresh|cluster|reindex)\b/i;

/** What takes other objects along, of whatever name. */
const cascades =
  /\bdrop\s+(?:owned\b|(?:schema|type|domain|extension|function|procedure|routine|aggregate|operator|language|server|collation|foreign\s+data\s+wrapper)\b[\s\S]*\bcascade\b)/i;

/** Whether the text to be executed is put together in this body, from a string on. */
function isBuiltHere(source: Source, first: number): boolean {
  if (isString(source, first)) return true;
  if (word(source, first) === "(") return isBuiltHere(source, first + 1);
  if (isWord(source, first, "format", "concat", "replace", "regexp_replace") && word(source, first + 1) === "(")
    return isBuiltHere(source, first + 2);
  if (source.tokens[first]?.kind !== "word" || isWord(source, first + 1, "(", ".", "[")) return false;
  return isVariableOfStrings(source, word(source, first));
}

function isString(source: Source, index: number): boolean {
  return source.tokens[index]?.kind === "string";
}

/** Whether all that a variable is given begins with a string or with what it held before. */
function isVariableOfStrings(source: Source, name: string): boolean {
  let assigned = false;
  for (const [index] of source.tokens.entries()) {
    if (word(source, index) === "into" && isWord(source, index + 1, name, "strict")) return false;
    const isAssignment = word(source, index) === name && isWord(source, index + 1, ":=", "=");
    const isDefault = isWord(source, index, ":=", "default") && declares(source, index, name);
    if (!isAssignment && !isDefault) continue;
    const value = isAssignment ? index + 2 : index + 1;
    const isAppended = word(source, value) === name && word(source, value + 1) === "||";
    if (!isAppended && !startsWithString(source, value)) return false;
    assigned = true;
  }
  return assigned;
}

/** `name text := …` */
function declares(source: Source, assignment: number, name: string): boolean {
  return [2, 3].some((by) => word(source, assignment - by) === name);
}

function startsWithString(source: Source, first: number): boolean {
  if (isString(source, first)) return true;
  if (word(source, first) === "(") return startsWithString(source, first + 1);
  const isCall = isWord(source, first, "format", "concat", "replace", "regexp_replace");
  return isCall && word(source, first + 1) === "(" && startsWithString(source, first + 2);
}

/** All words of the strings; those that go on, in a placeholder or another string, are beginnings. */
function namedIn(strings: readonly { readonly text: string; readonly goesOn: boolean }[]): Reach {
  const words = new Set<string>();
  const beginnings = new Set<string>();
  for (const { text, goesOn } of strings) {
    for (const match of text.matchAll(identifiers)) {
      const [name] = match;
      const end = match.index + name.length;
      const isPart = end === text.length ? goesOn : placeholder.test(text.slice(end, end + 6));
      const target = isPart || isBeginning(name) ? beginnings : words;
      target.add(name).add(name.toLowerCase());
    }
  }
  return { kind: "named", words: [...words], beginnings: [...beginnings] };
}

const placeholder = /^%(?:\d+\$)?[-\d]*[Is]/;

/** What is put in where: the name of a relation that is changed, one whose rows are read or written, or nothing of interest. */
type Place = "relation" | "rows" | "other";

function placesOfNames(text: string, goesOn: boolean): readonly Place[] {
  const places = [...text.matchAll(/%(?:\d+\$)?[-\d]*[Is]/g)].map(({ index }) => placeBehind(text.slice(0, index)));
  return goesOn ? [...places, placeBehind(text)] : places;
}

function placeBehind(before: string): Place {
  // `sales_%s` is a name of which the beginning is known.
  if (/[\p{L}\p{N}_$]$/u.test(before)) return "other";
  const context = before.replace(/(?:[\w$."]|%(?:\d+\$)?[-\d]*[Is])*$/, "").trimEnd();
  if (context === "") return "relation";
  if (context.endsWith("'") || depthOf(context) > 0 || newNames.test(context)) return "other";
  return rowNames.test(context) ? "rows" : "relation";
}

/** How many parentheses are open at the end of a text. */
function depthOf(text: string): number {
  let depth = 0;
  for (const character of text) {
    if (character === "(") depth++;
    else if (character === ")") depth = Math.max(0, depth - 1);
  }
  return depth;
}

/** In front of a name that is new, or of what is no relation. */
const newNames =
  /\b(?:create\s+(?:(?:or\s+replace|temp|temporary|unlogged|unique|foreign|materialized|recursive|constraint)\s+)*(?:table|index|view|sequence|schema|trigger|policy|rule|role|user)(?:\s+concurrently)?(?:\s+if\s+not\s+exists)?|column(?:\s+if(?:\s+not)?\s+exists)?|constraint(?:\s+if\s+exists)?|rename\s+to|owner\s+to|set\s+schema|grant|to|by|default|check|set|where|and|or|values|interval|date|timestamp|timestamptz|returning|using|select|=|<|>|,|:)$/i;

const rowNames = /\b(?:from|join|into|update|truncate|truncate\s+table|only|copy|analyze)$/i;

/** Functions that the text calls, and the tables that it writes. */
function collectCalls(text: string, collector: UsesCollector): void {
  const tokens = tokenize(text);
  const at = (index: number): string => {
    const token = tokens[index];
    return token === undefined ? "" : text.slice(token.start, token.end).toLowerCase();
  };
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== "word" || !/[\p{L}_]/u.test(at(index))) continue;
    const path = at(index - 1) === "." ? [at(index - 2), at(index)] : [at(index)];
    const before = at(index - 2 * path.length + 1);
    const event = writers[`${at(index - 2 * path.length)} ${before}`] ?? writers[before];
    if (event !== undefined) collector.write({ schema: path.at(-2) ?? null, name: path.at(-1) ?? "" }, event);
    else if (at(index + 1) === "(" && !notCalled.has(before) && !notFunctions.has(at(index))) collector.call(path);
  }
}

const writers: Readonly<Record<string, "insert" | "update" | "delete" | "truncate">> = {
  "insert into": "insert",
  "delete from": "delete",
  update: "update",
  truncate: "truncate",
  "truncate table": "truncate",
};

/** A name behind one of these has a list of columns after it, not of arguments. */
const notCalled: ReadonlySet<string> = new Set(
  "into table on references exists index using only key unique of constraint as inherits type".split(" "),
);

/** Words that stand in front of parentheses and are no functions. */
export const notFunctions: ReadonlySet<string> = new Set(
  (
    "if elsif elseif while in and or not return when then case else values exists any all some array row using from to by on " +
    "as is like ilike between select where having union intersect except over filter within group order partition range " +
    "list hash limit offset with loop for foreach raise perform into set returning default check primary key unique " +
    "foreign references constraint table index only lateral join cursor distinct include modulus remainder overlaps " +
    "interval cast coalesce greatest least nullif extract overlay position substring trim treat normalize grouping " +
    "xmlelement xmlforest xmlconcat xmlparse xmlpi xmlroot xmlserialize json_object json_array json_query json_value " +
    "json_exists json_scalar json_serialize json_arrayagg json_objectagg merge_action inherits assert open execute " +
    "elseif begin end declare exit continue next query cube rollup sets unnest record begin"
  ).split(" "),
);
