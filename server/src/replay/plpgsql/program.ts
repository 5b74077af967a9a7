/** PL/pgSQL programs as plain data: blocks, loops, conditions, and the statements that they run. */

import type { TextRange } from "../../text/range.ts";

/** A part of the body's text. */
export interface Snippet {
  readonly text: string;
  readonly range: TextRange;
}

export interface Block {
  readonly declarations: readonly Declaration[];
  readonly body: readonly Command[];
  /** null without an EXCEPTION part. */
  readonly handlers: readonly Handler[] | null;
  readonly label: string | null;
}

export interface Declaration {
  readonly name: string;
  /** As written: `record`, `t.c%TYPE`; empty for an alias or a cursor, of which nothing is known. */
  readonly type: string;
  readonly initial: Snippet | null;
  /** `ALIAS FOR $1`: the other name of the variable. */
  readonly alias: string | null;
}

export interface Handler {
  /** Condition names in lower case, `sqlstate 42P07` as `42P07`. */
  readonly conditions: readonly string[];
  readonly body: readonly Command[];
}

/** Where values go: variables in lower case, fields of records as `r.f`. */
export type Targets = readonly string[];

export type Command =
  | { readonly kind: "block"; readonly block: Block }
  | { readonly kind: "assign"; readonly variable: string; readonly value: Snippet }
  | {
      readonly kind: "execute";
      readonly command: Snippet;
      readonly using: readonly Snippet[];
      readonly into: Targets;
      readonly strict: boolean;
      readonly range: TextRange;
    }
  | { readonly kind: "if"; readonly branches: readonly Branch[]; readonly caseNotFound: boolean }
  | {
      readonly kind: "loop";
      readonly label: string | null;
      readonly over: LoopSource;
      readonly body: readonly Command[];
    }
  | {
      readonly kind: "leave";
      readonly again: boolean;
      readonly label: string | null;
      readonly condition: Snippet | null;
    }
  /** A statement for PostgreSQL, or a query of PERFORM; `into` where its first row goes to variables. */
  | { readonly kind: "sql"; readonly statement: Snippet; readonly into: Targets; readonly strict: boolean }
  | {
      readonly kind: "raise";
      readonly exception: boolean;
      /** null where it is not a plain message. */
      readonly message: string | null;
      readonly parameters: readonly Snippet[];
      /** Of `ERRCODE = '…'` or a condition's name. */
      readonly condition: string | null;
    }
  | { readonly kind: "return"; readonly value: Snippet | null }
  | { readonly kind: "return-next"; readonly value: Snippet | null }
  | { readonly kind: "return-query"; readonly query: RowSource }
  | { readonly kind: "assert"; readonly condition: Snippet }
  /** Variables that get a value which is not followed, such as GET DIAGNOSTICS. */
  | { readonly kind: "unknown"; readonly targets: Targets }
  /** What is not followed at all, where it is reached. */
  | { readonly kind: "unfollowed" }
  | { readonly kind: "nothing" };

export interface Branch {
  /** null for ELSE. */
  readonly condition: Snippet | null;
  readonly body: readonly Command[];
}

/** The query of a loop or of RETURN QUERY: written there, or built as a text. */
export type RowSource =
  | { readonly kind: "query"; readonly query: Snippet }
  | { readonly kind: "execute"; readonly command: Snippet; readonly using: readonly Snippet[] };

export type LoopSource =
  | { readonly kind: "forever" }
  | { readonly kind: "while"; readonly condition: Snippet }
  | {
      readonly kind: "range";
      readonly variable: string;
      readonly reverse: boolean;
      readonly from: Snippet;
      readonly to: Snippet;
      readonly by: Snippet | null;
    }
  | { readonly kind: "rows"; readonly variables: Targets; readonly source: RowSource }
  | { readonly kind: "elements"; readonly variable: string; readonly array: Snippet };
