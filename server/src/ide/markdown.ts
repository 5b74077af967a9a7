/** What hovers are written with, in Markdown or as plain text: code, tables, icons, and bars that follow the editor's theme. */

import { lineText, markdownCode, markdownText } from "../text/foreign-text.ts";

export interface MarkdownOptions {
  /** Whether the client shows the text as it is: nothing in it is marked up then, or escaped. */
  readonly plain: boolean;
  /** Whether the client renders `<span style="color:var(--vscode-…)">`. */
  readonly html: boolean;
  /** Whether the client draws `$(icon)`. */
  readonly icons: boolean;
}

/** Text that others wrote, shown as code. */
export function code(text: string, { plain }: MarkdownOptions): string {
  return plain ? lineText(text) : markdownCode(text);
}

/** Text that others wrote, among our own. */
export function words(text: string, { plain }: MarkdownOptions): string {
  return plain ? lineText(text) : markdownText(text);
}

/** `content` is written already, as what the others give. */
export function strong(content: string, { plain }: MarkdownOptions): string {
  return plain ? content : `**${content}**`;
}

/** Another line of the same paragraph. */
export function lineBreak({ plain }: MarkdownOptions): string {
  return plain ? "\n" : "\\\n";
}

/** Of our own sentences with code in backticks: what they are in plain text. */
export function sentence(text: string, { plain }: MarkdownOptions): string {
  return plain ? text.replaceAll("`", "") : text;
}

/**
 * A table; cells are written already, and their bars do not end them; none of them is broken over two lines. Plain text has a
 * line for each row.
 */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  { plain }: MarkdownOptions,
): string {
  if (plain) return rows.map((cells) => cells.filter((cell) => cell !== "").join("  ")).join("\n");
  const line = (cells: readonly string[]): string =>
    // An even number of backslashes before a bar are themselves.
    `| ${cells.map((cell) => unbroken(cell.replace(/(?<!\\)((?:\\\\)*)\|/g, "$1\\|"))).join(" | ")} |`;
  return [line(header), line(header.map(() => ":---")), ...rows.map(line)].join("\n");
}

/** Blanks at which no line ends, but for those inside of tags. */
function unbroken(cell: string): string {
  return cell.replace(/<[^>]*>| /g, (part) => (part === " " ? "\u00a0" : part));
}

export type BarTone = "survives" | "pruned" | "unknown" | "gap" | "partition" | "default";

const tones: Readonly<Record<BarTone, { readonly color: string; readonly glyph: string }>> = {
  survives: { color: "charts-green", glyph: "█" },
  pruned: { color: "disabledForeground", glyph: "░" },
  unknown: { color: "charts-yellow", glyph: "▒" },
  gap: { color: "charts-red", glyph: "╳" },
  partition: { color: "charts-blue", glyph: "█" },
  default: { color: "charts-purple", glyph: "▓" },
};

/** A bar of `width` characters; tones differ by pattern, and in colour where the client can. */
export function bar(tone: BarTone, width: number, options: MarkdownOptions): string {
  const { color, glyph } = tones[tone];
  const glyphs = glyph.repeat(Math.max(1, Math.round(width)));
  // VS Code keeps exactly this form of style and no other.
  return options.html ? `<span style="color:var(--vscode-${color});">${glyphs}</span>` : glyphs;
}

/** An icon with the plain character that stands for it elsewhere. */
export function icon(name: string, plain: string, options: MarkdownOptions): string {
  return options.icons ? `$(${name})` : plain;
}
