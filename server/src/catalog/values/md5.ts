/** The MD5 digest (RFC 1321), as `md5()` gives it: keys that spread texts evenly are made of it. */

import { hexOfUtf8 } from "./scalar.ts";

/** Of the bytes of a text in UTF-8; lower-case hexadecimal digits. */
export function md5OfText(text: string): string {
  return md5(hexOfUtf8(text));
}

/** Of bytes as hexadecimal digits. */
export function md5(hex: string): string {
  const length = hex.length / 2;
  const words = new Int32Array(16 * (Math.floor((length + 8) / 64) + 1));
  const setByte = (at: number, byte: number): void => {
    words[at >> 2] = (words[at >> 2] ?? 0) | (byte << (8 * (at % 4)));
  };
  for (let at = 0; at < length; at++) setByte(at, Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16));
  setByte(length, 0x80);
  words[words.length - 2] = length * 8;
  let state: readonly [number, number, number, number] = [0x67452301, -0x10325477, -0x67452302, 0x10325476];
  for (let block = 0; block < words.length; block += 16) {
    const mixed = mixBlock(state, words.subarray(block, block + 16));
    state = [
      (state[0] + mixed[0]) | 0,
      (state[1] + mixed[1]) | 0,
      (state[2] + mixed[2]) | 0,
      (state[3] + mixed[3]) | 0,
    ];
  }
  return state.map(littleEndian).join("");
}

const shifts = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const sines = Array.from({ length: 64 }, (_, index) => Math.floor(Math.abs(Math.sin(index + 1)) * 2 ** 32) | 0);

function mixBlock(
  start: readonly [number, number, number, number],
  words: Int32Array,
): readonly [number, number, number, number] {
  let [a, b, c, d] = start;
  for (let step = 0; step < 64; step++) {
    const round = step >> 4;
    const [mix, place] =
      round === 0
        ? [(b & c) | (~b & d), step]
        : round === 1
          ? [(d & b) | (~d & c), (5 * step + 1) % 16]
          : round === 2
            ? [b ^ c ^ d, (3 * step + 5) % 16]
            : [c ^ (b | ~d), (7 * step) % 16];
    const sum = (a + mix + (sines[step] ?? 0) + (words[place] ?? 0)) | 0;
    const shift = shifts[4 * round + (step % 4)] ?? 0;
    [a, d, c, b] = [d, c, b, (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0];
  }
  return [a, b, c, d];
}

function littleEndian(word: number): string {
  return [0, 8, 16, 24].map((shift) => ((word >>> shift) & 0xff).toString(16).padStart(2, "0")).join("");
}
