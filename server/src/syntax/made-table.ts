/** CREATE TABLE statements that nobody wrote: to see what PostgreSQL would make of them. */

import type { RelationName } from "./names.ts";
import type { CreateTable } from "./statement.ts";

/** `CREATE TABLE name ()`, but for what is given. */
export function madeTable(
  name: RelationName,
  given: Pick<CreateTable, "persistence"> &
    Partial<Pick<CreateTable, "elements" | "elementsRange" | "partitionOf" | "partitionBy">>,
): CreateTable {
  return {
    kind: "create-table",
    name,
    ifNotExists: false,
    foreignServer: null,
    elements: [],
    elementsRange: null,
    inherits: [],
    partitionOf: null,
    partitionBy: null,
    ofType: null,
    storageParameters: [],
    tablespace: null,
    accessMethod: null,
    onCommit: "none",
    ...given,
  };
}
