/** Newer syntax of other commands: transactions, COPY, maintenance, roles, publications, statistics. */

import { allOf, as, type Dispatch, location } from "../node.ts";
import { tokenIndexAt, word } from "../source.ts";
import type { Stops } from "./stops.ts";

export const newerInCommands: Dispatch<Stops, void> = {
  TransactionStmt: ({ chain }, stops) => {
    stops.words(12, chain === true ? "^and chain" : "^and no chain");
  },
  CopyStmt: ({ whereClause }, stops) => {
    if (whereClause !== undefined) stops.words(12, "^where");
  },
  ReindexStmt: (_, stops) => {
    stops.words(12, "^concurrently");
    stops.words(14, "reindex ( ^concurrently");
    stops.words(14, "reindex ( ^tablespace");
  },
  VacuumStmt: ({ rels }, stops) => {
    stops.words(11, "analyze ^( verbose");
    if ((rels ?? []).length > 1) stops.words(11, "^,");
    for (const each of rels ?? []) {
      const relation = as(each, "VacuumRelation")?.relation;
      if (relation?.inh !== true) stops.words(18, "^only");
    }
  },
  ClusterStmt: (_, stops) => stops.words(14, "cluster ^("),
  DropdbStmt: ({ options }, stops) => {
    if (options === undefined) return;
    stops.words(13, "^with");
    stops.words(13, "^(");
  },
  DefineStmt: ({ kind, replace }, stops) => {
    if (kind === "OBJECT_AGGREGATE" && replace === true) stops.words(12, "or replace ^aggregate");
  },
  CreateAmStmt: ({ amtype }, stops) => {
    if (amtype === "t") stops.words(12, "type ^table");
  },
  RoleSpec: (role, stops) => {
    if (role.roletype === "ROLESPEC_CURRENT_ROLE") stops.words(14, "^current_role", location(role));
  },
  GrantRoleStmt: ({ opt, is_grant }, stops) => {
    for (const option of allOf(opt, "DefElem")) {
      const index = tokenIndexAt(stops.source, location(option));
      const written = word(stops.source, index + 1);
      if (option.defname !== "admin") stops.token(16, is_grant === true ? index : index + 1);
      else if (written === "true" || written === "false") stops.token(16, index + 1);
    }
  },
  CreateStatsStmt: ({ defnames }, stops) => {
    if (defnames !== undefined) return;
    stops.words(16, "statistics ^on");
    stops.words(16, "statistics ^(");
  },
  AlterStatsStmt: (_, stops) => stops.words(13, "set ^statistics"),
  AlterTypeStmt: (_, stops) => stops.words(13, "set ^("),
  AlterSubscriptionStmt: ({ kind }, stops) => {
    if (kind === "ALTER_SUBSCRIPTION_SKIP") stops.words(15, "^skip");
    if (kind === "ALTER_SUBSCRIPTION_ADD_PUBLICATION") stops.words(14, "^add");
    if (kind === "ALTER_SUBSCRIPTION_DROP_PUBLICATION") stops.words(14, "^drop");
  },
  PublicationObjSpec: ({ pubobjtype, pubtable }, stops) => {
    if (pubobjtype !== "PUBLICATIONOBJ_TABLE") stops.words(15, "^tables");
    if (pubtable?.columns !== undefined) stops.words(15, "^(", pubtable.relation?.location);
    else if (pubtable?.whereClause !== undefined) stops.words(15, "^where", pubtable.relation?.location);
  },
};
