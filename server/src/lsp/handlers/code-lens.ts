/** `textDocument/codeLens`: listed from the parse at once, resolved with a title when in view. */

import type { CodeLens, CodeLensParams, Command } from "vscode-languageserver/node";
import type { Analysis } from "../../ide/analysis.ts";
import { ddlLensTitle, rejectedTitle } from "../../ide/ddl-lens.ts";
import { lensIcon, lensTitle, unknownPartitions, withoutIcons } from "../../ide/lens-title.ts";
import { isRejected, isWanted, type Lens, stepOfLens, whyKept } from "../../ide/lenses.ts";
import { sourceNoteOf } from "../../ide/prediction-source.ts";
import { rehearsalPlaces } from "../../ide/rehearsal-lenses.ts";
import { textOfStatement } from "../../syntax/document.ts";
import { containedLater } from "../../text/bug.ts";
import { titleText } from "../../text/foreign-text.ts";
import { fromRange } from "../from-proto.ts";
import type { OpenFile } from "../open-files.ts";
import { commands, type MapArguments, type PruningArguments, type RehearseArguments } from "../protocol.ts";
import { analysedFile, type Session } from "../session.ts";
import { toRange } from "../to-proto.ts";

/** Stays on a lens after resolving, so that resolving it again gives the same. */
interface LensData {
  readonly uri: string;
  readonly kind: Lens["kind"];
  readonly table: string | null;
  /** Of a script: whether all of the file is it. */
  readonly isWhole?: boolean | undefined;
}

export async function listCodeLenses(
  session: Session,
  { textDocument: { uri } }: CodeLensParams,
  signal: AbortSignal,
): Promise<CodeLens[]> {
  const settings = session.settingsFor(uri);
  if (!settings["codeLens.enabled"]) return [];
  const kinds = settings["codeLens.statements"];
  const sizeOf = session.database.current()?.sizes();
  const listed = await session.files.workedOut(uri, signal, function* ({ lines, lenses }) {
    const wanted: (CodeLens & { readonly data: LensData })[] = [];
    for (const lens of yield* lenses()) {
      const { kind, range, table } = lens;
      if (isWanted(lens, kinds, sizeOf)) wanted.push({ range: toRange(lines, range), data: { uri, kind, table } });
      yield;
    }
    return wanted;
  });
  const scripts = kinds.includes("script") ? await rehearsing(session, uri) : [];
  if (listed === null) return [];
  if (session.features.resolvesLenses) return [...scripts, ...listed];
  return session.allInTurns([...scripts, ...listed], (lens) => resolveCodeLens(session, lens, signal), signal);
}

/** Lenses that offer to rehearse a script. */
async function rehearsing(session: Session, uri: string): Promise<readonly (CodeLens & { readonly data: LensData })[]> {
  const analysed = await analysedFile(session, uri);
  if (analysed === null || analysed.file.isProgram) return [];
  const { file, analysis } = analysed;
  const chain = session.schema.memberOf(uri);
  const isNewest = chain === null ? null : chain.forward.at(-1)?.file === uri;
  return rehearsalPlaces(analysis, isNewest).map(({ offset, isWhole }) => ({
    range: toRange(file.lines, { start: offset, end: offset }),
    data: { uri, kind: "script", table: null, isWhole },
  }));
}

/** Always gives a title: a lens without one shows "no commands", or leaves a blank row. */
export async function resolveCodeLens(session: Session, lens: CodeLens, signal: AbortSignal): Promise<CodeLens> {
  const data = lens.data as LensData | undefined;
  if (data === undefined) return { ...lens, command: plain("partitions unknown") };
  const analysed = await analysedFile(session, data.uri);
  if (analysed === null) return { ...lens, command: plain("partitions unknown: the file is closed") };
  const { file, analysis } = analysed;
  const command = await containedLater(
    "a code lens",
    analysis.onBug,
    signal,
    () => commandFor(session, file, analysis, lens, data, signal),
    () => plain(unknownPartitions("an error, see the log")),
  );
  return {
    ...lens,
    command: { ...command, title: session.features.icons ? command.title : withoutIcons(command.title) },
  };
}

async function commandFor(
  session: Session,
  file: OpenFile,
  analysis: Analysis,
  lens: CodeLens,
  data: LensData,
  signal: AbortSignal,
): Promise<Command> {
  if (data.kind === "script") {
    const argument: RehearseArguments = {
      textDocument: { uri: data.uri },
      ...(data.isWhole === true ? {} : { from: lens.range.start }),
    };
    return { title: `${lensIcon("beaker")}Rehearse`, command: commands.rehearse, arguments: [argument] };
  }
  const range = fromRange(file.lines, lens.range);
  const step = stepOfLens(analysis, { range });
  const broken = whyKept(analysis, step);
  if (step === null || broken !== null) return plain(unknownPartitions(broken ?? "the statement is gone"));
  if (isRejected(step)) return plain(`${lensIcon("error")}${titleText(rejectedTitle(step))}`);
  if (data.table !== null) {
    const end = await session.schema.endOf(data.uri, analysis.final);
    const all = session.settingsFor(data.uri)["codeLens.statements"].includes("partition");
    const title = ddlLensTitle(analysis, step, { end, all, sizeOf: session.database.current()?.sizes() });
    const argument: MapArguments = { uri: data.uri, table: data.table };
    // What made it worth a lens may be gone a moment later.
    return title === null
      ? plain("as its statement says")
      : { title, command: commands.showPartitions, arguments: [argument] };
  }
  const verdict = await session.verdicts.quickVerdictOf(analysis, step, signal);
  const title = lensTitle(verdict, textOfStatement(analysis.document, step.handle), {
    names: session.settingsFor(data.uri)["codeLens.names"],
    sourceNote: sourceNoteOf(step, analysis.file, session.verdicts.sourceNote),
  });
  const argument: PruningArguments = { uri: data.uri, range: lens.range };
  return { title, command: commands.showPruning, arguments: [argument] };
}

/** A lens that only tells: an empty command is drawn as plain text. */
function plain(title: string): Command {
  return { title, command: "" };
}
