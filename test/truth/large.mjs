// Measures scripts of a hundred thousand statements: see large.ts beside it.
import { runBundled } from "./bundled.mjs";

await runBundled("large.ts");
