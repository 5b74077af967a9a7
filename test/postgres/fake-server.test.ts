/** No server ends the language server: each message malformed, cut off, endless, out of order, every authentication request. */

import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DatabaseConnection } from "../../server/src/postgres/connection.ts";
import { readPlan } from "../../server/src/pruning/plan.ts";
import {
  answer,
  authentication,
  type FakeServer,
  greetingThen,
  int32,
  message,
  readyForQuery,
  row,
  rowDescription,
  startFakeServer,
} from "./fake-server.ts";
import { connectionTo, never } from "./support.ts";

let fake: FakeServer | undefined;
let connection: DatabaseConnection | undefined;
/** What would have ended the process. */
const escaped: unknown[] = [];
const remember = (error: unknown): void => void escaped.push(error);

beforeEach(() => {
  escaped.length = 0;
  process.on("uncaughtException", remember);
  process.on("unhandledRejection", remember);
});
afterEach(async () => {
  await connection?.close();
  await fake?.close();
  connection = undefined;
  fake = undefined;
  process.off("uncaughtException", remember);
  process.off("unhandledRejection", remember);
});

/** `kind: message` of a request to a server that plays this. */
async function ask(play: (socket: Socket) => void): Promise<string> {
  fake = await startFakeServer(play);
  connection = connectionTo(fake.connectionString, { statementTimeoutMilliseconds: 200, lockTimeoutMilliseconds: 200 });
  const result = await connection.read((session) => session.query("SELECT 1 AS one"), never);
  await new Promise((resume) => setImmediate(resume));
  expect(escaped).toEqual([]);
  return result.ok ? JSON.stringify(result.value) : `${result.problem.kind}: ${result.problem.message}`;
}

