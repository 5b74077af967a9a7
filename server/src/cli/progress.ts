/** How far long work is, on one line of a terminal that goes away when the work ends. */

import { lineText } from "../text/foreign-text.ts";
import type { Terminal } from "./terminal.ts";

export interface Progress {
  /** The next of the things to do is begun; `name` is what people call it. */
  readonly begin: (name: string) => void;
  /** Leaves the terminal as it was. */
  readonly end: () => void;
}

export interface ProgressOptions {
  /** How many things there are to do; null where their names say how far it is. */
  readonly total: number | null;
  /** Of the stream that is written to; null says nothing at all. */
  readonly terminal: Terminal | null;
  readonly write: (text: string) => void;
  /** Milliseconds since any moment. */
  readonly now: () => number;
}

/** Work that is shorter than this is not worth a line. */
const silentMilliseconds = 700;
/** A terminal is written to no more often. */
const pauseMilliseconds = 100;

const clearLine = "\r\u001b[K";

/** Says nothing before the work has taken a while. */
export function createProgress({ total, terminal, write, now }: ProgressOptions): Progress {
  const started = now();
  let lastShown = Number.NEGATIVE_INFINITY;
  let begun = 0;
  let shown = false;
  return {
    begin: (name) => {
      begun++;
      const at = now();
      if (terminal === null || at - started < silentMilliseconds || at - lastShown < pauseMilliseconds) return;
      lastShown = at;
      shown = true;
      const line = `${total === null ? "" : `${begun} of ${total} · `}${lineText(name)}`;
      write(`${clearLine}${line.slice(0, Math.max(0, terminal.columns - 1))}`);
    },
    end: () => {
      if (shown) write(clearLine);
      shown = false;
    },
  };
}
