/** Moves the rows of a default partition, or those that an inheritance parent holds itself, to partitions of their own. */

import { coverageOf, gapsOf } from "../../catalog/coverage.ts";
import { layoutOf } from "../../catalog/layout.ts";
import type { Bound } from "../../catalog/partitioning.ts";
import type { Relation } from "../../catalog/relation.ts";
import { spellBound } from "../../catalog/written-bound.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import { conditionOf } from "../condition.ts";
import { reshapeAhead } from "../copy-ahead.ts";
import { referencesTo, rowColumns } from "../declarative/carry-over.ts";
import { type Division, divisionOf, type Failure, immovable, type KnownPart, type Part } from "../division.ts";
import { cutNote, listed, publicationNote, siblingsNote } from "../hand-over-notes.ts";
import { readPoint, readStep, readValues } from "../key-value.ts";
import { copyRows, guardsOf, moveRows, moveRowsByBatches } from "../moved-rows.ts";
import type { OperationRequest } from "../operation.ts";
import { PartNames, schemaOfParts } from "../part-names.ts";
import { analyze, lateSteps, type Making, makeTable, place, type StepContext, step } from "../part-steps.ts";
import { assembleScript } from "../print.ts";
import { reshape } from "../reshape.ts";
import type { OperationResult, ScriptStep } from "../script.ts";
import { handedBySiblings } from "../siblings.ts";
import {
  calendarOf,
  failed,
  fullName,
  problem,
  resolveRelation,
  type Writer,
  type WriterContext,
  writeName,
} from "../writer.ts";
import { countsDays, edgeOf, fillLimit, overlapping, rangesOfGaps, rangesUpTo, usualStep } from "./extend.ts";
import { waitText, writeSplit } from "./split.ts";

/** How many rows one transaction of a batched move takes. */
const usualBatch = 10_000;

export const writeMoveRows: Writer = (request, table, context) => {
  const { catalog } = context;
  const division = divisionOf(table, context);
  if ("message" in division) return failed(division);
  if (division.scheme === "inheritance") return fromParent(request, division, context);
  const from =
    request.from === null ? (division.defaultPart?.relation ?? null) : resolveRelation(catalog, request.from);
  const name = writeName(catalog, table);
  if (from === null)
    return request.from === null
      ? problem(`${name} has no default partition: name with "from" the partition whose rows are to move`, "from")
      : problem(`there is no relation ${request.from} at this point of the script`, "from");
  const source = division.parts.find(({ relation }) => relation.id === from.id);
  if (source === undefined)
    return problem(
      from.id === table.id
        ? `${name} holds no rows itself: its partitions do`
        : `${writeName(catalog, from)} is not a partition of ${name}`,
      "from",
    );
  const hindrance = immovable(source, context, "move the rows of");
  if (hindrance !== null) return problem(hindrance, "from");
  if (source.bound.kind === "default") return fromDefault(request, source, division, context);
  const step = usualStep(division, context);
  if (source.bound.kind !== "range" || (request.interval === null && step === null))
    return writeSplit({ ...request, operation: "split", partition: fullName(from) }, table, context);
  const by = request.interval ?? intervalText(step);
  return writeSplit({ ...request, operation: "split", partition: fullName(from), by }, table, context);
};

/** No row of the default belongs to a partition that exists; so what is moved goes to new ones. */
function fromDefault(
  request: OperationRequest,
  source: KnownPart,
  division: Division,
  context: WriterContext,
): OperationResult {
  const { catalog } = context;
  const name = writeName(catalog, source);
  if (!request.create && request.values.length === 0 && request.start === null)
    return problem(
      `${name} holds no row of a partition that exists: with "create" the partitions are made that its rows need`,
      "create",
    );
  const bounds = wantedBounds(request, division, context);
  if ("message" in bounds) return failed(bounds);
  const names = new PartNames(division, context, schemaOfParts({ ...division, parts: withoutDefault(division) }));
  const made = namedParts(bounds, request, names, division);
  if ("message" in made) return failed(made);
  const kept: Part = { ...source, bound: { kind: "default" } };
  const reshaped =
    request.style === "online"
      ? reshapeAhead(division, [source], [...made, kept], request.batch, context)
      : reshape(division, [source], [...made, kept], context);
  if ("message" in reshaped) return failed(reshaped);
  const parent = writeName(catalog, division.table);
  const title = `Move rows of ${name} to ${count(made.length, "new partition")} of ${parent}`;
  return {
    ok: true,
    value: assembleScript(
      {
        title,
        comment: [
          `${title}: ${spans(made, division, context)}; rows outside of ${made.length === 1 ? "it" : "them"} stay in ${name}.`,
          waitText(division, name, parent, request.style),
          `Undo: merge ${[source, ...made].map((part) => writeName(catalog, part)).join(", ")}.`,
        ],
        steps: reshaped.steps,
        notes: reshaped.notes,
        undo: reshaped.undo,
      },
      context.inTransaction,
    ),
  };
}

