/** What CREATE FUNCTION and CREATE PROCEDURE leave for those who follow calls: parameters with their types, and the body. */

import { type Catalog, effectivePath } from "../../catalog/catalog.ts";
import { isInput, type Routine } from "../../catalog/routine.ts";
import { formatType, resolveType } from "../../catalog/values/types.ts";
import { detach } from "../../syntax/detached-text.ts";
import type { CreateFunction, PlacedStatement } from "../../syntax/statement.ts";

/** The routine that the statement creates; null where it is not known in which schema. */
function routineOf(catalog: Catalog, create: CreateFunction, placed: PlacedStatement): Routine | null {
  const schema = create.name.schema ?? effectivePath(catalog)[0];
  if (schema === undefined) return null;
  // The text of a template is not what will run.
  const code = placed.masked || create.body === null ? null : create.body.text;
  return {
    schema,
    name: create.name.name,
    procedure: create.procedure,
    language: create.language,
    parameters: create.parameters.map(({ mode, name, type, default: value }) => ({
      mode,
      name,
      type: resolveType(catalog, type),
      default: value,
    })),
    returns: create.returns,
    strict: create.strict,
    settings: create.settings,
    code: code === null ? null : detach(code),
  };
}

/** The routines of one name with the one that a statement creates or replaces; undefined where they are not all known. */
export function withRoutine(
  catalog: Catalog,
  known: readonly Routine[] | undefined,
  create: CreateFunction,
  placed: PlacedStatement,
): readonly Routine[] | undefined {
  const routine = routineOf(catalog, create, placed);
  if (known === undefined || routine === null || known.length >= mostOverloads) return undefined;
  const others = known.filter((each) => !isSameRoutine(each, routine));
  return others.length < known.length && !create.replace ? known : [...others, routine];
}

const mostOverloads = 100;

/** Overloads differ in the types that a call gives. */
function isSameRoutine(a: Routine, b: Routine): boolean {
  return a.schema === b.schema && inputTypes(a) === inputTypes(b);
}

function inputTypes({ parameters }: Routine): string {
  return parameters
    .filter(isInput)
    .map(({ type }) => formatType(type, []))
    .join(", ");
}
