/** The recorded truth: what real PostgreSQL servers said to random scripts, as the files of recordings hold it. */

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** One script with everything that the server said to it. */
export interface Recording {
  readonly id: number;
  readonly kind: string;
  readonly ddl: readonly string[];
  readonly results: readonly RecordedResult[];
  readonly catalog: readonly RecordedTable[];
  readonly routes: readonly RecordedRoute[];
  readonly coverage: readonly RecordedCoverage[];
  readonly versions: Readonly<Record<string, RecordedDifference>>;
}

export interface RecordedResult {
  readonly ok: boolean;
  readonly sqlstate?: string;
  readonly message?: string;
  readonly detail?: string;
  readonly hint?: string;
  /** 1-based, in characters of the statement. */
  readonly pos?: number;
}

export interface RecordedTable {
  readonly name: string;
  readonly kind: "p" | "r";
  readonly parent: string | null;
  readonly partkey: string | null;
  readonly bound: string | null;
  readonly cols: readonly (readonly [name: string, type: string, notNull: boolean])[];
  readonly cons: readonly (readonly [name: string, definition: string])[] | null;
}

export interface RecordedRoute extends Partial<RecordedResult> {
  readonly sql: string;
  /** The leaf that takes the row. */
  readonly to?: string;
}

export type RecordedCoverage =
  | {
      readonly table: string;
      readonly column: string;
      readonly type: string;
      /** Both ends inclusive; in days from `origin`, or integers. */
      readonly domain: readonly [number, number];
      readonly origin: string | null;
      readonly uncovered: readonly (readonly [number, number])[];
    }
  | { readonly table: string; readonly modulus: number; readonly missing: readonly number[] };

/** What another major says otherwise, by index. */
export interface RecordedDifference {
  readonly results?: Readonly<Record<string, RecordedResult>>;
  readonly routes?: Readonly<Record<string, RecordedRoute>>;
  readonly catalog_differs?: boolean | readonly RecordedTable[];
}

/** The sample in this repository, chosen over all kinds of scripts. */
export const sampleFile = fileURLToPath(new URL("sample.jsonl", import.meta.url));

/** The whole recording where there is one: `PARTITION_LENS_TRUTH` names it, or it lies beside the repository. */
export function wholeFile(): string | null {
  return existing(process.env["PARTITION_LENS_TRUTH"], "declarative.jsonl");
}

/** The recording of harder scripts where there is one, named by `PARTITION_LENS_TRUTH_2`. */
export function harderFile(): string | null {
  return existing(process.env["PARTITION_LENS_TRUTH_2"], "declarative-2.jsonl");
}

/** The recording of that name where there is one. */
export function recordingNamed(name: string): string | null {
  return existing(undefined, name);
}

function existing(named: string | undefined, name: string): string | null {
  const candidates = [named, fileURLToPath(new URL(`../../../shared/oracle/${name}`, import.meta.url))];
  return candidates.find((path) => path !== undefined && path !== "" && existsSync(path)) ?? null;
}

export function readRecordings(path: string): Recording[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Recording);
}
