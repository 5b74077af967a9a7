/** What a rule is: an identity, and a check of one step or of a whole script. */

import type { Catalog } from "../catalog/catalog.ts";
import type { Origin } from "../catalog/relation.ts";
import type { Step } from "../replay/step.ts";
import type { PostgresVersion } from "../schemes/scheme.ts";
import type { Severity } from "../text/finding.ts";
import type { TextRange } from "../text/range.ts";

export interface Rule {
  /** File name, page and fixture stem: `<thing>-<problem>`. */
  readonly id: string;
  readonly severity: Severity;
  /** One sentence, for the list of rules and the settings. */
  readonly summary: string;
  /** The PostgreSQL majors it speaks of: from `since` up to and with `until`. */
  readonly since?: PostgresVersion | undefined;
  readonly until?: PostgresVersion | undefined;
  /** The page of the manual, or the place in a reference, that it rests on. */
  readonly source: string;
  /** Looks at one statement between its two catalogs. */
  readonly check?: ((context: StepContext) => Iterable<RuleFinding>) | undefined;
  /** Looks at the end of the file, for what is only true when everything has run (gaps, missing remainders). */
  readonly checkScript?: ((context: ScriptContext) => Iterable<RuleFinding>) | undefined;
}

export interface RuleOptions {
  readonly version: PostgresVersion;
  /** ISO date. */
  readonly today: string;
  readonly timeZone: string;
}

export interface StepContext {
  readonly step: Step;
  /** The text of the statement; ranges inside `step.statement.statement` index into it. */
  readonly text: string;
  readonly options: RuleOptions;
}

export interface ScriptContext {
  readonly steps: readonly Step[];
  readonly final: Catalog;
  readonly options: RuleOptions;
  /** The text of a statement of this file. */
  readonly textOf: (statement: number) => string;
}

/** A finding in offsets relative to one statement of the file under check. */
export interface RuleFinding {
  /** Index of the statement; for `check` it is the step's own. */
  readonly statement: number;
  readonly range: TextRange;
  /** Defaults to the rule's. */
  readonly severity?: Severity | undefined;
  readonly message: string;
  readonly sqlstate?: string | undefined;
  readonly related?: readonly { readonly origin: Origin; readonly message: string }[] | undefined;
  readonly fixes?: readonly RuleFix[] | undefined;
  readonly unnecessary?: boolean | undefined;
}

export interface RuleFix {
  readonly title: string;
  readonly edits: readonly RuleEdit[];
  readonly preferred: boolean;
}

/** An edit relative to a statement; `after` inserts a new statement behind its terminator instead. */
export type RuleEdit =
  | { readonly kind: "replace"; readonly statement: number; readonly range: TextRange; readonly newText: string }
  /** `sql` without a semicolon; the runner adds line break and semicolon. */
  | { readonly kind: "insert-after"; readonly statement: number; readonly sql: string }
  | { readonly kind: "insert-before"; readonly statement: number; readonly sql: string };
