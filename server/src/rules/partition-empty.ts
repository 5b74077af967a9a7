/** A partition that is partitioned itself has no partition, so that it refuses every row. */

import { freshName } from "../catalog/partition-names.ts";
import type { Relation } from "../catalog/relation.ts";
import { quoteQualifiedName } from "../syntax/names.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import type { Rule, RuleFinding, RuleFix, ScriptContext } from "./rule.ts";
import { boundInFile } from "./support/script-places.ts";
import { isKnownAtEnd } from "./support/whole-tables.ts";

export const partitionEmpty: Rule = {
  id: "partition-empty",
  severity: "warning",
  summary: "A partition that is partitioned itself has no partition, and so refuses all of its rows.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE",
  *checkScript(context) {
    for (const table of context.relations.partitioned) yield* findingFor(context, table);
  },
};

function* findingFor(context: ScriptContext, table: Relation): Generator<RuleFinding> {
  const { partitioning, partitionOf } = table;
  if (partitioning === null || partitionOf === null || !isKnownAtEnd(context, table)) return;
  const place = partitioning.partitions.all.size > 0 ? null : boundInFile(context, table);
  if (place === null) return;
  yield {
    statement: place.statement,
    range: place.placement?.partition.range ?? place.range,
    message: `"${table.name}" is partitioned by ${partitioning.key.strategy.toUpperCase()} and has no partition: every row that belongs to it is refused.`,
    advice: "Create its partitions.",
    fixes: place.placement === null ? [] : (script) => fixFor(script, table, place.statement),
  };
}

/** A default partition takes everything until there are others; a hash-partitioned table can have none. */
function* fixFor(context: ScriptContext, table: Relation, statement: StatementHandle): Generator<RuleFix> {
  if (table.partitioning?.key.strategy === "hash" || context.options.version < 11) return;
  const { final } = context;
  const name = freshName(final, table.schema, `${table.name}_default`, new Set());
  const schema = table.schema === final.settings.searchPath[0] ? null : table.schema;
  const sql = `CREATE TABLE ${quoteQualifiedName(schema, name)} PARTITION OF ${quoteQualifiedName(schema, table.name)} DEFAULT`;
  yield {
    title: `Create the default partition "${name}"`,
    edits: [{ kind: "insert-after", statement, sql }],
    preferred: false,
  };
}
