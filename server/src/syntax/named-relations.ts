/** Which relations a statement of DDL names. */

import type { RelationName } from "./names.ts";
import type { Statement } from "./statement.ts";

/** The tables and views that a statement of DDL defines, changes or names as a parent or partition. */
export function relationsNamed(statement: Statement): readonly RelationName[] {
  switch (statement.kind) {
    case "create-table":
      return [
        statement.name,
        ...(statement.partitionOf === null ? [] : [statement.partitionOf.parent]),
        ...statement.inherits,
      ];
    case "alter-table":
      return [
        statement.relation,
        ...statement.actions.flatMap((action) => {
          switch (action.kind) {
            case "attach-partition":
            case "detach-partition":
            case "split-partition":
              return [action.partition];
            case "merge-partitions":
              return action.partitions;
            case "inherit":
            case "no-inherit":
              return [action.parent];
            default:
              return [];
          }
        }),
      ];
    case "drop":
      return statement.names;
    case "truncate":
      return statement.relations;
    case "create-index":
    case "create-trigger":
    case "create-rule":
    case "rename":
    case "set-schema":
      return [statement.relation];
    case "create-view":
    case "create-table-as":
      return [statement.name];
    default:
      return [];
  }
}
