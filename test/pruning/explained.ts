/** Which of some partitions a real server's plan scans. */

import type { Client } from "pg";

/** Names of the partitions that `EXPLAIN` of the query scans, sorted, each once. */
export async function survivorsOfPlan(
  client: Client,
  query: string,
  partitions: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await client.query<{ "QUERY PLAN": string }>(`EXPLAIN ${query}`);
  const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
  return partitions.filter((name) => new RegExp(`Scan.* on ${name}\\b`).test(plan)).toSorted();
}
