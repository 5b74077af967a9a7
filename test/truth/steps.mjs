// Prints what the replay makes of a file.
// Usage: node test/truth/steps.mjs file.sql [version]
import { runBundled } from "./bundled.mjs";

await runBundled("steps.ts");
