// The UI tests: one VS Code at a time, and time enough for a slow machine to draw it.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["**/*.test.ts"],
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 400_000,
    hookTimeout: 400_000,
  },
});
