// What was answered before is neither written out nor sent again, and what is sent reads as if it had been.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Diagnostic } from "vscode-languageserver/node";
import { fullReport, keepDiagnostics } from "../../server/src/lsp/kept-diagnostics.ts";
import { messageJson } from "../../server/src/lsp/written-messages.ts";

const place = fc.record({ line: fc.nat(3), character: fc.nat(3) });
const diagnostic: fc.Arbitrary<Diagnostic> = fc.record(
  {
    range: fc.record({ start: place, end: place }),
    severity: fc.constantFrom(1 as const, 2 as const),
    message: fc.oneof(fc.string({ unit: "binary", maxLength: 4 }), fc.constantFrom("a … b", "\ud800", '"\\\n', "")),
    code: fc.constantFrom("gap", "overlap"),
    data: fc.record({ sqlstate: fc.constantFrom("42P17", undefined) }, { requiredKeys: [] }),
    tags: fc.array(fc.constantFrom(1 as const, 2 as const), { maxLength: 2 }),
  },
  { requiredKeys: ["range", "message"] },
);

describe("diagnostics that are kept", () => {
  it("read as those that were found, and are the same where nothing is other", () => {
    const many = fc.array(diagnostic, { maxLength: 6 });
    const edits = fc.array(
      fc.record({ at: fc.nat(6), removed: fc.nat(2), added: fc.array(diagnostic, { maxLength: 2 }) }),
    );
    fc.assert(
      fc.property(many, edits, (first, all) => {
        let last: readonly Diagnostic[] = first;
        for (const { at, removed, added } of all) {
          const found = structuredClone(last.toSpliced(at, removed, ...added)) as Diagnostic[];
          const { items, isSame } = keepDiagnostics(last, found);
          expect(JSON.stringify(items)).toBe(JSON.stringify(found));
          expect(isSame).toBe(JSON.stringify(last) === JSON.stringify(found));
          const answer = { jsonrpc: "2.0", id: 7, result: fullReport(items, "1:2") };
          const sent = messageJson(answer);
          expect(sent).toMatch(/^[\0-\x7f]*$/);
          expect(JSON.parse(sent)).toEqual(JSON.parse(JSON.stringify(answer)));
          last = items;
        }
      }),
    );
  });

  it("are the same objects on both sides of one that is new", () => {
    const at = (line: number): Diagnostic => ({
      ...{ range: { start: { line, character: 0 }, end: { line, character: 1 } }, message: `in line ${line}` },
    });
    const before = [at(1), at(2), at(4)];
    const { items, isSame } = keepDiagnostics(before, [at(1), at(2), at(3), at(4)]);
    expect(items.map((item) => before.indexOf(item))).toEqual([0, 1, -1, 2]);
    expect(isSame).toBe(false);
    expect(keepDiagnostics(before, [at(1), at(2), at(4)])).toEqual({ items: before, isSame: true });
    expect(keepDiagnostics(before, []).isSame).toBe(false);
  });

  it("leave other messages as they are", () => {
    const request = { jsonrpc: "2.0", id: "a", method: "textDocument/hover", params: { text: "…" } };
    const answers = [{ result: null }, { result: 3 }, { result: { a: ["…"] } }, { error: { code: 1, message: "no" } }];
    for (const message of [request, ...answers.map((answer) => ({ jsonrpc: "2.0", id: 1, ...answer }))])
      expect(messageJson(message)).toBe(JSON.stringify(message));
  });
});
