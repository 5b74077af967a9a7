/** Finds and reads the files that a command is given, each with the settings of the nearest partition-lens.json. */

import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { readSettings, type Settings, type SettingsLayer } from "../config.ts";
import { type CommandContext, type SourceFile, textOption, UsageError } from "./command.ts";

const settingsFileName = "partition-lens.json";

/** Endings of the files that are looked at in a folder; a file that is named is read whatever it is called. */
const sqlFile = /\.(?:sql|pgsql|psql|ddl)$/i;
const skippedFolders = new Set(["node_modules", ".git"]);

/** The files in the order given, those of a folder in the order of their names. Throws UsageError where one cannot be read. */
export async function readSourceFiles(context: CommandContext): Promise<readonly SourceFile[]> {
  const { cwd } = context.environment;
  const words = context.words.length === 0 ? ["."] : context.words;
  const paths: string[] = [];
  for (const word of words) paths.push(...(await expand(resolve(cwd, word), word)));
  if (paths.length === 0) throw new UsageError(`there are no SQL files in ${words.join(", ")}`);
  const found = new Map<string, FolderSettings>();
  const files: SourceFile[] = [];
  for (const path of new Set(paths)) {
    const folder = dirname(path);
    const known = found.get(folder) ?? (await settingsFor(folder, context));
    found.set(folder, known);
    files.push(await readSourceFileAt(path, known, context));
  }
  return files;
}

/** With `/` between folders. */
export function posixPath(path: string): string {
  return path.split(sep).join("/");
}

/** Reads exactly one file, for commands that answer about one. */
export async function readSourceFile(context: CommandContext): Promise<SourceFile> {
  const [file, ...others] = context.words.length === 0 ? [] : await readSourceFiles(context);
  if (file === undefined || others.length > 0) throw new UsageError("give exactly one file");
  return file;
}

/** The settings that hold in a folder, and the folder from which they come. */
export interface FolderSettings {
  readonly root: string;
  readonly settings: Settings;
}

/** The settings that hold in a folder: `--setting`, then `--config` or the nearest partition-lens.json above. */
async function settingsFor(folder: string, context: CommandContext): Promise<FolderSettings> {
  const { cwd } = context.environment;
  const file = textOption(context, "config");
  const path = file === undefined ? await findSettingsFile(folder) : resolve(cwd, file);
  const layers: SettingsLayer[] = [context.overrides];
  if (path !== null) layers.push({ source: path, values: parse(await readText(path, path), path) });
  const { settings, problems } = readSettings(layers);
  const [problem] = problems;
  if (problem !== undefined) throw new UsageError(`${problem.source}: ${problem.message}`);
  return { root: path === null ? cwd : dirname(path), settings };
}

/** Reads one file. Throws UsageError where that cannot be done. */
export async function readSourceFileAt(
  path: string,
  { root, settings }: FolderSettings,
  context: CommandContext,
): Promise<SourceFile> {
  const shown = displayPath(context.environment.cwd, path);
  return { path: shown, uri: pathToFileURL(path).href, root, text: await readText(path, shown), settings };
}

async function expand(path: string, word: string): Promise<readonly string[]> {
  const found = await stat(path).catch(() => null);
  if (found === null) throw new UsageError(`cannot read ${word}: no such file or folder`);
  if (!found.isDirectory()) return [path];
  return (await filesBelow(path)).filter((file) => sqlFile.test(file));
}

/** More files below one folder are not looked at: it is no project then, but a disk. */
const mostFiles = 100_000;

/** In natural order of their names. */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  const files: string[] = [];
  await collectFiles(folder, files);
  return files;
}

async function collectFiles(folder: string, files: string[]): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }))) {
    if (files.length >= mostFiles) return;
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !skippedFolders.has(entry.name)) await collectFiles(path, files);
    else if (entry.isFile()) files.push(path);
  }
}

async function findSettingsFile(folder: string): Promise<string | null> {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, settingsFileName);
    if ((await stat(path).catch(() => null))?.isFile() === true) return path;
    if (dirname(at) === at) return null;
  }
}

async function readText(path: string, shown: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).replace(/^\ufeff/, " ");
  } catch (error) {
    throw new UsageError(`cannot read ${shown}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function displayPath(cwd: string, path: string): string {
  const shown = relative(cwd, path);
  return shown.startsWith("..") ? path : shown;
}
