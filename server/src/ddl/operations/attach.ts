/** A table becomes a part: in one step, or so that nothing is searched while anybody waits; foreign tables too. */

import type { Bound } from "../../catalog/partitioning.ts";
import type { Relation } from "../../catalog/relation.ts";
import { spellBound } from "../../catalog/written-bound.ts";
import { quoteIdentifier, truncateIdentifier } from "../../syntax/names.ts";
import { shareOf } from "../bound-relation.ts";
import { checkOf, conditionOf, notIn } from "../condition.ts";
import { type Division, divisionOf, type Failure, type Part, type TableReference } from "../division.ts";
import { remadeNote } from "../hand-over-notes.ts";
import { readBound } from "../key-value.ts";
import { lock } from "../locks.ts";
import type { OperationRequest } from "../operation.ts";
import { PartNames, schemaOfParts } from "../part-names.ts";
import {
  checkText,
  newCheckName,
  place,
  remadeAsBefore,
  type StepContext,
  step,
  withoutRemade,
} from "../part-steps.ts";
import { assembleScript } from "../print.ts";
import type { LockMode, ScriptStep } from "../script.ts";
import { failed, problem, resolveRelation, type Writer, type WriterContext, writeName } from "../writer.ts";

export const writeAttach: Writer = (request, table, given) => {
  const { catalog } = given;
  const division = divisionOf(table, given);
  if ("message" in division) return failed(division);
  const bound = freeBound(request, division, given);
  if ("message" in bound) return failed(bound);
  if (request.partition === null) return problem('"partition" must name the table to attach', "partition");
  const relation = resolveRelation(catalog, request.partition);
  if (relation === null)
    return problem(`there is no relation ${request.partition} at this point of the script`, "partition");
  const hindrance = unattachable(relation, table, given);
  if (hindrance !== null) return problem(hindrance, "partition");
  const part: Part = { schema: relation.schema, name: relation.name, relation, bound };
  const context: StepContext = { ...given, division };
  const [name, parent] = [writeName(catalog, part), writeName(catalog, table)];
  const written = spellBound(bound, division.key, catalog.settings).replace(/^FOR VALUES /, "");
  const title = `Attach ${name} to ${parent}`;
  const undo = takenOut(part, context);
  const isOnline = request.style === "online";
  if (isOnline && given.inTransaction)
    return problem("the steps are transactions of their own, and this script stands inside of one", "style");
  const steps = isOnline ? attachedOnline(part, context) : inPlace(part, context);
  const missing = missingIndexes(relation, division);
  return {
    ok: true,
    value: assembleScript(
      {
        title,
        comment: [
          `${title} for ${written}.`,
          isOnline
            ? `Nothing is searched under a lock that readers or writers wait for: what ATTACH would search is proved before it, by constraints that are validated while all go on.`
            : `${name} is locked (ACCESS EXCLUSIVE) while it is searched for rows outside of the bound${division.defaultPart === null ? "" : ", and so is the default partition"}; with style online nobody waits for that.`,
          `Undo: ${undo.map(({ sql }) => sql).join("; ")}.`,
        ],
        steps,
        notes: [
          ...(missing.length === 0
            ? []
            : [
                `ATTACH builds what ${name} lacks of the indexes ${missing.join(", ")} of ${parent}, while it is locked: create them before it, with CREATE INDEX CONCURRENTLY.`,
              ]),
          ...remadeNote(division, name, context),
          ...(isOnline ? refusedMeanwhile(part, context) : searchedDefault(part, context)),
        ],
        undo,
      },
      given.inTransaction,
    ),
  };
};

/** The bound that is asked for; or whom it would overlap. */
function freeBound(request: OperationRequest, division: Division, context: WriterContext): Bound | Failure {
  const { key, parts } = division;
  const bound = readBound(request, key, context);
  if ("message" in bound) return bound;
  const argument = { range: "from", list: "values", hash: "remainder" }[key.strategy];
  if (bound.kind === "range" && shareOf(bound, bound, key) === "none")
    return { message: 'the range is empty: "from" must lie before "to"', argument: "from" };
  const clash = parts.find(
    (part) => part.bound.kind !== "default" && ["some", "all"].includes(shareOf(bound, part.bound, key)),
  );
  if (clash === undefined) return bound;
  return {
    message: `${spellBound(bound, key, context.catalog.settings)} would overlap ${writeName(context.catalog, clash)}`,
    argument,
  };
}

