/** Messages as JSON over standard output, of which parts may have been written out before. */

import { type Message, StreamMessageWriter } from "vscode-languageserver/node";
import type { Turns } from "../text/turns.ts";
import { nextTurn, resultInTurns } from "./turns.ts";

/** By the value; as long as somebody has it. */
const written = new WeakMap<object, string>();
const writers = new WeakMap<object, () => string>();

/** Says how the value reads as JSON, which is asked where it is sent so: over other ways than standard output nobody writes it out. */
export function noteWriter(value: object, write: () => string): void {
  writers.set(value, write);
}

/** The value as JSON; for one that is often sent, it is written out once. Nothing is beyond ASCII, so that it is copied and not encoded. */
export function jsonOf(value: object): string {
  const known = written.get(value);
  if (known !== undefined) return known;
  const json = asciiJson(value);
  written.set(value, json);
  return json;
}

function asciiJson(value: unknown): string {
  const json = JSON.stringify(value);
  const ascii = json.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  // What was made of a string with two bytes for each character has two bytes too, and so has all that it is joined with.
  return ascii === json ? json : Buffer.from(ascii, "latin1").toString("latin1");
}

/** The message as JSON; a result of which somebody has said how it reads is written by them. */
export function messageJson(message: Message): string {
  if ("result" in message && typeof message.result === "object" && message.result !== null) {
    const { result, ...rest } = message;
    const json = writers.get(message.result)?.();
    if (json !== undefined) return `${JSON.stringify(rest).slice(0, -1)},"result":${json}}`;
  }
  return JSON.stringify(message);
}

/** Writes messages to the stream, which nobody else may write to: what is said on the console goes to standard error. */
export function createMessageWriter(stream: NodeJS.WritableStream): StreamMessageWriter {
  return new StreamMessageWriter(stream, {
    contentTypeEncoder: {
      name: "application/json",
      encode: async (message, { charset }) => {
        if (!isLong(message)) return Buffer.from(messageJson(message), charset);
        return resultInTurns(bytesInTurns(message, charset), { now: () => performance.now(), nextTurn });
      },
    },
  });
}

/** A result with more members than this, those within others counted too, is written out in turns. */
const mostAtOnce = 2_000;

/** Characters that are encoded in one go. */
const encodedAtOnce = 65_536;

function isLong(message: Message): boolean {
  if (!("result" in message) || typeof message.result !== "object" || message.result === null) return false;
  return !writers.has(message.result) && membersUpTo(message.result, mostAtOnce) > mostAtOnce;
}

/** How many members the value and those within it have; no more are counted than that many and one. */
function membersUpTo(value: unknown, most: number): number {
  if (typeof value !== "object" || value === null || most < 1) return 1;
  let members = 1;
  for (const member of Array.isArray(value) ? value : Object.values(value)) {
    members += membersUpTo(member, most - members);
    if (members > most) break;
  }
  return members;
}

function* bytesInTurns(message: Message, charset: BufferEncoding): Turns<Buffer> {
  const bytes: Buffer[] = [];
  let json = "";
  for (const piece of jsonPieces(message)) {
    json += piece;
    if (json.length < encodedAtOnce) continue;
    bytes.push(Buffer.from(json, charset));
    json = "";
    yield;
  }
  bytes.push(Buffer.from(json, charset));
  return Buffer.concat(bytes);
}

/** Members that are written by one call. */
const membersOfPiece = 200;

/** What `JSON.stringify` gives, piece by piece; of plain data, which may be of any depth. */
export function* jsonPieces(value: unknown): Generator<string, void> {
  const open: { readonly members: Iterator<readonly [before: string, value: unknown]>; readonly end: string }[] = [];
  const begin = (one: unknown): string => {
    if (typeof one !== "object" || one === null || membersUpTo(one, membersOfPiece) <= membersOfPiece)
      return JSON.stringify(one) ?? "null";
    const isList = Array.isArray(one);
    open.push({ members: (isList ? itemsOf(one) : fieldsOf(one)).values(), end: isList ? "]" : "}" });
    return isList ? "[" : "{";
  };
  yield begin(value);
  for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
    const { done, value: member } = last.members.next();
    if (done === true) {
      open.pop();
      yield last.end;
    } else yield member[0] + begin(member[1]);
  }
}

type Members = readonly (readonly [before: string, value: unknown])[];

function itemsOf(list: readonly unknown[]): Members {
  return list.map((item, index) => [index === 0 ? "" : ",", item]);
}

function fieldsOf(record: object): Members {
  return Object.entries(record)
    .filter(([, member]) => member !== undefined)
    .map(([name, member], index) => [`${index === 0 ? "" : ","}${JSON.stringify(name)}:`, member]);
}
