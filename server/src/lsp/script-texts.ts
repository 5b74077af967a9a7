/** The texts of the scripts of a chain, and what stands for those that are not read. */

import { unreadScript } from "../ide/chain.ts";
import type { FileOnDisk } from "./chains.ts";
import type { WorkspaceFiles } from "./workspace-files.ts";

/** Files that are read at once. */
const filesAtOnce = 8;

/** More files that are not read are forgotten, and may be said again. */
const mostSaid = 10_000;

/**
 * Reads files until their texts have so many characters together; what is too long for the room that is left is not read, and what it does
 * is not known. The log says so once of each, however often the files are read again. Files that are gone are left out.
 */
export function createScriptTexts(
  disk: Pick<WorkspaceFiles, "readFile" | "isThere">,
  log: (line: string) => void,
): (uris: readonly string[], mostCharacters: number) => Promise<readonly FileOnDisk[]> {
  const said = new Set<string>();

  const unread = (uri: string, why: string): FileOnDisk | null => {
    if (said.size >= mostSaid) said.clear();
    if (!said.has(uri)) log(`${uri} ${why}: what it does is not known`);
    said.add(uri);
    return uri.endsWith(".sql") ? { uri, text: unreadScript } : null;
  };

  const taken = async (uri: string, text: string | null, left: number): Promise<FileOnDisk | null> => {
    if (text !== null && text.length <= left) return { uri, text };
    if (text !== null || left <= 0) return unread(uri, "is too long beside the other migrations");
    return (await disk.isThere(uri)) ? unread(uri, "cannot be read, or is too long") : null;
  };

  return async (uris, mostCharacters) => {
    let left = mostCharacters;
    const read: FileOnDisk[] = [];
    for (let at = 0; at < uris.length; at += filesAtOnce) {
      const some = uris.slice(at, at + filesAtOnce);
      const texts = await Promise.all(some.map((uri) => (left > 0 ? disk.readFile(uri) : null)));
      for (const [index, uri] of some.entries()) {
        const file = await taken(uri, texts[index] ?? null, left);
        if (file === null) continue;
        if (file.text === texts[index]) left -= file.text.length;
        read.push(file);
      }
    }
    return read;
  };
}
