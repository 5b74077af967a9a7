/** `pg`'s connection with its two open ends closed: an exception in the socket's handler, and an answer without an end. */

import { Connection, type ConnectionConfig } from "pg";
import { createMessageFrames } from "./message-frames.ts";

/** Why we ended a connection ourselves; the message is for people. */
export class ConnectionFault extends Error {
  override readonly name = "ConnectionFault";
  /** null where it depends on when it happened. */
  readonly kind: "authentication" | null;

  constructor(message: string, kind: "authentication" | null = null) {
    super(message);
    this.kind = kind;
  }
}

/** The part of a socket that `pg` listens to. */
interface Source {
  on(event: string, listener: (...values: never[]) => void): unknown;
  destroy(error: Error): unknown;
}

/**
 * `pg` reads messages in the handler of the socket's `data`, where whatever it throws (a message that is cut off, an
 * authentication request that it does not know) would end the process; and it keeps all that a server sends. Here either ends
 * the connection, with a reason, and whoever waits for an answer gets that as an error.
 */
export class GuardedConnection extends Connection {
  #received = 0;
  #allowance: number;

  /** `allowance`: the bytes that the server may send until the session begins. */
  constructor(config: ConnectionConfig, allowance: number) {
    super(config);
    this.#allowance = allowance;
  }

  /** What the server sends from now on counts anew; above `bytes` the connection ends. */
  allow(bytes: number): void {
    this.#received = 0;
    this.#allowance = bytes;
  }

  /** `pg` calls this for the socket, and for the encrypted one that takes its place. */
  attachListeners(stream: Source): void {
    const wholeMessages = createMessageFrames();
    const read = (listener: (chunk: Buffer) => void) => (chunk: Buffer) => {
      this.#received += chunk.byteLength;
      if (this.#received > this.#allowance) {
        stream.destroy(new ConnectionFault(`the server sends more than ${megabytes(this.#allowance)} in one answer`));
        return;
      }
      try {
        const messages = wholeMessages(chunk);
        if (messages !== null) listener(messages);
      } catch (error) {
        stream.destroy(faultOf(error));
      }
    };
    const guarded: Pick<Source, "on"> = {
      on: (event, listener) =>
        stream.on(event, event === "data" ? read(listener as (chunk: Buffer) => void) : listener),
    };
    attachOriginal.call(this, guarded);
  }
}

const attachOriginal = (Connection.prototype as unknown as { attachListeners(stream: Pick<Source, "on">): void })
  .attachListeners;

/** The authentication requests of the protocol that `pg` does not answer, by their numbers. */
const otherAuthentication: Readonly<Record<string, string>> = {
  2: "Kerberos V5",
  6: "SCM credentials",
  7: "GSSAPI",
  8: "GSSAPI",
  9: "SSPI",
};

function faultOf(error: unknown): ConnectionFault {
  const message = error instanceof Error ? error.message : String(error);
  const code = /^Unknown authenticationOk message type (-?\d+)$/.exec(message)?.[1];
  if (code === undefined)
    return new ConnectionFault(`the server does not speak PostgreSQL's protocol (${message.slice(0, 200)})`);
  const method = otherAuthentication[code] ?? `authentication method ${code}`;
  return new ConnectionFault(
    `the server asks for ${method}, which Partition Lens does not speak; a password, a client certificate or a local socket would do`,
    "authentication",
  );
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MB`;
}
