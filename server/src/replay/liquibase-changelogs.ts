/** Liquibase's changelogs: the order of SQL files, where XML or YAML does nothing but include them. */

import { addAll } from "../text/long-lists.ts";

type Entry = { readonly kind: "file" | "folder"; readonly path: string };

/** Deeper includes, and more of them, are not followed. */
const mostIncludes = 10_000;

/** A file that may be a changelog. */
interface Changelog {
  readonly path: string;
  readonly text?: string | undefined;
}

/**
 * The order that the changelogs among the lists give; null where none of them is a changelog. Where one has changes of its own,
 * or includes what cannot be found, nobody knows what its files meet: it gives no files.
 */
export function orderByChangelogs(scripts: readonly string[], lists: readonly Changelog[]): readonly string[] | null {
  const changelogs = new Map(
    lists.flatMap(({ path, text = "" }) => (/\bdatabaseChangeLog\b/.test(text) ? [[path, text] as const] : [])),
  );
  if (changelogs.size === 0) return null;
  const files = [...scripts, ...changelogs.keys()];
  const includesOf = new Map([...changelogs].map(([path, text]) => [path, includes(path, text, files)]));
  const included = new Set([...includesOf].flatMap(([path, own]) => (own ?? []).filter((each) => each !== path)));
  const tops = [...changelogs.keys()].filter((path) => !included.has(path));
  const top = tops.length > 1 ? tops.filter((path) => /(?:master|root|main)[^/]*$/i.test(path)) : tops;
  if (top.length !== 1) return [];
  const forward: string[] = [];
  const open = new Set<string>();
  let followed = 0;
  const follow = (path: string): boolean => {
    followed += 1;
    if (followed > mostIncludes || open.has(path)) return false;
    if (!changelogs.has(path)) {
      // A change that has been run is not run again.
      if (!forward.includes(path)) forward.push(path);
      return true;
    }
    open.add(path);
    const done = includesOf.get(path)?.every(follow) ?? false;
    open.delete(path);
    return done;
  };
  return top.every(follow) ? forward : [];
}

/** The files that a changelog includes, in order; null where it does more, or they are not all there. */
function includes(path: string, text: string, files: readonly string[]): readonly string[] | null {
  const entries = /\.xml$/.test(path) ? entriesOfXml(text) : entriesOfYaml(text);
  if (entries === null) return null;
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const found: string[] = [];
  for (const { kind, path: given } of entries) {
    const name = given.replace(/^classpath\*?:/, "").replace(/^\.?\//, "");
    const own = kind === "file" ? fileCalled(name, folder, files) : filesIn(name, folder, files);
    if (own.length === 0) return null;
    addAll(
      found,
      own.filter((each) => each !== path),
    );
  }
  return found;
}

/** Relative to the changelog, or from a root above all that is known. */
function fileCalled(name: string, folder: string, files: readonly string[]): readonly string[] {
  const relative = joined(folder, name);
  if (files.includes(relative)) return [relative];
  const ends = files.filter((path) => path.endsWith(`/${name}`) || `/${name}`.endsWith(`/${path}`));
  return ends.length === 1 ? ends : [];
}

/** In the order of their paths, as Liquibase compares them: character by character. */
function filesIn(name: string, folder: string, files: readonly string[]): readonly string[] {
  const within = (start: string): readonly string[] => files.filter((path) => path.startsWith(start));
  const wanted = name === "" || name === "." ? "" : `${name.replace(/\/$/, "")}/`;
  const relative = within(joined(folder, wanted));
  if (relative.length > 0) return [...relative].sort(byCharacters);
  const roots = new Set(
    files.flatMap((path) => {
      const parts = path.split("/").slice(0, -1);
      const starts = parts.map((_, index) => `${parts.slice(0, index + 1).join("/")}/`);
      return starts.filter((start) => `/${wanted}`.endsWith(`/${start}`) || `/${start}`.endsWith(`/${wanted}`));
    }),
  );
  const [root] = [...roots].sort((a, b) => b.length - a.length);
  return root === undefined ? [] : [...within(root)].sort(byCharacters);
}

function joined(folder: string, name: string): string {
  const parts: string[] = [];
  for (const part of `${folder}${name}`.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

function byCharacters(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** null where there are changes of its own. */
function entriesOfXml(text: string): readonly Entry[] | null {
  const bare = text.replace(/<!--[\s\S]*?-->/g, "");
  if (/<\s*(?:\w+:)?(?:changeSet|sql|sqlFile)\b/.test(bare)) return null;
  return [...bare.matchAll(/<\s*(?:\w+:)?(include|includeAll)\b([^>]*)>/g)].map(([, word, attributes = ""]) => {
    const attribute = word === "include" ? "file" : "path";
    const path = new RegExp(`\\b${attribute}\\s*=\\s*["']([^"']*)["']`).exec(attributes)?.[1] ?? "";
    return { kind: word === "include" ? "file" : "folder", path };
  });
}

/** Of block style, as everybody writes it; null where there are changes of its own. */
function entriesOfYaml(text: string): readonly Entry[] | null {
  const bare = text.replace(/^\s*#.*$|\s#.*$/gm, "");
  if (/^\s*-?\s*(?:changeSet|sql|sqlFile)\s*:/m.test(bare)) return null;
  return bare.split(/^[ \t]*-[ \t]+/m).flatMap((item): readonly Entry[] => {
    const word = /^(include|includeAll)[ \t]*:/.exec(item)?.[1];
    if (word === undefined) return [];
    const path = /\b(?:file|path)[ \t]*:[ \t]*["']?([^"'\r\n},]*[^"'\r\n},\s])/.exec(item)?.[1] ?? "";
    return [{ kind: word === "include" ? "file" : "folder", path }];
  });
}
