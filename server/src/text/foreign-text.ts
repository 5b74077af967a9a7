/** How text that others wrote (names, constants, messages of servers and files) is shown: one function for each medium. */

/** Everything that ends a line somewhere, and tabs, which terminals and trees spread. */
const breaks = /[ \t]*[\n\r\t\v\f\u0085\u2028\u2029][\s\u0085]*/g;

/**
 * Characters that show nothing themselves and change what others show: controls, the order of writing, tags, spaces of width zero.
 * Without the joiners that scripts such as Persian are written with, and without our own seams, so that a text may pass twice.
 */
const invisible = /(?![\u200c\u200d]|(?<=[$\]])\u200b\()(?:[\p{Cc}\p{Cf}\p{Cs}\u115f\u1160\u3164\uffa0]|\u034f)/gu;

/** Breaks up what a medium would take for its own signs. It has no width, and no medium takes it out before it looks for them. */
const seam = "\u200b";

/** Nothing but letters and signs of which all can be seen, as almost all texts are: what is below need not be looked for. */
const harmlessLine = /^[ -~\u00c0-\u02af\u2013\u2014\u2018-\u201f\u2026]*$/;

/**
 * One line of plain text, as terminals, comments of SQL, diagnostics and JSON for people have it: line breaks are spaces, and
 * what cannot be seen is written out, as `‹U+202E›`.
 */
export function lineText(text: string): string {
  if (harmlessLine.test(text)) return text;
  return text
    .replace(breaks, " ")
    .replace(
      invisible,
      (character) => `‹U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}›`,
    );
}

/** A title, a label or a description in lenses, trees, menus, quick picks and the status bar: `$(icon)` is drawn nowhere. */
export function titleText(text: string): string {
  return lineText(text).replace(/\$(?=\()/g, `$${seam}`);
}

/** A message in a notification or below an input box, in which VS Code makes links, also to commands, of `[text](target)`. */
export function notificationText(text: string): string {
  return titleText(text).replace(/\](?=\()/g, `]${seam}`);
}

/** An entry of a log: its further lines are indented, so that none passes for an entry of its own. */
export function logText(text: string): string {
  return text
    .split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/)
    .map((line, index) => (index === 0 ? lineText(line) : `    ${lineText(line.trimStart())}`))
    .join("\n");
}

/** Several lines in a terminal or an untitled document, each as `lineText` has it, with the white space at its start. */
export function pageText(text: string): string {
  return text
    .split("\n")
    .map((line) => `${/^ */.exec(line)?.[0] ?? ""}${lineText(line.trimStart())}`)
    .join("\n");
}

/** Markdown that shows the text as itself: nothing in it is markup, a link (bare addresses included), HTML or an icon. */
export function markdownText(text: string): string {
  return titleText(text).replace(/[!-/:-@[-`{-~]/g, (sign) =>
    harmless.has(sign) ? sign : sign === "&" ? "&amp;" : `\\${sign}`,
  );
}

/** Signs that Markdown gives no meaning inside a line; escaping them would only make its source hard to read. */
const harmless: ReadonlySet<string> = new Set(["'", '"', ",", ";", "%", "?", "/"]);

/** The text as code in Markdown, whatever backticks it holds; empty where it is. */
export function markdownCode(text: string): string {
  const line = titleText(text);
  if (line === "") return "";
  const longest = (line.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
  const fence = "`".repeat(longest + 1);
  const padding = longest > 0 || /^ .* $/.test(line) ? " " : "";
  return `${fence}${padding}${line}${padding}${fence}`;
}