/** The bounds of the partitions to make: those asked for, else what the table's series leaves out up to today. */
function wantedBounds(
  request: OperationRequest,
  division: Division,
  context: WriterContext,
): readonly Bound[] | Failure {
  const bounds =
    division.key.strategy === "list"
      ? wantedValues(request, division, context)
      : wantedRanges(request, division, context);
  if ("message" in bounds) return bounds;
  const clash = overlapping(bounds, division);
  if (clash === null) return bounds;
  const { catalog } = context;
  return {
    message: `${spellBound(clash.bound, division.key, catalog.settings)} would overlap ${writeName(catalog, clash.part)}`,
    argument: division.key.strategy === "list" ? "values" : "start",
  };
}

function wantedValues(
  request: OperationRequest,
  division: Division,
  context: WriterContext,
): readonly Bound[] | Failure {
  if (request.values.length === 0)
    return {
      message: '"values" must list the values whose rows get a partition of their own',
      argument: "values",
    };
  const values = readValues(request.values, division.key, context);
  return "message" in values ? values : [{ kind: "list", values }];
}

function wantedRanges(
  request: OperationRequest,
  division: Division,
  context: WriterContext,
): readonly Bound[] | Failure {
  const { key, table } = division;
  if (request.start !== null) {
    const start = readPoint(request.start, key, "start", context);
    if ("message" in start) return start;
    const [first] = start;
    if (first?.kind !== "value") return { message: '"start" must be a value', argument: "start" };
    const step =
      request.interval === null ? usualStep(division, context) : readStep(request.interval, key, "interval", context);
    if (step === null) return { message: '"interval" must say how wide the ranges are', argument: "interval" };
    if ("message" in step) return step;
    const end = request.end === null ? null : readPoint(request.end, key, "end", context);
    if (end !== null)
      return "message" in end ? end : rangesUpTo({ start: first, step }, end, division, context, "exactly");
    const today = readPoint(context.today, key, "end", context);
    if ("message" in today || !countsDays(division))
      return { message: '"end" must say where the last range ends', argument: "end" };
    return rangesUpTo({ start: first, step }, today, division, context, "beyond");
  }
  if (request.interval !== null)
    return { message: 'say with "start" where the first range of "interval" begins', argument: "start" };
  const layout = layoutOf(table);
  const gaps = layout === null ? [] : gapsOf(layout.key, layout.partitions);
  const inner = rangesOfGaps(
    gaps.filter(({ below, above }) => below !== null && above !== null),
    division,
    calendarOf(table, context.catalog),
  );
  if (inner === null)
    return {
      message: `the gaps would take more than ${fillLimit} partitions: say with "start" and "end" which ranges the rows are to get`,
      argument: "start",
    };
  const behind =
    request.end === null ? behindTheLast(division, context) : behindTheLastUpTo(request.end, division, context);
  if ("message" in behind) return behind;
  if (inner.length + behind.length > 0) return [...inner, ...behind];
  return {
    message:
      'the partitions leave no gap and reach to today: say with "start" and "end" which ranges the rows are to get',
    argument: "start",
  };
}

