/** Names of partitions that a script makes: as asked for, else in the manner of their siblings. */

import { freshName, partitionName } from "../catalog/partition-names.ts";
import type { Bound } from "../catalog/partitioning.ts";
import type { Value } from "../catalog/value.ts";
import { printValue } from "../catalog/values/print.ts";
import { type Division, type Failure, type KnownPart, nameProblem } from "./division.ts";
import { calendarOf, type WriterContext } from "./writer.ts";

/** The schema in which new partitions are made: that of the youngest one, else the table's. */
export function schemaOfParts({ parts, table }: Division): string {
  return parts.at(-1)?.schema ?? table.schema;
}

/** Gives names one after the other; none twice, and none that is taken. */
export class PartNames {
  private readonly taken = new Set<string>();
  private readonly division: Division;
  private readonly context: WriterContext;
  private readonly schema: string;

  constructor(division: Division, context: WriterContext, schema: string = schemaOfParts(division)) {
    this.division = division;
    this.context = context;
    this.schema = schema;
  }

  /** The name that was asked for, or why it cannot be given. */
  asked(name: string): string | Failure {
    const problem = this.taken.has(name)
      ? `${name} is the name of another new partition`
      : nameProblem(name, this.schema, this.context.catalog);
    if (problem !== null) return { message: problem, argument: "name" };
    this.taken.add(name);
    return name;
  }

  /** A name for a part with the bound, in the manner of its siblings. */
  proposed(bound: Bound): string {
    const { catalog } = this.context;
    const { table } = this.division;
    const name =
      bound.kind === "range"
        ? partitionName(catalog, table, bound, calendarOf(table, catalog), this.taken)
        : freshName(catalog, this.schema, this.wanted(bound), this.taken);
    this.taken.add(name);
    return name;
  }

  private wanted(bound: Bound): string {
    const { table, parts } = this.division;
    if (bound.kind === "default") return `${table.name}_default`;
    const tail = tailOf(bound, this.division, this.context);
    const like = parts.find((part) => isNamedBy(part, this.division, this.context));
    const own = like === undefined ? null : tailOf(like.bound, this.division, this.context);
    const stem = like === undefined || own === null ? `${table.name}_` : like.name.slice(0, -own.length);
    return `${stem}${tail ?? "more"}`;
  }
}

/** What of a list's or hash's bound stands in the name: its first value, its remainder. */
function tailOf(bound: Bound, { key }: Division, { catalog }: WriterContext): string | null {
  if (bound.kind === "hash") return String(bound.remainder);
  if (bound.kind !== "list") return null;
  const [value] = bound.values;
  if (value === undefined) return null;
  if (value === null) return "null";
  const type = key.elements[0]?.type ?? null;
  const text = type === null ? null : wordOf(value, printValue(value, type, catalog.settings));
  return text === "" ? null : text;
}

/** Letters and digits, joined by `_`. */
function wordOf(value: Value, printed: string): string {
  const text = value.family === "boolean" ? (value.value ? "true" : "false") : printed;
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .replace(/^_|_$/g, "");
}

function isNamedBy(part: KnownPart, division: Division, context: WriterContext): boolean {
  const tail = tailOf(part.bound, division, context);
  return tail !== null && part.name.length > tail.length && part.name.toLowerCase().endsWith(tail);
}
