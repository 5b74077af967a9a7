/** Reads constants as PostgreSQL's input functions do: text and type in, value or PostgreSQL's own error out. */

import { effectivePath, nameKey } from "../catalog.ts";
import type { DataType } from "../data-type.ts";
import type { Value } from "../value.ts";
import { arrayElements } from "./array.ts";
import { readBits } from "./bits.ts";
import { compareValues } from "./compare.ts";
import { readDate, readTimestamp } from "./datetime.ts";
import { readFloat } from "./float.ts";
import { readInteger } from "./integer.ts";
import { readInterval } from "./interval.ts";
import { parseJson } from "./json.ts";
import { readHardwareAddress, readNetwork } from "./network.ts";
import { readNumeric } from "./numeric.ts";
import { elementOfRange, readRange } from "./range.ts";
import { declined, problem, type ValueContext, type ValueResult, valueResult } from "./result.ts";
import { fieldsOf, readRow } from "./row.ts";
import { readBoolean, readBytes, readEnum, readUuid } from "./scalar.ts";
import { readLogPosition, readMoney, readTransactionId, readTupleId } from "./system-values.ts";
import { readText } from "./text.ts";
import { readTime } from "./time.ts";
import { baseTypeNamed, formatTypeName } from "./types.ts";

/** `check_safe_enum_use`: a label that the open transaction has added is not there for others yet, and cannot be stored. */
function readLabel(text: string, type: Extract<DataType, { kind: "enum" }>, context: ValueContext): ValueResult {
  const { catalog } = context;
  const name = formatTypeName(type, effectivePath(catalog));
  // A type of which nothing is known any more may have other labels.
  if (!catalog.types.has(nameKey(type.schema, type.name))) return declined(`the labels of ${name} are not known`);
  if (catalog.newLabels?.has(`${nameKey(type.schema, type.name)}\0${text}`) !== true) return readEnum(text, type, name);
  return problem("55P04", `unsafe use of new value "${text}" of enum type ${name}`, {
    hint: "New enum values must be committed before they can be used.",
  });
}

/**
 * The value that `'text'` has as a constant of the type, its modifier applied as on the way into a column: `varchar(3)` refuses
 * four letters. What cannot be told for certain is declined, never guessed. Checks of domains are not run.
 */
export function readValue(text: string, type: DataType, context: ValueContext): ValueResult {
  switch (type.kind) {
    case "base":
      return readBase(text, type, context);
    case "domain":
      return readValue(text, type.base, context);
    case "enum":
      return readLabel(text, type, context);
    case "array":
      return readArray(text, type.element, context);
    case "composite": {
      const fields = fieldsOf(type, context.catalog);
      if (fields === null) return valueResult({ family: "opaque", text });
      return readRow(
        text,
        fields.map((field) => field.type),
        (field, fieldType) => readValue(field, fieldType, context),
      );
    }
    case "unknown":
      return declined(`the type ${formatTypeName(type)} is not known`);
  }
}

type BaseType = Extract<DataType, { readonly kind: "base" }>;

function readBase(text: string, type: BaseType, context: ValueContext): ValueResult {
  switch (type.name) {
    case "int4":
    case "int8":
    case "int2":
    case "oid":
      return readInteger(text, type.name, context.version);
    case "date":
      return readDate(text, context);
    case "timestamp":
    case "timestamptz":
      return readTimestamp(text, type.name, type.modifier, context);
    case "text":
    case "varchar":
    case "bpchar":
    case "name":
    case "char":
      return readText(text, type.name, type.modifier, "refuse");
    case "uuid":
      return readUuid(text, context.version);
    case "numeric":
      return readNumeric(text, type.modifier, context.version);
    case "float4":
    case "float8":
      return readFloat(text, type.name, context.version);
    case "bool":
      return readBoolean(text);
    case "time":
    case "timetz":
      return readTime(text, type.name, type.modifier, context);
    case "interval":
      return readInterval(text, type.modifier, context);
    case "bytea":
      return readBytes(text, context.version);
    case "bit":
    case "varbit":
      return readBits(text, type.name, type.modifier?.length ?? null);
    case "inet":
    case "cidr":
      return readNetwork(text, type.name);
    case "macaddr":
    case "macaddr8":
      return readHardwareAddress(text, type.name);
    case "money":
      return readMoney(text, context);
    case "pg_lsn":
      return readLogPosition(text);
    case "xid8":
      return readTransactionId(text);
    case "tid":
      return readTupleId(text);
    case "jsonb": {
      const json = parseJson(text);
      return json === null ? declined("a jsonb value that is not read") : valueResult({ family: "json", json });
    }
    default: {
      const element = elementOfRange(type.name);
      if (element === null) return valueResult({ family: "opaque", text });
      return readRange(
        text,
        (end) => readValue(end, baseTypeNamed(element), context),
        (a, b) => compareValues(a, b, null),
      );
    }
  }
}

/** Arrays in other notations than `{a,b}` are declined. */
function readArray(text: string, element: DataType, context: ValueContext): ValueResult {
  const texts = arrayElements(text);
  if (texts === null) return malformedArray(text) ?? declined("an array literal in another form than {a,b}");
  const elements: (Value | null)[] = [];
  for (const item of texts) {
    const result: ValueResult = item === null ? { kind: "null" } : readValue(item, element, context);
    if (result.kind === "problem" || result.kind === "declined") return result;
    elements.push(result.kind === "null" ? null : result.value);
  }
  return valueResult({ family: "array", elements });
}

/** What certainly is no array: no brace where one must be, or one that is not closed. */
function malformedArray(text: string): ValueResult | null {
  const refuse = (detail: string): ValueResult => problem("22P02", `malformed array literal: "${text}"`, { detail });
  if (!/^[ \t\n\v\f\r]*[{[]/.test(text)) return refuse('Array value must start with "{" or dimension information.');
  return /^\{[^{}"\\]*$/.test(text) ? refuse("Unexpected end of input.") : null;
}
