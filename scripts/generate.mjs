// Writes the files that are generated from others, or with --check fails where one is out of date.
// Usage: npm run generate [-- --check]

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { mapOfFiles } from "./generate-map.mjs";
import { withRulesTable } from "./generate-rules-table.mjs";
import { packageJsonWithSettings, readmeWithSettings, settingsFileSchema } from "./generate-settings.mjs";
import { root } from "./toolchain.mjs";

/** Every generated file: its path from the root, and its content as the sources stand now. */
const generated = [
  { path: "server/src/rules/index.ts", content: rulesIndex },
  { path: "package.json", content: packageJsonWithSettings },
  { path: "README.md", content: () => withRulesTable(readmeWithSettings()) },
  { path: "docs/map.md", content: mapOfFiles },
  { path: "partition-lens.schema.json", content: settingsFileSchema },
];

/** Writes what is out of date; gives the paths. With `check`, writes nothing. */
export function generate({ check }) {
  const outdated = generated.filter(({ path, content }) => (readIfThere(join(root, path)) ?? "") !== content());
  if (!check) for (const { path, content } of outdated) writeFileSync(join(root, path), content());
  return outdated.map(({ path }) => path);
}

/** The ids of all rules: the names of the files in the folder. */
export function ruleIds() {
  const notRules = ["index", "rule", "run"];
  return readdirSync(join(root, "server/src/rules"))
    .filter((name) => name.endsWith(".ts"))
    .map((name) => basename(name, ".ts"))
    .filter((name) => !notRules.includes(name))
    .sort();
}

/** `range-gap` is exported as `rangeGap`. */
export function exportName(id) {
  return id.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase());
}

function rulesIndex() {
  const ids = ruleIds();
  return `${[
    "/** All rules. Generated from the folder by `npm run generate`; do not edit. */",
    "",
    ...sortedImports(ids),
    "",
    "/** By their ids, in order. */",
    "export const rulesById = {",
    ...ids.map((id) => `  "${id}": ${exportName(id)},`),
    "} satisfies Readonly<Record<string, Rule>>;",
    "",
    "export const rules: readonly Rule[] = Object.values(rulesById);",
  ].join("\n")}\n`;
}

/** In the order in which the formatter puts them. */
function sortedImports(ids) {
  const imports = ids.map((id) => ({ file: id, line: `import { ${exportName(id)} } from "./${id}.ts";` }));
  imports.push({ file: "rule", line: 'import type { Rule } from "./rule.ts";' });
  return imports.sort((a, b) => (a.file < b.file ? -1 : 1)).map(({ line }) => line);
}

function readIfThere(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const check = process.argv.includes("--check");
  const outdated = generate({ check });
  for (const path of outdated) process.stdout.write(`${check ? "out of date" : "written"}: ${path}\n`);
  if (check && outdated.length > 0) process.exitCode = 1;
}
