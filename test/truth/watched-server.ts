// Loaded in front of a server that is watched: tells whoever started it how long its longest turns were, and what they were spent on.
import type { Profiler } from "node:inspector";
import { Session } from "node:inspector/promises";
import { workDuring } from "./turn-profile.ts";
import { type TurnWatch, watchTurns } from "./turn-watch.ts";

/** What it is told: to begin, or to end and answer. */
export type Order = { readonly order: "begin"; readonly profile: boolean } | { readonly order: "end" };

/** What it answers to the end. */
export interface Watched {
  /** Milliseconds of processor time. */
  readonly longest: number;
  readonly all: number;
  /** Where the longest turn went; empty without a profile. */
  readonly work: string;
}

let watch: TurnWatch | null = null;
let session: Session | null = null;

async function begin(profile: boolean): Promise<void> {
  if (profile) {
    session = new Session();
    session.connect();
    await session.post("Profiler.enable");
    await session.post("Profiler.setSamplingInterval", { interval: 250 });
    await session.post("Profiler.start");
  }
  watch = await watchTurns();
}

async function end(): Promise<Watched> {
  const { longest, all, from, to } = (await watch?.end()) ?? { longest: 0, all: 0, from: 0, to: 0 };
  let profile: Profiler.Profile | null = null;
  if (session !== null) {
    profile = (await session.post("Profiler.stop")).profile;
    session.disconnect();
    session = null;
  }
  return { longest, all, work: profile === null ? "" : workDuring(profile, from, to) };
}

process.on("message", (given: Order) => {
  const answer = given.order === "begin" ? begin(given.profile) : end();
  void answer.then((watched) => process.send?.(watched ?? null));
});
