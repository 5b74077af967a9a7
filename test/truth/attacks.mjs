// Bundles attacks-run.ts and runs it: the longest turns that hostile files cost, and their memory.
import { runBundled } from "./bundled.mjs";

await runBundled("attacks-run.ts");
