// What is generated from server/src/config.ts: the settings in package.json, the README's table, and the schema of partition-lens.json.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { settingDefinitions, settingNames, settingsSchema } from "../server/src/config.ts";
import { root } from "./toolchain.mjs";

const begin = "<!-- settings: generated from server/src/config.ts by `npm run generate` -->";
const end = "<!-- end of settings -->";

/** package.json with `contributes.configuration` and the settings that need a trusted workspace. */
export function packageJsonWithSettings() {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const properties = settingNames.map((name) => {
    const { type, default: value, description, scope } = settingDefinitions[name];
    return [`partitionLens.${name}`, { ...type.schema, default: value, markdownDescription: description, scope }];
  });
  manifest.contributes = {
    ...manifest.contributes,
    configuration: { title: "Partition Lens", properties: Object.fromEntries(properties) },
  };
  const untrusted = manifest.capabilities?.untrustedWorkspaces;
  if (untrusted !== undefined) untrusted.restrictedConfigurations = restrictedSettings();
  return formatted("package.json", manifest);
}

/** README.md with its table of settings, where it has the two comments between which the table belongs. */
export function readmeWithSettings() {
  const readme = readIfThere(join(root, "README.md")) ?? "";
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from < 0 || to < from) return readme;
  return `${readme.slice(0, from + begin.length)}\n\n${settingsTable()}\n\n${readme.slice(to)}`;
}

export function settingsFileSchema() {
  const schema = {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "partition-lens.json",
    ...settingsSchema(),
  };
  return formatted("partition-lens.schema.json", schema);
}

/** Settings that a workspace which nobody trusts must not set: they say where to connect. */
function restrictedSettings() {
  return settingNames.filter((name) => settingDefinitions[name].restricted).map((name) => `partitionLens.${name}`);
}

function settingsTable() {
  const rows = settingNames.map((name) => {
    const { default: value, description } = settingDefinitions[name];
    const text = description.replace(/`#partitionLens\.(.*?)#`/g, "`$1`").replaceAll("|", "\\|");
    return `| \`${name}\` | \`${JSON.stringify(value)}\` | ${text} |`;
  });
  return ["| setting (`partitionLens.…`) | default | |", "|---|---|---|", ...rows].join("\n");
}

/** As the formatter leaves it, so that writing it again changes nothing. */
function formatted(path, value) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "node_modules/@biomejs/biome/bin/biome"), "format", `--stdin-file-path=${path}`],
    { cwd: root, input: JSON.stringify(value, null, 2), encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`The formatter refuses ${path}: ${stderr}`);
  return stdout;
}

function readIfThere(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