/** The ranges from the last partition to an end that was asked for, in the series of the table. */
function behindTheLastUpTo(text: string, division: Division, context: WriterContext): readonly Bound[] | Failure {
  const end = readPoint(text, division.key, "end", context);
  if ("message" in end) return end;
  const edge = edgeOf(division, context, "append");
  if ("message" in edge) return edge;
  const [first] = edge.point;
  if (first?.kind !== "value") return { message: '"start" must say where the first range begins', argument: "start" };
  return rangesUpTo({ start: first, step: edge.step }, end, division, context, "exactly");
}

/** The ranges from the last partition to the one that holds today. */
function behindTheLast(division: Division, context: WriterContext): readonly Bound[] {
  const edge = countsDays(division) ? edgeOf(division, context, "append") : null;
  const today = readPoint(context.today, division.key, "end", context);
  const first = edge === null || "message" in edge ? undefined : edge.point[0];
  if (edge === null || "message" in edge || "message" in today || first?.kind !== "value") return [];
  const ranges = rangesUpTo({ start: first, step: edge.step }, today, division, context, "beyond");
  return "message" in ranges ? [] : ranges;
}

/** Rows that the parent of children holds itself go to the children whose CHECK takes them. */
function fromParent(request: OperationRequest, division: Division, given: WriterContext): OperationResult {
  const context: StepContext = { ...given, division };
  const { catalog } = given;
  const { table } = division;
  const parent = writeName(catalog, table);
  if (request.from !== null && resolveRelation(catalog, request.from)?.id !== table.id)
    return problem(`only the rows that ${parent} holds itself are moved: leave "from" out`, "from");
  const referring = referencesTo(table, catalog);
  if (referring.length > 0)
    return problem(
      `${referring.map((relation) => writeName(catalog, relation)).join(", ")} refers to rows of ${parent}, and a foreign key sees none in its children: drop it first`,
      "table",
    );
  const missing = request.create ? missingParts(request, division, given) : [];
  if ("message" in missing) return failed(missing);
  const names = new PartNames(division, given);
  const made = namedParts(missing, request, names, division);
  if ("message" in made) return failed(made);
  const targets = [...division.parts.filter(({ bound }) => conditionOf(bound, division.condition) !== null), ...made];
  if (targets.length === 0) return problem(`no child of ${parent} has a bound that tells its rows`, "table");
  const like = division.parts.at(-1)?.relation ?? null;
  const isBatched = request.style === "online" || request.batch !== null;
  if (isBatched && given.inTransaction)
    return problem("batches are transactions of their own, and this script stands inside of one", "style");
  if (isBatched && given.version < 11)
    return problem('PostgreSQL 10 has no transactions inside of DO: leave "batch" out', "batch");
  const batch = request.batch ?? usualBatch;
  const making: Making = { keysOf: like, hung: handedBySiblings(division, given), filled: "seen" };
  const makes = made.flatMap((part) => [
    ...makeTable(part, table, context, making),
    ...place(part, context, false, true),
  ]);
  const columns = rowColumns(table);
  // Their triggers are for rows that come later: one that fires before a row goes in could change or drop what is moved.
  const late = made.flatMap((part) => lateSteps(part, table, context, making));
  const from = { ...table, relation: table };
  const moves = targets.map((part) => {
    const condition = conditionOf(part.bound, division.condition) ?? "false";
    return isBatched
      ? moveRowsByBatches(from, part, condition, columns, { ...given, size: batch })
      : moveRows(from, part, condition, columns, given);
  });
  const title = `Move rows of ${parent} itself to ${made.length === 0 ? "its children" : `its children and ${count(made.length, "new one")}`}`;
  const back = targets.map((part) => copyRows({ ...part, relation: table }, from, null, context));
  const guards = guardsOf(table, null, given);
  const undo: readonly ScriptStep[] | null =
    made.length === targets.length
      ? [...back, step(`DROP TABLE ${made.map((part) => writeName(catalog, part)).join(", ")}`)]
      : null;
  return {
    ok: true,
    value: assembleScript(
      {
        title,
        comment: [
          `${title}; rows that no child takes stay in ${parent}.`,
          isBatched
            ? `Readers and writers go on: ${batch} rows are moved in each transaction, and whoever stops the script may run it again.`
            : `Readers and writers go on; rows that are on the move cannot be changed up to COMMIT.`,
          undo === null
            ? `Undo: nothing tells the rows that were moved from those that were in the children already; only ONLY ${parent} shows what is left.`
            : "Undo: copy the rows back and drop the new children.",
        ],
        steps: [...makes, ...moves, ...late, ...analyze([{ ...table, relation: table }, ...targets], given)],
        notes: [
          ...(made.length === 0 ? [] : cutNote(context)),
          ...siblingsNote(made, making, context),
          ...(made.length === 0 ? [] : publicationNote(making.hung?.belongings ?? [])),
          ...triggersNote([table, ...division.parts.map(({ relation }) => relation)]),
          ...(undo === null || guards.length === 0
            ? []
            : [
                `Before the undo disable ${listed(guards.map(quoteIdentifier))} of ${parent}: where one keeps a row out, or sends it to a child, the undo stops, and nothing has changed.`,
              ]),
        ],
        undo,
      },
      given.inTransaction,
    ),
  };
}

