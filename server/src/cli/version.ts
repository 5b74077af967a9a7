/** The version of the tool, from the manifest that is packaged with it. */

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Beside `dist`, or at the root of the sources when the tool runs from them; `0.0.0` where no manifest is found. */
export function toolVersion(): string {
  const candidates = ["../package.json", "../../../package.json"];
  for (const candidate of candidates) {
    const path = fileURLToPath(new URL(candidate, import.meta.url));
    if (!existsSync(path)) continue;
    const manifest: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (isManifest(manifest)) return manifest.version;
  }
  return "0.0.0";
}

function isManifest(raw: unknown): raw is { readonly version: string } {
  return (
    typeof raw === "object" &&
    raw !== null &&
    "name" in raw &&
    raw.name === "partition-lens" &&
    "version" in raw &&
    typeof raw.version === "string"
  );
}
