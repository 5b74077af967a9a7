/** Where every file starts: in its chain, from the schema of the workspace where it makes none of its own, or from nothing. */

import { type Catalog, findRelation } from "../catalog/catalog.ts";
import type { Settings } from "../config.ts";
import { type Chain, partsOfChain } from "../ide/chain.ts";
import {
  chooseSource,
  dumpsAmong,
  filesToRead,
  isDumpText,
  isWholeSchema,
  placesAmong,
  type SchemaChoice,
  type SchemaSource,
} from "../ide/schema-source.ts";
import type { ScriptPart } from "../ide/schema-statements.ts";
import { createStartOver } from "../ide/start-over.ts";
import { lookAtTables, tablesOf } from "../ide/tables-of-file.ts";
import type { WorldFor } from "../ide/worlds.ts";
import { compareNaturally } from "../replay/migration-order.ts";
import type { ReplayOptions } from "../replay/replay.ts";
import { configurationTable } from "../schemes/extensions.ts";
import type { Document } from "../syntax/document.ts";
import type { Reading } from "../syntax/read-statement.ts";
import { globMatcherInTurns, mostGlobs, untakenGlobs } from "../text/globs.ts";
import type { Turns } from "../text/turns.ts";
import { canonicalUri, decodedPath } from "./canonical-uri.ts";
import { type ChainInFolder, type Chains, detects } from "./chains.ts";
import { type QueryFile, queryFilesWith } from "./query-files.ts";

export interface WorkspaceSchemaOptions {
  readonly chains: Chains;
  readonly reading: Reading;
  readonly folders: () => readonly string[];
  readonly settingsFor: (uri: string) => Settings;
  readonly replayOptions: (settings: Settings) => ReplayOptions;
  readonly worldFor: WorldFor;
  /** URIs of the files below a folder that the globs name. */
  readonly findFiles: (folder: string, globs: readonly string[]) => Promise<readonly string[]>;
  readonly readFile: (uri: string) => Promise<string | null>;
  /** What was picked in earlier sessions: keys, by folder. */
  readonly picks: Readonly<Record<string, string>>;
  /** The document of an open file as far as it has been read; null else. */
  readonly documentRead: (uri: string) => Document | null;
  readonly inTurns: <Result>(work: Turns<Result, unknown>) => Promise<Result>;
  readonly log: (line: string) => void;
}

/** What is said of the schema that a file starts from. */
export interface SourceOfFile {
  /** `24 migrations in db/migrate`; null where the file stands on its own. */
  readonly label: string | null;
  /** The tables that the file names and nobody knows, as it writes them. */
  readonly unknown: readonly string[];
  /** What people may pick from, where there are several. */
  readonly choices: readonly { readonly key: string; readonly label: string; readonly chosen: boolean }[];
}

/** A schema of the workspace as it is at its end. */
export interface NamedSchema {
  readonly key: string;
  /** `24 migrations in db/migrate` */
  readonly label: string;
  readonly catalog: Catalog;
  /** What made it, statement by statement. */
  readonly parts: () => readonly ScriptPart[];
  readonly holds: (uri: string) => boolean;
}

