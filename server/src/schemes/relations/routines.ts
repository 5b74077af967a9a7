/** What CREATE FUNCTION and CREATE PROCEDURE leave for those who follow calls: parameters with their types, and the body. */

import { type Catalog, effectivePath } from "../../catalog/catalog.ts";
import { isInput, type Routine } from "../../catalog/routine.ts";
import { formatType, resolveType } from "../../catalog/values/types.ts";
import { detach } from "../../syntax/detached-text.ts";
import type { CreateFunction, PlacedStatement } from "../../syntax/statement.ts";
import type { ApplyContext } from "../scheme.ts";

/** The routine that the statement creates; null where it is not known in which schema. */
function routineOf(
  catalog: Catalog,
  create: CreateFunction,
  placed: PlacedStatement,
  context: ApplyContext,
): Routine | null {
  const schema = create.name.schema ?? effectivePath(catalog)[0];
  if (schema === undefined) return null;
  // The text of a template is not what will run.
  const code = placed.masked ? null : bodyText(create, context);
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

/** SQL that stands there itself is cut out of the script, which is known where no other statement builds it. */
function bodyText({ body }: CreateFunction, { text, inFunction }: ApplyContext): string | null {
  if (body === null) return null;
  if (body.code !== null) return body.code;
  return text === undefined || inFunction ? null : text.slice(body.range.start, body.range.end);
}

/** The routines of one name with the one that a statement creates or replaces; undefined where they are not all known. */
export function withRoutine(
  catalog: Catalog,
  known: readonly Routine[] | undefined,
  create: CreateFunction,
  placed: PlacedStatement,
  context: ApplyContext,
): readonly Routine[] | undefined {
  const routine = routineOf(catalog, create, placed, context);
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
