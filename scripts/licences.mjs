// The licence texts of what the package holds: from the packages themselves, else from licenses/.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./toolchain.mjs";

/** What is inside the WebAssembly of the parser and of the embedded PostgreSQL, and no package of npm. */
export const inner = [
  { file: "postgresql", title: "PostgreSQL (in libpg-query and in PGlite)" },
  { file: "postgresql-regex", title: "The regular expressions of PostgreSQL (in PGlite)" },
  { file: "libpg_query", title: "libpg_query (in libpg-query)" },
  { file: "protobuf-c", title: "protobuf-c (in libpg-query)" },
  { file: "xxhash", title: "xxHash (in libpg-query)" },
  { file: "snowball", title: "Snowball (in PGlite)" },
  { file: "time-zones", title: "The time zone database (in PGlite)" },
  { file: "icu", title: "ICU (in PGlite)" },
  { file: "libxml2", title: "libxml2 (in PGlite)" },
  { file: "libxslt", title: "libxslt (in PGlite)" },
  { file: "zlib", title: "zlib (in PGlite)" },
  { file: "musl", title: "musl, the C library of Emscripten (in libpg-query and in PGlite)" },
];

/** A text of licenses/. */
export function licence(name) {
  return readFileSync(join(root, "licenses", `${name}.txt`), "utf8").trim();
}

/** Name, version and licence text of the package in a folder; throws where the text is nowhere. */
export function packageNotice(directory) {
  const { name, version, license } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  return `${name} ${version} (${license})\n\n${packageLicence(directory, name)}`;
}

function packageLicence(directory, name) {
  const files = readdirSync(directory);
  const texts = files.filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  if (texts.length > 0) return texts.map((file) => readFileSync(join(directory, file), "utf8").trim()).join("\n\n");
  // Some have it at the end of their README.
  const readme = files.find((file) => /^readme/i.test(file));
  const section =
    readme === undefined ? null : /^#+ *licen[cs]e *$([\s\S]*)/im.exec(readFileSync(join(directory, readme), "utf8"));
  const text = section?.[1]?.trim() ?? "";
  if (/permission is hereby granted/i.test(text)) return text;
  if (existsSync(join(root, "licenses", `${name}.txt`))) return licence(name);
  throw new Error(`The licence text of ${name} is missing: add licenses/${name}.txt.`);
}
