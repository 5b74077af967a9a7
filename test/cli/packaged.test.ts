// The command line tool as others install it: built and packed from a copy of the sources, run by the hook and by the workflow.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { load } from "js-yaml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureEmbeddedSnapshot } from "../../scripts/embedded-snapshot.mjs";
import { clean, overlapping } from "./support.ts";

const root = resolve(import.meta.dirname, "../..");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** A user's repository, with the checkout of ours inside. */
let repository: string;
let checkout: string;
/** Where the packed tool is installed. */
let installed: string;

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string>>;
}

beforeAll(async () => {
  await ensureEmbeddedSnapshot();
  repository = mkdtempSync(join(tmpdir(), "partition-lens-ci-"));
  checkout = join(repository, ".partition-lens");
  installed = mkdtempSync(join(tmpdir(), "partition-lens-npm-"));
  const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root })
    .toString()
    .split("\n");
  for (const file of tracked) {
    if (file === "" || file.startsWith("test/") || !existsSync(join(root, file))) continue;
    cpSync(join(root, file), join(checkout, file));
  }
  // What a build on a fresh machine takes from the npm registry.
  for (const folder of ["node_modules", ".tools"])
    if (existsSync(join(root, folder))) symlinkSync(join(root, folder), join(checkout, folder), "junction");
  cpSync(join(root, ".cache"), join(checkout, ".cache"), {
    recursive: true,
    filter: (path) => path === join(root, ".cache") || path.startsWith(join(root, ".cache", "pglite-")),
  });
  mkdirSync(join(repository, "migrations"));
  writeFileSync(join(repository, "migrations/V1__sales.sql"), clean);
  writeFileSync(join(repository, "migrations/V2__late.sql"), overlapping.split("\n")[4] ?? "");
  writeFileSync(
    join(repository, "partition-lens.json"),
    JSON.stringify({ rules: { "coverage-ends": "off" }, "embedded.enabled": false }),
  );
});
afterAll(() => {
  for (const folder of [repository, installed]) rmSync(folder, { recursive: true, force: true });
});

/** A shell line as a runner runs it, with commands of ours first on the path. */
function shell(line: string, folder: string, ...path: readonly string[]) {
  const { status, stdout, stderr } = spawnSync("bash", ["-e", "-o", "pipefail", "-c", line], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, PATH: [...path, dirname(process.execPath), process.env["PATH"]].join(delimiter) },
  });
  return { code: status, out: stdout, error: stderr };
}

/** The YAML in the README that holds this key. */
function readme(key: string): unknown {
  const blocks = [...readFileSync(join(root, "README.md"), "utf8").matchAll(/```yaml\n([\s\S]*?)```/g)];
  const parsed = blocks.map(([, yaml = ""]) => load(yaml) as Readonly<Record<string, unknown>>);
  return parsed.find((each) => key in each)?.[key];
}

describe("the workflow in the README", () => {
  const jobs = readme("jobs") as { readonly partitions: { readonly steps: readonly Step[] } };
  const { steps } = jobs.partitions;

  it("puts the checkout of the tool where its commands look for it", () => {
    const own = steps.find((step) => step.with?.["repository"] !== undefined);
    expect(own?.with?.["path"]).toBe(".partition-lens");
    expect(steps.flatMap(({ run = [] }) => run).every((run) => run.includes(".partition-lens"))).toBe(true);
  });

  it("builds, writes the log that is uploaded, and fails with annotations of the migration", () => {
    const [build = "", log = "", annotations = ""] = steps.flatMap(({ run = [] }) => run);
    const built = shell(build, repository);
    expect(built.code, built.error).toBe(0);
    expect(shell(log, repository)).toMatchObject({ code: 0, error: "" });
    const upload = steps.find(({ uses }) => uses?.includes("upload-sarif") === true);
    const { runs } = JSON.parse(readFileSync(join(repository, upload?.with?.["sarif_file"] ?? ""), "utf8"));
    expect(runs[0].tool.driver.version).toBe(manifest.version);
    expect(runs[0].results.map(({ ruleId }: { ruleId: string }) => ruleId)).toEqual(["partition-overlap"]);
    const shown = shell(annotations, repository);
    expect(shown.code).toBe(1);
    expect(shown.out).toMatch(/^::error file=migrations\/V2__late\.sql,line=1,/);
  });
});

