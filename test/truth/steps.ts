/** Prints the steps and the catalog of a script whose world is complete, in a database of the C collation. */

import { readFileSync } from "node:fs";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { printCatalog } from "../../server/src/catalog/print.ts";
import type { PostgresVersion } from "../../server/src/effects/outcome.ts";
import { printSteps } from "../../server/src/replay/print.ts";
import { finalCatalog, replay } from "../../server/src/replay/replay.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import { readingForTests } from "../support/parser.ts";

const [file = "", version = "18"] = process.argv.slice(2);
const text = readFileSync(file, "utf8");
const reading = await readingForTests();
const start = emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" });
const steps = replay({
  file,
  statements: parseDocument(text, reading).statements,
  start,
  options: { version: Number(version) as PostgresVersion, pathmanVersion: "1.5", today: "2024-06-01" },
  previous: [],
  source: { text, reading },
});
console.log(printSteps(steps, ({ statement }) => text.slice(statement.offset, statement.offset + statement.length)));
console.log(printCatalog(finalCatalog(start, steps)));