function unattachable(relation: Relation, table: Relation, { catalog }: WriterContext): string | null {
  const name = writeName(catalog, relation);
  if (relation.id === table.id) return `${name} cannot be a partition of itself`;
  if (relation.partitionOf !== null) return `${name} is already a partition: detach it first`;
  if (relation.inherits.length > 0) return `${name} is an inheritance child: ALTER TABLE … NO INHERIT first`;
  if (relation.children.size > 0) return `${name} has inheritance children: a partition may have none`;
  if (!["table", "partitioned-table", "foreign-table"].includes(relation.kind)) return `${name} is no table`;
  if (relation.ofType) return `${name} is a typed table, which no partition may be: ALTER TABLE ${name} NOT OF first`;
  if (relation.knowledge === "tainted")
    return `something that cannot be read from the file may have changed ${name}: connect to the database that has it`;
  return null;
}

function inPlace(part: Part, context: StepContext): readonly ScriptStep[] {
  return [
    ...withoutRemade(part, context),
    ...place(part, context, context.division.defaultPart !== null, true),
    ...remadeAsBefore(part, context),
  ];
}

/** Constraints that PostgreSQL takes for its own search: on the table, and on the default partition what it must not hold. */
function attachedOnline(part: Part, context: StepContext): readonly ScriptStep[] {
  const { division, catalog } = context;
  const { defaultPart, condition } = division;
  const name = newCheckName(part, division);
  const check = division.scheme === "inheritance" ? checkText(part.bound, division) : checkOf(part.bound, condition);
  const own = part.bound.kind === "hash" ? null : check;
  if (division.scheme === "inheritance") {
    return own === null
      ? []
      : [
          ...validated(part, name, own, context),
          {
            sql: `ALTER TABLE ${writeName(catalog, part)} INHERIT ${writeName(catalog, division.table)}`,
            locks: [lock(part, "ACCESS EXCLUSIVE"), lock(division.table, "SHARE UPDATE EXCLUSIVE")],
            transaction: "outside",
          },
        ];
  }
  const other = part.bound.kind === "default" ? null : notIn(part.bound, condition);
  const mirror = defaultPart === null || other === null ? null : { part: defaultPart, check: other };
  const mirrorName = mirror === null ? "" : absenceName(mirror.part, part);
  return [
    ...(own === null ? [] : validated(part, name, own, context)),
    ...(mirror === null ? [] : validated(mirror.part, mirrorName, mirror.check, context)),
    ...inPlace(part, context).map((each, _, all): ScriptStep => {
      // By itself ATTACH needs no transaction block; what it makes once more goes in the same one.
      return all.length === 1 ? { ...each, transaction: "outside" } : each;
    }),
    ...(own === null ? [] : [single(part, `DROP CONSTRAINT ${quoteIdentifier(name)}`, "ACCESS EXCLUSIVE", context)]),
    ...(mirror === null
      ? []
      : [single(mirror.part, `DROP CONSTRAINT ${quoteIdentifier(mirrorName)}`, "ACCESS EXCLUSIVE", context)]),
  ];
}

/** What ATTACH finds in the default partition keeps it from going on. */
function searchedDefault(part: Part, { division, catalog }: StepContext): readonly string[] {
  const { defaultPart } = division;
  if (division.scheme !== "declarative" || defaultPart === null || part.bound.kind === "default") return [];
  const name = writeName(catalog, defaultPart);
  return [
    `${name} is searched for rows of that range; if it holds any, ATTACH is refused and nothing changes: move-rows with "create" gives them partitions.`,
  ];
}

/** What the proof of the default partition costs its writers. */
function refusedMeanwhile(part: Part, { division, catalog }: StepContext): readonly string[] {
  const { defaultPart } = division;
  if (division.scheme !== "declarative" || defaultPart === null || part.bound.kind === "default") return [];
  const name = writeName(catalog, defaultPart);
  return [
    `From its constraint on to ATTACH ${name} refuses new rows of that range: where the script stops in between, ALTER TABLE ${name} DROP CONSTRAINT ${quoteIdentifier(absenceName(defaultPart, part))}.`,
  ];
}

/** Of the CHECK by which the default partition holds no row of the part. */
function absenceName({ name }: TableReference, part: TableReference): string {
  return truncateIdentifier(`${name.slice(0, 30)}_without_${part.name.slice(0, 24)}`);
}

/** A CHECK that is added without looking at rows, and validated while others read and write. */
export function validated(
  table: TableReference,
  name: string,
  check: string,
  context: StepContext,
): readonly ScriptStep[] {
  const quoted = quoteIdentifier(name);
  return [
    single(table, `ADD CONSTRAINT ${quoted}\n  CHECK (${check}) NOT VALID`, "ACCESS EXCLUSIVE", context),
    single(table, `VALIDATE CONSTRAINT ${quoted}`, "SHARE UPDATE EXCLUSIVE", context),
  ];
}

