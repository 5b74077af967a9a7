/** The door to the operations: finds the table, the scheme's writer, and runs it. */

import type { Catalog } from "../catalog/catalog.ts";
import { hasParts, schemeOf } from "../catalog/layout.ts";
import { managerOf } from "../catalog/managers.ts";
import type { Scheme } from "../catalog/partitioning.ts";
import type { Relation } from "../catalog/relation.ts";
import { matrix } from "./matrix.ts";
import type { Operation, OperationRequest } from "./operation.ts";
import { withNote } from "./print.ts";
import type { OperationResult } from "./script.ts";
import { problem, resolveRelation, type WriterContext, writeName } from "./writer.ts";

/** Operations that are one transaction in any case; those that make new partitions beside the others keep nobody waiting. */
const simpleOnly: ReadonlySet<Operation> = new Set(["merge", "drop-default", "foreign", "update-triggers", "disable"]);

/** Operations whose scripts name all columns, and carry over whatever a table has. */
const movingRows: ReadonlySet<Operation> = new Set(["split", "merge", "rehash", "move-rows", "convert"]);

/** Whether the scheme of a table has a writer for an operation. */
export function isWritten(catalog: Catalog, table: Relation, operation: Operation): boolean {
  return typeof matrix[writingScheme(catalog, table)][operation] === "function";
}

/** Whose calls, or whose DDL, changes how the table is divided: its manager's where it has one. */
export function writingScheme(catalog: Catalog, table: Relation): Scheme {
  if (managerOf(catalog, table)?.by === "pg_partman") return "partman";
  return table.shards === undefined ? schemeOf(catalog, table) : "citus";
}

/** Writes the script that a request asks for, against the catalog of the context. Nothing is executed. */
export function generate(request: OperationRequest, context: WriterContext): OperationResult {
  const table = resolveRelation(context.catalog, request.table);
  if (table === null) {
    const elsewhere = context.catalog.complete
      ? ""
      : ": name the files that create it (setting schema.files, option --schema), or connect to the database";
    return problem(`there is no relation ${request.table} at this point of the script${elsewhere}`, "table");
  }
  if (!hasParts(table) && request.operation !== "convert") {
    return problem(`${writeName(context.catalog, table)} is not partitioned`, "table");
  }
  if (table.knowledge === "tainted") {
    return problem(
      `something that cannot be read from the file may have changed ${writeName(context.catalog, table)}: connect to the database that has it`,
      "table",
    );
  }
  if (table.knowledge !== "full" && movingRows.has(request.operation)) {
    return problem(
      `the columns of ${writeName(context.catalog, table)} are not all known here, nor what else it has: name the files that create it (setting schema.files, option --schema), or connect to the database`,
      "table",
    );
  }
  if (request.style === "online" && simpleOnly.has(request.operation))
    return problem(
      `${request.operation} has no online style: leave "style" out, others wait while its script runs`,
      "style",
    );
  if (
    request.style === "online" &&
    request.operation === "convert" &&
    (hasParts(table) || request.to !== "declarative")
  )
    return problem(
      'convert has an online style for plain tables that PostgreSQL is to partition ("to" declarative): leave "style" out, others wait while its script runs',
      "style",
    );
  const scheme = writingScheme(context.catalog, table);
  const cell = matrix[scheme][request.operation];
  if (typeof cell !== "function") return problem(cell.unsupported, "operation");
  const result = cell(request, table, context);
  const isStale = context.stale !== undefined && table.origin.kind === "database";
  return result.ok && isStale ? { ok: true, value: withNote(result.value, context.stale) } : result;
}
