/** What runs as `dist/cli.js`: loads the command line tool's bundle beside it. */

import { startCompiled } from "../postgres/compiled-code.ts";

startCompiled(new URL(import.meta.url), "command-line.js");