/** An ALTER TABLE that is a transaction of its own. */
function single(table: TableReference, action: string, mode: LockMode, { catalog }: StepContext): ScriptStep {
  return {
    sql: `ALTER TABLE ${writeName(catalog, table)} ${action}`,
    locks: [lock(table, mode)],
    transaction: "outside",
  };
}

/** What takes a part out again that was put in place. */
function takenOut(part: Part, { division, catalog }: StepContext): readonly ScriptStep[] {
  const [name, parent] = [writeName(catalog, part), writeName(catalog, division.table)];
  if (division.scheme === "declarative")
    return [
      step(
        `ALTER TABLE ${parent} DETACH PARTITION ${name}`,
        [division.table, "ACCESS EXCLUSIVE"],
        [part, "ACCESS EXCLUSIVE"],
      ),
    ];
  const check = conditionOf(part.bound, division.condition);
  return [
    step(`ALTER TABLE ${name} NO INHERIT ${parent}`, [part, "ACCESS EXCLUSIVE"]),
    ...(check === null
      ? []
      : [
          step(`ALTER TABLE ${name} DROP CONSTRAINT ${quoteIdentifier(newCheckName(part, division))}`, [
            part,
            "ACCESS EXCLUSIVE",
          ]),
        ]),
  ];
}

/** Indexes of the table of which the one to be attached has visibly fewer. */
function missingIndexes(relation: Relation, { table, scheme }: Division): readonly string[] {
  const count = (of: Relation): number =>
    of.indexes.length + of.constraints.filter(({ index }) => index !== null).length;
  if (scheme !== "declarative" || count(table) <= count(relation)) return [];
  const constraints = table.constraints.filter(({ index }) => index !== null).map(({ name }) => name);
  return constraints.length > 0 ? constraints : ["that it has"];
}

/** A table on another server as a part. */
export const writeForeign: Writer = (request, table, given) => {
  const { catalog, version } = given;
  const division = divisionOf(table, given);
  if ("message" in division) return failed(division);
  if (request.server === null) return problem('"server" must name the foreign server', "server");
  const bound = freeBound(request, division, given);
  if ("message" in bound) return failed(bound);
  const [parent, server] = [writeName(catalog, table), quoteIdentifier(request.server)];
  const unique = table.constraints.find(({ index, type }) => index !== null && type !== "exclude");
  if (division.scheme === "declarative" && unique !== undefined)
    return problem(
      `${parent} has the unique index ${unique.name}: PostgreSQL refuses foreign tables as its partitions, for it could not check them`,
      "table",
    );
  const names = new PartNames(division, given);
  const chosen = request.name === null ? names.proposed(bound) : names.asked(request.name);
  if (typeof chosen !== "string") return failed(chosen);
  const part: Part = { schema: schemaOfParts(division), name: chosen, bound, relation: null };
  const name = writeName(catalog, part);
  const check = checkOf(bound, division.condition);
  const sql =
    division.scheme === "declarative"
      ? `CREATE FOREIGN TABLE ${name} PARTITION OF ${parent}\n  ${spellBound(bound, division.key, catalog.settings)}\n  SERVER ${server}`
      : `CREATE FOREIGN TABLE ${name} (CONSTRAINT ${quoteIdentifier(newCheckName(part, division))} CHECK (${check ?? "true"}))\n  INHERITS (${parent}) SERVER ${server}`;
  const mode = division.scheme === "declarative" ? "ACCESS EXCLUSIVE" : "SHARE UPDATE EXCLUSIVE";
  const title = `Create the foreign table ${name} as a partition of ${parent}`;
  return {
    ok: true,
    value: assembleScript(
      {
        title,
        comment: [`${title}, on the server ${request.server}.`, `Undo: DROP FOREIGN TABLE ${name}.`],
        steps: [
          step(
            sql,
            [table, mode],
            ...(division.defaultPart === null ? [] : [[division.defaultPart, "ACCESS EXCLUSIVE"] as const]),
          ),
        ],
        notes: [
          "The table over there is found by the name of this one unless OPTIONS (schema_name …, table_name …) say another; nothing checks that it holds only rows of the bound.",
          ...(version < 11 ? ["Before PostgreSQL 11 rows are not routed to foreign partitions."] : []),
        ],
        undo: [step(`DROP FOREIGN TABLE ${name}`, [part, "ACCESS EXCLUSIVE"])],
      },
      given.inTransaction,
    ),
  };
};
