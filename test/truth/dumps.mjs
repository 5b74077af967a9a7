// Replays what pg_dump writes of databases that PostgreSQL's own regression scripts leave; none of their text is kept here.
// Usage: node test/truth/dumps.mjs FOLDER [--major 15] [--files create_table,inherit]      (FOLDER as for regress.mjs)
import { runBundled } from "./bundled.mjs";

await runBundled("dumps.ts");
