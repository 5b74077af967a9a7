// Opens and edits each of the attacks, in a process of its own: how long the longest turn is, and how much memory is taken.
// Usage: node test/truth/attacks.mjs [--only NAME] [--scale 1] [--profile FILE], which also shows where the longest turns went

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { parseArgs } from "node:util";
import { attacks } from "./attacks.ts";
import { longStatementsForTests, megabytesInUse, openFilesForTests } from "./soak.ts";
import { workDuring } from "./turn-profile.ts";
import { watchTurns } from "./turn-watch.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    scale: { type: "string", default: "1" },
    profile: { type: "string" },
    /** The one attack of this process. */
    alone: { type: "string" },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
const uri = "file:///attack.sql";

const names = Object.keys(attacks).filter((name) => values.only === undefined || name.includes(values.only));
if (values.alone === undefined)
  for (const name of names)
    spawnSync(process.execPath, [...process.argv.slice(1), "--alone", name], { stdio: "inherit" });
else await attack(values.alone);

async function attack(name: string): Promise<void> {
  const elsewhere = longStatementsForTests();
  const session = new Session();
  if (values.profile !== undefined) {
    session.connect();
    await session.post("Profiler.enable");
    await session.post("Profiler.setSamplingInterval", { interval: 250 });
    await session.post("Profiler.start");
  }
  const { size, text: make } = attacks[name] as (typeof attacks)[string];
  const files = await openFilesForTests({ elsewhere: elsewhere.read });
  const text = make(Math.round(size * Number(values.scale)));
  const before = await megabytesInUse();
  const resident = mostResident();
  const looks: string[] = [];
  const turns: { readonly what: string; readonly from: number; readonly to: number }[] = [];
  const look = async (what: string, act: () => void): Promise<void> => {
    const watch = await watchTurns();
    const work = async (): Promise<string> => {
      act();
      await files.checkedAnalysisOf(uri);
      await files.lensesOf(uri);
      return "";
    };
    const problem = await work().catch((error: Error) => ` ${error.stack?.slice(0, 300)}`);
    const { all, longest, from, to } = await watch.end();
    turns.push({ what, from, to });
    looks.push(`${what}: ${all.toFixed(0)} ms, longest turn ${longest.toFixed(0)} ms${problem}`);
  };
  await look("open", () => files.open(uri, 0, text, "sql"));
  const at = text.length >> 1;
  await look("edit", () => files.change(uri, 1, [() => ({ range: { start: at, end: at }, newText: "1" })]));
  const megabytes = (await megabytesInUse()) - before;
  say(
    `${name} (${(text.length / 1000).toFixed(0)} kB): ${looks.join("; ")}; ${megabytes.toFixed(0)} MB, at most ${mostResident()} MB resident, ${resident} of them before`,
  );
  files.close(uri);
  if (values.profile !== undefined) {
    const { profile } = await session.post("Profiler.stop");
    writeFileSync(values.profile, JSON.stringify(profile));
    for (const { what, from, to } of turns) say(`  the longest turn of ${what}:\n${workDuring(profile, from, to)}`);
  }
  await elsewhere.close();
}

function mostResident(): string {
  return (process.resourceUsage().maxRSS / 1024).toFixed(0);
}
