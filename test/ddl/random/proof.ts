/** Proves one random operation: what the replay promises, what a real server does, and what the undo brings back. */

import type { Client } from "pg";
import type { Catalog } from "../../../server/src/catalog/catalog.ts";
import { partsOf } from "../../../server/src/catalog/layout.ts";
import { printBound } from "../../../server/src/catalog/print.ts";
import { resolveRelation } from "../../../server/src/ddl/writer.ts";
import type { PostgresVersion } from "../../../server/src/effects/outcome.ts";
import { parseDocument } from "../../../server/src/syntax/document.ts";
import { quoteIdentifier } from "../../../server/src/syntax/names.ts";
import type { Reading } from "../../../server/src/syntax/read-statement.ts";
import { createRandom } from "../../truth/generator/random.ts";
import { operateOn, replayed } from "../support.ts";
import { type Attributes, attributesOf } from "./attributes.ts";
import { type RandomRequest, randomRequest } from "./random-request.ts";
import { type RandomTable, randomTable, type World } from "./random-table.ts";

/** What became of one case. `wrong` lists what is not as it was to be. */
export interface Proof {
  readonly table: RandomTable;
  readonly request: RandomRequest;
  /** Why the operation is not written; null where it is. */
  readonly refusal: string | null;
  readonly wrong: readonly string[];
  readonly sql: string;
}

/** @param connected the database as it is read where the operation is to be written for that, null for the text of the schema */
export async function prove(
  seed: number,
  world: World,
  client: Client,
  reading: Reading,
  connected: ((path: string) => Promise<Catalog>) | null,
): Promise<Proof> {
  const random = createRandom(seed);
  const table = randomTable(random, world);
  const request = randomRequest(random, table, world);
  const version = world.major as PostgresVersion;
  const schema = `${table.schema}${request.schema ?? ""}`;
  const server = new Server(client, reading, world, table, request);
  if (connected !== null) await server.run(`${schema}${table.rows}${request.rows ?? ""}`);
  const catalog = connected === null ? replayed(reading, schema, version) : await connected(world.schema);
  const result = operateOn(catalog, reading, request.request, version);
  if (!result.ok) return { table, request, refusal: result.problem.message, wrong: [], sql: "" };
  const script = result.value;
  const proof = { table, request, refusal: null, sql: `${script.sql}\n-- ${"undo".padEnd(60, "-")}\n${script.undo}` };
  if (connected === null) await server.run(`${schema}${table.rows}${request.rows ?? ""}`);
  const before = await server.look();
  const failure = await server.run(script.sql).then(
    () => null,
    (error: Error) => error.message,
  );
  if (failure !== null) {
    await client.query("ROLLBACK");
    if (!mayFail(failure, script.notes)) return { ...proof, wrong: [`it fails: ${failure}`] };
    const now = await server.look();
    // Steps that are transactions of their own have run up to the one that fails.
    const left = request.request["style"] === "online" ? [] : differences(before, now, null);
    return { ...proof, refusal: failure, wrong: [...differencesOf("rows", before.rows, now.rows), ...left] };
  }
  const after = await server.look();
  const wrong = [
    ...(isLossy(request) ? [] : differencesOf("rows", before.rows, after.rows)),
    ...promiseProblems(reading, `${schema}${script.sql}`, version, table, after),
    ...strays(before, after),
    ...differences(before, after, { table, request }),
    ...(isLossy(request) ? [] : unsaidLosses(before, after, script.notes)),
    ...(request.request.operation === "convert" ? lostByConverting(table, before, after, script.notes) : []),
  ];
  if (script.undo === null) return { ...proof, wrong };
  const undone = await server.run(script.undo).then(
    () => null,
    (error: Error) => error.message,
  );
  if (undone !== null) {
    await client.query("ROLLBACK");
    return { ...proof, wrong: mayFail(undone, []) ? wrong : [...wrong, `the undo fails: ${undone}`] };
  }
  const back = await server.look();
  return {
    ...proof,
    wrong: [
      ...wrong,
      ...differencesOf("rows after the undo", before.rows, back.rows),
      ...differencesOf("parts after the undo", [...before.parts], [...back.parts]),
      ...differencesOf("tables after the undo", [...before.attributes.keys()], [...back.attributes.keys()]),
      ...differences(before, back, null, remadeBy(before, after, table, request)).map(
        (line) => `after the undo ${line}`,
      ),
    ],
  };
}

