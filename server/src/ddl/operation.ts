/** The operations that write DDL, and how their arguments are read. */

import type { OperationProblem } from "./script.ts";

/** What can be asked for, in the words of the manual and of pg_pathman. */
export const operations = [
  "split",
  "merge",
  "append",
  "prepend",
  "fill",
  "create-ranges",
  "create-span",
  "create-hashes",
  "rehash",
  "add-default",
  "drop-default",
  "move-rows",
  "attach",
  "detach",
  "drop",
  "retention",
  "foreign",
  "update-triggers",
  "disable",
  "convert",
] as const;
export type Operation = (typeof operations)[number];

/** `simple`: one transaction; `online`: readers and writers go on, at the price of more steps. */
export const styles = ["simple", "online"] as const;
export type Style = (typeof styles)[number];

/** Relations as people write them: `measurement`, `app."Sales"`, or `app.Sales` unquoted as our answers have it. */
export interface OperationRequest {
  readonly operation: Operation;
  readonly table: string;
  readonly style: Style;
  /** split, detach, drop: the partition; attach: the table that becomes one. */
  readonly partition: string | null;
  /** merge: the neighbours to merge; the first keeps its name. */
  readonly partitions: readonly string[];
  /** split: the first value of the upper part. */
  readonly at: string | null;
  /** split: into how many parts. */
  readonly into: number | null;
  /** split: by which interval. */
  readonly by: string | null;
  /** split of a list: what moves to the new partition; attach, foreign: a list's values. */
  readonly values: readonly string[];
  /** fill: the lower end of the one gap meant; move-rows: the relation that holds the rows; attach, foreign: the lower bound. */
  readonly from: string | null;
  /** attach, foreign: the upper bound; convert: what the table is to become. */
  readonly to: string | null;
  /** create-ranges, create-span, move-rows: where the first range begins. */
  readonly start: string | null;
  /** create-span, move-rows: where the last range ends. */
  readonly end: string | null;
  readonly interval: string | null;
  readonly modulus: number | null;
  readonly remainder: number | null;
  /** The name of the table that comes to be; null takes the pattern of the siblings. */
  readonly name: string | null;
  /** append, prepend, create-ranges: how many. */
  readonly count: number;
  /** move-rows: how many rows are moved at once. */
  readonly batch: number | null;
  /** move-rows: whether partitions that are missing are made. */
  readonly create: boolean;
  /** retention: an interval, or a number of partitions. */
  readonly keep: string | null;
  /** retention: what becomes of the partitions that are older. */
  readonly action: (typeof actions)[number] | null;
  readonly server: string | null;
  readonly key: string | null;
  readonly strategy: string | null;
}

export const actions = ["detach", "drop", "archive"] as const;

export type RequestResult =
  | { readonly ok: true; readonly value: OperationRequest }
  | { readonly ok: false; readonly problem: OperationProblem };

/** The arguments besides `table`, with what they take; `partition` and `values` may be given several times on a command line. */
export const operationArguments = {
  style: { takes: "style", help: "simple (one transaction) or online" },
  partition: { takes: "text", help: "the partition; merge: given once for each one" },
  partitions: { takes: "texts", help: "merge: the partitions" },
  at: { takes: "text", help: "split: the first value of the upper part" },
  into: { takes: "number", help: "split: into how many parts" },
  by: { takes: "text", help: "split: the interval of the parts" },
  values: { takes: "texts", help: "the values of a list partition; convert: of which each gets one" },
  from: { takes: "text", help: "fill: where the gap begins; move-rows: whose rows; attach, foreign: the lower bound" },
  to: { takes: "text", help: "attach, foreign: the upper bound; convert: declarative, partman, citus or plain" },
  start: { takes: "text", help: "create-ranges, create-span, move-rows, convert: where the first range begins" },
  end: { takes: "text", help: "create-span, move-rows, convert: where the last range ends" },
  interval: { takes: "text", help: "the width of the ranges: 1 month, 1000" },
  modulus: { takes: "number", help: "create-hashes, rehash, attach, convert: the modulus" },
  remainder: { takes: "number", help: "attach: the remainder" },
  name: { takes: "text", help: "the name of the new partition" },
  count: { takes: "number", help: "append, prepend, create-ranges, convert: how many" },
  batch: { takes: "number", help: "move-rows, split, rehash, convert: how many rows are moved at once" },
  create: { takes: "flag", help: "move-rows: make the partitions that are missing" },
  keep: { takes: "text", help: "retention: an interval, or a number of partitions" },
  action: { takes: "action", help: "retention: detach, drop or archive" },
  server: { takes: "text", help: "foreign: the foreign server" },
  key: { takes: "text", help: "convert: the column to partition by" },
  strategy: { takes: "text", help: "convert: range, list or hash" },
} as const satisfies Readonly<Record<string, { readonly takes: Kind; readonly help: string }>>;

