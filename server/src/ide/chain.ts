/** A chain of migrations as one world: what each of its files starts from. */

import type { Catalog } from "../catalog/catalog.ts";
import type { ConfigurationFile } from "../replay/flyway-placeholders.ts";
import type { Learned } from "../replay/learned.ts";
import { migrationToolOf } from "../replay/migration-layout.ts";
import { type MigrationOrder, orderMigrations } from "../replay/migration-order.ts";
import { type Run, runsOf } from "../replay/runs.ts";
import type { Step } from "../replay/step.ts";
import type { StepFacts } from "../replay/step-list.ts";
import { createWorld, type ReplayedFile, type World, type WorldFile } from "../replay/world.ts";
import { type Document, parseDocument, textDocument, textOfStatement } from "../syntax/document.ts";
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
  /** In any order, unless they are said to be in theirs. */
  readonly files: readonly ChainFile[];
  /** Whether the files run in the order in which they are given, all of them; else names and lists tell it. */
  readonly ordered?: boolean | undefined;
  /** The files in which its tool has its settings, each before those that count first. */
  readonly configuration?: readonly ConfigurationFile[] | undefined;
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

/** How a document is run among the files of its chain. */
interface KnownRuns {
  readonly document: Document;
  readonly runs: readonly Run[];
  /** The documents of other files that were asked for, by their paths. */
  readonly beside: readonly (readonly [path: string, document: Document | undefined])[];
}

export interface Chain {
  readonly input: ChainInput;
  /** By the file, of those of which it was asked. */
  readonly knownRuns: ReadonlyMap<string, KnownRuns>;
  readonly world: World;
  /** What ran before a baseline took the place of its files. */
  readonly replacedWorld: World;
  /** The files that run forward, in order. */
  readonly forward: readonly ChainFile[];
  /** The world in which a file runs, and how many files run before it there; null for one that nobody runs. */
  readonly placeOf: (file: string) => PlaceInWorld | null;
  /** What a file of the chain starts from; null for a file that is none. */
  readonly startOf: (file: string) => Catalog | null;
  /** The work that `startOf` would do, pausing wherever it can. */
  readonly startInTurns: (file: string) => Turns<void, unknown>;
  /** What the last file leaves. */
  readonly end: () => Catalog;
  /** The work that `end` would do, pausing wherever it can. */
  readonly endInTurns: () => Turns<void, unknown>;
  readonly documentOf: (file: string) => Document | null;
  /** Whether a file that runs after this one may change the table or index of that name. */
  readonly changesLater: (file: string, relation: string) => boolean;
  /** How a file of the chain is run; null for a file that is none. */
  readonly runsOf: (file: string) => readonly Run[] | null;
}

/** The document of a file of a chain; the lists and settings of tools among them are no SQL. */
export function chainDocument(path: string, text: string, reading: Reading): Document {
  return path.endsWith(".sql") ? parseDocument(text, reading) : textDocument(text);
}

/** What stands for a script that is there and cannot be read: code of which nothing is known, so that nothing rests on it. */
export const unreadScript = "DO $$ BEGIN EXECUTE current_setting('partition_lens.unread'); END $$;";

/** How a file is run of which nothing is known but what it is called and what stands in it. */
export function runsOfFile(file: string, document: Document): readonly Run[] {
  return runsOf(document, migrationToolOf(file, document.content, []), nameOf(file), () => null);
}

interface PlaceInWorld {
  readonly world: World;
  readonly count: number;
}

