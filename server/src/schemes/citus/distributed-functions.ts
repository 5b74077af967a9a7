/** create_distributed_function: what Citus does not take of a function; its effect is none on tables. */

import type { DataType } from "../../catalog/data-type.ts";
import type { Relation } from "../../catalog/relation.ts";
import { isInput, type Routine } from "../../catalog/routine.ts";
import { castBetween } from "../../catalog/values/builtins.ts";
import { formatTypeName, sameTypeName } from "../../catalog/values/types.ts";
import { columnNamed } from "../../effects/relations/constraint-shape.ts";
import type { BoundCall, CallValue, ExtensionWork } from "../extension.ts";
import { colocationArgument, textArgument } from "./arguments.ts";
import { internalError } from "./fault.ts";
import { sameColumnType } from "./groups.ts";

/** Applies create_distributed_function. */
export function createDistributedFunction(call: BoundCall, work: ExtensionWork): CallValue {
  const text = textArgument(call, "function_name", work);
  if (text === null) return null;
  const routine = findRoutine(text, work);
  const argument = textArgument(call, "distribution_arg_name", work);
  const colocateWith = colocationArgument(call, work);
  if (colocateWith?.kind === "missing") work.refuse(colocateWith.fault);
  const table = colocateWith?.kind === "table" ? colocateWith.table : null;
  if (argument === null) {
    const isDistributed = table?.shards !== undefined && table.shards.column !== null;
    if (isDistributed) {
      invalidArgument(
        routine,
        'To provide "colocate_with" option with a distributed table, the distribution argument parameter should also be provided',
        work,
      );
    }
    return null;
  }
  const parameter = findParameter(routine, argument);
  if (parameter === null) {
    return invalidArgument(
      routine,
      'Either provide a valid function argument name or a valid "$paramIndex" to create_distributed_function()',
      work,
      argument.startsWith("$") ? "" : " ",
    );
  }
  if (table !== null) refuseCompany(routine, parameter, table, work);
  return null;
}

function invalidArgument({ name }: Routine, hint: string, work: ExtensionWork, end = " "): never {
  return work.refuse({
    sqlstate: "22023",
    message: `cannot distribute the function "${name}" since the distribution argument is not valid${end}`,
    hint,
  });
}

/** The input of `regprocedure`: a name with the types of its arguments. */
function findRoutine(text: string, work: ExtensionWork): Routine {
  const parts = /^\s*(?:[^\s.("]+\.)?([^\s.("]+)\s*\(([^()]*)\)\s*$/.exec(text);
  if (parts === null) {
    if (text.includes("(")) return work.decline(`"${text}" is not read as a function`);
    return work.refuse({ sqlstate: "22P02", message: "expected a left parenthesis" });
  }
  const [, name = "", list = ""] = parts;
  const known = work.catalog.functions.get(name.toLowerCase());
  const wanted = list.split(",").map((type) => aliasOf(type.trim().toLowerCase()));
  const types = list.trim() === "" ? [] : wanted;
  const found = known?.routines?.find(({ parameters }) => {
    const inputs = parameters.filter(isInput).map(({ type }) => formatTypeName(type));
    return inputs.length === types.length && inputs.every((type, index) => type === types[index]);
  });
  if (found !== undefined) return found;
  if (known !== undefined && known.routines === undefined)
    return work.decline(`the functions named ${name} are not known`);
  if (!work.catalog.complete || work.catalog.tainted) return work.decline(`the function ${name} is not known`);
  return work.refuse({ sqlstate: "42883", message: `function "${text}" does not exist` });
}

function aliasOf(type: string): string {
  return typeAliases.get(type) ?? type;
}

const typeAliases: ReadonlyMap<string, string> = new Map([
  ["int", "integer"],
  ["int4", "integer"],
  ["int2", "smallint"],
  ["int8", "bigint"],
  ["bool", "boolean"],
  ["varchar", "character varying"],
  ["timestamptz", "timestamp with time zone"],
  ["timestamp", "timestamp without time zone"],
  ["float8", "double precision"],
  ["float4", "real"],
  ["decimal", "numeric"],
  ["char", "character"],
]);

/** A name, or `$n`; the type of the parameter that it stands for, null for none. */
function findParameter({ parameters }: Routine, argument: string): DataType | null {
  const inputs = parameters.filter(isInput);
  const place = /^\$(\d+)$/.exec(argument);
  if (place !== null) return inputs[Number(place[1]) - 1]?.type ?? null;
  return inputs.find(({ name }) => name === argument)?.type ?? null;
}

function refuseCompany({ name }: Routine, type: DataType, table: Relation, work: ExtensionWork): void {
  const { shards } = table;
  if (shards === undefined) work.refuse(internalError(`relation ${table.name} is not distributed`));
  if (shards?.column == null) return;
  const column = columnNamed(table, shards.column);
  if (column === null || sameColumnType(column.type, type) || sameTypeName(column.type, type)) return;
  const [from, to] = [type, column.type].map((each) => (each.kind === "base" ? each.name : null));
  if (from == null || to == null || castBetween(from, to) !== null) return;
  // Citus itself takes the two names for each other.
  work.refuse(
    internalError(
      `cannot colocate function "${table.name}" and table "${name}" because distribution column types don't match and there is no coercion path`,
    ),
  );
}
