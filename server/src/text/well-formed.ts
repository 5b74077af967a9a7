/** Text that UTF-8 can hold, made of any: strings from JSON may hold halves of surrogate pairs. */

/** The text with U+FFFD for each half of a surrogate pair that stands alone; `encodeURIComponent` throws at others. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}
