/** The languages in whose strings SQL is looked for: how each writes comments, strings, and values inside of strings. */

/** One way to write a string. */
export interface StringForm {
  /** What opens it, matched at one offset. Its first group, where it has one, goes into `close`. */
  readonly open: RegExp;
  /** What closes it. */
  readonly close: (opening: RegExpExecArray) => string;
  /**
   * `backslash`: before any character; `quotes-only`: before the closing sign and itself; `doubled`: the closing sign twice.
   */
  readonly escapes: "backslash" | "quotes-only" | "doubled" | "none";
  /** How values are put into it. */
  readonly holes: readonly HoleForm[];
  /** Whether it may go on over the end of a line; one that may not ends there, for then something else was meant. */
  readonly lines: "one" | "many";
  /** `here`: its text begins on the next line, and what closes it stands alone on a line. */
  readonly place?: "here" | undefined;
}

/** `braces`: from `open` to the brace that closes it; `word`: as far as `open` matches. */
export interface HoleForm {
  readonly kind: "braces" | "word";
  readonly open: RegExp;
}

export interface HostLanguage {
  /** As editors name it. */
  readonly ids: readonly string[];
  /** Endings of file names, for editors that name the language otherwise. */
  readonly endings: readonly string[];
  /** Each as one expression: comments, regular expressions, single characters, text outside of code. */
  readonly skipped: readonly RegExp[];
  /** Where several open at the same place, the first one counts. */
  readonly strings: readonly StringForm[];
  /** What joins two strings, with the space around it. Its first group is empty where strings are joined by standing together. */
  readonly joint: RegExp;
}

const quoted = (quote: string, form: Partial<StringForm> = {}): StringForm => ({
  open: new RegExp(quote),
  close: () => quote,
  escapes: "backslash",
  holes: [],
  lines: "one",
  ...form,
});

const dollarBraces: HoleForm = { kind: "braces", open: /\$\{/ };
const braces: HoleForm = { kind: "braces", open: /\{(?!\{)/ };

const lineComment = /\/\/[^\n]*/;
const blockComment = /\/\*[\s\S]*?(?:\*\/|$)/;
const hashComment = /#[^\n]*/;
const character = /'(?:\\[^\n']{1,10}|\\'|[^\\'\n])'/;

/** Signs, `//` comments between them, and the strings behind them. */
const plus = /\s*(\+)(?:\s|\/\/[^\n]*\n)*/;

