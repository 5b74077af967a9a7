/** Code that does nothing but compute: it need not be followed for each statement that runs it. */

import { openCode } from "../../catalog/attached-code.ts";
import type { Catalog } from "../../catalog/catalog.ts";
import { functionsNamed, isBuiltinType, operatorsNamed } from "../../catalog/values/builtins.ts";
import type { Uses } from "../../syntax/uses.ts";
import { isKnownHarmless, runsText, testsText } from "./known-functions.ts";

/** Whether all code that belongs to relations only computes: however many there are, they run few functions. */
export function isAllInert(catalog: Catalog): boolean {
  if (catalog.attached.size === 0) return true;
  for (const [key] of catalog.attachedCode.entries()) if (!isInert(catalog, key)) return false;
  return true;
}

/** By the code of a script, which few of its statements change. */
const answers = new WeakMap<Catalog["code"], Map<string, boolean>>();

/** Code that is asked about while it is looked at calls itself, which adds nothing. */
function isInert(catalog: Catalog, key: string): boolean {
  const known = answers.get(catalog.code) ?? new Map<string, boolean>();
  answers.set(catalog.code, known);
  const before = known.get(key);
  if (before !== undefined) return before;
  known.set(key, true);
  const answer = computes(catalog, key);
  // What rests on an answer that was only supposed must not outlive it.
  if (answer) known.set(key, true);
  else known.clear();
  if (!answer) known.set(key, false);
  return answer;
}

function computes(catalog: Catalog, key: string): boolean {
  if (key === openCode) return false;
  const stored = catalog.code.get(key);
  if (stored !== undefined) {
    return stored.every(
      ({ code: { uses, reach, writesUnnamed, raises } }) =>
        reach.kind === "nothing" && writesUnnamed !== true && raises !== true && onlyComputes(catalog, uses),
    );
  }
  const name = key.slice(key.indexOf(" ") + 1);
  if (key.startsWith("operator ")) return operatorsNamed(name).length > 0;
  if (key.startsWith("type ")) return true;
  if (runsText(name) || testsText(name) || name === "set_config") return false;
  return functionsNamed(name).length > 0 || isBuiltinType(name) || isKnownHarmless(catalog, name);
}

function onlyComputes(catalog: Catalog, uses: Uses): boolean {
  if (uses.reads.length + uses.writes.length + uses.executes.length > 0 || uses.settings !== undefined) return false;
  return (
    uses.calls.every((name) => isInert(catalog, `function ${name.at(-1) ?? ""}`)) &&
    uses.operators.every((symbol) => isInert(catalog, `operator ${symbol}`)) &&
    uses.types.every((type) => isInert(catalog, `type ${type}`))
  );
}
