// Bundles soak-run.ts and runs it: how much memory stays behind edits.
import { runBundled } from "./bundled.mjs";

await runBundled("soak-run.ts");
