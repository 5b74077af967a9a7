/** What client and server say to each other while somebody is asked what an operation needs; plain data, which `protocol.ts` hands on. */

/**
 * `{}` in `answers` asks for the operation; each question's answer is put among them and the request made again, until there is
 * no question left. While somebody types, the same request with the text as it is says what is wrong with it. Nothing is written.
 */
export interface GuideParams {
  /** The document that is to hold the script, and whose catalog is meant. */
  readonly textDocument?: { readonly uri: string } | undefined;
  /** Else a `source` of the schema tree. */
  readonly source?: string | undefined;
  /** Where the cursor stands: the table or partition of the statement there is meant, where there is one. */
  readonly position?: { readonly line: number; readonly character: number } | undefined;
  /**
   * Arguments of `partitionLens.generate` by their names; and `subject`, `schema.name` of a table or partition to which the
   * operations offered are restricted. A member that is there is an answer, null and the empty text too.
   */
  readonly answers: GuideAnswers;
  /** For a question that `isCut`: only the choices whose names hold this text, in either case. */
  readonly narrowed?: string | undefined;
}

export type GuideAnswers = Readonly<Record<string, unknown>>;

export interface GuideResult {
  /** Those given, with those of questions that had one answer only. */
  readonly answers: GuideAnswers;
  /** What to ask next; null where all is said, or `problem` stands in the way. */
  readonly question: GuideQuestion | null;
  /** What is wrong with an answer, in a sentence for the person; `argument` names the one. */
  readonly problem: { readonly message: string; readonly argument?: string | undefined } | null;
  /** What the answers make so far; null where that is nothing yet. */
  readonly preview: GuidePreview | null;
  /** What `partitionLens.generate`, `planScript` and `insertScript` take, once `question` and `problem` are null. */
  readonly arguments: GuideAnswers & { readonly operation?: string | undefined; readonly table?: string | undefined };
  /** What has been chosen: `Split`, `sales`, `sales_2024_01`. */
  readonly trail: readonly string[];
}

export interface GuideQuestion {
  readonly argument: string;
  /** `pick-many`: the lists in the answers of the chosen ones are put together. */
  readonly kind: "pick" | "pick-many" | "text";
  readonly prompt: string;
  readonly choices: readonly GuideChoice[];
  /** What to begin a text with. Its answer is `{ [argument]: text }`; an empty `name` takes what is proposed. */
  readonly value: string;
  /** Not all choices are listed, as the prompt says: the request made again with `narrowed` gives those that hold it. */
  readonly isCut?: true | undefined;
}

export interface GuideChoice {
  readonly label: string;
  readonly description: string;
  readonly detail?: string | undefined;
  readonly answers: GuideAnswers;
}

export interface GuidePreview {
  readonly title: string;
  readonly sql: string;
  /** What takes it back; null where nothing can. */
  readonly undo: string | null;
  /** Of the table's partitions in bound order: what stays, what goes, what comes; null where that is not known. */
  readonly parts: readonly GuidePart[] | null;
  /** Where the script would be written, in words: `schema.sql`; null where it cannot be told. */
  readonly target: string | null;
}

export interface GuidePart {
  readonly change: "stays" | "goes" | "comes";
  readonly name: string;
  readonly bound: string;
}
