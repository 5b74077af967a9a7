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
import { pathmanRetired } from "./pathman-retired.ts";
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

/** By their ids, in order. */
export const rulesById = {
  "attach-mismatch": attachMismatch,
  "attach-scans": attachScans,
  "bound-adjusted": boundAdjusted,
  "bound-infinity": boundInfinity,
  "bound-shape": boundShape,
  "bound-timezone": boundTimezone,
  "bound-value": boundValue,
  "check-gap": checkGap,
  "check-malformed": checkMalformed,
  "check-overlap": checkOverlap,
  "citus-call": citusCall,
  "conflict-without-key": conflictWithoutKey,
  "coverage-ends": coverageEnds,
  "ctid-ambiguous": ctidAmbiguous,
  "ddl-locks": ddlLocks,
  "default-conflict": defaultConflict,
  "default-scanned": defaultScanned,
  "detach-concurrently-blocked": detachConcurrentlyBlocked,
  "detach-locks": detachLocks,
  "exists-other-bound": existsOtherBound,
  "foreign-key-inherited": foreignKeyInherited,
  "function-cannot-run": functionCannotRun,
  "hash-incomplete": hashIncomplete,
  "hash-modulus": hashModulus,
  "ignore-unknown": ignoreUnknown,
  "ignore-unused": ignoreUnused,
  "immutable-now": immutableNow,
  "inclusive-end": inclusiveEnd,
  "index-concurrently-partitioned": indexConcurrentlyPartitioned,
  "index-only-parent": indexOnlyParent,
  "inherit-unrouted": inheritUnrouted,
  "inherited-change": inheritedChange,
  "insert-without-partition": insertWithoutPartition,
  "name-contradicts-bound": nameContradictsBound,
  "name-taken": nameTaken,
  "not-partitioned": notPartitioned,
  "null-key-unrouted": nullKeyUnrouted,
  "partition-empty": partitionEmpty,
  "partition-key-invalid": partitionKeyInvalid,
  "partition-overlap": partitionOverlap,
  "partman-call": partmanCall,
  "partman-drift": partmanDrift,
  "partman-hole": partmanHole,
  "partman-premake": partmanPremake,
  "partman-retention": partmanRetention,
  "partman-timezone": partmanTimezone,
  "pathman-call": pathmanCall,
  "pathman-check-format": pathmanCheckFormat,
  "pathman-data-not-moved": pathmanDataNotMoved,
  "pathman-foreign-mismatch": pathmanForeignMismatch,
  "pathman-key-update": pathmanKeyUpdate,
  "pathman-not-registered": pathmanNotRegistered,
  "pathman-not-removed": pathmanNotRemoved,
  "pathman-retired": pathmanRetired,
  "pathman-silent": pathmanSilent,
  "pruning-defeated": pruningDefeated,
  "pruning-late": pruningLate,
  "pruning-none": pruningNone,
  "range-empty": rangeEmpty,
  "range-gap": rangeGap,
  "statement-rejected": statementRejected,
  "syntax-error": syntaxError,
  "transaction-aborted": transactionAborted,
  "unique-without-key": uniqueWithoutKey,
  "unknown-relation": unknownRelation,
  "unreachable-bound": unreachableBound,
  "version-unsupported": versionUnsupported,
} satisfies Readonly<Record<string, Rule>>;

export const rules: readonly Rule[] = Object.values(rulesById);
