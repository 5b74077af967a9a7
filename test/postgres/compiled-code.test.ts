// What V8 compiled is kept in the user's own caches and taken from there; whatever is wrong with them, the bundle starts.
import { execFile } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cacheDirectory } from "../../server/src/postgres/compiled-code.ts";

const source = new URL("../../server/src/postgres/compiled-code.ts", import.meta.url);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "partition-lens-"));
  writeFileSync(join(folder, "bundle.js"), "exports.add = (a, b) => a + b; console.log(`sum ${exports.add(1, 2)}`);\n");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Starts the bundle with the caches in the folder; `isTaken`: V8 took what was kept. */
async function start(variables: Readonly<Record<string, string>> = {}): Promise<{ out: string; isTaken: boolean }> {
  const script = `import { startCompiled } from ${JSON.stringify(source.href)};
    startCompiled(new URL(${JSON.stringify(`${pathToFileURL(folder).href}/`)}), "bundle.js");`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], {
    env: {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.endsWith("COMPILE_CACHE"))),
      ...{ XDG_CACHE_HOME: join(folder, "caches"), LOCALAPPDATA: join(folder, "caches"), HOME: folder },
      ...{ NODE_DEBUG_NATIVE: "COMPILE_CACHE", ...variables },
    },
  });
  const ofBundle = stderr.split("\n").filter((line) => line.includes("bundle.js"));
  return {
    out: stdout
      .split("\n")
      .filter((line) => line.startsWith("sum"))
      .join("\n"),
    isTaken: ofBundle.some((line) => line.includes("was accepted")),
  };
}

const kept = () => join(folder, "caches/partition-lens/compiled");

function keptFiles(): readonly string[] {
  return readdirSync(kept(), { recursive: true, encoding: "utf8" })
    .map((file) => join(kept(), file))
    .filter((path) => statSync(path).isFile());
}

describe("what V8 compiled", () => {
  it("is kept where only its user writes, and taken at the next start", async () => {
    expect(await start()).toEqual({ out: "sum 3", isTaken: false });
    expect(keptFiles().length).toBeGreaterThan(0);
    if (process.platform !== "win32") expect(statSync(kept()).mode & 0o777).toBe(0o700);
    expect(await start()).toEqual({ out: "sum 3", isTaken: true });
  });

  it("is made anew where the bundle is another, or the file is damaged", async () => {
    await start();
    writeFileSync(join(folder, "bundle.js"), "console.log('sum of another');\n");
    expect(await start()).toEqual({ out: "sum of another", isTaken: false });
    expect(await start()).toEqual({ out: "sum of another", isTaken: true });
    for (const file of keptFiles()) writeFileSync(file, "damaged");
    expect(await start()).toEqual({ out: "sum of another", isTaken: false });
  });

  it("goes after 60 days, and nothing else does", async () => {
    await start();
    const [version = ""] = readdirSync(kept());
    const elsewhere = join(folder, "elsewhere");
    mkdirSync(elsewhere);
    symlinkSync(elsewhere, join(kept(), "v0-linked"));
    const inVersion = join(kept(), version);
    const paths = [
      ...["0000abcd", "1111abcd.Xy12zA", "diary.txt"].map((name) => [join(inVersion, name), 61] as const),
      [join(inVersion, "2222abcd"), 59],
      [join(kept(), "3333abcd"), 61],
      [join(elsewhere, "4444abcd"), 61],
    ] as const;
    for (const [path, days] of paths) {
      writeFileSync(path, "");
      const at = Date.now() / 1000 - days * 86_400;
      utimesSync(path, at, at);
    }
    await start();
    expect(paths.flatMap(([path]) => (existsSync(path) ? basename(path) : []))).toEqual([
      ...["diary.txt", "2222abcd", "3333abcd", "4444abcd"],
    ]);
  });

  it.each([
    ["the directory", () => kept()],
    ["one above it", () => join(folder, "caches")],
  ])("is neither kept nor taken where others may write into %s", async (_, writable) => {
    await start();
    expect(await start()).toEqual({ out: "sum 3", isTaken: true });
    chmodSync(writable(), 0o777);
    const before = keptFiles();
    expect(await start()).toEqual({ out: "sum 3", isTaken: false });
    for (const file of before) rmSync(file);
    await start();
    expect(keptFiles()).toEqual([]);
    chmodSync(writable(), 0o700);
    await start();
    expect(await start()).toEqual({ out: "sum 3", isTaken: true });
  });

  it("is not kept where that cannot be or is not wanted", async () => {
    writeFileSync(join(folder, "caches"), "a file");
    expect(await start()).toEqual({ out: "sum 3", isTaken: false });
    rmSync(join(folder, "caches"));
    expect(await start({ NODE_DISABLE_COMPILE_CACHE: "1" })).toEqual({ out: "sum 3", isTaken: false });
    expect(await start({ NODE_DISABLE_COMPILE_CACHE: "1" })).toEqual({ out: "sum 3", isTaken: false });
  });
});

it.each([
  ["linux", {}, "/ann", "/ann/.cache/partition-lens/compiled"],
  ["linux", { XDG_CACHE_HOME: "/caches" }, "/ann", "/caches/partition-lens/compiled"],
  ["linux", { XDG_CACHE_HOME: "caches" }, "/ann", "/ann/.cache/partition-lens/compiled"],
  ["darwin", {}, "/ann", "/ann/Library/Caches/partition-lens/compiled"],
  ["linux", {}, "", undefined],
  ["win32", {}, "C:\\ann", undefined],
] as const)("%s %j %s: %s", (platform, environment, home, directory) => {
  expect(cacheDirectory(platform, environment, home)).toBe(directory);
});
