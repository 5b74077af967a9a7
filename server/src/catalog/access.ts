/** Notes which parts of catalogs a piece of work looks at, so that it need not be done again where these are the same. */

import { addAll } from "../text/long-lists.ts";
import {
  inOnePiece,
  isDoneInPortions,
  itemsOfPortion,
  leastOfPortion,
  type Progress,
  portionByPortion,
} from "../text/portions.ts";
import type { RelationId } from "./relation-id.ts";

/**
 * The maps of a catalog of which single entries are noted; `none` are maps inside of values, which are looked at whole. Four bits.
 */
export const spaces = {
  none: 0,
  relations: 1,
  /** Dependents by their own ids, and all of those of a relation by the id of that. */
  dependents: 2,
  attached: 3,
  rowHolders: 4,
  rows: 5,
  untainted: 6,
  names: 7,
  knownAbsent: 8,
  constraintNames: 9,
  attachedCode: 10,
  belongings: 11,
  textHolders: 12,
  /** Inheritance children by their own ids, and all of those of a parent by the id of that. */
  children: 13,
} as const;

export type Space = (typeof spaces)[keyof typeof spaces];

/** An entry of one of the maps as a signed 32-bit integer; that two share one costs work and nothing else. */
export type Slot = number;

/** The bits of a slot that tell its space. */
const spaceMask = 0xf;

/** @param key an id, or the hash of a name */
export function slotOf(space: Space, key: number): Slot {
  return ((key & 0xfffffff) << 4) | space;
}

/** What all versions of the partitions of one table have in common, and those of no other. */
export interface Members {
  readonly table: "partitions";
}

/** What was asked of the partitions of one table; `all` stands for everything. */
export interface Question {
  readonly members: Members;
  readonly about: object | string;
}

/** What was looked at. */
export interface Reads {
  /** In ascending order, each once. */
  readonly slots: ArrayLike<Slot>;
  /** A bit for each space that was looked at from one end to the other. */
  readonly whole: number;
  /** A bit for each space of which it was asked how many entries it has. */
  readonly sizes: number;
  /** From which id on all relations were looked at. */
  readonly from: RelationId;
  readonly questions: readonly Question[];
}

/** What is noted at the moment; null where nobody wants to know. */
let current: Notes | null = null;

/** More are not noted: then everything counts as looked at. A file may have thousands of queries that look at as many partitions each. */
const mostSlots = 4096;
const mostQuestions = 256;

class Notes {
  private readonly slots: Slot[] = [];
  /** How many there may be before those that are there twice are left out. */
  private room = 512;
  private last: Slot = 0;
  whole = 0;
  sizes = 0;
  from = Number.POSITIVE_INFINITY;
  readonly questions: Question[] = [];

  slot(slot: Slot): void {
    if (slot === this.last || (this.whole & (1 << (slot & spaceMask))) !== 0) return;
    this.last = slot;
    if (this.slots.length === this.room) this.makeRoom();
    this.slots.push(slot);
  }

  question(question: Question): void {
    const { members, about } = question;
    if (this.questions.some((known) => known.members === members && (known.about === about || known.about === "all")))
      return;
    if (this.questions.length >= mostQuestions) this.whole = everything;
    else this.questions.push(question);
  }

  reads(): Reads {
    const { whole, sizes, from, questions } = this;
    return { slots: sortedOnce(this.slots), whole, sizes, from, questions: questions.length === 0 ? none : questions };
  }

  /** Notes of long work hold much twice. */
  private makeRoom(): void {
    const once = sortedOnce(this.slots);
    if (once.length > mostSlots) this.whole = everything;
    this.slots.length = 0;
    if (this.whole !== everything)
      for (let index = 0; index < once.length; index++) this.slots.push(once[index] as Slot);
    this.room = Math.max(512, this.slots.length * 2);
  }
}

const none: readonly Question[] = [];

/** All spaces. */
export const everything = -1;

/** In an array of its own, which has room for no more. */
function sortedOnce(slots: readonly Slot[]): ArrayLike<Slot> {
  if (slots.length > mostPlain) return eachOnce(new Int32Array(slots));
  const sorted = slots.slice();
  if (sorted.length > mostInserted) sorted.sort((a, b) => a - b);
  else sortByInsertion(sorted);
  return sorted.slice(0, foldTogether(sorted));
}

/** Of more a typed array is sorted in a third of the time, and takes half the memory; of few it takes more. */
const mostPlain = 512;

/** The slots in ascending order, each one once; they are sorted in place. */
export function eachOnce(slots: Int32Array): Int32Array {
  slots.sort();
  return slots.slice(0, foldTogether(slots));
}

/** Moves what is there several times together, and tells how many are left. */
function foldTogether(sorted: Slot[] | Int32Array): number {
  let kept = 0;
  for (let index = 0; index < sorted.length; index++)
    if (index === 0 || sorted[index] !== sorted[index - 1]) sorted[kept++] = sorted[index] as Slot;
  return kept;
}

/** Of so few, most of them in order, each soon finds its place. */
const mostInserted = 64;

function sortByInsertion(slots: Slot[]): void {
  for (let index = 1; index < slots.length; index++) {
    const slot = slots[index] as Slot;
    let place = index;
    for (; place > 0 && (slots[place - 1] as Slot) > slot; place--) slots[place] = slots[place - 1] as Slot;
    slots[place] = slot;
  }
}

