/** Array literals: the elements of `'{a,"b c",NULL}'`. */

/** The elements of a one-dimensional array's text, null for NULL; null where it is malformed or has more dimensions. */
export function arrayElements(text: string): readonly (string | null)[] | null {
  const inner = /^\s*\{([\s\S]*)\}\s*$/.exec(text)?.[1];
  if (inner === undefined) return null;
  if (/^\s*$/.test(inner)) return [];
  const elements: (string | null)[] = [];
  const element = /\s*(?:"((?:[^"\\]|\\[\s\S])*)"\s*|((?:[^"{},\\]|\\[\s\S])*))(,|$)/y;
  for (;;) {
    const match = element.exec(inner);
    if (match === null) return null;
    const [, quoted, plain = "", end] = match;
    if (quoted !== undefined) elements.push(quoted.replace(/\\([\s\S])/g, "$1"));
    else {
      const trimmed = plain.trimEnd();
      if (trimmed === "") return null;
      elements.push(/^null$/i.test(trimmed) ? null : trimmed.replace(/\\([\s\S])/g, "$1"));
    }
    if (end === "") return elements;
  }
}

/** The text of a one-dimensional array, as its output function prints it. */
export function printArray(elements: readonly (string | null)[]): string {
  return `{${elements.map((element) => (element === null ? "NULL" : quoteElement(element))).join(",")}}`;
}

function quoteElement(element: string): string {
  if (element !== "" && !/^null$/i.test(element) && !/[\s{},"\\]/.test(element)) return element;
  return `"${element.replace(/["\\]/g, "\\$&")}"`;
}
