/** Numeric hashes of text: keys that, unlike strings, keep no old version of a document alive. */

/**
 * A hash of 53 bits of `text` between two offsets, mixed with `seed`; two 32-bit mixes (cyrb53). Among a million
 * statements the chance of two equal hashes is below one in ten thousand.
 */
export function hashText(text: string, start = 0, end = text.length, seed = 0): number {
  let high = 0xdeadbeef ^ seed;
  let low = 0x41c6ce57 ^ Math.floor(seed / 0x100000000);
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 0x100000000 * (0x1fffff & low) + (high >>> 0);
}