describe("while the session begins", () => {
  test.each([
    [2, "Kerberos V5"],
    [6, "SCM credentials"],
    [7, "GSSAPI"],
    [8, "GSSAPI"],
    [9, "SSPI"],
    [4, "authentication method 4"],
    [13, "authentication method 13"],
    [-1, "authentication method -1"],
    [2_147_483_647, "authentication method 2147483647"],
  ])("authentication request %i is refused with its name", async (code, name) => {
    const said = await ask((socket) => socket.write(authentication(code)));
    expect(said).toMatch(/^authentication: 127\.0\.0\.1:\d+: /);
    expect(said).toContain(`the server asks for ${name}, which Partition Lens does not speak`);
  });

  test.each([
    ["SASL without a mechanism", authentication(10, "\0")],
    ["SASL with a mechanism of its own", authentication(10, "OAUTHBEARER\0\0")],
    ["a list of mechanisms that does not end", authentication(10, "SCRAM-SHA-256")],
    ["SASL continued before it began", authentication(11, "r=x,s=y,i=1")],
    ["SASL ended before it began", authentication(12, "v=x")],
    ["SASL that asks for work without end", Buffer.concat([authentication(10, "SCRAM-SHA-256\0\0")])],
    ["an authentication request that is cut off", message("R", Buffer.from([0, 0]))],
    ["a key that is cut off", message("K", Buffer.from([0]))],
    ["a parameter without an end", message("S", "server_version")],
    ["an error without an end", message("E", "SERROR")],
    ["a notice without an end", message("N", "M")],
    ["a message that nobody knows", message("?", "what")],
    ["a message of length 0", message("R", "", 0)],
    ["a message of negative length", message("R", "", -5)],
    ["another protocol", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["nothing but zeros", Buffer.alloc(64)],
  ])("%s ends the connection with a reason", async (_, bytes) => {
    const said = await ask((socket) => {
      socket.write(bytes);
      setTimeout(() => socket.end(), 100);
    });
    expect(said).toMatch(/^(?:authentication|unreachable|died): 127\.0\.0\.1:\d+: \S/);
  });

  test("parameters without end are cut off", async () => {
    const said = await ask((socket) => flood(socket, message("S", `name\0${"x".repeat(50_000)}\0`)));
    expect(said).toContain("the server sends more than 1 MB in one answer");
  });

  test("one message that claims to be two gigabytes long is cut off", async () => {
    const said = await ask((socket) => {
      socket.write(message("S", "", 2_147_483_647));
      flood(socket, Buffer.alloc(65_536, "x"));
    });
    expect(said).toContain("the server sends more than 1 MB in one answer");
  });

  test("a server that is none of PostgreSQL's, or too old, is told so", async () => {
    const said = await ask((socket) => {
      socket.on("data", () => socket.write(answer("server_version_num", "90600")));
      socket.write(Buffer.concat([authentication(0), readyForQuery]));
    });
    expect(said).toBe("unreachable: the server is PostgreSQL 9; Partition Lens reads 10 and later");
  });
});

describe("in the middle of a session", () => {
  const cases: readonly (readonly [string, Buffer])[] = [
    ["a row that is cut off", message("D", Buffer.from([0, 9]))],
    ["a row longer than its message", message("D", Buffer.concat([Buffer.from([0, 1]), int32(1_000_000)]))],
    ["a row that nobody asked for", row("surprise")],
    ["a description that is cut off", message("T", Buffer.from([0, 5, 65]))],
    ["parameters that are cut off", message("t", Buffer.from([0, 5]))],
    ["an end without text", message("C", Buffer.from("SELECT"))],
    ["ready without a state", message("Z")],
    ["an error without fields", message("E", "\0")],
    ["a copy that nobody asked for", message("G", Buffer.from([0, 0, 0]))],
    ["copied data that nobody asked for", message("d", "data")],
    ["a copy both ways", message("W", Buffer.from([0, 0, 0]))],
    ["a notification that is cut off", message("A", int32(1))],
    ["an authentication request, late", authentication(7)],
    ["a SASL request, late", authentication(11, "r=x,s=y,i=1")],
    ["a message of length 1", message("D", "", 1)],
    ["noise", Buffer.from("noise\u0000noise\u00ff", "latin1")],
  ];
  test.each(cases)("%s ends the request and not the process", async (_, bytes) => {
    const said = await ask(
      greetingThen((socket) => {
        socket.write(bytes);
        setTimeout(() => socket.end(), 100);
      }),
    );
    expect(said).toMatch(/^(?:authentication|unreachable|died|rejected): \S/);
  });

  test("rows without end are cut off, and cost no more than their limit", async () => {
    const said = await ask(
      greetingThen((socket) => {
        socket.write(Buffer.concat([message("1"), message("2"), rowDescription("read_only")]));
        flood(socket, row("x".repeat(60_000)));
      }),
    );
    expect(said).toContain("the server sends more than 8 MB in one answer");
  });

  test("a server that says that the transaction may write is asked nothing more", async () => {
    const asked: number[] = [];
    const said = await ask(
      greetingThen((socket, index) => {
        asked.push(index);
        socket.write(answer("read_only", "off"));
      }),
    );
    expect(said).toBe("died: the transaction is not read-only, so nothing is asked of this server");
  });

  test("a plan of 100,000 levels is read like any other", async () => {
    const levels = 100_000;
    const scan = '{"Node Type":"Seq Scan","Relation Name":"t_1","Schema":"public","Alias":"t"}';
    const plan = `[{"Plan":${'{"Node Type":"Subquery Scan","Plans":['.repeat(levels)}${scan}${"]}".repeat(levels)}}]`;
    const json = 114;
    fake = await startFakeServer(
      greetingThen((socket, index) => {
        socket.write(index === 2 ? answer("QUERY PLAN", plan, json) : answer("read_only", "on"));
      }),
    );
    connection = connectionTo(fake.connectionString);
    const read = await connection.read((session) => session.query("EXPLAIN SELECT 1"), never);
    expect(escaped).toEqual([]);
    const reading = read.ok ? readPlan(read.value[0]?.["QUERY PLAN"]) : null;
    expect(reading?.scans).toEqual([{ schema: "public", name: "t_1", alias: "t", append: null, conditions: [] }]);
  });

  test("notices without end while nobody asks end the connection", async () => {
    const said = await ask(
      greetingThen((socket, index) => {
        socket.write(answer("read_only", "on"));
        if (index === 3) flood(socket, message("N", `SNOTICE\0M${"x".repeat(60_000)}\0\0`));
      }),
    );
    expect(said).toBe('[{"read_only":"on"}]');
    await expect.poll(() => connection?.state().kind, { timeout: 240_000 }).toBe("failed");
    expect(escaped).toEqual([]);
  });
});

/** Writes until the other side has had enough. */
function flood(socket: Socket, bytes: Buffer): void {
  const more = (): void => {
    while (!socket.destroyed && socket.writable && socket.write(bytes));
  };
  socket.on("drain", more);
  more();
}
