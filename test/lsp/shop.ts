// A database of sales, a query of it, and what a client is shown of them.
import type { StatusParams } from "../../server/src/lsp/protocol.ts";
import { lensTexts, type TestClient } from "./client.ts";

export const schema = `CREATE TABLE sales (d date NOT NULL, region text) PARTITION BY RANGE (d);
CREATE TABLE sales_2023 PARTITION OF sales FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE sales_2024 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
`;
export const query = "SELECT * FROM sales WHERE d = '2024-05-01';";

/** The title above the query, which is the last lens. */
export async function titleIn(client: TestClient | undefined, uri: string): Promise<string | undefined> {
  return lensTexts((await client?.lenses(uri)) ?? [])
    .at(-1)
    ?.replace(/^\d+: /, "");
}

/** What the status bar was told, in order. */
export function statusesOf(client: TestClient | undefined): readonly StatusParams[] {
  const notified = client?.notified.filter(({ method }) => method === "partitionLens/status") ?? [];
  return notified.map(({ params }) => params as StatusParams);
}
