/** A server that speaks PostgreSQL's protocol as badly as a test wants it to: it plays messages, whatever it is asked. */

import { createServer, type Server, type Socket } from "node:net";

export interface FakeServer {
  readonly connectionString: string;
  /** How many connections it has seen. */
  readonly connections: () => number;
  close(): Promise<void>;
}

/** What it does when a connection has sent its first message; `play` writes, and later messages are read and dropped. */
export async function startFakeServer(play: (socket: Socket) => void): Promise<FakeServer> {
  const sockets = new Set<Socket>();
  let seen = 0;
  const server: Server = createServer((socket) => {
    seen++;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.once("data", () => play(socket));
    socket.resume();
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    connectionString: `postgres://someone@127.0.0.1:${port}/shop?sslmode=disable&connect_timeout=5`,
    connections: () => seen,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}

/** A message of the protocol: its letter, its length, its content. */
export function message(letter: string, content: Buffer | string = "", length?: number): Buffer {
  const body = typeof content === "string" ? Buffer.from(content, "latin1") : content;
  const head = Buffer.alloc(5);
  head.write(letter, 0, "latin1");
  head.writeInt32BE(length ?? body.byteLength + 4, 1);
  return Buffer.concat([head, body]);
}

export function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}

/** An authentication request, or with 0 that none is needed. */
export function authentication(code: number, more: Buffer | string = ""): Buffer {
  return message("R", Buffer.concat([int32(code), typeof more === "string" ? Buffer.from(more) : more]));
}

export const readyForQuery = message("Z", "I");
/** `type`: an OID, by default that of text. */
export const rowDescription = (name: string, type = 25): Buffer =>
  message(
    "T",
    Buffer.concat([
      Buffer.from([0, 1]),
      Buffer.from(`${name}\0`),
      Buffer.alloc(4 + 2),
      int32(type),
      Buffer.from([0xff, 0xff]),
      int32(-1),
      Buffer.from([0, 0]),
    ]),
  );

export function row(value: string): Buffer {
  return message("D", Buffer.concat([Buffer.from([0, 1]), int32(Buffer.byteLength(value)), Buffer.from(value)]));
}

/** A whole answer to an extended query of one column and one row. */
export function answer(name: string, value: string, type?: number): Buffer {
  return Buffer.concat([
    message("1"),
    message("2"),
    rowDescription(name, type),
    row(value),
    message("C", "SELECT 1\0"),
    readyForQuery,
  ]);
}

/** Our own client writes whole messages. */
function* lettersOf(messages: Buffer): Generator<string> {
  for (let at = 0; at < messages.byteLength; at += 1 + messages.readUInt32BE(at + 1))
    yield String.fromCharCode(messages[at] ?? 0);
}

/** Greets, says what it is, and then leaves it to `next` what each further message is answered with, from 0 on. */
export function greetingThen(next: (socket: Socket, index: number) => void): (socket: Socket) => void {
  return (socket) => {
    const nothing = Buffer.concat([message("1"), message("2"), message("n"), message("C", "BEGIN\0"), readyForQuery]);
    const says = [answer("server_version_num", "180004"), answer("is_superuser", "off"), nothing, nothing, nothing];
    let index = 0;
    socket.on("data", (chunk: Buffer) => {
      for (const letter of lettersOf(chunk)) {
        // Sync ends an extended query, Query is a simple one.
        if (letter !== "S" && letter !== "Q") continue;
        const said = says.shift();
        if (said !== undefined) socket.write(said);
        else next(socket, index++);
      }
    });
    socket.write(Buffer.concat([authentication(0), message("K", Buffer.concat([int32(7), int32(7)])), readyForQuery]));
  };
}
