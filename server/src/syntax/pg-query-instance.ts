/** The host of libpg-query's WebAssembly: synchronous instances of PostgreSQL's parser, without the package's own loader. */

/*
 * The package's loader is asynchronous and keeps the functions of its first instance in a table of its own, so an
 * instance that a deeply nested statement has broken could not be replaced between two statements. The host below
 * offers the few imports that a parser needs. Their one-letter names are the build's: they stand in
 * libpg-query/wasm/libpg-query.js under `wasmImports` and `assignWasmExports`, and change with a new version of the
 * package; `createInstance` says so then.
 */

/** What PostgreSQL's raw parser answers to a text. */
export type RawParse =
  | { readonly ok: true; readonly json: string }
  /** `codePoint` counts from 0 in code points; null where PostgreSQL gives no position. */
  | { readonly ok: false; readonly message: string; readonly codePoint: number | null };

/** One running copy of the parser. A call that throws anything has broken it: drop it and create another. */
export interface PgQueryInstance {
  readonly parse: (text: string) => RawParse;
  /** Whether a text has made the instance take more memory than it began with, which it never gives back. */
  readonly hasGrown: () => boolean;
}

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly table: WebAssembly.Table;
  readonly construct: () => void;
  readonly malloc: (bytes: number) => number;
  readonly free: (pointer: number) => void;
  readonly parseRaw: (text: number) => number;
  readonly freeResult: (result: number) => void;
  readonly setThrew: (threw: number, value: number) => void;
  readonly restoreStack: (pointer: number) => void;
  readonly currentStack: () => number;
}

/** Creates an instance; takes a few milliseconds. Throws if the module is of another build than this host was written for. */
export function createInstance(module: WebAssembly.Module): PgQueryInstance {
  let exports: Exports | undefined;
  const live = (): Exports => {
    if (exports === undefined) throw new Error("the parser ran before it was ready");
    return exports;
  };
  const instance = new WebAssembly.Instance(module, { a: createImports(live) });
  exports = readExports(instance.exports);
  exports.construct();
  const { memory } = exports;
  const bytesAtStart = memory.buffer.byteLength;
  return { parse: (text) => parseWith(live(), text), hasGrown: () => memory.buffer.byteLength > bytesAtStart };
}

/** What C's longjmp throws through the frames of WebAssembly; the nearest `invoke` catches it. One for all: a stack trace is dear. */
const longJump = new Error("longjmp");

function createImports(live: () => Exports): Record<string, WebAssembly.ImportValue> {
  /** Calls a function of the table, as C's setjmp asks: a longjmp ends the call and leaves a mark. */
  const invoke =
    <Result>(resultOfJump: Result) =>
    (index: number, ...values: readonly number[]): Result => {
      const { currentStack, restoreStack, table, setThrew } = live();
      const stack = currentStack();
      try {
        return table.get(index)(...values);
      } catch (error) {
        restoreStack(stack);
        if (error !== longJump) throw error;
        setThrew(1, 0);
        return resultOfJump;
      }
    };
  const fail = (name: string) => () => {
    throw new Error(`PostgreSQL's parser called ${name}`);
  };
  const invokeWithoutResult = invoke(undefined);
  const invokeWithInteger = invoke(0);
  return {
    a: invokeWithInteger,
    b: invokeWithInteger,
    c: fail("assert"),
    d: invokeWithInteger,
    e: invokeWithoutResult,
    f: invokeWithoutResult,
    g: invokeWithInteger,
    h: invokeWithoutResult,
    i: invokeWithoutResult,
    j: invokeWithoutResult,
    k: invokeWithInteger,
    l: invoke(0n),
    m: fail("exit"),
    n: invokeWithoutResult,
    o: () => 0,
    p: () => {
      throw longJump;
    },
    q: (bytes: number) => growMemory(live().memory, bytes >>> 0),
    r: fail("read"),
    s: fail("seek"),
    t: fail("write"),
    u: fail("close"),
    v: fail("exit"),
    w: () => {},
    x: fail("abort"),
    y: invokeWithoutResult,
  };
}

const pageBytes = 65_536;
/** As the package's own loader has it. */
const mostMemoryBytes = 1_073_741_824;

function growMemory(memory: WebAssembly.Memory, bytes: number): number {
  if (bytes > mostMemoryBytes) return 0;
  const wanted = Math.min(mostMemoryBytes, Math.max(bytes, Math.ceil(memory.buffer.byteLength * 1.2)));
  try {
    memory.grow(Math.ceil((wanted - memory.buffer.byteLength) / pageBytes));
    return 1;
  } catch {
    return 0;
  }
}

function readExports(exports: WebAssembly.Exports): Exports {
  const { z: memory, D: table, A, C, E, F, G, P, Q, R } = exports;
  if (!(memory instanceof WebAssembly.Memory) || !(table instanceof WebAssembly.Table)) {
    throw new Error("this build of libpg-query is not the one that pg-query-instance.ts was written for");
  }
  return {
    memory,
    table,
    construct: callable(A),
    malloc: callable(C),
    free: callable(E),
    parseRaw: callable(F),
    freeResult: callable(G),
    setThrew: callable(P),
    restoreStack: callable(Q),
    currentStack: callable(R),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: WebAssembly does not tell the types of its exports.
function callable(value: WebAssembly.ExportValue | undefined): (...values: any[]) => any {
  if (typeof value !== "function") {
    throw new Error("this build of libpg-query is not the one that pg-query-instance.ts was written for");
  }
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  return value as (...values: any[]) => any;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function parseWith(exports: Exports, text: string): RawParse {
  const capacity = text.length * 3 + 1;
  const pointer = exports.malloc(capacity);
  if (pointer === 0) throw new Error("PostgreSQL's parser is out of memory");
  const { written } = encoder.encodeInto(text, bytesAt(exports.memory, pointer, capacity - 1));
  bytesAt(exports.memory, pointer + written, 1)[0] = 0;
  const result = exports.parseRaw(pointer);
  if (result === 0) throw new Error("PostgreSQL's parser is out of memory");
  const answer = readResult(exports.memory, result);
  exports.free(pointer);
  exports.freeResult(result);
  return answer;
}

/** Reads PgQueryParseResult { char *tree; char *stderr; PgQueryError *error } and PgQueryError { message, function, file, line, cursor, … }. */
function readResult(memory: WebAssembly.Memory, result: number): RawParse {
  const view = new DataView(memory.buffer);
  const error = view.getInt32(result + 8, true);
  if (error === 0) return { ok: true, json: readText(memory, view.getInt32(result, true)) };
  const cursor = view.getInt32(error + 16, true);
  return {
    ok: false,
    message: readText(memory, view.getInt32(error, true)),
    codePoint: cursor > 0 ? cursor - 1 : null,
  };
}

function readText(memory: WebAssembly.Memory, pointer: number): string {
  if (pointer === 0) return "";
  const bytes = new Uint8Array(memory.buffer);
  return decoder.decode(bytes.subarray(pointer, bytes.indexOf(0, pointer)));
}

function bytesAt(memory: WebAssembly.Memory, pointer: number, length: number): Uint8Array {
  return new Uint8Array(memory.buffer, pointer, length);
}
