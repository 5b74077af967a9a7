/** A random operation on a random table, with arguments that suit it: which one can be done is what is tried. */

import { quoteIdentifier } from "../../../server/src/syntax/names.ts";
import type { Random } from "../../truth/generator/random.ts";
import { literal, unit } from "./key-types.ts";
import type { Point, RandomPart, RandomTable, World } from "./random-table.ts";

export type RawRequest = Readonly<Record<string, unknown>> & { readonly operation: string; readonly table: string };

export interface RandomRequest {
  readonly request: RawRequest;
  /** Statements that the operation needs besides the table: a table to attach, a server. */
  readonly schema?: string;
  readonly rows?: string;
  /** A table that holds rows which become rows of the table, or the other way round. */
  readonly aside?: string;
}

export function randomRequest(random: Random, table: RandomTable, world: World): RandomRequest {
  const makers = makersOf(table);
  const [, make] = random.weighted(makers.map((each) => [each[0], each] as const));
  const made = make(random, table, world);
  const style = takesOnline(made.request.operation, table) && random.chance(0.35) ? "online" : "simple";
  return { ...made, request: { ...made.request, style, table: quoteIdentifier(table.name) } };
}

/** What has no online style refuses it, which other tests show. */
function takesOnline(operation: string, { scheme, hasPrimaryKey }: RandomTable): boolean {
  if (["attach", "append", "detach"].includes(operation)) return true;
  if (operation === "convert") return scheme === "plain" && hasPrimaryKey;
  return ["split", "rehash", "move-rows"].includes(operation) && scheme === "declarative" && hasPrimaryKey;
}

type Maker = (
  random: Random,
  table: RandomTable,
  world: World,
) => Omit<RandomRequest, "request"> & {
  readonly request: Record<string, unknown> & { readonly operation: string; readonly table: string };
};

const bare = (operation: string, more: Readonly<Record<string, unknown>> = {}) => ({ operation, table: "", ...more });

function makersOf(table: RandomTable): readonly (readonly [weight: number, Maker])[] {
  const { scheme, strategy, parts } = table;
  if (scheme === "plain") return [[1, convert]];
  const hasDefault = parts.some(({ bound }) => bound.kind === "default");
  const common: readonly (readonly [number, Maker])[] = [
    [5, split],
    ...(parts.length > 1 ? [[4, merge] as const] : []),
    [1, leaving("detach")],
    [1, leaving("drop")],
    ...(strategy === "hash" && isWhole(table) ? [] : [[2, attach] as const]),
    ...(scheme === "inheritance" ? [[2, convert] as const, [2, moveRows] as const] : []),
    ...(scheme === "declarative" && strategy !== "hash"
      ? [[1, (): ReturnType<Maker> => ({ request: bare(hasDefault ? "drop-default" : "add-default") })] as const]
      : []),
    ...(hasDefault ? [[4, moveRows] as const] : []),
  ];
  if (strategy === "hash") return [...common, [3, rehash], ...(isWhole(table) ? [] : [[3, plainly("fill")] as const])];
  if (strategy === "list") return common;
  return [
    ...common,
    [1, counted("append")],
    [1, counted("prepend")],
    [1, plainly("fill")],
    [1, ranges],
    [1, span],
    [2, retention],
  ];
}

/** Whether every remainder has its part. */
function isWhole({ parts }: RandomTable): boolean {
  return parts.every(({ bound }) => bound.kind === "hash" && bound.modulus === parts.length);
}

const named = ({ name }: RandomPart): string => quoteIdentifier(name);

function counted(operation: string): Maker {
  return (random) => ({ request: bare(operation, { count: random.int(1, 3) }) });
}

function plainly(operation: string): Maker {
  return () => ({ request: bare(operation) });
}

function leaving(operation: "detach" | "drop"): Maker {
  return (random, { parts }) => {
    const part = random.pick(parts);
    return {
      request: bare(operation, { partition: named(part) }),
      ...(operation === "detach" ? { aside: part.name } : {}),
    };
  };
}

