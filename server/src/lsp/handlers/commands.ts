/** `workspace/executeCommand`: the server's own commands, for every editor. */

import type { ExecuteCommandParams, WorkDoneProgressReporter } from "vscode-languageserver/node";
import { counted } from "../../ide/spelling.ts";
import { RefusedError } from "../guard.ts";
import { requireShape, type Shape, shapes } from "../parameters.ts";
import {
  type ConnectParams,
  commands,
  type GenerateArguments,
  type InsertScriptArguments,
  type MapArguments,
  type PruningArguments,
  type RehearseArguments,
  type StageParams,
} from "../protocol.ts";
import type { Session } from "../session.ts";
import { showPartitions } from "./catalog.ts";
import { connect } from "./connect.ts";
import { generateScript } from "./generate.ts";
import { rehearseFile } from "./rehearse.ts";
import { showStage } from "./stage.ts";
import { showPruning } from "./survivors.ts";
import { insertGeneratedScript, scriptPlan } from "./write-script.ts";

type Run = (
  session: Session,
  argument: unknown,
  signal: AbortSignal,
  /** Of long work: what is being done, and how far it is. */
  progress: (message: string, percentage: number) => void,
) => Promise<unknown>;

/** What the argument of a command has to be; the others take none. */
const argumentShapes: Readonly<Record<string, Shape>> = {
  [commands.generate]: shapes.operation,
  [commands.insertScript]: shapes.document,
  [commands.planScript]: shapes.document,
  [commands.showPruning]: shapes.statement,
  [commands.showPartitions]: shapes.table,
  [commands.showStage]: shapes.stage,
  [commands.rehearse]: shapes.rehearsal,
};

const table: Readonly<Record<string, Run>> = {
  [commands.generate]: (session, argument) => generateScript(session, argument as GenerateArguments),
  [commands.insertScript]: (session, argument, signal) =>
    insertGeneratedScript(session, argument as InsertScriptArguments, signal),
  [commands.planScript]: (session, argument) => scriptPlan(session, argument as InsertScriptArguments),
  [commands.showPruning]: async (session, argument, signal) => {
    const answer = await showPruning(session, argument as PruningArguments, signal);
    // A client with a view of its own shows the answer itself.
    if (!session.clientCommands.has(commands.showPruning)) {
      const survivors = answer.relations.flatMap(({ survivors: names }) => names ?? []);
      session.showMessage(answer.title, ...survivors.slice(0, 20));
    }
    return answer;
  },
  [commands.showPartitions]: async (session, argument) => {
    const node = await showPartitions(session, argument as MapArguments);
    if (node !== null && !session.clientCommands.has(commands.showPartitions)) {
      const lines = node.children.slice(0, 20).map(({ label, description }) => `${label} ${description}`);
      session.showMessage(`${node.label} ${node.description}`, ...lines);
    }
    return node;
  },
  [commands.showStage]: (session, argument, signal) => showStage(session, argument as StageParams, signal),
  [commands.rehearse]: async (session, argument, signal, progress) => {
    const answer = await rehearseFile(session, argument as RehearseArguments, signal, (what, done, total) =>
      progress(`${what}: ${done} of ${total}`, total === 0 ? 100 : Math.floor((100 * done) / total)),
    );
    if (!session.clientCommands.has(commands.rehearse)) session.showMessage(...answer.text.split("\n").slice(0, 40));
    return answer;
  },
  [commands.connect]: (session, argument, signal) => connect(session, connectionOf(argument), signal),
  [commands.disconnect]: async (session) => {
    await session.database.disconnect();
    return null;
  },
  [commands.refreshCatalog]: async (session, _argument, signal) => {
    const result = await session.database.refresh(signal);
    if (!session.clientCommands.has(commands.refreshCatalog))
      session.showMessage(result.ok ? `${result.name}: ${counted(result.relations, "relation")} read` : result.message);
    return result;
  },
};

function connectionOf(argument: unknown): Partial<ConnectParams> {
  const given = argument ?? {};
  requireShape("the argument of partitionLens.connect", given, shapes.connection);
  return given;
}

export const commandNames = Object.keys(table);

export async function executeCommand(
  session: Session,
  { command, arguments: [argument] = [] }: ExecuteCommandParams,
  signal: AbortSignal,
  /** Does nothing where the client has not asked to be told. */
  progress: WorkDoneProgressReporter,
): Promise<unknown> {
  const run = Object.hasOwn(table, command) ? table[command] : undefined;
  if (run === undefined) throw new RefusedError(`there is no command ${command}`);
  const shape = Object.hasOwn(argumentShapes, command) ? argumentShapes[command] : undefined;
  if (shape !== undefined) requireShape(`the argument of ${command}`, argument, shape);
  progress.begin("Partition Lens", 0, undefined, true);
  try {
    return await run(session, argument, signal, (message, percentage) => progress.report(percentage, message));
  } finally {
    progress.done();
  }
}
