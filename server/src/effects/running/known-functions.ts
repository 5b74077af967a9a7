/** Looks up what well-known extensions bring, and which of PostgreSQL's own functions run text. */

import type { Catalog } from "../../catalog/catalog.ts";
import { type KnownExtension, knownExtensions } from "./known-extensions.ts";

/** Whether it is a function of an extension that runs nobody else's code: one that is there, or one that is known by its name. */
export function isKnownHarmless(catalog: Catalog, name: string): boolean {
  const { functions, beginnings } = known();
  const owners = functions.get(name) ?? [];
  if (owners.some(({ extension, common }) => !common || catalog.extensions.has(extension))) return true;
  return beginnings.some((beginning) => beginning.test(name));
}

/** Whether some well-known extension has an operator that looks like that. */
export function isKnownOperator(symbol: string): boolean {
  return known().operators.has(symbol);
}

/** Whether PostgreSQL itself runs the text that one of its functions is given. */
export function runsText(name: string): boolean {
  return textRunners.has(name);
}

const textRunners: ReadonlySet<string> = new Set(
  (
    "query_to_xml query_to_xml_and_xmlschema query_to_xmlschema cursor_to_xml cursor_to_xmlschema table_to_xml " +
    "table_to_xml_and_xmlschema schema_to_xml schema_to_xml_and_xmlschema database_to_xml " +
    "database_to_xml_and_xmlschema ts_stat ts_rewrite"
  ).split(" "),
);

/** Whether it is a function of pgTAP that runs the text it is given, as a test. */
export function testsText(name: string): boolean {
  return textTests.has(name);
}

const textTests: ReadonlySet<string> = new Set(
  (
    "lives_ok throws_ok throws_like throws_ilike throws_matching throws_imatching performs_ok performs_within results_eq " +
    "results_ne set_eq set_ne set_has set_hasnt bag_eq bag_ne bag_has bag_hasnt is_empty isnt_empty row_eq"
  ).split(" "),
);

/** Whether an extension is there of which nobody knows what it brings, or which event triggers. */
export function hasUnknownExtension({ extensions }: Catalog): boolean {
  if (extensions.size === 0) return false;
  const before = asked.get(extensions);
  if (before !== undefined) return before;
  const answer = [...extensions.keys()].some((name) => !Object.hasOwn(knownExtensions, name));
  asked.set(extensions, answer);
  return answer;
}

const asked = new WeakMap<Catalog["extensions"], boolean>();

/** Whether one of the extensions that are there brings the type, operator class, access method or language. */
export function isBrought(
  { extensions }: Catalog,
  what: "types" | "classes" | "methods" | "languages",
  name: string,
): boolean {
  for (const extension of extensions.keys()) {
    const brought = (knownExtensions as Readonly<Record<string, KnownExtension | undefined>>)[extension]?.[what];
    if (brought?.split(" ").includes(name) === true) return true;
  }
  return false;
}

interface Known {
  readonly functions: ReadonlyMap<string, readonly { readonly extension: string; readonly common: boolean }[]>;
  readonly beginnings: readonly RegExp[];
  readonly operators: ReadonlySet<string>;
}

let looked: Known | null = null;

function known(): Known {
  looked ??= lookUpAll();
  return looked;
}

function lookUpAll(): Known {
  const functions = new Map<string, { readonly extension: string; readonly common: boolean }[]>();
  const beginnings: RegExp[] = [];
  const operators = new Set<string>();
  for (const [extension, brought] of Object.entries(knownExtensions)) {
    const common = brought.onlyWhereCreated === true;
    for (const name of wordsOf(brought.functions)) {
      functions.set(name, [...(functions.get(name) ?? []), { extension, common }]);
    }
    if (brought.beginnings !== undefined) beginnings.push(brought.beginnings);
    for (const symbol of wordsOf(brought.operators)) operators.add(symbol);
  }
  return { functions, beginnings, operators };
}

function wordsOf(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split(" ");
}
