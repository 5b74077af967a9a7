// Runs PostgreSQL's own regression scripts through a real server and through the replay; none of their text is kept here.
// Usage: node test/truth/regress.mjs FOLDER [--major 15] [--files create_table,inherit] [--limit 20]
// FOLDER is src/test/regress/sql of PostgreSQL's source (Debian: `apt-get source postgresql-15`).
import { runBundled } from "./bundled.mjs";

await runBundled("regress.ts");
