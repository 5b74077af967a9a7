/** A large value in parts: whoever takes it from another thread may look after something else between two of them. */

import { addAll } from "../text/long-lists.ts";

/** Items of a long array of the value, or at the end all that is left of it. */
export interface ValuePart {
  /** The part's number, by which the holes of later parts name it; null for the last one. */
  readonly number: number | null;
  readonly content: unknown;
  /** Where arrays were taken out, whose items earlier parts hold. */
  readonly holes: readonly Hole[];
}

interface Hole {
  /** From `content` inwards. */
  readonly path: readonly (string | number)[];
  readonly parts: readonly number[];
}

/** So many values go in one part, about: some milliseconds' worth. */
const valuesInPart = 4_000;
/** A text of so many characters counts as one value more. */
const charactersAsValue = 100;

interface Cut {
  readonly content: unknown;
  readonly holes: readonly Hole[];
  readonly size: number;
}

/** Gives plain data to `send` in parts, inner ones first. Goes down as deep as the value does. */
export function sendInParts(value: unknown, send: (part: ValuePart) => void): void {
  let count = 0;
  const sendItems = (content: readonly unknown[], holes: readonly Hole[]): number => {
    send({ number: count, content, holes });
    return count++;
  };
  const { content, holes } = cut(value, sendItems);
  send({ number: null, content, holes });
}

type SendItems = (items: readonly unknown[], holes: readonly Hole[]) => number;

function cut(value: unknown, sendItems: SendItems): Cut {
  if (typeof value === "string") return { content: value, holes: [], size: 1 + value.length / charactersAsValue };
  if (typeof value !== "object" || value === null) return { content: value, holes: [], size: 1 };
  return Array.isArray(value) ? cutArray(value, sendItems) : cutObject(value, sendItems);
}

function cutObject(value: object, sendItems: SendItems): Cut {
  const holes: Hole[] = [];
  let size = 1;
  const content = Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      const inner = cut(each, sendItems);
      addAll(holes, behind(key, inner));
      size += inner.size;
      return [key, inner.content];
    }),
  );
  return { content, holes, size };
}

function cutArray(value: readonly unknown[], sendItems: SendItems): Cut {
  const parts: number[] = [];
  let content: unknown[] = [];
  let holes: Hole[] = [];
  let size = 1;
  const sendOff = (): void => {
    parts.push(sendItems(content, holes));
    content = [];
    holes = [];
    size = 1;
  };
  for (const each of value) {
    const inner = cut(each, sendItems);
    addAll(holes, behind(content.length, inner));
    content.push(inner.content);
    size += inner.size;
    if (size > valuesInPart) sendOff();
  }
  if (parts.length === 0) return { content, holes, size };
  if (content.length > 0) sendOff();
  return { content: null, holes: [{ path: [], parts }], size: 1 };
}

function behind(key: string | number, { holes }: Cut): readonly Hole[] {
  return holes.map(({ path, parts }) => ({ path: [key, ...path], parts }));
}

/** Puts a value together again: takes its parts in the order in which they were sent, and gives it with the last one. */
export function createJoiner(): (part: ValuePart) => { readonly value: unknown } | null {
  const taken = new Map<number, readonly unknown[]>();
  return ({ number, content, holes }) => {
    const root = { content };
    for (const { path, parts } of holes) {
      const items = parts.flatMap((each) => taken.get(each) ?? []);
      for (const each of parts) taken.delete(each);
      fill(root, ["content", ...path], items);
    }
    if (number === null) return { value: root.content };
    taken.set(number, root.content as readonly unknown[]);
    return null;
  };
}

function fill(root: object, path: readonly (string | number)[], items: readonly unknown[]): void {
  let place = root as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) place = place[key] as Record<string | number, unknown>;
  place[path.at(-1) ?? ""] = items;
}
