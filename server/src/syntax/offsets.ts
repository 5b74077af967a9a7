/** From the parser's bytes (trees) and code points (errors) to UTF-16 offsets. */

/** The keys under which a parse tree holds byte offsets. */
const offsetKeys = new Set([
  "location",
  "name_location",
  "stmt_location",
  "list_start",
  "list_end",
  "rexpr_list_start",
  "rexpr_list_end",
]);

/** Whether a tree keeps a place under the key. */
export function isOffsetKey(key: string): boolean {
  return offsetKeys.has(key) || key === "stmt_len";
}

/** Replaces every byte offset in the tree by the UTF-16 offset, in place; costs nothing where the text is ASCII. Returns the tree. */
export function convertTreeOffsets<Tree extends object>(tree: Tree, text: string): Tree {
  if (!isAscii(text)) convertNode(tree as Record<string, unknown>, utf16OffsetsOfBytes(text));
  return tree;
}

/** The UTF-16 offset of the code point with that number. */
export function convertErrorOffset(codePoint: number, text: string): number {
  let offset = 0;
  for (let seen = 0; seen < codePoint && offset < text.length; seen++) {
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  }
  return offset;
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 127) return false;
  return true;
}

/** For each byte of the UTF-8 form the UTF-16 offset of its character, and the end. */
function utf16OffsetsOfBytes(text: string): Uint32Array {
  const offsets = new Uint32Array(text.length * 3 + 1);
  let byte = 0;
  for (let at = 0; at < text.length; ) {
    const codePoint = text.codePointAt(at) ?? 0;
    const length = codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
    offsets.fill(at, byte, byte + length);
    byte += length;
    at += codePoint > 0xffff ? 2 : 1;
  }
  offsets[byte] = text.length;
  return offsets;
}

function convertNode(node: Record<string, unknown>, offsets: Uint32Array): void {
  // The length belongs to the location beside it, so it is converted first.
  const { stmt_len: length, stmt_location: location = 0 } = node;
  if (typeof length === "number" && typeof location === "number") {
    node["stmt_len"] = (offsets[location + length] ?? 0) - (offsets[location] ?? 0);
  }
  for (const [key, value] of Object.entries(node)) {
    if (typeof value === "number") {
      // -1 marks nodes that the grammar made up.
      if (value >= 0 && offsetKeys.has(key)) node[key] = offsets[value] ?? value;
    } else if (Array.isArray(value)) {
      for (const item of value) if (isRecord(item)) convertNode(item, offsets);
    } else if (isRecord(value)) convertNode(value, offsets);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
