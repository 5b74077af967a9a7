// What was answered before is neither written out nor sent again, and what is sent reads as if it had been.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Diagnostic, Range } from "vscode-languageserver/node";
import { fullReport, keepDiagnostics, type ToldDiagnostics } from "../../server/src/lsp/kept-diagnostics.ts";
import { messageJson } from "../../server/src/lsp/written-messages.ts";
import type { Finding } from "../../server/src/text/finding.ts";

const range = fc.record({ start: fc.nat(3), end: fc.nat(3) });
const finding: fc.Arbitrary<Finding> = fc.record({
  range,
  rule: fc.constantFrom("gap", "overlap"),
  severity: fc.constantFrom("error" as const, "warning" as const),
  message: fc.oneof(fc.string({ unit: "binary", maxLength: 4 }), fc.constantFrom("a … b", "\ud800", '"\\\n', "")),
  advice: fc.constantFrom(undefined, "Do."),
  sqlstate: fc.constantFrom(undefined, "42P17"),
  unnecessary: fc.constantFrom(undefined, true),
  related: fc.array(
    fc.record({ place: fc.record({ file: fc.constant("f"), range }), message: fc.constantFrom("a", "b") }),
    {
      maxLength: 1,
    },
  ),
  fixes: fc.constant([]),
});

const placed = ({ range: { start, end } }: Pick<Finding, "range">): Range => ({
  start: { line: start, character: start },
  end: { line: end, character: 0 },
});

/** A diagnostic that holds all that is told of a finding. */
function diagnosticOf(
  { rule, severity, message, advice, sqlstate, unnecessary, related }: Finding,
  at: Range,
): Diagnostic {
  return {
    range: at,
    severity: severity === "error" ? 1 : 2,
    code: rule,
    message: `${message}${advice ?? ""}`,
    ...(sqlstate === undefined ? {} : { data: { sqlstate } }),
    ...(unnecessary === undefined ? {} : { tags: [1 as const] }),
    ...(related.length === 0
      ? {}
      : {
          relatedInformation: related.map(({ place, message: why }) => ({
            location: { uri: place.file, range: placed(place) },
            message: why,
          })),
        }),
  };
}

const nothing: ToldDiagnostics = { items: [], told: [] };
const keep = (before: ToldDiagnostics, findings: readonly Finding[]) =>
  keepDiagnostics(before, findings, placed, diagnosticOf);

describe("diagnostics that are kept", () => {
  it("read as those that were found, and are the same where nothing is other", () => {
    const many = fc.array(finding, { maxLength: 6 });
    const edits = fc.array(
      fc.record({ at: fc.nat(6), removed: fc.nat(2), added: fc.array(finding, { maxLength: 2 }) }),
    );
    fc.assert(
      fc.property(many, edits, (first, all) => {
        let [findings, last] = [first, keep(nothing, first) as ToldDiagnostics];
        for (const { at, removed, added } of all) {
          findings = structuredClone(findings.toSpliced(at, removed, ...added));
          const fresh = findings.map((each) => diagnosticOf(each, placed(each)));
          const { items, told, isSame } = keep(last, findings);
          expect(items).toEqual(fresh);
          expect(isSame).toBe(JSON.stringify(last.items) === JSON.stringify(fresh));
          const answer = { jsonrpc: "2.0", id: 7, result: fullReport(items, "1:2") };
          const sent = messageJson(answer);
          expect(sent).toMatch(/^[\0-\x7f]*$/);
          expect(JSON.parse(sent)).toEqual(JSON.parse(JSON.stringify(answer)));
          last = { items, told };
        }
      }),
    );
  });

  it("are the same objects on both sides of one that is new, and only that is made", () => {
    const at = (start: number): Finding => ({
      ...{ range: { start, end: start }, rule: "gap", severity: "error", message: `in line ${start}` },
      ...{ related: [], fixes: [] },
    });
    const before = keep(nothing, [at(1), at(2), at(4)]);
    const made: Finding[] = [];
    const { items, isSame } = keepDiagnostics(before, [at(1), at(2), at(3), at(4)], placed, (each, place) => {
      made.push(each);
      return diagnosticOf(each, place);
    });
    expect(items.map((item) => before.items.indexOf(item))).toEqual([0, 1, -1, 2]);
    expect(made).toEqual([at(3)]);
    expect(isSame).toBe(false);
    expect(keep(before, [at(1), at(2), at(4)])).toEqual({ ...before, isSame: true });
    expect(keep(before, []).isSame).toBe(false);
  });

  it("leave other messages as they are", () => {
    const request = { jsonrpc: "2.0", id: "a", method: "textDocument/hover", params: { text: "…" } };
    const answers = [{ result: null }, { result: 3 }, { result: { a: ["…"] } }, { error: { code: 1, message: "no" } }];
    for (const message of [request, ...answers.map((answer) => ({ jsonrpc: "2.0", id: 1, ...answer }))])
      expect(messageJson(message)).toBe(JSON.stringify(message));
  });
});
