/** Ending a call in pg_pathman's own words, by the SQLSTATE that each kind of its errors has. */

import type { ExtensionWork } from "../extension.ts";

interface More {
  readonly detail?: string;
  readonly hint?: string;
}

/** RAISE EXCEPTION of its PL/pgSQL functions. */
export function raise(work: ExtensionWork, message: string, more: More = {}): never {
  return work.refuse({ sqlstate: "P0001", message, ...more });
}

/** `ERRCODE_INVALID_PARAMETER_VALUE` of its C functions. */
export function invalid(work: ExtensionWork, message: string, more: More = {}): never {
  return work.refuse({ sqlstate: "22023", message, ...more });
}

/** `elog(ERROR)` of its C functions. */
export function internal(work: ExtensionWork, message: string, more: More = {}): never {
  return work.refuse({ sqlstate: "XX000", message, ...more });
}
