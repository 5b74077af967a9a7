/** The SQL files of a workspace that nobody has opened and that name something: read when somebody asks, and not kept. */

import type { Document } from "../syntax/document.ts";
import { parseDocumentInTurns } from "../syntax/document.ts";
import type { Reading } from "../syntax/read-statement.ts";
import type { Turns } from "../text/turns.ts";

export interface QueryFilesOptions {
  readonly reading: Reading;
  readonly findFiles: (folder: string, globs: readonly string[]) => Promise<readonly string[]>;
  readonly readFile: (uri: string) => Promise<string | null>;
  readonly inTurns: <Result>(work: Turns<Result, unknown>) => Promise<Result>;
}

export interface QueryFile {
  readonly uri: string;
  readonly document: Document;
}

/** More files are not read for one question. */
const mostFiles = 2_000;
/** UTF-16 code units; longer files are data. */
const longestText = 1_000_000;
/** More files are not parsed. */
const mostNamed = 200;

/** The SQL files below the folder whose text holds the word, but for those that are left out. */
export async function queryFilesWith(
  word: string,
  folder: string,
  isLeftOut: (uri: string) => boolean,
  options: QueryFilesOptions,
): Promise<readonly QueryFile[]> {
  const wanted = word.toLowerCase();
  const uris = (await options.findFiles(folder, ["**/*.sql"])).filter((uri) => !isLeftOut(uri));
  const found: QueryFile[] = [];
  for (const uri of uris.slice(0, mostFiles)) {
    if (found.length >= mostNamed) break;
    const text = (await options.readFile(uri)) ?? "";
    if (text.length > longestText || !text.toLowerCase().includes(wanted)) continue;
    found.push({ uri, document: await options.inTurns(parseDocumentInTurns(text, options.reading)) });
  }
  return found;
}
