/** Newer syntax of functions, procedures, triggers, and the commands that name them. */

import type { ObjectType } from "@pgsql/types";
import { allOf, type Dispatch } from "../node.ts";
import { findPattern, type Stops } from "./stops.ts";

export const newerInRoutines: Dispatch<Stops, void> = {
  CallStmt: (_, stops) => stops.words(11, "^call"),
  CreateFunctionStmt: ({ is_procedure, sql_body, options }, stops) => {
    if (is_procedure === true) stops.words(11, "^procedure");
    if (sql_body !== undefined) {
      const atomic = findPattern(stops.source, "^begin atomic", 0);
      if (atomic >= 0) stops.token(14, atomic);
      else stops.words(14, "^return");
    }
    if (allOf(options, "DefElem").some(({ defname }) => defname === "support")) stops.words(12, "^support");
  },
  AlterFunctionStmt: ({ objtype, actions }, stops) => {
    named(objtype, stops);
    if (allOf(actions, "DefElem").some(({ defname }) => defname === "support")) stops.words(12, "^support");
  },
  DropStmt: ({ removeType }, stops) => named(removeType, stops),
  RenameStmt: ({ renameType, relationType }, stops) => {
    named(renameType, stops);
    if (renameType !== "OBJECT_COLUMN" || relationType !== "OBJECT_VIEW") return;
    const rename = findPattern(stops.source, "^rename", 0);
    if (rename >= 0) stops.token(13, rename + 1);
  },
  AlterObjectSchemaStmt: ({ objectType }, stops) => named(objectType, stops),
  AlterOwnerStmt: ({ objectType }, stops) => named(objectType, stops),
  AlterObjectDependsStmt: ({ objectType, remove }, stops) => {
    named(objectType, stops);
    if (remove === true) stops.words(13, "^no depends");
  },
  CommentStmt: ({ objtype }, stops) => named(objtype, stops),
  SecLabelStmt: ({ objtype }, stops) => named(objtype, stops),
  GrantStmt: ({ objtype, targtype, grantor }, stops) => {
    if (objtype === "OBJECT_PROCEDURE" || objtype === "OBJECT_ROUTINE") {
      const plural = `${nameOf(objtype)}s`;
      // A name of its own is taken for the table's that the privileges are on.
      if (targtype === "ACL_TARGET_OBJECT") stops.words(11, `on ${nameOf(objtype)} ^_`);
      else stops.words(11, `^${plural}`);
    }
    if (targtype === "ACL_TARGET_DEFAULTS" && objtype === "OBJECT_LARGEOBJECT") stops.words(18, "on ^large objects");
    if (grantor !== undefined) stops.words(14, "^granted by");
  },
  CreateTrigStmt: ({ replace }, stops) => {
    if (replace === true) stops.words(14, "or replace ^trigger");
    stops.words(11, "execute ^function");
  },
  CreateEventTrigStmt: (_, stops) => stops.words(11, "execute ^function"),
};

function named(type: ObjectType | undefined, stops: Stops): void {
  if (type === "OBJECT_PROCEDURE" || type === "OBJECT_ROUTINE") stops.words(11, `^${nameOf(type)}`);
}

function nameOf(type: "OBJECT_PROCEDURE" | "OBJECT_ROUTINE"): string {
  return type === "OBJECT_PROCEDURE" ? "procedure" : "routine";
}
