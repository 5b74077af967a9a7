/** The parser for tests: PostgreSQL's grammar as the package brings it. */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { loadExpressionLibrary } from "../../server/src/syntax/expression-text.ts";
import { createParser, type Parser } from "../../server/src/syntax/parser.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { type TypedValueReader, typedValueReader } from "../../server/src/syntax/typed-value.ts";

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

const library = await loadExpressionLibrary();

/** What reads typed values where everything of the installation is there. */
export function typedValuesForTests({ parser }: Reading): TypedValueReader {
  return typedValueReader({ parser, library });
}
