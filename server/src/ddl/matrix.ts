/** Which operation is written how for which scheme: the compiler lists the cells that are missing. */

import type { Scheme } from "../catalog/partitioning.ts";
import type { Operation } from "./operation.ts";
import { writeAddDefault, writeDropDefault } from "./operations/defaults.ts";
import { writeAppend, writeFill, writePrepend, writeRanges, writeSpan } from "./operations/extend.ts";
import { writeHashes, writeRehash } from "./operations/hashes.ts";
import { writeMerge } from "./operations/merge.ts";
import { writeMoveRows } from "./operations/move-rows.ts";
import { writeSplit } from "./operations/split.ts";
import type { Writer } from "./writer.ts";

/** Why a scheme has no such operation, in a sentence that says what to do instead. */
export interface Unsupported {
  readonly unsupported: string;
}

export type Matrix = Readonly<Record<Scheme, Readonly<Record<Operation, Writer | Unsupported>>>>;

const noDefault =
  "inheritance knows no default: rows that no child takes stay in the parent, and move-rows gives them children";

const byBounds = {
  split: writeSplit,
  merge: writeMerge,
  append: writeAppend,
  prepend: writePrepend,
  fill: writeFill,
  "create-ranges": writeRanges,
  "create-span": writeSpan,
  "create-hashes": writeHashes,
  rehash: writeRehash,
  "move-rows": writeMoveRows,
};

export const matrix: Matrix = {
  declarative: {
    ...notYet("declarative tables"),
    ...byBounds,
    "add-default": writeAddDefault,
    "drop-default": writeDropDefault,
  },
  inheritance: {
    ...notYet("tables partitioned by inheritance"),
    ...byBounds,
    "add-default": { unsupported: noDefault },
    "drop-default": { unsupported: noDefault },
  },
  pathman: notYet("tables of pg_pathman"),
  partman: notYet("tables of pg_partman"),
  citus: notYet("distributed tables"),
};

function notYet(what: string): Readonly<Record<Operation, Unsupported>> {
  const unsupported = { unsupported: `Partition Lens does not write this operation for ${what}` };
  return {
    split: unsupported,
    merge: unsupported,
    append: unsupported,
    prepend: unsupported,
    fill: unsupported,
    "create-ranges": unsupported,
    "create-span": unsupported,
    "create-hashes": unsupported,
    rehash: unsupported,
    "add-default": unsupported,
    "drop-default": unsupported,
    "move-rows": unsupported,
    attach: unsupported,
    detach: unsupported,
    drop: unsupported,
    retention: unsupported,
    foreign: unsupported,
    disable: unsupported,
    convert: unsupported,
  };
}
