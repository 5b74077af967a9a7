// Vitest runs everything that needs no VS Code; tests of databases find their servers through the global setup.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/vscode/**", "test/ui/**"],
    globalSetup: "test/support/global-setup.ts",
    // The machines that run this have two cores, and a database server beside the tests.
    maxWorkers: 2,
    // Machines differ in speed; nothing here asserts on time.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    env: { TZ: "UTC" },
  },
});
