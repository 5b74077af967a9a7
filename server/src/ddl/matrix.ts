/** Which operation is written how for which scheme: the compiler lists the cells that are missing. */

import type { Scheme } from "../catalog/partitioning.ts";
import { citusWriters } from "./managed/citus.ts";
import { partmanWriters } from "./managed/partman.ts";
import { pathmanWriters } from "./managed/pathman.ts";
import type { Operation } from "./operation.ts";
import { writeAttach, writeForeign } from "./operations/attach.ts";
import { writeConvert } from "./operations/convert.ts";
import { writeAddDefault, writeDropDefault } from "./operations/defaults.ts";
import { writeAppend, writeFill, writePrepend, writeRanges, writeSpan } from "./operations/extend.ts";
import { writeHashes, writeRehash } from "./operations/hashes.ts";
import { writeDetach, writeDrop, writeRetention } from "./operations/leave.ts";
import { writeMerge } from "./operations/merge.ts";
import { writeMoveRows } from "./operations/move-rows.ts";
import { writeSplit } from "./operations/split.ts";
import { writeUpdateTriggers } from "./operations/update-triggers.ts";
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
  attach: writeAttach,
  detach: writeDetach,
  drop: writeDrop,
  retention: writeRetention,
  foreign: writeForeign,
  "update-triggers": writeUpdateTriggers,
  convert: writeConvert,
};

export const matrix: Matrix = {
  declarative: {
    ...byBounds,
    "add-default": writeAddDefault,
    "drop-default": writeDropDefault,
    disable: { unsupported: "PostgreSQL partitions this table itself: no extension is to be disabled" },
  },
  inheritance: {
    ...byBounds,
    "add-default": { unsupported: noDefault },
    "drop-default": { unsupported: noDefault },
    "create-hashes": {
      unsupported:
        'hash partitions are PostgreSQL\'s own: convert a plain table with "strategy" hash, or tell children apart by CHECK (key % n = r) and rehash them',
    },
    disable: { unsupported: "no extension manages this table: there is nothing to disable" },
  },
  pathman: {
    ...unwritten("pg_pathman has no call for this: disable it and go on by inheritance, or convert"),
    ...pathmanWriters,
  },
  partman: {
    ...unwritten(
      "pg_partman knows its partitions by their regular ranges and would trip over others: change its configuration, or take the table out of its hands with convert",
    ),
    "update-triggers": {
      unsupported: "PostgreSQL moves rows whose key changes itself (from 11 on), and pg_partman leaves that to it",
    },
    ...partmanWriters,
  },
  citus: {
    ...unwritten(
      "Citus has no call for this, and by hand it takes statements on every node: undistribute the table first",
    ),
    "update-triggers": {
      unsupported:
        "PostgreSQL moves rows whose key changes between partitions itself, and Citus refuses to change the distribution column",
    },
    ...citusWriters,
  },
};

/** One answer for all operations that are not written for a scheme. */
function unwritten(message: string): Readonly<Record<Operation, Unsupported>> {
  const unsupported = { unsupported: message };
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
    "update-triggers": unsupported,
    disable: unsupported,
    convert: unsupported,
  };
}
