/** Network addresses: `inet`, `cidr`, `macaddr` and `macaddr8` as PostgreSQL reads, orders and prints them. */

import type { Value } from "../value.ts";
import { type Declined, declined, problem, type ValueResult, valueResult } from "./result.ts";

export type NetworkValue = Extract<Value, { readonly family: "network" }>;

/** Abbreviated forms (`10/8`) are declined. */
export function readNetwork(text: string, type: "inet" | "cidr"): ValueResult {
  const [, address = "", bitsText] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const read = address.includes(":") ? readVersion6(address) : readVersion4(address);
  if (typeof read !== "string") {
    if (/[^0-9a-fA-F.:/]/.test(text) || text === "")
      return problem("22P02", `invalid input syntax for type ${type}: "${text}"`);
    return read;
  }
  const size = read.length * 4;
  const bits = bitsText === undefined ? size : Number(bitsText);
  if (bits > size) return problem("22P02", `invalid input syntax for type ${type}: "${text}"`);
  const value: NetworkValue = { family: "network", bits, hex: read };
  if (type === "cidr" && masked(value).hex !== read) {
    return problem("22P02", `invalid cidr value: "${text}"`, { detail: "Value has bits set to right of mask." });
  }
  return valueResult(value);
}

/** The network of an address: what is right of the mask is zero. */
export function masked({ bits, hex }: NetworkValue): NetworkValue {
  const size = BigInt(hex.length * 4);
  const rest = size - BigInt(bits);
  const kept = ((BigInt(`0x${hex}`) >> rest) << rest).toString(16).padStart(hex.length, "0");
  return { family: "network", bits, hex: kept };
}

/** `network_cmp`: version 4 first, then what both masks cover, then the shorter mask, then the rest. */
export function compareNetworks(a: NetworkValue, b: NetworkValue): number {
  if (a.hex.length !== b.hex.length) return a.hex.length - b.hex.length;
  const rest = BigInt(a.hex.length * 4 - Math.min(a.bits, b.bits));
  const [left, right] = [BigInt(`0x${a.hex}`), BigInt(`0x${b.hex}`)];
  const common = compareBigints(left >> rest, right >> rest);
  return common || a.bits - b.bits || compareBigints(left, right);
}

/** Without the mask where it covers the whole address, unless `always`, as cidr and the cast to text have it. */
export function printNetwork({ bits, hex }: NetworkValue, always: boolean): string {
  const address = hex.length === 8 ? printVersion4(hex) : printVersion6(hex);
  return always || bits < hex.length * 4 ? `${address}/${bits}` : address;
}

/** What `hashinet` hashes: the family, the mask, the address. */
export function networkBytes({ bits, hex }: NetworkValue): string {
  return `${hex.length === 8 ? "02" : "03"}${bits.toString(16).padStart(2, "0")}${hex}`;
}

/** The six or eight bytes of a hardware address; other forms than pairs of digits are declined. */
export function readHardwareAddress(text: string, type: "macaddr" | "macaddr8"): ValueResult {
  const trimmed = text.trim();
  const digits = trimmed.replace(/[:.-]/g, "");
  if (/[^0-9a-fA-F]/.test(digits) || digits === "")
    return problem("22P02", `invalid input syntax for type ${type}: "${text}"`);
  const isPaired = /^[0-9a-fA-F]{2}(?:([:-])[0-9a-fA-F]{2}(?:\1[0-9a-fA-F]{2})*)?$/.test(trimmed);
  const isPlain = /^[0-9a-fA-F]+$/.test(trimmed);
  const isInFours = /^[0-9a-fA-F]{4}([.-])[0-9a-fA-F]{4}\1[0-9a-fA-F]{4}$/.test(trimmed);
  const hex = digits.toLowerCase();
  if (!isPaired && !isPlain && !isInFours) return declined("a hardware address in another form");
  if (type === "macaddr")
    return hex.length === 12 ? valueResult({ family: "bytes", hex }) : declined("a hardware address in another form");
  if (hex.length === 16) return valueResult({ family: "bytes", hex });
  if (hex.length !== 12) return declined("a hardware address in another form");
  // As EUI-64 has those of six bytes.
  return valueResult({ family: "bytes", hex: `${hex.slice(0, 6)}fffe${hex.slice(6)}` });
}

export function printHardwareAddress(hex: string): string {
  return (hex.match(/../g) ?? []).join(":");
}

function compareBigints(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function readVersion4(text: string): string | Declined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return declined("an address in another form");
  return parts.map((part) => part.toString(16).padStart(2, "0")).join("");
}

function readVersion6(written: string): string | Declined {
  // The last two groups may stand as an address of version 4.
  const [, start = written, end = ""] = /^(.*:)([\d.]*\.[\d.]*)$/.exec(written) ?? [];
  const last = end === "" ? "" : readVersion4(end);
  if (typeof last !== "string") return last;
  const text = last === "" ? written : `${start}${last.slice(0, 4)}:${last.slice(4)}`;
  const [head = "", tail, ...more] = text.split("::");
  const groups = (part: string): readonly string[] => (part === "" ? [] : part.split(":"));
  const [left, right] = [groups(head), groups(tail ?? "")];
  const count = left.length + right.length;
  const isWhole = more.length === 0 && (tail === undefined ? count === 8 : count < 8);
  if (!isWhole || ![...left, ...right].every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)))
    return declined("an address in another form");
  const zeros = Array.from({ length: 8 - count }, () => "0");
  return [...left, ...zeros, ...right].map((group) => group.toLowerCase().padStart(4, "0")).join("");
}

function printVersion4(hex: string): string {
  return (hex.match(/../g) ?? []).map((part) => Number.parseInt(part, 16)).join(".");
}

/** The longest run of two or more zero groups is left out; what stands for an address of version 4 shows it. */
function printVersion6(hex: string): string {
  const groups = (hex.match(/..../g) ?? []).map((part) => Number.parseInt(part, 16));
  let best = { from: -1, length: 1 };
  for (let from = 0; from < 8; from++) {
    let length = 0;
    while (groups[from + length] === 0) length++;
    if (length > best.length) best = { from, length };
  }
  const isVersion4 = best.from === 0 && (best.length === 6 || (best.length === 5 && groups[5] === 0xffff));
  const shown = groups.map((group) => group.toString(16));
  const last = isVersion4 ? [...shown.slice(0, 6), printVersion4(hex.slice(24))] : shown;
  if (best.from < 0) return last.join(":");
  return `${last.slice(0, best.from).join(":")}::${last.slice(best.from + best.length).join(":")}`;
}
