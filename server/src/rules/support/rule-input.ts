/** What the rules are run over: the steps of one file, its text, and what is known beside it. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { RuleSeverity } from "../../config.ts";
import type { Step } from "../../replay/step.ts";
import type { StepList } from "../../replay/step-list.ts";
import type { Document } from "../../syntax/document.ts";
import type { Reading } from "../../syntax/read-statement.ts";
import type { StatementHandle } from "../../syntax/statement-handle.ts";
import type { OnBug } from "../../text/bug.ts";
import type { RuleOptions } from "../rule.ts";

export interface RuleInput {
  /** The id of the file under check, as origins name it. */
  readonly file: string;
  readonly document: Document;
  /** The steps of this file, in order. */
  readonly steps: StepList | readonly Step[];
  /** Those of an earlier version: if rules ran over them, what they have in common with `steps` is not looked at again. */
  readonly previousSteps?: StepList | readonly Step[] | undefined;
  /** The catalog after the last step. */
  readonly final: Catalog;
  readonly options: RuleOptions;
  /** Reads and rewrites expressions; without a library, or left out, no rewrite is offered. */
  readonly reading?: Reading | undefined;
  /** Severities other than the rules' own, by rule id. */
  readonly severities: Readonly<Record<string, RuleSeverity>>;
  /** The offset at which a statement of another file of the world starts, or null where it is not known. */
  readonly startInFile: (file: string, statement: StatementHandle) => number | null;
  /** Who is told of exceptions, each of which costs what one rule finds in one place; without it they are thrown. */
  readonly onBug?: OnBug | undefined;
  /** Whether a later file of the chain may change the table or index of that name: it is asked there what is true at the end. */
  readonly changesLater?: ((relation: string) => boolean) | undefined;
}
