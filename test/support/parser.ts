/** The parser for tests: PostgreSQL's grammar as the package brings it. */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createParser, type Parser } from "../../server/src/syntax/parser.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";

let parser: Promise<Parser> | undefined;

/** One parser for all tests of a file. */
export function loadParserForTests(): Promise<Parser> {
  parser ??= readFile(createRequire(import.meta.url).resolve("libpg-query/wasm/libpg-query.wasm")).then(createParser);
  return parser;
}

/** What reading a document needs, with a cache of its own. */
export async function readingForTests(): Promise<Reading> {
  return { parser: await loadParserForTests(), cache: createStatementCache(1_000_000) };
}