/** DELETE fires the triggers of the parent, INSERT those of the children that are there. */
function triggersNote([parent, ...children]: readonly Relation[]): readonly string[] {
  const fired = [
    ...(parent?.triggers.filter(({ events }) => events.includes("delete")) ?? []),
    ...children.flatMap(({ triggers }) => triggers.filter(({ events }) => events.includes("insert"))),
  ];
  if (fired.length === 0) return [];
  return [
    `Triggers fire for the rows that are moved, of the parent as they are deleted, of the children that are there as they come in: ${listed([...new Set(fired.map(({ name }) => name))])}. Where one keeps a row out the script stops, and loses none.`,
  ];
}

/** What no child takes between the first and the last one, or what was asked for. */
function missingParts(
  request: OperationRequest,
  division: Division,
  context: WriterContext,
): readonly Bound[] | Failure {
  if (division.key.strategy === "hash") return [];
  const coverage = coverageOf(division.table);
  if (coverage?.known === false) return { message: "what the children take is not known here", argument: "create" };
  return wantedBounds(request, division, context);
}

function namedParts(
  bounds: readonly Bound[],
  request: OperationRequest,
  names: PartNames,
  division: Division,
): readonly Part[] | Failure {
  const schema = schemaOfParts({ ...division, parts: withoutDefault(division) });
  const parts: Part[] = [];
  for (const [index, bound] of bounds.entries()) {
    const name = index === 0 && request.name !== null ? names.asked(request.name) : names.proposed(bound);
    if (typeof name !== "string") return name;
    parts.push({ schema, name, bound, relation: null });
  }
  return parts;
}

function withoutDefault({ parts }: Division): readonly KnownPart[] {
  return parts.filter(({ bound }) => bound.kind !== "default");
}

function spans(parts: readonly Part[], { key }: Division, { catalog }: WriterContext): string {
  const shown = parts.slice(0, 6).map((part) => {
    const bound = spellBound(part.bound, key, catalog.settings).replace(/^FOR VALUES /, "");
    return `${writeName(catalog, part)} ${bound}`;
  });
  const more = parts.length - shown.length;
  return `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function count(number: number, what: string): string {
  return number === 1 ? `1 ${what}` : `${number} ${what}s`;
}

/** The width as `readStep` reads it back; null where there is none. */
export function intervalText(step: ReturnType<typeof usualStep>): string | null {
  if (step === null) return null;
  if (step.kind === "months")
    return step.months % 12 === 0 ? count(step.months / 12, "year") : count(step.months, "month");
  if (step.kind === "span") {
    if (step.micros % 1_000_000n !== 0n) return null;
    const seconds = Number(step.micros / 1_000_000n);
    const unit = (
      [
        ["day", 86_400],
        ["hour", 3_600],
        ["minute", 60],
      ] as const
    ).find(([, size]) => seconds % size === 0);
    return unit === undefined ? count(seconds, "second") : count(seconds / unit[1], unit[0]);
  }
  const digits = String(step.digits).padStart(step.scale + 1, "0");
  return step.scale === 0 ? digits : `${digits.slice(0, -step.scale)}.${digits.slice(-step.scale)}`;
}
