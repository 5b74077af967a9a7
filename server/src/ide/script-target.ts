/** Where a generated script goes: behind its table in the newest file, or from an older one of a chain into a new migration. */

import { generate } from "../ddl/generate.ts";
import type { OperationRequest } from "../ddl/operation.ts";
import type { OperationProblem, Script } from "../ddl/script.ts";
import { migrationToolOf } from "../replay/migration-layout.ts";
import type { TextEdit } from "../text/edit.ts";
import type { Chain } from "./chain.ts";
import { type ActionContext, insertScript } from "./code-actions.ts";
import { newMigration } from "./new-migration.ts";

/** What is written to one file: an edit of a file that is there, or all of a new one. */
export type WrittenFile =
  | { readonly kind: "edit"; readonly file: string; readonly edit: TextEdit }
  | { readonly kind: "create"; readonly file: string; readonly text: string };

export interface WritingPlan {
  readonly script: Script;
  /** The first one is what the person wants to see. */
  readonly files: readonly [WrittenFile, ...WrittenFile[]];
  /** What is left for the person to do, as a sentence; null where nothing is. */
  readonly note: string | null;
}

export type PlanResult =
  | { readonly ok: true; readonly value: WritingPlan }
  | { readonly ok: false; readonly problem: OperationProblem };

export interface TargetContext extends ActionContext {
  readonly file: string;
  /** The chain that the file belongs to; null for a file that stands alone. */
  readonly chain: Chain | null;
  /** ISO date and time, in UTC. */
  readonly now: string;
}

/** Plans what an operation writes. A file that has run is not written to: what is added then is a migration of its own. */
export function planScript(request: OperationRequest, context: TargetContext): PlanResult {
  const newest = context.chain?.forward.at(-1);
  if (context.chain === null || newest === undefined || newest.file === context.file) return inPlace(request, context);
  const { chain } = context;
  const text = newest.document.text;
  const paths = chain.input.files.map(({ path }) => path);
  const tool = migrationToolOf(newest.file, text, paths);
  const result = generate(request, {
    catalog: chain.end(),
    version: context.version,
    today: context.today,
    readExpression: context.readExpression,
    inTransaction: chain.runsOf(newest.file)?.[0]?.transaction === "block",
  });
  if (!result.ok) return result;
  const written = newMigration({
    tool,
    newest: newest.path,
    newestText: text,
    paths,
    title: `${request.operation} ${lastName(request.partition ?? request.table)}`,
    now: context.now,
    up: result.value.sql,
    down: undoOf(result.value.sql),
  });
  if (written === null) return inPlace(request, context);
  const root = rootOf(newest.file, newest.path);
  const [first, ...others] = written.files.map(({ path, text: content }): WrittenFile => {
    return { kind: "create", file: `${root}${path.split("/").map(encodeURIComponent).join("/")}`, text: content };
  });
  if (first === undefined) return inPlace(request, context);
  return { ok: true, value: { script: result.value, files: [first, ...others], note: written.note } };
}

function inPlace(request: OperationRequest, context: TargetContext): PlanResult {
  const inserted = insertScript(request, context);
  if (!inserted.ok) return inserted;
  const { script, edit } = inserted.value;
  return { ok: true, value: { script, files: [{ kind: "edit", file: context.file, edit }], note: null } };
}

/** The statement that a script names to undo it; null where it names none. */
function undoOf(sql: string): string | null {
  const undo = /^-- Undo: (DROP TABLE [^\n]*(?:\n-- {3}[^\n]*)*)/m.exec(sql)?.[1];
  return undo === undefined ? null : `${undo.replace(/\n-- +/g, " ").replace(/\.$/, "")};\n`;
}

/** As many folders above the file as its path has parts; with `/` at the end. */
function rootOf(file: string, path: string): string {
  const parts = file.replace(/^untitled:(?=\/)/, "file://").split("/");
  return `${parts.slice(0, parts.length - path.split("/").length).join("/")}/`;
}

function lastName(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}
