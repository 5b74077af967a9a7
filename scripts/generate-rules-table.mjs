// What is generated from the rules: the README's table of them.

import { rules } from "../server/src/rules/index.ts";

const begin = "<!-- rules: generated from server/src/rules by `npm run generate` -->";
const end = "<!-- end of rules -->";

/** The text with its table of rules, where it has the two comments between which the table belongs. */
export function withRulesTable(readme) {
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from < 0 || to < from) return readme;
  return `${readme.slice(0, from + begin.length)}\n\n${rulesTable()}\n\n${readme.slice(to)}`;
}

function rulesTable() {
  const rows = rules.map(
    ({ id, severity, summary }) =>
      `| [${id}](server/docs/rules/${id}.md) | ${severity} | ${summary.replaceAll("|", "\\|")} |`,
  );
  return ["| rule | severity | |", "|---|---|---|", ...rows].join("\n");
}
