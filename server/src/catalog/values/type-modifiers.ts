/** What PostgreSQL refuses in the parentheses after a type's name: `varchar(0)`, `numeric(5000)`, `uuid(3)`. */

import type { TypeName } from "../../syntax/expression.ts";
import type { DataType } from "../data-type.ts";
import { problem, type ValueProblem } from "./result.ts";

/** The refusal of the modifiers that a resolved type was written with; null where there is none, or it cannot be told. */
export function modifierProblem(written: TypeName, type: DataType, version: number): ValueProblem | null {
  const scalar = type.kind === "array" && written.arrayDimensions > 0 ? type.element : type;
  if (scalar.kind !== "base" || written.modifiers.length === 0) return null;
  const numbers = written.modifiers.map((text) => (/^-?\d+$/.test(text) ? Number(text) : null));
  const [first, second] = numbers;
  if (first == null || numbers.includes(null)) return null;
  switch (scalar.name) {
    case "varchar":
    case "bpchar":
      return lengthProblem(scalar.name === "bpchar" ? "char" : "varchar", first, 10485760);
    case "bit":
    case "varbit":
      return lengthProblem(scalar.name, first, 83886080);
    case "numeric":
      return numbers.length > 2
        ? problem("22023", "invalid NUMERIC type modifier")
        : numericProblem(first, second ?? 0, version);
    case "timestamp":
    case "timestamptz":
    case "time":
    case "timetz":
      return numbers.length > 1 ? problem("22023", "invalid type modifier") : null;
    case "interval":
      return null;
    default:
      return problem("42601", `type modifier is not allowed for type "${scalar.name}"`);
  }
}

function lengthProblem(name: string, length: number, greatest: number): ValueProblem | null {
  if (length < 1) return problem("22023", `length for type ${name} must be at least 1`);
  return length > greatest ? problem("22023", `length for type ${name} cannot exceed ${greatest}`) : null;
}

function numericProblem(precision: number, scale: number, version: number): ValueProblem | null {
  if (precision < 1 || precision > 1000)
    return problem("22023", `NUMERIC precision ${precision} must be between 1 and 1000`);
  if (version < 15)
    return scale < 0 || scale > precision
      ? problem("22023", `NUMERIC scale ${scale} must be between 0 and precision ${precision}`)
      : null;
  return Math.abs(scale) > 1000 ? problem("22023", `NUMERIC scale ${scale} must be between -1000 and 1000`) : null;
}