describe("the package", () => {
  let bin: string;
  beforeAll(() => {
    // As npm installs it, with the files that `npm pack` takes and nothing around them.
    const packed = shell(`npm pack --ignore-scripts --json --pack-destination "${installed}"`, checkout);
    expect(packed.code, packed.error).toBe(0);
    const [{ filename }] = JSON.parse(packed.out);
    shell(`tar xzf "${filename}"`, installed);
    bin = join(installed, "bin");
    mkdirSync(bin);
    symlinkSync(join(installed, "package", manifest.bin["partition-lens"]), join(bin, "partition-lens"));
    shell("chmod +x package/dist/cli.js", installed);
  });

  it("holds the tool and nothing of its sources", () => {
    const { out } = shell("find package -type f", installed);
    const folders = new Set(
      out
        .trimEnd()
        .split("\n")
        .map((file) => file.split("/")[1]),
    );
    expect([...folders].filter((name) => /^(client|server|test|scripts|node_modules|\.)/.test(name ?? ""))).toEqual([]);
    expect(out).toContain("package/dist/cli.js");
    expect(out).not.toMatch(/\.map$/m);
  });

  it("builds before it is packed", () => {
    expect(manifest.scripts.prepack).toBe(manifest.scripts["vscode:prepublish"]);
  });

  it.each(["--version", "-V"])("says its version for %s", (option) => {
    expect(shell(`partition-lens ${option}`, repository, bin)).toEqual({
      code: 0,
      out: `partition-lens ${manifest.version}\n`,
      error: "",
    });
  });

  it("plans with the embedded PostgreSQL that it brings", () => {
    const { out } = shell(
      "partition-lens survivors migrations/V1__sales.sql --setting embedded.enabled=true",
      repository,
      bin,
    );
    expect(out).toBe("migrations/V1__sales.sql:4:1: 1 of 2 partitions · sales_2024 · embedded PostgreSQL 18\n");
  });

  describe("as a hook of pre-commit", () => {
    const hooks = load(readFileSync(join(root, ".pre-commit-hooks.yaml"), "utf8")) as readonly Hook[];
    const { repos } = { repos: readme("repos") } as {
      readonly repos: readonly { readonly rev: string; readonly hooks: readonly { id: string; args?: string[] }[] }[];
    };

    it("is defined with what pre-commit asks for, and for SQL files alone", () => {
      const [hook] = hooks;
      expect(hooks.map(({ id }) => id)).toEqual(repos.flatMap(({ hooks: used }) => used.map(({ id }) => id)));
      expect(hook).toMatchObject({ name: expect.any(String), language: "node", require_serial: true });
      const files = new RegExp(hook?.files ?? "");
      expect(["db/a.sql", "a.pgsql", "b/c.ddl"].every((file) => files.test(file))).toBe(true);
      expect(["a.sql.md", "sql", "a.ts"].some((file) => files.test(file))).toBe(false);
    });

    it.each([
      ["migrations/V1__sales.sql", 0],
      ["migrations/V2__late.sql", 1],
    ])("answers for %s alone with %d, behind the migrations before it", (file, code) => {
      const args = repos[0]?.hooks[0]?.args ?? [];
      const answer = shell([hooks[0]?.entry, ...args, file].join(" "), repository, bin);
      expect(answer.code, answer.error).toBe(code);
      expect(answer.out.includes("partition-overlap")).toBe(code === 1);
    });
  });
});

interface Hook {
  readonly id: string;
  readonly name: string;
  readonly entry: string;
  readonly language: string;
  readonly files: string;
}
