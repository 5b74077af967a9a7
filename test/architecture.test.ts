// Holds the code to the architecture: who may import whom, what stays pure, and how files introduce themselves.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");

/** The folders of `server/src` in the order in which data flows; a folder imports those before it. */
const pureFolders = [
  "text",
  "syntax",
  "catalog",
  "effects",
  "schemes",
  "replay",
  "pruning",
  "ddl",
  "rehearsal",
  "rules",
  "ide",
];

/** What each folder may import beside itself and `config.ts`. Only the roots, `lsp` and `cli`, see the databases. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(pureFolders.map((folder, position) => [folder, pureFolders.slice(0, position)])),
  // Implements the ports that `pruning` and `rehearsal` declare.
  postgres: [...pureFolders.slice(0, pureFolders.indexOf("pruning") + 1), "rehearsal"],
  lsp: [...pureFolders, "postgres"],
  cli: [...pureFolders, "postgres"],
};

/** Packages that belong to one folder. */
const packageOwners: readonly (readonly [packages: RegExp, folders: readonly string[]])[] = [
  [/^vscode-languageserver/, ["lsp"]],
  [/^(pg|@electric-sql\/pglite)($|\/)/, ["postgres"]],
  [/^node:(fs|child_process|worker_threads|net|tls|http)/, ["postgres", "lsp", "cli"]],
  [/^node:/, ["postgres", "lsp", "cli"]],
];

/** Files over 400 lines, each with the reason why it is better whole. */
const longFiles: Readonly<Record<string, string>> = {
  "server/src/config.ts": "the closed list of settings, and how each kind of value is read",
  "server/src/catalog/partition-set.ts": "one data structure: the three strategies share its order, and its search",
  "server/src/catalog/check-bounds.ts": "one algebra: reading conditions and combining what they allow",
  "server/src/effects/relations/columns.ts": "CREATE TABLE's elements, settled in one order that later checks rely on",
  "server/src/effects/relations/define-index.ts": "PostgreSQL's `DefineIndex`: its checks in its order",
  "server/src/effects/relations/drop.ts": "one command; what depends on what is decided in one place",
  "server/src/effects/relations/expression-text.ts": "one visitor over expressions, a function for each kind of node",
  "server/src/syntax/statement.ts": "the vocabulary of statements: one union, read as a table",
};

/** Files of which each needs the others, because what they read is recursive: queries within expressions within queries. */
const naturalCircles: readonly (readonly string[])[] = [
  ["pruning/common-tables.ts", "pruning/from-items.ts", "pruning/references.ts", "pruning/semi-joins.ts"],
  ["syntax/expression.ts", "syntax/index-element.ts", "syntax/query.ts"],
  [
    "syntax/lower/calls.ts",
    "syntax/lower/expressions.ts",
    "syntax/lower/from-items.ts",
    "syntax/lower/index-elements.ts",
    "syntax/lower/merge.ts",
    "syntax/lower/on-conflict.ts",
    "syntax/lower/queries.ts",
  ],
];

const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => file !== "" && existsSync(join(root, file)));
const sources = tracked.filter((file) => /\.(ts|mts|mjs)$/.test(file) && !file.startsWith("test/fixtures/"));
const serverSources = sources.filter((file) => file.startsWith("server/src/"));
const clientSources = sources.filter((file) => file.startsWith("client/src/"));
const read = (file: string) => readFileSync(join(root, file), "utf8");

describe("imports", () => {
  it("there are files in every folder to check", () => {
    const folders = new Set(serverSources.map(folderOf));
    expect([...Object.keys(allowed), "config"].filter((folder) => !folders.has(folder))).toEqual([]);
  });

  it("a folder of the server imports only itself and what stands before it", () => {
    const foreign = pairs(serverSources, localImports).filter(([file, target]) => {
      const [own, folder] = [folderOf(file), folderOf(target)];
      return folder !== own && folder !== "config" && !(allowed[own] ?? []).includes(folder);
    });
    expect(foreign).toEqual([]);
  });

  it("packages are used only by the folders they belong to", () => {
    const foreign = pairs(serverSources, packageImports).filter(([file, name]) => {
      const owners = packageOwners.find(([packages]) => packages.test(name))?.[1];
      return owners !== undefined && !owners.includes(folderOf(file));
    });
    expect(foreign).toEqual([]);
  });

  it("the client knows two files of the server: the protocol, and how foreign text is shown", () => {
    const known = clientSources.flatMap(localImports).filter((target) => !target.startsWith("client/src/"));
    const shared = ["server/src/lsp/protocol.ts", "server/src/text/foreign-text.ts"];
    expect([...new Set(known)].sort()).toEqual(shared);
  });

  it("only the client knows VS Code", () => {
    const known = pairs(serverSources, packageImports).filter(([, name]) => /^vscode($|-languageclient)/.test(name));
    expect(known).toEqual([]);
  });

  it("files import each other in a circle only where what they are about is one", () => {
    expect(circles(serverSources)).toEqual(naturalCircles);
  });

  it("rules do not import each other", () => {
    const shared = /^server\/src\/rules\/(rule|run|index)\.ts$|^server\/src\/rules\/support\//;
    const rules = serverSources.filter((file) => folderOf(file) === "rules" && !shared.test(file));
    expect(pairs(rules, localImports).filter(([, target]) => rules.includes(target))).toEqual([]);
  });
});

it("the pure folders have no clock, no timers, no randomness, no process", () => {
  const impure =
    /\b(Date\.now|new Date\(\)|performance\.now|Math\.random|crypto\.random\w+|set(Timeout|Interval|Immediate)\b|process\.\w+)/g;
  const pure = serverSources.filter((file) => pureFolders.includes(folderOf(file)));
  expect(pairs(pure, (file) => withoutComments(read(file)).match(impure) ?? [])).toEqual([]);
});

