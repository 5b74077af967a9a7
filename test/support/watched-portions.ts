// Watches the portions of work that pauses: each has to be given what is of itself, in each attempt.
import { watchPortions } from "../../server/src/text/portions.ts";

interface WatchedPortions {
  /** Where a portion was taken whose number was another one's in the attempt before: the one and the other. */
  readonly mixedUp: readonly (readonly [before: string, now: string])[];
  readonly end: () => void;
}

/** So many calls around it tell a portion from others; those of an attempt are no more than these. */
const mostCalls = 24;

/** Goes on until its end. */
export function watchedPortions(): WatchedPortions {
  const mixedUp: (readonly [string, string])[] = [];
  watchPortions((before) => {
    const now = placeOfCall();
    if (typeof before === "string" && before !== now && mixedUp.length < 10) mixedUp.push([before, now]);
    return now;
  });
  return { mixedUp, end: () => watchPortions(null) };
}

/** The calls that lead to the portion, from within the attempt. */
function placeOfCall(): string {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = mostCalls;
    Error.prepareStackTrace = (_, calls) =>
      calls.map((call) => ({
        place: `${call.getFileName()?.replace(/^.*\/server\//, "")}:${call.getLineNumber()}:${call.getColumnNumber()}`,
        name: call.getFunctionName() ?? "",
      }));
    const calls = new Error("here").stack as unknown as readonly { readonly place: string; readonly name: string }[];
    const attempt = calls.findIndex(({ name }) => /^(goOn|allInPortions)$/.test(name));
    return calls
      .slice(2, attempt === -1 ? calls.length : attempt)
      .map(({ place, name }) => `${name} ${place}`)
      .join("\n");
  } finally {
    Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  }
}
