// Bundles report.ts and runs it: the server's sources are written for a bundler.
// Usage: node test/truth/run.mjs [--seed 1] [--count 200] [--major 18] [--kind range] [--vary recordings.jsonl] [--about false-alarm,missed] [--limit 20] [--no-shrink] [--show]
import { runBundled } from "./bundled.mjs";

await runBundled("report.ts");
