// What is generated from the first lines of source files: docs/map.md.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./toolchain.mjs";

/** In the order in which the data flows; folders that are not listed come after, by name. */
const order = [
  "text",
  "syntax",
  "catalog",
  "effects",
  "schemes",
  "replay",
  "pruning",
  "ddl",
  "rules",
  "postgres",
  "ide",
  "lsp",
  "cli",
];

/** Folders whose files are many and alike: their number is told, not each. */
const countedFolders = new Map([["server/src/rules", (name) => !["rule.ts", "run.ts", "index.ts"].includes(name)]]);

/** The whole of docs/map.md. */
export function mapOfFiles() {
  return `# Map\n\nThe first line of every source file says what it is. Made from those lines by \`npm run generate\`.\n\n${map()}`;
}

function map() {
  return ["server/src", "client/src"].flatMap((folder) => folderLines(folder)).join("\n");
}

function folderLines(folder) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".ts")).map(({ name }) => name);
  const counted = countedFolders.get(folder);
  const listed = counted === undefined ? files : files.filter((name) => !counted(name));
  const lines = listed.sort().map((name) => `| \`${name}\` | ${firstSentence(join(root, folder, name))} |`);
  if (counted !== undefined) lines.push(`| … | ${files.length - listed.length} rules, one file each |`);
  const table = lines.length === 0 ? [] : [`## ${folder}`, "", "| file | |", "|---|---|", ...lines, ""];
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return [...table, ...folders.sort(byFlow).flatMap((name) => folderLines(`${folder}/${name}`))];
}

function byFlow(a, b) {
  const [x, y] = [a, b].map((name) => (order.includes(name) ? order.indexOf(name) : order.length));
  return x - y || (a < b ? -1 : 1);
}

/** The comment with which the file opens, as one line. */
function firstSentence(path) {
  const text = readFileSync(path, "utf8");
  const comment = /^(?:\/\*\*?([\s\S]*?)\*\/|\/\/(.*))/.exec(text);
  const sentence = (comment?.[1] ?? comment?.[2] ?? "").replace(/\s*\n\s*\*\s?/g, " ").trim();
  return sentence.split(/(?<=\.)\s+(?=[A-Z`])/)[0].replaceAll("|", "\\|");
}
