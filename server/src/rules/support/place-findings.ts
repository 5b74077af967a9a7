/** From places relative to statements to those of the document: findings, their related places, and the edits of their fixes. */

import type { Origin } from "../../catalog/relation.ts";
import { startOfStatement, statementWith } from "../../syntax/document.ts";
import type { PlacedStatement } from "../../syntax/statement.ts";
import type { StatementHandle } from "../../syntax/statement-handle.ts";
import { visibleSql } from "../../syntax/visible-sql.ts";
import { contained } from "../../text/bug.ts";
import type { TextEdit } from "../../text/edit.ts";
import type { Finding, Fix, Place, RelatedPlace, Severity } from "../../text/finding.ts";
import { shiftRange, type TextRange } from "../../text/range.ts";
import type { Rule, RuleEdit, RuleFinding, RuleFix, ScriptContext } from "../rule.ts";
import type { RuleInput } from "./rule-input.ts";

export function place(rule: Rule, finding: RuleFinding, input: RuleInput, script: ScriptContext): Finding {
  return new PlacedFinding(rule, finding, input, script);
}

/** A class, for a file may have hundreds, all of which are placed anew for each key. */
class PlacedFinding implements Finding {
  readonly range: TextRange;
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly advice: string | undefined;
  readonly sqlstate: string | undefined;
  readonly table: Finding["table"];
  readonly related: readonly RelatedPlace[];
  readonly unnecessary: boolean | undefined;
  readonly #finding: RuleFinding;
  readonly #input: RuleInput;
  readonly #script: ScriptContext;
  #fixes: readonly Fix[] | null = null;

  constructor(rule: Rule, finding: RuleFinding, input: RuleInput, script: ScriptContext) {
    const { range, severity, message, advice, sqlstate, table, related, unnecessary } = finding;
    this.range = shiftRange(range, startOfStatement(input.document, finding.statement) ?? 0);
    this.rule = rule.id;
    this.severity = severityOf(rule, severity, input);
    this.message = message;
    this.advice = advice === "" ? undefined : advice;
    this.sqlstate = sqlstate;
    // Rules name the table by the relation itself, which lives longer than what is said of it.
    this.table = table === undefined ? undefined : { schema: table.schema, name: table.name };
    this.related =
      related === undefined ? none : related.flatMap(({ origin, message: why }) => relatedPlace(origin, why, input));
    this.unnecessary = unnecessary;
    this.#finding = finding;
    this.#input = input;
    this.#script = script;
  }

  /** Made when somebody asks for them. */
  get fixes(): readonly Fix[] {
    this.#fixes ??= contained(
      `the fixes of the rule ${this.rule}`,
      this.#input.onBug,
      () => this.#made(),
      () => [],
    );
    return this.#fixes;
  }

  #made(): readonly Fix[] {
    const { fixes = [] } = this.#finding;
    const at = (handle: StatementHandle) => statementWith(this.#input.document, handle);
    return Array.from(typeof fixes === "function" ? fixes(this.#script) : fixes, (fix) => placeFix(fix, at));
  }
}

const none: readonly never[] = [];

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
