/** What of the installation can be loaded: a file that is missing or damaged turns its feature off, and not the server. */

import type { ExpressionLibrary } from "../syntax/expression-text.ts";
import { createRefusingParser, type Parser } from "../syntax/parser.ts";

/** Parts that are loaded from files; each promise rejects where its file is missing or damaged. */
export interface InstalledParts {
  readonly parser: Promise<Parser>;
  readonly library: Promise<ExpressionLibrary>;
}

export interface Installation {
  readonly parser: Parser;
  /** What rewrites expressions; without it none is offered. */
  readonly library: ExpressionLibrary | undefined;
  /** Why no SQL can be read, in a sentence for people; null where it can. */
  readonly unreadable: string | null;
}

const again = "Installing Partition Lens again brings it back.";

/** What people are told where the files of the embedded PostgreSQL are gone. */
export const embeddedMissing = `Partition Lens predicts pruning by itself: the embedded PostgreSQL is missing from its folder. ${again}`;

/** Waits for all parts. Never rejects. */
export async function loadInstallation(parts: InstalledParts): Promise<Installation> {
  const [parser, library] = await Promise.allSettled([parts.parser, parts.library]);
  return {
    parser: parser.status === "fulfilled" ? parser.value : createRefusingParser(),
    library: library.status === "fulfilled" ? library.value : undefined,
    unreadable:
      parser.status === "fulfilled"
        ? null
        : `Partition Lens reads no SQL: libpg-query.wasm in its folder is missing or damaged. ${again}`,
  };
}
