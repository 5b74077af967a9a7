// Globs come from whoever writes the settings of a folder: what they mean, and that none costs more than it is long.
import { expect, it } from "vitest";
import { globMatcher, globMatcherInTurns, mostGlobs, untakenGlobs, wrongInGlob } from "../../server/src/text/globs.ts";

it.each([
  ["migrations/**/*.sql", "migrations/a/b.sql"],
  ["db\\migrations\\V*.sql", "db/migrations/V1.sql"],
  ["{deploy,revert}/**/*.sql", "revert/a/b.sql"],
  ["**/V[0-9]*__*.sql", "x/V12__a.sql"],
  ["src/**/db/**/*.sql", "src/a/db/b/c.sql"],
  ["a+b+c+d+e.sql", "a+b+c+d+e.sql"],
  ["a \\(1\\)+.sql", "a (1)+.sql"],
  ["(old)/a*.sql", "old/ab.sql"],
])("%s matches %s, and nothing else", (glob, path) => {
  expect(wrongInGlob(glob)).toBeNull();
  expect([path, `${path}x`, "other.txt"].map(globMatcher([glob]))).toEqual([true, false, false]);
});

it.each([
  ["(a+)+b", "it has a pattern in parentheses, or a group that is repeated"],
  ["+(+(a))b", "it has a pattern in parentheses, or a group that is repeated"],
  ["a*a*a*a*a*a*b", "it has more than 3 wildcards in one name, or ** in more places"],
  ["{a,aa}+{a,aa}+b", "it has a pattern in parentheses, or a group that is repeated"],
  ["((a)b*)c", "it has a pattern in parentheses, or a group that is repeated"],
  ["[a]+[a]+[a]+[a]+b", "it has more than 3 wildcards in one name, or ** in more places"],
  [`${"**/".repeat(20)}b`, "it has more than 3 wildcards in one name, or ** in more places"],
  ["a".repeat(1_001), "it has more than 1000 characters"],
])("%s is not taken", (glob, why) => {
  expect(wrongInGlob(glob)).toBe(why);
  // With the others it would take hours to see that this is none.
  expect(globMatcher([glob, "b.sql"])("a".repeat(200))).toBe(false);
  expect(globMatcher([glob, "b.sql"])("b.sql")).toBe(true);
});

it("each is read by itself, and no more than so many", () => {
  const globs = Array.from({ length: mostGlobs + 1 }, (_, index) => `**/${index}.sql`);
  expect([...globMatcherInTurns(globs)]).toHaveLength(mostGlobs);
  const matches = globMatcher(globs);
  expect([`a/${mostGlobs - 1}.sql`, `a/${mostGlobs}.sql`].map(matches)).toEqual([true, false]);
  expect(globMatcher(["", "a.sql"])("a.sql")).toBe(true);
  expect(untakenGlobs(["a.sql", "(b+)+", ...globs], "schema.migrations")).toEqual([
    expect.stringMatching(/^the glob \(b\+\)\+ of schema\.migrations is not taken: /),
    "of the 1003 globs of schema.migrations only the first 1000 are taken",
  ]);
});
