/** Follows what a DO block, a query or a CALL does by its text and by the bodies of the functions that it calls. */

import type { Catalog } from "../../catalog/catalog.ts";
import { createWork } from "../../catalog/values/work.ts";
import type { Outcome } from "../../effects/outcome.ts";
import { isSetConfig } from "../../effects/relations/settings.ts";
import { extensionFunction, extensions } from "../../schemes/extensions.ts";
import type { FunctionCall } from "../../syntax/expression.ts";
import type { Query, SelectQuery } from "../../syntax/query.ts";
import type { PlacedStatement } from "../../syntax/statement.ts";
import { changeConfiguration, followAs } from "./configuration.ts";
import { callExtension } from "./extension-call.ts";
import { argumentsOf, type BlockHost, type Machine, type Rows, type Scope, setConfig, undecided } from "./machine.ts";
import type { Block } from "./program.ts";
import { callRoutine } from "./routine-call.ts";
import { rowsOf } from "./rows.ts";
import { runBlock } from "./run.ts";
import { isToldWithoutRows } from "./run-sql.ts";

export type FollowedOutcome = Outcome | { readonly kind: "undecided"; readonly reason: string };

/** What the body does to the catalog, or what PostgreSQL refuses in it, or that this cannot be told. */
export function followBlock(block: Block, catalog: Catalog, host: BlockHost): FollowedOutcome {
  const machine = createMachine(catalog, host);
  runBlock(
    {
      machine,
      variables: new Map([["found", { value: { family: "boolean", value: false }, type: null }]]),
      types: new Map(),
      rows: [],
      output: [],
      ofCatalogs: new Set(),
      expressions: new Map(),
    },
    block,
  );
  return outcomeOf(machine);
}

const nothing: Scope = { variables: new Map(), ctes: new Map() };

/** What a query does by the functions that it calls for each of its rows, which `use` is then given. */
export function followQuery(
  query: SelectQuery,
  catalog: Catalog,
  host: BlockHost,
  use: (machine: Machine, rows: Rows) => void = () => {},
): FollowedOutcome {
  const machine = createMachine(catalog, host);
  const rows = machine.rowsOf(query, nothing);
  if (rows === null && !isToldWithoutRows(machine, query)) undecided(machine, "the rows of the query cannot be told");
  else if (machine.stop === null && rows !== null) use(machine, rows);
  return outcomeOf(machine);
}

/** What a CALL of a procedure does. */
export function followCall(call: FunctionCall, catalog: Catalog, host: BlockHost): FollowedOutcome {
  const machine = createMachine(catalog, host);
  machine.invoke(call, argumentsOf(machine, call, nothing), "call");
  return outcomeOf(machine);
}

/** What a change of an extension's configuration does. */
export function followChange(query: Query, catalog: Catalog, host: BlockHost): FollowedOutcome {
  const machine = createMachine(catalog, host);
  changeConfiguration(machine, query, nothing);
  return outcomeOf(machine);
}

/**
 * What extensions do with a statement that PostgreSQL has accepted, which met `before` and left `after`; null where none has to
 * do with it.
 */
export function followStatement(
  { statement, start, end }: PlacedStatement,
  before: Catalog,
  after: Catalog,
  host: BlockHost,
): FollowedOutcome | null {
  const concerned = Object.values(extensions).filter(({ follows }) => follows?.concerns(statement, before) === true);
  if (concerned.length === 0) return null;
  const machine = createMachine(after, host);
  for (const extension of concerned)
    followAs(machine, extension, { statement, before }, { start: 0, end: end - start });
  return outcomeOf(machine);
}

function createMachine(catalog: Catalog, host: BlockHost): Machine {
  const machine: Machine = {
    host,
    start: catalog,
    catalog,
    declined: [],
    steps: 0,
    work: createWork(),
    depth: 0,
    at: null,
    stop: null,
    handlers: 0,
    committed: false,
    passed: false,
    invoke: (call, given, form = "expression") => {
      if (isSetConfig(call) && !machine.catalog.functions.has("set_config")) return setConfig(machine, given);
      return extensionFunction(machine.catalog, call.name) === null
        ? callRoutine(machine, call, given)
        : callExtension(machine, call, given, form);
    },
    rowsOf: (query, scope) => rowsOf(machine, query, scope),
  };
  return machine;
}

function outcomeOf(machine: Machine): FollowedOutcome {
  const { stop, declined, passed } = machine;
  if (stop?.kind === "undecided") return stop;
  if (stop !== null && machine.committed)
    return { kind: "undecided", reason: `it fails after a COMMIT: ${stop.rejection.message}` };
  if (stop !== null) return { kind: "rejected", rejection: stop.rejection };
  if (passed && machine.catalog !== machine.start)
    return { kind: "undecided", reason: "whether it is refused rests on what the system catalogs hold" };
  return { kind: "applied", catalog: machine.catalog, declined, ...(passed ? { checks: true } : {}) };
}
