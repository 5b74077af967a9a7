/** The script that makes partitions which take no row from any other: CREATE TABLE … LIKE, then put in place. */

import { madeInPortions, notedPortions } from "../../catalog/access.ts";
import type { Bound } from "../../catalog/partitioning.ts";
import { itemsOfNaming, itemsOfPortion, itemsOfWriting } from "../../text/portions.ts";
import { referencesTo } from "../declarative/carry-over.ts";
import type { Division, Failure, Part } from "../division.ts";
import { cutNote, publicationNote, siblingsNote } from "../hand-over-notes.ts";
import { strongest } from "../locks.ts";
import type { OperationRequest } from "../operation.ts";
import { PartNames, schemaOfParts } from "../part-names.ts";
import { lateSteps, type Making, makeTable, place, release, type StepContext, step } from "../part-steps.ts";
import { makePartitioned, partsBelow } from "../parts-below.ts";
import { assembleScript } from "../print.ts";
import type { OperationResult, ScriptStep } from "../script.ts";
import { handedBySiblings } from "../siblings.ts";
import { failed, fullName, type WriterContext, writeName } from "../writer.ts";

/** CREATE TABLE … LIKE and ATTACH, which readers and writers of the parent do not notice; not PARTITION OF, which locks them out. */
export function scriptOfNewParts(
  title: string,
  bounds: readonly Bound[],
  request: OperationRequest,
  division: Division,
  given: WriterContext,
): OperationResult {
  const { catalog } = given;
  const { table, scheme } = division;
  const context: StepContext = { ...given, division };
  const parent = writeName(catalog, table);
  const sibling = division.parts.findLast(({ bound }) => bound.kind !== "default") ?? null;
  const below =
    sibling === null || bounds.some(({ kind }) => kind === "default") ? null : partsBelow(sibling, division, given);
  if (below !== null && "message" in below) return failed(below);
  const schema = schemaOfParts(division);
  const parts = named(bounds, request, division, given, schema);
  if ("message" in parts) return failed(parts);
  // Children by inheritance have foreign keys of their own, which their parent does not hand down.
  const like = scheme === "inheritance" && sibling !== null ? sibling.relation : null;
  const hung = handedBySiblings(division, given);
  const making: Making = { keysOf: like, hung };
  const steps = madeInPortions(parts, 8 * itemsOfWriting, (part) => [
    ...(below === null
      ? makeTable(part, table, context, making)
      : makePartitioned(part, below, table, context, making)),
    ...place(part, context, division.defaultPart !== null, true),
    ...lateSteps(part, table, context, making),
  ]);
  const dropped = parts.map((part) => writeName(catalog, part)).join(", ");
  const trigger = table.triggers.find(({ row, events }) => row && events.includes("insert"));
  return {
    ok: true,
    value: assembleScript(
      {
        title,
        comment: [`${title}.`, ...waiting(steps, division, context), `Undo: DROP TABLE ${dropped}.`],
        steps,
        notes: [
          ...cutNote(context),
          ...siblingsNote(parts, making, context),
          ...publicationNote(making.hung?.belongings ?? []),
          ...(division.defaultPart !== null
            ? [
                'The default partition is locked (ACCESS EXCLUSIVE) and searched for rows of the new range; if it holds any, ATTACH is refused and nothing changes: move-rows with "create" makes the partitions and moves the rows.',
              ]
            : []),
          ...(scheme === "inheritance" && trigger !== undefined
            ? [
                `Rows are sent to the children of ${parent} by the trigger ${trigger.name}: it has to know the new ones.`,
              ]
            : []),
        ],
        undo: [
          // What a foreign key refers to is not dropped as long as it is a partition.
          ...(scheme === "declarative" && referencesTo(table, catalog).length > 0
            ? parts.flatMap((part) => release(part, { ...context, undoing: true }, division.defaultPart !== null))
            : []),
          step(`DROP TABLE ${dropped}`, ...parts.map((part) => [part, "ACCESS EXCLUSIVE"] as const)),
        ],
      },
      given.inTransaction,
    ),
  };
}

/** The parts, each with its name: the first one's may have been asked for. */
function named(
  bounds: readonly Bound[],
  { name: asked }: OperationRequest,
  division: Division,
  context: WriterContext,
  schema: string,
): readonly Part[] | Failure {
  interface Named {
    readonly names: PartNames;
    readonly parts: Part[];
    readonly failure: Failure | null;
  }
  const { parts, failure } = notedPortions<Named>((left) => {
    const { names, parts } = left ?? { names: new PartNames(division, context, schema), parts: [] as Part[] };
    const end = Math.min(bounds.length, parts.length + itemsOfPortion / itemsOfNaming);
    const items = (end - parts.length) * itemsOfNaming;
    for (const bound of bounds.slice(parts.length, end)) {
      const name = parts.length === 0 && asked !== null ? names.asked(asked) : names.proposed(bound);
      if (typeof name !== "string") return { state: { names, parts, failure: name }, isDone: true, items };
      parts.push({ schema, name, bound, relation: null });
    }
    return { state: { names, parts, failure: null }, isDone: end === bounds.length, items };
  });
  return failure ?? parts;
}

/** Who waits for whom while parts are put in place: of the table, and of those at the other end of its foreign keys. */
function waiting(
  steps: readonly ScriptStep[],
  { table, scheme }: Division,
  { catalog }: WriterContext,
): readonly string[] {
  const parent = writeName(catalog, table);
  const locks = strongest(steps.flatMap((each) => each.locks));
  const own = locks.find(({ relation }) => relation === fullName(table))?.mode;
  const locked = new Set(locks.filter(({ mode }) => mode === "SHARE ROW EXCLUSIVE").map(({ relation }) => relation));
  const relations = locked.size === 0 ? [] : [...catalog.relations.values()];
  const others = relations.filter(
    (relation) => relation.partitionOf === null && relation.id !== table.id && locked.has(fullName(relation)),
  );
  const verb = scheme === "inheritance" ? "INHERIT" : "ATTACH";
  return [
    own === "ACCESS EXCLUSIVE"
      ? `ATTACH takes ACCESS EXCLUSIVE on ${parent} before PostgreSQL 12: its readers and writers wait for a moment.`
      : own === "SHARE ROW EXCLUSIVE"
        ? `Readers of ${parent} go on, and its writers wait for a moment: it refers to itself, and so ATTACH takes SHARE ROW EXCLUSIVE there.`
        : `Readers and writers of ${parent} go on: ${verb} takes SHARE UPDATE EXCLUSIVE there${verb === "ATTACH" ? ", unlike CREATE TABLE … PARTITION OF" : ""}.`,
    ...(others.length === 0
      ? []
      : [
          `Writers of ${others.map((relation) => writeName(catalog, relation)).join(", ")} wait for a moment (SHARE ROW EXCLUSIVE), because of the foreign keys.`,
        ]),
  ];
}
