/** The part of EXPLAIN (VERBOSE, FORMAT JSON) that we read: which relations a plan scans, and what the start of the executor removed. */

import { addAll } from "../text/long-lists.ts";

/** A scan of one relation; names as the plan gives them. */
export interface PlannedScan {
  /** null where the plan names no schema, as Citus' shards of a remote plan may. */
  readonly schema: string | null;
  readonly name: string;
  /** 13 and later number the scans of a partitioned table's leaves: `t_1`, `t_2`; a lone leaf keeps the alias itself. */
  readonly alias: string | null;
  /** The Append that may leave the scan out; null for a lone scan, and for one that is joined below the Append. */
  readonly append: number | null;
  /** What the scan's rows are tested for, as PostgreSQL prints it. */
  readonly conditions: readonly string[];
}

export interface PlanReading {
  /** Every relation that some node scans, in the order of the plan. */
  readonly scans: readonly PlannedScan[];
  /** The relations that UPDATE, DELETE and MERGE write to. */
  readonly targets: readonly PlannedScan[];
  /** What the executor removed when it started, over all nodes. */
  readonly subplansRemoved: number;
  /** Whether the planner found that some part gives no rows: `One-Time Filter: false`. */
  readonly hasEmptyPart: boolean;
  /** Whether a node decides while it runs which of its children it needs: pg_pathman's RuntimeAppend. */
  readonly choosesWhileRunning: boolean;
  /** Citus: tasks and shards are told apart by its own reading. */
  readonly distributed: boolean;
  /** The plan's names for the parameters of the statement: `$1`, or those of the subqueries that stand for them, `InitPlan 2`. */
  readonly parameters: ReadonlySet<string>;
}

/** Reads the value of `EXPLAIN (FORMAT JSON)`, however deep it is; null where it is none. */
export function readPlan(explained: unknown): PlanReading | null {
  const root = planOf(explained);
  if (root === null) return null;
  const reading = {
    scans: [] as PlannedScan[],
    targets: [] as PlannedScan[],
    subplansRemoved: 0,
    hasEmptyPart: false,
    choosesWhileRunning: false,
    distributed: false,
    parameters: new Set<string>(),
  };
  const results = new Set<string>();
  let appends = 0;
  // A server decides how deep a plan is, so no call is nested in another for it. The last one comes first.
  const pending: { readonly node: PlanNode; readonly around: number | null }[] = [{ node: root, around: null }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, around } = next;
    const type = textAt(node, "Node Type") ?? "";
    reading.subplansRemoved += numberAt(node, "Subplans Removed");
    if (/^\(?(?:false|\(?false AND NULL::boolean\)?)\)?$/.test(textAt(node, "One-Time Filter") ?? ""))
      reading.hasEmptyPart = true;
    const provider = textAt(node, "Custom Plan Provider") ?? "";
    if (/^Runtime(?:Merge)?Append$/.test(provider)) reading.choosesWhileRunning = true;
    if (provider.startsWith("Citus")) reading.distributed = true;
    const parameter = parameterOf(node);
    if (parameter !== null) reading.parameters.add(parameter);
    else
      for (const result of /\(returns (.*)\)/.exec(textAt(node, "Subplan Name") ?? "")?.[1]?.split(",") ?? [])
        results.add(result);
    if (type === "ModifyTable") {
      const own = scanOf(node, null);
      const targets = nodesAt(node, "Target Tables").flatMap((target) => scanOf(target, null, own?.schema) ?? []);
      addAll(reading.targets, targets.length > 0 || own === null ? targets : [own]);
    } else {
      const scan = scanOf(node, around);
      if (scan !== null) reading.scans.push(scan);
      else addAll(reading.scans, pushedDownScans(textAt(node, "Relations") ?? ""));
    }
    const below = type === "Append" || type === "Merge Append" ? ++appends : joins.test(type) ? null : around;
    const children = nodesAt(node, "Plans").map((child) => {
      const isOwn = /^(?:InitPlan|SubPlan)$/.test(textAt(child, "Parent Relationship") ?? "");
      return { node: child, around: isOwn ? null : below };
    });
    addAll(pending, children.reverse());
  }
  for (const { conditions } of reading.scans) {
    // Until 16 the results of subqueries are named alike.
    for (const [name] of conditions.join(" ").matchAll(/\$\d+/g)) if (!results.has(name)) reading.parameters.add(name);
  }
  return reading;
}

/** Where tables are joined one partition with one, nothing is left out once the plan is made. */
const joins = /^(?:Nested Loop|Hash Join|Merge Join)$/;

type PlanNode = Readonly<Record<string, unknown>>;

function planOf(explained: unknown): PlanNode | null {
  const [first]: readonly unknown[] = Array.isArray(explained) ? explained : [explained];
  if (!isNode(first)) return null;
  const plan = first["Plan"];
  return isNode(plan) ? plan : null;
}

/** A statement with parameters is planned with `(SELECT NULL::type)` in the place of each. */
function parameterOf(node: PlanNode): string | null {
  const output = node["Output"];
  if (textAt(node, "Node Type") !== "Result" || !Array.isArray(output) || output.length !== 1) return null;
  if (!String(output[0]).startsWith("NULL::") || nodesAt(node, "Plans").length > 0) return null;
  const name = textAt(node, "Subplan Name") ?? "";
  // Until 16 the conditions name what the subquery returns: `InitPlan 1 (returns $0)`.
  return /\(returns (\$\d+)\)/.exec(name)?.[1] ?? /^InitPlan \d+/.exec(name)?.[0] ?? null;
}

function scanOf(node: PlanNode, append: number | null, schema: string | null = null): PlannedScan | null {
  const name = textAt(node, "Relation Name");
  if (name === null) return null;
  const conditions = ["Index Cond", "Recheck Cond", "TID Cond", "Filter"].flatMap((key) => textAt(node, key) ?? []);
  return { schema: textAt(node, "Schema") ?? schema, name, alias: textAt(node, "Alias"), append, conditions };
}

/** `(app.fa_1 fa) INNER JOIN (app.fb_1 fb)`, `Aggregate on (app.fa_1 fa)`: what a foreign server does by itself. */
function pushedDownScans(relations: string): readonly PlannedScan[] {
  const name = '(?:"(?:[^"]|"")+"|[\\w$]+)';
  const pattern = new RegExp(`\\((${name})\\.(${name})(?: (${name}))?\\)`, "g");
  return [...relations.matchAll(pattern)].map(([, schema, relation, alias]) => ({
    schema: unquoted(schema ?? ""),
    name: unquoted(relation ?? ""),
    alias: alias === undefined ? null : unquoted(alias),
    append: null,
    conditions: [],
  }));
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}

function nodesAt(node: PlanNode, key: string): readonly PlanNode[] {
  const value = node[key];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

function textAt(node: PlanNode, key: string): string | null {
  const value = node[key];
  return typeof value === "string" ? value : null;
}

function numberAt(node: PlanNode, key: string): number {
  const value = node[key];
  return typeof value === "number" ? value : 0;
}

function isNode(value: unknown): value is PlanNode {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
