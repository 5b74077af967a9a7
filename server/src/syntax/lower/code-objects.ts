/** Objects besides functions that run code: operators, aggregates, event triggers, policies. */

import type { Node } from "@pgsql/types";
import type { CodeObject } from "../statement.ts";
import { as, items, options, strings } from "./node.ts";

/** What the statement defines or changes of that kind; null for any other statement. */
export function codeObject(node: Node): CodeObject | null {
  const definition = as(node, "DefineStmt");
  if (definition !== undefined) {
    const kind = { OBJECT_AGGREGATE: "aggregate", OBJECT_OPERATOR: "operator" } as const;
    const name = strings(definition.defnames).at(-1) ?? "";
    return { kind: kind[definition.kind as keyof typeof kind] ?? "other", name };
  }
  const trigger = as(node, "CreateEventTrigStmt");
  if (trigger !== undefined) {
    const tags = strings(items(options(trigger.whenclause).get("tag")));
    return { kind: "event-trigger", name: trigger.trigname ?? "", event: trigger.eventname ?? "", tags };
  }
  const policy = as(node, "CreatePolicyStmt") ?? as(node, "AlterPolicyStmt");
  return policy === undefined ? null : { kind: "policy", name: policy.policy_name ?? "" };
}
