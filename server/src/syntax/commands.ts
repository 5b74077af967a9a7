/** Commands that we know by the name of their parse node alone: which of them change a schema, and which a plan. */

/** Whether a command changes no schema. */
export function changesNoSchema(tag: string): boolean {
  return notDefinitions.has(tag);
}

/** Whether no plan depends on a command, or it would run code at every later statement (event triggers). */
export function isWithoutPlan(tag: string): boolean {
  return notDefinitions.has(tag) || withoutPlans.has(tag);
}

const notDefinitions: ReadonlySet<string> = new Set([
  "CheckPointStmt",
  "ClosePortalStmt",
  "ClusterStmt",
  "ConstraintsSetStmt",
  "DiscardStmt",
  "FetchStmt",
  "ListenStmt",
  "LoadStmt",
  "LockStmt",
  "NotifyStmt",
  "ReindexStmt",
  "UnlistenStmt",
  "VacuumStmt",
  "VariableShowStmt",
  "CreatedbStmt",
  "DropdbStmt",
  "AlterDatabaseStmt",
  "AlterDatabaseSetStmt",
  "AlterSystemStmt",
]);

const withoutPlans: ReadonlySet<string> = new Set([
  "AlterDefaultPrivilegesStmt",
  "AlterEventTrigStmt",
  "AlterOwnerStmt",
  "AlterPolicyStmt",
  "AlterPublicationStmt",
  "AlterRoleSetStmt",
  "AlterRoleStmt",
  "AlterStatsStmt",
  "AlterSubscriptionStmt",
  "AlterTableSpaceOptionsStmt",
  "CommentStmt",
  "CreateEventTrigStmt",
  "CreatePolicyStmt",
  "CreatePublicationStmt",
  "CreateRoleStmt",
  "CreateStatsStmt",
  "CreateSubscriptionStmt",
  "CreateTableSpaceStmt",
  "CreateUserMappingStmt",
  "DropOwnedStmt",
  "DropRoleStmt",
  "DropSubscriptionStmt",
  "DropTableSpaceStmt",
  "DropUserMappingStmt",
  "ExplainStmt",
  "GrantRoleStmt",
  "GrantStmt",
  "ReassignOwnedStmt",
  "SecLabelStmt",
  "VariableSetStmt",
]);
