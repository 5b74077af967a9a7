/** One spelling for each file: clients, and Node.js, write the URI of the same path in different ways. */

import { wellFormed } from "../text/well-formed.ts";

/**
 * The URI of a file with its path encoded in one way: what may be plain is plain, a drive letter is small and its colon plain.
 * VS Code writes `file:///c%3A/a%281%29.sql`, Node.js `file:///C:/a(1).sql`, both mean `file:///c:/a(1).sql`. Others stay as they are.
 *
 * @param trueCase gives a path as the disk spells it, where that does not tell large letters from small ones
 */
export function canonicalUri(uri: string, trueCase: (path: string) => string = same): string {
  const parts = /^(file|untitled):(?:\/\/([^/?#]*))?(\/[^?#]*)$/i.exec(uri);
  if (parts === null) return uri;
  const [, scheme = "", authority = "", path = ""] = parts;
  const decoded = decode(path).replace(/^\/([A-Za-z]):(?=\/|$)/, (_, drive: string) => `/${drive.toLowerCase()}:`);
  const encoded = trueCase(decoded).split("/").map(encodeSegment).join("/");
  const place = scheme.toLowerCase() === "file" ? `//${authority.toLowerCase()}` : "";
  return `${scheme.toLowerCase()}:${place}${encoded}`;
}

function same(path: string): string {
  return path;
}

/** A `%` that encodes nothing means itself. */
function decode(path: string): string {
  return path.replace(/(?:%[\da-f]{2})+/gi, (codes) => {
    try {
      return decodeURIComponent(codes);
    } catch {
      return codes.replaceAll("%", "%25");
    }
  });
}

/** A path of a URI in words. Those of schemes that are not ours may hold a `%` that encodes nothing: they stay as they are. */
export function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function encodeSegment(segment: string, index: number): string {
  // Half a surrogate pair is no character, and is encoded as the one that stands for none.
  return index === 1 && /^[a-z]:$/.test(segment) ? segment : encodeURIComponent(wellFormed(segment));
}

/** The members of messages whose text is a URI. */
const uriMembers: ReadonlySet<string> = new Set(["uri", "rootUri", "scopeUri", "oldUri", "newUri", "folder"]);

/** Deeper, no message of ours has a URI. */
const deepest = 8;

/** The same value with each URI in it spelled by the function; the value itself where none is another then. */
export function withUris<Value>(value: Value, spell: (uri: string) => string): Value {
  return spelled(value, spell, 0) as Value;
}

function spelled(value: unknown, spell: (uri: string) => string, depth: number): unknown {
  if (typeof value !== "object" || value === null || depth > deepest) return value;
  const members = Object.entries(value);
  let isOther = false;
  const next = members.map(([key, member]): readonly [string, unknown] => {
    const one = spelledMember(key, member, spell, depth);
    isOther ||= one !== member;
    return [key, one];
  });
  if (!isOther) return value;
  return Array.isArray(value) ? next.map(([, member]) => member) : Object.fromEntries(next);
}

function spelledMember(key: string, member: unknown, spell: (uri: string) => string, depth: number): unknown {
  if (typeof member === "string") return uriMembers.has(key) ? spell(member) : member;
  // The edits of a `WorkspaceEdit` stand under the URIs of their files.
  if (key !== "changes" || !isTable(member)) return spelled(member, spell, depth + 1);
  const edits = Object.entries(member).map(([uri, edit]) => [spell(uri), edit] as const);
  return edits.every(([uri]) => Object.hasOwn(member, uri)) ? member : Object.fromEntries(edits);
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The spellings in which a client names its files, for telling it of them in the same way. */
export interface Spellings {
  /** The canonical form, which is remembered with the spelling. */
  readonly canonical: (uri: string) => string;
  /** A message or an answer with the URIs in it as the client spells them. */
  readonly toClient: <Value>(value: Value) => Value;
}

/** Beyond this number spellings are forgotten; the canonical form is one too. */
const mostSpellings = 10_000;

export function createSpellings(trueCase?: (path: string) => string): Spellings {
  const canonicals = new Map<string, string>();
  const spelled = new Map<string, string>();
  return {
    canonical: (uri) => {
      const known = canonicals.get(uri);
      if (known !== undefined) return known;
      if (canonicals.size >= mostSpellings) canonicals.clear();
      if (spelled.size >= mostSpellings) spelled.clear();
      const canonical = canonicalUri(uri, trueCase);
      canonicals.set(uri, canonical);
      if (canonical !== uri) spelled.set(canonical, uri);
      return canonical;
    },
    // Mostly both spell alike, and there is nothing to look for.
    toClient: (value) => (spelled.size === 0 ? value : withUris(value, (uri) => spelled.get(uri) ?? uri)),
  };
}

/** The path as the disk spells it, where that differs by large and small letters only: a link is left as it is. */
export function inCaseOf(path: string, onDisk: string): string {
  return onDisk !== path && onDisk.toLowerCase() === path.toLowerCase() ? onDisk : path;
}
