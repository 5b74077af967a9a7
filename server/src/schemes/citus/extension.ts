/** Citus: what its functions and its tables do. */

import type { Extension } from "../extension.ts";

export const citus: Extension = {
  name: "citus",
  rule: "citus-call",
  schema: "pg_catalog",
  isKnownBy: () => true,
  versions: ["13.2"],
  versionSetting: () => "auto",
  functions: new Map(),
  tables: new Map(),
};
