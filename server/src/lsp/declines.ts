/** Says in the log why the model claims nothing of statements: once for each of them, when the typing pauses. */

import type { Analysis } from "../ide/analysis.ts";
import { startOfStatement } from "../syntax/document.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import { createLineIndex, positionAt } from "../text/line-index.ts";
import type { Turns } from "../text/turns.ts";
import { type TurnTaking, workInTurns } from "./turns.ts";

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

export interface DeclinesOptions extends TurnTaking {
  readonly log: (line: string) => void;
  readonly onError: (error: unknown) => void;
}

export function createDeclines({ log, onError, ...taking }: DeclinesOptions): Declines {
  const said = new Set<string>();
  /** By file, until it has been said. */
  const considered = new Map<string, { readonly analysis: Analysis; readonly timer: NodeJS.Timeout }>();

  const say = function* ({ file, document, list }: Analysis): Turns<void> {
    if (said.size > mostRemembered) said.clear();
    const fresh = new Map<string, { readonly handle: StatementHandle; readonly reason: string }>();
    for (const { handle, statement, declined } of list.facts()) {
      for (const reason of declined) {
        const key = `${file}\0${statement.hash}\0${reason}`;
        if (!said.has(key) && !fresh.has(key)) fresh.set(key, { handle, reason });
      }
      yield;
    }
    if (fresh.size === 0) return;
    for (const key of fresh.keys()) said.add(key);
    const lines = createLineIndex(document.text);
    for (const { handle, reason } of [...fresh.values()].slice(0, mostLinesPerFile))
      log(`${file}:${positionAt(lines, startOfStatement(document, handle) ?? 0).line + 1}: not decided: ${reason}`);
    const more = fresh.size - mostLinesPerFile;
    if (more > 0) log(`${file}: ${more} more statements are not decided; Show Stage… lists all of them`);
  };

  const sayInTurns = async (analysis: Analysis): Promise<void> => {
    const work = say(analysis);
    const isLatest = (): boolean => considered.get(analysis.file)?.analysis === analysis;
    if (await workInTurns(() => work.next().done === true, isLatest, taking)) considered.delete(analysis.file);
  };

  return {
    consider: (analysis) => {
      clearTimeout(considered.get(analysis.file)?.timer);
      const timer = setTimeout(() => void sayInTurns(analysis).catch(onError), pauseMilliseconds);
      considered.set(analysis.file, { analysis, timer });
    },
    stop: () => {
      for (const { timer } of considered.values()) clearTimeout(timer);
      considered.clear();
    },
  };
}
