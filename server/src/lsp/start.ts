/** What runs as `dist/server.js`: loads the language server's bundle beside it. */

import { startCompiled } from "../postgres/compiled-code.ts";

startCompiled(new URL(import.meta.url), "language-server.js");
