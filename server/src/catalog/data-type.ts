/** The types of columns and expressions. */

import type { Expression } from "../syntax/expression.ts";

/** A type with its modifier, resolved against the catalog. */
export type DataType =
  | {
      readonly kind: "base";
      /** PostgreSQL's internal name: `int4`, `timestamptz`, `varchar`, `bpchar`, … */
      readonly name: string;
      readonly modifier: TypeModifier | null;
    }
  | { readonly kind: "enum"; readonly schema: string; readonly name: string; readonly labels: readonly string[] }
  | {
      readonly kind: "domain";
      readonly schema: string;
      readonly name: string;
      readonly base: DataType;
      /** Its CHECK conditions on `VALUE`, null where they may not be all. Those that hold now are in the catalog's `types`. */
      readonly checks?: readonly Expression[] | null | undefined;
      /** What they are called; absent where that is not known any more. */
      readonly checkNames?: readonly string[] | undefined;
      readonly notNull?: true | undefined;
      /** Its DEFAULT, null where it is not known. That which holds now is in the catalog's `types`. */
      readonly default?: Expression | null | undefined;
    }
  | { readonly kind: "composite"; readonly schema: string; readonly name: string }
  | { readonly kind: "array"; readonly element: DataType }
  /** A user's range type, a type of an extension, or a type that no statement of the world creates. */
  | {
      readonly kind: "unknown";
      readonly schema: string | null;
      readonly name: string;
      /** Only declared: any type may take the name, and so may a table. */
      readonly shell?: true | undefined;
    };

/** `varchar(10)`, `bpchar(4)`, `bit(8)`: length; `numeric(6,1)`: precision and scale; `timestamp(3)`, `time(3)`, `interval(3)`: precision. */
export interface TypeModifier {
  readonly length?: number | undefined;
  readonly precision?: number | undefined;
  readonly scale?: number | undefined;
  /** interval only: the field mask. */
  readonly fields?: number | undefined;
}
