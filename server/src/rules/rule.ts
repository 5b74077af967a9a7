/** What a rule is: an identity, and a check of one rejection, one step or a whole script. */

import type { Catalog } from "../catalog/catalog.ts";
import type { Origin, Relation } from "../catalog/relation.ts";
import type { PostgresVersion, Rejection } from "../effects/outcome.ts";
import type { Step } from "../replay/step.ts";
import type { StepFacts, WantedStep } from "../replay/step-list.ts";
import type { Directive } from "../syntax/directives.ts";
import type { ExpressionLibrary } from "../syntax/expression-text.ts";
import type { Reading } from "../syntax/read-statement.ts";
import type { Statement } from "../syntax/statement.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import type { Finding, Severity } from "../text/finding.ts";
import type { TextRange } from "../text/range.ts";

/** One file each; the file exports it under its id in camel case. */
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
  /** Presents the rejections of the family that bears the rule's id. Every `ErrorRule` has it, and no other rule. */
  readonly present?: ((context: RejectionContext) => RuleFinding) | undefined;
  /** The kinds of statement that `check` looks at. */
  readonly statements?: readonly Statement["kind"][] | undefined;
  /** Looks at one accepted statement between its two catalogs. */
  readonly check?: ((context: StepContext) => Iterable<RuleFinding>) | undefined;
  /** Looks at the end of the file, for what is only true when everything has run (gaps, missing remainders). */
  readonly checkScript?: ((context: ScriptContext) => Iterable<RuleFinding>) | undefined;
  /** What `checkScript` asks for by `marked`. */
  readonly marks?: readonly StepMark<NonNullable<unknown>>[] | undefined;
  /** Looks at the `-- partition-lens:` comments after all other rules have run. */
  readonly checkDirectives?: ((context: DirectiveContext) => Iterable<DirectiveFinding>) | undefined;
}

/** Something to know of single statements at the end of a long script: kept with each of them, as what is found in it. */
export interface StepMark<Value> {
  readonly statements: readonly Statement["kind"][];
  /** null where there is nothing to know, as of most statements; also of a refused one. It must hang on nothing but the step. */
  readonly of: (step: Step) => Value | null;
}

export interface Marked<Value> {
  readonly step: Step;
  readonly value: Value;
}

export interface RuleOptions {
  readonly version: PostgresVersion;
  /** ISO date, or a moment with its time. */
  readonly today: string;
  /** The session's TimeZone at the start of the file. */
  readonly timeZone: string;
  /** The setting of that name: `readme` for the era of pg_pathman's first README, else `0.1` … `1.5`, or `auto`. */
  readonly pathmanVersion: string;
  /** The setting of that name. */
  readonly partmanVersion?: string | undefined;
}

export interface StepContext {
  readonly step: Step;
  /** The text of the statement; ranges inside `step.statement.statement` index into it. */
  readonly text: string;
  readonly options: RuleOptions;
  /** What rewrites need; null where nobody has loaded it, and then none is offered. */
  readonly rewriting: Rewriting | null;
}

/** Reading with the library that rewrites expressions. */
export interface Rewriting extends Reading {
  readonly library: ExpressionLibrary;
}

export interface RejectionContext extends StepContext {
  readonly rejection: Rejection;
}

export interface ScriptContext {
  /** The file under check, as origins name it. */
  readonly file: string;
  readonly steps: readonly Step[];
  /**
   * Those whose statements are of the kind; a rule that needs few of a long script need not look at all, and says of which it
   * needs more than what they are called and whether they are refused.
   */
  readonly stepsOf: (kind: Statement["kind"], isWanted?: WantedStep) => readonly Step[];
  /** The steps with a mark that is among the rule's, in order: no other step is looked at. */
  readonly marked: <Value>(mark: StepMark<Value>) => readonly Marked<Value>[];
  readonly final: Catalog;
  /** What of `final` the rules look at, each in order of creation. */
  readonly relations: {
    /** Without tainted ones. */
    readonly partitioned: readonly Relation[];
    /** Parents by INHERITS. */
    readonly inherited: readonly Relation[];
    readonly partitionedIndexes: readonly Relation[];
  };
  /**
   * Whether a later file of the chain may change the table or index of that name. What is only true when everything has run
   * is said in the last file that does.
   */
  readonly changesLater: (relation: string) => boolean;
  readonly options: RuleOptions;
  /** As in `StepContext`. */
  readonly rewriting: Rewriting | null;
  /** How many come before the step: to be compared with the places of others, and for nothing else, for edits above it move it. */
  readonly placeOf: (step: Pick<Step, "handle">) => number;
  /** The step of a statement of this file, of which no catalogs are made; null where there is none. */
  readonly stepWith: (statement: StatementHandle) => StepFacts | null;
  /** The text of a statement of this file. */
  readonly textOf: (statement: StatementHandle) => string;
}

export interface DirectiveContext {
  readonly directives: readonly Directive[];
  /** The ids of all rules. */
  readonly ruleIds: readonly string[];
  /** The ids of the rules of which the directive ignored a finding. */
  readonly usedFor: (directive: Directive) => ReadonlySet<string>;
}

/** A finding in offsets relative to one statement of the file under check. */
export interface RuleFinding {
  /** For `check` it is the step's own. */
  readonly statement: StatementHandle;
  readonly range: TextRange;
  /** Defaults to the rule's. */
  readonly severity?: Severity | undefined;
  /** What is the matter, PostgreSQL's own words first where it has any; without Markdown. */
  readonly message: string;
  /** What to do about it, in one sentence, where there is something. */
  readonly advice?: string | undefined;
  readonly sqlstate?: string | undefined;
  /** The table of which it says how it is read; where a planner says otherwise, the finding is dropped. */
  readonly table?: Finding["table"];
  readonly related?: readonly { readonly origin: Origin; readonly message: string }[] | undefined;
  readonly fixes?: readonly RuleFix[] | LaterFixes | undefined;
  readonly unnecessary?: boolean | undefined;
}

/** A finding about a comment, in offsets of the document. */
export interface DirectiveFinding {
  readonly range: TextRange;
  readonly message: string;
  readonly advice?: string | undefined;
  readonly fix?: { readonly title: string; readonly range: TextRange; readonly newText: string } | undefined;
}

/**
 * Fixes that are made when somebody opens them, for findings at the end of a script. The script given is that of the version in
 * which they are opened, which may be later than the one in which the finding was made: nothing else of that one may be kept.
 */
export type LaterFixes = (script: ScriptContext) => Iterable<RuleFix>;

export interface RuleFix {
  readonly title: string;
  readonly edits: readonly RuleEdit[];
  readonly preferred: boolean;
}

/** An edit relative to a statement; `insert-after` puts a new statement behind its terminator, `insert-before` in front. */
export type RuleEdit =
  | {
      readonly kind: "replace";
      readonly statement: StatementHandle;
      readonly range: TextRange;
      readonly newText: string;
    }
  /** `sql` without a semicolon; the runner adds line break and semicolon. */
  | { readonly kind: "insert-after"; readonly statement: StatementHandle; readonly sql: string }
  | { readonly kind: "insert-before"; readonly statement: StatementHandle; readonly sql: string };
