/** What client and server say to each other of rehearsals; plain data, which `protocol.ts` hands on. */

/** What is rehearsed: the document, or a script behind it. */
export interface RehearseArguments {
  readonly textDocument: { readonly uri: string };
  /** Where the script begins, when what stands in front of it is its schema; absent: all of the document is the script. */
  readonly from?: { readonly line: number; readonly character: number } | undefined;
  /** A script that stands nowhere yet, as `partitionLens.generate` answers it; the document then is the schema in front of it. */
  readonly sql?: string | undefined;
  /** What undoes that script. */
  readonly undo?: string | null | undefined;
  /** Tables, `schema.name`, whose rows the script is meant to remove. */
  readonly mayLose?: readonly string[] | undefined;
}

export interface RehearseResult {
  /** `error`: PostgreSQL refuses a statement; `lost-rows`: rows are gone; `unfinished`: it was ended before it could tell. */
  readonly outcome: "clean" | "error" | "lost-rows" | "unfinished";
  /** The outcome in a sentence. */
  readonly title: string;
  /** The whole report as a page of text. */
  readonly text: string;
  /** The same for programs, as `partition-lens rehearse --format json` prints it, places as offsets. */
  readonly report: unknown;
}