/** What only the server can find out: it refuses then, nothing has changed, and the script has said so. */
function mayFail(message: string, notes: readonly string[]): boolean {
  const said = (words: string): boolean => notes.some((note) => note.includes(words));
  return expectedFailures.some(([pattern, words]) => pattern.test(message) && (words === null || said(words)));
}

const expectedFailures: readonly (readonly [RegExp, string | null])[] = [
  [
    /^updated partition constraint for default partition .* would be violated by some row$/,
    "if it holds any, ATTACH is refused",
  ],
  [/^check constraint "\S+_without_\S+" of relation .* is violated by some row$/, "refuses new rows of that range"],
  [
    /^removing partition .* violates foreign key constraint/,
    "DETACH is refused while rows of the partition are referenced",
  ],
  [/^check constraint "\S+_is_empty" of relation .* is violated by some row$/, null],
  // Publications ask for a replica identity, from 18 on for one without generated columns.
  [/^cannot (?:delete from|update) table "[^"]*"(?: because it does not have a replica identity.*)?$/, null],
];

function isLossy({ request }: RandomRequest): boolean {
  return request.operation === "drop" || (request.operation === "retention" && request["action"] !== "detach");
}

interface Look {
  /** All rows of the table and of what is beside it. */
  readonly rows: readonly string[];
  /** Parts with their bounds. */
  readonly parts: ReadonlySet<string>;
  readonly attributes: Attributes;
}

class Server {
  private readonly client: Client;
  private readonly reading: Reading;
  private readonly world: World;
  private readonly table: RandomTable;
  private readonly request: RandomRequest;

  constructor(client: Client, reading: Reading, world: World, table: RandomTable, request: RandomRequest) {
    this.client = client;
    this.reading = reading;
    this.world = world;
    this.table = table;
    this.request = request;
  }

  /** As psql runs it, one statement after the other. */
  async run(sql: string): Promise<void> {
    for (const { start, end } of parseDocument(sql, this.reading).statements) {
      const statement = sql.slice(start, end);
      try {
        await this.client.query(statement);
      } catch (error) {
        throw error instanceof Error ? new Error(error.message, { cause: statement }) : error;
      }
    }
  }

  async look(): Promise<Look> {
    const { client, table, world, request } = this;
    const root = quoteIdentifier(table.name);
    const aside = request.aside ?? null;
    const sources = [root];
    const besides = await client.query<{ name: string }>(
      `SELECT c.oid::regclass::text AS name FROM pg_class c WHERE relname = ANY ($1) AND relnamespace = $2::regnamespace
       AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid AND inhparent = $3::regclass)`,
      [
        [aside, ...(request.request.operation === "retention" ? table.parts.map(({ name }) => name) : [])],
        world.schema,
        root,
      ],
    );
    sources.push(...besides.rows.map(({ name }) => name));
    const columns = table.columns.map(({ name }) => name);
    const rows: string[] = [];
    for (const source of sources) {
      const found = await client.query<{ row: string }>(
        `SELECT (SELECT string_agg(key || ': ' || value, ', ' ORDER BY key) FROM jsonb_each_text(to_jsonb(t)) WHERE key = ANY ($1)) AS row FROM ${source} AS t`,
        [columns],
      );
      rows.push(...found.rows.map(({ row }) => row));
    }
    const parts = await client.query<{ part: string }>(
      `SELECT c.relname || ' ' || coalesce(pg_get_expr(c.relpartbound, c.oid), '') AS part
       FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = $1::regclass`,
      [root],
    );
    return {
      rows: rows.toSorted(),
      parts: new Set(parts.rows.map(({ part }) => part)),
      attributes: await attributesOf(client, world.schema, world.major),
    };
  }
}