/** What each operation does, in a few words, and the arguments that it takes besides `table` and `style`. */
export const operationDetails: Readonly<
  Record<Operation, { readonly does: string; readonly takes: readonly Argument[] }>
> = {
  split: {
    does: "one partition into two or more",
    takes: ["partition", "at", "into", "by", "values", "name", "batch"],
  },
  merge: { does: "neighbouring partitions into one", takes: ["partitions", "name"] },
  append: { does: "the next partitions of the series", takes: ["count", "name"] },
  prepend: { does: "the partitions before the first one", takes: ["count", "name"] },
  fill: { does: "partitions for what none takes", takes: ["from", "name"] },
  "create-ranges": {
    does: "so many ranges of one width, from a start",
    takes: ["start", "interval", "count", "end", "name"],
  },
  "create-span": { does: "ranges of one width from a start to an end", takes: ["start", "end", "interval", "name"] },
  "create-hashes": { does: "one hash partition for each remainder", takes: ["modulus", "name"] },
  rehash: { does: "the same rows in another number of hash partitions", takes: ["modulus", "batch"] },
  "add-default": { does: "for rows that no partition takes", takes: ["name"] },
  "drop-default": { does: "if it holds no row", takes: ["name"] },
  "move-rows": {
    does: "out of the default or the parent, to partitions of their own",
    takes: ["from", "create", "start", "end", "interval", "values", "name", "batch"],
  },
  attach: { does: "a table becomes a partition", takes: ["partition", "from", "to", "values", "modulus", "remainder"] },
  detach: { does: "a partition becomes a table of its own", takes: ["partition"] },
  drop: { does: "a partition with its rows", takes: ["partition"] },
  retention: { does: "detach, archive or drop what is older", takes: ["keep", "action", "name"] },
  foreign: {
    does: "a partition whose rows another server has",
    takes: ["server", "from", "to", "values", "modulus", "remainder", "name"],
  },
  "update-triggers": { does: "rows whose key changes go to the child that takes them", takes: [] },
  disable: { does: "the extension that manages the table", takes: [] },
  convert: {
    does: "to another way of dividing the table",
    takes: ["to", "key", "strategy", "interval", "start", "end", "count", "values", "modulus", "batch"],
  },
};

type Kind = "text" | "texts" | "number" | "flag" | "style" | "action";
export type Argument = keyof typeof operationArguments;

/** The largest number that each argument takes. */
const most: Readonly<Partial<Record<Argument, number>>> = {
  count: 1000,
  into: 1000,
  modulus: 1000,
  remainder: 999,
  batch: 10_000_000,
};

/** A request with nothing but what is given. */
export function newRequest(
  given: Partial<OperationRequest> & Pick<OperationRequest, "operation" | "table">,
): OperationRequest {
  return { ...nothing, ...given };
}

