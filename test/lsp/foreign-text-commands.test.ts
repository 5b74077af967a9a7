// Names and constants of a file's making in what Generate… asks and shows before it writes, and in the report of a rehearsal.
import { afterAll, beforeAll, expect, it } from "vitest";
import { type InlayHint, WorkDoneProgress } from "vscode-languageserver/node";
import { previewText } from "../../client/src/views/preview-text.ts";
import {
  commands,
  type GuideAnswers,
  type GuideResult,
  type RehearseResult,
  requests,
} from "../../server/src/lsp/protocol.ts";
import { notificationText, titleText } from "../../server/src/text/foreign-text.ts";
import { embeddedFiles } from "../postgres/support.ts";
import {
  hostileNames,
  hostileScript,
  quoted,
  wrongInLine,
  wrongInNotification,
  wrongInTitle,
} from "../support/hostile-names.ts";
import { serverSources, startClient, type TestClient } from "./client.ts";

let client: TestClient;
beforeAll(async () => {
  await embeddedFiles();
  client = await startClient("vscode", { server: serverSources, settings: { today: "2024-05-10" } });
});
afterAll(() => client.close());

const foreign = (wrong: readonly (string | null)[]): readonly string[] => wrong.filter((one) => one !== null);

/** What the editor draws of a step, through the functions that it draws it with, and the lines of the preview that are no SQL. */
function wrongInStep({ question, problem, preview, trail }: GuideResult): readonly string[] {
  const titles = [
    ...trail,
    ...(question === null ? [] : [question.prompt]),
    ...(question?.choices ?? []).flatMap(({ label, description, detail = "" }) => [label, description, detail]),
    ...(preview === null ? [] : [preview.title, preview.target ?? ""]),
  ];
  const comments = preview === null ? [] : previewText(preview).text.split("\n");
  const end = comments.indexOf("");
  return foreign([
    ...titles.map((title) => wrongInTitle(titleText(title))),
    wrongInNotification(notificationText(problem?.message ?? "")),
    ...comments.slice(0, end).map((line) => (line.startsWith("--") ? wrongInLine(line) : `no comment: ${line}`)),
  ]);
}

it("what Generate… asks and shows, step by step", async () => {
  const uri = await client.open(hostileScript);
  const step = (answers: GuideAnswers): Promise<GuideResult> =>
    client.request(requests.guide, { textDocument: { uri }, answers });
  const wrong: string[] = [];
  let [steps, previews] = [0, 0];
  for (const [index, name] of hostileNames.entries()) {
    const pending: GuideAnswers[] = [{ subject: `public.${name}${index}${index % 2 === 0 ? "i" : ""}` }];
    while (pending.length > 0) {
      const result = await step(pending.pop() ?? {});
      steps++;
      if (result.preview !== null) previews++;
      wrong.push(...wrongInStep(result));
      const { question, answers } = result;
      if (question === null || result.problem !== null) continue;
      // Each operation once, and of what it asks one answer and one that is hostile.
      const chosen = question.argument === "operation" ? question.choices : question.choices.slice(0, 1);
      for (const choice of chosen) pending.push({ ...answers, ...choice.answers });
      if (question.kind !== "text") continue;
      pending.push({ ...answers, [question.argument]: question.value });
      wrong.push(...wrongInStep(await step({ ...answers, [question.argument]: name })));
    }
  }
  expect(wrong).toEqual([]);
  expect(steps).toBeGreaterThan(10 * hostileNames.length);
  expect(previews).toBeGreaterThan(3 * hostileNames.length);
});

it("what a rehearsal reports while it runs, and when it has run", async () => {
  // Statements in lines of one, two and three digits, errors, and rows that are lost, each with a name in it.
  const script = hostileNames
    .map((name, index) => {
      const table = (suffix: string): string => quoted(`${name}${index}${suffix}`);
      return `CREATE TABLE ${table("i")} (k int, ${quoted(name)} text) PARTITION BY RANGE (k);
CREATE TABLE ${table("i1")} PARTITION OF ${table("i")} FOR VALUES FROM (0) TO (10);
ALTER TABLE ${table("i")} DETACH PARTITION ${table("i1")};
INSERT INTO ${table("i")} VALUES (5);
DO $f$ BEGIN RAISE EXCEPTION USING MESSAGE = '${name.replaceAll("'", "''")}'; END $f$;
`;
    })
    .join("");
  const uri = await client.open(script, "file:///rehearse/names.sql");
  const told: string[] = [];
  client.connection.onProgress(WorkDoneProgress.type, "names", (value) => {
    if (value.kind !== "end") told.push(value.message ?? "");
  });
  const { text, title } = await client.request<RehearseResult>("workspace/executeCommand", {
    command: commands.rehearse,
    arguments: [{ textDocument: { uri } }],
    workDoneToken: "names",
  });
  const range = { start: { line: 0, character: 0 }, end: { line: 10_000, character: 0 } };
  const hints = await client.request<InlayHint[]>("textDocument/inlayHint", { textDocument: { uri }, range });
  const lines = text.split("\n");
  expect(foreign([...lines, title].map(wrongInLine))).toEqual([]);
  expect(lines.filter((line) => line.trimStart().startsWith("FORGED"))).toEqual([]);
  expect(foreign(hints.map(({ label }) => wrongInTitle(String(label))))).toEqual([]);
  expect(foreign(hints.flatMap(({ tooltip }) => String(tooltip).split("\n").map(wrongInLine)))).toEqual([]);
  expect(foreign(told.map((message) => wrongInNotification(notificationText(message))))).toEqual([]);
  for (const found of [lines, hints]) expect(found.length).toBeGreaterThan(3 * hostileNames.length);
  expect(lines.filter((line) => /^\s+error P0001: /.test(line)).length).toBe(hostileNames.length);
});
