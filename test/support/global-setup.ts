// Vitest's global setup: hands out one PostgreSQL server per major to all test files, each started when first asked for.
import { createServer } from "node:http";
import type { TestProject } from "vitest/node";
import { type PostgresMajor, postgresVersions } from "./postgres-binaries.ts";
import { type PostgresServer, startServer } from "./postgres-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Port of the local service that answers `GET /<major>` with that server's address as JSON. */
    postgresServers: number;
  }
}

/** What test files learn about a server. */
export type ServerAddress = Pick<PostgresServer, "connectionString" | "port" | "major" | "socketDirectory">;

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers = new Map<PostgresMajor, Promise<PostgresServer>>();
  const service = createServer((request, response) => {
    const major = Number(request.url?.slice(1)) as PostgresMajor;
    if (!(major in postgresVersions)) {
      response.writeHead(404).end(`There is no PostgreSQL ${major} among ${Object.keys(postgresVersions).join(", ")}.`);
      return;
    }
    const server = servers.get(major) ?? startServer(major);
    servers.set(major, server);
    server.then(
      (address) => response.end(JSON.stringify(address satisfies ServerAddress)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((ready) => service.listen(0, "127.0.0.1", ready));
  const address = service.address();
  if (address === null || typeof address === "string") throw new Error("The service for test servers has no port.");
  project.provide("postgresServers", address.port);
  return async () => {
    service.close();
    service.closeAllConnections();
    await Promise.allSettled([...servers.values()].map(async (server) => (await server).stop()));
  };
}
