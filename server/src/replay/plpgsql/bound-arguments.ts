/** Which version of an extension a call means, and its arguments brought to the parameters of that version's functions. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { Value } from "../../catalog/value.ts";
import { type Binding, bindCall, type GivenArgument } from "../../schemes/bind-call.ts";
import type { ExtensionFunction } from "../../schemes/extension.ts";
import { hasSignature, type Owned, toldVersion } from "../../schemes/extensions.ts";
import type { FunctionCall } from "../../syntax/expression.ts";
import { evaluateWith } from "./constants.ts";
import { type Argument, evaluation, type Machine } from "./machine.ts";
import { textOf } from "./typed-value.ts";

/** How a call stands in its statement: as an expression, or under CALL. */
export type CallForm = "expression" | "call";

export interface MeantVersion {
  readonly version: string;
  /** Whether the call itself shows it. */
  readonly isShown: boolean;
}

/** The version that a call means: the one that is told, shown by the call itself, or the first that takes its arguments. */
export function versionOf(
  machine: Machine,
  { extension, item }: Owned<ExtensionFunction>,
  call: FunctionCall,
  given: readonly Argument[],
): MeantVersion {
  const told = toldVersion(extension, machine.catalog, machine.host.context);
  if (told !== null) return { version: told, isShown: false };
  const values = given.map(({ name, value }) => ({
    name,
    text: value === null ? null : (textOf(value, evaluation(machine)) ?? null),
  }));
  const shown = extension.versionShownBy?.(call.name.at(-1) ?? "", values) ?? null;
  if (shown !== null) return { version: shown, isShown: true };
  const [usual] = extension.versions;
  const takes = (version: string): boolean =>
    item.signatures.some((signature) => hasSignature(signature, version)) &&
    bind(machine, item, version, given, null).kind !== "none";
  const version = extension.versions.find(takes) ?? usual;
  return { version, isShown: version !== usual };
}

/** The catalog in which later calls mean that version too. */
export function withVersion(catalog: Catalog, { extension }: Owned<ExtensionFunction>, version: string): Catalog {
  return { ...catalog, shownVersions: { ...catalog.shownVersions, [extension.name]: version } };
}

/** The arguments bound to the signature that PostgreSQL would choose; `form` null for a function or procedure alike. */
export function bind(
  machine: Machine,
  { signatures }: ExtensionFunction,
  version: string,
  given: readonly Argument[],
  form: CallForm | null,
): Binding {
  const kind = form === "call" ? "procedure" : "function";
  const fitting = signatures.filter((each) => hasSignature(each, version) && (form === null || each.kind === kind));
  return bindCall(fitting, given.map(givenArgument), evaluation(machine), (sql, type) =>
    valueOfDefault(machine, sql, type),
  );
}

/** An argument as `bindCall` takes it. */
export function givenArgument({ name, value, variadic }: Argument): GivenArgument {
  if (value === null) return { name, value: undefined, type: undefined, variadic };
  return { name, value: value.late === undefined ? value.value : undefined, type: value.type, variadic };
}

function valueOfDefault(machine: Machine, sql: string, type: DataType): Value | null | undefined {
  const [placed] = machine.host.read(`SELECT ${sql}`);
  const query = placed?.statement.kind === "query" ? placed.statement.query : null;
  const expression = query?.kind === "select" ? query.targets[0]?.expression : undefined;
  if (expression === undefined) return undefined;
  const value = evaluateWith(expression, new Map(), evaluation(machine));
  if (value == null) return undefined;
  const read = bindCall(
    [{ kind: "function", since: null, until: null, parameters: [{ name: "d", type: nameOf(type), default: null }] }],
    [givenArgument({ name: undefined, value, variadic: false })],
    evaluation(machine),
    () => undefined,
  );
  return read.kind === "bound" ? read.values.get("d") : undefined;
}

function nameOf(type: DataType): string {
  return type.kind === "base" ? type.name : type.kind === "array" ? `${nameOf(type.element)}[]` : "text";
}
