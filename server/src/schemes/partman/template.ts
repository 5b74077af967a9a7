/** What new partitions get from the template of their set: the indexes and the primary key that the parent does not have itself. */

import { relationById } from "../../catalog/catalog.ts";
import type { Manager } from "../../catalog/manager.ts";
import type { IndexInfo, Relation } from "../../catalog/relation.ts";
import { quoteIdentifier, quoteQualifiedName } from "../../syntax/names.ts";
import { textIn } from "./part-config.ts";
import { knowsAbsence, raise, run, type Session, tableOf } from "./session.ts";

/** `inherit_template_properties`: the indexes and primary key of the template that the parent does not have itself. */
export function inheritTemplate(session: Session, manager: Manager, parent: Relation, name: string): void {
  const child = tableOf(session, `${parent.schema}.${name}`);
  if (child?.kind === "partitioned-table") return;
  const template = textIn(manager.row, "template_table") ?? "";
  const table = tableOf(session, template);
  const { catalog } = session.work;
  if (table === null) {
    if (knowsAbsence(session))
      raise(session, `Unable to find configured template table in system catalogs: ${template}`);
    return;
  }
  const above = relationById(catalog, parent.id) ?? parent;
  const quoted = quoteQualifiedName(parent.schema, name);
  for (const id of table.indexes) {
    const index = relationById(catalog, id);
    if (index?.index == null) continue;
    const { primary, unique, text, columns } = index.index;
    const same = above.indexes.some((other) => {
      const info = relationById(catalog, other)?.index;
      if (info == null) return false;
      return info.text === text || (info.primary && primary && String(info.columns) === String(columns));
    });
    if (same) continue;
    if (primary) {
      const keys = columns.map((column) => `"${column ?? ""}"`).join(",");
      run(session, `ALTER TABLE ${quoted} ADD PRIMARY KEY (${keys})`);
      continue;
    }
    const keys = columnsOf(index.index);
    if (keys === null) session.work.decline(`the index ${index.name} of the template is not known`);
    run(session, `CREATE ${unique ? "UNIQUE " : ""}INDEX ON ${quoted} ${keys}`);
  }
  if (table.persistence === "unlogged" && child?.persistence === "permanent")
    run(session, `ALTER TABLE ${quoted} SET UNLOGGED`);
}

/** Method and columns of an index as CREATE INDEX takes them; null where it has expressions, a condition or other options. */
function columnsOf({ definition }: IndexInfo): string | null {
  if (definition === undefined || definition.where !== null || definition.include.length > 0) return null;
  const keys = definition.items.map(({ column, collation, operatorClass }) =>
    column === null || collation !== null || operatorClass !== null ? null : quoteIdentifier(column),
  );
  return keys.includes(null) ? null : `USING ${definition.method} (${keys.join(", ")})`;
}
