// Exceptions are logged, and the same one only once where it may come up at every keystroke.
import { expect, it } from "vitest";
import { createGuard } from "../../server/src/lsp/guard.ts";

it("logs the same exception once", () => {
  const logged: string[] = [];
  const ignore = () => {};
  const { report, reportOnce } = createGuard({
    error: (line) => void logged.push(line.split("\n")[0] ?? ""),
    warn: ignore,
    info: ignore,
  });
  const error = new Error("no");
  for (let time = 0; time < 3; time++) reportOnce("the rule x", error);
  reportOnce("the rule y", error);
  report("a request", error);
  report("a request", error);
  const twice = "a request failed: Error: no";
  expect(logged).toEqual(["the rule x failed: Error: no", "the rule y failed: Error: no", twice, twice]);
});
