// The command line tool as a process: words and standard input in, text and exit code out.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

export interface ToolFolder {
  readonly directory: string;
  readonly write: (path: string, content: string | Uint8Array) => void;
  readonly run: (...args: readonly string[]) => Result;
  readonly runWithInput: (input: string | Uint8Array, ...args: readonly string[]) => Result;
  readonly remove: () => void;
}

/** A fresh folder in which the tool runs. */
export function toolFolder(main: string): ToolFolder {
  const directory = mkdtempSync(join(tmpdir(), "partition-lens-cli-"));
  const runWithInput = (input: string | Uint8Array, ...args: readonly string[]): Result => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
      cwd: directory,
      encoding: "utf8",
      input,
    });
    return { code: status, out: stdout, error: stderr };
  };
  return {
    directory,
    write: (path, content) => {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), content);
    },
    run: (...args) => runWithInput("", ...args),
    runWithInput,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

export const clean = `CREATE TABLE sales (d date NOT NULL) PARTITION BY RANGE (d);
CREATE TABLE sales_2023 PARTITION OF sales FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE sales_2024 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
SELECT * FROM sales WHERE d = '2024-05-01';
`;

/** An error on its fifth line. */
export const overlapping = `${clean}CREATE TABLE late PARTITION OF sales FOR VALUES FROM ('2024-06-01') TO ('2024-07-01');\n`;

/** A warning, a hint and nothing else, below `withoutEnds`. */
export const gapAndHint = `CREATE TABLE logs (d date NOT NULL) PARTITION BY RANGE (d);
CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE logs_3 PARTITION OF logs FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');
SELECT count(*) FROM logs;
`;

/** The scripts' partitions end in the past, which is not what these tests are about. */
export const withoutEnds = ["--setting", 'rules={"coverage-ends":"off"}'] as const;
