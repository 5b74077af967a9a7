/** What was answered last of a file, and what of it holds: most keys leave all findings but one as they are. */

import type { Diagnostic } from "vscode-languageserver/node";
import { jsonOf, noteWriter } from "./written-messages.ts";

/** The diagnostics of a version of a file. */
export interface KeptDiagnostics {
  readonly items: readonly Diagnostic[];
  /** Whether they are those of the version before. */
  readonly isSame: boolean;
}

/**
 * The same diagnostics, of which those that are as they were before are the same objects: so they are written out once, and two answers are
 * the same when their parts are. They are compared from both ends.
 */
export function keepDiagnostics(before: readonly Diagnostic[], now: readonly Diagnostic[]): KeptDiagnostics {
  const items = [...now];
  const shorter = Math.min(before.length, items.length);
  let [first, behind] = [0, 0];
  for (; first < shorter && isSame(before[first], items[first]); first++) items[first] = before[first] as Diagnostic;
  for (; behind < shorter - first && isSame(before.at(-1 - behind), items.at(-1 - behind)); behind++)
    items[items.length - 1 - behind] = before.at(-1 - behind) as Diagnostic;
  return { items, isSame: first === before.length && first === items.length };
}

/** A full report of them, with what it reads as. */
export function fullReport(items: readonly Diagnostic[], resultId: string) {
  const report = { kind: "full" as const, items: [...items], resultId };
  noteWriter(
    report,
    () => `{"kind":"full","items":[${items.map(jsonOf).join(",")}],"resultId":${JSON.stringify(resultId)}}`,
  );
  return report;
}

/** Whether both read the same as JSON; members that stand in another order make them different. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  return (
    keys.length === others.length &&
    keys.every((key, index) => key === others[index] && isSame((a as Plain)[key], (b as Plain)[key]))
  );
}

type Plain = Readonly<Record<string, unknown>>;
