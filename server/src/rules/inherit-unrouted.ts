/** No trigger or rule routes INSERTs on the parent to the children that its CHECKs tell apart. */

import { layoutOf } from "../catalog/layout.ts";
import type { Rule } from "./rule.ts";
import { placeInFile } from "./support/script-places.ts";
import { isKnownAtEnd } from "./support/whole-tables.ts";

export const inheritUnrouted: Rule = {
  id: "inherit-unrouted",
  severity: "information",
  summary: "No trigger or rule routes INSERTs on the parent to its children.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-USING-INHERITANCE",
  *checkScript(context) {
    for (const parent of context.relations.inherited) {
      const layout = layoutOf(parent);
      // Where an extension plans, queries may not read the parent at all.
      if (layout?.routedBy !== "nobody" || layout.excludedBy !== "constraints") continue;
      if (!isKnownAtEnd(context, parent)) continue;
      const { all, incomparable } = layout.partitions;
      const place = placeInFile(context, parent.origin);
      if (all.size - incomparable.size < 2 || place === null) continue;
      yield {
        statement: place.statement,
        range: place.range,
        message: `Rows inserted into "${parent.name}" stay in it, and every query reads them: no trigger or rule sends them to its ${parent.children.size} children.`,
        advice: "Insert into the children, create a trigger, or use PARTITION BY.",
      };
    }
  },
};
