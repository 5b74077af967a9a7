/** Messages as JSON over standard output, of which parts may have been written out before. */

import { type Message, StreamMessageWriter } from "vscode-languageserver/node";

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
      encode: async (message, { charset }) => Buffer.from(messageJson(message), charset),
    },
  });
}
