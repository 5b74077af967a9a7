/** A rehearsal: the schema made in a sandbox and filled with rows, the script run, and what it did told; then the way back. */

import { beyondSandbox } from "./beyond-sandbox.ts";
import { scriptValues } from "./condition-values.ts";
import { type EmptyTable, fillTables } from "./fill.ts";
import { childrenOf, type Observed, rootTables, treeOf } from "./observation.ts";
import { type AllRows, readAllRows, readState, type State } from "./observer.ts";
import type {
  PartitionChanges,
  PartitionState,
  RehearsalOutcome,
  RehearsalReport,
  StatementReport,
  UndoReport,
} from "./report.ts";
import { compareRows, type RowFate, type TableRows, withoutRows } from "./row-comparison.ts";
import { madeRole, type RehearsalStatement, runScript } from "./run-script.ts";
import { type Sandbox, SandboxEndedError } from "./sandbox.ts";

export interface RehearsalInput {
  /** What makes the schema before the script, in order. */
  readonly schema: {
    readonly source: "files" | "database";
    readonly statements: readonly string[];
  };
  readonly script: readonly RehearsalStatement[];
  /** What undoes the script, and where it stands; null where nothing does. */
  readonly undo: { readonly origin: string; readonly statements: readonly RehearsalStatement[] } | null;
  /** Tables, `schema.name`, whose rows the script is meant to remove. */
  readonly mayLose: readonly string[];
}

export interface RehearsalLimits {
  /** Statements before the script, and in it. */
  readonly schemaStatements: number;
  readonly scriptStatements: number;
  /** Rows made, and tables in which they are made. */
  readonly rows: number;
  readonly tables: number;
}

export const rehearsalLimits: RehearsalLimits = {
  schemaStatements: 5_000,
  scriptStatements: 1_000,
  rows: 4_000,
  tables: 2_000,
};

/** How far it is: so many of `total` things done of what is called so. */
export type RehearsalProgress = (what: string, done: number, total: number) => void;

/** Of more rows, after the script, each is not looked at. */
const mostRowsCompared = 20_000;
const mostFailuresTold = 20;

/** Never rejects because of what the script does: a sandbox that ends is said in the report. */
export async function rehearse(
  input: RehearsalInput,
  sandbox: Sandbox,
  limits: RehearsalLimits,
  progress: RehearsalProgress,
): Promise<RehearsalReport> {
  const found: Findings = {
    failures: [],
    made: 0,
    empty: [],
    statements: [],
    tables: null,
    partitions: [],
    undo: null,
    failed: false,
    isRun: false,
  };
  let ended: RehearsalReport["ended"] = null;
  try {
    await perform(input, sandbox, limits, progress, found);
  } catch (error) {
    if (!(error instanceof SandboxEndedError)) throw error;
    ended = { reason: error.reason, message: error.message };
    const last = found.statements.at(-1);
    if (last !== undefined && !found.isRun && last.result.kind === "ran")
      found.statements[found.statements.length - 1] = {
        ...last,
        result: { kind: "not-rehearsed", reason: error.message },
      };
  }
  return {
    serverVersion: sandbox.serverVersion,
    outcome: outcomeOf(found, ended, input.mayLose),
    schema: {
      source: input.schema.source,
      statements: input.schema.statements.length,
      failures: found.failures.slice(0, mostFailuresTold),
    },
    rows: { made: found.made, empty: found.empty },
    statements: found.statements,
    tables: found.tables,
    partitions: found.partitions,
    undo: found.undo,
    ended,
  };
}

interface Findings {
  failures: { sql: string; message: string }[];
  made: number;
  empty: readonly EmptyTable[];
  statements: StatementReport[];
  tables: readonly RowFate[] | null;
  partitions: readonly PartitionChanges[];
  undo: UndoReport | null;
  failed: boolean;
  /** Whether the script has come to its end. */
  isRun: boolean;
}

async function perform(
  input: RehearsalInput,
  sandbox: Sandbox,
  limits: RehearsalLimits,
  progress: RehearsalProgress,
  found: Findings,
): Promise<void> {
  const { schema, script, undo } = input;
  tooMany(schema.statements.length, limits.schemaStatements, "statements before the script");
  tooMany(script.length + (undo?.statements.length ?? 0), limits.scriptStatements, "statements in the script");
  const leftOut: string[] = [];
  await makeSchema(schema.statements, sandbox, found, leftOut, (done) =>
    progress("the schema", done, schema.statements.length),
  );
  found.empty = await fillTables(sandbox, limits, scriptValues(script.map(({ sql }) => sql)), (done, total) =>
    progress("rows", done, total),
  );
  const start = await readState(sandbox, false, null, new Map());
  const rowsBefore = await readAllRows(sandbox, start.relations, mostRowsCompared);
  found.made = [...start.rows.values()].reduce((sum, { count }) => sum + count, 0);
  const run = await runScript(script, {
    sandbox,
    state: start,
    leftOut,
    progress: (done) => progress("the script", done, script.length),
    report: (statement) => found.statements.push(statement),
  });
  found.failed = run.failed;
  found.isRun = true;
  const rowsAfter = await readAllRows(sandbox, run.state.relations, mostRowsCompared);
  const counted = rowsBefore === null ? null : withoutRows(rowsBefore.tables, run.takenAway);
  found.tables = counted === null || rowsAfter === null ? null : compareRows(counted, rowsAfter.tables);
  found.partitions = partitionChanges(start, rowsBefore, run.state, rowsAfter);
  if (undo === null || run.failed) return;
  const statements: StatementReport[] = [];
  const back = await runScript(undo.statements, {
    sandbox,
    state: run.state,
    leftOut,
    progress: (done) => progress("the way back", done, undo.statements.length),
    report: (statement) => statements.push(statement),
  });
  found.failed ||= back.failed;
  const rowsThen = await readAllRows(sandbox, back.state.relations, mostRowsCompared);
  const known = counted === null ? null : withoutRows(counted, back.takenAway);
  const differences = differencesOf(start, known, back.state, rowsThen);
  found.undo = {
    origin: undo.origin,
    statements,
    restored: back.failed || statements.some(({ result }) => result.kind !== "ran") ? null : differences.length === 0,
    differences,
  };
}

