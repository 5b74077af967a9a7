/** The part of the WebAssembly interface that the parser's host uses; neither `es2023` nor Node's types describe it. */

type BufferSource = ArrayBufferView<ArrayBuffer> | ArrayBuffer;

declare namespace WebAssembly {
  type ExportValue = Memory | Table | ((...values: readonly number[]) => unknown);
  type ImportValue = (...values: number[]) => unknown;
  type Exports = Readonly<Record<string, ExportValue>>;

  /** Compiled code, without memory of its own. */
  class Module {
    constructor(bytes: BufferSource);
  }

  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, ImportValue>>>>);
    readonly exports: Exports;
  }

  class Memory {
    private constructor();
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }

  class Table {
    private constructor();
    // biome-ignore lint/suspicious/noExplicitAny: a table holds functions of all signatures.
    get(index: number): (...values: readonly any[]) => any;
  }

  function compile(bytes: BufferSource): Promise<Module>;
}
