/** The settings of the session that go along with a statement to be planned. */

import type { PlanRequest } from "../pruning/planner.ts";
import { quoteIdentifier } from "../syntax/names.ts";

/** Names and values for `set_config`: where names are looked up, the time zone, how constants are read, and what the script has set for the planner. */
export function plannerSettings(request: PlanRequest): readonly (readonly [name: string, value: string])[] {
  return [
    ["search_path", request.searchPath.map(quoteSchema).join(", ")],
    ["timezone", request.timeZone],
    ...Object.entries(request.plannerSettings).filter(([name]) => isPlannerSetting(name)),
  ];
}

/** A closed list: nothing that a file sets may change what our session is allowed to do. */
function isPlannerSetting(name: string): boolean {
  return /^(?:enable_[a-z_]+|constraint_exclusion|plan_cache_mode|from_collapse_limit|join_collapse_limit|pg_pathman\.enable[a-z_]*|datestyle|intervalstyle|transform_null_equals)$/.test(
    name,
  );
}

/** `$user` must stay quoted to keep its meaning. */
function quoteSchema(schema: string): string {
  return schema === "$user" ? '"$user"' : quoteIdentifier(schema);
}
