/** After an edit: which statements behind it must be run again, and the steps of the others as they are now. */

import type { Catalog } from "../catalog/catalog.ts";
import { createPatchTest } from "../catalog/changed-reads.ts";
import { composed, differenceOf, noDifference, type Patch } from "../catalog/patch.ts";
import { isSameText } from "../syntax/document.ts";
import type { ReadStatement } from "../syntax/statement.ts";
import { canFollow } from "./followable.ts";
import { followedStep } from "./followed-step.ts";
import { movedTo } from "./kept-steps.ts";
import { type CatalogSource, catalogOf, LaterCatalog } from "./later-catalog.ts";
import { type Run, sameRun } from "./runs.ts";
import { withSpareIds } from "./spare-ids.ts";
import { type ReplayState, sameState, sourceOf } from "./state.ts";
import {
  type Change,
  isChanging,
  type Step,
  sessionBehind,
  sourceBehind,
  sourceOfNext,
  unknownChange,
  writtenOf,
} from "./step.ts";
import { FollowedBlock, type JoinedPatches, joinedChanges, type StepBlock, takenOf } from "./step-block.ts";
import type { StepList, StepListBuilder } from "./step-list.ts";
import { stored } from "./stored-step.ts";
import type { Session } from "./transaction.ts";

/** Statements that are run again one after the other; beyond it the rest of the script is. */
const mostRuns = 256;

/** Where the replay stands, next to the steps of an earlier version. */
export interface Follower {
  /** Whether the earlier steps are given up: what is other by now is too much, or not known. */
  readonly isLost: () => boolean;
  /** The step of a statement as it is now, where nothing that it looks at is other; null where it is to be run. */
  readonly follow: (old: Step | undefined, place: number, read: ReadStatement, index: number, run: Run) => Step | null;
  /**
   * The same for all statements of a block at once, which are the very same; null where that is not told of all together. The block
   * begins at `place`.
   */
  readonly followBlock: (block: StepBlock, place: number) => StepBlock | null;
  /** Begins to follow at an earlier step that does not follow from where the replay stands; false where that is not possible. */
  readonly begin: (state: ReplayState, place: number) => boolean;
  /** The state that a statement meets which is run behind `steps`, with the ids for its objects that they had. */
  readonly met: (state: ReplayState, old: Step | undefined, place: number, steps: StepListBuilder) => ReplayState;
  /**
   * A statement was run, in the place of an earlier one if there was one there: the step as those behind it are to see it.
   */
  readonly took: (step: Step, old: Step | undefined, place: number, state: ReplayState) => Step;
  /** A statement meets what it met before, and its step is kept. */
  readonly kept: (step: Step, place: number) => void;
  /** Whether there are statements behind the next one that keep the ids of their objects. */
  readonly isBetween: (old: Step | undefined) => boolean;
}

interface Standpoint {
  source: CatalogSource;
  readonly session: Session;
  /** The session in the place of which it stands. */
  readonly old: Session;
  readonly client: ReplayState["client"];
}

/** What steps are other by of which one patch was told before. */
interface Joined {
  readonly patches: JoinedPatches;
  readonly changes: Change;
}