const nothing: Omit<OperationRequest, "operation" | "table"> = {
  style: "simple",
  partition: null,
  partitions: [],
  at: null,
  into: null,
  by: null,
  values: [],
  from: null,
  to: null,
  start: null,
  end: null,
  interval: null,
  modulus: null,
  remainder: null,
  name: null,
  count: 1,
  batch: null,
  create: false,
  keep: null,
  action: null,
  server: null,
  key: null,
  strategy: null,
};

/** Reads the arguments of `partitionLens.generate` or of the command line. */
export function readOperationRequest(raw: unknown): RequestResult {
  if (typeof raw !== "object" || raw === null) {
    return wrong('pass one object with "operation" and "table"', "operation");
  }
  const given = raw as Readonly<Record<string, unknown>>;
  const operation = operations.find((known) => known === given["operation"]);
  if (operation === undefined) return wrong(`"operation" must be one of ${operations.join(", ")}`, "operation");
  const table = given["table"];
  if (typeof table !== "string" || table.trim() === "") {
    return wrong('"table" must name the partitioned table', "table");
  }
  const read: Record<string, unknown> = {};
  for (const [argument, { takes }] of Object.entries(operationArguments)) {
    const value = given[argument];
    if (value === undefined || value === null) continue;
    const result = readArgument(argument as Argument, takes, value);
    if ("message" in result) return wrong(result.message, argument);
    read[argument] = result.value;
  }
  return { ok: true, value: { ...nothing, ...(read as Partial<OperationRequest>), operation, table } };
}

function readArgument(
  argument: Argument,
  takes: Kind,
  value: unknown,
): { readonly value: unknown } | { readonly message: string } {
  switch (takes) {
    case "text":
      if (typeof value === "string" || typeof value === "number") return { value: String(value) };
      return { message: `"${argument}" must be a text` };
    case "texts": {
      const list = typeof value === "string" ? splitList(value) : value;
      if (list === null) return { message: openQuote(argument, String(value)) };
      const kind = argument === "partitions" ? "names" : "values";
      if (!Array.isArray(list) || !list.every((each) => typeof each === "string" || typeof each === "number"))
        return { message: `"${argument}" must be a list of ${kind}` };
      return { value: list.map(String) };
    }
    case "number": {
      const number = typeof value === "string" && /^\d+$/.test(value.trim()) ? Number(value) : value;
      const [least, greatest] = [argument === "remainder" ? 0 : argument === "into" ? 2 : 1, most[argument] ?? 1000];
      if (typeof number !== "number" || !Number.isInteger(number) || number < least || number > greatest)
        return { message: `"${argument}" must be a whole number from ${least} to ${greatest}` };
      return { value: number };
    }
    case "flag":
      if (typeof value !== "boolean") return { message: `"${argument}" must be true or false` };
      return { value };
    case "style":
    case "action": {
      const choices: readonly string[] = takes === "style" ? styles : actions;
      const choice = choices.find((each) => each === value);
      return choice === undefined
        ? { message: `"${argument}" must be one of ${choices.join(", ")}` }
        : { value: choice };
    }
  }
}

/** The items of `a, 'b, c'`: commas inside quotes separate nothing. null where a quote is not closed. */
function splitList(text: string): readonly string[] | null {
  if (/['"]/.test(text.replaceAll(listItem, ""))) return null;
  return [...text.matchAll(listItem)].map(([item]) => item.trim());
}

const listItem = /(?:'(?:[^']|'')*'|"(?:[^"]|"")*"|[^,'"])+/g;

/** How to write what `splitList` does not take. */
function openQuote(argument: Argument, text: string): string {
  const [quote, thing] = argument === "partitions" ? ['"', "name"] : ["'", "value"];
  const item = text.split(",").find((each) => each.split(quote).length % 2 === 0) ?? text;
  const written = `${quote}${item.trim().replaceAll(quote, quote + quote)}${quote}`;
  return `a quote in "${argument}" is not closed: a ${thing} that has one in it is written ${written}`;
}

function wrong(message: string, argument: string): RequestResult {
  return { ok: false, problem: { message, argument } };
}
