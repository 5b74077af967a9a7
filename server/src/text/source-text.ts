/** The text of a file's bytes, and what is to be said of how it is stored. */

export interface SourceText {
  /** Without a byte order mark, which is no part of the text in editors and in psql. */
  readonly text: string;
  /** null for UTF-8 without a NUL. */
  readonly remark: string | null;
}

/** A NUL this near to the start tells bytes from text, as Git looks for one. */
const looksAt = 8000;

/** Reads the bytes as psql reads a script, UTF-8, and with a remark what psql would not read. */
export function sourceText(bytes: Uint8Array): SourceText {
  const utf16 = utf16Encoding(bytes);
  if (utf16 !== null) {
    const text = new TextDecoder(utf16).decode(bytes);
    return { text, remark: "this is UTF-16, which psql does not read: save it as UTF-8" };
  }
  const text = new TextDecoder("utf-8").decode(bytes);
  const nul = bytes.subarray(0, looksAt).indexOf(0);
  return { text, remark: nul < 0 ? null : `this looks like a binary file: byte ${nul + 1} is a NUL` };
}

function utf16Encoding(bytes: Uint8Array): "utf-16le" | "utf-16be" | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : null;
}
