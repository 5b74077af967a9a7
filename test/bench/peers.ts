// The language servers that are measured beside ours, installed from npm into a folder of the bench's own.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { say, toolsDirectory } from "../../scripts/toolchain.mjs";

export interface Peer {
  readonly name: string;
  readonly version: string;
  readonly command: readonly string[];
  /** What its processes' command lines begin with or hold: a proxy's work is done by a daemon. */
  readonly processes: string;
}

const packages = { "squawk-cli": "2.66.0", "@postgres-language-server/cli": "0.25.5" } as const;

/** The peers that could be installed here; what could not is said, and left out of the table. */
export function installPeers(): readonly Peer[] {
  const directory = join(toolsDirectory, "bench-peers");
  const stamp = join(directory, "installed.json");
  const wanted = JSON.stringify(packages);
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    mkdirSync(directory, { recursive: true });
    const names = Object.entries(packages).map(([name, version]) => `${name}@${version}`);
    const { status } = spawnSync("npm", ["install", "--prefix", directory, "--no-save", ...names], {
      encoding: "utf8",
    });
    if (status === 0) writeFileSync(stamp, wanted);
    else say("The other language servers could not be installed from npm; only ours is measured.");
  }
  const bin = (name: string): string => join(directory, "node_modules", ".bin", name);
  const peers = [
    {
      name: "postgres-language-server",
      version: packages["@postgres-language-server/cli"],
      command: [bin("postgres-language-server"), "lsp-proxy"],
      processes: "postgres-language-server",
    },
    { name: "squawk", version: packages["squawk-cli"], command: [bin("squawk"), "server"], processes: "squawk" },
  ];
  return peers.filter(({ command }) => existsSync(command[0] ?? ""));
}
