/** The strings of a program, each with what its language makes of it: text, escapes, and values that are put in. */

import { addAll } from "../../text/long-lists.ts";
import type { HostLanguage, StringForm } from "./host-languages.ts";

/** A part of a string; offsets in UTF-16 code units of the program. */
export type StringPart =
  | { readonly kind: "text"; readonly start: number; readonly end: number }
  /** One character written as several; null where it is not worth knowing which. */
  | { readonly kind: "escape"; readonly start: number; readonly end: number; readonly character: string | null }
  /** A value that is known when the program runs. */
  | { readonly kind: "hole"; readonly start: number; readonly end: number }
  /** What stands between strings that are joined. */
  | { readonly kind: "seam"; readonly start: number; readonly end: number };

/** A string, or several that the program joins to one. */
export interface HostString {
  /** Where its text begins. */
  readonly start: number;
  /** Where its text ends, and what closes it begins. */
  readonly end: number;
  readonly parts: readonly StringPart[];
  /** Whether it is joined to something that is neither a string nor a simple value, so that nobody knows the whole. */
  readonly goesOn: boolean;
}

/** Longer strings, and values longer than that, are passed over. */
const longestString = 200_000;
const longestHole = 10_000;
/** Strings inside of values inside of strings. */
const deepestHole = 20;
/** How often each character may be looked at: text with many openings that nothing closes is read no further. */
const looksPerCharacter = 8;
/** More strings joined to one are not followed. */
const mostJoined = 500;

/** The strings of a program in their order. Never fails; what cannot be read is passed over. */
export function* hostStrings(text: string, language: HostLanguage): Generator<HostString> {
  const forms: Reading = { ...formsOf(language), looks: text.length * looksPerCharacter + 10_000 };
  for (let at = 0; at < text.length && forms.looks > 0; ) {
    forms.starts.lastIndex = at;
    const found = forms.starts.exec(text);
    if (found === null) return;
    const skipped = matchAny(language.skipped, text, found.index, forms);
    if (skipped !== null) {
      at = skipped;
      continue;
    }
    const first = readString(text, found.index, forms, 0);
    if (first === null) {
      at = found.index + 1;
      continue;
    }
    const { joined, behind } = join(text, first, forms);
    yield joined;
    at = behind;
  }
}

/** A string as it is read, with the offset behind what closes it. */
interface ReadString extends Pick<HostString, "start" | "end" | "parts"> {
  readonly behind: number;
}

/** The expressions of a language, made to be matched at one place. */
interface Forms {
  readonly starts: RegExp;
  readonly strings: readonly { readonly form: StringForm; readonly open: RegExp }[];
  readonly holes: ReadonlyMap<RegExp, RegExp>;
  readonly skipped: ReadonlyMap<RegExp, RegExp>;
  readonly joint: RegExp;
}

/** The reading of one program: its language, and how many looks at characters are left. */
interface Reading extends Forms {
  looks: number;
}

const knownForms = new WeakMap<HostLanguage, Forms>();

function formsOf(language: HostLanguage): Forms {
  const known = knownForms.get(language);
  if (known !== undefined) return known;
  const { strings, skipped, joint } = language;
  const sources = [...skipped.map((each) => each.source), ...strings.map(({ open }) => open.source)];
  const flags = strings.some(({ open }) => open.ignoreCase) ? "i" : "";
  const forms: Forms = {
    starts: new RegExp(sources.map((source) => `(?:${source})`).join("|"), `g${flags}`),
    strings: strings.map((form) => ({ form, open: new RegExp(form.open.source, `y${form.open.flags}`) })),
    holes: new Map(strings.flatMap(({ holes }) => holes.map(({ open }) => [open, new RegExp(open.source, "y")]))),
    skipped: new Map(skipped.map((each) => [each, new RegExp(each.source, "y")])),
    joint: new RegExp(joint.source, "y"),
  };
  knownForms.set(language, forms);
  return forms;
}

function matchAny(expressions: readonly RegExp[], text: string, at: number, forms: Reading): number | null {
  for (const expression of expressions) {
    const length = matchAt(forms.skipped.get(expression), text, at)?.[0].length ?? 0;
    if (length > 0) return at + length;
  }
  return null;
}

function matchAt(expression: RegExp | undefined, text: string, at: number): RegExpExecArray | null {
  if (expression === undefined) return null;
  expression.lastIndex = at;
  return expression.exec(text);
}

/** The string that opens at this offset; null where none does, or where it is never closed. */
function readString(text: string, at: number, forms: Reading, depth: number): ReadString | null {
  for (const { form, open } of forms.strings) {
    const opening = matchAt(open, text, at);
    if (opening === null) continue;
    const behind = at + opening[0].length;
    return form.place === "here"
      ? readHere(text, behind, form, form.close(opening), forms, depth)
      : readTo(text, behind, form, form.close(opening), forms, depth);
  }
  return null;
}

