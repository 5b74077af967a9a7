/** All rules. Generated from the folder by `npm run generate`; do not edit. */

import { attachMismatch } from "./attach-mismatch.ts";
import { attachScans } from "./attach-scans.ts";
import { boundAdjusted } from "./bound-adjusted.ts";
import { boundInfinity } from "./bound-infinity.ts";
import { boundShape } from "./bound-shape.ts";
import { boundTimezone } from "./bound-timezone.ts";
import { boundValue } from "./bound-value.ts";
import { checkGap } from "./check-gap.ts";
import { checkMalformed } from "./check-malformed.ts";
import { checkOverlap } from "./check-overlap.ts";
import { citusCall } from "./citus-call.ts";
import { conflictWithoutKey } from "./conflict-without-key.ts";
import { coverageEnds } from "./coverage-ends.ts";
import { ctidAmbiguous } from "./ctid-ambiguous.ts";
import { ddlLocks } from "./ddl-locks.ts";
import { defaultConflict } from "./default-conflict.ts";
import { defaultScanned } from "./default-scanned.ts";
import { detachConcurrentlyBlocked } from "./detach-concurrently-blocked.ts";
import { detachLocks } from "./detach-locks.ts";
import { existsOtherBound } from "./exists-other-bound.ts";
import { foreignKeyInherited } from "./foreign-key-inherited.ts";
import { functionCannotRun } from "./function-cannot-run.ts";
import { hashIncomplete } from "./hash-incomplete.ts";
import { hashModulus } from "./hash-modulus.ts";
import { ignoreUnknown } from "./ignore-unknown.ts";
import { ignoreUnused } from "./ignore-unused.ts";
import { immutableNow } from "./immutable-now.ts";
import { inclusiveEnd } from "./inclusive-end.ts";
import { indexConcurrentlyPartitioned } from "./index-concurrently-partitioned.ts";
import { indexOnlyParent } from "./index-only-parent.ts";
import { inheritUnrouted } from "./inherit-unrouted.ts";
import { inheritedChange } from "./inherited-change.ts";
import { insertWithoutPartition } from "./insert-without-partition.ts";
import { nameContradictsBound } from "./name-contradicts-bound.ts";
import { nameTaken } from "./name-taken.ts";
import { notPartitioned } from "./not-partitioned.ts";
import { nullKeyUnrouted } from "./null-key-unrouted.ts";
import { partitionEmpty } from "./partition-empty.ts";
import { partitionKeyInvalid } from "./partition-key-invalid.ts";
import { partitionOverlap } from "./partition-overlap.ts";
import { partmanCall } from "./partman-call.ts";
import { partmanDrift } from "./partman-drift.ts";
import { partmanHole } from "./partman-hole.ts";
import { partmanPremake } from "./partman-premake.ts";
import { partmanRetention } from "./partman-retention.ts";
import { partmanTimezone } from "./partman-timezone.ts";
import { pathmanCall } from "./pathman-call.ts";
import { pathmanCheckFormat } from "./pathman-check-format.ts";
import { pathmanDataNotMoved } from "./pathman-data-not-moved.ts";
import { pathmanForeignMismatch } from "./pathman-foreign-mismatch.ts";
import { pathmanKeyUpdate } from "./pathman-key-update.ts";
import { pathmanNotRegistered } from "./pathman-not-registered.ts";
import { pathmanNotRemoved } from "./pathman-not-removed.ts";
import { pathmanSilent } from "./pathman-silent.ts";
import { pruningDefeated } from "./pruning-defeated.ts";
import { pruningLate } from "./pruning-late.ts";
import { pruningNone } from "./pruning-none.ts";
import { rangeEmpty } from "./range-empty.ts";
import { rangeGap } from "./range-gap.ts";
import type { Rule } from "./rule.ts";
import { statementRejected } from "./statement-rejected.ts";
import { syntaxError } from "./syntax-error.ts";
import { transactionAborted } from "./transaction-aborted.ts";
import { uniqueWithoutKey } from "./unique-without-key.ts";
import { unknownRelation } from "./unknown-relation.ts";
import { unreachableBound } from "./unreachable-bound.ts";
import { versionUnsupported } from "./version-unsupported.ts";

export const rules: readonly Rule[] = [
  attachMismatch,
  attachScans,
  boundAdjusted,
  boundInfinity,
  boundShape,
  boundTimezone,
  boundValue,
  checkGap,
  checkMalformed,
  checkOverlap,
  citusCall,
  conflictWithoutKey,
  coverageEnds,
  ctidAmbiguous,
  ddlLocks,
  defaultConflict,
  defaultScanned,
  detachConcurrentlyBlocked,
  detachLocks,
  existsOtherBound,
  foreignKeyInherited,
  functionCannotRun,
  hashIncomplete,
  hashModulus,
  ignoreUnknown,
  ignoreUnused,
  immutableNow,
  inclusiveEnd,
  indexConcurrentlyPartitioned,
  indexOnlyParent,
  inheritUnrouted,
  inheritedChange,
  insertWithoutPartition,
  nameContradictsBound,
  nameTaken,
  notPartitioned,
  nullKeyUnrouted,
  partitionEmpty,
  partitionKeyInvalid,
  partitionOverlap,
  partmanCall,
  partmanDrift,
  partmanHole,
  partmanPremake,
  partmanRetention,
  partmanTimezone,
  pathmanCall,
  pathmanCheckFormat,
  pathmanDataNotMoved,
  pathmanForeignMismatch,
  pathmanKeyUpdate,
  pathmanNotRegistered,
  pathmanNotRemoved,
  pathmanSilent,
  pruningDefeated,
  pruningLate,
  pruningNone,
  rangeEmpty,
  rangeGap,
  statementRejected,
  syntaxError,
  transactionAborted,
  uniqueWithoutKey,
  unknownRelation,
  unreachableBound,
  versionUnsupported,
];
