/** Which operation is written how for which scheme: the compiler lists the cells that are missing. */

import type { Scheme } from "../catalog/partitioning.ts";
import { writeAppend, writeFill, writePrepend } from "./declarative/extend.ts";
import { writeMerge } from "./declarative/merge.ts";
import { writeSplit } from "./declarative/split.ts";
import type { Operation } from "./operation.ts";
import type { Writer } from "./writer.ts";

/** Why a scheme has no such operation, in a sentence that says what to do instead. */
export interface Unsupported {
  readonly unsupported: string;
}

export type Matrix = Readonly<Record<Scheme, Readonly<Record<Operation, Writer | Unsupported>>>>;

export const matrix: Matrix = {
  declarative: {
    split: writeSplit,
    merge: writeMerge,
    append: writeAppend,
    prepend: writePrepend,
    fill: writeFill,
  },
  inheritance: notYet("tables partitioned by inheritance"),
  pathman: notYet("tables of pg_pathman"),
  partman: notYet("tables of pg_partman"),
  citus: notYet("distributed tables"),
};

function notYet(what: string): Readonly<Record<Operation, Unsupported>> {
  const unsupported = {
    unsupported: `Partition Lens writes DDL for declarative partitioning only so far, not for ${what}`,
  };
  return { split: unsupported, merge: unsupported, append: unsupported, prepend: unsupported, fill: unsupported };
}