export interface WorkspaceSchema {
  /** All schemas of the workspace, by folder; they are looked for and replayed as far as that is not done. */
  readonly all: () => Promise<readonly NamedSchema[]>;
  /** What to wait for before `startOf` is known without much work; null where there is nothing to wait for. */
  readonly prepare: (uri: string) => Promise<void> | null;
  /** The one answer to where a file starts. */
  readonly startOf: (uri: string, document: Document | null) => Catalog;
  /** What runs before the file: of its chain, or all of the chain whose end it starts from. */
  readonly partsBefore: (uri: string) => readonly ScriptPart[];
  /** The chain that the file belongs to; null for one that belongs to none. */
  readonly memberOf: (uri: string) => Chain | null;
  /** What the chain of a file leaves; of a file that nothing comes after, what it leaves itself, which is `final`. */
  readonly endOf: (uri: string, final: Catalog) => Promise<Catalog>;
  /** The chain that the file belongs to, or whose end it starts from. */
  readonly chainBehind: (uri: string) => Chain | null;
  readonly sourceOf: (uri: string) => SourceOfFile;
  /** The files that nobody has opened, hold the word, and start from the chain behind this file. */
  readonly queryFiles: (uri: string, word: string) => Promise<readonly QueryFile[]>;
  /** Whether what the second file holds decides where the first one starts. */
  readonly restsOn: (uri: string, other: string) => boolean;
  /** Remembers what people pick for the files of a folder; null forgets it. */
  readonly pick: (folder: string, key: string | null) => void;
  /** Looks again at what lies in the folders of these files; true where that is another schema for some file. */
  readonly refresh: (uris: readonly string[]) => Promise<boolean>;
}

interface Source extends SchemaSource {
  readonly chain: ChainInFolder;
}

interface FolderIndex {
  /** null once it is known. */
  reading: Promise<void> | null;
  sources: readonly Source[];
}

/** To look at the tables of so many times some hundred statements takes less time than to wait. */
const mostPausesLeftOut = 8;

