/** Learns what the files of a chain do, one file after the other: what is behind a statement that has to be run waits for it. */

import type { Learned } from "../replay/learned.ts";
import { type Chain, partsOfChain } from "./chain.ts";
import { wantsLearning } from "./learning.ts";
import type { ScriptPart } from "./schema-statements.ts";

export interface ChainLearning {
  readonly create: (learned: Learned, previous: Chain | null) => Chain;
  /** What is known by now. */
  readonly learned: () => Learned;
  /** Tries what there is to learn in the parts; whether more is known then. */
  readonly learn: (parts: readonly ScriptPart[]) => Promise<boolean>;
}

/** The chain with all that can be learned of it. No file is replayed before everything is known of those in front of it. */
export async function learnedChain({ create, learned, learn }: ChainLearning): Promise<Chain> {
  let chain = create(learned(), null);
  for (let count = 1; count <= chain.forward.length; count += 1) {
    while (wantsMore(chain, count) && (await learn(partsOfChain(chain, count)))) chain = create(learned(), chain);
  }
  return chain;
}

/** Whether the last of so many files does something that only a run tells; the parts in front of it are not made to see that. */
function wantsMore({ world }: Chain, count: number): boolean {
  return world.fileAt(count - 1)?.steps.some((step) => step.run.direction === "up" && wantsLearning(step)) === true;
}
