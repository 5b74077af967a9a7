/** All rules. Generated from the folder by `npm run generate`; do not edit. */

import { boundShape } from "./bound-shape.ts";
import { boundValue } from "./bound-value.ts";
import { defaultConflict } from "./default-conflict.ts";
import { detachConcurrentlyBlocked } from "./detach-concurrently-blocked.ts";
import { hashModulus } from "./hash-modulus.ts";
import { ignoreUnknown } from "./ignore-unknown.ts";
import { ignoreUnused } from "./ignore-unused.ts";
import { inheritedChange } from "./inherited-change.ts";
import { nameTaken } from "./name-taken.ts";
import { notPartitioned } from "./not-partitioned.ts";
import { partitionKeyInvalid } from "./partition-key-invalid.ts";
import { partitionOverlap } from "./partition-overlap.ts";
import { rangeEmpty } from "./range-empty.ts";
import type { Rule } from "./rule.ts";
import { statementRejected } from "./statement-rejected.ts";
import { transactionAborted } from "./transaction-aborted.ts";
import { unknownRelation } from "./unknown-relation.ts";
import { versionUnsupported } from "./version-unsupported.ts";

export const rules: readonly Rule[] = [
  boundShape,
  boundValue,
  defaultConflict,
  detachConcurrentlyBlocked,
  hashModulus,
  ignoreUnknown,
  ignoreUnused,
  inheritedChange,
  nameTaken,
  notPartitioned,
  partitionKeyInvalid,
  partitionOverlap,
  rangeEmpty,
  statementRejected,
  transactionAborted,
  unknownRelation,
  versionUnsupported,
];
