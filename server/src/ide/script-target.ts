/** Where a generated script goes: behind its table in the newest file, or from an older one of a chain into a new migration. */

import { generate } from "../ddl/generate.ts";
import type { OperationRequest } from "../ddl/operation.ts";
import type { OperationProblem } from "../ddl/script.ts";
import { migrationToolOf } from "../replay/migration-layout.ts";
import type { MigrationTool } from "../syntax/migration-tools.ts";
import type { TextEdit } from "../text/edit.ts";
import type { Fix } from "../text/finding.ts";
import type { Chain, ChainFile } from "./chain.ts";
import { type ActionContext, insertScript } from "./code-actions.ts";
import { newMigration } from "./new-migration.ts";
import { placeOfStep, stepBefore } from "./step-places.ts";

/** What is written to one file: an edit of a file that is there, or all of a new one. */
export type WrittenFile =
  | { readonly kind: "edit"; readonly file: string; readonly edit: TextEdit }
  | { readonly kind: "create"; readonly file: string; readonly text: string };

export interface WritingPlan {
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
  const result = generate(request, {
    catalog: chain.end(),
    version: context.version,
    today: context.today,
    typedValues: context.typedValues,
    stale: context.stale,
    // That the newest file has opted out of it says nothing of the next one.
    inTransaction: toolOf(chain, newest)?.transaction === "block",
  });
  if (!result.ok) return result;
  const title = `${request.operation} ${lastName(request.partition ?? request.table)}`;
  const plan = inNewMigration(title, result.value.sql, result.value.undo, chain, context.now);
  return plan === null ? inPlace(request, context) : { ok: true, value: plan };
}

/**
 * The plan for a fix that adds statements to an older file of a chain; null where it repairs what stands there, or the file is
 * the newest, or stands alone.
 */
export function planAddition(fix: Fix, context: TargetContext): WritingPlan | null {
  const { chain, file, now } = context;
  if (chain === null || chain.forward.at(-1)?.file === file || fix.edits.length === 0) return null;
  const isWithin = (offset: number): boolean => {
    const step = stepBefore(context, offset);
    const { start, end } = step === null ? { start: offset, end: offset } : placeOfStep(context, step);
    return start < offset && offset < end;
  };
  const adds = fix.edits.every(
    ({ range, newText }) => range.start === range.end && !isWithin(range.start) && addedStatement.test(newText),
  );
  if (!adds) return null;
  const sql = fix.edits.map(({ newText }) => newText.replace(/^;/, "").trim()).join("\n");
  return inNewMigration(fix.title, `${sql}\n`, undoOf(sql), chain, now);
}

const addedStatement = /^;?\s*(?:--[^\n]*\s*)*(?:CREATE|ALTER|BEGIN)\b/i;

/** null where the names of the chain's files show no pattern to follow. */
function inNewMigration(
  title: string,
  sql: string,
  down: string | null,
  chain: Chain,
  now: string,
): WritingPlan | null {
  const newest = chain.forward.at(-1);
  if (newest === undefined) return null;
  const newestText = newest.document.text;
  const paths = chain.input.files.map(({ path }) => path);
  const tool = toolOf(chain, newest);
  const written = newMigration({ tool, newest: newest.path, newestText, paths, title, now, up: sql, down });
  if (written === null) return null;
  const root = rootOf(newest.file, newest.path);
  const [first, ...others] = written.files.map(({ path, text: content }): WrittenFile => {
    return { kind: "create", file: `${root}${path.split("/").map(encodeURIComponent).join("/")}`, text: content };
  });
  return first === undefined ? null : { files: [first, ...others], note: written.note };
}

function toolOf(chain: Chain, { file, document }: ChainFile): MigrationTool | null {
  const paths = chain.input.files.map(({ path }) => path);
  return migrationToolOf(file, document.content, paths);
}

function inPlace(request: OperationRequest, context: TargetContext): PlanResult {
  const inserted = insertScript(request, context);
  if (!inserted.ok) return inserted;
  const { edit } = inserted.value;
  return { ok: true, value: { files: [{ kind: "edit", file: context.file, edit }], note: null } };
}

/** The statement that the script of a fix names to undo it; null where it names none. */
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
