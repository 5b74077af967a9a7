/** Values put back into expressions, as constants with a cast to their type. */

import type { SessionSettings } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { Value } from "../../catalog/value.ts";
import { inIsoStyle } from "../../catalog/values/date-style.ts";
import { printValue } from "../../catalog/values/print.ts";
import type { Expression, TypeName } from "../../syntax/expression.ts";
import type { TextRange } from "../../text/range.ts";

/** `'value'::type`; null for types that have no name of their own. */
export function constantExpression(
  value: Value | null,
  type: DataType,
  settings: SessionSettings,
  range: TextRange,
): Expression | null {
  const name = typeNameOf(type, range);
  if (name === null) return null;
  const operand: Expression =
    value === null
      ? { kind: "constant", value: { type: "null" }, range }
      : { kind: "constant", value: { type: "string", text: printValue(value, type, inIsoStyle(settings)) }, range };
  return { kind: "cast", operand, type: name, range };
}

function typeNameOf(type: DataType, range: TextRange): TypeName | null {
  const named = (names: readonly string[]): TypeName => ({
    names,
    modifiers: [],
    arrayDimensions: 0,
    setOf: false,
    range,
  });
  switch (type.kind) {
    case "base":
      return named(["pg_catalog", type.name]);
    case "enum":
    case "domain":
      return named([type.schema, type.name]);
    default:
      return null;
  }
}
