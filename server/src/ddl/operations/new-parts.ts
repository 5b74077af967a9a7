/** The script that makes partitions which take no row from any other: CREATE TABLE … LIKE, then put in place. */

import { isPartitioned } from "../../catalog/layout.ts";
import type { Bound } from "../../catalog/partitioning.ts";
import type { Division, Part } from "../division.ts";
import type { OperationRequest } from "../operation.ts";
import { PartNames, schemaOfParts } from "../part-names.ts";
import { makeTable, place, type StepContext, step } from "../part-steps.ts";
import { assembleScript } from "../print.ts";
import type { OperationResult } from "../script.ts";
import { failed, problem, type WriterContext, writeName } from "../writer.ts";

/** CREATE TABLE … LIKE and ATTACH, which readers and writers of the parent do not notice; not PARTITION OF, which locks them out. */
export function scriptOfNewParts(
  title: string,
  bounds: readonly Bound[],
  request: OperationRequest,
  division: Division,
  given: WriterContext,
): OperationResult {
  const { catalog, version } = given;
  const { table, scheme } = division;
  const context: StepContext = { ...given, division };
  const parent = writeName(catalog, table);
  const sibling = division.parts.findLast(({ bound }) => bound.kind !== "default") ?? null;
  if (sibling !== null && isPartitioned(sibling.relation)) {
    return problem(
      `the partitions of ${parent} are partitioned themselves: create the new one by hand, with the sub-partitions it needs`,
      "table",
    );
  }
  const schema = schemaOfParts(division);
  const names = new PartNames(division, given, schema);
  const parts: Part[] = [];
  for (const [index, bound] of bounds.entries()) {
    const name = index === 0 && request.name !== null ? names.asked(request.name) : names.proposed(bound);
    if (typeof name !== "string") return failed(name);
    parts.push({ schema, name, bound, relation: null });
  }
  // Children by inheritance have foreign keys of their own, which their parent does not hand down.
  const like = scheme === "inheritance" && sibling !== null ? sibling.relation : null;
  const steps = parts.flatMap((part) => [
    ...makeTable(part, table, context, like),
    ...place(part, context, division.defaultPart !== null, true),
  ]);
  const dropped = parts.map((part) => writeName(catalog, part)).join(", ");
  const trigger = table.triggers.find(({ row, events }) => row && events.includes("insert"));
  return {
    ok: true,
    value: assembleScript(
      {
        title,
        comment: [
          `${title}.`,
          scheme === "inheritance"
            ? `Readers and writers of ${parent} go on: INHERIT takes SHARE UPDATE EXCLUSIVE there.`
            : version >= 12
              ? `Readers and writers of ${parent} go on: ATTACH takes SHARE UPDATE EXCLUSIVE there, unlike CREATE TABLE … PARTITION OF.`
              : `ATTACH takes ACCESS EXCLUSIVE on ${parent} before PostgreSQL 12: its readers and writers wait for a moment.`,
          `Undo: DROP TABLE ${dropped}.`,
        ],
        steps,
        notes: [
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
        undo: [step(`DROP TABLE ${dropped}`, ...parts.map((part) => [part, "ACCESS EXCLUSIVE"] as const))],
      },
      given.inTransaction,
    ),
  };
}
