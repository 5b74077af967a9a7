/** The chains and schemas behind the files of a command: those that they belong to, and those that they start from. */

import { stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { unreadScript } from "../ide/chain.ts";
import {
  dumpsAmong,
  filesToRead,
  isDumpText,
  layoutKey,
  placesAmong,
  type SchemaSource,
} from "../ide/schema-source.ts";
import type { ConfigurationFile } from "../replay/flyway-placeholders.ts";
import { filesOfChain, type MigrationLayout, migrationLayoutsOf } from "../replay/migration-layout.ts";
import { type MigrationTool, migrationTools } from "../syntax/migration-tools.ts";
import { globMatcher } from "../text/globs.ts";
import { addAll } from "../text/long-lists.ts";
import { sourceText } from "../text/source-text.ts";
import { bytesOfFile } from "./bounded-bytes.ts";
import { type CommandContext, type SourceFile, textOption, UsageError } from "./command.ts";
import { posixPath } from "./paths.ts";
import { type FolderSettings, filesBelow, inNaturalOrder, readSourceFileAt } from "./source-files.ts";

/** Files that run one after the other. */
export interface ChainOnDisk extends Pick<SchemaSource, "key" | "kind" | "folder"> {
  readonly files: readonly SourceFile[];
  /** The files in which the tool has its settings. */
  readonly configuration: readonly ConfigurationFile[];
  /** Whether they run in this order; else names and lists tell it. */
  readonly ordered: boolean;
}

/** Reads chains, each once. */
export interface ChainReader {
  /** The chain to which a file belongs; null for a file that is none of any. */
  readonly chainOf: (source: SourceFile) => Promise<ChainOnDisk | null>;
  /** What files may start from that make no schema of their own: see `chooseSource`. */
  readonly schemasFor: (source: SourceFile) => Promise<readonly ChainOnDisk[]>;
}

/**
 * `--schema` comes before all else that a folder holds. A source is taken as it has been read, and also where no file of its
 * name exists yet.
 */
export function createChainReader(context: CommandContext, sources: readonly SourceFile[]): ChainReader {
  const known = new Map(sources.map((source) => [pathOf(source), source]));
  const chains = new Map<string, Promise<ChainOnDisk | null>>();
  const schemas = new Map<string, Promise<readonly ChainOnDisk[]>>();
  const named = textOption(context, "schema");
  const said = new Set<string>();

  const once = (key: string, read: () => Promise<ChainOnDisk | null>): Promise<ChainOnDisk | null> => {
    const reading = chains.get(key) ?? read();
    chains.set(key, reading);
    return reading;
  };

  const readGlobs = async (folder: string, globs: readonly string[], settings: FolderSettings) => {
    const matches = globMatcher(globs);
    const below = (path: string): boolean => path.startsWith(`${resolve(folder)}${sep}`);
    const paths = new Set([...(await filesBelow(folder)), ...[...known.keys()].filter(below)]);
    const chosen = [...paths].filter((path) => matches(posixPath(relative(folder, path))));
    return readAll(chosen.sort(inNaturalOrder), settings);
  };

  const readAll = (paths: readonly string[], settings: FolderSettings): Promise<readonly SourceFile[]> =>
    Promise.all(
      paths.map(async (path) => {
        const source = known.get(path);
        const read = source ?? (await readSourceFileAt(path, settings, context));
        if (!read.isUnread) return { ...read, ...settings };
        if (!said.has(path))
          context.environment.complain(`${read.path} is ${read.remark}: what it does is not known\n`);
        said.add(path);
        // Nothing rests on it.
        return { ...read, ...settings, text: unreadScript };
      }),
    );

  const declared = ({ root, settings }: SourceFile): Promise<ChainOnDisk | null> =>
    once(`declared ${root}`, async () => {
      const files = await readGlobs(root, settings["schema.migrations"], { root, settings });
      const configuration = await readConfiguration(root, root, migrationTools);
      return { key: "declared", kind: "declared", folder: posixPath(root), files, configuration, ordered: false };
    });

  const detected = (layout: MigrationLayout, settings: FolderSettings): Promise<ChainOnDisk | null> =>
    once(layoutKey(layout), async () => {
      const read = await readGlobs(layout.root, layout.globs, settings);
      const found = filesOfChain(
        layout,
        read.map((file) => ({ path: posixPath(relative(layout.root, pathOf(file))), text: file.text, file })),
      );
      const files = found.map(({ file }) => file);
      if (files.length === 0) return null;
      const configuration = await readConfiguration(layout.root, settings.root, [layout.tool]);
      return { key: layoutKey(layout), kind: "chain", folder: layout.root, files, configuration, ordered: false };
    });

  const firstOf = async (
    layouts: readonly MigrationLayout[],
    settings: FolderSettings,
    holds: (chain: ChainOnDisk) => boolean,
  ): Promise<ChainOnDisk | null> => {
    for (const layout of layouts) {
      const chain = await detected(layout, settings);
      if (chain !== null && holds(chain)) return chain;
    }
    return null;
  };

  const listed = (kind: "dump" | "files", folder: string, paths: readonly string[], settings: FolderSettings) =>
    once([kind, ...paths].join("\n"), async () => ({
      key: [kind, ...paths].join("\n"),
      kind,
      folder: posixPath(folder),
      files: await readAll(paths, settings),
      configuration: [],
      ordered: true,
    }));

  /** What `--schema` names: the chain that lies there, else all its files in the order of their names. */
  const schemaNamed = async (given: string, settings: FolderSettings): Promise<readonly ChainOnDisk[]> => {
    const path = resolve(context.environment.cwd, given);
    const found = await stat(path).catch(() => null);
    if (found === null) throw new UsageError(`cannot read --schema ${given}: no such file or folder`);
    const files = found.isDirectory() ? (await filesBelow(path)).filter((file) => file.endsWith(".sql")) : [path];
    const chain = found.isDirectory() ? (await chainsAmong(files, settings))[0] : undefined;
    const schema = chain ?? (await listed("files", found.isDirectory() ? path : dirname(path), files, settings));
    if (schema === null || schema.files.length === 0)
      throw new UsageError(`there are no SQL files in --schema ${given}`);
    return [{ ...schema, kind: "declared" }];
  };

  const chainsAmong = async (paths: readonly string[], settings: FolderSettings): Promise<readonly ChainOnDisk[]> => {
    const read = filesToRead(paths.map(posixPath));
    const texts = new Map<string, string>();
    for (const path of read) texts.set(dirname(path), (await textOf(path)) ?? "");
    const found = new Map<string, ChainOnDisk>();
    for (const layouts of placesAmong(paths.map(posixPath), (folder) => texts.get(folder) ?? "")) {
      const chain = await firstOf(layouts, settings, () => true);
      if (chain !== null) found.set(chain.key, chain);
    }
    return [...found.values()];
  };

  const schemasIn = async ({ root, settings }: SourceFile): Promise<readonly ChainOnDisk[]> => {
    const own: FolderSettings = { root, settings };
    if (named !== undefined) return schemaNamed(named, own);
    if (settings["schema.migrations"].length > 0) return existing([await declared({ root, settings } as SourceFile)]);
    const all = (await filesBelow(root)).filter((path) => path.endsWith(".sql"));
    const sources: (ChainOnDisk | null)[] = [];
    if (settings["schema.detectMigrations"]) {
      addAll(sources, await chainsAmong(all, own));
      const dumps = new Set(dumpsAmong(all.map(posixPath)));
      for (const path of filesToRead(all.map(posixPath))) if (isDumpText((await textOf(path)) ?? "")) dumps.add(path);
      for (const path of dumps) sources.push(await listed("dump", dirname(path), [path], own));
    }
    const paths = globbed(root, all, settings["schema.files"]);
    if (paths.length > 0) sources.push(await listed("files", root, paths, own));
    return existing(sources);
  };

  return {
    chainOf: async (source) => {
      const { root, settings, uri } = source;
      if (named !== undefined) {
        const [schema] = await schemaNamed(named, { root, settings });
        if (schema !== undefined && holds(schema, uri)) return schema;
      }
      if (settings["schema.migrations"].length > 0) {
        const chain = await declared(source);
        return chain !== null && holds(chain, uri) ? chain : null;
      }
      if (!settings["schema.detectMigrations"]) return null;
      const layouts = migrationLayoutsOf(posixPath(pathOf(source)), source.text);
      return firstOf(layouts, { root, settings }, (chain) => holds(chain, uri));
    },
    schemasFor: (source) => {
      const reading = schemas.get(source.root) ?? schemasIn(source);
      schemas.set(source.root, reading);
      return reading;
    },
  };
}

/** Longer files are not looked into to find out what they are. */
const longestLookedInto = 64 * 1_048_576;

/** The text of a file; null for one that cannot be read, or is too long. */
async function textOf(path: string): Promise<string | null> {
  const bytes = await bytesOfFile(path, longestLookedInto).catch(() => null);
  return bytes === null ? null : sourceText(bytes).text;
}

/** The settings of the tools, from the folder up to the root: those of the nearest one that has any. */
async function readConfiguration(
  folder: string,
  root: string,
  tools: readonly MigrationTool[],
): Promise<readonly ConfigurationFile[]> {
  const names = tools.flatMap(({ configuration }) => configuration?.files ?? []);
  for (let at = resolve(folder); names.length > 0; at = dirname(at)) {
    const read = await Promise.all(
      names.map(async (name) => ({
        name: basename(name),
        text: await textOf(join(at, name)),
      })),
    );
    const found = read.flatMap(({ name, text }) => (text === null ? [] : [{ name, text }]));
    if (found.length > 0) return found;
    if (at === resolve(root) || dirname(at) === at) break;
  }
  return [];
}

/** In the order of the globs. */
function globbed(root: string, paths: readonly string[], globs: readonly string[]): readonly string[] {
  const found = globs.flatMap((glob) => {
    const matches = globMatcher([glob]);
    return paths.filter((path) => matches(posixPath(relative(root, path))));
  });
  return [...new Set(found)];
}

/** By the files of a chain, which are asked for each of them. */
const urisOf = new WeakMap<ChainOnDisk["files"], ReadonlySet<string>>();

function holds({ files }: ChainOnDisk, uri: string): boolean {
  const uris = urisOf.get(files) ?? new Set(files.map((file) => file.uri));
  urisOf.set(files, uris);
  return uris.has(uri);
}

function existing(chains: readonly (ChainOnDisk | null)[]): readonly ChainOnDisk[] {
  return chains.flatMap((chain) => chain ?? []);
}

function pathOf({ uri }: SourceFile): string {
  return fileURLToPath(uri);
}