/** `previous` are the steps of the earlier version, `beginning` the session in front of the first of them. */
export function createFollower(previous: StepList, beginning: Session | undefined): Follower {
  /** null before the first statement that was run, and where the earlier steps are given up. */
  let now: Standpoint | null = null;
  let lost = false;
  /** The place of the earlier step behind which `patch` holds. */
  let last = -1;
  /** What is other now than it was there; null where that is to be found out. */
  let patch: Patch | null = null;
  let isOther: Change["isOther"] = () => false;
  /** By what they were other by before; null where both together are much. */
  const joined = new Map<Patch | null, Joined | null>();
  let runs = 0;

  const giveUp = (): null => {
    lost = true;
    now = null;
    return null;
  };
  const setPatch = (next: Patch, place: number): void => {
    patch = next;
    last = place;
    isOther = createPatchTest(next);
    joined.clear();
  };
  /** Finds out what is other now in front of the earlier step. */
  const reach = ({ source }: Standpoint, place: number): Patch | null => {
    if (patch !== null && place === last + 1 && !previous.seams.has(place)) return patch;
    const old = previous.at(place);
    if (old === undefined) return null;
    const catalog = catalogOf(source);
    const { nextId } = takenOf(old).before;
    const found = catalog.nextId > nextId ? null : differenceOf(old.before, catalog);
    if (found !== null) setPatch(found, place - 1);
    return found;
  };
  const sessionBefore = (place: number): Session | undefined =>
    place === 0 ? beginning : previous.sessionBehind(place - 1);
  /** With what steps are other by already; null where both together are much. */
  const join = (old: Patch | null, earlier: Change | null, next: Patch): Joined | null => {
    const known = joined.get(old);
    if (known !== undefined) return known;
    const whole = old === null ? next : composed(old, next);
    const made =
      whole === null
        ? null
        : { patches: createJoinedPatches(whole), changes: joinedChanges({ isOther, earlier: null }, earlier) };
    joined.set(old, made);
    return made;
  };

  return {
    isLost: () => lost,
    follow: (old, place, read, index, run) => {
      if (now === null || old === undefined) return null;
      const found = reach(now, place);
      if (found === null) return giveUp();
      const taken = takenOf(old);
      // A step that was followed has nothing imagined behind it, and what is behind it is made when asked for.
      const { imagined, client } = taken.behind;
      const session = sessionBehind(old);
      const before = sessionBefore(place);
      // What a later run of a file meets is told by what the one before it has come to.
      const beginsLater = run.first === index && (index > 0 || place > 0);
      const isTheSame = isSameText(writtenOf(old), read) && sameRun(old.run, run) && !beginsLater;
      if (!isTheSame || imagined !== null || client !== now.client || !canFollow(read.statement, old)) return null;
      if (!isLikeSession(now.old, now.session)) return null;
      if (session !== now.old || before !== now.old) return null;
      if (found.size > 0 && (old.reads === undefined || isOther(old.reads))) return null;
      last = place;
      if (found.size === 0 && now.session === now.old) {
        now.source = sourceOfNext(old);
        return movedTo(old, read);
      }
      const known = join(old.followed?.patch ?? null, old.followed?.changes ?? null, found);
      if (known === null) return giveUp();
      const { source: front } = now;
      const { patch: whole } = known.patches;
      const back = isChanging(taken) ? new LaterCatalog(sourceBehind(taken), whole) : front;
      now.source = back;
      const changes = now.session === now.old ? known.changes : unknownChange();
      return followedStep({ taken, patch: whole, front, back, changes }, read, now.session);
    },
    followBlock: (block, place) => {
      if (now === null) return null;
      const { summary } = block.base;
      const { reads, client, session } = summary;
      if (reads === null || client !== now.client || now.session !== now.old) return null;
      if (session !== now.old || sessionBefore(place) !== now.old) return null;
      const found = reach(now, place);
      if (found === null) return giveUp();
      if (found.size > 0 && isOther(reads)) return null;
      const end = place + block.length - 1;
      if (found.size === 0) {
        now.source = block.next;
        last = end;
        return block;
      }
      const known = join(block.followed?.patch ?? null, block.followed?.changes ?? null, found);
      if (known === null || summary.patches.some((each) => known.patches.with(each) === null)) return giveUp();
      const followed = new FollowedBlock(block.base, now.source, known.changes, known.patches);
      now.source = followed.next;
      last = end;
      return followed;
    },
    met: (state, old, place, steps) => {
      if (lost || previous.length === 0 || state.imagined !== null) return state;
      const { real } = state;
      if (old === undefined) return withRealCatalog(state, withSpareIds(real, steps.backwards()));
      if (now === null) return state;
      // Its objects get the ids that they had, also where a statement in front of it has made none or is there no more.
      const nextId = Math.max(previous.at(place - 1)?.behind.real.catalog.nextId ?? 0, real.catalog.nextId);
      return real.catalog.nextId === nextId ? state : withRealCatalog(state, { ...real.catalog, nextId });
    },
    begin: ({ real, imagined, client }, place) => {
      if (lost || now !== null || imagined !== null || previous.length === 0) return false;
      const old = sessionBefore(place) ?? real.session;
      if (!isLikeSession(old, real.session)) return false;
      patch = null;
      now = { source: sourceOf(real), session: real.session, old, client };
      return true;
    },
    kept: ({ behind }, place) => {
      if (now === null) return;
      const { real, client } = behind;
      if (patch !== noDifference) setPatch(noDifference, place);
      last = place;
      now = { source: sourceOf(real), session: real.session, old: real.session, client };
    },
    isBetween: (old) => !lost && (old !== undefined || previous.length > 0),
    took: (step, old, place, state) => {
      const kept = stored(step, state.real);
      const { behind } = kept;
      if (lost || previous.length === 0) return kept;
      // Nothing has changed yet, and nothing does.
      if (now === null && (old === undefined ? sameState(behind, state) : sameState(behind, old.behind))) return kept;
      const { real, imagined, client } = step.behind;
      runs++;
      if (imagined !== null || runs > mostRuns) {
        giveUp();
        return kept;
      }
      if (old === undefined) {
        patch = null;
        now = { source: sourceOf(behind.real), session: real.session, old: now?.old ?? state.real.session, client };
        return kept;
      }
      const there = old.behind;
      const isAlike =
        there.imagined === null && there.client === client && isLikeSession(there.real.session, real.session);
      const { nextId } = there.real.catalog;
      const found = isAlike && real.catalog.nextId <= nextId ? differenceOf(there.real.catalog, real.catalog) : null;
      if (found === null) {
        giveUp();
        return kept;
      }
      setPatch(found, place);
      const taken = real.catalog.nextId === nextId ? kept : stored(withNextId(step, nextId), state.real);
      now = { source: sourceOf(taken.behind.real), session: real.session, old: there.real.session, client };
      return taken;
    },
  };
}