/** In JavaScript a slash begins a regular expression where no value stands before it. */
const regularExpression =
  /(?<=(?:^|[(,=:[!&|?{};>]|\breturn|\bcase)\s*)\/(?![/*])(?:[^\\/[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\])+\/[a-z]*/;

/** `#` before a quote, Rust's own way to hold any text. */
const hashes = (opening: RegExpExecArray): string => `"${opening[1] ?? ""}`;
const sameQuotes = (opening: RegExpExecArray): string => opening[1] ?? '"""';
const word = (opening: RegExpExecArray): string => opening[1] ?? "";

const here = (open: RegExp, form: Partial<StringForm>): StringForm => ({
  open,
  close: word,
  escapes: "none",
  holes: [],
  lines: "many",
  place: "here",
  ...form,
});

const rubyHole: HoleForm = { kind: "braces", open: /#\{/ };
const phpHoles: readonly HoleForm[] = [
  dollarBraces,
  { kind: "braces", open: /\{(?=\$)/ },
  { kind: "word", open: /\$[A-Za-z_]\w*(?:->\w+|\[[^\]\n]{1,50}\])?/ },
];
const kotlinHoles: readonly HoleForm[] = [dollarBraces, { kind: "word", open: /\$[A-Za-z_]\w*/ }];

export const hostLanguages: readonly HostLanguage[] = [
  {
    ids: ["typescript", "javascript", "typescriptreact", "javascriptreact", "vue", "svelte"],
    endings: [".ts", ".js", ".tsx", ".jsx", ".mts", ".cts", ".mjs", ".cjs", ".vue", ".svelte"],
    skipped: [lineComment, blockComment, regularExpression],
    strings: [quoted("`", { holes: [dollarBraces], lines: "many" }), quoted('"'), quoted("'")],
    joint: plus,
  },
  {
    ids: ["python"],
    endings: [".py", ".pyi"],
    skipped: [hashComment],
    strings: ['"""', "'''", '"', "'"].flatMap((quote): StringForm[] => {
      const lines = quote.length === 3 ? "many" : "one";
      const prefixed = (prefix: string): RegExp => new RegExp(`(?<![\\w])(?:${prefix})${quote}`, "i");
      return [
        quoted(quote, { open: prefixed("fr|rf"), escapes: "none", holes: [braces], lines }),
        quoted(quote, { open: prefixed("f"), holes: [braces], lines }),
        quoted(quote, { open: prefixed("r|br|rb"), escapes: "none", lines }),
        quoted(quote, { lines }),
      ];
    }),
    joint: /(?:\s|\\\n|#[^\n]*\n)*(\+?)(?:\s|\\\n|#[^\n]*\n)*/,
  },
  {
    ids: ["go"],
    endings: [".go"],
    skipped: [lineComment, blockComment, character],
    strings: [quoted("`", { escapes: "none", lines: "many" }), quoted('"')],
    joint: plus,
  },
  {
    ids: ["java"],
    endings: [".java"],
    skipped: [lineComment, blockComment, character],
    strings: [quoted('"""', { lines: "many" }), quoted('"')],
    joint: plus,
  },
  {
    ids: ["kotlin"],
    endings: [".kt", ".kts"],
    skipped: [lineComment, blockComment, character],
    strings: [
      quoted('"""', { escapes: "none", holes: kotlinHoles, lines: "many" }),
      quoted('"', { holes: kotlinHoles }),
    ],
    joint: plus,
  },
  {
    ids: ["csharp"],
    endings: [".cs"],
    skipped: [lineComment, blockComment, character],
    strings: [
      quoted('"""', {
        open: /\$\$("{3,9})/,
        close: sameQuotes,
        escapes: "none",
        holes: [{ kind: "braces", open: /\{\{/ }],
        lines: "many",
      }),
      quoted('"""', { open: /\$("{3,9})/, close: sameQuotes, escapes: "none", holes: [braces], lines: "many" }),
      quoted('"""', { open: /("{3,9})/, close: sameQuotes, escapes: "none", lines: "many" }),
      quoted('"', { open: /(?:\$@|@\$)"/, escapes: "doubled", holes: [braces], lines: "many" }),
      quoted('"', { open: /@"/, escapes: "doubled", lines: "many" }),
      quoted('"', { open: /\$"/, holes: [braces] }),
      quoted('"'),
    ],
    joint: plus,
  },
  {
    ids: ["ruby"],
    endings: [".rb", ".rake"],
    skipped: [/(?<=^|\n)=begin\b[\s\S]*?(?:\n=end\b|$)/, /#(?!\{)[^\n]*/],
    strings: [
      here(/<<[~-]?'([A-Z_a-z]\w*)'/, {}),
      here(/<<[~-]?"?([A-Z]\w*)"?(?!\w)/, { escapes: "backslash", holes: [rubyHole] }),
      quoted('"', { holes: [rubyHole], lines: "many" }),
      quoted("'", { escapes: "quotes-only", lines: "many" }),
    ],
    joint: /[ \t]*(\+?)(?:[ \t]|\\\r?\n|(?<=\+)\s)*/,
  },
  {
    ids: ["php"],
    endings: [".php"],
    skipped: [/(?<![\s\S])(?:(?!<\?)[\s\S])+/, /\?>(?:(?!<\?)[\s\S])*/, lineComment, blockComment, /#(?!\[)[^\n]*/],
    strings: [
      here(/<<<[ \t]*'([A-Za-z_]\w*)'/, {}),
      here(/<<<[ \t]*"?([A-Za-z_]\w*)"?/, { escapes: "backslash", holes: phpHoles }),
      quoted('"', { holes: phpHoles, lines: "many" }),
      quoted("'", { escapes: "quotes-only", lines: "many" }),
    ],
    joint: /\s*(\.)(?!\d)(?:\s|\/\/[^\n]*\n)*/,
  },
  {
    ids: ["rust"],
    endings: [".rs"],
    skipped: [lineComment, blockComment, character],
    strings: [
      quoted('"', { open: /(?<!\w)b?r(#{0,20})"/, close: hashes, escapes: "none", lines: "many" }),
      quoted('"', { lines: "many" }),
    ],
    joint: plus,
  },
];

/** The language of a document; null for one in whose strings nobody looks. */
export function hostLanguageOf(languageId: string, path: string): HostLanguage | null {
  const byId = hostLanguages.find(({ ids }) => ids.includes(languageId));
  if (byId !== undefined) return byId;
  const name = path.toLowerCase();
  return hostLanguages.find(({ endings }) => endings.some((ending) => name.endsWith(ending))) ?? null;
}
