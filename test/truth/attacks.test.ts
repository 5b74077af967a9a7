// The memory of a process in which a file is opened that costs most of what somebody may write: under a gigabyte.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

/** Of those that once took more, or nearly so; `test/truth/attacks.mjs` takes all of them. */
const heaviest = ["a long list beside rows", "a long INSERT"];

it.each(heaviest)(
  "%s",
  (name) => {
    const run = spawnSync(process.execPath, [join(import.meta.dirname, "attacks.mjs"), "--only", name], {
      encoding: "utf8",
    });
    const resident = [...run.stdout.matchAll(/at most (\d+) MB resident/g)].map(([, megabytes]) => Number(megabytes));
    expect(resident, `${run.stdout}${run.stderr}`).toHaveLength(1);
    expect(resident[0]).toBeGreaterThan(100);
    expect(resident[0]).toBeLessThan(1_000);
  },
  120_000,
);