/** The step of a statement behind which objects get other ids. */
function withNextId(step: Step, nextId: number): Step {
  const { behind, before, after } = step;
  const { session, catalog: old } = behind.real;
  const catalog = { ...old, nextId };
  return {
    ...step,
    after: after === old && before !== after ? catalog : after,
    behind: { ...behind, real: { catalog, session } },
  };
}

function createJoinedPatches(patch: Patch): JoinedPatches {
  const known = new Map<Patch | null, Patch | null>([[null, patch]]);
  return {
    patch,
    with: (earlier) => {
      let both = known.get(earlier);
      if (both === undefined) {
        both = earlier === null ? patch : composed(earlier, patch);
        known.set(earlier, both);
      }
      return both;
    },
  };
}

function withRealCatalog(state: ReplayState, catalog: Catalog): ReplayState {
  return state.real.catalog === catalog ? state : { ...state, real: { catalog, session: state.real.session } };
}

/** The step with another catalog behind it, which says the same; also in front of it where nothing has changed. */
export function withCatalog(step: Step, catalog: Catalog): Step {
  const { behind, before, after } = step;
  const old = behind.real.catalog;
  if (catalog === old) return step;
  return {
    ...step,
    before: before === old ? catalog : before,
    after: after === old ? catalog : after,
    behind: { ...behind, real: { catalog, session: behind.real.session } },
  };
}

/** Whether statements go on alike in both. */
function isLikeSession(a: Session, b: Session): boolean {
  if (a === b) return true;
  if (a.kind === "autocommit" || b.kind === "autocommit") return a.kind === b.kind;
  const isAlike =
    a.kind === b.kind &&
    a.implicit === b.implicit &&
    a.inDoubt === b.inDoubt &&
    a.checkPassed === b.checkPassed &&
    a.hasRefused === b.hasRefused;
  return isAlike && a.savepoint === null && b.savepoint === null;
}
