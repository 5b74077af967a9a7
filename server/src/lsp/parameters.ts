/** What the parameters of requests have to be: checked where they arrive, so that handlers may believe their types. */

/** Says what is wrong with a value, as a path and what is wanted there; null where nothing is. */
export type Shape = (value: unknown) => string | null;

/** Parameters that are not what the request asks for: the client's mistake, and none of ours. */
export class InvalidParametersError extends Error {
  override readonly name = "InvalidParametersError";
}

/** Throws InvalidParametersError where the value has another shape. */
export function requireShape(what: string, value: unknown, shape: Shape): void {
  const wrong = shape(value);
  if (wrong !== null) throw new InvalidParametersError(`${what}: params${wrong}`);
}

/** Members beyond those listed are the client's own affair. */
function object(members: Readonly<Record<string, Shape>>): Shape {
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return " must be an object";
    const given = value as Readonly<Record<string, unknown>>;
    for (const [name, shape] of Object.entries(members)) {
      const wrong = shape(given[name]);
      if (wrong !== null) return `.${name}${wrong}`;
    }
    return null;
  };
}

function optional(shape: Shape): Shape {
  return (value) => (value === undefined || value === null ? null : shape(value));
}

const text: Shape = (value) => (typeof value === "string" ? null : " must be a string");

const count: Shape = (value) =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 ? null : " must be a whole number from 0";

const texts: Shape = (value) =>
  Array.isArray(value) && value.every((one) => typeof one === "string") ? null : " must be a list of strings";

const position = object({ line: count, character: count });
const range = object({ start: position, end: position });
const textDocument = object({ uri: text });

const list =
  (shape: Shape): Shape =>
  (value) => {
    if (!Array.isArray(value)) return " must be a list";
    for (const [index, one] of value.entries()) {
      const wrong = shape(one);
      if (wrong !== null) return `[${index}]${wrong}`;
    }
    return null;
  };

const whole: Shape = (value) => (Number.isInteger(value) ? null : " must be a whole number");

export const shapes = {
  opened: object({ textDocument: object({ uri: text, version: whole, text }) }),
  changed: object({
    textDocument: object({ uri: text, version: optional(whole) }),
    contentChanges: list(object({ range: optional(range), text })),
  }),
  watchedFiles: object({ changes: list(object({ uri: text })) }),
  folders: object({ event: object({ added: list(object({ uri: text })), removed: list(object({ uri: text })) }) }),
  settings: object({}),
  initialization: object({
    capabilities: object({}),
    rootUri: optional(text),
    workspaceFolders: optional(list(object({ uri: text }))),
  }),
  document: object({ textDocument }),
  place: object({ textDocument, position }),
  references: object({ textDocument, position, context: object({}) }),
  query: object({ query: text }),
  maybePlace: object({ textDocument, position: optional(position) }),
  part: object({ textDocument, range }),
  actions: object({ textDocument, range, context: object({ only: optional(texts) }) }),
  lens: object({ range, data: optional(object({ uri: text, kind: text, table: optional(text) })) }),
  action: object({ title: text, data: optional(object({ uri: text, request: object({}) })) }),
  command: object({ command: text, arguments: optional((value) => (Array.isArray(value) ? null : " must be a list")) }),
  treePlace: object({
    of: optional(
      object({
        source: text,
        table: optional(object({ schema: text, name: text, from: optional(count), to: optional(count) })),
      }),
    ),
    filter: optional(text),
  }),
  stage: object({ textDocument, stage: text, position: optional(position) }),
  rehearsal: object({
    textDocument,
    from: optional(position),
    sql: optional(text),
    undo: optional(text),
    mayLose: optional(texts),
  }),
  guide: object({
    textDocument: optional(textDocument),
    source: optional(text),
    position: optional(position),
    answers: object({}),
    narrowed: optional(text),
  }),
  connection: object({ name: optional(text), connectionString: optional(text), password: optional(text) }),
  pick: object({ folder: text, key: optional(text) }),
  statement: object({ uri: text, range }),
  table: object({ uri: text, table: text }),
  operation: object({ textDocument: optional(textDocument), source: optional(text) }),
} as const satisfies Readonly<Record<string, Shape>>;