/** Orders the files as the migration tools do; they are replayed when somebody asks what one of them starts from. */
export function createChain(input: ChainInput): Chain {
  const byPath = new Map(input.files.map((each) => [each.path, each]));
  const order: MigrationOrder =
    input.ordered === true
      ? { forward: input.files.map(({ path }) => path), replaced: [], apart: [] }
      : orderMigrations(input.files.map(({ path, document }) => ({ path, text: document.text })));
  const forward = order.forward.flatMap((path) => byPath.get(path) ?? []);
  const replaced = order.replaced.flatMap((path) => byPath.get(path) ?? []);
  const paths = input.files.map(({ path }) => path);
  const earlierRuns = sameSurroundings(input.previous?.input, input) ? input.previous?.knownRuns : undefined;
  const knownRuns = new Map<string, KnownRuns>();
  const howRun = (each: ChainFile): readonly Run[] => {
    const earlier = earlierRuns?.get(each.file);
    const known =
      knownRuns.get(each.file) ?? (earlier !== undefined && holds(earlier, each) ? earlier : findRuns(each));
    knownRuns.set(each.file, known);
    return known.runs;
  };
  const holds = ({ document, beside }: KnownRuns, each: ChainFile): boolean =>
    document === each.document && beside.every(([path, other]) => byPath.get(path)?.document === other);
  const findRuns = ({ file, path, document }: ChainFile): KnownRuns => {
    const folder = path.slice(0, path.length - nameOf(path).length);
    const tool = migrationToolOf(file, document.content, paths);
    const beside: (readonly [string, Document | undefined])[] = [];
    const textBeside = (name: string): string | null => {
      const other = byPath.get(folder + name)?.document;
      beside.push([folder + name, other]);
      return other?.text ?? null;
    };
    const runs = runsOf(document, tool, nameOf(path), textBeside, input.configuration);
    return { document, runs, beside };
  };
  const previous = input.previous !== null && sameOptions(input.previous.input, input) ? input.previous : null;
  const worldOf = (files: readonly ChainFile[], earlier: World | undefined): World =>
    createWorld({
      files: files.map((each) => worldFile(each, howRun(each), input.reading)),
      start: input.start,
      options: input.options,
      learned: input.learned,
      previous: earlier ?? null,
    });
  const world = worldOf(forward, previous?.world);
  const replacedWorld = worldOf(replaced, previous?.replacedWorld);
  /** By the file: how many files of its world run before it. */
  const before = new Map<string, PlaceInWorld>();
  for (const [files, inWorld] of [
    [forward, world],
    [replaced, replacedWorld],
  ] as const)
    for (const [count, { file }] of files.entries()) before.set(file, { world: inWorld, count });
  for (const { path, after } of order.apart) {
    const undoing = byPath.get(path);
    const undone = before.get(byPath.get(after ?? "")?.file ?? "");
    if (undoing === undefined) continue;
    const place = undone === undefined ? { world, count: forward.length } : { ...undone, count: undone.count + 1 };
    before.set(undoing.file, place);
  }
  const byFile = new Map(input.files.map((each) => [each.file, each]));
  const placeForward = new Map(forward.map(({ file }, place) => [file, place]));
  /** By the name of a table or index: the place of the last file that may change it. Made when somebody asks. */
  let lastChanges: ReadonlyMap<string, number> | null = null;
  return {
    input: { ...input, previous: null },
    knownRuns,
    world,
    replacedWorld,
    forward,
    placeOf: (file) => before.get(file) ?? null,
    startOf: (file) => {
      const place = before.get(file);
      return place === undefined ? null : (place.world.fileAt(place.count - 1)?.end ?? input.start);
    },
    startInTurns: (file) => {
      const { world: inWorld, count } = before.get(file) ?? { world, count: 0 };
      return inWorld.inTurns(count);
    },
    end: () => world.fileAt(forward.length - 1)?.end ?? input.start,
    endInTurns: () => world.inTurns(forward.length),
    documentOf: (file) => byFile.get(file)?.document ?? null,
    changesLater: (file, relation) => {
      const place = placeForward.get(file);
      if (place === undefined) return false;
      lastChanges ??= lastChangesOf(forward);
      return (lastChanges.get(relation) ?? -1) > place;
    },
    runsOf: (file) => {
      const found = byFile.get(file);
      return found === undefined ? null : howRun(found);
    },
  };
}

/** The files that run forward before one of the chain, for who has to run what they say. */
export function partsBefore(chain: Chain, file: string): readonly ScriptPart[] {
  const place = chain.placeOf(file);
  return place === null ? [] : partsOf(chain, place.world.upTo(place.count));
}

/** The files of the chain that run forward; the first so many, without a replay of the others. */
export function partsOfChain(chain: Chain, count = chain.forward.length): readonly ScriptPart[] {
  return partsOf(chain, chain.world.upTo(count));
}

function partsOf(chain: Chain, files: readonly ReplayedFile[]): readonly ScriptPart[] {
  return files.map((replayed) => {
    const document = chain.documentOf(replayed.file);
    return partOfFile(replayed, ({ handle }) => (document === null ? "" : textOfStatement(document, handle)));
  });
}

/** Of a chain of a thousand files few steps are looked at: none is made before. */
function partOfFile({ start, list }: ReplayedFile, textOf: ScriptPart["textOf"]): ScriptPart {
  let steps: readonly Step[] | null = null;
  const forward = (): readonly Step[] => {
    steps ??= list.all().filter(isForward);
    return steps;
  };
  return {
    start,
    get steps() {
      return forward();
    },
    stepAt: (place) => forward()[place],
    *facts() {
      for (const fact of list.facts()) if (isForward(fact)) yield fact;
    },
    textOf,
  };
}

function isForward({ run }: StepFacts): boolean {
  return run.direction === "up";
}

function lastChangesOf(files: readonly ChainFile[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const [place, { document }] of files.entries())
    for (const name of namesChangedBy(document)) places.set(name, place);
  return places;
}

function worldFile({ file, document }: ChainFile, runs: readonly Run[], reading: Reading): WorldFile {
  return { file, statements: document, runs, source: { text: document.content, reading } };
}

/** Whether what tells how a file is run, besides itself, is the same in both chains. */
function sameSurroundings(a: ChainInput | undefined, b: ChainInput): boolean {
  return (
    a !== undefined &&
    a.configuration === b.configuration &&
    a.files.length === b.files.length &&
    a.files.every(({ file, path }, index) => file === b.files[index]?.file && path === b.files[index]?.path)
  );
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function sameOptions(a: ChainInput, b: ChainInput): boolean {
  const [first, second] = [a.options, b.options];
  return (
    a.start === b.start &&
    first.version === second.version &&
    first.today === second.today &&
    first.pathmanVersion === second.pathmanVersion &&
    first.partmanVersion === second.partmanVersion
  );
}
