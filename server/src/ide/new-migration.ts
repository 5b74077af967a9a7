/** A new migration behind the last one of a chain: its name after the pattern of the others, and the parts that its tool wants. */

import type { MigrationTool, WritingStyle } from "../syntax/migration-tools.ts";

export interface NewMigrationInput {
  /** null where nobody knows who runs the files. */
  readonly tool: MigrationTool | null;
  /** The path of the last file that runs forward, from the root of the chain on. */
  readonly newest: string;
  readonly newestText: string;
  /** The paths of all files of the chain. */
  readonly paths: readonly string[];
  /** What it does, in words: they become part of its name. */
  readonly title: string;
  /** ISO date and time, in UTC. */
  readonly now: string;
  readonly up: string;
  /** What undoes it; null where no statement does. */
  readonly down: string | null;
}

/** The files, the one that runs forward first; and what is left for the person to do, as a sentence, or null. */
export interface NewMigration {
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly note: string | null;
}

/** The migration; null where the names of the others show no pattern to follow. */
export function newMigration(input: NewMigrationInput): NewMigration | null {
  const { tool, newest } = input;
  const slug = slugOf(input.title);
  const folder = newest.slice(0, newest.lastIndexOf("/") + 1);
  const name = newest.slice(folder.length);
  const note = tool?.writing?.note?.(slug) ?? null;
  if (tool?.list?.format === "sqitch") return sqitchChange(input, slug, folder, note);
  const inFolder = /^(?:up|migration)\.sql$/.test(name) ? folderName(folder, input) : null;
  if (inFolder !== null) {
    const own = `${inFolder}${separatorOf(folder)}${slug}/`;
    return { files: pairOf(`${own}${name}`, `${own}down.sql`, input), note };
  }
  const next = nextName(name, slug, input);
  if (next === null) return null;
  if (/\.up\.sql$/.test(name)) {
    const up = `${folder}${next}.up.sql`;
    return { files: pairOf(up, up.replace(/\.up\.sql$/, ".down.sql"), input), note };
  }
  const style = tool?.writing?.style ?? null;
  return { files: [{ path: `${folder}${next}.sql`, text: inSections(style, input) }], note };
}

/** The file that undoes stands beside the other, where others have one. */
function pairOf(up: string, down: string, input: NewMigrationInput): NewMigration["files"] {
  const forward = { path: up, text: input.up };
  const hasDown = input.paths.some((path) => /(?:^|[/.])down\.sql$/.test(path));
  return hasDown ? [forward, { path: down, text: undoing(input) }] : [forward];
}

function sqitchChange(input: NewMigrationInput, slug: string, folder: string, note: string | null): NewMigration {
  const revert = folder.replace(/(^|\/)deploy\//, "$1revert/");
  const psql = (sql: string): string => (/^BEGIN;$/m.test(sql) ? sql : `BEGIN;\n\n${sql.trimEnd()}\n\nCOMMIT;\n`);
  return {
    files: [
      { path: `${folder}${slug}.sql`, text: psql(input.up) },
      { path: `${revert}${slug}.sql`, text: psql(undoing(input)) },
    ],
    note,
  };
}

function undoing({ down }: NewMigrationInput): string {
  return down ?? "-- What is done there, no statement undoes: see the comments above it.\n";
}

function inSections(style: WritingStyle | null, input: NewMigrationInput): string {
  const { up, title } = input;
  if (style === null) return up;
  const author = /^--[ \t]*changeset[ \t]+(\S+?):/im.exec(input.newestText)?.[1] ?? "me";
  const head = style.up.replaceAll("{author}", author).replaceAll("{id}", slugOf(title)).replaceAll("{title}", title);
  const opening = head === "" ? "" : `${head}\n`;
  if (style.down === null) return `${opening}${up}`;
  if ("each" in style.down) {
    const { each } = style.down;
    const lines = input.down === null ? [] : input.down.trimEnd().split("\n");
    return `${opening}${up}${lines.map((line) => `${each}${line}\n`).join("")}`;
  }
  return `${opening}${up}\n${style.down.line}\n${undoing(input)}`;
}

/** `V11__append_sales`, `20260102030405_append_sales`: without the ending. */
function nextName(name: string, slug: string, input: NewMigrationInput): string | null {
  const pattern = /^([vV]?)(\d+(?:[._-]\d+)*)(__|[._ -]*)(.*?)(?:\.up)?\.sql$/.exec(name);
  if (pattern === null) return null;
  const [, letter = "", version = "", separator = "", rest = ""] = pattern;
  const next = nextVersion(version, input);
  const joint = separator === "" || separator === "." ? "_" : separator;
  return rest === "" ? `${letter}${next}` : `${letter}${next}${joint}${slug}`;
}

function folderName(folder: string, input: NewMigrationInput): string | null {
  const own = folder.split("/").at(-2) ?? "";
  const version = /^\d+(?:[._-]\d+)*/.exec(own)?.[0];
  if (version === undefined) return null;
  const above = folder.slice(0, folder.length - own.length - 1);
  return `${above}${nextVersion(version, input)}`;
}

function separatorOf(folder: string): string {
  const own = folder.split("/").at(-2) ?? "";
  return /^\d+(?:[._-]\d+)*([_-])/.exec(own)?.[1] ?? "_";
}

/** The time in the same spelling where the last version is one; else the next number. */
function nextVersion(version: string, { now }: NewMigrationInput): string {
  const digits = version.replace(/\D/g, "");
  const time = now.replace(/\D/g, "");
  if (/^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])/.test(digits) && digits.length >= 8) {
    const fresh = digits.length > 14 ? time.padEnd(digits.length, "0") : time;
    const later = fresh.slice(0, digits.length);
    return later > digits ? respelled(version, later) : increment(version);
  }
  if (/^1\d{9}$/.test(version)) return later(String(Math.floor(Date.parse(now) / 1000)), version);
  if (/^1\d{12}$/.test(version)) return later(String(Date.parse(now)), version);
  return increment(version);
}

function later(fresh: string, version: string): string {
  return fresh > version ? fresh : increment(version);
}

/** Other digits between the same marks. */
function respelled(version: string, digits: string): string {
  let at = 0;
  return version.replace(/\d/g, () => digits[at++] ?? "0");
}

/** The last number is one more, as wide as it was. */
function increment(version: string): string {
  return version.replace(/\d+$/, (last) => String(BigInt(last) + 1n).padStart(last.length, "0"));
}

/** Longer names are cut. */
const longestSlug = 50;

function slugOf(title: string): string {
  const words = title.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words.join("_").slice(0, longestSlug).replace(/_+$/, "") || "partitions";
}