/** What our replay of schema and script says about the parts, held against the server. */
function promiseProblems(
  reading: Reading,
  sql: string,
  version: PostgresVersion,
  { name }: RandomTable,
  after: Look,
): readonly string[] {
  let catalog: Catalog;
  try {
    catalog = replayed(reading, sql, version);
  } catch (error) {
    return [`the replay refuses it: ${error instanceof Error ? error.message : error}`];
  }
  const relation = resolveRelation(catalog, quoteIdentifier(name));
  if (relation === null) return ["the replay has lost the table"];
  const key = relation.partitioning?.key ?? null;
  const parts = partsOf(catalog, relation);
  const bounds = parts.map((part) => {
    const bound = part.partitionOf?.bound;
    return `${part.name} ${bound === undefined || key === null ? "" : printBound(bound, key, catalog.settings)}`;
  });
  const known = (kind: string): readonly string[] =>
    [...after.attributes].flatMap(([table, lines]) =>
      lines
        .filter((line) => line.startsWith(`${kind} `))
        .map((line) => `${table}: ${firstWord(line.slice(kind.length + 1))}`),
    );
  const inCatalog = [relation, ...parts];
  const ours = new Set(inCatalog.map((each) => each.name));
  const ofOurs = (lines: readonly string[]): readonly string[] =>
    lines.filter((line) => ours.has(line.slice(0, line.lastIndexOf(": "))));
  return [
    ...differencesOf("promised parts", bounds, [...after.parts]),
    ...differencesOf(
      "promised columns",
      inCatalog.flatMap((each) => each.columns.map((column) => `${each.name}: ${column.name}`)),
      [...after.attributes].flatMap(([table, lines]) =>
        lines
          .filter((line) => line.startsWith("column ") && ours.has(table))
          .map((line) => `${table}: ${columnName(line)}`),
      ),
    ),
    ...differencesOf(
      "promised constraints",
      inCatalog.flatMap((each) =>
        each.constraints
          .filter(({ type }) => type !== "not-null")
          .map((constraint) => `${each.name}: ${quoteIdentifier(constraint.name)}`),
      ),
      ofOurs([...known("constraint"), ...known("check")]),
    ),
    ...differencesOf(
      "promised indexes",
      inCatalog.flatMap((each) =>
        [
          ...each.indexes.flatMap((id) => catalog.relations.get(id)?.name ?? []),
          ...each.constraints.flatMap(({ index }) =>
            index === null ? [] : (catalog.relations.get(index)?.name ?? []),
          ),
        ]
          .filter((index, position, all) => all.indexOf(index) === position)
          .map((index) => `${each.name}: ${quoteIdentifier(index)}`),
      ),
      ofOurs(known("index")),
    ),
  ];
}

function columnName(line: string): string {
  return /^column (.*?) (?:integer|bigint|numeric|date|timestamp|text|uuid|jsonb)/.exec(line)?.[1] ?? line;
}

/** A name, in quotes or not. */
function firstWord(text: string): string {
  return /^(?:"(?:[^"]|"")*"|\S+)/.exec(text)?.[0] ?? text;
}

/** Tables that belong nowhere, and indexes that are not valid. */
function strays(before: Look, after: Look): readonly string[] {
  const parts = [...after.parts];
  const stray = [...after.attributes.keys()].filter(
    (table) => !before.attributes.has(table) && !parts.some((part) => part.startsWith(`${table} `)),
  );
  const invalid = [...after.attributes].flatMap(([table, lines]) =>
    lines
      .filter((line) => line.startsWith("index ") && line.includes(" valid false"))
      .map((line) => `${table} ${line}`),
  );
  return [
    ...stray.map((table) => `a table is left behind: ${table}`),
    ...invalid.map((line) => `an index is not valid: ${line}`),
  ];
}

/** What tables have lost or got; those that the operation makes are held against what they are made like. */
function differences(
  before: Look,
  after: Look,
  made: Pick<Proof, "table" | "request"> | null,
  remade: readonly string[] = [],
): readonly string[] {
  const wrong: string[] = [];
  const operation = made?.request.request.operation ?? "";
  const changes = changedBy(operation, made);
  const inheritance = [...before.attributes.values()].some((lines) => lines.some((line) => /^part of .* $/.test(line)));
  const lines = (look: Look, table: string): readonly string[] =>
    comparable(look.attributes.get(table) ?? [], inheritance);
  const replaced = made === null ? [] : replacedBy(made);
  for (const table of before.attributes.keys()) {
    if (!after.attributes.has(table) || changes.includes(table) || replaced.includes(table)) continue;
    const [was, is] = [lines(before, table), lines(after, table)];
    const strict = differencesOf(table, was, is);
    // What the script has dropped and the undo makes again is like the others, but for what only it had.
    if (strict.length > 0 && remade.includes(table))
      wrong.push(
        ...differencesOf(table, was.filter(isCommon).map(common), is.filter(isCommon).map(common)),
        // What hung on a table that was dropped hangs on the one that is made again.
        ...(replaced === null ? [] : differencesOf(table, was.filter(isHung).map(hung), is.filter(isHung).map(hung))),
      );
    else wrong.push(...strict);
  }
  if (made === null) return wrong;
  const source = templateOf(made);
  for (const table of after.attributes.keys()) {
    if ((before.attributes.has(table) && !replaced.includes(table)) || operation === "convert") continue;
    const like = source ?? made.table.name;
    // What becomes of a hash partition by another modulus is made like one of those whose rows it gets.
    const ofParent = source === null && operation !== "rehash";
    const copied = (all: readonly string[]): readonly string[] =>
      all.filter((line) => isCopied(line, ofParent, inheritance)).map((line) => copiedAs(nameless(line), ofParent));
    const found = copied(lines(after, table));
    const candidates = operation === "rehash" ? made.table.parts.map(({ name }) => name) : [like];
    const wanted = candidates
      .map((each) => copied(lines(before, each)))
      .toSorted((a, b) => differencesOf("", a, found).length - differencesOf("", b, found).length)[0];
    wrong.push(...differencesOf(`${table} like ${like}`, wanted ?? [], found));
    if (replaced.includes(table)) {
      const names = (look: Look): readonly string[] =>
        lines(look, table).flatMap((line) => (line.startsWith("index ") ? [firstWord(line.slice(6))] : []));
      wrong.push(...differencesOf(`the indexes of ${table}`, names(before), names(after)));
    }
    if (ofParent) {
      const siblings = made.table.parts
        .filter(({ bound }) => bound.kind !== "default")
        .map(({ name }) => lines(before, name));
      const shared = (siblings[0] ?? []).filter(isHung).filter((line) => siblings.every((each) => each.includes(line)));
      const usual = lines(before, made.table.name).filter(
        (line) => /^grant [A-Z]/.test(line) && line.endsWith(" owner"),
      );
      wrong.push(
        ...differencesOf(
          `${table} like its siblings`,
          [...usual, ...shared].map(hung),
          lines(after, table).filter(isHung).map(hung),
        ),
      );
    }
  }
  return wrong;
}

