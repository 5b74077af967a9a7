// The whole way from a text to its findings, as the editor goes it.
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { defaultSettings, readSettings } from "../../server/src/config.ts";
import { finalCatalog, replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { runRules } from "../../server/src/rules/run.ts";
import type { PostgresVersion } from "../../server/src/schemes/scheme.ts";
import { type Document, parseDocument } from "../../server/src/syntax/document.ts";
import { loadExpressionLibrary } from "../../server/src/syntax/expression-text.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import type { Finding } from "../../server/src/text/finding.ts";
import { loadParserForTests } from "../support/parser.ts";

export type Analysed = {
  readonly document: Document;
  readonly steps: readonly Step[];
  readonly findings: readonly Finding[];
};

/** The date that the fixtures take for today unless they say otherwise: before all of their partitions. */
const today = "2020-01-01";

const parser = await loadParserForTests();
const cache = createStatementCache(10_000);
const library = await loadExpressionLibrary();

/** Analyses a text as a world of its own. `settings` are those of the editor, as texts; `previous` shares its steps. */
export function analyse(
  text: string,
  version: PostgresVersion,
  settings: Readonly<Record<string, string>>,
  previous: readonly Step[] = [],
): Analysed {
  const values = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, parsed(value)]));
  const read = readSettings([{ source: "fixture", values: { today, ...values } }]);
  if (read.problems.length > 0) throw new Error(read.problems.map(({ message }) => message).join("; "));
  const { timeZone, pathmanVersion, rules } = { ...defaultSettings, ...read.settings };
  const options = { version, today: read.settings.today, timeZone, pathmanVersion };
  const file = "fixture.sql";
  const document = parseDocument(text, { parser, cache });
  const start = emptyCatalog({ complete: read.settings["schema.complete"], timeZone });
  const { statements, directives } = document;
  const source = { text, reading: { parser, cache } };
  const steps = replay({ file, statements, start, options, previous, source });
  const final = finalCatalog(start, steps);
  const findings = runRules({
    file,
    text,
    statements,
    steps,
    final,
    options,
    reading: { parser, cache, library },
    severities: rules,
    directives,
    startInFile: () => null,
  });
  return { document, steps, findings };
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
