/** What is known of the terminal that a report is read on, and the colours that it takes. */

export interface Terminal {
  /** Characters in a line. */
  readonly columns: number;
  /** Whether it shows colours, and nobody has asked for none (https://no-color.org). */
  readonly colours: boolean;
}

/** A stream of the process, as far as it matters here. */
interface Stream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** The terminal behind a stream; null where it is a file or a pipe. */
export function terminalOf(stream: Stream, variables: Readonly<Record<string, string | undefined>>): Terminal | null {
  if (stream.isTTY !== true) return null;
  const colours = (variables["NO_COLOR"] ?? "") === "" && variables["TERM"] !== "dumb";
  // A terminal that has not been told its size says 0.
  return { columns: stream.columns === undefined || stream.columns <= 0 ? 80 : stream.columns, colours };
}

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 } as const;

export type Colour = keyof typeof codes;

/** The text in a colour, where the terminal has colours. */
export function coloured(text: string, colour: Colour, terminal: Terminal | null): string {
  return terminal?.colours === true ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text;
}

/** How many columns the text takes: two for the wide letters of East Asia, none for marks on the letter before. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += combining.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return width;
}

const combining = /^\p{Mn}$/u;
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u;