/** Up to the sign that closes it, or to an offset that is known. */
function readTo(
  text: string,
  start: number,
  form: StringForm,
  close: string | number,
  forms: Reading,
  depth: number,
): ReadString | null {
  const sign = typeof close === "string" ? close : "";
  const closes = (at: number): boolean =>
    typeof close === "number" ? at === close : text.startsWith(close, at) && !isDoubled(text, at, close, form);
  const parts: StringPart[] = [];
  let textStart = start;
  const add = (part: StringPart): void => {
    if (part.start > textStart) parts.push({ kind: "text", start: textStart, end: part.start });
    parts.push(part);
    textStart = part.end;
  };
  const limit = Math.min(text.length, start + longestString);
  for (let at = start; at < limit && forms.looks-- > 0; ) {
    if (closes(at)) {
      if (at > textStart) parts.push({ kind: "text", start: textStart, end: at });
      return { start, end: at, parts, behind: at + sign.length };
    }
    if (form.lines === "one" && text[at] === "\n") return null;
    const part = escapeAt(text, at, sign, form) ?? holeAt(text, at, form, forms, depth);
    if (part === "unreadable") return null;
    if (part !== null) add(part);
    at = part?.end ?? at + 1;
  }
  return null;
}

/** A string of whole lines: up to the line that holds its word alone. */
function readHere(
  text: string,
  at: number,
  form: StringForm,
  close: string,
  forms: Reading,
  depth: number,
): ReadString | null {
  const start = text.indexOf("\n", at) + 1;
  if (start === 0) return null;
  const closing = new RegExp(`^[ \\t]*(${close})\\b`, "m");
  const found = closing.exec(text.slice(start, start + longestString));
  if (found === null) return null;
  const end = start + found.index + found[0].length - close.length;
  // The rest of the line on which it opens is code of its own, which is passed over.
  const inner = readTo(text, start, form, end, forms, depth);
  return inner === null ? null : { ...inner, behind: end + close.length };
}

function isDoubled(text: string, at: number, close: string, { escapes }: StringForm): boolean {
  return escapes === "doubled" && text.startsWith(close, at + close.length);
}

function escapeAt(text: string, at: number, close: string, { escapes }: StringForm): StringPart | null {
  if (escapes === "doubled" && text.startsWith(close, at))
    return { kind: "escape", start: at, end: at + 2 * close.length, character: close };
  if ((escapes !== "backslash" && escapes !== "quotes-only") || text[at] !== "\\") return null;
  const next = text[at + 1];
  if (next === undefined) return null;
  if (escapes === "quotes-only" && next !== close && next !== "\\") return null;
  const length = next === "\r" && text[at + 2] === "\n" ? 3 : 2;
  return { kind: "escape", start: at, end: at + length, character: escaped.get(next) ?? null };
}

/** What stands for white space, and what stands for itself. */
const escaped: ReadonlyMap<string, string> = new Map([
  ...["n", "t", "r", "s", "\n", "\r"].map((sign): [string, string] => [sign, " "]),
  ...["'", '"', "`", "$", "{", "}", "#"].map((sign): [string, string] => [sign, sign]),
]);

function holeAt(
  text: string,
  at: number,
  { holes }: StringForm,
  forms: Reading,
  depth: number,
): StringPart | "unreadable" | null {
  for (const { kind, open } of holes) {
    const opening = matchAt(forms.holes.get(open), text, at);
    if (opening === null) continue;
    const length = opening[0].length;
    if (kind === "word") return { kind: "hole", start: at, end: at + length };
    const end = holeEnd(text, at + length, opening[0].endsWith("{{") ? 2 : 1, forms, depth + 1);
    return end === null ? "unreadable" : { kind: "hole", start: at, end };
  }
  return null;
}

/** The offset behind the braces that close a value; strings inside are passed over, with the braces in them. */
function holeEnd(text: string, start: number, braces: number, forms: Reading, depth: number): number | null {
  if (depth > deepestHole) return null;
  let open = braces;
  const limit = Math.min(text.length, start + longestHole);
  for (let at = start; at < limit && forms.looks-- > 0; ) {
    const character = text[at];
    if (character === "{") open++;
    if (character === "}") open--;
    if (open === 0) return at + 1;
    const inner = character === "{" || character === "}" ? null : readString(text, at, forms, depth);
    at = inner?.behind ?? at + 1;
  }
  return null;
}

/** The value that is joined to a string: a name with its members, calls and indexes. */
const simpleValue = /[A-Za-z_$][\w$]*(?:(?:\.|->|::|\?\.)[A-Za-z_$][\w$]*|\([^()\n]{0,100}\)|\[[^[\]\n]{0,100}\])*/y;

/** Follows what is joined to the string. */
function join(
  text: string,
  first: ReadString,
  forms: Reading,
): { readonly joined: HostString; readonly behind: number } {
  const parts = [...first.parts];
  let { end, behind } = first;
  for (let count = 0; count < mostJoined; count++) {
    const joint = matchAt(forms.joint, text, behind);
    if (joint === null) return { joined: { start: first.start, end, parts, goesOn: false }, behind };
    const at = behind + joint[0].length;
    const next = readString(text, at, forms, 0);
    if (next !== null) {
      parts.push({ kind: "seam", start: end, end: next.start });
      addAll(parts, next.parts);
      ({ end, behind } = next);
      continue;
    }
    // Strings that stand side by side are joined, but nothing else is.
    if (joint[1] === "") return { joined: { start: first.start, end, parts, goesOn: false }, behind };
    const value = matchAt(simpleValue, text, at);
    if (value === null) return { joined: { start: first.start, end, parts, goesOn: true }, behind: at };
    const valueEnd = at + value[0].length;
    // What stands between the two is room for the parameter.
    parts.push({ kind: "hole", start: end, end: valueEnd });
    end = valueEnd;
    behind = valueEnd;
  }
  return { joined: { start: first.start, end, parts, goesOn: true }, behind };
}