it("nobody looks for names in the words of a refusal or a finding: what they are about is data beside them", () => {
  const looking =
    /(?:exec|match|matchAll|split)\([^)]*\b(?:message|detail)\b|\b(?:message|detail)\??\.(?:match|matchAll|split|includes|indexOf)\(/g;
  const readers = serverSources.filter((file) => pureFolders.slice(3).includes(folderOf(file)));
  const others = readers.filter((file) => file !== "server/src/rehearsal/beyond-sandbox.ts");
  expect(pairs(others, (file) => withoutComments(read(file)).match(looking) ?? [])).toEqual([]);
});

it("nowhere is a list of foreign length spread into the arguments of a built-in function, which is more than a stack holds", () => {
  const spread = (file: string): string[] => {
    const text = withoutComments(read(file));
    return [
      ...text.matchAll(/\.(?:push|unshift|splice|toSpliced|concat|max|min|fromCharCode|fromCodePoint)\(/g),
    ].flatMap(({ index, 0: call }) =>
      argumentsAt(text, index + call.length).includes("...") ? [text.slice(index, index + 60)] : [],
    );
  };
  expect(pairs(serverSources, spread)).toEqual([]);
});

it("one file asks the client: what is not asked there may be answered with anything, or never", () => {
  const asking =
    /\bsendRequest\b|\bconnection\.(?:workspace|client|window|languages)\.(?!\w+\.on\()\w+|\.getConfiguration\(/g;
  const others = serverSources.filter((file) => folderOf(file) === "lsp" && file !== "server/src/lsp/asked-client.ts");
  expect(pairs(others, (file) => withoutComments(read(file)).match(asking) ?? [])).toEqual([]);
});

describe("files", () => {
  it("begin with a sentence saying what they are", () => {
    const silent = sources.filter((file) => {
      const [first = "", second = ""] = read(file).split("\n");
      return !/^(\/\/|\/\*\*) .+[.…]( \*\/)?$/.test(first.startsWith("#!") ? second : first);
    });
    expect(silent).toEqual([]);
  });

  it("ARCHITECTURE.md can be read in one sitting", () => {
    expect(read("ARCHITECTURE.md").split("\n").length).toBeLessThanOrEqual(200);
  });

  it("are named in kebab-case", () => {
    expect(sources.filter((file) => !/(^|\/)[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)+$/.test(file))).toEqual([]);
  });

  it("have no more than 400 lines, but for known reasons", () => {
    const written = sources.filter((file) => !file.startsWith("test/") && !file.endsWith(".generated.ts"));
    const long = written.filter((file) => read(file).trimEnd().split("\n").length > 400);
    expect(long.filter((file) => !(file in longFiles))).toEqual([]);
    expect(Object.keys(longFiles).filter((file) => !written.includes(file))).toEqual([]);
  });

  it("name no place on somebody's machine", () => {
    const places = /(?<![\w.])\/(?:work|root|home\/\w+|Users\/\w+)\/|registry\.npmjs|deb\.debian\.org/;
    const texts = tracked.filter((file) => !/\.(png|jpg|gz)$/.test(file) && file !== "test/architecture.test.ts");
    const found = pairs(texts, (file) =>
      read(file)
        .split("\n")
        .filter((line) => places.test(line)),
    );
    expect(found).toEqual([]);
  });
});

/** Every file together with each of its things: what a failed test then prints. */
function pairs(files: readonly string[], things: (file: string) => readonly string[]): [file: string, thing: string][] {
  return files.flatMap((file) => things(file).map((thing): [string, string] => [file, thing]));
}

/** The arguments of a call that begin there, without what stands in brackets of their own. */
function argumentsAt(text: string, start: number): string {
  let own = "";
  for (let at = start, depth = 1; depth > 0 && at < text.length; at++) {
    const sign = text[at] ?? "";
    if (")]}".includes(sign)) depth--;
    if (depth === 1) own += sign;
    if ("([{".includes(sign)) depth++;
  }
  return own;
}

/** `server/src/catalog/values/cast.ts` → `catalog`; a file beside the folders is its own folder. */
function folderOf(file: string): string {
  return file.split("/")[2]?.replace(/\.ts$/, "") ?? "";
}

function specifiers(file: string): string[] {
  const pattern = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)"([^"]+)"/g;
  return [...withoutComments(read(file)).matchAll(pattern)].map(([, specifier = ""]) => specifier);
}

/** Repository paths of the files that a file imports. */
function localImports(file: string): string[] {
  return specifiers(file)
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => normalize(join(dirname(file), specifier)).replaceAll("\\", "/"));
}

function packageImports(file: string): string[] {
  return specifiers(file).filter((specifier) => !specifier.startsWith("."));
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

/** Files that reach each other by imports: each circle sorted, and the circles by their first file. */
function circles(files: readonly string[]): string[][] {
  const imports = new Map(files.map((file) => [file, localImports(file)]));
  const reached = new Map(files.map((file) => [file, reachedFrom(file, (from) => imports.get(from) ?? [])]));
  const found = new Set<string>();
  for (const [file, targets] of reached) {
    const circle = [...targets].filter((target) => reached.get(target)?.has(file) === true);
    if (circle.length > 1)
      found.add(
        circle
          .map((member) => member.replace("server/src/", ""))
          .sort()
          .join(" "),
      );
  }
  return [...found].sort().map((circle) => circle.split(" "));
}

/** All that can be come to from there, in one step or more. */
function reachedFrom(start: string, next: (file: string) => readonly string[]): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [...next(start)];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    waiting.push(...next(file));
  }
  return reached;
}
