/** A default partition: made beside the others, or taken away once it holds nothing. */

import { isPartitioned } from "../../catalog/layout.ts";
import { quoteIdentifier, truncateIdentifier } from "../../syntax/names.ts";
import { divisionOf } from "../division.ts";
import { dropTable, lateSteps, makeTable, place, release, type StepContext, step } from "../part-steps.ts";
import { assembleScript } from "../print.ts";
import { readersOf } from "../reshape.ts";
import { failed, fullName, problem, type Writer, writeName } from "../writer.ts";
import { scriptOfNewParts } from "./new-parts.ts";

export const writeAddDefault: Writer = (request, table, context) => {
  const division = divisionOf(table, context);
  if ("message" in division) return failed(division);
  const name = writeName(context.catalog, table);
  if (division.key.strategy === "hash")
    return problem("a hash-partitioned table may not have a default partition", "table");
  if (context.version < 11) return problem("PostgreSQL has default partitions from 11 on", "table");
  if (division.defaultPart !== null)
    return problem(`${name} has a default partition: ${writeName(context.catalog, division.defaultPart)}`, "table");
  return scriptOfNewParts(`Add a default partition to ${name}`, [{ kind: "default" }], request, division, context);
};

/** Refused by the script itself while there is a row in it: the check and the DROP are under the same lock. */
export const writeDropDefault: Writer = (request, table, context) => {
  const { catalog } = context;
  const division = divisionOf(table, context);
  if ("message" in division) return failed(division);
  const parent = writeName(catalog, table);
  const part = division.defaultPart;
  if (part === null) return problem(`${parent} has no default partition`, "table");
  if (request.name !== null && request.name !== part.name && request.name !== fullName(part))
    return problem(`the default partition of ${parent} is ${writeName(catalog, part)}`, "name");
  if (isPartitioned(part.relation))
    return problem(`${writeName(catalog, part)} is partitioned itself: drop its partitions first`, "table");
  const views = readersOf([part], context);
  if (views !== null) return failed(views);
  const name = writeName(catalog, part);
  const steps: StepContext = { ...context, division };
  // The plainest way to refuse where there is a row: its name is what PostgreSQL then says.
  const check = step(
    `ALTER TABLE ${name} ADD CONSTRAINT ${quoteIdentifier(truncateIdentifier(`${part.name}_is_empty`))} CHECK (false)`,
    [part, "ACCESS EXCLUSIVE"],
  );
  const title = `Drop the default partition of ${parent}`;
  return {
    ok: true,
    value: assembleScript(
      {
        title,
        comment: [
          `${title}, if it holds no row; else nothing changes.`,
          `DETACH locks ${parent} (ACCESS EXCLUSIVE) while ${name} is looked into.`,
          `Undo: make ${name} again, like ${parent}, and attach it; indexes, constraints and defaults that only it had do not come back.`,
        ],
        steps: [...release(part, steps, false), check, dropTable(part, steps)],
        notes: ["Rows that no partition takes are refused from then on."],
        // With what hung on it: owner, privileges, comment, policies, triggers of its own.
        undo: [...makeTable(part, table, steps), ...place(part, steps, false, true), ...lateSteps(part, table, steps)],
      },
      context.inTransaction,
    ),
  };
};