function tooMany(count: number, most: number, what: string): void {
  if (count > most) throw new SandboxEndedError("timeout", `there are ${count} ${what}; at most ${most} are rehearsed`);
}

async function makeSchema(
  statements: readonly string[],
  sandbox: Sandbox,
  found: Findings,
  leftOut: string[],
  progress: (done: number) => void,
): Promise<void> {
  for (const [index, sql] of statements.entries()) {
    let answer = await sandbox.run(sql);
    // A statement names few roles.
    for (let round = 0; round < 5 && answer.kind === "refused"; round++) {
      if (!(await madeRole(sandbox, answer.error))) break;
      answer = await sandbox.run(sql);
    }
    if (answer.kind === "refused") {
      const message = beyondSandbox(answer.error, { things: leftOut }) ?? answer.error.message;
      found.failures.push({ sql, message });
      leftOut.push(titleOf(sql));
    }
    progress(index + 1);
  }
}

const titleLength = 60;

/** The beginning of a statement, in one line. */
export function titleOf(sql: string): string {
  const line = sql.replace(/\s+/g, " ").trim();
  return line.length <= titleLength ? line : `${line.slice(0, titleLength - 1)}…`;
}

function outcomeOf(found: Findings, ended: RehearsalReport["ended"], mayLose: readonly string[]): RehearsalOutcome {
  if (found.failed) return "error";
  if ((found.tables ?? []).some(({ relation, lost }) => lost > 0 && !mayLose.includes(relation))) return "lost-rows";
  return ended === null && found.tables !== null ? "clean" : "unfinished";
}

/** Of trees whose partitions, their bounds or their rows are others after the script. */
function partitionChanges(
  before: State,
  rowsBefore: AllRows | null,
  after: State,
  rowsAfter: AllRows | null,
): readonly PartitionChanges[] {
  const was = partitionsByRoot(before.relations, rowsBefore);
  const now = partitionsByRoot(after.relations, rowsAfter);
  return [...new Set([...was.keys(), ...now.keys()])].flatMap((relation) => {
    const [old, current] = [was.get(relation) ?? [], now.get(relation) ?? []];
    return JSON.stringify(old) === JSON.stringify(current) ? [] : [{ relation, before: old, after: current }];
  });
}

function partitionsByRoot(relations: Observed, rows: AllRows | null): ReadonlyMap<string, readonly PartitionState[]> {
  const children = childrenOf(relations);
  const found = new Map<string, readonly PartitionState[]>();
  for (const root of rootTables(relations)) {
    const [, ...parts] = treeOf(root, children);
    if (parts.length === 0) continue;
    const states = parts.map(({ id, name, bound, kind }) => ({
      name,
      bound,
      rows: rows === null || kind === "p" || kind === "f" ? null : (rows.counts.get(id) ?? 0),
    }));
    found.set(root.name, states);
  }
  return found;
}

/** What is not as it was before, in sentences; empty where everything is. */
function differencesOf(
  before: State,
  rowsBefore: readonly TableRows[] | null,
  after: State,
  rowsAfter: AllRows | null,
): readonly string[] {
  const [was, now] = [byName(before.relations), byName(after.relations)];
  const found: string[] = [];
  for (const [name, old] of was) {
    const current = now.get(name);
    if (current === undefined) found.push(`${name} is not there`);
    else if (current.kind !== old.kind || current.key !== old.key) found.push(`${name} is another kind of table`);
    else if (current.bound !== old.bound || current.parents.join() !== old.parents.join())
      found.push(`${name} is another partition: ${current.bound ?? "none"}, was ${old.bound ?? "none"}`);
    else if (JSON.stringify(sorted(current.columns)) !== JSON.stringify(sorted(old.columns)))
      found.push(`${name} has other columns`);
    else if (current.constraints.join("\n") !== old.constraints.join("\n")) found.push(`${name} has other constraints`);
  }
  for (const name of now.keys()) if (!was.has(name)) found.push(`${name} is there still`);
  if (rowsBefore === null || rowsAfter === null) return [...found, "its rows were not compared: they are too many"];
  for (const fate of compareRows(rowsBefore, rowsAfter.tables)) {
    const { relation, kept, before: count, added } = fate;
    if (fate.after !== null && (kept !== count || added > 0))
      found.push(`${relation} has other rows: ${kept} of ${count} are as they were, ${added} came`);
  }
  return found;
}

function sorted(columns: readonly { readonly name: string }[]): readonly { readonly name: string }[] {
  return [...columns].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Names, kinds and parents by name: ids are others where a table was made anew. */
function byName(relations: Observed) {
  return new Map(
    [...relations.values()].map((relation) => [
      relation.name,
      { ...relation, parents: relation.parents.map((id) => relations.get(id)?.name ?? id).sort() },
    ]),
  );
}
