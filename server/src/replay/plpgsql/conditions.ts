/** Errors inside PL/pgSQL: the names that EXCEPTION gives them, and what raises them. */

import { rejected } from "../../effects/outcome.ts";
import type { Machine } from "./machine.ts";
import type { Handler } from "./program.ts";

/** Stops with an error of PL/pgSQL's own. */
export function refuse(machine: Machine, sqlstate: string, message: string): void {
  const { rejection } = rejected("statement-rejected", sqlstate, message, { start: 0, end: 0 });
  machine.stop ??= { kind: "refused", rejection };
}

/** The SQLSTATE of a condition by its name, or of itself; undefined where it is neither. */
export function sqlstateOf(condition: string): string | undefined {
  return /^[0-9a-z]{5}$/.test(condition) ? condition.toUpperCase() : conditionNames.get(condition);
}

/** Whether a handler takes an error. */
export function handles({ conditions }: Handler, sqlstate: string): boolean {
  return conditions.some(
    (condition) => condition === "others" || condition === sqlstate || conditionNames.get(condition) === sqlstate,
  );
}

/** The names that EXCEPTION gives to the errors of partition DDL. */
const conditionNames: ReadonlyMap<string, string> = new Map([
  ["duplicate_table", "42P07"],
  ["duplicate_object", "42710"],
  ["duplicate_schema", "42P06"],
  ["duplicate_column", "42701"],
  ["duplicate_function", "42723"],
  ["undefined_table", "42P01"],
  ["undefined_column", "42703"],
  ["undefined_object", "42704"],
  ["undefined_function", "42883"],
  ["invalid_schema_name", "3F000"],
  ["invalid_object_definition", "42P17"],
  ["invalid_table_definition", "42P16"],
  ["wrong_object_type", "42809"],
  ["check_violation", "23514"],
  ["unique_violation", "23505"],
  ["foreign_key_violation", "23503"],
  ["not_null_violation", "23502"],
  ["feature_not_supported", "0A000"],
  ["syntax_error", "42601"],
  ["dependent_objects_still_exist", "2BP01"],
  ["invalid_parameter_value", "22023"],
  ["object_not_in_prerequisite_state", "55000"],
  ["case_not_found", "20000"],
  ["no_data_found", "P0002"],
  ["too_many_rows", "P0003"],
  ["raise_exception", "P0001"],
]);
