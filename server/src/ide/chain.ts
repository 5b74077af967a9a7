/** A chain of migrations as one world: what each of its files starts from. */

import type { Catalog } from "../catalog/catalog.ts";
import type { Learned } from "../replay/learned.ts";
import { downSection, orderMigrations } from "../replay/migration-order.ts";
import { createWorld, type ReplayedFile, type World, type WorldFile } from "../replay/world.ts";
import type { Document } from "../syntax/document.ts";
import type { Reading } from "../syntax/read-statement.ts";
import type { Turns } from "../text/turns.ts";
import type { AnalysisOptions } from "./analysis.ts";
import { namesChangedBy } from "./later-changes.ts";
import type { ScriptPart } from "./schema-statements.ts";

export interface ChainFile {
  /** The world's id of the file. */
  readonly file: string;
  /** With `/` between folders, relative to wherever all files of the chain are. */
  readonly path: string;
  readonly document: Document;
}

export interface ChainInput {
  /** In any order. */
  readonly files: readonly ChainFile[];
  /** What the first file starts from. */
  readonly start: Catalog;
  readonly options: AnalysisOptions;
  /** Reads the statements that DO blocks build. */
  readonly reading: Reading;
  /** What DO blocks and the like did where they were run. */
  readonly learned?: Learned | undefined;
  /** The chain before an edit, for what is the same in both. */
  readonly previous: Chain | null;
}

export interface Chain {
  readonly input: ChainInput;
  readonly world: World;
  /** The files that run forward, in order. */
  readonly forward: readonly ChainFile[];
  /** What a file of the chain starts from; null for a file that is none. */
  readonly startOf: (file: string) => Catalog | null;
  /** The work that `startOf` would do, pausing wherever it can. */
  readonly startInTurns: (file: string) => Turns<void, unknown>;
  readonly documentOf: (file: string) => Document | null;
  /** Whether a file that runs after this one may change the table or index of that name. */
  readonly changesLater: (file: string, relation: string) => boolean;
}

/** Orders the files as the migration tools do; they are replayed when somebody asks what one of them starts from. */
export function createChain(input: ChainInput): Chain {
  const byPath = new Map(input.files.map((each) => [each.path, each]));
  const order = orderMigrations(input.files.map(({ path, document }) => ({ path, text: document.text })));
  const forward = order.forward.flatMap((path) => byPath.get(path) ?? []);
  const previous = input.previous !== null && sameOptions(input.previous.input, input) ? input.previous.world : null;
  const world = createWorld({
    files: forward.map((each) => worldFile(each, input.reading)),
    start: input.start,
    options: input.options,
    learned: input.learned,
    previous,
  });
  /** By the file: how many files run before it. */
  const before = new Map(forward.map(({ file }, index) => [file, index]));
  for (const { path, after } of order.apart) {
    const undoing = byPath.get(path);
    const undone = before.get(byPath.get(after ?? "")?.file ?? "");
    if (undoing !== undefined) before.set(undoing.file, undone === undefined ? forward.length : undone + 1);
  }
  const documents = new Map(input.files.map(({ file, document }) => [file, document]));
  return {
    input: { ...input, previous: null },
    world,
    forward,
    startOf: (file) => {
      const count = before.get(file);
      return count === undefined ? null : (world.upTo(count).at(-1)?.end ?? input.start);
    },
    startInTurns: (file) => world.inTurns(before.get(file) ?? 0),
    documentOf: (file) => documents.get(file) ?? null,
    changesLater: (file, relation) => {
      const place = forward.findIndex((each) => each.file === file);
      return place >= 0 && forward.slice(place + 1).some(({ document }) => namesChangedBy(document).has(relation));
    },
  };
}

/** The files that run forward before one of the chain, for who has to run what they say. */
export function partsBefore(chain: Chain, file: string): readonly ScriptPart[] {
  const place = chain.forward.findIndex((each) => each.file === file);
  return partsOf(chain, chain.world.upTo(Math.max(0, place)));
}

/** All files of the chain that run forward. */
export function partsOfChain(chain: Chain): readonly ScriptPart[] {
  return partsOf(chain, chain.world.upTo(chain.forward.length));
}

function partsOf(chain: Chain, files: readonly ReplayedFile[]): readonly ScriptPart[] {
  return files.map((replayed) => {
    const document = chain.documentOf(replayed.file);
    const forward = document === null ? 0 : forwardStatements(document);
    return {
      start: replayed.start,
      steps: replayed.steps.slice(0, forward),
      textOf: ({ statement }) => document?.text.slice(statement.start, statement.end) ?? "",
    };
  });
}

function worldFile({ file, document }: ChainFile, reading: Reading): WorldFile {
  const { statements, text } = document;
  return { file, statements, forward: forwardStatements(document), source: { text, reading } };
}

function forwardStatements({ statements, text }: Document): number {
  const down = downSection(text);
  return down === null ? statements.length : statements.filter(({ start }) => start < down).length;
}

function sameOptions(a: ChainInput, b: ChainInput): boolean {
  const [first, second] = [a.options, b.options];
  return (
    a.start === b.start &&
    first.version === second.version &&
    first.today === second.today &&
    first.pathmanVersion === second.pathmanVersion
  );
}