/** What the undo makes again, and the table that was attached, which keeps what it got. */
function remadeBy(before: Look, after: Look, table: RandomTable, { aside, request }: RandomRequest): readonly string[] {
  const gone = [...before.attributes.keys()].filter((table) => !after.attributes.has(table));
  // DETACH CONCURRENTLY leaves the CHECK by which ATTACH need not search.
  if (request.operation === "convert")
    return [...gone, ...table.parts.map(({ name }) => name), ...(request["style"] === "online" ? [table.name] : [])];
  const isDetached = request.operation === "detach" && request["style"] === "online";
  const replaced = replacedBy({ request: { request }, table });
  return [
    ...gone,
    ...replaced,
    ...(aside !== undefined && (request.operation === "attach" || isDetached) ? [aside] : []),
  ];
}

/** What hangs on a table besides its columns, constraints and indexes. */
function isHung(line: string): boolean {
  return /^(?:grant|policy|trigger|publication) /.test(line);
}

function hung(line: string): string {
  return line;
}

/** What the table that has the name now has otherwise than the one that had it; how rows are stored is said of those that hold them. */
function lostByConverting(
  { name, scheme }: RandomTable,
  before: Look,
  after: Look,
  notes: readonly string[],
): readonly string[] {
  const ofWhole = (look: Look): readonly string[] =>
    (look.attributes.get(name) ?? []).flatMap((line) => {
      // Children keep their own of these, and fire only triggers of their own.
      if (scheme === "inheritance" && /^(?:index|constraint|statistics|trigger on_all) /.test(line)) return [];
      if (/^(?:part of|trigger-of-parent) /.test(line)) return [];
      return [
        line
          .replace(
            /^(table) ([rp])[up] (owner \S+ )identity \w (.*?) *(?:\{.*\})? (space \d+) method \d+/,
            "$1 $3$4 $5",
          )
          .replace(/^(statistics) \S+/, "$1")
          .replace(/ identity (?:true|false) clustered (?:true|false)/, ""),
      ];
    });
  const isSaid = (line: string): boolean => {
    const named = /^[^:]*: lost (?:trigger CREATE (?:CONSTRAINT )?TRIGGER|\w+) ("[^"]+"|\w+)/.exec(line)?.[1];
    return (
      named !== undefined && notes.some((note) => / does not get, and .* keeps: /.test(note) && note.includes(named))
    );
  };
  return differencesOf(`the new ${name}`, ofWhole(before), ofWhole(after)).filter((line) => !isSaid(line));
}

/** What only a part had that is gone, and no note names. */
function unsaidLosses(before: Look, after: Look, notes: readonly string[]): readonly string[] {
  const left = new Set([...after.attributes.values()].flat().map(nameless));
  const gone = [...before.attributes].filter(([table]) => !after.attributes.has(table)).flatMap(([, lines]) => lines);
  const own = gone.filter((line) => !left.has(nameless(line)) && /own_|on_part|_of_part/.test(line));
  return own
    .filter((line) => {
      const name = /own_\w+|on_part|\w+_of_part/.exec(line)?.[0] ?? "";
      return !notes.some((note) => note.includes(name));
    })
    .map((line) => `nobody says that it is gone: ${line}`);
}

