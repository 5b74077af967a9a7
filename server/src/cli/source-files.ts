/** Finds and reads the files that a command is given, each with the settings of the nearest partition-lens.json. */

import { readdir, stat } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { readSettings, type Settings, type SettingsLayer, type SettingsProblem } from "../config.ts";
import { addAll } from "../text/long-lists.ts";
import { type SourceText, sourceText } from "../text/source-text.ts";
import { bytesOfFile, bytesOfStream } from "./bounded-bytes.ts";
import { type CommandContext, type SourceFile, textOption, UsageError } from "./command.ts";
import { displayPath } from "./paths.ts";

const settingsFileName = "partition-lens.json";

/** Endings of the files that are looked at in a folder; a file that is named is read whatever it is called. */
const sqlFile = /\.(?:sql|pgsql|psql|ddl)$/i;
const skippedFolders = new Set(["node_modules", ".git"]);

/** The files in the order given, those of a folder in the order of their names. Throws UsageError where one cannot be read. */
export async function readSourceFiles(context: CommandContext): Promise<readonly SourceFile[]> {
  if (isFromInput(context)) return [await readInputAsFile(context)];
  const { cwd } = context.environment;
  const words = context.words.length === 0 ? ["."] : context.words;
  const paths: string[] = [];
  for (const word of words) addAll(paths, await expand(resolve(cwd, word), word));
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

/** One collator for all names: `localeCompare` with a language and options looks for one at each comparison. */
const { compare: compareNames } = new Intl.Collator("en", { numeric: true });

/** As a folder lists its files, and with each folder among its siblings. */
export function inNaturalOrder(left: string, right: string): number {
  const [a, b] = [left.split(sep), right.split(sep)];
  const at = a.findIndex((part, index) => part !== b[index]);
  return at < 0 ? a.length - b.length : compareNames(a[at] ?? "", b[at] ?? "");
}

/** Reads exactly one file, for commands that answer about one. */
export async function readSourceFile(context: CommandContext): Promise<SourceFile> {
  const isNamed = context.words.length > 0 || isFromInput(context);
  const [file, ...others] = isNamed ? await readSourceFiles(context) : [];
  if (file === undefined || others.length > 0) throw new UsageError("give exactly one file");
  return file;
}

/** Whether the SQL comes from standard input: `--stdin`, or the name that it is to be known by. */
function isFromInput(context: CommandContext): boolean {
  return context.options["stdin"] === true || textOption(context, "stdin-filename") !== undefined;
}

/** Standard input as the file that `--stdin-filename` names: in its chain, and with the settings of its folder. */
async function readInputAsFile(context: CommandContext): Promise<SourceFile> {
  const { cwd, readInput } = context.environment;
  if (context.words.length > 0)
    throw new UsageError(`--stdin reads standard input alone: leave out ${context.words.join(", ")}`);
  const name = textOption(context, "stdin-filename") ?? "<stdin>";
  const path = resolve(cwd, name);
  const { root, settings } = await settingsFor(dirname(path), context);
  const most = mostBytes(settings);
  const bytes = await bytesOfStream(readInput(), most);
  return sourceFile(path, bytes === null ? tooLong(most) : sourceText(bytes), { root, settings }, context);
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
  if (path !== null) layers.push({ source: path, values: parse(await readSettingsText(path), path) });
  const { settings, problems } = readSettings(layers);
  const [problem] = problems;
  if (problem !== undefined) throw new UsageError(`${sourceOf(problem, context)}: ${problem.message}`);
  return { root: path === null ? cwd : dirname(path), settings };
}

/** An option as it was typed, or the file's path. */
function sourceOf({ source, name }: SettingsProblem, context: CommandContext): string {
  const typed = context.options["setting"];
  const words = source === context.overrides.source && Array.isArray(typed) ? typed.map(String) : [];
  const word = words.find((each) => each.startsWith(`${name}=`));
  return word === undefined ? source : `${source} ${word}`;
}

/** Reads one file. Throws UsageError where that cannot be done. */
export async function readSourceFileAt(
  path: string,
  settings: FolderSettings,
  context: CommandContext,
): Promise<SourceFile> {
  const most = mostBytes(settings.settings);
  const shown = displayPath(context.environment.cwd, path);
  return sourceFile(path, (await readText(path, shown, most)) ?? tooLong(most), settings, context);
}

const megabyte = 1_048_576;
/** What the server reads of a migration or a dump. */
const usualBytes = 64 * megabyte;
/** A text of more characters cannot be made. */
const largestBytes = 500 * megabyte;

/** Of more bytes no file is read: what may be analysed takes at most three for each character. */
function mostBytes(settings: Settings): number {
  return Math.min(largestBytes, Math.max(usualBytes, 3 * 1024 * settings["limits.maxFileSizeKb"]));
}

/** What is known of a file that is not read. */
function tooLong(most: number): UnreadText {
  return { text: null, remark: `not read: longer than ${most / megabyte} MB` };
}

interface UnreadText {
  readonly text: null;
  readonly remark: string;
}

function sourceFile(
  path: string,
  { text, remark }: SourceText | UnreadText,
  { root, settings }: FolderSettings,
  context: CommandContext,
): SourceFile {
  const shown = displayPath(context.environment.cwd, path);
  const isUnread = text === null;
  return { path: shown, uri: pathToFileURL(path).href, root, text: text ?? "", isUnread, remark, settings };
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
  for (const entry of entries.sort((a, b) => compareNames(a.name, b.name))) {
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

async function readSettingsText(path: string): Promise<string> {
  const read = await readText(path, path, megabyte);
  if (read === null) throw new UsageError(`${path} is longer than 1 MB: it is no settings file`);
  return read.text;
}

/** null for more bytes than that. */
async function readText(path: string, shown: string, most: number): Promise<SourceText | null> {
  try {
    const bytes = await bytesOfFile(path, most);
    return bytes === null ? null : sourceText(bytes);
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
