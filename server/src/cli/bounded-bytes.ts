/** The bytes of files and streams, as far as there is an end to them: a pipe, a link or a device may have none. */

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

/** The bytes of what lies there; null where they are more than so many, which are not read to find that out. Rejects where it cannot be read. */
export async function bytesOfFile(path: string, most: number): Promise<Uint8Array | null> {
  const found = await stat(path);
  if (found.isFile() && found.size > most) return null;
  return bytesOfStream(createReadStream(path), most);
}

/** The same of what is written to a stream: no more of it is read than that. */
export async function bytesOfStream(stream: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > most) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
