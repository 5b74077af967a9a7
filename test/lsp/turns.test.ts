// Many things at once in turns: of none more is begun than there is time for before others are looked after.
import { expect, it } from "vitest";
import { allInTurns } from "../../server/src/lsp/turns.ts";

/** A clock that work moves on, and how much of that is done in the longest turn. */
function watchedTurns() {
  let time = 0;
  let begin = 0;
  const watched = {
    longest: 0,
    work: (milliseconds: number): void => {
      time += milliseconds;
      watched.longest = Math.max(watched.longest, time - begin);
    },
    taking: {
      now: () => time,
      nextTurn: async () => {
        begin = time;
      },
    },
  };
  return watched;
}

const numbers = Array.from({ length: 100 }, (_, index) => index);

it("what each does before and behind its first wait counts", async () => {
  const watched = watchedTurns();
  const { work, taking } = watched;
  const results = await allInTurns(
    numbers,
    async (number) => {
      work(2);
      await null;
      work(2);
      return number * 2;
    },
    new AbortController().signal,
    taking,
  );
  expect(results).toEqual(numbers.map((number) => number * 2));
  expect(watched.longest).toBeLessThanOrEqual(12);
});

it("none waits for another, and none is begun once nobody wants to know", async () => {
  const controller = new AbortController();
  const begun: number[] = [];
  const asked = allInTurns(
    numbers,
    async (number) => {
      begun.push(number);
      if (number === 4) controller.abort();
      await new Promise((resolve) => controller.signal.addEventListener("abort", resolve));
      return number;
    },
    controller.signal,
    watchedTurns().taking,
  );
  setImmediate(() => controller.abort());
  await Promise.race([asked, new Promise((resolve) => setImmediate(resolve))]);
  expect(begun).toEqual([0, 1, 2, 3, 4]);
});

it("one that fails fails all, and nothing else", async () => {
  const fail = async (number: number): Promise<number> => {
    await null;
    if (number === 3) throw new Error("of three");
    return number;
  };
  const asked = allInTurns(numbers, fail, new AbortController().signal, watchedTurns().taking);
  await expect(asked).rejects.toThrow("of three");
});