const retention: Maker = (random) => ({
  request: bare("retention", {
    keep: random.chance(0.7) ? random.int(1, 2) : `${random.int(1, 3)} months`,
    action: random.pick(["detach", "drop", "archive"]),
    name: `old_${random.int(1, 1e9)}`,
  }),
});

const rehash: Maker = (random) => ({ request: bare("rehash", { modulus: random.int(1, 6) }) });

const split: Maker = (random, table) => {
  const divisible = table.parts.filter(({ bound }) => bound.kind !== "list" || bound.values.length > 1);
  const part = random.pick(divisible.length > 0 && random.chance(0.9) ? divisible : table.parts);
  const partition = named(part);
  const { bound } = part;
  const name = random.chance(0.3) ? { name: `New ${random.int(1, 99)}` } : {};
  if (bound.kind === "hash")
    return { request: bare("split", { partition, ...(random.chance(0.3) ? { into: 3 } : {}), ...name }) };
  if (bound.kind === "list") {
    const values = random.sample(bound.values, random.int(1, Math.max(1, bound.values.length - 1)));
    return { request: bare("split", { partition, values: values.map((value) => spelled(table, [value])), ...name }) };
  }
  if (bound.kind === "default")
    return {
      request: bare("split", {
        partition,
        values: ["5", "6"].map((number) => spelled(table, [Number(number)])),
        ...name,
      }),
    };
  const [lower, upper] = [bound.lower[0] ?? 0, bound.upper[0] ?? (bound.lower[0] ?? 0) + 40];
  const how = random.weighted([
    [4, "at"],
    [1, "into"],
    [1, "by"],
    [1, "nothing"],
  ] as const);
  const width = table.key[0]?.type.width(1) ?? null;
  if (how === "into") return { request: bare("split", { partition, into: random.int(2, 3), ...name }) };
  if (how === "by" && width !== null) return { request: bare("split", { partition, by: width, ...name }) };
  if (how === "nothing") return { request: bare("split", { partition, ...name }) };
  const first = random.int(lower + 1, upper - 1);
  const point: Point = table.key.length === 1 ? [first] : random.chance(0.5) ? [first] : [first, random.int(0, 99)];
  return { request: bare("split", { partition, at: spelled(table, point), ...name }) };
};

const merge: Maker = (random, table) => {
  const { parts, strategy } = table;
  const defaults = parts.filter(({ bound }) => bound.kind === "default");
  const others = parts.filter(({ bound }) => bound.kind !== "default");
  const name = random.chance(0.3) ? { name: "Both of them" } : {};
  if (defaults.length > 0 && random.chance(0.2))
    return { request: bare("merge", { partitions: [...defaults, random.pick(others)].map(named), ...name }) };
  const start = random.int(0, Math.max(0, others.length - 2));
  const count = random.chance(0.7) ? 2 : 3;
  const chosen =
    strategy === "list"
      ? random.sample(others, count)
      : strategy === "hash"
        ? hashClass(random, others)
        : others.slice(start, start + count);
  return { request: bare("merge", { partitions: random.shuffled(chosen).map(named), ...name }) };
};

function hashClass(random: Random, parts: readonly RandomPart[]): readonly RandomPart[] {
  return parts.length === 4 && random.chance(0.8) ? [parts[0], parts[2]].flatMap((part) => part ?? []) : parts;
}

const moveRows: Maker = (random, table) => {
  const batch = random.chance(0.3) ? { batch: random.int(1, 4) } : {};
  if (table.strategy === "list" && table.scheme === "declarative")
    return { request: bare("move-rows", { values: [1, 2, 77].map((number) => spelled(table, [number])), ...batch }) };
  const width = table.key[0]?.type.width(1) ?? null;
  if (table.strategy === "range" && width !== null && random.chance(0.6)) {
    const start = behind(table);
    return {
      request: bare("move-rows", {
        start: spelled(table, [start]),
        end: spelled(table, [start + 3 * unit]),
        interval: width,
        create: true,
        ...batch,
      }),
    };
  }
  return { request: bare("move-rows", { create: random.chance(0.5), ...batch }) };
};

