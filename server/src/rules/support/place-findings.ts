/** From places relative to statements to those of the document: findings, their related places, and the edits of their fixes. */

import type { Origin } from "../../catalog/relation.ts";
import { startOfStatement, statementWith } from "../../syntax/document.ts";
import type { PlacedStatement } from "../../syntax/statement.ts";
import type { StatementHandle } from "../../syntax/statement-handle.ts";
import { visibleSql } from "../../syntax/visible-sql.ts";
import { contained } from "../../text/bug.ts";
import type { TextEdit } from "../../text/edit.ts";
import type { Finding, Fix, Place, RelatedPlace, Severity } from "../../text/finding.ts";
import { shiftRange } from "../../text/range.ts";
import type { Rule, RuleEdit, RuleFinding, RuleFix, ScriptContext } from "../rule.ts";
import type { RuleInput } from "./rule-input.ts";

/** Fixes are made when somebody asks for them. */
export function place(rule: Rule, finding: RuleFinding, input: RuleInput, script: ScriptContext): Finding {
  let fixes: readonly Fix[] | null = null;
  const makeFixes = (): readonly Fix[] => {
    const { fixes: given = [] } = finding;
    return Array.from(typeof given === "function" ? given(script) : given, (fix) => placeFix(fix, at));
  };
  const severity = severityOf(rule, finding.severity, input);
  const at = (handle: StatementHandle) => statementWith(input.document, handle);
  const start = startOfStatement(input.document, finding.statement) ?? 0;
  return {
    range: shiftRange(finding.range, start),
    rule: rule.id,
    severity,
    message: finding.message,
    advice: finding.advice === "" ? undefined : finding.advice,
    sqlstate: finding.sqlstate,
    ...(finding.table === undefined ? {} : { table: { schema: finding.table.schema, name: finding.table.name } }),
    related: (finding.related ?? []).flatMap((related) => relatedPlace(related.origin, related.message, input)),
    get fixes() {
      fixes ??= contained(`the fixes of the rule ${rule.id}`, input.onBug, makeFixes, () => []);
      return fixes;
    },
    unnecessary: finding.unnecessary,
  };
}

export function severityOf(rule: Rule, own: Severity | undefined, input: RuleInput): Severity {
  const chosen = input.severities[rule.id];
  return chosen === undefined || chosen === "off" ? (own ?? rule.severity) : chosen;
}

function relatedPlace(origin: Origin, message: string, input: RuleInput): readonly RelatedPlace[] {
  const place = placeOfOrigin(origin, input);
  return place === null ? [] : [{ place, message }];
}

function placeOfOrigin(origin: Origin, input: RuleInput): Place | null {
  if (origin.kind !== "statement") return null;
  const start =
    origin.file === input.file
      ? startOfStatement(input.document, origin.statement)
      : input.startInFile(origin.file, origin.statement);
  if (start === null) return null;
  return { file: origin.file, range: shiftRange(origin.range, start) };
}

function placeFix(fix: RuleFix, at: (statement: StatementHandle) => PlacedStatement | null): Fix {
  const edits = fix.edits.flatMap((edit) => {
    const statement = at(edit.statement);
    return statement === null ? [] : [placeEdit(edit, statement)];
  });
  return { title: fix.title, edits, preferred: fix.preferred };
}

function placeEdit(edit: RuleEdit, statement: PlacedStatement): TextEdit {
  switch (edit.kind) {
    case "replace":
      return { range: shiftRange(edit.range, statement.start), newText: visibleSql(edit.newText) };
    case "insert-after": {
      const terminated = statement.terminatorEnd > statement.end;
      const offset = terminated ? statement.terminatorEnd : statement.end;
      return { range: { start: offset, end: offset }, newText: `${terminated ? "" : ";"}\n${visibleSql(edit.sql)};` };
    }
    case "insert-before":
      return { range: { start: statement.start, end: statement.start }, newText: `${visibleSql(edit.sql)};\n` };
  }
}
