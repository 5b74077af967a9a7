/** The messages of PostgreSQL's protocol, told apart before anybody reads them: whole ones go on, impossible ones are refused. */

/** Letter and length. */
const headerLength = 5;

/**
 * Takes what arrives and gives the whole messages in it, or null while there is none. Throws where no message of PostgreSQL's
 * looks so. Keeps what is not whole yet; whoever calls limits how much that may be.
 */
export function createMessageFrames(): (chunk: Buffer) => Buffer | null {
  let chunks: Buffer[] = [];
  let held = 0;
  /** So many bytes there must be before it is worth looking again. */
  let needed = headerLength;
  return (chunk) => {
    chunks.push(chunk);
    held += chunk.byteLength;
    if (held < needed) return null;
    const buffer = chunks.length === 1 ? chunk : Buffer.concat(chunks, held);
    let end = 0;
    needed = headerLength;
    while (end + headerLength <= buffer.byteLength) {
      const length = 1 + lengthAt(buffer, end);
      if (end + length > buffer.byteLength) {
        needed = length;
        break;
      }
      check(buffer.subarray(end, end + length));
      end += length;
    }
    const rest = buffer.subarray(end);
    chunks = rest.byteLength === 0 ? [] : [rest];
    held = rest.byteLength;
    return end === 0 ? null : buffer.subarray(0, end);
  };
}

/** It counts itself, and not the letter before it. */
function lengthAt(buffer: Buffer, start: number): number {
  const length = buffer.readUInt32BE(start + 1);
  if (length < 4) throw new Error(`a message of ${length} bytes`);
  return length;
}

const errorResponse = 0x45;
const noticeResponse = 0x4e;

/** Errors and notices are fields up to an empty one; a reader that trusts them would look for that behind the message's end. */
function check(message: Buffer): void {
  const letter = message[0];
  if (letter !== errorResponse && letter !== noticeResponse) return;
  let at = headerLength;
  while (at < message.byteLength && message[at] !== 0) {
    const end = message.indexOf(0, at + 1);
    if (end === -1) break;
    at = end + 1;
  }
  if (at !== message.byteLength - 1 || message[at] !== 0) throw new Error("an error message without an end");
}
