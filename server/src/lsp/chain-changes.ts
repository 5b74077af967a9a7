/** Whether files that have changed on disk may be among those of a migration chain. */

import { isConfiguration } from "./tool-configuration.ts";

/** Scripts, and the lists and settings of migration tools. */
const chainFileEnding = /\.(?:sql|plan|json|conf|toml|sum|xml|ya?ml)$/;

/** Whether some of these URIs may be of files, or hold files, of chains that lie in those folders. */
export function mayConcern(uris: readonly string[], folders: readonly string[]): boolean {
  return uris.some((uri) => {
    if (isConfiguration(uri)) return true;
    // Of a folder that goes, comes or is renamed some clients tell nothing but its own name.
    if (folders.some((folder) => folder === uri || folder.startsWith(`${uri}/`))) return true;
    const mayHold = chainFileEnding.test(uri) || mayBeFolder(uri);
    return mayHold && folders.some((folder) => uri.startsWith(`${folder}/`));
  });
}

/** Whether the name is one that folders have and files rarely: with no ending, or that of a version such as `V2.1`. */
function mayBeFolder(uri: string): boolean {
  return /^[^.]*(?:\.\d+)*$/.test(uri.slice(uri.lastIndexOf("/") + 1));
}