/** Does the work and tells what it looked at. What it does inside of other work that is noted counts for that too. */
export function noting<T>(work: () => T): { readonly result: T; readonly reads: Reads } {
  const outer = current;
  const notes = new Notes();
  let reads: Reads | null = null;
  current = notes;
  try {
    const result = work();
    reads = notes.reads();
    return { result, reads };
  } finally {
    current = outer;
    if (outer !== null) copyInto(outer, reads ?? notes.reads());
  }
}

function copyInto(outer: Notes, { slots, whole, sizes, from, questions }: Reads): void {
  outer.whole |= whole;
  for (let index = 0; index < slots.length; index++) outer.slot(slots[index] as Slot);
  outer.sizes |= sizes;
  outer.from = Math.min(outer.from, from);
  for (const question of questions) outer.question(question);
}

/** What the work gives, which is about so many items: a portion that is done once. What it looked at is noted each time. */
export function notedPortion<T>(items: number, work: () => T): T {
  if (items < leastOfPortion || !isDoneInPortions()) return work();
  return notedPortions(() => ({ state: work(), isDone: true, items }));
}

/** The same also where that is less than is worth keeping: because what is made is changed, or is told something, later on. */
export function keptPortion<T>(items: number, work: () => T): T {
  return isDoneInPortions() ? notedPortions(() => ({ state: work(), isDone: true, items })) : work();
}

/**
 * What is remembered outside of portions, or else made, which is about so many items: one portion, whether or not it is there already,
 * so that the portions behind it have the same numbers in each attempt.
 */
export function rememberedPortion<T extends object>(items: number, remembered: () => T | undefined, make: () => T): T {
  if (!isDoneInPortions()) return remembered() ?? make();
  return notedPortions(() => {
    const known = remembered();
    return { state: known ?? make(), isDone: true, items: known === undefined ? items : 0 };
  });
}

/**
 * The same where it may be about so little that it is not worth a portion. The items have to be all that is made of it, for so little is
 * made in one piece: portions within it would be none in the attempt that remembers.
 */
export function rememberedLong<T extends object>(items: number, remembered: () => T | undefined, make: () => T): T {
  if (items >= leastOfPortion) return rememberedPortion(items, remembered, make);
  return remembered() ?? inOnePiece(make);
}

/** The same portion by portion. */
export function notedPortions<State>(goOn: (left: State | null) => Progress<State>): State {
  if (current === null || !isDoneInPortions()) return portionByPortion(goOn);
  const { state, reads } = portionByPortion<{ readonly state: State; readonly reads: Reads }>((left) => {
    const { result, reads } = noting(() => {
      if (left !== null && current !== null) copyInto(current, left.reads);
      return goOn(left === null ? null : left.state);
    });
    return { ...result, state: { state: result.state, reads } };
  });
  copyInto(current, reads);
  return state;
}

/** The first answer that is not null, of the members in order; of a long list portion by portion. A member is so many items. */
export function firstAnswer<Member, Answer>(
  members: readonly Member[],
  items: number,
  answerOf: (member: Member) => Answer | null,
): Answer | null {
  const most = members.length * items < leastOfPortion ? members.length : Math.ceil(itemsOfPortion / items);
  const look = (from: number): { readonly to: number; readonly answer: Answer | null } => {
    const to = Math.min(members.length, from + most);
    for (let at = from; at < to; at++) {
      const answer = answerOf(members[at] as Member);
      if (answer !== null) return { to, answer };
    }
    return { to, answer: null };
  };
  if (most >= members.length) return look(0).answer;
  return notedPortions<ReturnType<typeof look>>((left) => {
    const from = left?.to ?? 0;
    const state = look(from);
    return { state, isDone: state.answer !== null || state.to === members.length, items: (state.to - from) * items };
  }).answer;
}

/** What is made of each of the members, in order; of a long list portion by portion. A member is so many items. */
export function madeInPortions<Member, Made>(
  members: readonly Member[],
  items: number,
  make: (member: Member) => readonly Made[] | Made,
): readonly Made[] {
  if (members.length * items < leastOfPortion) return members.flatMap(make);
  const most = Math.ceil(itemsOfPortion / items);
  return notedPortions<{ readonly to: number; readonly made: Made[] }>((left) => {
    const from = left?.to ?? 0;
    const to = Math.min(members.length, from + most);
    const more = members.slice(from, to).flatMap(make);
    const made = left?.made ?? [];
    addAll(made, more);
    return { state: { to, made }, isDone: to === members.length, items: (to - from) * items };
  }).made;
}

/** An entry is looked at, or whether there is one. */
export function noteEntry(space: Space, key: number): void {
  if (current !== null && space !== spaces.none) current.slot(slotOf(space, key));
}

/** All entries are looked at. */
export function noteAll(space: Space): void {
  if (current !== null && space !== spaces.none) current.whole |= 1 << space;
}

/** It is asked how many entries there are. */
export function noteSize(space: Space): void {
  if (current !== null && space !== spaces.none) current.sizes |= 1 << space;
}

/** Entries are looked at from an id on. */
export function noteFrom(space: Space, id: number): void {
  if (current === null || space === spaces.none) return;
  if (space === spaces.relations && id > 0) current.from = Math.min(current.from, id);
  else noteAll(space);
}

/** Something is asked of the partitions of a table. */
export function noteQuestion(question: Question): void {
  current?.question(question);
}

/** Whether anything is noted: whoever has to work for a note asks first. */
export function isNoting(): boolean {
  return current !== null;
}

/** What somebody looked at before is looked at: the answer is kept from then. */
export function noteReads(reads: Reads): void {
  if (current !== null) copyInto(current, reads);
}
