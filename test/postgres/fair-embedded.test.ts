/** Scripts share the embedded PostgreSQL, and a slow one of them makes no other wait. */

import { afterEach, expect, test } from "vitest";
import { createEmbeddedPostgres, type EmbeddedPostgres } from "../../server/src/postgres/embedded-planner.ts";
import { createFairEmbedded, type FairOptions } from "../../server/src/postgres/fair-embedded.ts";
import { embeddedOptions, never } from "./support.ts";

let open: EmbeddedPostgres | null = null;
afterEach(() => open?.close());

/** What was created, and what is asked through it. Nothing is ended because it takes its time. */
async function fair(
  options: Partial<FairOptions> = {},
): Promise<{ embedded: EmbeddedPostgres; created: () => number }> {
  const given = { ...(await embeddedOptions()), statementTimeoutMilliseconds: 100_000_000 };
  let count = 0;
  const create = (): EmbeddedPostgres => {
    count++;
    return createEmbeddedPostgres(given);
  };
  open = createFairEmbedded({ create, patienceMilliseconds: 0, mostWaiting: 2, mostWaitingInCommon: 100, ...options });
  return { embedded: open, created: () => count };
}

const slowScript = [{ sql: "CREATE TABLE slow (k int)", roots: [] }];
const otherScript = [{ sql: "CREATE TABLE other (k int)", roots: [] }];
const thirdScript = [{ sql: "CREATE TABLE third (k int)", roots: [] }];
const endless = "SELECT pg_sleep(1000000) AS slept";
const columns = "SELECT attrelid::regclass::text AS name FROM pg_attribute WHERE attname = 'k'";

test("whoever waits for a slow script is answered before it, by another instance", async () => {
  const { embedded, created } = await fair();
  expect(await embedded.read(slowScript, [columns], never)).toEqual({ ok: true, value: [[{ name: "slow" }]] });
  let isSlowDone = false;
  const slow = embedded.read(slowScript, [endless], never).finally(() => {
    isSlowDone = true;
  });
  const others = Array.from({ length: 3 }, () => embedded.read(otherScript, [columns], never));
  for (const answer of await Promise.all(others)) expect(answer).toEqual({ ok: true, value: [[{ name: "other" }]] });
  // Nor does it when it asks again, nor others that come later.
  const again = embedded.read(slowScript, [columns], never);
  expect(await embedded.read(thirdScript, [columns], never)).toEqual({ ok: true, value: [[{ name: "third" }]] });
  expect(isSlowDone).toBe(false);
  expect(created()).toBe(2);
  await embedded.close();
  expect(await again).toMatchObject({ ok: false, problem: { kind: "cancelled" } });
  expect(await slow).toMatchObject({ ok: false });
});

test("of a slow script only so many questions wait; the others are told", async () => {
  const { embedded } = await fair({ mostWaiting: 2 });
  await embedded.read(slowScript, [columns], never);
  void embedded.read(slowScript, [endless], never);
  expect(await embedded.read(otherScript, [columns], never)).toMatchObject({ ok: true });
  const more = Array.from({ length: 4 }, () => embedded.read(slowScript, [columns], never));
  const refused = { ok: false, problem: { kind: "timeout", message: expect.stringContaining("busy") } };
  expect(await Promise.all(more.slice(2))).toMatchObject([refused, refused]);
});

test("of many scripts only so many questions wait for the instance that they share", async () => {
  const { embedded } = await fair({ mostWaitingInCommon: 2, patienceMilliseconds: 100_000_000 });
  const more = Array.from({ length: 5 }, (_, index) =>
    embedded.read(index % 2 === 0 ? slowScript : otherScript, [columns], never),
  );
  const refused = { ok: false, problem: { kind: "timeout", message: expect.stringContaining("busy") } };
  const answered = { ok: true };
  // One runs, and two wait.
  expect(await Promise.all(more)).toMatchObject([answered, answered, answered, refused, refused]);
});

test("scripts that are quick share one instance", async () => {
  const { embedded, created } = await fair({ patienceMilliseconds: 100_000_000 });
  const answers = [slowScript, otherScript, slowScript].map((script) => embedded.read(script, [columns], never));
  expect(await Promise.all(answers)).toMatchObject([{ ok: true }, { ok: true }, { ok: true }]);
  expect(created()).toBe(1);
});
