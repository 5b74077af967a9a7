// Holds what a server said against what the rules say, and against the `-- pg:` lines of a case.
import { expect } from "vitest";
import type { Document } from "../../server/src/syntax/document.ts";
import type { Finding } from "../../server/src/text/finding.ts";
import { createLineIndex, lineEnd } from "../../server/src/text/line-index.ts";
import type { FixtureCase } from "./fixture.ts";
import type { CaseServer, ServerAnswer } from "./server.ts";

export function statementTexts({ text, statements }: Document): readonly string[] {
  return statements.map(({ start, end }) => text.slice(start, end));
}

/** What a server answers to the statements of a case; those of the migration in front of it are accepted. */
export async function answersTo(
  { document, earlier }: { readonly document: Document; readonly earlier: Document | null },
  server: CaseServer,
): Promise<readonly ServerAnswer[]> {
  const before = earlier === null ? [] : statementTexts(earlier);
  const answers = await server.run([...before, ...statementTexts(document)]);
  expect(answers.slice(0, before.length).flatMap(({ error }) => (error === null ? [] : [error]))).toEqual([]);
  return answers.slice(before.length);
}

/**
 * The blanket check: a statement with an `error` finding is refused by the server with the same SQLSTATE and message, and
 * one without is accepted, unless a `-- pg: ERROR 23…` line says that it depends on rows.
 */
export function expectSameAnswers(
  document: Document,
  findings: readonly Finding[],
  answers: readonly ServerAnswer[],
  facts: FixtureCase["facts"],
  server: string,
): void {
  const texts = statementTexts(document);
  // That a transaction is aborted is said once, of the first statement that is ignored.
  const isSaidOfOne = (index: number): boolean => {
    const placed = document.statements[index];
    if (placed === undefined || answers[index]?.error?.sqlstate !== "25P02") return false;
    const isSaid = findings.some(
      ({ rule, range }) =>
        rule === "transaction-aborted" && placed.start <= range.start && range.start <= placed.terminatorEnd,
    );
    return isSaid || isSaidOfOne(index - 1);
  };
  for (const [index, { start, terminatorEnd }] of document.statements.entries()) {
    const where = `${server}: ${texts[index]}`;
    const found = findings.find(
      ({ severity, range }) => severity === "error" && start <= range.start && range.start <= terminatorEnd,
    );
    const error = answers[index]?.error ?? null;
    if (found !== undefined) {
      expect(error, `${where}\nis accepted, but there is an error: ${found.message}`).not.toBeNull();
      expect(found.sqlstate, where).toBe(error?.sqlstate);
      expect(found.message.slice(0, error?.message.length), where).toBe(error?.message);
    } else if (error?.sqlstate === "25P02") {
      expect(isSaidOfOne(index), `${where}\nis ignored (25P02), and it is not said`).toBe(true);
    } else if (error !== null && !(error.sqlstate.startsWith("23") && isClaimed(facts, error.sqlstate))) {
      expect.fail(`${where}\nis refused (${error.sqlstate} ${error.message}), but there is no error`);
    }
  }
}

/** Whether a `-- pg: ERROR` line of the case names this SQLSTATE. */
function isClaimed(facts: FixtureCase["facts"], sqlstate: string): boolean {
  return facts.some(({ text }) => text.startsWith(`-- pg: ERROR ${sqlstate}`));
}

/**
 * The `-- pg:` lines, each about the statement above it: `ok`; `ERROR 42P17 message`; `NOTICE message`, `DEBUG message`;
 * `bound FOR VALUES …` of the partition named last; `scans a, b` of the plan; `returns 1|2`.
 */
export async function checkFacts(
  { facts, sql }: FixtureCase,
  document: Document,
  answers: readonly ServerAnswer[],
  server: CaseServer,
): Promise<void> {
  const lines = createLineIndex(sql);
  const texts = statementTexts(document);
  for (const { line, text } of facts) {
    const end = lineEnd(lines, line);
    const index = document.statements.findLastIndex(({ start }) => start < end);
    const answer = answers[index];
    const [, kind = "", rest = ""] = /^-- pg: (\S+)\s*(.*)$/.exec(text) ?? [];
    const where = `${text}\nunder ${texts[index]}`;
    if (answer === undefined) throw new Error(`${where}: no statement`);
    switch (kind) {
      case "ok":
        expect(answer.error, where).toBeNull();
        break;
      case "ERROR": {
        const { sqlstate = "", message = "" } = answer.error ?? {};
        expect(`${sqlstate} ${message}`.slice(0, rest.length), where).toBe(rest);
        break;
      }
      case "NOTICE":
      case "WARNING":
      case "DEBUG":
        expect(answer.notices, where).toContainEqual(`${kind} ${rest}`);
        break;
      case "bound":
        expect(await server.boundOf(partitionNamedIn(texts[index] ?? "")), where).toBe(rest);
        break;
      case "scans":
        expect((await server.scanned(texts[index] ?? "")).join(", "), where).toBe(rest);
        break;
      case "returns":
        expect(answer.row, where).toBe(rest);
        break;
      default:
        throw new Error(`unknown fact: ${text}`);
    }
  }
}

function partitionNamedIn(statement: string): string {
  const found = /CREATE TABLE (\S+) PARTITION OF|ATTACH PARTITION (\S+)/i.exec(statement);
  return found?.[1] ?? found?.[2] ?? "";
}
