/** One question of the guide as a quick pick or an input box: with a way back, and the server's word on what is chosen or typed. */

import * as vscode from "vscode";
import type { GuideAnswers, GuideChoice, GuideQuestion, GuideResult } from "../../../server/src/lsp/protocol.ts";
import { notificationText, titleText } from "../../../server/src/text/foreign-text.ts";

/** What came of it; null where it was given up. */
export type Reply = { readonly kind: "answers"; readonly answers: GuideAnswers } | { readonly kind: "back" } | null;

export interface Asking {
  readonly title: string;
  readonly question: GuideQuestion;
  readonly canGoBack: boolean;
  /** What the server says of answers, also of those that are only looked at. */
  readonly tryOut: (answers: GuideAnswers) => Promise<GuideResult>;
  /** The choices of a question that is cut, narrowed to those that hold a text. */
  readonly narrow: (text: string) => Promise<GuideResult>;
  /** Told of what would be written with what is looked at. */
  readonly onResult: (result: GuideResult) => void;
}

/** So long nothing may change before the server is asked. */
const pauseMilliseconds = 120;

export function ask(asking: Asking): Promise<Reply> {
  return asking.question.kind === "text" ? askText(asking) : askChoice(asking);
}

interface Item extends vscode.QuickPickItem {
  readonly choice: GuideChoice;
}

async function askChoice(asking: Asking): Promise<Reply> {
  const { question } = asking;
  const isMany = question.kind === "pick-many";
  const box = vscode.window.createQuickPick<Item>();
  box.items = itemsOf(question);
  box.canSelectMany = isMany;
  box.matchOnDescription = true;
  box.placeholder = titleText(question.prompt);
  const latest = onlyLatest(asking, (result) => {
    if (isMany) box.placeholder = titleText(result.problem?.message ?? question.prompt);
  });
  const narrowed = onlyLatest({ tryOut: asking.narrow, onResult: () => undefined }, (result) => {
    if (result.question !== null) box.items = itemsOf(result.question);
  });
  if (question.isCut) box.onDidChangeValue((value) => narrowed.soon(value));
  const look = (items: readonly Item[]): void => {
    if (items.length > 0) latest.soon(answersOf(items));
  };
  // The placeholder is not seen while something is typed, the title always is.
  const setTitle = (problem: string | null): void => {
    box.title = titleText(problem ?? asking.title);
  };
  if (isMany) box.onDidChangeSelection(look);
  else
    box.onDidChangeActive((items) => {
      setTitle(null);
      look(items);
    });
  return settled(box, asking, async () => {
    const items = isMany ? box.selectedItems : box.activeItems;
    if (items.length === 0) return null;
    const answers = answersOf(items);
    const result = await asking.tryOut(answers);
    if (result.problem !== null) {
      setTitle(result.problem.message);
      return null;
    }
    return { kind: "answers", answers };
  }).finally(() => {
    latest.stop();
    narrowed.stop();
  });
}

function itemsOf({ choices }: GuideQuestion): readonly Item[] {
  return choices.map((choice) => ({
    label: titleText(choice.label),
    description: titleText(choice.description),
    ...(choice.detail === undefined ? {} : { detail: titleText(choice.detail) }),
    choice,
  }));
}

/** Of several chosen ones the lists are put together. */
function answersOf(items: readonly Item[]): GuideAnswers {
  const answers: Record<string, unknown> = {};
  for (const { choice } of items)
    for (const [name, value] of Object.entries(choice.answers)) {
      const known = answers[name];
      answers[name] = Array.isArray(known) && Array.isArray(value) ? [...known, ...value] : value;
    }
  return answers;
}

async function askText(asking: Asking): Promise<Reply> {
  const { question } = asking;
  const box = vscode.window.createInputBox();
  box.prompt = titleText(question.prompt);
  box.value = question.value;
  const answers = (): GuideAnswers => ({ [question.argument]: box.value });
  const say = ({ problem }: GuideResult): void => {
    box.validationMessage = problem === null ? undefined : notificationText(problem.message);
  };
  const latest = onlyLatest(asking, say);
  box.onDidChangeValue(() => latest.soon(answers()));
  latest.soon(answers());
  return settled(box, asking, async () => {
    const given = answers();
    const result = await asking.tryOut(given);
    say(result);
    return result.problem === null ? { kind: "answers", answers: given } : null;
  }).finally(latest.stop);
}

/** Shows the box until it is answered, left, or gone back from; an answer of null keeps it open. */
function settled(
  box: vscode.QuickPick<Item> | vscode.InputBox,
  { title, canGoBack }: Asking,
  accept: () => Promise<Reply>,
): Promise<Reply> {
  box.title = titleText(title);
  box.ignoreFocusOut = true;
  box.buttons = canGoBack ? [vscode.QuickInputButtons.Back] : [];
  return new Promise<Reply>((resolve, reject) => {
    box.onDidTriggerButton(() => resolve({ kind: "back" }));
    box.onDidHide(() => resolve(null));
    box.onDidAccept(() => {
      box.busy = true;
      accept()
        .finally(() => {
          box.busy = false;
        })
        .then((reply) => {
          if (reply !== null) resolve(reply);
        }, reject);
    });
    box.show();
  }).finally(() => box.dispose());
}

/** Asks the server a moment after the last change, and hears only its answer to that. */
function onlyLatest<Asked>(
  {
    tryOut,
    onResult,
  }: { readonly tryOut: (asked: Asked) => Promise<GuideResult>; readonly onResult: (result: GuideResult) => void },
  hear: (result: GuideResult) => void,
): { readonly soon: (asked: Asked) => void; readonly stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  let current = 0;
  return {
    soon: (asked) => {
      clearTimeout(timer);
      const own = ++current;
      timer = setTimeout(() => {
        tryOut(asked).then(
          (result) => {
            if (own !== current) return;
            hear(result);
            onResult(result);
          },
          // What could not be asked is said when it is chosen.
          () => undefined,
        );
      }, pauseMilliseconds);
    },
    stop: () => {
      current = -1;
      clearTimeout(timer);
    },
  };
}