function isCommon(line: string): boolean {
  return /^(column|table) /.test(line);
}

function common(line: string): string {
  return line.startsWith("column ") ? line.replace(/ (true|false) .*/, "") : line.replace(/ identity .*/, "");
}

/** What a part that is made takes from another one; else stands in the notes. */
function isCopied(line: string, ofParent: boolean, inheritance: boolean): boolean {
  if (ofParent && (line.startsWith("trigger-of-parent ") || /^(?:check|constraint|index) "?own_/.test(line)))
    return false;
  if (ofParent && inheritance && line.includes("FOREIGN KEY")) return false;
  return (
    !line.startsWith("part of ") &&
    (!ofParent || /^(?:column|index|constraint|check|trigger-of-parent|table) /.test(line))
  );
}

function copiedAs(line: string, ofParent: boolean): string {
  // Only the index of a primary key can be told before there is a name for it.
  const same = line.replace(/( valid true)? identity (true|false) clustered (true|false)/, "");
  if (!ofParent) return same;
  const shared = same
    .replace(/^(table )\w(\w owner \S+).*$/, "$1$2")
    .replace(/^(column .*) statistics -?\d+/, "$1")
    .replace(/ comment .*/, "");
  return ofSiblings(shared);
}

/** What new parts have otherwise than the whole table, or by what their siblings have alike. */
function ofSiblings(same: string): string {
  return same
    .replace(" attached false", " attached true")
    .replace(/(?: NOT VALID)? valid (true|false)/, "")
    .replace(/ identity [ad]?$/, " identity ");
}

/** The parts that an online script puts in the place of those with their names. */
function replacedBy({ request, table }: Pick<Proof, "table" | "request">): readonly string[] {
  const { operation, style, partition } = request.request;
  if (style !== "online" || table.scheme === "inheritance") return [];
  if (operation === "split") return [unquoted(String(partition))];
  if (operation === "rehash") return table.parts.map(({ name }) => name);
  return operation === "move-rows"
    ? table.parts.flatMap(({ name, bound }) => (bound.kind === "default" ? [name] : []))
    : [];
}

/** Tables of which the operation changes what they have. */
function changedBy(operation: string, made: Pick<Proof, "table" | "request"> | null): readonly string[] {
  if (made === null) return [];
  const { table, request } = made;
  if (operation === "attach") return [request.aside ?? ""];
  if (operation === "detach" || operation === "retention") return table.parts.map(({ name }) => name);
  return operation === "convert" ? [table.name, ...table.parts.map(({ name }) => name)] : [];
}

/** The part whose rows the new ones get; null where they get none. */
function templateOf({ request, table }: Pick<Proof, "table" | "request">): string | null {
  const { operation } = request.request;
  if (operation === "split") return unquoted(String(request.request["partition"]));
  if (operation === "merge") return unquoted(String((request.request["partitions"] as readonly string[])[0]));
  if (operation === "move-rows" && table.scheme === "declarative")
    return table.parts.find(({ bound }) => bound.kind === "default")?.name ?? null;
  return null;
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1) : name;
}

const ownChecks = /^check (positive|unchecked|own_check|own_unchecked) /;

function comparable(lines: readonly string[], inheritance: boolean): readonly string[] {
  return lines.filter(
    (line) => !line.startsWith("part of ") && !(inheritance && line.startsWith("check ") && !ownChecks.test(line)),
  );
}

/** Without the names that are made for each table. */
function nameless(line: string): string {
  const [kind = ""] = line.split(" ", 1);
  const rest = line.slice(kind.length + 1);
  const isMade = kind === "index" || kind === "statistics" || (kind === "constraint" && !rest.includes("FOREIGN KEY"));
  return isMade ? `${kind} ${rest.slice(firstWord(rest).length)}` : line;
}

function differencesOf(what: string, before: readonly string[], after: readonly string[]): readonly string[] {
  const left = [...after];
  const lost: string[] = [];
  for (const line of before) {
    const index = left.indexOf(line);
    if (index < 0) lost.push(line);
    else left.splice(index, 1);
  }
  return [...lost.map((line) => `${what}: lost ${line}`), ...left.map((line) => `${what}: new ${line}`)];
}
