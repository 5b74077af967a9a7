/** What Citus refuses of plain DDL before PostgreSQL runs it. */

import { type Catalog, findRelation } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import { serialBase } from "../../catalog/values/types.ts";
import type { Refusal } from "../../effects/outcome.ts";
import { columnNamed } from "../../effects/relations/constraint-shape.ts";
import type { AlterAction, AlterTable, CreateIndex, PlacedStatement } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";
import { type Fault, internalError, notSupported, refusalOf } from "./fault.ts";
import { refusedValue } from "./settings.ts";
import { isCitusLocal, isDistributed, isPartitioned, isReference } from "./tables.ts";

/** The refusal of a statement of DDL that names a table of Citus; null where Citus lets PostgreSQL run it. */
export function refuseStatement(catalog: Catalog, placed: PlacedStatement): Refusal | null {
  const { statement } = placed;
  const whole: TextRange = { start: 0, end: placed.end - placed.start };
  switch (statement.kind) {
    case "set": {
      const fault = refusedValue(statement);
      return fault === null ? null : refusalOf(fault, whole);
    }
    case "alter-table":
      return refuseAlter(catalog, statement);
    case "create-index":
      return refuseIndex(catalog, statement, whole);
    case "rename": {
      const table = statement.target === "constraint" ? findRelation(catalog, statement.relation) : null;
      if (table === null || table.shards === undefined || table.knowledge !== "full") return null;
      const fault = notSupported("renaming constraints belonging to distributed tables is currently unsupported");
      return refusalOf(fault, statement.member?.range ?? whole);
    }
    default:
      return null;
  }
}

function refuseIndex(catalog: Catalog, statement: CreateIndex, whole: TextRange): Refusal | null {
  const table = findRelation(catalog, statement.relation);
  const column = table?.shards?.column ?? null;
  if (table === null || column === null || !statement.unique || table.knowledge !== "full") return null;
  if (table.shards?.method === "append")
    return refusalOf(
      notSupported("creating unique indexes on append-partitioned tables is currently unsupported"),
      whole,
    );
  if (statement.columns.some((item) => item.column === column)) return null;
  return refusalOf(notSupported("creating unique indexes on non-partition columns is currently unsupported"), whole);
}

/** `ErrorIfUnsupportedAlterTableStmt`, and what is refused of ATTACH. */
function refuseAlter(catalog: Catalog, statement: AlterTable): Refusal | null {
  const table = findRelation(catalog, statement.relation);
  if (table === null || table.knowledge !== "full" || table.index !== null) return null;
  for (const action of statement.actions) {
    const fault =
      action.kind === "attach-partition"
        ? refuseAttach(table, findRelation(catalog, action.partition))
        : table.shards === undefined
          ? null
          : refuseAction(table, action, statement.actions.length);
    if (fault !== null) return refusalOf(fault, action.range);
  }
  return null;
}

function refuseAttach(parent: Relation, partition: Relation | null): Fault | null {
  if (partition === null || partition.knowledge !== "full") return null;
  if (parent.shards === undefined && partition.shards === undefined) return null;
  if (isPartitioned(partition)) {
    return notSupported("Citus doesn't support multi-level partitioned tables", {
      detail: `Relation "${partition.name}" is partitioned table itself and it is also partition of relation "${parent.name}".`,
    });
  }
  if (parent.shards === undefined) {
    return internalError("non-citus partitioned tables cannot have citus table partitions", {
      hint: `Distribute the partitioned table "${parent.name}" instead, or add it to metadata`,
    });
  }
  if (partition.shards === undefined) return null;
  if (isReference(partition)) return internalError("partitioned reference tables are not supported");
  if (isDistributed(partition) && isCitusLocal(parent))
    return internalError("non-distributed partitioned tables cannot have distributed partitions");
  if (isCitusLocal(partition) || isCitusLocal(parent)) return null;
  if (partition.shards.colocation !== 0 && partition.shards.colocation === parent.shards.colocation) return null;
  return notSupported("distributed tables cannot have non-colocated distributed tables as a partition ");
}

function refuseAction(table: Relation, action: AlterAction, actions: number): Fault | null {
  switch (action.kind) {
    case "add-column":
      return refuseNewColumn(table, action);
    case "set-default":
    case "alter-type":
    case "drop-column":
    case "drop-not-null":
      return table.shards?.column === action.column.name && columnNamed(table, action.column.name) !== null
        ? internalError("cannot execute ALTER TABLE command involving partition column")
        : null;
    case "add-constraint":
      return actions > 1
        ? notSupported("cannot execute ADD CONSTRAINT command with other subcommands", {
            hint: "You can issue each subcommand separately",
          })
        : null;
    case "detach-partition": {
      const mode = action.finalize ? "FINALIZE" : "CONCURRENTLY";
      return action.finalize || action.concurrently
        ? internalError(`ALTER TABLE .. DETACH PARTITION .. ${mode} commands are currently unsupported.`)
        : null;
    }
    case "trigger":
      return isCitusLocal(table) ? null : internalError("triggers are not supported on distributed tables");
    case "inherit":
    case "no-inherit":
    case "add-identity":
    case "set-identity":
    case "drop-identity":
    case "of-type":
    case "not-of-type":
      return unsupportedCommand();
    case "other":
      return unsupportedTags.has(action.tag) ? unsupportedCommand() : null;
    default:
      return null;
  }
}

const unsupportedTags: ReadonlySet<string> = new Set(["AT_ClusterOn", "AT_DropCluster", "AT_SetTableSpace"]);

function unsupportedCommand(): Fault {
  return notSupported("alter table command is currently unsupported", {
    detail:
      "Only ADD|DROP COLUMN, SET|DROP NOT NULL, SET|DROP DEFAULT, ADD|DROP|VALIDATE CONSTRAINT, SET (), RESET (), ENABLE|DISABLE|NO FORCE|FORCE ROW LEVEL SECURITY, ATTACH|DETACH PARTITION and TYPE subcommands are supported.",
  });
}

function refuseNewColumn(table: Relation, action: Extract<AlterAction, { kind: "add-column" }>): Fault | null {
  const { column } = action;
  const involving = (what: string): Fault =>
    notSupported(`cannot execute ADD COLUMN commands involving ${what} when metadata is synchronized to workers`);
  if (column.type !== null && serialBase(column.type) !== null) return involving("serial pseudotypes");
  if (column.constraints.some(({ type }) => type === "identity")) return involving("identity columns");
  if (!column.constraints.some(({ type }) => type === "check")) return null;
  const { name } = column.name;
  return notSupported("cannot execute ADD COLUMN command with PRIMARY KEY, UNIQUE, FOREIGN and CHECK constraints", {
    detail:
      "Adding a column with a constraint in one command is not supported because all constraints in Citus must have explicit names",
    hint: `You can issue each command separately such as ALTER TABLE ${table.name} ADD COLUMN ${name} data_type; ALTER TABLE ${table.name} ADD CONSTRAINT constraint_name CHECK (check_expression);`,
  });
}
