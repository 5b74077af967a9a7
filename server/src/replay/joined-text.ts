/** Statements that psql sends as one text, `\\;` between them: they share a transaction, and none is run behind a refused one. */

import type { PlacedStatement } from "../syntax/statement.ts";
import type { Client } from "./client.ts";
import type { ReplayState, Standing } from "./state.ts";
import { changedStep, type Step } from "./step.ts";
import { autocommit, committed, rolledBack } from "./transaction.ts";

/** Whether the statement is sent together with others. */
export function isOfText({ joined }: Pick<PlacedStatement, "joined">, client: Client): boolean {
  return joined === true || client.joined !== null;
}

/** The step of a statement, with what its text leaves behind it: a refusal undoes all of it, and its end commits it. */
export function behindText(step: Step, placed: PlacedStatement, before: ReplayState): Step {
  if (!isOfText(placed, before.client) || placed.statement.kind === "psql") return step;
  const { behind, rejection } = step;
  const isRefused = rejection !== null || before.client.joined === "refused";
  const joined = placed.joined !== true ? null : isRefused ? "refused" : "sent";
  const real = rejection !== null ? undone(behind.real) : joined === null ? ended(behind.real) : behind.real;
  return changedStep(step, { behind: { ...behind, real, client: { ...behind.client, joined } } });
}

function undone(standing: Standing): Standing {
  const { session } = standing;
  const isOwn = session.kind !== "autocommit" && session.implicit;
  return isOwn ? { catalog: rolledBack(standing), session: autocommit } : standing;
}

function ended(standing: Standing): Standing {
  const { session } = standing;
  const isOwn = session.kind !== "autocommit" && session.implicit;
  return isOwn ? { catalog: committed(standing), session: autocommit } : standing;
}