const ranges: Maker = (random, table) => ({
  request: bare("create-ranges", {
    start: spelled(table, [behind(table)]),
    interval: table.key[0]?.type.width(1) ?? undefined,
    count: random.int(1, 3),
  }),
});

const span: Maker = (random, table) => {
  const start = behind(table);
  return {
    request: bare("create-span", {
      start: spelled(table, [start]),
      end: spelled(table, [start + random.int(1, 3) * unit]),
      interval: table.key[0]?.type.width(1) ?? undefined,
    }),
  };
};

const convert: Maker = (random, table) => {
  const to = { to: "declarative" };
  if (table.scheme !== "plain") return { request: bare("convert", to) };
  const strategy = random.pick(["range", "list", "hash"] as const);
  const width = table.key[0]?.type.width(1) ?? null;
  // What says which partitions a copy is made with is of no matter where none is made.
  const copied = {
    range: { start: spelled(table, [0]), end: spelled(table, [2 * unit]), interval: width ?? "1" },
    list: { values: [1, 2].map((number) => spelled(table, [number])) },
    hash: { modulus: random.int(1, 4) },
  };
  return {
    request: bare("convert", {
      ...to,
      key: table.key[0]?.name ?? "",
      strategy,
      batch: random.int(2, 5),
      ...copied[strategy],
    }),
  };
};

/** A table with columns in another order, and rows of the bound only. */
const attach: Maker = (random, table, world) => {
  const { strategy, parts } = table;
  const start = behind(table);
  const values = [101, 102, 103].slice(0, random.int(1, 3));
  const hashes = parts.flatMap(({ bound }) => (bound.kind === "hash" ? [bound] : []));
  const modulus = hashes[0]?.modulus ?? 1;
  const remainder =
    Array.from({ length: modulus }, (_, number) => number).find(
      (number) => !hashes.some((each) => each.remainder === number),
    ) ?? 0;
  const bound =
    strategy === "list"
      ? { values: values.map((value) => spelled(table, [value])) }
      : strategy === "hash"
        ? { modulus, remainder }
        : { from: spelled(table, [start]), to: spelled(table, [start + unit]) };
  const own = `made_${world.schema}`;
  const given = table.columns.filter((column) => column.name !== "old" && column.value(0) !== null);
  const names = given.map((column) => quoteIdentifier(column.name)).join(", ");
  const number = strategy === "list" ? (values[0] ?? 0) : start + 1;
  const lines = Array.from({ length: 3 }, () => `(${given.map((column) => column.value(number)).join(", ")})`);
  const id = given.some((column) => column.name === "id");
  return {
    request: bare("attach", { partition: own, ...bound }),
    schema: `CREATE TABLE ${own} (LIKE ${quoteIdentifier(table.name)}${random.chance(0.5) ? " INCLUDING ALL EXCLUDING IDENTITY" : " INCLUDING GENERATED INCLUDING CONSTRAINTS"});\n`,
    rows: strategy === "hash" || !id ? "" : `INSERT INTO ${own} (${names}) VALUES ${lines.join(", ")};\n`,
    aside: own,
  };
};

/** The number behind all ranges; such that a default holds few of its rows. */
function behind({ parts }: RandomTable): number {
  const ends = parts.flatMap(({ bound }) => (bound.kind === "range" ? [bound.upper[0] ?? 0] : []));
  return Math.max(0, ...ends) + unit;
}

/** As people type it: without quotes; several columns in parentheses. */
function spelled({ key }: RandomTable, point: Point): string {
  const values = point.map((number, index) => {
    const type = key[index]?.type;
    if (type === undefined || number === null) return "NULL";
    return point.length > 1 ? literal(type, number) : type.spell(number);
  });
  return values.length > 1 ? `(${values.join(", ")})` : (values[0] ?? "");
}
