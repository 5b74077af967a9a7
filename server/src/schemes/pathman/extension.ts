/** pg_pathman: what its functions and its configuration tables do. */

import type { Extension } from "../extension.ts";

export const pathman: Extension = {
  name: "pg_pathman",
  rule: "pathman-call",
  schema: null,
  isKnownBy: () => true,
  versions: ["1.5", "1.4", "1.3", "1.2", "1.1", "1.0", "0.1", "readme"],
  versionSetting: ({ pathmanVersion }) => pathmanVersion,
  functions: new Map(),
  tables: new Map(),
};