export function createWorkspaceSchema(options: WorkspaceSchemaOptions): WorkspaceSchema {
  const { chains } = options;
  const indexes = new Map<string, FolderIndex>();
  const picks = new Map(
    Object.entries(options.picks)
      .slice(0, mostPicks)
      .map(([folder, key]) => [canonicalUri(folder), key]),
  );
  const startOver = createStartOver(options.reading);

  const folderOf = (uri: string): string | null =>
    options
      .folders()
      .filter((folder) => fileUriOf(uri).startsWith(`${folder}/`))
      .sort((a, b) => b.length - a.length)[0] ?? (uri.startsWith("untitled:") ? (options.folders()[0] ?? null) : null);

  const sourceAt = (kind: Source["kind"], chain: ChainInFolder, key = chain.key): Source => ({
    key,
    kind,
    folder: chain.folder,
    chain,
    creates: () => new Set(chain.current().forward.flatMap(({ document }) => [...tablesOf(document).created])),
  });

  const readIndex = async (folder: string): Promise<readonly Source[]> => {
    const settings = options.settingsFor(folder);
    const declared = chains.declared(folder);
    if (declared !== null) return [sourceAt("declared", declared)];
    const sources: Source[] = [];
    if (detects(settings)) {
      const uris = await options.findFiles(folder, ["**/*.sql"]);
      const sorted = [...uris].sort(compareNaturally);
      const read = filesToRead(sorted);
      const texts = new Map<string, string>();
      for (const uri of read) texts.set(uri, (await options.readFile(uri)) ?? "");
      const byFolder = new Map([...texts].map(([uri, text]) => [uri.slice(0, uri.lastIndexOf("/")), text]));
      for (const layouts of placesAmong(sorted, (own) => byFolder.get(own) ?? "")) {
        const chain = await chains.look(layouts);
        if (chain !== null && !sources.some(({ key }) => key === chain.key)) sources.push(sourceAt("chain", chain));
      }
      const named = new Set(dumpsAmong(sorted));
      for (const [uri, text] of texts) if (isDumpText(text)) named.add(uri);
      for (const uri of named) {
        if (sources.some(({ chain }) => chain.holds(uri))) continue;
        const chain = await chains.readList(uri.slice(0, uri.lastIndexOf("/")), [uri]);
        const document = chain?.current().forward[0]?.document;
        if (chain !== null && document !== undefined && isWholeSchema(document)) sources.push(sourceAt("dump", chain));
      }
    }
    for (const line of untakenGlobs(settings["schema.files"], "schema.files")) options.log(line);
    const files = await listedFiles(folder, settings["schema.files"]);
    const listed = files.length === 0 ? null : await chains.readList(folder, files);
    return listed === null ? sources : [...sources, sourceAt("files", listed, "files")];
  };

  /** In the order of the globs, and of the names where one names several. */
  const listedFiles = async (folder: string, globs: readonly string[]): Promise<readonly string[]> => {
    if (globs.length === 0) return [];
    const files = [...(await options.findFiles(folder, globs))].sort(compareNaturally);
    const paths = files.map((uri) => decodedPath(uri.slice(folder.length + 1)));
    return options.inTurns(
      (function* (): Turns<readonly string[]> {
        const found = new Set<string>();
        for (const glob of globs.slice(0, mostGlobs)) {
          const matches = yield* globMatcherInTurns([glob]);
          for (const [index, uri] of files.entries()) if (matches(paths[index] ?? "")) found.add(uri);
          yield;
        }
        return [...found];
      })(),
    );
  };

  const indexOf = (folder: string): FolderIndex => {
    const known = indexes.get(folder);
    if (known !== undefined) return known;
    const index: FolderIndex = { reading: null, sources: [] };
    indexes.set(folder, index);
    index.reading = readIndex(folder).then(
      (sources) => {
        index.sources = sources;
        index.reading = null;
      },
      (error: unknown) => {
        // Whoever asks next reads again.
        indexes.delete(folder);
        throw error;
      },
    );
    return index;
  };

  const nothing: SchemaChoice<Source> = { source: null, choices: [] };

  /** What the file starts from, if it makes no schema of its own and belongs to no chain. */
  const choiceFor = (uri: string, document: Document | null): SchemaChoice<Source> => {
    const folder = folderOf(uri);
    if (folder === null || document === null || chains.chainOf(uri) !== null) return nothing;
    const { restsOnOthers, used } = tablesOf(document);
    const index = indexes.get(folder);
    if (!restsOnOthers || index === undefined) return nothing;
    const sources = index.sources.filter(({ chain }) => !chain.holds(uri));
    const file =
      uri.startsWith(`${folder}/`) || fileUriOf(uri).startsWith(`${folder}/`) ? fileUriOf(uri) : `${folder}/x`;
    return chooseSource(file, folder, used, sources, picks);
  };

  const startOf = (uri: string, document: Document | null): Catalog => {
    const settings = options.settingsFor(uri);
    const own = chains.chainOf(uri)?.startOf(uri);
    if (own != null) return own;
    const { source } = choiceFor(uri, document);
    if (source === null || document === null) return options.worldFor(settings, document === null ? [] : [document]);
    return startOver(source.chain.current().end(), document, options.replayOptions(settings));
  };

  const replaySource = (uri: string): Promise<void> | null => {
    const { source } = choiceFor(uri, options.documentRead(uri));
    const work = source?.chain.current().endInTurns();
    if (work === undefined || work.next().done === true) return null;
    return options.inTurns(work);
  };

  const chainBehind = (uri: string): Chain | null =>
    chains.chainOf(uri) ?? choiceFor(uri, options.documentRead(uri)).source?.chain.current() ?? null;

  return {
    all: async () => {
      const schemas: NamedSchema[] = [];
      for (const folder of options.folders()) {
        const index = indexOf(folder);
        await index.reading;
        for (const source of index.sources) {
          await options.inTurns(source.chain.current().endInTurns());
          const { key, chain } = source;
          const current = chain.current();
          schemas.push({
            key,
            label: labelOf(source, folder),
            catalog: current.end(),
            parts: () => partsOfChain(current),
            holds: chain.holds,
          });
        }
      }
      return schemas;
    },
    prepare: (uri) => {
      const document = options.documentRead(uri);
      const folder = folderOf(uri);
      if (document === null || folder === null || chains.chainOf(uri) !== null) return null;
      const prepared = (): Promise<void> | null => {
        if (!tablesOf(document).restsOnOthers) return null;
        const { reading } = indexOf(folder);
        return reading === null ? replaySource(uri) : reading.then(() => replaySource(uri) ?? undefined);
      };
      // Of most files this ends before the first pause.
      const look = lookAtTables(document);
      for (let pauses = 0; pauses < mostPausesLeftOut; pauses++) if (look.next().done === true) return prepared();
      return options.inTurns(look).then(() => prepared() ?? undefined);
    },
    startOf,
    partsBefore: (uri) => {
      if (chains.chainOf(uri) !== null) return chains.partsBefore(uri);
      const chain = chainBehind(uri);
      return chain === null ? [] : partsOfChain(chain);
    },
    memberOf: chains.chainOf,
    endOf: async (uri, final) => {
      const chain = chains.chainOf(uri);
      const place = chain?.forward.findIndex(({ file }) => file === uri) ?? -1;
      if (chain === null || place < 0 || place === chain.forward.length - 1) return final;
      const work = chain.endInTurns();
      if (work.next().done !== true) await options.inTurns(work);
      return chain.end();
    },
    chainBehind,
    sourceOf: (uri) => {
      const document = options.documentRead(uri);
      const { source, choices } = choiceFor(uri, document);
      const folder = folderOf(uri) ?? "";
      const start = startOf(uri, document);
      const isMember = chains.chainOf(uri) !== null;
      const unknown =
        document === null || isMember
          ? []
          : tablesOf(document).used.filter(
              (name) => findRelation(start, name) === null && configurationTable(start, name) === null,
            );
      return {
        label: source === null ? null : labelOf(source, folder),
        unknown: unknown.map(({ schema, name }) => (schema === null ? name : `${schema}.${name}`)),
        choices: choices.map((each) => ({ key: each.key, label: labelOf(each, folder), chosen: each === source })),
      };
    },
    queryFiles: async (uri, word) => {
      const chain = chainBehind(uri);
      const folder = folderOf(uri);
      if (chain === null || folder === null) return [];
      await indexOf(folder).reading;
      const isLeftOut = (other: string): boolean =>
        options.documentRead(other) !== null || chains.chainOf(other) !== null;
      const files = await queryFilesWith(word, folder, isLeftOut, options);
      return files.filter(({ uri: other, document }) => choiceFor(other, document).source?.chain.current() === chain);
    },
    restsOn: (uri, other) => {
      const chain = chains.chainOf(uri) ?? chainBehind(uri);
      return chain?.documentOf(other) != null;
    },
    pick: (folder, key) => {
      if (key === null) picks.delete(folder);
      else if (picks.size < mostPicks) picks.set(folder, key);
    },
    refresh: async (uris) => {
      let isOther = false;
      for (const [folder, index] of [...indexes]) {
        if (!uris.some((uri) => uri.startsWith(`${folder}/`))) continue;
        const before = JSON.stringify(index.sources.map(({ key }) => key));
        await index.reading;
        const sources = await readIndex(folder);
        isOther ||= JSON.stringify(sources.map(({ key }) => key)) !== before;
        index.sources = sources;
      }
      return isOther;
    },
  };
}

/** More folders are not remembered. */
const mostPicks = 1_000;

function labelOf({ kind, chain }: Source, root: string): string {
  const count = chain.current().forward.length;
  const folder = decodedPath(chain.folder === root ? "" : chain.folder.slice(root.length + 1));
  const where = folder === "" ? "" : ` in ${folder}`;
  if (kind === "dump") return decodedPath(nameOf(chain.current().forward[0]?.file ?? "")) + where;
  const noun = kind === "files" ? "file" : "migration";
  return `${count} ${noun}${count === 1 ? "" : "s"}${where}`;
}

function nameOf(uri: string): string {
  return uri.slice(uri.lastIndexOf("/") + 1);
}

function fileUriOf(uri: string): string {
  return uri.replace(/^untitled:(?=\/)/, "file://");
}
