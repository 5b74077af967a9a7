// Bundles grammar.ts and runs it.
// Usage: node test/truth/grammar.mjs FOLDER|FILE… [--majors 10,13] [--limit 20]
import { runBundled } from "./bundled.mjs";

await runBundled("grammar.ts");
