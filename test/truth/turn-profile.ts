// What the time between two moments of a profile went on.
import type { Profiler } from "node:inspector";

/** The functions in which most of the time went between the two moments, each with those that it called. */
export function workDuring(
  { nodes, samples = [], timeDeltas = [], startTime }: Profiler.Profile,
  from: number,
  to: number,
): string {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const callers = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const spent = new Map<string, number>();
  let at = startTime;
  for (const [index, sample] of samples.entries()) {
    const delta = timeDeltas[index] ?? 0;
    at += delta;
    if (at < from || at > to) continue;
    const seen = new Set<string>();
    for (let id: number | undefined = sample; id !== undefined; id = callers.get(id)) {
      const { functionName, lineNumber } = byId.get(id)?.callFrame ?? { functionName: "", lineNumber: 0 };
      seen.add(`${functionName || "(anonymous)"}:${lineNumber}`);
    }
    for (const name of seen) spent.set(name, (spent.get(name) ?? 0) + delta / 1000);
  }
  const most = [...spent].sort(([, a], [, b]) => b - a).slice(0, 60);
  return most.map(([name, time]) => `    ${time.toFixed(0)} ms ${name}`).join("\n");
}
