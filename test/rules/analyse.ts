// The whole way from a text to its findings, as the editor goes it.
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { defaultSettings, readSettings } from "../../server/src/config.ts";
import type { PostgresVersion } from "../../server/src/effects/outcome.ts";
import { finalCatalog, replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { runRules } from "../../server/src/rules/run.ts";
import { type Document, parseDocument } from "../../server/src/syntax/document.ts";
import { loadExpressionLibrary } from "../../server/src/syntax/expression-text.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import type { Finding } from "../../server/src/text/finding.ts";
import { loadParserForTests } from "../support/parser.ts";

export type Analysed = {
  readonly document: Document;
  /** The migration in front of it: what stands above `-- the next migration:`. */
  readonly earlier: Document | null;
  readonly steps: readonly Step[];
  readonly findings: readonly Finding[];
};

/** The date that the fixtures take for today unless they say otherwise: before all of their partitions. */
const today = "2020-01-01";

const parser = await loadParserForTests();
const cache = createStatementCache(1_000_000);
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
  const { timeZone, pathmanVersion, partmanVersion, rules } = { ...defaultSettings, ...read.settings };
  const options = { version, today: read.settings.today, timeZone, pathmanVersion, partmanVersion };
  const file = "fixture.sql";
  const reading = { parser, cache };
  const own = ownPart(text);
  const document = parseDocument(own, reading);
  const earlier = own === text ? null : parseDocument(text.slice(0, text.search(nextMigration)), reading);
  const empty = emptyCatalog({ complete: read.settings["schema.complete"], timeZone });
  const start =
    earlier === null
      ? empty
      : finalCatalog(
          empty,
          replay({ file: "earlier.sql", statements: earlier.statements, start: empty, options, previous: [] }),
        );
  const source = { text: own, reading };
  const steps = replay({ file, statements: document, start, options, previous, source });
  const final = finalCatalog(start, steps);
  const findings = runRules({
    file,
    document,
    steps,
    final,
    options,
    reading: { parser, cache, library },
    severities: rules,
    startInFile: () => null,
  });
  return { document, earlier, steps, findings };
}

const nextMigration = /^-- the next migration:$/m;

/** The text with blanks for the migration in front, so that offsets stay. */
function ownPart(text: string): string {
  const at = text.search(nextMigration);
  return at < 0 ? text : text.slice(0, at).replace(/[^\n]/g, " ") + text.slice(at);
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
