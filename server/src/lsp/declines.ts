/** Says in the log why the model claims nothing of statements: once for each of them, when the typing pauses. */

import type { Analysis } from "../ide/analysis.ts";
import { createLineIndex, positionAt } from "../text/line-index.ts";

export interface Declines {
  /** Looks through the analysis after a pause; the latest one of a file counts. */
  readonly consider: (analysis: Analysis) => void;
  readonly stop: () => void;
}

/** After the last change of a file: nobody reads the log while typing. */
const pauseMilliseconds = 1_000;
/** A dump of an extension that nobody knows would fill the log. */
const mostLinesPerFile = 100;
/** Beyond it what was said is forgotten, and may be said again. */
const mostRemembered = 20_000;

export function createDeclines(log: (line: string) => void): Declines {
  const said = new Set<string>();
  const timers = new Map<string, NodeJS.Timeout>();

  const say = ({ file, document, steps }: Analysis): void => {
    if (said.size > mostRemembered) said.clear();
    const fresh = steps.flatMap(({ statement, declined }) =>
      declined.flatMap((reason) => {
        const key = `${file}\0${statement.hash}\0${reason}`;
        if (said.has(key)) return [];
        said.add(key);
        return [{ start: statement.start, reason }];
      }),
    );
    if (fresh.length === 0) return;
    const lines = createLineIndex(document.text);
    for (const { start, reason } of fresh.slice(0, mostLinesPerFile))
      log(`${file}:${positionAt(lines, start).line + 1}: not decided: ${reason}`);
    const more = fresh.length - mostLinesPerFile;
    if (more > 0) log(`${file}: ${more} more statements are not decided; Show Stage… lists all of them`);
  };

  return {
    consider: (analysis) => {
      clearTimeout(timers.get(analysis.file));
      const timer = setTimeout(() => {
        timers.delete(analysis.file);
        say(analysis);
      }, pauseMilliseconds);
      timers.set(analysis.file, timer);
    },
    stop: () => {
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}
