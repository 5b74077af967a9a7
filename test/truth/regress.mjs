// Replays PostgreSQL's own regression scripts and compares with what they expect; the scripts come from its source package.
// Usage: node test/truth/regress.mjs FOLDER [--major 15] [--only alter_table] [--missed] [--differing]
import { runBundled } from "./bundled.mjs";

await runBundled("regress.ts");
