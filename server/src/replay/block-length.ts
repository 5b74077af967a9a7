/** How many steps make a block. A file of its own, so that tests see short scripts in many blocks. */

/** Enough that a long script has few, and few enough that to look at one costs little. */
export const blockLength = 64;

/** A block of fewer is put together with the one beside it where both are no longer than one. */
export const shortBlock = 16;
