// Bundles edits-run.ts and runs it: edits without end, each held against a fresh reading.
import { runBundled } from "./bundled.mjs";

await runBundled("edits-run.ts");
