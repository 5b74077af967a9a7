/** Which SQL looks at the clock, as far as its text tells. */

/** Whether the text has a word by which PostgreSQL asks what time it is: a function, a keyword, a constant such as 'today'. */
export function readsClock(text: string): boolean {
  return clock.test(text);
}

const clock =
  /\b(?:now|current_(?:date|time|timestamp)|local(?:time|timestamp)|(?:clock|statement|transaction)_timestamp|timeofday|age|today|tomorrow|yesterday)\b/i;
