// Begins a rule: its file, its page and its fixture, all with one stem, and the index anew.
// Usage: npm run new-rule <thing>-<problem>

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportName, generate } from "./generate.mjs";
import { root } from "./toolchain.mjs";

const [id = ""] = process.argv.slice(2);
const files = {
  [`server/src/rules/${id}.ts`]: ruleFile,
  [`server/docs/rules/${id}.md`]: page,
  [`test/fixtures/rules/${id}.sql`]: fixture,
};
const existing = Object.keys(files).filter((path) => existsSync(join(root, path)));
if (!/^[a-z]+(-[a-z0-9]+)+$/.test(id)) {
  fail("Usage: npm run new-rule <thing>-<problem>, in lower case, such as range-gap");
} else if (existing.length > 0) {
  fail(`${existing.join(", ")}: exists already`);
} else {
  for (const [path, content] of Object.entries(files)) writeFileSync(join(root, path), content());
  const written = [...Object.keys(files), ...generate({ check: false })];
  process.stdout.write(`${written.map((path) => `written: ${path}`).join("\n")}\n`);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}

function ruleFile() {
  return `/** What is wrong, in one sentence. */

import type { Rule } from "./rule.ts";
import { placementsOf } from "./support/placements.ts";

export const ${exportName(id)}: Rule = {
  id: "${id}",
  severity: "warning",
  summary: "What is wrong, in one sentence.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html",
  statements: ["create-table", "alter-table"],
  *check({ step }) {
    for (const { bound } of placementsOf(step.statement.statement)) {
      yield {
        statement: step.index,
        range: bound.range,
        message: "What is wrong. Why it hurts. What to do.",
      };
    }
  },
};
`;
}

function page() {
  return `# ${id}

What is wrong, in one sentence.

**Severity:** warning. **PostgreSQL:** 10 and later.

## Why it hurts

## What to do

## Example

\`\`\`sql before
\`\`\`

\`\`\`sql after
\`\`\`

Source: [Table Partitioning](https://www.postgresql.org/docs/current/ddl-partitioning.html)
`;
}

function fixture() {
  return `-- ==== the plainest case
CREATE TABLE t (k int NOT NULL) PARTITION BY RANGE (k);
CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (0) TO (10);

-- ==== what looks alike and is right
-- @clean
CREATE TABLE t (k int NOT NULL) PARTITION BY RANGE (k);
`;
}
