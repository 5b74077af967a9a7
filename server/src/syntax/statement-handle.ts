/** What a statement of a file is called for as long as it is there, wherever edits move it and whatever is typed inside it. */

declare const handle: unique symbol;

/**
 * A number that no two statements of a file have had. Those of a text that was read from scratch are counted from 0; the index
 * of a statement is another thing as soon as one is inserted above it.
 */
export type StatementHandle = number & { readonly [handle]: true };

/** The handle of a statement in a text that has not been edited since it was read. */
export function handleAt(index: number): StatementHandle {
  return index as StatementHandle;
}
