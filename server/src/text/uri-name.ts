/** The name of a file from its URI, for people. */

/** The last part of the path, decoded; as it stands where it is no valid encoding. */
export function fileNameOf(uri: string): string {
  const name = uri.slice(uri.lastIndexOf("/") + 1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
