/** What a reporter is given, and gives: one text for all files. */

import type { Finding } from "../../text/finding.ts";
import type { LineIndex } from "../../text/line-index.ts";

export interface CheckedFile {
  /** As people see it. */
  readonly path: string;
  readonly uri: string;
  readonly lines: LineIndex;
  readonly findings: readonly Finding[];
  /** What is to be said of the file beside its findings. */
  readonly remark: string | null;
}

export interface CheckResult {
  readonly files: readonly CheckedFile[];
  readonly summary: {
    readonly files: number;
    readonly errors: number;
    readonly warnings: number;
    readonly others: number;
  };
}

export type Reporter = (result: CheckResult) => string;
