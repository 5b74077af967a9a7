/** The rows of a VALUES list. */

import type { DataType } from "../../catalog/data-type.ts";
import { baseTypeNamed, sameType } from "../../catalog/values/types.ts";
import type { Expression } from "../../syntax/expression.ts";
import { computed, type Machine, type Row, type Rows, type Scope } from "./machine.ts";

/** Each column has one type: a value without one is a text, and where two differ nothing is claimed. */
export function valuesRows(machine: Machine, written: readonly (readonly Expression[])[], scope: Scope): Rows | null {
  const types: DataType[] = [];
  const rows: Row[] = [];
  for (const items of written) {
    const row = items.map((item, index) => ({ name: `column${index + 1}`, value: computed(machine, item, scope) }));
    if (machine.stop !== null) return null;
    for (const [index, { value }] of row.entries()) if (value?.type != null) types[index] ??= value.type;
    rows.push(row);
  }
  const typed = rows.map((row) =>
    row.map((field, index) => {
      const type = types[index] ?? baseTypeNamed("text");
      const isText = type.kind === "base" && type.name === "text";
      const { value } = field;
      if (value === null || value.type !== null)
        return value === null || sameType(value.type ?? type, type) ? field : null;
      // A literal beside values of another type is read as one of that.
      return value.value === null || isText ? { ...field, value: { ...value, type } } : null;
    }),
  );
  return typed.some((row) => row.includes(null)) ? null : typed.map((row) => row.flatMap((field) => field ?? []));
}
